"""Relationships between partners, and between customers and partners."""

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any
from urllib.parse import urlencode

from partnercenter.simulator.countries import codes
from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import read_enum
from partnercenter.simulator.paging import collection
from partnercenter.simulator.routes.customers import find_customer
from partnercenter.simulator.routing import Access, Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.wire import Response

_PROVIDER_OF = "IsIndirectCloudSolutionProviderOf"
_RESELLER_OF = "IsIndirectResellerOf"
_WIRE_TYPE = {
    _PROVIDER_OF: "is_indirect_cloud_solution_provider_of",
    _RESELLER_OF: "is_indirect_reseller_of",
}
_CHUNK = 500
_MONTH = timedelta(days=30)
_FAQ = "https://learn.microsoft.com/partner-center/mpa-indirect-provider-faq"
_ID_PARAMETERS = ("indirectCloudSolutionProviderId", "indirectResellerId")
_EUROPE = frozenset(
    codes(
        "AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE "
        "SI SK"
    )
)
_REGIONS = {
    "AU": "Australia",
    "BR": "Brazil",
    "CA": "Canada",
    "IN": "India",
    "JP": "Japan",
    "US": "United States",
    "ZA": "South Africa",
}


def list_relationships(call: Call) -> Response:
    """Answer the partners the caller has a relationship of one type with.

    A provider is asked for its resellers, a reseller for its providers; the other question has an
    empty answer. Raises Problem 400 without `relationship_type`, which is spelt with an underscore.
    """
    asked = call.request.query.get("relationship_type")
    if not asked:
        raise Problem(400, 800002, "relationship_type is required.")
    wanted = read_enum(asked, _WIRE_TYPE)
    if wanted is None:
        raise Problem(400, 900126, f"{asked!r} is not a type of relationship.")
    site = call.site
    partners: list[dict[str, Any]] = []
    if wanted == _PROVIDER_OF and site.world.partner.program == "indirectProvider":
        partners = list(site.resellers)
    elif wanted == _RESELLER_OF and site.world.partner.program == "indirectReseller":
        partners = list(site.world.collection("indirect_providers"))
    items = [_relationship(partner, wanted) for partner in partners]
    return Response(body=collection(items))


def list_customer_relationships(call: Call) -> Response:
    """Answer the indirect resellers of a customer: of the customer itself and its subscriptions."""
    customer = find_customer(call)
    rows = call.site.subscriptions.of_customer(customer["id"])
    named = [customer.get("associatedPartnerId"), *(row.get("partnerId") for row in rows)]
    items = []
    for mpn_id in dict.fromkeys(str(one) for one in named if one):
        reseller = call.site.resellers.of_mpn(mpn_id)
        if reseller is not None:
            whole = _relationship(reseller, _PROVIDER_OF)
            items.append({key: whole[key] for key in whole if key not in ("state", "location")})
    return Response(body=collection(items))


def get_relationship_request(call: Call) -> Response:
    """Answer the link by which a customer accepts the partner as its reseller.

    Raises Problem 403 in a sandbox, whose partners cannot invite customers, and 400/800002 for an
    id that is not a GUID.
    """
    partner = call.site.world.partner
    if partner.sandbox:
        raise Problem(403, 600006, "A sandbox partner cannot invite customers.")
    query = {"invType": "ResellerRelationship", "partnerId": partner.tenant_id, "msppId": "0"}
    for name in _ID_PARAMETERS:
        value = call.request.query.get(name.lower())
        if value is None:
            continue
        if not _is_guid(value):
            raise Problem(400, 800002, f"{name} must be a GUID.")
        query |= {"invType": "IndirectResellerRelationship", name: value}
    if call.request.query.get("dualroleindirectrelationship", "").lower() == "true":
        query["dualRoleIndirectRelationship"] = "true"
    url = f"https://admin.microsoft.com/Adminportal/Home?{urlencode(query | {'DAP': 'false'})}"
    return Response(
        body={
            "url": f"{url}#/BillingAccounts/partner-invitation",
            "attributes": {"objectType": "RelationshipRequest"},
        }
    )


def get_agreement_status(call: Call) -> Response:
    """Answer whether a reseller signed the partner agreement; every doubt is a 400.

    Codes: 2000 malformed or both given, 2001 neither given, 2200 unknown MPN id, 2201 another
    region, 2203 unsigned in the region, 2204 no reseller account, 2205 unknown tenant, 2206
    unsigned by the tenant. Source: page "Verify an indirect reseller's MPA status".
    """
    mpn_id = call.request.query.get("mpnid") or ""
    tenant_id = call.request.query.get("tenantid") or ""
    if not mpn_id and not tenant_id:
        text = "Both MPN Id and Tenant Id cannot be empty."
        raise Problem(400, 2001, text, source="ComplianceController")
    fault = ""
    if mpn_id and tenant_id:
        fault = "Either MPN Id or Tenant Id must be given, not both."
    elif tenant_id and not _is_guid(tenant_id):
        fault = "Tenant Id must be a GUID."
    elif mpn_id and not (mpn_id.isascii() and mpn_id.isdigit()):
        fault = "MPN Id must be numeric."
    if fault:
        raise Problem(400, 2000, fault, source="PartnerApiServiceControllers")
    if mpn_id:
        _require_signed_mpn(call, mpn_id)
    else:
        _require_signed_tenant(call, tenant_id)
    return Response(body={"isAgreementSigned": True})


