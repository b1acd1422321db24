"""The columns of a file of organizations, and what people and programs call them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import FilteredRelation, Q, QuerySet

from organizations.directory.details import LABELS
from organizations.directory.importing.columns import (
    ACCOUNT,
    ACCOUNT_COLUMNS,
    ACCOUNT_FIELD,
    FIELD,
    PARTNER_COLUMNS,
    field_columns,
)
from organizations.directory.models import Account, Organization
from organizations.directory.queries import organizations
from organizations.fields.models import Entity, FieldDefinition
from organizations.fields.queries import held_in
from portal.core.access import Actor
from portal.web.sheets.reading import Layout

STEP = 2_000
COLUMNS = (*LABELS, *PARTNER_COLUMNS)
MORE_COLUMNS = ("parent_number", "created_at")
"""What the page's export has besides; an import passes it over."""
LAYOUT = Layout(
    columns=COLUMNS,
    required=("name",),
    also={
        "organizationnumber": "number",
        "customernumber": "number",
        "customercode": "number",
        "no": "number",
        "organization": "name",
        "organizationname": "name",
        "customer": "name",
        "customername": "name",
        "company": "name",
        "companyname": "name",
        "domain": "primary_domain",
        "website": "primary_domain",
        "registrationno": "registration_number",
        "companynumber": "registration_number",
        "vat": "registration_number",
        "vatnumber": "registration_number",
        "taxid": "registration_number",
        "kvk": "registration_number",
        "countrycode": "country",
        "email": "notification_email",
        "emailaddress": "notification_email",
        "mail": "notification_email",
        "contactemail": "notification_email",
        "phone": "contact_phone",
        "phonenumber": "contact_phone",
        "telephone": "contact_phone",
        "mpn": "mpn_id",
        "partnerid": "mpn_id",
        "resellermpnid": "mpn_id",
        "partnertenant": "microsoft_partner_id",
        "partnertenantid": "microsoft_partner_id",
    },
    digits=frozenset({"number", "registration_number", "contact_phone", "mpn_id"}),
    passed_over=frozenset(MORE_COLUMNS),
)


def layout_for(actor: Actor) -> Layout:
    """Return the layout with the account's columns and the actor's custom fields (1 query)."""
    columns = (*COLUMNS, *ACCOUNT_COLUMNS, *field_columns(actor))
    digits = LAYOUT.digits | {f"account_{name}" for name in ("customer_number", "phone")}
    digits |= {"account_postal_code"}
    return replace(LAYOUT, columns=columns, digits=digits, binding=(FIELD, ACCOUNT_FIELD))


def organization_rows(actor: Actor) -> Iterator[tuple[Any, ...]]:
    """Yield the cells of every organization, as `COLUMNS` says, by number."""
    for row in organizations(actor).order_by("number").iterator(chunk_size=STEP):
        yield _cells(row)


@dataclass(frozen=True, slots=True)
class OrganizationExport:
    """What the page's export has: all columns, with those of the fields the actor sees."""

    actor: Actor
    fields: Mapping[str, FieldDefinition]

    @property
    def header(self) -> tuple[str, ...]:
        return (*COLUMNS, *MORE_COLUMNS, *ACCOUNT_COLUMNS, *self.fields)

    def rows(self, rows: QuerySet[Organization]) -> Iterator[tuple[Any, ...]]:
        """Yield the cells of these organizations (1 query per 2,000, 0 without custom fields)."""
        main = FilteredRelation("accounts", condition=Q(accounts__is_primary=True))
        joined = rows.annotate(main_account=main).select_related("parent", "main_account")  # type: ignore[misc]
        found = joined.iterator(chunk_size=STEP)
        while step := list(islice(found, STEP)):
            held = held_in(self.fields.values(), organizations=step, actor=self.actor)
            for row in step:
                yield self._row(row, held)

    def _row(self, row: Organization, held: Mapping[tuple[UUID, UUID], str]) -> tuple[Any, ...]:
        account: Account = row.main_account  # type: ignore[attr-defined]
        owners = {Entity.ORGANIZATION: row.pk, Entity.ACCOUNT: account.pk}
        return (
            *_cells(row),
            row.parent.number if row.parent else "",
            row.created_at.isoformat(),
            *(getattr(account, name.removeprefix(ACCOUNT)) for name in ACCOUNT_COLUMNS),
            *(
                held.get((owners[Entity(field.entity)], field.pk), field.default)
                for field in self.fields.values()
            ),
        )


def export_for(actor: Actor) -> OrganizationExport:
    """Return the export as the actor may have it (1 query)."""
    return OrganizationExport(actor, field_columns(actor))


def _cells(row: Organization) -> tuple[str, ...]:
    """Return what `COLUMNS` names of an organization."""
    return tuple(str(getattr(row, name) or "") for name in COLUMNS)
