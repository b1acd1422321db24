"""Adding up what was used on Azure in the running month.

Subscriptions from before the Azure plan answer with `currencyLocale`, those on the plan with
`currencyCode`, as recorded; so do customers, who count as upgraded once they have a plan.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from partnercenter.simulator.paging import Row
from partnercenter.simulator.site import Call
from partnercenter.simulator.worlds.billing_months import months_after


@dataclass(frozen=True, slots=True)
class Spending:
    """What some records of one customer cost in the running month."""

    cost: Decimal
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
    current = of_this_month(call, rows)
    culture = (customer.get("billingProfile") or {}).get("culture") or "en-US"
    code = next((str(row["currency"]) for row in rows if row.get("currency")), "")
    currency = {"currencyCode": code or partner_currency(call)}
    return Spending(
        cost=sum((exact(row.get("cost")) for row in current), Decimal(0)),
        us_dollars=sum((exact(row.get("usdCost")) for row in current), Decimal(0)),
        currency=currency if upgraded else {"currencyLocale": culture},
    )


def cost_of(call: Call, rows: list[Row]) -> Decimal:
    return sum((exact(row.get("cost")) for row in of_this_month(call, rows)), Decimal(0))


def of_this_month(call: Call, rows: list[Row]) -> list[Row]:
    month = call.site.clock().strftime("%Y-%m")
    return [row for row in rows if str(row.get("usageStartTime"))[:7] == month]


def running_month(call: Call) -> dict[str, str]:
    first: date = call.site.clock().date().replace(day=1)
    return {
        "billingStartDate": f"{first}T00:00:00+00:00",
        "billingEndDate": f"{months_after(first, 1)}T00:00:00+00:00",
    }


def last_modified(call: Call) -> str:
    return call.site.clock().isoformat()
