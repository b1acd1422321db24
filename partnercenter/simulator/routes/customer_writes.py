"""Creating, deleting and letting go of customers.

A create is refused for what Microsoft's page "Create a customer" forbids; the checks are in
`billing_checks`.
"""

import re
import secrets
import string
import uuid
from typing import Any

from partnercenter.simulator.billing_checks import check_billing, check_registration
from partnercenter.simulator.directory import administrator
from partnercenter.simulator.errors import Problem
from partnercenter.simulator.etags import etag_of
from partnercenter.simulator.fields import pascal_keys, read_enum, read_object, without_nulls
from partnercenter.simulator.routes.customers import find_customer
from partnercenter.simulator.routing import Access, Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.stores.customers import WORLD_ONLY
from partnercenter.simulator.wire import Response

_SANDBOX_CUSTOMERS = 75
_SUFFIXES = ("onmicrosoft.com", "ccsctp.net", "partner.onmschina.cn")
_PREFIX = re.compile(r"[a-z0-9]{1,27}", re.IGNORECASE)
_PASCAL_EMPTY = (
    "id",
    "commerceId",
    "companyProfile",
    "billingProfile",
    "relationshipToPartner",
    "allowDelegatedAccess",
    "userCredentials",
    "customDomains",
    "associatedPartnerId",
)


def create_customer(call: Call) -> Response:
    """Create a tenant and answer 201 with its administrator's password, shown this once."""
    body = read_object(call.request.json())
    profile, billing = _read_profiles(body)
    _refuse_over_sandbox_limit(call)
    check_billing(billing, partner_domain=call.site.world.partner.domain)
    number = profile.get("organizationRegistrationNumber")
    check_registration(number, billing["defaultAddress"])
    _check_reseller(call, body.get("associatedPartnerId"))
    domain = _read_domain(profile.get("domain"))
    if call.site.customers.domain_taken(domain):
        switches = call.site.switches
        raise Problem(
            switches.taken_domain_status,
            switches.taken_domain_code,
            f"The domain {domain} is already in use.",
        )
    customer = _new_customer(body, billing, domain)
    credentials = {"userName": _admin_name(body), "password": new_password()}
    call.record("customer_created", customer["id"], customer=customer, credentials=credentials)
    answer = _created_answer(customer, credentials)
    silent = answer | {"userCredentials": {"userName": credentials["userName"]}}
    replayed = answer if call.site.switches.replay_password else silent
    return Response(status=201, body=answer, replayed=replayed)


def delete_customer(call: Call) -> Response:
    """Delete a customer of a sandbox partner and free its domain.

    Elsewhere it is refused whoever is named: no source says whether an unknown id is told first.
    """
    if not call.site.world.partner.sandbox:
        raise Problem(403, 600006, "Customers can be deleted in an integration sandbox only.")
    customer = find_customer(call)
    call.record("customer_deleted", customer["id"])
    return Response(status=204)


def end_relationship(call: Call) -> Response:
    """End the reseller relationship, which is all a PATCH of a customer can do."""
    body = read_object(call.request.json())
    if read_enum(body.get("relationshipToPartner"), ("none",)) is None:
        raise Problem(400, 800002, "relationshipToPartner can only be set to none.")
    _let_go(call)
    answer = dict.fromkeys(_PASCAL_EMPTY) | {
        "relationshipToPartner": "none",
        "attributes": {"objectType": "Customer"},
    }
    return Response(body=pascal_keys(answer))


def delete_relationship(call: Call) -> Response:
    """End the reseller relationship by the route of the published swagger."""
    _let_go(call)
    return Response(status=204)


def _let_go(call: Call) -> None:
    customer = find_customer(call)
    for subscription in call.site.subscriptions.of_customer(customer["id"]):
        if str(subscription.get("status", "")).lower() == "active":
            raise Problem(400, 800002, "The customer still has active subscriptions.")
    call.record("relationship_removed", customer["id"])


