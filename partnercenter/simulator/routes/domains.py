"""Domains: whether one is taken (200 is yes, 404 is no, neither has a body), and adding one.

Adding a domain to a customer is known from the published swagger alone: "PostVerifiedDomain".
"""

import re

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import read_enum, read_object
from partnercenter.simulator.routes.customers import find_customer, require_delegated_access
from partnercenter.simulator.routing import Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.stores.customers import domains_of
from partnercenter.simulator.wire import Response

_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_MANAGED = "managed"


def probe_domain(call: Call) -> Response:
    """Answer 200 for a taken domain and 404 for a free one."""
    return Response(status=200 if call.site.customers.domain_taken(call.params["domain"]) else 404)


def check_availability(call: Call) -> Response:
    """Answer true when the prefix is free under onmicrosoft.com."""
    domain = f"{call.params['prefix']}.onmicrosoft.com"
    return Response(body=not call.site.customers.domain_taken(domain))


def add_domain(call: Call) -> Response:
    """Add a domain that the customer has proved to own.

    Raises Problem 400/800002 for a name that is no domain and, with the switches' status and code,
    for one that is taken.
    """
    customer = find_customer(call)
    require_delegated_access(call, customer)
    body = read_object(call.request.json())
    inner = body["domain"] if isinstance(body.get("domain"), dict) else body
    name = str(inner.get("name") or body.get("verifiedDomainName") or "").strip().lower()
    if not _DOMAIN.fullmatch(name):
        raise Problem(400, 800002, f"{name!r} is not a domain.")
    if call.site.customers.domain_taken(name):
        switches = call.site.switches
        raise Problem(
            switches.taken_domain_status,
            switches.taken_domain_code,
            f"The domain {name} is already in use.",
        )
    kind = inner.get("authenticationType") or _MANAGED
    call.record("domain_verified", customer["id"], domain=name)
    return Response(
        status=201,
        body={
            "authenticationType": read_enum(kind, (_MANAGED, "federated")) or _MANAGED,
            "capability": "email",
            "isDefault": False,
            "isInitial": False,
            "name": name,
            "status": "verified",
            "verificationMethod": "dns_record",
        },
    )


def probe_verified_domain(call: Call) -> Response:
    """Answer 200 when a domain is one of the customer's and 404 otherwise."""
    customer = find_customer(call)
    require_delegated_access(call, customer)
    wanted = call.request.query.get("domain", "").strip().lower()
    return Response(status=200 if wanted in domains_of(customer) else 404)


ROUTES = [
    Route("HEAD", "/domains/{domain}", probe_domain),
    Route("GET", "/validations/checkdomainavailability/{prefix}", check_availability),
    Route("POST", "/customers/{customer}/verifieddomain", add_domain),
    Route("HEAD", "/customers/{customer}/verifieddomain", probe_verified_domain),
]
