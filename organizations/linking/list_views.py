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

from organizations.alert.queries import unlinked_alert
from organizations.alert.words import describe_alert
from organizations.ignoring.queries import attach_ignores
from organizations.linking.discoveries import Discoveries, latest_discoveries
from organizations.linking.filters import TenantPageFilter
from organizations.linking.places import BACK, recall_link
from organizations.linking.queries import attach_links, tenants_for_lists
from organizations.suggestions.queries import attach_suggestions
from organizations.suggestions.shown import certain_shown
from portal.core.access import Actor
from portal.core.errors import InvalidInput
from portal.web.dialogs import wants_fragment
from portal.web.exports import format_asked, table_response
from portal.web.lists import BulkAction, Column, Empty, ListPage, Tab
from tenants.connections.queries import connections
from tenants.discovery.models import Tenant
from tenants.discovery.queries import Tally, search_tenants, tally_of

MISSING, UNLINKED, IGNORED = "missing", "unlinked", "ignored"
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
"""Every column an export can have, in order; it has those of the columns shown."""
WHO = ("microsoft_id", "name", "domain", "country")
"""Which tenant it is: a file has these whatever columns are shown."""


class TenantListPage(ListPage):
    """Tenants of the reseller, with the organization each belongs to."""

    capability = "tenants.view"
    model = Tenant
    title, one, many = "Tenants", "tenant", "tenants"
    template_name = "linking/tenant_list.html"
    fragment_template = "linking/tenant_fragment.html"
    row_template = "linking/tenant_row.html"
    columns: ClassVar[tuple[Column, ...]] = (
        Column("name", "Tenant", sort="name", fixed=True, exports=WHO),
        Column("status", "Status", exports=("status",)),
        Column(
            "organization", "Organization", exports=("organization_number", "organization_name")
        ),
        # Stands beneath the name unless it is chosen as a column of its own.
        Column("domain", "Domain", sort="domain", default=False),
        Column("country", "Country", default=False),
        Column(
            "billed",
            "Last billed",
            sort="billed",
            numeric=True,
            exports=("billed_amount", "billed_currency", "billed_month"),
        ),
        Column(
            "seen",
            "First seen",
            sort="first_seen_at",
            hidden_on_phone=True,
            default=False,
            exports=("first_seen_at",),
        ),
        Column("actions", "Actions", hidden_label=True, fixed=True),
    )
    table, list_name = "tenants", "linking:tenant_list"
    default_sort = "name"
    search_label = "Search tenants"
    search_placeholder = "Name, domain or Microsoft ID"
    filterset_class: ClassVar[type[FilterSet] | None] = TenantPageFilter
    tabs: ClassVar[tuple[Tab, ...]] = (
        Tab("", "All"),
        Tab(UNLINKED, "Not linked", where=Q(is_linked=False, is_ignored=False), tone="warn"),
        Tab("linked", "Linked", where=Q(is_linked=True)),
        Tab(IGNORED, "Ignored", where=Q(is_ignored=True)),
        Tab(MISSING, "No longer listed", where=Q(status=Tenant.Status.MISSING)),
    )

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Show customers the list made for them."""
        if type(self) is TenantListPage and not self.actor.is_staff:
            own = SubResellerTenantListPage if self.actor.is_sub_reseller else OwnTenantListPage
            return own.as_view()(request)
        return super().dispatch(request, *args, **kwargs)

    @classmethod
    def columns_for(cls, actor: Actor) -> tuple[Column, ...]:
        return OwnTenantListPage.columns if not actor.is_staff else cls.columns

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
        if chosen.get("country") or chosen.get("suggestion"):
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
            IGNORED: tally.ignored,
            MISSING: tally.missing,
        }

    def count(self, rows: QuerySet[Any]) -> int | None:
        if self.tally_shown is None:
            return super().count(rows)
        return self.count_tabs(rows)[self.tab.key if self.tab else ""]

    def list_context(self) -> dict[str, Any]:
        """Add the organization of each row, or the one suggested, by a query each for the page."""
        context = super().list_context()
        attach_links(context["page"].rows, actor=self.actor)
        attach_suggestions(context["page"].rows, actor=self.actor)
        attach_ignores(context["page"].rows, actor=self.actor)
        return context

    def bulk_actions(self) -> tuple[BulkAction, ...]:
        """Return what can be done with many tenants; each leads to a form or a preview."""
        address, actions = reverse("bulk:bulk_new"), list[BulkAction]()
        if self.actor.may("tenants.link"):
            actions += [
                BulkAction("Link…", f"{address}?plan=link", primary=True, icon_name="link"),
                BulkAction("Accept suggestions…", f"{address}?plan=suggestions", icon_name="check"),
            ]
        if self.actor.may("tenants.link") and self.actor.may("organizations.create"):
            actions.append(
                BulkAction("Create organizations…", f"{address}?plan=create", icon_name="plus")
            )
        if self.actor.may("tenants.ignore"):
            actions.append(BulkAction("Ignore…", reverse("ignoring:tenants_ignore")))
        return tuple(actions)

    def get_context(self) -> dict[str, Any]:
        """Return what surrounds the list; a fragment needs no more than its links."""
        query = self.request.GET.urlencode()
        context = {
            "may_link": self.actor.may("tenants.link"),
            "may_unlink": self.actor.may("tenants.unlink"),
            "may_ignore": self.actor.may("tenants.ignore"),
            "may_create": self.actor.may("organizations.create"),
            "row_query": f"?{urlencode({BACK: f'{self.request.path}?{query}'})}" if query else "",
            "export_url": reverse("linking:tenant_export") + (f"?{query}" if query else ""),
        }
        if wants_fragment(self.request):
            return context
        return {**context, **self.get_surroundings()}

    def get_surroundings(self) -> dict[str, Any]:
        """Return the alert, the work under way and the link that can be taken back."""
        alert = unlinked_alert(self.actor, tally=self.tally)
        return {
            "alert": describe_alert(alert),
            "tally": self.tally,
            "unlinked_count": alert.due,
            # Whoever searches looks for a tenant; counting what was found costs a query instead.
            "discoveries": Discoveries(()) if self.search_text else self.discoveries,
            "fresh_link": recall_link(self.request, self.actor),
            "may_see_report": self.actor.may("reports.view"),
            "unlinked_tab": bool(self.tab and self.tab.key == UNLINKED),
            **certain_shown(alert.certain, actor=self.actor),
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
        if column.name in ("name", "status", "organization", "domain", "country", "seen")
    )
    tabs: ClassVar[tuple[Tab, ...]] = ()
    filterset_class = None

    @cached_property
    def tally_shown(self) -> None:
        """The tally is the reseller's; a customer's tenants are few and are counted."""

    def get_surroundings(self) -> dict[str, Any]:
        return {}

    def empty(self) -> Empty:
        return Empty("No tenants yet", "Your Microsoft tenants appear here once they are linked.")


class SubResellerTenantListPage(OwnTenantListPage):
    """The tenants of a sub-reseller's customers, and those of its own that are not linked yet."""

    tabs = tuple(tab for tab in TenantListPage.tabs if tab.key in ("", UNLINKED, "linked"))

    def empty(self) -> Empty:
        return Empty("No tenants yet", "Your customers' Microsoft tenants appear here.")


