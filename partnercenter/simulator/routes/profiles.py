"""The billing and company profiles of a customer; a billing profile is written under its etag."""

from typing import Any

from partnercenter.simulator.billing_checks import check_billing
from partnercenter.simulator.errors import Problem
from partnercenter.simulator.etags import etag_of
from partnercenter.simulator.fields import read_object, without_nulls
from partnercenter.simulator.routes.customers import find_customer, has_delegated_access
from partnercenter.simulator.routing import Access, Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.wire import Response


def get_billing_profile(call: Call) -> Response:
    """Answer the one billing profile of a customer, with its etag."""
    return Response(body=without_nulls(_billing_profile(call)))


def put_billing_profile(call: Call) -> Response:
    """Replace a billing profile when `If-Match` holds its current etag in double quotes.

    The status for a missing header is not documented (400 here), nor the one for a stale etag
    (412).
    """
    current = _billing_profile(call)
    expected = call.request.headers.get("if-match")
    if not expected:
        raise Problem(400, 800002, "If-Match with the profile's etag is required.")
    if expected != f'"{current["attributes"]["etag"]}"':
        raise Problem(412, 800036, "The profile has changed. Read it again before writing.")
    written = without_nulls(read_object(call.request.json()))
    check_billing(written, partner_domain=call.site.world.partner.domain)
    etag = etag_of(f"{current['attributes']['etag']} {call.request.request_id}")
    profile = written | {
        "id": current["id"],
        "attributes": {"etag": etag, "objectType": "CustomerBillingProfile"},
    }
    profile["links"] = {"self": call.link(f"/customers/{_customer_id(call)}/profiles/billing")}
    call.record("billing_profile_written", _customer_id(call), profile=profile)
    return Response(body=profile)


def get_company_profile(call: Call) -> Response:
    """Answer the company profile; address and e-mail need delegated access."""
    customer = find_customer(call)
    profile = dict(customer.get("companyProfile") or {})
    if not has_delegated_access(call, customer):
        profile.pop("address", None)
        profile.pop("email", None)
    profile.setdefault("tenantId", customer["id"])
    uri = f"/customers/{customer['id']}/profiles/company"
    profile.setdefault("links", {"self": call.link(uri)})
    return Response(body=without_nulls(profile))


def _billing_profile(call: Call) -> dict[str, Any]:
    customer = find_customer(call)
    profile = customer.get("billingProfile")
    if not profile:
        raise Problem(404, 1000, "The customer has no billing profile.")
    attributes = dict(profile.get("attributes") or {"objectType": "CustomerBillingProfile"})
    # A world written by hand may leave the etag out; it must still be there, and stay the same.
    attributes.setdefault("etag", etag_of(customer["id"]))
    profile = {"id": etag_of(customer["id"])} | profile | {"attributes": attributes}
    uri = f"/customers/{customer['id']}/profiles/billing"
    profile.setdefault("links", {"self": call.link(uri)})
    return dict(profile)


def _customer_id(call: Call) -> str:
    return str(find_customer(call)["id"])


ROUTES = [
    Route("GET", "/customers/{customer}/profiles/billing", get_billing_profile),
    Route("PUT", "/customers/{customer}/profiles/billing", put_billing_profile),
    Route("GET", "/customers/{customer}/profiles/company", get_company_profile, Access.USER),
]