def get_delegated_admin_statistics(call: Call) -> Response:
    """Answer how many customers grant delegated access, by two days: a month ago and today.

    Customers created here count today alone. Reads every customer of the world.
    """
    if call.params["name"].strip().lower() != "delegatedadminstatistics":
        raise Problem(404, 1000, f"There is no resource {call.params['name']}.")
    site, now = call.site, call.site.clock()
    created = {effect.subject for effect in site.ledger.find(kind="customer_created")}
    granted = {True: 0, False: 0}
    fresh = 0
    for customer in _every_customer(call):
        granted[customer.get("allowDelegatedAccess") is not False] += 1
        fresh += customer["id"] in created
    days = [f"{day.month}/{day.day}/{day.year}" for day in (now - _MONTH, now)]
    counts = {True: (granted[True] - fresh, granted[True]), False: (granted[False],) * 2}
    tenant = site.world.partner.tenant_id
    host = f"{call.request.scheme}://{call.request.host}/CustomerServiceAdminApi/Web/v1"
    return Response(
        body={
            "@odata.context": f"{host}/$metadata#delegatedAdminStatistics/$entity",
            "id": tenant,
            "partnerTenantId": tenant,
            "totalDapCustomerCount": granted[True],
            "establishedDapCount": _by_day(days, counts[True]),
            "inactiveDapCount": _by_day(days, counts[False]),
        }
    )


def _require_signed_mpn(call: Call, mpn_id: str) -> None:
    partner = call.site.world.partner
    reseller = call.site.resellers.of_mpn(mpn_id)
    if reseller is None:
        if mpn_id == partner.mpn_id:
            return
        raise Problem(400, 2200, f"Could not find a partner with the MPN Id {mpn_id}.")
    if reseller.get("cspAccount") is False:
        text = f"PartnerID {mpn_id} has no account in the CSP reseller programme."
        raise Problem(400, 2204, text, data=[_FAQ])
    own, other = _region(partner.country), _region(reseller.get("location") or partner.country)
    if own != other:
        raise Problem(
            400,
            2201,
            f"The CSP region of the requested PartnerID {mpn_id} is {other} and doesn't match the "
            f"CSP region {own} of Indirect Provider with Tenant id {partner.tenant_id}.",
            data=[_FAQ],
        )
    if reseller.get("mpaSigned") is False:
        text = f"PartnerID {mpn_id} hasn't signed the agreement in the region {own}."
        raise Problem(400, 2203, text, data=[_FAQ])


def _require_signed_tenant(call: Call, tenant_id: str) -> None:
    reseller = call.site.resellers.of_tenant(tenant_id)
    if reseller is None:
        if tenant_id.lower() == call.site.world.partner.tenant_id.lower():
            return
        raise Problem(400, 2205, f"Could not find account with id '{tenant_id}'.")
    if reseller.get("mpaSigned") is False:
        text = f"The account of Tenant Id {tenant_id} hasn't signed the agreement."
        raise Problem(400, 2206, text, data=[_FAQ])


def _relationship(partner: dict[str, Any], kind: str) -> dict[str, Any]:
    relationship = {
        "id": partner.get("id"),
        "name": partner.get("name"),
        "relationshipType": _WIRE_TYPE[kind],
        "state": partner.get("state") or "Active",
        "mpnId": partner.get("mpnId") and str(partner["mpnId"]),
        "location": partner.get("location"),
    }
    shown = {key: value for key, value in relationship.items() if value is not None}
    return shown | {"attributes": {"objectType": "PartnerRelationship"}}


def _every_customer(call: Call) -> Iterator[dict[str, Any]]:
    for position in count(0, _CHUNK):
        rows = call.site.customers.page(position, _CHUNK)
        yield from (row for row in rows if row is not None)
        if len(rows) < _CHUNK:
            return


def _by_day(days: list[str], counts: tuple[int, ...]) -> list[dict[str, Any]]:
    return [{"date": day, "count": number} for day, number in zip(days, counts, strict=True)]


def _region(country: str) -> str:
    code = country.upper()
    return "EU/EFTA" if code in _EUROPE else _REGIONS.get(code, code)


def _is_guid(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text.lower()) is not None


ROUTES = [
    # Before the customers: this path has the form of a customer's.
    Route("GET", "/customers/relationshiprequests", get_relationship_request, Access.USER),
    Route("GET", "/customers/{customer}/relationships", list_customer_relationships, Access.USER),
    Route("GET", "/relationships", list_relationships, Access.USER),
    Route("GET", "/compliance/csp/agreementstatus", get_agreement_status),
    Route(
        "GET",
        "/CustomerServiceAdminApi/Web/v1/{name}",
        get_delegated_admin_statistics,
        versioned=False,
    ),
]