class TenantExportPage(TenantListPage):
    """The same rows as CSV or XLSX, all of them, in the same order."""

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
        if self.filter_errors:
            raise InvalidInput(" ".join(self.filter_errors))
        return table_response(  # type: ignore[return-value]
            name="tenants",
            header=self.export_header,
            rows=self.export_rows,
            actor=self.actor,
            as_format=format_asked(request),
        )

    @cached_property
    def export_header(self) -> tuple[str, ...]:
        """The columns of the file: those that stand for the columns shown."""
        shown = {name for column in self.shown_columns() for name in column.exports}
        return tuple(name for name in EXPORT_HEADER if name in shown)

    def export_rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield the cells of every row, 2,000 tenants and their links at a time."""
        rows = self._searched_rows()
        if self.tab and self.tab.where is not None:
            rows = rows.filter(self.tab.where)
        waiting = rows.order_by(str(self.order), "pk").iterator(chunk_size=EXPORT_STEP)
        while step := list(islice(waiting, EXPORT_STEP)):
            for tenant in attach_links(step, actor=self.actor):
                cells = _cells(tenant, with_money=self.actor.is_staff)
                yield tuple(cells[name] for name in self.export_header)


def _cells(tenant: Any, *, with_money: bool) -> dict[str, Any]:
    """Return every cell a tenant can have in a file, by the column's name."""
    organization = tenant.live_link.organization if tenant.live_link else None
    billed = with_money and tenant.billed_amount is not None
    return {
        "microsoft_id": tenant.microsoft_id,
        "name": tenant.name,
        "domain": tenant.domain,
        "status": tenant.status,
        "organization_number": organization.number if organization else "",
        "organization_name": organization.name if organization else "",
        "country": tenant.country,
        "first_seen_at": tenant.first_seen_at.isoformat(),
        "billed_amount": tenant.billed_amount if billed else "",
        "billed_currency": tenant.billed_currency if billed else "",
        "billed_month": tenant.billed_month if billed else "",
    }
