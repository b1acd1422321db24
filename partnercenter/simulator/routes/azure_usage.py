"""Utilisation records of an Azure subscription, as metered; not for subscriptions on the plan.

A world holds what it wants to be read in either granularity: records of a whole day answer daily,
shorter ones hourly. What the service has not finished counting answers 204 with `Retry-After`.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import read_count, read_enum
from partnercenter.simulator.paging import Mark, Row, collection, cut_page, read_mark
from partnercenter.simulator.routes.customers import find_customer
from partnercenter.simulator.routing import Route
from partnercenter.simulator.row_chain import RowList
from partnercenter.simulator.site import Call
from partnercenter.simulator.usage_figures import exact, is_metered, is_plan
from partnercenter.simulator.wire import PageMark, Response

LARGEST_PAGE = 1000
_LONGEST_WAIT = 3600
_OWN = frozenset({"customerId", "subscriptionId", "cost", "currency", "usdCost"})
_DAY = timedelta(days=1)


def list_utilizations(call: Call) -> Response:
    """Answer the records of a period, page by page.

    Raises Problem 404/20003 for an unknown subscription, 400/900127 for one on the Azure plan.
    """
    customer, query = find_customer(call), call.request.query
    subscription_id = call.params["subscription"]
    start = _read_time(query.get("start_time"), name="start_time")
    end = _read_time(query.get("end_time"), name="end_time")
    granularity = read_enum(query.get("granularity") or "daily", ("daily", "hourly"))
    if granularity is None or end <= start:
        raise Problem(400, 800002, "granularity is daily or hourly, and end_time after start_time.")
    details = (query.get("show_details") or "true").lower() == "true"
    rows = _records(call, customer["id"], subscription_id)
    lag = call.site.switches.utilization_lag_seconds
    missing = (end + timedelta(seconds=lag) - call.site.clock()).total_seconds()
    if lag and missing > 0:
        wait = max(1, min(_LONGEST_WAIT, round(missing)))
        return Response(status=204, headers={"Retry-After": str(wait)})
    chosen = [row for row in rows if _is_chosen(row, start, end, hourly=granularity == "hourly")]
    shown = [_shown(row) for row in chosen] if details else _without_details(chosen)
    kept = ("start_time", "end_time", "granularity", "show_details")
    parameters = {name: query[name] for name in kept if query.get(name)}
    uri = f"/customers/{customer['id']}/subscriptions/{subscription_id}/utilizations/azure"
    return _page(call, shown, f"{uri}?{urlencode(parameters)}")


def _page(call: Call, shown: list[Row], uri: str) -> Response:
    asked, tokens = call.request.query.get("size"), call.site.continuation
    size = min(read_count(asked, name="size", default=LARGEST_PAGE), LARGEST_PAGE) or LARGEST_PAGE
    mark = read_mark(call.request, tokens, scope=uri, size=size, size_given=bool(asked))
    page = cut_page(RowList(shown, version=""), mark, lambda row: row)
    links: Row = {"self": call.link(f"{uri}&size={mark.size}")}
    following = f"{uri}&size={mark.size}&seekOperation=Next"
    if page.next_position is not None:
        token = tokens.issue(Mark(page.next_position, mark.size), scope=uri)
        links["next"] = call.link(following, token=token)
    here = tokens.issue(mark, scope=uri)
    start = tokens.issue(Mark(0, mark.size), scope=uri)
    return Response(
        body=collection(page.items, links), page=PageMark(uri=following, here=here, start=start)
    )


def _records(call: Call, customer_id: str, subscription_id: str) -> list[Row]:
    wanted = subscription_id.lower()
    rows = [
        row
        for row in call.site.usage.records.of_customer(customer_id)
        if str(row.get("subscriptionId")).lower() == wanted and is_metered(row, call.site.clock())
    ]
    subscription = call.site.subscriptions.get(customer_id, subscription_id)
    if is_plan(subscription):
        raise Problem(400, 900127, "Azure plans have daily-rated usage, not utilisation records.")
    if subscription is None and not rows:
        raise Problem(404, 20003, f"Subscription {subscription_id} was not found.")
    return rows


def _is_chosen(row: Row, start: datetime, end: datetime, *, hourly: bool) -> bool:
    first = _time_of(row, "usageStartTime")
    if first is None or not start <= first < end:
        return False
    last = _time_of(row, "usageEndTime") or first + _DAY
    return (last - first < _DAY) is hourly


def _without_details(rows: list[Row]) -> list[Row]:
    """Return one record for each time and resource, without the instances behind it."""
    groups: dict[tuple[str, str], Row] = {}
    for row in rows:
        key = (str(row.get("usageStartTime")), str((row.get("resource") or {}).get("id")))
        quantity = exact(row.get("quantity"))
        if key in groups:
            quantity += exact(groups[key]["quantity"])
        groups[key] = _shown(row) | {"quantity": Decimal(quantity)}
        groups[key].pop("instanceData", None)
    return list(groups.values())


def _shown(row: Row) -> Row:
    shown = {name: value for name, value in row.items() if name not in _OWN}
    shown.setdefault("attributes", {"objectType": "AzureUtilizationRecord"})
    return shown


def _time_of(row: Row, name: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(row.get(name)))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _read_time(text: str | None, *, name: str) -> datetime:
    try:
        # A plus sign that the client did not encode arrives as a space.
        moment = datetime.fromisoformat((text or "").replace(" ", "+"))
    except ValueError as error:
        raise Problem(400, 800002, f"{name} must be a date and time.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


ROUTES = [
    Route(
        "GET",
        "/customers/{customer}/subscriptions/{subscription}/utilizations/azure",
        list_utilizations,
    )
]
