"""Estimated spending on Azure in the running month: of all customers, of one, and its budget."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import read_object
from partnercenter.simulator.filters import company_name
from partnercenter.simulator.paging import Row, collection
from partnercenter.simulator.routes.customers import find_customer
from partnercenter.simulator.routing import Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.stores.usage import owner_of
from partnercenter.simulator.usage_figures import (
    CENT,
    converted,
    exact,
    is_upgraded,
    last_modified,
    partner_currency,
    running_month,
    spending_of,
)
from partnercenter.simulator.wire import Response


def list_customer_records(call: Call) -> Response:
    """Answer one record for each customer with Azure usage."""
    items = [_customer_record(call, customer, rows) for customer, rows in _by_customer(call)]
    return Response(body=collection(items, {"self": call.link("/customers/usagerecords")}))


def get_partner_summary(call: Call) -> Response:
    """Answer what all customers together spent, and how many are over their budget.

    The sum is in the partner's currency; budgets are in their customer's.
    """
    partner, currency = call.site.world.partner, partner_currency(call)
    total, over, count = Decimal(0), 0, 0
    for customer, rows in _by_customer(call):
        upgraded = is_upgraded(call, customer, rows)
        spending = spending_of(call, customer, rows, upgraded=upgraded)
        budget = call.site.usage.budget(customer["id"])
        total += converted(spending.cost, spending.unit, currency)
        over += bool(budget and spending.cost > budget)
        count += 1
    body = {
        "resourceId": partner.tenant_id,
        "resourceName": partner.company_name,
        **running_month(call),
        "totalCost": total,
        "currencyCode": currency,
        "customersOverBudget": over,
        "customersWithUsageBasedSubscriptions": count,
        "lastModifiedDate": last_modified(call),
        "links": {"self": call.link("/usagesummary")},
        "attributes": {"objectType": "PartnerUsageSummary"},
    }
    return Response(body=body)


def get_customer_summary(call: Call) -> Response:
    """Answer what a customer spent."""
    customer = find_customer(call)
    rows = call.site.usage.records.of_customer(customer["id"])
    upgraded = is_upgraded(call, customer, rows)
    spending = spending_of(call, customer, rows, upgraded=upgraded)
    name = company_name(customer)
    named = {"resourceId": customer["id"], "resourceName": name}
    body: Row = {
        "budget": _budget(call, customer),
        **(named if upgraded else {"id": customer["id"], "name": name}),
        **running_month(call),
        "totalCost": spending.cost,
        **spending.currency,
        **({"usdTotalCost": spending.us_dollars} if upgraded else {}),
        "lastModifiedDate": last_modified(call),
    }
    if not upgraded:
        body["links"] = {"self": call.link(f"/customers/{customer['id']}/usagesummary")}
    return Response(body=body | {"attributes": {"objectType": "CustomerUsageSummary"}})


def get_budget(call: Call) -> Response:
    """Answer what a customer may spend a month; a budget nobody set has no amount."""
    return _budget_answer(call, "GET")


def patch_budget(call: Call) -> Response:
    """Set what a customer may spend a month; null takes the budget away."""
    customer = find_customer(call)
    content = read_object(call.request.json())
    amount = content.get("amount", content.get("usageSpendingBudget"))
    if amount is not None and (isinstance(amount, bool) or exact(amount, default=-1) < 0):
        raise Problem(400, 800002, "amount must be a number that is not negative.")
    call.record(
        "usage_budget_written", customer["id"], amount=None if amount is None else str(amount)
    )
    return _budget_answer(call, "PATCH")


def _by_customer(call: Call) -> Iterator[tuple[Row, list[Row]]]:
    """Yield every customer with Azure usage; of those who have left nothing is told."""
    by_owner: dict[str, list[Row]] = {}
    for row in call.site.usage.records:
        by_owner.setdefault(owner_of(row), []).append(row)
    for owner, rows in by_owner.items():
        customer = call.site.customers.get(owner)
        if customer is not None:
            yield customer, rows


def _customer_record(call: Call, customer: Row, rows: list[Row]) -> Row:
    upgraded = is_upgraded(call, customer, rows)
    spending = spending_of(call, customer, rows, upgraded=upgraded)
    name = company_name(customer)
    budget = call.site.usage.budget(customer["id"])
    percent = (spending.cost * 100 / budget).quantize(CENT) if budget else Decimal(0)
    customers_own = {"attributes": {"objectType": "SpendingBudget"}}
    return {
        "budget": _budget(call, customer),
        **({} if upgraded else {"customerSpendingBudget": customers_own}),
        "percentUsed": percent,
        "isUpgraded": upgraded,
        "resourceId": customer["id"],
        "id": customer["id"],
        "resourceName": name,
        "name": name,
        "totalCost": spending.cost,
        **spending.currency,
        "usdTotalCost": spending.us_dollars,
        "lastModifiedDate": last_modified(call),
        "attributes": {"objectType": "CustomerMonthlyUsageRecord"},
    }


def _budget(call: Call, customer: Row) -> dict[str, Any]:
    amount = call.site.usage.budget(customer["id"])
    kind = {"attributes": {"objectType": "SpendingBudget"}}
    return kind if amount is None else {"amount": amount, **kind}


def _budget_answer(call: Call, method: str) -> Response:
    customer = find_customer(call)
    amount = call.site.usage.budget(customer["id"])
    uri = f"/customers/{customer['id']}/usagebudget"
    amounts = {} if amount is None else {"amount": amount, "usageSpendingBudget": amount}
    body = amounts | {
        "attributes": {"objectType": "SpendingBudget"},
        "links": {"self": call.link(uri, method=method)},
    }
    return Response(body=body)


ROUTES = [
    Route("GET", "/customers/usagerecords", list_customer_records),
    Route("GET", "/usagesummary", get_partner_summary),
    Route("GET", "/customers/{customer}/usagesummary", get_customer_summary),
    Route("GET", "/customers/{customer}/usagebudget", get_budget),
    Route("PATCH", "/customers/{customer}/usagebudget", patch_budget),
]
