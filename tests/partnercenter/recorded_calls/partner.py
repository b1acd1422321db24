"""Recordings of what is around customers: agreements, relationships, audit, webhooks, Graph."""

from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from partnercenter import errors
from partnercenter.client import PartnerCenter
from partnercenter.schemas import Address, AgreementContact
from partnercenter.schemas.webhooks import read_webhook_event
from tests.partnercenter.recorded_calls.calling import Routes, send

AREAS = (
    "address-validation",
    "agreements",
    "audit",
    "country-rules",
    "gdap",
    "mpn-profile",
    "relationships",
    "security-mfa",
    "service-health",
    "support",
    "webhooks",
)

REFUSED: dict[str, type[errors.PartnerCenterError]] = {
    "create-agreement-duplicate-600061": errors.AgreementExists,
    "get-partner-by-mpn-id-2": errors.ProfileNotFound,
    "verify-indirect-reseller-mpa-status-2": errors.InvalidRequest,
    "verify-indirect-reseller-mpa-status-3": errors.InvalidRequest,
    "verify-indirect-reseller-mpa-status-4": errors.InvalidRequest,
    "verify-indirect-reseller-mpa-status-7": errors.PartnerRegionMismatch,
    "verify-indirect-reseller-mpa-status-10": errors.PartnerAccountUnknown,
    "verify-indirect-reseller-mpa-status-11": errors.PartnerAgreementMissing,
}


def _query(request: dict[str, Any]) -> dict[str, str]:
    pairs = parse_qs(urlsplit(request["path"]).query)
    return {name.lower(): values[0] for name, values in pairs.items()}


def _check_address(client: PartnerCenter, request: dict[str, Any], _: Any) -> Any:
    body = request["body"]
    address = Address(
        country=body["Country"],
        city=body["City"],
        state=body["State"],
        postal_code=body["PostalCode"],
        address_line1=body["AddressLine1"],
    )
    return client.addresses.check(address)


def _confirm(client: PartnerCenter, request: dict[str, Any], match: Any) -> Any:
    body = request["body"]
    person = body["primaryContact"]
    return client.agreements.confirm(
        match["id"],
        body["templateId"],
        AgreementContact(
            first_name=person["firstName"],
            last_name=person["lastName"],
            email=person["email"],
            phone_number=person["phoneNumber"],
        ),
        agreed=datetime(2026, 11, 21, tzinfo=UTC),
        request_id="the-callers-own",
    )


def _agreement_status(client: PartnerCenter, request: dict[str, Any], match: Any) -> Any:
    query = _query(request)
    tenant, number = query.get("tenantid"), query.get("mpnid")
    if tenant == "12345678-ACBD-1234-ABCD-123456789ABC":
        return client.relationships.has_signed(tenant_id=tenant)
    if number is not None:
        return client.relationships.has_signed(mpn_id=number)
    # What our own method would not even send.
    return send(dict)(client, request, match)


ROUTES: Routes = [
    (r"POST /v1/validations/address", _check_address),
    (
        r"GET /v1/countryvalidationrules/(?P<id>\w+)",
        lambda client, _, match: client.addresses.country_rules(match["id"]),
    ),
    (
        r"GET /v1/agreements",
        lambda client, request, _: client.agreements.templates(
            _query(request).get("agreementtype", "*")
        ),
    ),
    (r"POST /v1/customers/(?P<id>[^/]+)/agreements", _confirm),
    (
        r"GET /v1/customers/(?P<id>[^/]+)/agreements",
        lambda client, request, match: client.agreements.of_customer(
            match["id"], _query(request).get("agreementtype", "*")
        ),
    ),
    (
        r"GET /v1/auditrecords",
        lambda client, _, match: next(client.audit.pages(date(2017, 6, 1))),
    ),
    (
        r"GET /v1.0/tenantRelationships/delegatedAdminRelationships",
        lambda client, _, match: list(client.delegated_admin.list()),
    ),
    (
        r"GET /v1.0/admin/serviceAnnouncement/healthOverviews",
        lambda client, _, match: list(client.service_status.list()),
    ),
    (
        r"GET /v1/profiles/mpn",
        lambda client, request, _: client.profiles.mpn(_query(request).get("mpnid")),
    ),
    (
        r"GET /v1/customers/relationshiprequests",
        lambda client, _, match: client.relationships.request_link(),
    ),
    (
        r"GET /v1/customers/(?P<id>[^/]+)/relationships",
        lambda client, _, match: client.relationships.of_customer(match["id"]),
    ),
    (
        r"GET /v1/relationships",
        lambda client, _, match: client.relationships.indirect_resellers(),
    ),
    (
        r"PATCH /v1/customers/(?P<id>[^/]+)",
        lambda client, _, match: client.customers.end_relationship(match["id"]),
    ),
    (r"GET /v1/compliance/csp/agreementstatus", _agreement_status),
    # The sandbox's resellers and the statistics of an administration that is gone have no method.
    (r"(?:POST|DELETE) /v1/sandboxIndirectReseller(?:/.+)?", send(dict)),
    (r"GET /CustomerServiceAdminApi/.+", send(dict)),
    (r"GET /v1/partnerRequests", lambda client, _, match: client.security.api_requests()),
    (
        r"GET /v1/nonMfaCompliantPartnerPrincipals",
        lambda client, _, match: client.security.principals_without_mfa(),
    ),
    (
        r"GET /v1/customers/(?P<id>[^/]+)/servicerequests",
        lambda client, _, match: next(client.service_requests.list(match["id"]), None),
    ),
    (
        r"GET /webhooks/v1/registration/events",
        lambda client, _, match: client.webhooks.event_names(),
    ),
    (r"GET /webhooks/v1/registration", lambda client, _, match: client.webhooks.registration()),
    (
        r"POST /webhooks/v1/registration",
        lambda client, request, _: client.webhooks.register(
            request["body"]["WebhookUrl"], request["body"]["WebhookEvents"]
        ),
    ),
    (
        r"PUT /webhooks/v1/registration",
        lambda client, request, _: client.webhooks.replace(
            request["body"]["WebhookUrl"], request["body"]["WebhookEvents"]
        ),
    ),
    (
        r"POST /webhooks/v1/registration/validationEvents",
        lambda client, _, match: client.webhooks.send_test(),
    ),
    # These come in; nothing is asked.
    (r"POST /webhooks/callback", lambda _, request, match: read_webhook_event(request["body"])),
]
