"""Adding up what was used on Azure in the running month.

Subscriptions from before the Azure plan answer with `currencyLocale`, those on the plan with
`currencyCode`, as recorded; so do customers, who count as upgraded once they have a plan.

A sum is in one currency: records in another are converted into it, by the rate the card of Azure
prices is converted with.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from partnercenter.simulator.paging import Row
from partnercenter.simulator.site import Call
from partnercenter.simulator.subscription_terms import read_moment
from partnercenter.simulator.worlds.billing_months import exchange_rate, months_after
from partnercenter.simulator.worlds.markets import MARKET_OF

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Spending:
    """What some records of one customer cost in the running month.

    `unit` is the three letters of the currency of `cost`; `currency` is how the answer names it.
    """

    cost: Decimal
    unit: str
    us_dollars: Decimal
    currency: dict[str, str]


def exact(value: object, *, default: int = 0) -> Decimal:
    """Return a number of the wire exactly; `default` for what is none."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return Decimal(default)
    return number if number.is_finite() else Decimal(default)


def partner_currency(call: Call) -> str:
    """Return the currency the partner is billed in."""
    return str(call.site.profiles.get("billing")["billingCurrency"])


def is_plan(subscription: Row | None) -> bool:
    """Tell an Azure plan; its offer is a catalogue item, older offers are one word."""
    return ":" in str((subscription or {}).get("offerId", ""))


def subscription_name(subscription: Row | None) -> str:
    named = subscription or {}
    return str(named.get("friendlyName") or named.get("offerName") or "Microsoft Azure")


def by_subscription(rows: Iterable[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(str(row.get("subscriptionId")), []).append(row)
    return groups


def is_upgraded(call: Call, customer: Row, rows: list[Row]) -> bool:
    return any(
        is_plan(call.site.subscriptions.get(customer["id"], one)) for one in by_subscription(rows)
    )


def spending_of(call: Call, customer: Row, rows: list[Row], *, upgraded: bool) -> Spending:
    """Return what records cost; what does not name its currency is in that of the sum.

    That is the first one named for the Azure plan, else the partner's; before the plan it is the
    one of the customer's country.
    """
    current = of_this_month(call, rows)
    culture = str((customer.get("billingProfile") or {}).get("culture") or "en-US")
    code = next((str(row["currency"]).upper() for row in rows if row.get("currency")), "")
    market = MARKET_OF.get(culture[-2:].upper())
    local = market.currency if market else code
    unit = (code if upgraded else local) or partner_currency(call)
    costs: dict[str, Decimal] = {}
    for row in current:
        named = str(row.get("currency") or unit).upper()
        costs[named] = costs.get(named, Decimal(0)) + exact(row.get("cost"))
    return Spending(
        cost=sum((converted(cost, named, unit) for named, cost in costs.items()), Decimal(0)),
        unit=unit,
        us_dollars=sum((exact(row.get("usdCost")) for row in current), Decimal(0)),
        currency={"currencyCode": unit} if upgraded else {"currencyLocale": culture},
    )


def converted(amount: Decimal, unit: str, target: str) -> Decimal:
    """Return an amount in another currency, in cents; in its own it stays as it is."""
    if unit == target:
        return amount
    return (amount * exchange_rate(unit, target)).quantize(CENT)


def of_this_month(call: Call, rows: list[Row]) -> list[Row]:
    now = call.site.clock()
    month = now.strftime("%Y-%m")
    return [
        row for row in rows if str(row.get("usageStartTime"))[:7] == month and is_metered(row, now)
    ]


def is_metered(row: Row, now: datetime) -> bool:
    """Tell whether the time a record is about is over; a world may hold what is yet to come."""
    end = read_moment(row.get("usageEndTime"))
    return end is None or end <= now


def running_month(call: Call) -> dict[str, str]:
    first: date = call.site.clock().date().replace(day=1)
    return {
        "billingStartDate": f"{first}T00:00:00+00:00",
        "billingEndDate": f"{months_after(first, 1)}T00:00:00+00:00",
    }


def last_modified(call: Call) -> str:
    return call.site.clock().isoformat()
