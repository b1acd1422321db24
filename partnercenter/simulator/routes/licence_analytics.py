"""How much of what was sold is used, by customer and for all customers of the partner.

The figures are of the day before and come from the subscriptions the world was opened with, as the
live ones lag behind too. The partner's own figures read every subscription of the world.
"""

from collections.abc import Iterable
from datetime import UTC, timedelta
from typing import Any

from partnercenter.simulator.filters import company_name
from partnercenter.simulator.licences import is_licence, product_named, seats_of, used_seats
from partnercenter.simulator.paging import collection
from partnercenter.simulator.routes.customers import find_customer
from partnercenter.simulator.routing import Access, Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.wire import Response

_Usage = dict[tuple[str, str, str], list[int]]


def customer_usage(call: Call) -> Response:
    """Answer the use of each workload of each product of a customer."""
    customer = find_customer(call)
    items = [
        {
            "customerName": company_name(customer),
            "productName": product.upper(),
            "licensesActive": active,
            "licensesQualified": sold,
            "usagePercent": _percent(active, sold),
            "workloadName": workload,
            **_common(call, service),
            "attributes": {"objectType": "CustomerLicensesUsageInsights"},
        }
        for (service, product, workload), (active, sold) in _of_customer(call, customer).items()
    ]
    return Response(body=collection(items))


def customer_deployment(call: Call) -> Response:
    """Answer how many licences of each product of a customer were given to users."""
    customer = find_customer(call)
    products: dict[tuple[str, str], tuple[int, int]] = {}
    for (service, product, _), (active, sold) in _of_customer(call, customer).items():
        products[service, product] = (active, sold)
    items = [
        {
            "customerName": company_name(customer),
            "productName": product.upper(),
            "licensesDeployed": active,
            "licensesSold": sold,
            "deploymentPercent": _percent(active, sold),
            **_common(call, service),
            "attributes": {"objectType": "CustomerLicensesDeploymentInsights"},
        }
        for (service, product), (active, sold) in products.items()
    ]
    return Response(body=collection(items))


def partner_usage(call: Call) -> Response:
    """Answer the use of each workload over all customers."""
    workloads: dict[tuple[str, str], list[int]] = {}
    for (service, _, workload), (active, sold) in _of_partner(call).items():
        sums = workloads.setdefault((service, workload), [0, 0])
        sums[0] += active
        sums[1] += sold
    items = [
        {
            "proratedLicensesUsagePercent": _percent(active, sold),
            "workloadName": workload,
            **_common(call, service),
            "attributes": {"objectType": "PartnerLicensesUsageInsights"},
        }
        for (service, workload), (active, sold) in sorted(workloads.items())
    ]
    return Response(body=collection(items))


def partner_deployment(call: Call) -> Response:
    """Answer how many licences were sold over all customers, and the part given to users."""
    services: dict[str, list[int]] = {}
    for row in filter(is_licence, call.site.world.collection("subscriptions")):
        sums = services.setdefault(_service(str(row["offerName"])), [0, 0])
        sums[0] += used_seats(row)
        sums[1] += seats_of(row)
    items = [
        {
            "proratedDeploymentPercent": _percent(active, sold),
            "licensesSold": sold,
            **_common(call, service),
            "attributes": {"objectType": "PartnerLicensesDeploymentInsights"},
        }
        for service, (active, sold) in sorted(services.items())
    ]
    return Response(body=collection(items))


def _of_customer(call: Call, customer: dict[str, Any]) -> _Usage:
    world = call.site.world.collection("subscriptions")
    rows = call.site.subscriptions.of_customer(customer["id"])
    found = (world.get(str(row["id"])) for row in rows)
    return _sums(row for row in found if row is not None)


def _of_partner(call: Call) -> _Usage:
    return _sums(call.site.world.collection("subscriptions"))


def _sums(rows: Iterable[dict[str, Any]]) -> _Usage:
    """Return used and sold seats by service, product and workload."""
    sums: _Usage = {}
    for row in filter(is_licence, rows):
        product = product_named(str(row["offerName"]))
        workloads = [plan.workload for plan in product.plans if plan.workload]
        for workload in workloads or [product.name]:
            counts = sums.setdefault((_service(product.name), product.name, workload), [0, 0])
            counts[0] += used_seats(row)
            counts[1] += seats_of(row)
    return sums


def _service(name: str) -> str:
    return "crm" if "dynamics" in name.lower() else "o365"


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 0.0


def _common(call: Call, service: str) -> dict[str, Any]:
    day = (call.site.clock() - timedelta(days=1)).astimezone(UTC).date()
    return {
        "processedDateTime": f"{day}T00:00:00+00:00",
        "serviceName": service,
        "channel": "reseller",
    }


_CUSTOMER = "/customers/{customer}/analytics/licenses"
ROUTES = [
    Route("GET", f"{_CUSTOMER}/usage", customer_usage, Access.USER),
    Route("GET", f"{_CUSTOMER}/deployment", customer_deployment, Access.USER),
    Route("GET", "/analytics/licenses/usage", partner_usage, Access.USER),
    Route("GET", "/analytics/licenses/deployment", partner_deployment, Access.USER),
]
