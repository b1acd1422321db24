"""``bulk-links``: preview, run, retry and undo of work on many tenants, and each one's result."""

from typing import Any, ClassVar

from django_filters import ChoiceFilter, FilterSet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from organizations.bulk.models import BulkItem, BulkLink
from organizations.bulk.operations import (
    discard_bulk,
    preview_bulk,
    retry_bulk,
    run_bulk,
    undo_bulk,
)
from organizations.bulk.plans import (
    AcceptSuggestions,
    AllTenants,
    Choice,
    CreateOrganizations,
    LinkTo,
    Plan,
    TheseTenants,
)
from organizations.bulk.queries import bulk_links, items_of
from organizations.bulk.serializers import (
    BulkItemSerializer,
    BulkLinkRequest,
    BulkLinkSerializer,
    UndoRequest,
)
from organizations.linking.api import TenantViewSet
from organizations.linking.filters import TenantFilter, organization_named
from organizations.linking.queries import tenants_for_lists
from portal.core.errors import InvalidInput
from portal.core.rows import ScopedQuerySet
from portal.web.api.views import Resource

ORDERING = "ordering"


class BulkLinkFilter(FilterSet):
    """Filters named as the fields."""

    state = ChoiceFilter(choices=BulkLink.State.choices)
    kind = ChoiceFilter(choices=BulkLink.Kind.choices)


class BulkItemFilter(FilterSet):
    """Filters of the items of a bulk link."""

    outcome = ChoiceFilter(choices=BulkItem.Outcome.choices)
    action = ChoiceFilter(choices=BulkItem.Action.choices)


class BulkLinkViewSet(ListModelMixin, RetrieveModelMixin, Resource):
    """Bulk links, newest first. Creating one makes a preview; only ``run`` changes tenants."""

    model = BulkLink
    serializer_class = BulkLinkSerializer
    filterset_class = BulkLinkFilter
    capabilities: ClassVar[dict[str, str]] = {
        "list": "jobs.view",
        "retrieve": "jobs.view",
        "items": "jobs.view",
        "create": "tenants.link",
        "destroy": "tenants.link",
        "run": "tenants.link",
        "retry": "tenants.link",
        "undo": "tenants.unlink",
    }
    orderings: ClassVar[dict[str, str]] = {"created_at": "created_at"}
    default_ordering = "-created_at"

    def get_queryset(self) -> ScopedQuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return bulk_links(self.actor)

    @extend_schema(request=BulkLinkRequest, responses={201: BulkLinkSerializer})
    def create(self, request: Request) -> Response:
        """Preview a plan for tenants named by id, or for all that a query holds."""
        asked = BulkLinkRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        draft = preview_bulk(
            actor=self.actor,
            choice=self._choice(values),
            plan=self._plan(values),
            why=values["why"],
        )
        return Response(BulkLinkSerializer(draft).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: Any = None) -> Response:
        """Throw a preview away."""
        discard_bulk(self.get_object(), actor=self.actor)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={202: BulkLinkSerializer})
    @action(detail=True, methods=["post"])
    def run(self, request: Request, pk: Any = None) -> Response:
        """Have a preview carried out by a worker."""
        return self._accepted(run_bulk(self.get_object(), actor=self.actor))

    @extend_schema(request=None, responses={202: BulkLinkSerializer})
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: Any = None) -> Response:
        """Try again what was refused or failed."""
        return self._accepted(retry_bulk(self.get_object(), actor=self.actor))

    @extend_schema(request=UndoRequest, responses={202: BulkLinkSerializer})
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: Any = None) -> Response:
        """Take every link back that this made and that still stands."""
        asked = UndoRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        reason = asked.validated_data["reason"]
        return self._accepted(undo_bulk(self.get_object(), actor=self.actor, reason=reason))

    @extend_schema(responses=BulkItemSerializer(many=True), filters=False)
    @action(
        detail=True,
        methods=["get"],
        filterset_class=BulkItemFilter,
        serializer_class=BulkItemSerializer,
        orderings={"position": "position"},
        default_ordering="position",
    )
    def items(self, request: Request, pk: Any = None) -> Response:
        """List the items with their outcomes, in the order of the preview."""
        bulk = self.get_object()
        rows = self._narrowed(items_of(bulk, actor=self.actor))
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(BulkItemSerializer(page or [], many=True).data)

    def _narrowed(self, rows: Any) -> Any:
        given = BulkItemFilter(self.request.query_params, queryset=rows, request=self.request)
        if not given.is_valid():
            raise InvalidInput(
                "Some filters are not valid.",
                fields={name: list(texts) for name, texts in given.errors.items()},
            )
        return given.qs

    def _accepted(self, bulk: BulkLink) -> Response:
        return Response(BulkLinkSerializer(bulk).data, status=status.HTTP_202_ACCEPTED)

    def _choice(self, values: dict[str, Any]) -> Choice:
        if "tenants" in values:
            return TheseTenants(tuple(values["tenants"]))
        return AllTenants(
            self._matching(dict(values["query"])),
            values["expected_count"],
            "&".join(f"{name}={text}" for name, text in values["query"].items()),
        )

    def _matching(self, query: dict[str, str]) -> Any:
        """Return the tenants that the list of tenants answers for the same filters."""
        order = query.pop(ORDERING, "") or TenantViewSet.default_ordering
        name = order.removeprefix("-")
        unknown = sorted(set(query) - set(TenantFilter.base_filters))
        if unknown:
            raise InvalidInput(
                "The list of tenants has no such filter.",
                fields={"query": [f"Unknown: {', '.join(unknown)}."]},
            )
        if name not in TenantViewSet.orderings:
            raise InvalidInput(
                "The list of tenants has no such order.",
                fields={"query": [f"Order by one of: {', '.join(TenantViewSet.orderings)}."]},
            )
        given = TenantFilter(query, queryset=tenants_for_lists(self.actor), request=self.request)
        if not given.is_valid():
            wrong = [f"{name}: {' '.join(texts)}" for name, texts in given.errors.items()]
            raise InvalidInput("Some filters are not valid.", fields={"query": wrong})
        sign = "-" if order.startswith("-") else ""
        return given.qs.order_by(f"{sign}{TenantViewSet.orderings[name]}", f"{sign}id")

    def _plan(self, values: dict[str, Any]) -> Plan:
        if values["plan"] == "suggestions":
            return AcceptSuggestions(values["level"])
        if values["plan"] == "create":
            return CreateOrganizations()
        found = organization_named(values["organization"], actor=self.actor)
        if found is None:
            text = "There is no such organization."
            raise InvalidInput(text, fields={"organization": [text]})
        return LinkTo(found)


ROUTES: list[tuple[str, type]] = [("bulk-links", BulkLinkViewSet)]
