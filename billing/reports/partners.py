"""What was sold through each sub-reseller in a month, from the partner id on the lines (IND-08).

Microsoft writes the indirect reseller's partner id on every line; ``0``, ``-1`` and nothing mean
that the customer was sold to directly. Each connection stands by itself, so the country tenants of
one provider are seen together and can be agreed one by one (IND-11): the lines of a connection and
currency, with the adjustments, are its invoices.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction

from billing.invoices.amounts import exact
from billing.invoices.models import Invoice
from billing.invoices.months import write_month
from billing.invoices.publishing import allow_long_statements
from billing.reconciliation.assignment import fetch
from billing.reconciliation.queries import reconcile
from billing.reports.queries import require_month
from portal.core.access import Actor

DIRECT, INDIRECT, ADJUSTMENT = "direct", "indirect", "adjustment"
KINDS = (DIRECT, INDIRECT)
STATEMENT_COLUMNS = (
    "month",
    "connection",
    "kind",
    "mpn_id",
    "organization_number",
    "organization",
    "currency",
    "lines",
    "subtotal",
    "tax",
    "total",
)

# The older and the newer files of Microsoft's spell the name differently.
STATEMENT = """
    WITH sums AS (
        SELECT invoice.connection_id, said.partner, line.currency, count(*) AS lines,
            sum(line.subtotal) AS subtotal, sum(line.tax) AS tax, sum(line.total) AS total
        FROM billing_invoice AS invoice
        JOIN billing_invoiceline AS line
            ON line.reseller_id = invoice.reseller_id AND line.invoice_id = invoice.id
        CROSS JOIN LATERAL (
            SELECT CASE WHEN named IN ('0', '-1') THEN '' ELSE named END AS partner
            FROM (SELECT trim(coalesce(line.raw ->> 'resellerMpnId', line.raw ->> 'Tier2MpnId',
                line.raw ->> 'tier2MpnId', line.raw ->> 'ResellerMpnId',
                line.raw ->> 'ResellerMPNID', '')) AS named) AS found
        ) AS said
        WHERE invoice.reseller_id = %(reseller)s AND invoice.state = 'published'
          AND invoice.month = %(month)s
        GROUP BY invoice.connection_id, said.partner, line.currency
    )
    SELECT connection.id, connection.name, sums.partner, o.id, coalesce(o.number, ''),
        coalesce(o.name, ''), sums.currency, sums.lines, sums.subtotal, sums.tax, sums.total
    FROM sums
    JOIN tenants_connection AS connection
        ON connection.reseller_id = %(reseller)s AND connection.id = sums.connection_id
    LEFT JOIN organizations_organization AS o
        ON o.reseller_id = %(reseller)s AND o.mpn_id = sums.partner AND sums.partner <> ''
        AND o.merged_into_id IS NULL
    ORDER BY connection.name, sums.currency, sums.partner = '' DESC, sums.total DESC, sums.partner
"""


@dataclass(frozen=True, slots=True)
class PartnerLine:
    """What a connection billed for one partner in one currency; ``mpn_id`` "" is sold direct.

    An adjustment is what an invoice holds beside its lines; ``name`` says of which kind it is.
    ``organization_id`` None: no sub-reseller here has that partner id.
    """

    connection_id: UUID
    connection: str
    mpn_id: str
    organization_id: UUID | None
    number: str
    name: str
    currency: str
    lines: int
    subtotal: Decimal
    tax: Decimal
    total: Decimal
    is_adjustment: bool = False

    @property
    def kind(self) -> str:
        if self.is_adjustment:
            return ADJUSTMENT
        return INDIRECT if self.mpn_id else DIRECT


def statement_of(actor: Actor, month: date) -> list[PartnerLine]:
    """Return what was sold through each partner in a month, by connection (4 queries).

    Goes through the month's lines, a second or so for each half million.

    Raises:
        NotFound: no invoice of the month is here.
    """
    require_month(actor, month)
    with transaction.atomic():
        allow_long_statements()
        rows = [PartnerLine(*row) for row in fetch(STATEMENT, actor=actor, month=month)]
    return rows + list(_adjustments(actor, month))


def totals_of(lines: Iterable[PartnerLine]) -> dict[str, Decimal]:
    """Return the total of these lines by currency, in the order of currencies."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[line.currency] += line.total
    return dict(sorted(sums.items()))


def statement_rows(actor: Actor, month: date) -> Iterator[Sequence[Any]]:
    """Yield the statement as `STATEMENT_COLUMNS` says."""
    written = write_month(month)
    for line in statement_of(actor, month):
        words = (line.connection, line.kind, line.mpn_id, line.number, line.name, line.currency)
        money = (exact(amount) for amount in (line.subtotal, line.tax, line.total))
        yield [written, *words, line.lines, *money]


def _adjustments(actor: Actor, month: date) -> Iterator[PartnerLine]:
    parts = [part for part in reconcile(actor, month=month) if part.adjustments]
    if not parts:
        return
    rows = Invoice.objects.visible_to(actor).filter(state=Invoice.State.PUBLISHED, month=month)
    found = rows.filter(number__in=[part.invoice for part in parts])
    owners = {row.number: row.connection for row in found.select_related("connection")}
    nothing = Decimal(0)
    for part in parts:
        connection = owners[part.invoice]
        yield PartnerLine(
            connection.pk,
            connection.name,
            "",
            None,
            "",
            f"{part.invoice}: {Invoice.AdjustmentKind(part.adjustment_kind).label}",
            part.currency,
            0,
            nothing,
            nothing,
            part.adjustments,
            is_adjustment=True,
        )
