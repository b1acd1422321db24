"""Licences of a directory: what there is, who has it, and assigning it."""

from typing import Any
from urllib.parse import parse_qsl

from partnercenter.simulator.directory import Directory
from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import read_enum, read_object, without_nulls
from partnercenter.simulator.licences import GROUPS, units_by_product
from partnercenter.simulator.paging import collection
from partnercenter.simulator.routes.customers import find_customer
from partnercenter.simulator.routes.users import find_user, open_directory
from partnercenter.simulator.routing import Access, Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.wire import Response


def list_skus(call: Call) -> Response:
    """Answer the licences of the asked groups, of group 1 when none is asked for."""
    return Response(body=collection(open_directory(call).skus(_read_groups(call))))


def list_managed_services(call: Call) -> Response:
    """Answer the services a partner can look after for a customer: those of its licences."""
    customer = find_customer(call)
    rows = call.site.subscriptions.of_customer(customer["id"])
    services = dict.fromkeys(
        plan.workload
        for product, _ in units_by_product(rows).values()
        for plan in product.plans
        if plan.workload
    )
    items = [
        {"id": name.lower(), "name": name, "attributes": {"objectType": "ManagedService"}}
        for name in services
    ]
    return Response(body=collection(items))


def list_licences_of_user(call: Call) -> Response:
    """Answer the licences of a user with the service plans that are on."""
    directory = open_directory(call)
    skus = {sku["productSku"]["id"]: sku for sku in directory.skus(_read_groups(call))}
    held = directory.licences_of(find_user(call, directory))
    items = [_licence(skus[sku], switched_off) for sku, switched_off in held.items() if sku in skus]
    return Response(body=collection(items))


def update_licences(call: Call) -> Response:
    """Assign and remove licences of one user, all of them or none.

    Raises Problem 400/60012 when there are none left of one, and 400/60000 for a SKU the customer
    does not have, SKUs of two groups, removing what the user does not have, or a user without a
    usage location.
    """
    directory = open_directory(call)
    user = find_user(call, directory)
    body = without_nulls(read_object(call.request.json()))
    skus = {sku["productSku"]["id"].lower(): sku for sku in directory.skus()}
    wanted = _read_wanted(body, skus)
    removed = [_find(skus, _sku_id(entry))["productSku"]["id"] for entry in _rows(body, "Remove")]
    held = directory.licences_of(user)
    _check(directory, user, wanted, removed)
    for sku_id in wanted:
        if sku_id not in held and _find(skus, sku_id)["availableUnits"] < 1:
            raise Problem(400, 60012, f"There are no licences left of {sku_id}.")
    call.record(
        "licences_changed",
        user["id"],
        customer=find_customer(call)["id"],
        assigned=wanted,
        removed=removed,
    )
    assigned = [{"skuId": sku, "excludedPlans": plans} for sku, plans in wanted.items()]
    return Response(
        status=201,
        body={
            "licensesToAssign": assigned,
            "licensesToRemove": removed,
            "licenseWarnings": [],
            "attributes": {"objectType": "LicenseUpdate"},
        },
    )


def _check(
    directory: Directory, user: dict[str, Any], wanted: dict[str, list[str]], removed: list[str]
) -> None:
    if not wanted and not removed:
        raise Problem(400, 60000, "There is nothing to assign or remove.")
    if wanted and not user.get("usageLocation"):
        raise Problem(400, 60000, "The user needs a usage location before a licence.")
    if set(wanted) & set(removed):
        raise Problem(400, 60000, "A licence cannot be assigned and removed at once.")
    if not set(removed) <= directory.licences_of(user).keys():
        raise Problem(400, 60000, "The user does not have every licence to be removed.")
    groups = {
        sku["productSku"]["licenseGroupId"]
        for sku in directory.skus()
        if sku["productSku"]["id"] in {*wanted, *removed}
    }
    if len(groups) > 1:
        raise Problem(400, 60000, "All licences of one update must be of one group.")


def _read_groups(call: Call) -> tuple[str, ...]:
    # The parameter may be repeated, which the parsed query does not keep.
    query = parse_qsl(call.request.raw_query)
    asked = [value for name, value in query if name.lower() == "licensegroupids" and value]
    groups = []
    for value in asked or GROUPS[:1]:
        group = read_enum(value, GROUPS)
        if group is None:
            raise Problem(400, 900126, f"{value!r} is not a licence group.")
        groups.append(group)
    return tuple(groups)


def _read_wanted(body: dict[str, Any], skus: dict[str, dict[str, Any]]) -> dict[str, list[str]]:
    wanted = {}
    for entry in _rows(body, "Assign"):
        sku = _find(skus, _sku_id(entry))
        plans = entry.get("excludedPlans") if isinstance(entry, dict) else None
        if not isinstance(plans or [], list):
            raise Problem(400, 60000, "excludedPlans must be a list.")
        wanted[sku["productSku"]["id"]] = [str(plan).lower() for plan in plans or ()]
    return wanted


def _rows(body: dict[str, Any], verb: str) -> list[Any]:
    rows = body.get(f"licensesTo{verb}") or []
    if not isinstance(rows, list):
        raise Problem(400, 60000, f"licensesTo{verb} must be a list.")
    return rows


def _sku_id(entry: object) -> str:
    return str(entry.get("skuId") if isinstance(entry, dict) else entry)


def _find(skus: dict[str, dict[str, Any]], sku_id: str) -> dict[str, Any]:
    sku = skus.get(sku_id.lower())
    if sku is None:
        raise Problem(400, 60000, f"The customer has no licences of {sku_id}.")
    return sku


def _licence(sku: dict[str, Any], switched_off: list[str]) -> dict[str, Any]:
    product = {key: value for key, value in sku["productSku"].items() if key != "targetType"}
    plans = [
        {**plan, "capabilityStatus": "Assigned"}
        for plan in sku["servicePlans"]
        if plan["id"].lower() not in switched_off
    ]
    return {
        "servicePlans": plans,
        "productSku": product,
        "attributes": {"objectType": "License"},
    }


_CUSTOMER = "/customers/{customer}"
ROUTES = [
    Route("GET", f"{_CUSTOMER}/managedservices", list_managed_services),
    Route("GET", f"{_CUSTOMER}/subscribedskus", list_skus, Access.USER),
    Route("GET", _CUSTOMER + "/users/{user}/licenses", list_licences_of_user, Access.USER),
    Route("POST", _CUSTOMER + "/users/{user}/licenseupdates", update_licences, Access.USER),
]
