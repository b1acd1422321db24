"""Estimated spending of Azure subscriptions in the running month: all, by resource, by day."""

from collections.abc import Callable
from decimal import Decimal

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.paging import Row, collection
from partnercenter.simulator.routes.customers import find_customer
from partnercenter.simulator.routing import Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.usage_figures import (
    by_subscription,
    exact,
    is_plan,
    last_modified,
    of_this_month,
    running_month,
    spending_of,
    subscription_name,
)
from partnercenter.simulator.wire import Response


def list_subscription_records(call: Call) -> Response:
    """Answer one record for each Azure subscription of a customer."""
    customer = find_customer(call)
    groups = by_subscription(call.site.usage.records.of_customer(customer["id"]))
    items = [_subscription_record(call, customer, one, rows) for one, rows in groups.items()]
    uri = f"/customers/{customer['id']}/subscriptions/usagerecords"
    return Response(body=collection(items, {"self": call.link(uri)}))


def list_meter_records(call: Call) -> Response:
    """Answer the record of one subscription, as the page of this route shows it."""
    customer, rows = _subscription_rows(call)
    items = [_subscription_record(call, customer, call.params["subscription"], rows)]
    uri = f"/customers/{customer['id']}/subscriptions/usagerecords/"
    return Response(body=collection(items, {"self": call.link(uri)}))


def get_subscription_summary(call: Call) -> Response:
    """Answer what one subscription spent."""
    customer, rows = _subscription_rows(call)
    subscription_id = call.params["subscription"]
    record = _subscription_record(call, customer, subscription_id, rows)
    uri = f"/customers/{customer['id']}/subscriptions/{subscription_id}/usagesummary"
    kept = ("resourceId", "id", "resourceName", "name", "totalCost", "currencyLocale")
    body = {name: record[name] for name in (*kept, "currencyCode") if name in record}
    return Response(
        body=body
        | running_month(call)
        | {
            "lastModifiedDate": record["lastModifiedDate"],
            "links": {"self": call.link(uri)},
            "attributes": {"objectType": "SubscriptionUsageSummary"},
        }
    )


def list_resource_records(call: Call) -> Response:
    """Answer what each resource of a subscription cost."""

    def record(row: Row, rows: list[Row]) -> Row:
        resource = row.get("resource") or {}
        return {
            "category": resource.get("category", ""),
            "subcategory": resource.get("subcategory", ""),
            "quantityUsed": sum((exact(one.get("quantity")) for one in rows), Decimal(0)),
            "unit": row.get("unit", ""),
            "id": resource.get("id", ""),
            "name": resource.get("name", ""),
        }

    return _grouped(
        call,
        by=lambda row: str((row.get("resource") or {}).get("id")),
        record=record,
        path="resources",
        kind="AzureResourceMonthlyUsageRecord",
    )


def list_daily_records(call: Call) -> Response:
    """Answer what a subscription cost each day."""
    return _grouped(
        call,
        by=lambda row: str(row.get("usageStartTime"))[:10],
        record=lambda row, rows: {
            "dateUsed": f"{str(row.get('usageStartTime'))[:10]}T00:00:00Z",
            "id": call.params["subscription"],
            "name": subscription_name(_subscription(call, call.params["subscription"])),
        },
        path="daily",
        kind="SubscriptionDailyUsageRecord",
    )


def _subscription_record(call: Call, customer: Row, subscription_id: str, rows: list[Row]) -> Row:
    subscription = _subscription(call, subscription_id)
    plan = is_plan(subscription)
    spending = spending_of(call, customer, rows, upgraded=plan)
    name = subscription_name(subscription)
    return {
        "status": (subscription or {}).get("status", "active"),
        **({"partnerOnRecord": call.site.world.partner.mpn_id} if plan else {}),
        "offerId": (subscription or {}).get("offerId", "MS-AZR-0145P"),
        "resourceId": subscription_id,
        "id": subscription_id,
        "resourceName": name,
        "name": name,
        "totalCost": spending.cost,
        **spending.currency,
        "usdTotalCost": spending.us_dollars,
        "lastModifiedDate": last_modified(call),
        "attributes": {"objectType": "SubscriptionMonthlyUsageRecord"},
    }


def _grouped(
    call: Call,
    *,
    by: Callable[[Row], str],
    record: Callable[[Row, list[Row]], Row],
    path: str,
    kind: str,
) -> Response:
    customer, rows = _subscription_rows(call)
    plan = is_plan(_subscription(call, call.params["subscription"]))
    groups: dict[str, list[Row]] = {}
    for row in of_this_month(call, rows):
        groups.setdefault(by(row), []).append(row)
    items = []
    for group in groups.values():
        spending = spending_of(call, customer, group, upgraded=plan)
        money = {"totalCost": spending.cost, **spending.currency}
        items.append(record(group[0], group) | money | {"attributes": {"objectType": kind}})
    subscription_id = call.params["subscription"]
    uri = f"/customers/{customer['id']}/subscriptions/{subscription_id}/usagerecords/{path}"
    return Response(body=collection(items, {"self": call.link(uri)}))


def _subscription_rows(call: Call) -> tuple[Row, list[Row]]:
    """Return the customer in the path and the records of the subscription in it.

    Raises Problem 404/20003 for a subscription without Azure usage.
    """
    customer, wanted = find_customer(call), call.params["subscription"]
    rows = by_subscription(call.site.usage.records.of_customer(customer["id"]))
    found = next((rows[one] for one in rows if one.lower() == wanted.lower()), None)
    if found is None and _subscription(call, wanted) is None:
        raise Problem(404, 20003, f"Subscription {wanted} was not found.")
    return customer, found or []


def _subscription(call: Call, subscription_id: str) -> Row | None:
    return call.site.subscriptions.get(call.params["customer"], subscription_id)


ROUTES = [
    Route("GET", "/customers/{customer}/subscriptions/usagerecords", list_subscription_records),
    *(
        Route("GET", f"/customers/{{customer}}/subscriptions/{{subscription}}/{path}", room)
        for path, room in (
            ("usagesummary", get_subscription_summary),
            ("meterusagerecords", list_meter_records),
            ("usagerecords/resources", list_resource_records),
            ("usagerecords/daily", list_daily_records),
        )
    ),
]
