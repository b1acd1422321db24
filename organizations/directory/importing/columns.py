"""What a file of organizations may say besides their details.

That is what a sub-reseller is to Microsoft (``kind``, ``mpn_id``, ``microsoft_partner_id``), the
primary account (``account_…``), and custom fields: ``field:KEY`` for the organization's own and
``account_field:KEY`` for those of its account. An empty cell says nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from uuid import UUID

from django.core.exceptions import ValidationError

from organizations.directory.details import (
    ACCOUNT_FIELDS,
    NOT_VALID,
    OrganizationDetails,
    check_account,
    check_mpn_id,
    check_partner_tenant,
)
from organizations.directory.models import Organization
from organizations.fields.checking import clean_value
from organizations.fields.models import Entity, FieldDefinition
from organizations.fields.queries import fields_for
from organizations.fields.setting import NO_SUCH
from portal.core.access import Actor
from portal.core.errors import InvalidInput

ACCOUNT = "account_"
ACCOUNT_COLUMNS = tuple(f"{ACCOUNT}{name}" for name in ACCOUNT_FIELDS if name != "name")
FIELD, ACCOUNT_FIELD = "field:", "account_field:"
SAY_SUB_RESELLER = "Write sub_reseller in the column kind, or leave this empty."
PREFIXES = {Entity.ORGANIZATION: FIELD, Entity.ACCOUNT: ACCOUNT_FIELD}


@dataclass(frozen=True, slots=True)
class PartnerDetails:
    """What a row says of an organization as a partner of Microsoft's; empty where nothing."""

    kind: str = ""
    mpn_id: str = ""
    microsoft_partner_id: UUID | None = None

    @property
    def has_id(self) -> bool:
        return bool(self.mpn_id or self.microsoft_partner_id)


PARTNER_COLUMNS = tuple(each.name for each in fields(PartnerDetails))


@dataclass(frozen=True, slots=True)
class Extra:
    """What a row says besides: account details that are not empty, texts of fields by column."""

    account: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.account or self.fields)


def field_columns(actor: Actor) -> dict[str, FieldDefinition]:
    """Return the custom fields that files of organizations carry, by column (1 query)."""
    rows = fields_for(*PREFIXES, actor=actor)
    return {
        f"{prefix}{row.key}": row
        for entity, prefix in PREFIXES.items()
        for row in rows
        if row.entity == entity
    }


def check_partner(values: Mapping[str, str]) -> PartnerDetails:
    """Return what a row says of an organization as a partner.

    Raises:
        InvalidInput: with every column that is wrong.
    """
    wrong: dict[str, list[str]] = {}
    kind = "_".join(values.get("kind", "").casefold().replace("-", " ").replace("_", " ").split())
    if kind and kind not in Organization.Kind.values:
        wrong["kind"] = [f"“{values['kind']}” is no kind; write customer or sub_reseller."]
    mpn_id, partner = "", None
    try:
        mpn_id = check_mpn_id(values.get("mpn_id", ""))
    except InvalidInput as error:
        wrong |= error.fields
    try:
        partner = check_partner_tenant(values.get("microsoft_partner_id", ""))
    except InvalidInput as error:
        wrong |= error.fields
    if kind == Organization.Kind.CUSTOMER and (mpn_id or partner):
        name = "mpn_id" if mpn_id else "microsoft_partner_id"
        wrong[name] = [f"Only a sub-reseller has one. {SAY_SUB_RESELLER}"]
    if wrong:
        raise InvalidInput(NOT_VALID, fields=wrong)
    return PartnerDetails(kind, mpn_id, partner)


def check_extra(
    values: Mapping[str, str],
    details: OrganizationDetails,
    definitions: Callable[[], Mapping[str, FieldDefinition]],
) -> Extra:
    """Return what a row says of the account and of custom fields.

    ``definitions`` returns the custom fields by column; it is asked where a row names one.

    Raises:
        InvalidInput: with every column that is wrong.
    """
    given = {name: text for name, text in values.items() if text}
    account = {
        name: given[f"{ACCOUNT}{name}"] for name in ACCOUNT_FIELDS if f"{ACCOUNT}{name}" in given
    }
    fields = {name: text for name, text in given.items() if ":" in name}
    wrong: dict[str, list[str]] = {}
    if account:
        try:
            country = account.get("country", details.country)
            checked = check_account({**account, "country": country}, required=())
            account = {name: getattr(checked, name) for name in account}
        except InvalidInput as error:
            wrong |= {f"{ACCOUNT}{name}": texts for name, texts in error.fields.items()}
    for name, text in fields.items():
        row = definitions().get(name)
        if row is None:
            wrong[name] = [NO_SUCH]
            continue
        try:
            fields[name] = clean_value(text, kind=row.kind, choices=row.choices)
        except ValidationError as error:
            wrong[name] = error.messages
    if wrong:
        raise InvalidInput("Some columns are not valid.", fields=wrong)
    return Extra(account, fields)
