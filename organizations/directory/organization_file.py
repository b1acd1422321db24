"""The columns of a file of organizations, and what people and programs call them."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from organizations.directory.details import LABELS
from organizations.directory.models import Organization
from organizations.directory.queries import organizations
from portal.core.access import Actor
from portal.web.sheets.reading import Layout

STEP = 2_000
COLUMNS = tuple(LABELS)
MORE_COLUMNS = ("kind", "parent_number", "created_at")
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
    },
    digits=frozenset({"number", "registration_number", "contact_phone"}),
    passed_over=frozenset(MORE_COLUMNS),
)


def organization_rows(actor: Actor) -> Iterator[tuple[Any, ...]]:
    """Yield the cells of every organization, as `COLUMNS` says, by number."""
    rows = organizations(actor).order_by("number")
    yield from rows.values_list(*COLUMNS).iterator(chunk_size=STEP)


def more_rows(rows: QuerySet[Organization]) -> Iterator[tuple[Any, ...]]:
    """Yield the cells of these organizations, `MORE_COLUMNS` included."""
    for row in rows.select_related("parent").iterator(chunk_size=STEP):
        parent = row.parent.number if row.parent else ""
        cells = (getattr(row, name) for name in COLUMNS)
        yield (*cells, row.kind, parent, row.created_at.isoformat())
