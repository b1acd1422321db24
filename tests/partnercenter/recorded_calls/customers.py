"""Recordings of customers, domains and profiles."""

from typing import Any

from partnercenter import errors
from partnercenter.client import PartnerCenter
from partnercenter.schemas.new_customers import NewCustomer
from partnercenter.schemas.profiles import (
    Address,
    read_billing_profile,
    read_legal_business_profile,
    read_organization_profile,
    read_partner_billing_profile,
)
from tests.partnercenter.recorded_calls.calling import Routes, send

AREAS = ("customers", "domains", "profiles", "auth", "errors")

REFUSED: dict[str, type[errors.PartnerCenterError]] = {
    "api-mfa-required-401": errors.MfaRequired,
    "no-reseller-relationship-20002": errors.NoResellerRelationship,
    "order-status-none-400": errors.InvalidRequest,
    "throttled-429": errors.Throttled,
    "token-invalid-grant-401": errors.ReconnectNeeded,
}


def _create(client: PartnerCenter, request: dict[str, Any], _: Any) -> Any:
    body = request["body"]
    billing = body["BillingProfile"]
    address = billing["DefaultAddress"]
    created = client.customers.create(
        NewCustomer(
            domain=body["CompanyProfile"]["Domain"],
            company_name=billing["CompanyName"],
            email=billing["Email"],
            culture=billing["Culture"],
            language=billing["Language"],
            address=Address(country=address["Country"], city=address["City"]),
        ),
        request_id="the-callers-own",
    )
    assert created.password == "<redacted>"
    return created


ROUTES: Routes = [
    (r"GET /v1/customers", lambda client, _, match: list(client.customers.list())),
    (
        r"GET /v1/customers/(?P<id>[^/]+)",
        lambda client, _, match: client.customers.get(match["id"]),
    ),
    (
        r"GET /v1/customers/(?P<id>[^/]+)/customDomains",
        lambda client, _, match: client.customers.custom_domains(match["id"]),
    ),
    (
        r"GET /v1/customers/(?P<id>[^/]+)/profiles/billing",
        lambda client, _, match: client.profiles.customer_billing(match["id"]),
    ),
    (
        r"GET /v1/customers/(?P<id>[^/]+)/profiles/company",
        lambda client, _, match: client.profiles.customer_company(match["id"]),
    ),
    (r"HEAD /v1/domains/(?P<id>.+)", lambda client, _, match: client.domains.is_taken(match["id"])),
    (
        r"GET /v1/profiles/legalbusiness",
        lambda client, request, _: client.profiles.legal_business(
            last_finalized="LastFinalized" in request["path"]
        ),
    ),
    (r"GET /v1/profiles/organization", lambda client, _, match: client.profiles.organization()),
    (r"GET /v1/profiles/billing", lambda client, _, match: client.profiles.billing()),
    (r"GET /v1/profiles/mpn", lambda client, _, match: client.profiles.mpn("9999999")),
    (r"POST /v1/customers", _create),
    (
        r"GET /v1/customers/(?P<id>[^/]+)/organization",
        lambda client, _, match: client.customers.organization(match["id"]),
    ),
    (
        r"DELETE /v1/customers/(?P<id>[^/]+)",
        lambda client, _, match: client.customers.delete(match["id"]),
    ),
    (
        r"PUT /v1/customers/(?P<id>[^/]+)/profiles/billing",
        lambda client, request, match: client.profiles.change_customer_billing(
            match["id"], read_billing_profile(request["body"]), {"CompanyName": "CompanyName"}
        ),
    ),
    (
        r"PUT /v1/profiles/organization",
        lambda client, request, _: client.profiles.change_organization(
            read_organization_profile(request["body"]), {}
        ),
    ),
    (
        r"PUT /v1/profiles/legalbusiness",
        lambda client, request, _: client.profiles.change_legal_business(
            read_legal_business_profile(request["body"]), {}
        ),
    ),
    (
        r"PUT /v1/profiles/billing",
        lambda client, request, _: client.profiles.change_billing(
            read_partner_billing_profile(request["body"]), {}
        ),
    ),
    (r"(?:GET|POST|DELETE) /v1/customers/.+", send(lambda body: body)),
]
