"""Invoice line rows: which of a file's rows a request means, and how they look in the v1 routes.

A world keeps a row as the service sends it: camelCase from Partner Center, PascalCase from the
billing export of Microsoft Graph. The v1 routes show both in their own spelling.
"""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from partnercenter.simulator.fields import fold

Row = dict[str, Any]

# Graph's name on the left where more than the first letter differs.
_V1_NAMES = {
    "Tier2MpnId": "resellerMpnId",
    "Total": "totalForCustomer",
    "PCToBCExchangeRate": "pcToBCExchangeRate",
    "PCToBCExchangeRateDate": "pcToBCExchangeRateDate",
    "ResourceURI": "resourceUri",
    "Unit": "unitOfMeasure",
    "PartnerEarnedCreditPercentage": "rateOfPartnerEarnedCredit",
    "CreditPercentage": "rateOfCredit",
}
_GRAPH_ONLY = frozenset({"ProductCategory", "BenefitOrderId", "BenefitId", "BenefitType"})
_AMOUNTS = frozenset(
    {
        "billableQuantity",
        "billingPreTaxTotal",
        "effectiveUnitPrice",
        "pcToBCExchangeRate",
        "pricingPreTaxTotal",
        "quantity",
        "subtotal",
        "taxTotal",
        "totalForCustomer",
        "unitPrice",
    }
)


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows a request asks for; an empty currency takes all of them."""

    provider: str
    kind: str
    currency: str
    with_credit: bool | None

    def takes(self, row: Row) -> bool:
        """Tell whether a row is asked for."""
        provider = _folded(str(row.get("billingProvider") or "one_time"))
        if not self._takes_provider(provider):
            return False
        kind = str(row.get("invoiceLineItemType") or "billing_line_items")
        if _folded(kind) != _folded(self.kind):
            return False
        if self.currency and _currency(row) not in ("", self.currency):
            return False
        return self.with_credit is None or has_credit(row) is self.with_credit

    def _takes_provider(self, provider: str) -> bool:
        if self.provider == "all":
            return True
        if self.provider == "one_time" and self.kind == "usage_line_items":
            # Usage of the marketplace is asked for under onetime since both became one.
            return provider in ("onetime", "marketplace")
        return provider == _folded(self.provider)


def as_v1(row: Row) -> Row:
    """Return a row in the spelling of the v1 routes; a row already in it is returned as it is."""
    if "PartnerId" not in row:
        return row
    line = {v1_name(name): value for name, value in row.items() if name not in _GRAPH_ONLY}
    usage = "usageDate" in line
    return line | {
        "invoiceLineItemType": "usage_line_items" if usage else "billing_line_items",
        "billingProvider": "marketplace" if usage else "one_time",
        "attributes": {
            "objectType": "DailyRatedUsageLineItem" if usage else "OneTimeInvoiceLineItem"
        },
    }


def numbers_as_text(row: Row) -> Row:
    """Return a row of either spelling with its amounts as text, as recorded OneTime rows are."""
    return {
        name: str(value)
        if isinstance(value, (int, float, Decimal))
        and not isinstance(value, bool)
        and v1_name(name) in _AMOUNTS
        else value
        for name, value in row.items()
    }


def text_as_numbers(row: Row) -> Row:
    """Return a v1 row whose amounts that are text are exact numbers."""
    return {
        name: _number(value) if isinstance(value, str) and name in _AMOUNTS else value
        for name, value in row.items()
    }


def v1_name(name: str) -> str:
    """Return the name the v1 routes have for a column of Graph; their own names stay."""
    return _V1_NAMES.get(name) or name[:1].lower() + name[1:]


def has_credit(row: Row) -> bool:
    """Tell whether a usage row earned partner credit."""
    if "hasPartnerEarnedCredit" in row:
        return bool(row["hasPartnerEarnedCredit"])
    return float(row.get("rateOfPartnerEarnedCredit") or 0) > 0


@lru_cache(maxsize=256)
def _folded(value: str) -> str:
    # Every row of a million asks for the same few values.
    return fold(value)


def _currency(row: Row) -> str:
    return str(row.get("currency") or row.get("billingCurrency") or "").upper()


def _number(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text
