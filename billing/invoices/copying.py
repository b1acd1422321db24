"""Invoice lines as rows of PostgreSQL's COPY: what a million lines cost is decided here.

The whole line goes along as JSON, from which its digest is made. Texts are taken as they are unless
something in them needs escaping, which a test of C speed tells.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from hashlib import blake2b
from uuid import UUID

from billing.invoices.exactjson import write_json
from partnercenter.schemas.line_items import LineItem
from portal.core.errors import InvalidInput
from portal.core.money import STORED_PLACES

COLUMNS = (
    "reseller_id, invoice_id, number, microsoft_id, customer_name, customer_domain, subscription,"
    " product, sku, charge_type, quantity, unit_price, subtotal, tax, total, currency,"
    " charge_start, charge_end, provider, raw"
)
DIGEST_BYTES = 16
DIGEST_SIZE = 1 << (8 * DIGEST_BYTES)
NOBODY = UUID(int=0)

_SMALLEST = Decimal(1).scaleb(-STORED_PLACES)
_NULL = r"\N"
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows to copy, and the sum of their digests: it is the same in whatever order they come."""

    text: bytes
    count: int
    digest: int


def write_rows(
    lines: Iterable[LineItem],
    *,
    reseller_id: int,
    invoice_id: UUID,
    invoice: str,
    currency: str,
    first: int,
) -> Batch:
    """Write lines as COPY text; ``first`` is the number of the first one.

    Raises:
        InvalidInput: a line is in another currency than its invoice, or finer than we can keep.
    """
    owner = f"{reseller_id}\t{invoice_id}\t"
    rows, digest, number = [], 0, first
    for line in lines:
        if line.currency != currency:
            raise InvalidInput(
                f"Invoice {invoice} is in {currency}, but its line {number} is in {line.currency};"
                " nothing of it was kept.",
                code="mixed_currencies",
            )
        raw = write_json(line.raw)
        digest += line_digest(raw)
        rows.append(f"{owner}{number}\t{_fields(line, number, invoice)}\t{_escape_json(raw)}\n")
        number += 1
    return Batch("".join(rows).encode(), len(rows), digest % DIGEST_SIZE)


def digest_of(lines: Iterable[LineItem]) -> int:
    """Return the digest that `write_rows` would give these lines, without writing them."""
    return sum(line_digest(write_json(line.raw)) for line in lines) % DIGEST_SIZE


def line_digest(raw: str) -> int:
    """Return the digest of one line's JSON."""
    digest = blake2b(raw.encode(), digest_size=DIGEST_BYTES)
    return int.from_bytes(digest.digest(), "big")


def _fields(line: LineItem, number: int, invoice: str) -> str:
    return "\t".join(
        (
            _tenant_id(line.customer_id),
            _escape(line.customer_name),
            _escape(line.customer_domain),
            _escape(line.subscription_id),
            _escape(line.product_name),
            _escape(line.sku),
            _escape(line.charge_type),
            _NULL if line.quantity is None else str(line.quantity),
            _NULL if line.unit_price is None else str(line.unit_price),
            _money(line.subtotal, number, invoice),
            _money(line.tax, number, invoice),
            _money(line.total, number, invoice),
            line.currency,
            _NULL if line.charge_start is None else _day(line.charge_start),
            _NULL if line.charge_end is None else _day(line.charge_end),
            _escape(line.provider),
        )
    )


def _escape(text: str) -> str:
    if text.isprintable() and "\\" not in text:
        return text
    return text.translate(_ESCAPES)


def _escape_json(text: str) -> str:
    return text.replace("\\", "\\\\") if "\\" in text else text


def _money(amount: Decimal, number: int, invoice: str) -> str:
    if amount.quantize(_SMALLEST) != amount:
        raise InvalidInput(
            f"Line {number} of invoice {invoice} has an amount with more than {STORED_PLACES}"
            " decimal places, which cannot be kept exactly; nothing of it was kept.",
            code="amount_too_fine",
        )
    return str(amount)


@lru_cache(maxsize=4_096)
def _day(moment: datetime) -> str:
    return moment.date().isoformat()


@lru_cache(maxsize=65_536)
def _tenant_id(text: str) -> str:
    """Return a customer's id for its column; NULL for what names no tenant."""
    try:
        found = UUID(text)
    except ValueError:
        return _NULL
    return str(found) if found != NOBODY else _NULL
