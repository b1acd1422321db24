"""``organizations`` and ``accounts`` of the API."""

from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from organizations.directory.accounts import change_account, create_account
from organizations.directory.details import NOT_VALID
from organizations.directory.filters import AccountApiFilter, OrganizationApiFilter
from organizations.directory.models import Account, Organization
from organizations.directory.operations import change_organization, create_organization
from organizations.directory.organization_file import export_for
from organizations.directory.queries import accounts_of, get_organization
from organizations.directory.serializers import (
    AccountChanges,
    AccountSerializer,
    NewAccount,
    NewOrganization,
    OrganizationChanges,
    OrganizationSerializer,
    account_details,
)
from organizations.fields.owned import NAME as CUSTOM_FIELDS
from organizations.fields.owned import OwnerActions, write_custom_fields
from organizations.linking.apipages import SeekPages
from organizations.merging.api import MergingActions
from portal.core.access import Actor
from portal.core.errors import InvalidInput, NotFound
from portal.web.api.exported import AS_PARAMETER, EXPORTED
from portal.web.api.strict import read_input
from portal.web.api.views import Resource
from portal.web.exports import format_asked, table_response

CREATED = 201


class OrganizationViewSet(
    OwnerActions, MergingActions, ListModelMixin, RetrieveModelMixin, Resource
):
    """Customers and sub-resellers. A customer's token sees its own organization.

    One that was merged into another is on no list; its own address still answers, and says into
    which (``merged_into``).
    """

    model = Organization
    serializer_class = OrganizationSerializer
    filterset_class = OrganizationApiFilter
    pagination_class = SeekPages
    capabilities: ClassVar[dict[str, str]] = {
        "list": "organizations.view",
        "retrieve": "organizations.view",
        "create": "organizations.create",
        "partial_update": "organizations.change",
        "export": "organizations.view",
        "merge_preview": "organizations.merge",
        "merge": "organizations.merge",
        "custom_fields": "fields.fill",
    }
    orderings: ClassVar[dict[str, str]] = {
        "name": "name",
        "number": "number",
        "primary_domain": "primary_domain",
        "created_at": "created_at",
    }
    default_ordering = "name"

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        return rows.filter(merged_into=None) if self.action == "list" else rows

    @extend_schema(request=NewOrganization, responses={CREATED: OrganizationSerializer})
    def create(self, request: Request) -> Response:
        values = read_input(NewOrganization, request)
        of_organization = values.pop(CUSTOM_FIELDS, None)
        of_account = values.get("account", {}).get(CUSTOM_FIELDS)
        if "account" in values:
            values["account"] = account_details(values["account"])
        row = create_organization(actor=self.actor, **_with_parent(values, actor=self.actor))
        write_custom_fields(row, of_organization, actor=self.actor)
        if of_account:
            account = accounts_of(row, self.actor).get(is_primary=True)
            write_custom_fields(account, of_account, actor=self.actor)
        return Response(self.get_serializer(row).data, status=CREATED)

    @extend_schema(responses=EXPORTED, parameters=[AS_PARAMETER])
    @action(detail=False, methods=["get"], pagination_class=None)
    def export(self, request: Request) -> HttpResponseBase:
        """Stream the organizations that the filters leave as CSV or XLSX, by number."""
        rows = self.filter_queryset(self.get_queryset()).order_by("number")
        export = export_for(self.actor)
        return table_response(
            name="organizations",
            header=export.header,
            rows=partial(export.rows, rows),
            actor=self.actor,
            as_format=format_asked(request),
        )

    @extend_schema(request=OrganizationChanges, responses=OrganizationSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        row: Organization = self.get_object()
        changes = _with_parent(read_input(OrganizationChanges, request), actor=self.actor)
        custom_fields = changes.pop(CUSTOM_FIELDS, None)
        changed = change_organization(row, actor=self.actor, changes=changes)
        write_custom_fields(changed, custom_fields, actor=self.actor)
        return Response(self.get_serializer(changed).data)


class AccountViewSet(OwnerActions, ListModelMixin, RetrieveModelMixin, Resource):
    """The commercial accounts of organizations: what links and invoices point at."""

    model = Account
    serializer_class = AccountSerializer
    filterset_class = AccountApiFilter
    pagination_class = SeekPages
    capabilities: ClassVar[dict[str, str]] = {
        "list": "organizations.view",
        "retrieve": "organizations.view",
        "create": "organizations.change",
        "partial_update": "organizations.change",
        "custom_fields": "fields.fill",
    }
    orderings: ClassVar[dict[str, str]] = {"name": "name", "created_at": "created_at"}

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organization")

    @extend_schema(request=NewAccount, responses={CREATED: AccountSerializer})
    def create(self, request: Request) -> Response:
        values = read_input(NewAccount, request)
        owner = _named_organization(values["organization"], "organization", actor=self.actor)
        row = create_account(
            owner,
            actor=self.actor,
            details=account_details(values),
            make_primary=values["is_primary"],
        )
        write_custom_fields(row, values.get(CUSTOM_FIELDS), actor=self.actor)
        return Response(self.get_serializer(row).data, status=CREATED)

    @extend_schema(request=AccountChanges, responses=AccountSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        row: Account = self.get_object()
        changes = read_input(AccountChanges, request)
        custom_fields = changes.pop(CUSTOM_FIELDS, None)
        changed = change_account(row, actor=self.actor, changes=changes)
        write_custom_fields(changed, custom_fields, actor=self.actor)
        return Response(self.get_serializer(changed).data)


def _with_parent(values: dict[str, Any], *, actor: Actor) -> dict[str, Any]:
    """Replace the id of the parent by its row."""
    if values.get("parent"):
        values["parent"] = _named_organization(values["parent"], "parent", actor=actor)
    return values


def _named_organization(organization_id: UUID, field: str, *, actor: Actor) -> Organization:
    """Return the organization a field names; a foreign one is as unknown as one that never was."""
    try:
        return get_organization(actor, organization_id)
    except NotFound:
        raise InvalidInput(
            NOT_VALID, fields={field: ["There is no organization with this id."]}
        ) from None


ROUTES: list[tuple[str, type]] = [
    ("organizations", OrganizationViewSet),
    ("accounts", AccountViewSet),
]
