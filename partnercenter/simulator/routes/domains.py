"""Whether a domain is taken: 200 is yes, 404 is no, and neither has a body."""

from partnercenter.simulator.routing import Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.wire import Response


def probe_domain(call: Call) -> Response:
    """Answer 200 for a taken domain and 404 for a free one."""
    return Response(status=200 if call.site.customers.domain_taken(call.params["domain"]) else 404)


def check_availability(call: Call) -> Response:
    """Answer true when the prefix is free under onmicrosoft.com."""
    domain = f"{call.params['prefix']}.onmicrosoft.com"
    return Response(body=not call.site.customers.domain_taken(domain))


ROUTES = [
    Route("HEAD", "/domains/{domain}", probe_domain),
    Route("GET", "/validations/checkdomainavailability/{prefix}", check_availability),
]
