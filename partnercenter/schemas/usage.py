"""Estimates of what usage will cost: never a bill, which only invoices are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from partnercenter.errors import MalformedAnswer
from partnercenter.schemas.fields import Fields
from partnercenter.schemas.strict import currency, required_amount, required_id

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageCost:
    """What something (a customer, a subscription, a resource) has cost so far.

    ``total`` is in ``currency``. Old Azure names no currency but a locale (``fr-FR``) whose
    currency is meant: then ``currency`` is empty and ``currency_locale`` is set, and the sum must
    not be added to others. On sums of the whole partner ``id`` is the partner's own, or empty.
    """

    id: str
    name: str
    total: Decimal
    currency: str
    currency_locale: str
    budget: Decimal | None
    percent_used: Decimal | None
    billing_start: datetime | None
    billing_end: datetime | None
    changed: datetime | None
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True)
class UsageBudget:
    """What a customer is meant to spend on usage a month; None without a limit.

    Microsoft names no currency: it is the one the customer is billed in.
    """

    amount: Decimal | None


def read_usage_cost(row: object) -> UsageCost:
    """Return what a thing has cost. Raises: MalformedAnswer without id, sum, or its currency."""
    fields = Fields(row)
    required_id(fields, "a usage record", "resourceid", "id")
    return _read_cost(fields)


def read_usage_total(body: object) -> UsageCost:
    """Return what all customers have cost. Raises: MalformedAnswer without sum or its currency."""
    return _read_cost(Fields(body))


def _read_cost(fields: Fields) -> UsageCost:
    total = required_amount(fields, "a usage record", "totalcost")
    money, locale = currency(fields, "currencycode"), fields.text("currencylocale")
    if not money and not locale:
        raise MalformedAnswer("The answer has a usage record without a currency.")
    return UsageCost(
        id=fields.text("resourceid", "id").lower(),
        name=fields.text("resourcename", "name"),
        total=total,
        currency=money,
        currency_locale=locale,
        budget=read_usage_budget((fields.inner("budget") or Fields({})).raw).amount,
        percent_used=fields.amount("percentused"),
        billing_start=fields.moment("billingstartdate"),
        billing_end=fields.moment("billingenddate"),
        changed=fields.moment("lastmodifieddate"),
        raw=fields.raw,
    )


def read_usage_budget(body: object) -> UsageBudget:
    """Return a budget. Raises: MalformedAnswer when it is unreadable."""
    # Some routes misspell the name.
    return UsageBudget(Fields(body).amount("amount", "ammount"))
