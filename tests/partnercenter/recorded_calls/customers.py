"""Recordings of customers, domains and profiles."""

from partnercenter import errors
from partnercenter.schemas.customers import read_customer
from partnercenter.schemas.profiles import (
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
    (r"POST /v1/customers", send(read_customer)),
    (
        r"PUT /v1/customers/[^/]+/profiles/billing",
        send(read_billing_profile),
    ),
    (
        r"PUT /v1/profiles/organization",
        send(read_organization_profile),
    ),
    (
        r"PUT /v1/profiles/legalbusiness",
        send(read_legal_business_profile),
    ),
    (r"PUT /v1/profiles/billing", send(read_partner_billing_profile)),
    (r"(?:GET|POST|DELETE) /v1/customers/.+", send(lambda body: body)),
]
