"""Moving a tenant, as a page and a dialog that says which lines go along."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_date

from billing.moving.forms import MoveForm
from billing.moving.queries import bills_of
from billing.moving.travel import decide, moved
from organizations.linking.models import Link
from organizations.linking.operations import move_tenant
from organizations.linking.periods import FROM, latest_day
from organizations.linking.places import place_before, remember_link
from organizations.linking.queries import get_tenant, live_links, similar_to
from portal.core.books import closed_until
from portal.core.errors import PortalError
from portal.web.dialogs import render_dialog
from portal.web.pages import Page, add_errors
from tenants.discovery.models import Tenant

PREVIEW = "preview"


class TenantMovePage(Page):
    """Moves a tenant to another organization from a day on; looks first where asked to."""

    capability = "tenants.unlink"
    write_capability = "tenants.link"

    def get(self, request: HttpRequest, tenant_id: UUID) -> HttpResponse:
        return self._look(get_tenant(self.actor, tenant_id), request.GET)

    def post(self, request: HttpRequest, tenant_id: UUID) -> HttpResponse:
        tenant = get_tenant(self.actor, tenant_id)
        if PREVIEW in request.POST:
            return self._look(tenant, request.POST)
        form = MoveForm(request.POST, actor=self.actor)
        if not form.is_valid():
            return self._show(tenant, form, request.POST)
        try:
            link = move_tenant(
                tenant,
                actor=self.actor,
                organization=form.chosen,
                starts_on=form.cleaned_data[FROM],
                why=form.cleaned_data["reason"],
                seen=form.cleaned_data["link"],
            )
        except PortalError as error:
            add_errors(form, error)
            return self._show(tenant, form, request.POST)
        remember_link(request, link)
        return self.go_to(place_before(request))

    def _look(self, tenant: Tenant, sent: Any) -> HttpResponse:
        initial = {name: sent.get(name, "") for name in ("reason", FROM)}
        return self._show(tenant, MoveForm(actor=self.actor, initial=initial), sent)

    def _show(self, tenant: Tenant, form: MoveForm, sent: Any) -> HttpResponse:
        closed, day = closed_until(self.actor), _day(sent.get(FROM, ""))
        live = live_links(self.actor).filter(tenant=tenant).first()
        travels = decide(bills_of(tenant, actor=self.actor), day=day, closed=closed)
        context = {
            "tenant": tenant,
            "form": form,
            "live_link": live,
            "seen": sent.get("link") or (live.pk if live else ""),
            "cards": form.cards(self._others(tenant, live)),
            "chosen_card": sent.get("proposed", ""),
            "picked": sent.get("organization", ""),
            "typed": sent.get("organization_text", ""),
            "back": place_before(self.request),
            "closed": closed,
            "latest": latest_day(),
            "travels": travels,
            "sums": moved(travels),
            "may_see_invoices": self.actor.may("invoices.view"),
        }
        return render_dialog(
            self.request,
            "billing/tenant_move.html",
            context,
            title="Move tenant to another organization",
            invalid=form.is_bound,
        )

    def _others(self, tenant: Tenant, live: Link | None) -> list[Any]:
        here = live.organization_id if live else None
        found = similar_to(tenant, actor=self.actor)
        return [card for card in found if card.organization.pk != here]


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