def _read_profiles(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    profile, billing = body.get("companyProfile"), body.get("billingProfile")
    if not isinstance(profile, dict) or not isinstance(billing, dict):
        raise Problem(400, 800002, "companyProfile and billingProfile are required.")
    return profile, without_nulls(billing)


def _refuse_over_sandbox_limit(call: Call) -> None:
    limited = call.site.world.partner.sandbox and call.site.switches.sandbox_limits
    if limited and len(call.site.customers) >= _SANDBOX_CUSTOMERS:
        raise Problem(400, 800018, f"A sandbox may hold {_SANDBOX_CUSTOMERS} customers.")


def _read_domain(value: object) -> str:
    prefix, _, suffix = str(value or "").strip().partition(".")
    if suffix.lower() not in _SUFFIXES or not _PREFIX.fullmatch(prefix):
        raise Problem(
            400,
            800002,
            "companyProfile.domain must be 1 to 27 letters and digits, then .onmicrosoft.com.",
        )
    return f"{prefix}.{suffix}"


def _check_reseller(call: Call, mpn_id: object) -> None:
    if not mpn_id or call.site.world.partner.program != "indirectProvider":
        return
    if call.site.resellers.of_mpn(mpn_id) is None:
        raise Problem(404, 800015, f"There is no indirect reseller with the id {mpn_id}.")


def _new_customer(body: dict[str, Any], billing: dict[str, Any], domain: str) -> dict[str, Any]:
    customer_id = str(uuid.uuid4())
    language, _, country = billing["culture"].partition("-")
    attributes = {"etag": etag_of(customer_id), "objectType": "CustomerBillingProfile"}
    profile = billing | {
        "id": str(uuid.uuid4()),
        "culture": f"{language.lower()}-{country.upper()}",
        "language": billing["language"].lower(),
        "defaultAddress": {"phoneNumber": ""} | billing["defaultAddress"],
        "attributes": attributes,
    }
    customer: dict[str, Any] = {
        "id": customer_id,
        "commerceId": str(uuid.uuid4()),
        "companyProfile": {
            "tenantId": customer_id,
            "domain": domain,
            "companyName": billing["companyName"],
            "attributes": {"objectType": "CustomerCompanyProfile"},
        },
        "billingProfile": profile,
        "relationshipToPartner": "reseller",
        "allowDelegatedAccess": True,
        "customDomains": [domain],
        "attributes": {"objectType": "Customer"},
        "agreementAccepted": False,
    }
    customer["users"] = [administrator(customer, _admin_name(body))]
    number = body["companyProfile"].get("organizationRegistrationNumber")
    if number:
        customer["companyProfile"]["organizationRegistrationNumber"] = str(number).strip()
    for name in ("enableGDAPByDefault", "associatedPartnerId"):
        if body.get(name) is not None:
            customer[name] = body[name]
    return customer


def _created_answer(customer: dict[str, Any], credentials: dict[str, str]) -> dict[str, Any]:
    # The answer to a create does not yet show the name and the delegated access that a read shows.
    company = {
        key: value for key, value in customer["companyProfile"].items() if key != "companyName"
    }
    left_out = {"allowDelegatedAccess", "customDomains", *WORLD_ONLY}
    answer = {key: value for key, value in customer.items() if key not in left_out}
    return answer | {"companyProfile": company, "userCredentials": credentials}


def _admin_name(body: dict[str, Any]) -> str:
    credentials = body.get("userCredentials")
    wanted = credentials.get("userName") if isinstance(credentials, dict) else None
    return str(wanted) if wanted else "admin"


def new_password() -> str:
    """Return a password as a new tenant's administrator gets it."""
    letters = string.ascii_letters + string.digits
    return "".join(secrets.choice(letters) for _ in range(12)) + "-a1B"


ROUTES = [
    Route("POST", "/customers", create_customer, idempotent=True),
    Route("DELETE", "/customers/{customer}", delete_customer),
    Route("PATCH", "/customers/{customer}", end_relationship, Access.USER),
    Route(
        "DELETE",
        "/customers/{customer}/CustomerPartnerRelationships/reseller",
        delete_relationship,
        Access.USER,
    ),
]
