"""Invoice line items: the five v1 row types and the two of Graph as one shape.

The types name the same thing differently, but never two things alike, so one list of names per
field in order of preference reads them all. ``raw`` keeps the row as received.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from partnercenter.errors import MalformedAnswer
from partnercenter.schemas.fields import LONGEST_CACHED, Fields, as_guid

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineItem:
    """One line of an invoice.

    ``customer_id`` is a GUID in lower case; when Microsoft named no customer, or not by a GUID, it
    is their text (perhaps empty), which matches no tenant and so lands in Unassigned with its
    money. ``quantity`` and ``unit_price`` are None where the row type has none.
    """

    customer_id: str
    customer_name: str
    customer_domain: str
    subscription_id: str
    product_name: str
    sku: str
    charge_type: str
    quantity: Decimal | None
    unit_price: Decimal | None
    subtotal: Decimal
    tax: Decimal
    total: Decimal
    currency: str
    charge_start: datetime | None
    charge_end: datetime | None
    provider: str
    invoice_id: str
    raw: Mapping[str, Any] = field(repr=False)


def read_line_item(row: object) -> LineItem:
    """Return a line item of any row type.

    Raises: MalformedAnswer without readable money or currency. The daily rows of old Azure plans
    are the exception: they report usage and carry no money, so theirs is zero.
    """
    fields = Fields(row)
    subtotal, tax, total, currency = _read_money(fields)
    return LineItem(
        customer_id=_customer_id(fields.text("customerid")[:LONGEST_CACHED]),
        customer_name=fields.text("customername", "customercompanyname"),
        customer_domain=fields.text("customerdomainname", "domainname"),
        # Old licence rows number the subscription for billing; the id of the portal is the other.
        subscription_id=fields.text(
            "syndicationpartnersubscriptionnumber", "subscriptionid"
        ).lower(),
        product_name=fields.text("productname", "offername", "servicename", "subscriptionname"),
        sku=fields.text("skuid", "durableofferid", "offerid", "sku", "resourceguid"),
        charge_type=fields.text("chargetype"),
        quantity=fields.amount("quantity", "consumedquantity", "billablequantity"),
        unit_price=fields.amount("unitprice", "listprice"),
        subtotal=subtotal,
        tax=tax,
        total=total,
        currency=currency,
        charge_start=fields.moment("chargestartdate"),
        charge_end=fields.moment("chargeenddate"),
        provider=fields.text("billingprovider"),
        invoice_id=fields.text("invoicenumber"),
        raw=fields.raw,
    )


def _read_money(fields: Fields) -> tuple[Decimal, Decimal, Decimal, str]:
    currency = fields.text("currency", "billingcurrency").upper()
    subtotal = fields.amount("subtotal", "pretaxcharges", "billingpretaxtotal")
    tax = fields.amount("taxtotal", "tax", "taxamount")
    total = fields.amount("totalforcustomer", "posttaxtotal", "total")
    if subtotal is None and total is None:
        if _is_daily_usage(fields):
            return _NOTHING, _NOTHING, _NOTHING, currency
        raise MalformedAnswer("The answer has an invoice line without an amount.")
    if not currency:
        raise MalformedAnswer("The answer has an invoice line without a currency.")
    if tax is None:
        tax = _NOTHING if subtotal is None or total is None else total - subtotal
    if total is None:
        total = (subtotal or _NOTHING) + tax
    if subtotal is None:
        subtotal = total - tax
    return subtotal, tax, total, currency


def _is_daily_usage(fields: Fields) -> bool:
    attributes = fields.inner("attributes")
    return attributes is not None and attributes.text("objecttype") == "DailyUsageLineItem"


@lru_cache(maxsize=4_096)
def _customer_id(text: str) -> str:
    text = text.strip()
    bare = text[4:] if text[:4].lower() == "org:" else text
    return as_guid(bare) or text.lower()
