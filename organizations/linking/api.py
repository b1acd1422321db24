"""``tenants``, ``links`` and ``alerts/unlinked-tenants``: the API of linking."""

from functools import partial
from typing import Any, ClassVar

from django.db import transaction
from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from organizations.directory.models import Account, Organization
from organizations.ignoring.api import IgnoringActions
from organizations.linking.apipages import SeekPages
from organizations.linking.creating import create_from_partner_center
from organizations.linking.filters import LinkFilter, TenantFilter, organization_named
from organizations.linking.link_file import COLUMNS, link_rows
from organizations.linking.models import Link
from organizations.linking.operations import (
    link_tenant,
    move_tenant,
    undo_link,
    unlink_tenant,
)
from organizations.linking.periods import FROM
from organizations.linking.queries import attach_links, tenants_for_lists
from organizations.linking.serializers import (
    CreateOrganizationRequest,
    LinkRequest,
    LinkSerializer,
    MoveRequest,
    TenantSerializer,
    UnlinkRequest,
)
from organizations.offboarding.api import OffboardingActions
from portal.core.errors import NotFound
from portal.web.api.exported import AS_PARAMETER, EXPORTED
from portal.web.api.views import Resource
from portal.web.exports import format_asked, table_response
from tenants.discovery.models import Tenant


class LinkingResource(ListModelMixin, RetrieveModelMixin, Resource):
    """A list and its rows, shown as the actor may see them."""

    pagination_class = SeekPages

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "actor": self.request.user}

    def answer(self, link: Link, *, status: int = 200) -> Response:
        """Answer an action with the link it made or ended."""
        shown = LinkSerializer(link, context=self.get_serializer_context())
        return Response(shown.data, status=status)


def ordering(*names: str) -> OpenApiParameter:
    """Describe the orders a list can be asked for; a minus in front turns one round."""
    both = [sign + name for name in names for sign in ("", "-")]
    return OpenApiParameter("ordering", OpenApiTypes.STR, enum=both)


@extend_schema_view(
    list=extend_schema(parameters=[ordering("name", "domain", "first_seen_at", "billed_amount")])
)
class TenantViewSet(IgnoringActions, OffboardingActions, LinkingResource):
    """Tenants with the organization they belong to; customers see those linked to their own."""

    model = Tenant
    serializer_class = TenantSerializer
    filterset_class = TenantFilter
    capabilities: ClassVar[dict[str, str]] = {
        "list": "tenants.view",
        "retrieve": "tenants.view",
        "link": "tenants.link",
        "unlink": "tenants.unlink",
        "move": "tenants.unlink",
        "create_organization": "tenants.link",
        "ignores": "tenants.view",
        "ignore": "tenants.ignore",
        "ignore_many": "tenants.ignore",
        "unignore": "tenants.ignore",
        "offboarding": "tenants.unlink",
        "tick": "tenants.unlink",
    }
    orderings: ClassVar[dict[str, str]] = {
        "name": "name",
        "domain": "domain",
        "first_seen_at": "first_seen_at",
        "billed_amount": "billed",
    }
    default_ordering = "name"

    @classmethod
    def as_view(cls, actions: Any = None, **initkwargs: Any) -> Any:
        """Take the actions that call Partner Center out of the request's transaction."""
        view = super().as_view(actions, **initkwargs)
        if actions and {"create_organization", "offboarding"} & set(actions.values()):
            return transaction.non_atomic_requests(view)
        return view

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return super().get_queryset()
        return tenants_for_lists(self.actor)

    def get_object(self) -> Tenant:
        tenant: Tenant = super().get_object()
        attach_links([tenant], actor=self.actor)
        return tenant

    def paginate_queryset(self, queryset: Any) -> list[Any] | None:
        found = super().paginate_queryset(queryset)
        return None if found is None else list(attach_links(found, actor=self.actor))

    @extend_schema(request=LinkRequest, responses=LinkSerializer)
    @action(detail=True, methods=["post"])
    def link(self, request: Request, pk: Any = None) -> Response:
        """Link the tenant to an organization or an account; the same link again changes nothing."""
        asked = LinkRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        link = link_tenant(
            self.get_object(),
            actor=self.actor,
            organization=self._organization(values.get("organization")),
            account=self._account(values.get("account")),
            why=values["why"],
        )
        return self.answer(link)

    @extend_schema(request=UnlinkRequest, responses=LinkSerializer)
    @action(detail=True, methods=["post"])
    def unlink(self, request: Request, pk: Any = None) -> Response:
        """End the tenant's link; months that are closed, or begin before ``from``, stay with it."""
        asked = UnlinkRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        link = unlink_tenant(
            self.get_object(), actor=self.actor, reason=values["reason"], ends_on=values[FROM]
        )
        return self.answer(link)

    @extend_schema(request=MoveRequest, responses=LinkSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: Any = None) -> Response:
        """Move the tenant to another organization or account; what is closed stays."""
        asked = MoveRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        values = asked.validated_data
        link = move_tenant(
            self.get_object(),
            actor=self.actor,
            organization=self._organization(values.get("organization")),
            account=self._account(values.get("account")),
            starts_on=values[FROM],
            why=values["reason"],
            seen=values["link"],
        )
        return self.answer(link)

    @extend_schema(request=CreateOrganizationRequest, responses={201: LinkSerializer})
    @action(detail=True, methods=["post"], url_path="create-organization")
    def create_organization(self, request: Request, pk: Any = None) -> Response:
        """Create an organization, with what is left out taken from Partner Center, and link it."""
        asked = CreateOrganizationRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        values = dict(asked.validated_data)
        create_anyway = values.pop("create_anyway")
        with transaction.atomic():
            tenant = self.get_object()
        link = create_from_partner_center(
            tenant, actor=self.actor, values=values, create_anyway=create_anyway
        )
        return self.answer(link, status=201)

    def _organization(self, text: str | None) -> Organization | None:
        if text is None:
            return None
        found = organization_named(text, actor=self.actor)
        if found is None:
            raise NotFound("There is no such organization.")
        return found

    def _account(self, account_id: Any) -> Account | None:
        if account_id is None:
            return None
        found = Account.objects.visible_to(self.actor).filter(pk=account_id).first()
        if found is None:
            raise NotFound("There is no such account.")
        return found


@extend_schema_view(list=extend_schema(parameters=[ordering("begins_at")]))
class LinkViewSet(LinkingResource):
    """Links, live and ended, newest first; they are made and ended through the tenant."""

    model = Link
    serializer_class = LinkSerializer
    filterset_class = LinkFilter
    capabilities: ClassVar[dict[str, str]] = {
        "list": "tenants.view",
        "retrieve": "tenants.view",
        "undo": "tenants.unlink",
        "export": "tenants.view",
    }
    orderings: ClassVar[dict[str, str]] = {"begins_at": "begins_at"}
    default_ordering = "-begins_at"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organization")

    @extend_schema(responses=EXPORTED, parameters=[AS_PARAMETER], filters=False)
    @action(detail=False, methods=["get"], pagination_class=None)
    def export(self, request: Request) -> HttpResponseBase:
        """Stream every live link as CSV or XLSX, as an import reads it."""
        return table_response(
            name="links",
            header=COLUMNS,
            rows=partial(link_rows, self.actor),
            actor=self.actor,
            as_format=format_asked(request),
        )

    @extend_schema(request=None, responses=LinkSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: Any = None) -> Response:
        """Take back a wrong link while it is live."""
        return self.answer(undo_link(self.get_object(), actor=self.actor))


ROUTES: list[tuple[str, type]] = [
    ("tenants", TenantViewSet),
    ("links", LinkViewSet),
]
