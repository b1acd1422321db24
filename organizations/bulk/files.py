"""A file of links: its columns, and what each line means for this reseller's tenants.

Lines are read 2,000 at a time and their tenants and organizations looked up together, so a file of
any length costs the same memory. What a line would do is judged by the preview, as for any other
bulk link; here only what the line itself says is understood.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from organizations.bulk.plans import FileRow
from organizations.directory.importing.likeness import with_zeros
from organizations.directory.models import Organization
from organizations.directory.queries import heirs_of
from organizations.linking.link_file import COLUMNS
from organizations.linking.models import Link
from portal.core.access import Actor
from portal.core.errors import InvalidInput
from portal.web.sheets.reading import Layout, Remark, Row
from tenants.discovery.models import Tenant

STEP = 2_000
WHY_LENGTH = 500
LAYOUT = Layout(
    columns=COLUMNS,
    required=("microsoft_id", "organization_number"),
    also={
        "tenantid": "microsoft_id",
        "microsofttenantid": "microsoft_id",
        "customerid": "microsoft_id",
        "customertenantid": "microsoft_id",
        "azuretenantid": "microsoft_id",
        "tenant": "tenant_name",
        "name": "tenant_name",
        "primarydomain": "domain",
        "number": "organization_number",
        "organization": "organization_name",
        "customernumber": "organization_number",
        "customercode": "organization_number",
        "reason": "why",
    },
    digits=frozenset({"microsoft_id", "organization_number"}),
    # What the export of tenants has besides; it can be filled in and read as it is.
    passed_over=frozenset(
        {
            "status",
            "country",
            "first_seen_at",
            "billed_amount",
            "billed_currency",
            "billed_month",
        }
    ),
)


def file_rows(
    rows: Iterable[Row | Remark], *, actor: Actor, tell: Callable[[Remark], None] | None = None
) -> Iterator[FileRow]:
    """Yield what the lines of a table with `LAYOUT` ask for, in their order (3 queries per 2,000).

    A line without an organization number asks for nothing and is passed over, so an export of all
    tenants can be filled in bit by bit. ``tell`` hears of every line that cannot be used.

    Raises:
        InvalidInput: no line asks for anything.
    """
    waiting, asked = iter(rows), False
    while step := list(islice(waiting, STEP)):
        for row in _understood(step, actor=actor):
            if tell and row.code:
                tell(Remark(row.line, row.detail))
            asked = True
            yield row
    if not asked:
        raise InvalidInput(
            "No line of the file names a tenant and the number of its organization.",
            code="no_rows",
        )


@dataclass(frozen=True, slots=True)
class _Known:
    """What the lines of a step name."""

    tenants: Mapping[UUID, UUID]
    organizations: Mapping[str, Organization]
    heirs: Mapping[UUID, Organization]
    full_numbers: Mapping[str, str]


def _understood(step: list[Row | Remark], *, actor: Actor) -> Iterator[FileRow]:
    rows = [row for row in step if isinstance(row, Row)]
    numbers = {row.values["organization_number"] for row in rows} - {""}
    rows_named = Organization.objects.visible_to(actor).filter(number__in=numbers)
    found = {organization.number: organization for organization in rows_named}
    ids = {key for row in rows if (key := _microsoft_id(row.values["microsoft_id"]))}
    tenants = Tenant.objects.visible_to(actor).filter(microsoft_id__in=ids)
    known = _Known(
        dict(tenants.values_list("microsoft_id", "pk")),
        found,
        heirs_of(found.values(), actor=actor),
        with_zeros(numbers - set(found), actor=actor),
    )
    for row in step:
        if isinstance(row, Remark):
            if row.is_error:
                yield FileRow(row.line, code="unreadable", detail=_in_column(row.column, row.text))
        elif row.values["organization_number"]:
            yield _understand(row, known)


def _understand(row: Row, known: _Known) -> FileRow:
    values = row.values
    name, why = values.get("tenant_name", ""), values.get("why")
    text, number = values["microsoft_id"], values["organization_number"]
    how = values.get("how", "").casefold()
    called = name or text

    def refuse(code: str, column: str, detail: str) -> FileRow:
        said = _in_column(column, detail)
        return FileRow(row.line, tenant_name=called, code=code, detail=said)

    microsoft_id = _microsoft_id(text)
    if microsoft_id is None:
        what = f"“{text[:60]}” is no Microsoft tenant id" if text else "the Microsoft id is missing"
        return refuse("no_microsoft_id", "microsoft_id", f"{what}; it has 32 letters and digits.")
    tenant_id = known.tenants.get(microsoft_id)
    if tenant_id is None:
        return refuse(
            "unknown_tenant",
            "microsoft_id",
            f"there is no tenant {microsoft_id} here; discover the tenants of its connection.",
        )
    organization = known.organizations.get(number)
    if organization is None:
        return refuse("unknown_organization", "organization_number", _unknown(number, known))
    if how and how not in Link.How.values:
        return refuse(
            "unknown_how", "how", f"“{how[:60]}” is none of {', '.join(Link.How.values)}."
        )
    if why and len(why) > WHY_LENGTH:
        return refuse("why_too_long", "why", f"has {len(why)} characters; {WHY_LENGTH} fit.")
    heir, followed = known.heirs.get(organization.pk), ""
    if heir is not None:
        organization, followed = heir, _followed(organization, heir)
    return FileRow(
        row.line, tenant_id, organization.pk, called, how=how or None, why=why, followed=followed
    )


def _followed(organization: Organization, heir: Organization) -> str:
    return (
        f"{organization.number} was merged into {heir.name} ({heir.number});"
        " the tenant goes to that one."
    )


def _unknown(number: str, known: _Known) -> str:
    if full := known.full_numbers.get(number):
        return (
            f"there is no organization {number}, but {full}; a spreadsheet drops zeros in front."
            " Write the number in full."
        )
    return f"there is no organization {number[:60]}; import or create it first."


def _microsoft_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _in_column(column: str, text: str) -> str:
    return f"{column}: {text}" if column else text
