"""Indirect resellers for a sandbox: whole tenants made and deleted by one call."""

import re
import uuid
from typing import Any

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import read_object
from partnercenter.simulator.identity import object_id
from partnercenter.simulator.routes.customer_writes import new_password
from partnercenter.simulator.routing import Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.wire import Response

_MOST_RESELLERS = 5


def create_reseller(call: Call) -> Response:
    """Make an indirect reseller that has signed the partner agreement; its password shows once.

    Raises Problem 403/600006 outside an indirect provider's sandbox, 400/800018 for a sixth
    reseller and 400/800002 for a body without MPN id, domain prefix or company name.
    """
    _require_sandbox(call)
    body = read_object(call.request.json())
    tenant, business = body.get("tenant"), body.get("legalBusinessProfile")
    if not isinstance(tenant, dict) or not isinstance(business, dict):
        raise Problem(400, 800002, "tenant and legalBusinessProfile are required.")
    mpn_id, prefix = str(body.get("mpnId") or ""), str(tenant.get("domainPrefix") or "")
    if not re.fullmatch("[0-9]{1,10}", mpn_id):
        raise Problem(400, 800002, "mpnId must be a number.")
    if not re.fullmatch("[A-Za-z0-9]{1,27}", prefix) or not business.get("companyName"):
        raise Problem(400, 800002, "tenant.domainPrefix or companyName cannot be used.")
    limited = call.site.switches.sandbox_limits
    if limited and len(list(call.site.resellers)) >= _MOST_RESELLERS:
        raise Problem(400, 800018, f"A sandbox may hold {_MOST_RESELLERS} indirect resellers.")
    account = str(uuid.uuid4())
    call.record(
        "indirect_reseller_created",
        account,
        reseller={
            "id": account,
            "name": business["companyName"],
            "state": "Active",
            "mpnId": mpn_id,
            "location": str(tenant.get("country") or call.site.world.partner.country).upper(),
        },
    )
    administrator = f"{tenant.get('adminUserName') or 'admin'}@{prefix}.onmicrosoft.com"
    answer = {
        "accountId": account,
        "mpnId": mpn_id,
        "tenant": {"id": account, "adminUserAccount": administrator, "password": new_password()},
        "agreementSignature": _signature(call, account, first_name=tenant.get("adminFirstName")),
        "partnerRelationship": {
            "id": call.site.world.partner.tenant_id,
            "name": call.site.world.partner.company_name,
            "relationshipType": "is_indirect_reseller_of",
            "state": "Active",
            "mpnId": mpn_id,
            "attributes": {"objectType": "PartnerRelationshipResponse"},
        },
    }
    return Response(body=answer)


def delete_reseller(call: Call) -> Response:
    """Delete an indirect reseller of a sandbox.

    Raises Problem 403/600006 outside a sandbox and 404/60003 for an unknown reseller.
    """
    _require_sandbox(call)
    reseller = call.site.resellers.of_tenant(call.params["reseller"])
    if reseller is None:
        raise Problem(404, 60003, f"Reseller {call.params['reseller']} was not found.")
    call.record("indirect_reseller_deleted", reseller["id"])
    return Response(status=204)


def _require_sandbox(call: Call) -> None:
    partner = call.site.world.partner
    if not partner.sandbox or partner.program != "indirectProvider":
        raise Problem(403, 600006, "Only a sandbox of an indirect provider has such resellers.")


def _signature(call: Call, account: str, *, first_name: Any) -> dict[str, Any]:
    partner, user = call.site.world.partner, call.user()
    return {
        "id": str(uuid.uuid4()),
        "accountId": account,
        "agreementId": str(uuid.uuid5(uuid.NAMESPACE_DNS, "value added reseller agreement")),
        "agreementType": "ValueAddedReseller",
        "dateSigned": call.site.clock().isoformat().replace("+00:00", "Z"),
        "signedByFirstName": str(first_name or "Admin"),
        "signedByUserPrincipalName": user,
        "signedByUserObjectId": object_id(user),
        "signedByUserTenantId": partner.tenant_id,
        "attributes": {"objectType": "AgreementSignatureResponse"},
    }


ROUTES = [
    Route("POST", "/sandboxIndirectReseller", create_reseller, idempotent=True),
    Route("DELETE", "/sandboxIndirectReseller/{reseller}", delete_reseller),
]
