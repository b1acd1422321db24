"""The list of tenants: what is known, what is not linked, and the way to link it.

Every number comes from the tally, so nothing here counts tenants; only what a search finds is
counted, up to the limit of all lists. Customers get the same list of their own tenants, without the
reseller's tabs and money.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django_filters import FilterSet

from organizations.linking.alert import unlinked_alert
from organizations.linking.discoveries import Discoveries, latest_discoveries
from organizations.linking.filters import TenantPageFilter
from organizations.linking.places import BACK, recall_link
from organizations.linking.queries import attach_links, tenants_for_lists
from organizations.linking.words import describe_alert
from portal.core.errors import InvalidInput
from portal.web.dialogs import wants_fragment
from portal.web.exports import csv_response
from portal.web.lists import Column, Empty, ListPage, Tab
from tenants.connections.queries import connections
from tenants.discovery.models import Tenant
from tenants.discovery.queries import Tally, search_tenants, tally_of

MISSING, UNLINKED = "missing", "unlinked"
EXPORT_STEP = 2_000
EXPORT_HEADER = (
    "microsoft_id",
    "name",
    "domain",
    "status",
    "organization_number",
    "organization_name",
    "country",
    "first_seen_at",
    "billed_amount",
    "billed_currency",
    "billed_month",
)


class TenantListPage(ListPage):
    """Tenants of the reseller, with the organization each belongs to."""

    capability = "tenants.view"
    model = Tenant
    title, one, many = "Tenants", "tenant", "tenants"
    template_name = "linking/tenant_list.html"
    fragment_template = "linking/tenant_fragment.html"
    row_template = "linking/tenant_row.html"
    columns: ClassVar[tuple[Column, ...]] = (
        Column("name", "Tenant", sort="name"),
        Column("status", "Status"),
        Column("organization", "Organization"),
        Column("domain", "Domain", sort="domain", default=False),  # shown beneath the name
        Column("billed", "Last billed", sort="billed", numeric=True),
        Column("seen", "First seen", sort="first_seen_at", hidden_on_phone=True),
        Column("actions", "Actions", hidden_label=True),
    )
    default_sort = "name"
    search_label = "Search tenants"
    search_placeholder = "Name, domain or Microsoft ID"
    filterset_class: ClassVar[type[FilterSet] | None] = TenantPageFilter
    tabs: ClassVar[tuple[Tab, ...]] = (
        Tab("", "All"),
        Tab(UNLINKED, "Not linked", where=Q(is_linked=False), tone="warn"),
        Tab("linked", "Linked", where=Q(is_linked=True)),
        Tab(MISSING, "No longer listed", where=Q(status=Tenant.Status.MISSING)),
    )

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Show customers the list made for them."""
        if type(self) is TenantListPage and self.actor.is_customer:
            return OwnTenantListPage.as_view()(request)
        return super().dispatch(request, *args, **kwargs)

    def get_rows(self) -> QuerySet[Any]:
        return tenants_for_lists(self.actor)

    def search(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        found: QuerySet[Any] = search_tenants(rows, text, actor=self.actor)
        return found

    @cached_property
    def tally(self) -> Tally:
        """The reseller's tenants, whatever is searched or filtered."""
        return tally_of(self.actor)

    @cached_property
    def tally_shown(self) -> Tally | None:
        """What the tally says of the rows asked for; None where only counting would tell."""
        if self.search_text or self.filter_errors:
            return None
        chosen = self.filterset.form.cleaned_data if self.filterset else {}
        if chosen.get("country"):
            return None
        connection = chosen.get("connection")
        return tally_of(self.actor, connection=connection) if connection else self.tally

    def count_tabs(self, rows: QuerySet[Any]) -> Mapping[str, int | None]:
        tally = self.tally_shown
        if tally is None:
            return {}
        return {
            "": tally.total,
            UNLINKED: tally.unlinked,
            "linked": tally.linked,
            MISSING: tally.missing,
        }

    def count(self, rows: QuerySet[Any]) -> int | None:
        if self.tally_shown is None:
            return super().count(rows)
        return self.count_tabs(rows)[self.tab.key if self.tab else ""]

    def list_context(self) -> dict[str, Any]:
        """Add the organization of each row, by one query for the page."""
        context = super().list_context()
        attach_links(context["page"].rows, actor=self.actor)
        return context

    def get_context(self) -> dict[str, Any]:
        """Return what surrounds the list; a fragment needs no more than its links."""
        query = self.request.GET.urlencode()
        context = {
            "may_link": self.actor.may("tenants.link"),
            "may_unlink": self.actor.may("tenants.unlink"),
            "may_create": self.actor.may("organizations.create"),
            "row_query": f"?{urlencode({BACK: f'{self.request.path}?{query}'})}" if query else "",
            "export_url": reverse("linking:tenant_export") + (f"?{query}" if query else ""),
        }
        if wants_fragment(self.request):
            return context
        return {**context, **self.get_surroundings()}

    def get_surroundings(self) -> dict[str, Any]:
        """Return the alert, the work under way and the link that can be taken back."""
        return {
            "alert": describe_alert(unlinked_alert(self.actor, tally=self.tally)),
            "tally": self.tally,
            "unlinked_count": self.tally.unlinked,
            "discoveries": self.discoveries,
            "fresh_link": recall_link(self.request, self.actor),
            "may_see_report": self.actor.may("reports.view"),
            "unlinked_tab": bool(self.tab and self.tab.key == UNLINKED),
        }

    @cached_property
    def discoveries(self) -> Discoveries:
        return latest_discoveries(self.actor)

    def empty(self) -> Empty:
        """Say which step of the job comes next while there is not one tenant."""
        if self.tally.total:
            return Empty("No tenants here")
        connection = connections(self.actor).first()
        if connection is None:
            return self._no_connection()
        address = reverse("connections:connection_detail", args=[connection.pk])
        if self.discoveries.running:
            return Empty(
                "Tenants are being discovered",
                "They appear here when the run has read the first page of the customer list.",
                "Watch the run",
                address,
            )
        return Empty(
            "No tenants yet",
            f"Discover the customers of {connection.name}; every tenant of its Partner Center"
            " appears here, ready to be linked.",
            "Discover tenants",
            address,
        )

    def _no_connection(self) -> Empty:
        text = (
            "Tenants are read from Partner Center. Connect your account, test it, and every"
            " customer you have there appears here."
        )
        if not self.actor.may("connections.manage"):
            return Empty("No Partner Center is connected", f"{text} An administrator can do that.")
        return Empty(
            "No Partner Center is connected",
            text,
            "Connect Partner Center",
            reverse("connections:connection_create"),
        )


class OwnTenantListPage(TenantListPage):
    """A customer's own tenants."""

    columns = tuple(
        column
        for column in TenantListPage.columns
        if column.name in ("name", "status", "organization", "domain", "seen")
    )
    tabs = ()
    filterset_class = None

    @cached_property
    def tally_shown(self) -> None:
        """The tally is the reseller's; a customer's tenants are few and are counted."""

    def get_surroundings(self) -> dict[str, Any]:
        return {}

    def empty(self) -> Empty:
        return Empty("No tenants yet", "Your Microsoft tenants appear here once they are linked.")


class TenantExportPage(TenantListPage):
    """The same rows as CSV, all of them, in the same order."""

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        if self.filter_errors:
            raise InvalidInput(" ".join(self.filter_errors))
        return csv_response(  # type: ignore[return-value]
            filename="tenants.csv",
            header=EXPORT_HEADER,
            rows=self.export_rows,
            actor=self.actor,
        )

    def export_rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield the cells of every row, 2,000 tenants and their links at a time."""
        rows = self._searched_rows()
        if self.tab and self.tab.where is not None:
            rows = rows.filter(self.tab.where)
        waiting = rows.order_by(str(self.order), "pk").iterator(chunk_size=EXPORT_STEP)
        while step := list(islice(waiting, EXPORT_STEP)):
            for tenant in attach_links(step, actor=self.actor):
                yield _cells(tenant, with_money=not self.actor.is_customer)


def _cells(tenant: Any, *, with_money: bool) -> tuple[Any, ...]:
    organization = tenant.live_link.organization if tenant.live_link else None
    billed = with_money and tenant.billed_amount is not None
    return (
        tenant.microsoft_id,
        tenant.name,
        tenant.domain,
        tenant.status,
        organization.number if organization else "",
        organization.name if organization else "",
        tenant.country,
        tenant.first_seen_at.isoformat(),
        tenant.billed_amount if billed else "",
        tenant.billed_currency if billed else "",
        tenant.billed_month if billed else "",
    )
