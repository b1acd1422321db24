"""The profiles of the partner itself, and the one of a partner by its MPN id."""

from collections.abc import Callable
from typing import Any

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.etags import etag_of
from partnercenter.simulator.fields import pascal_keys, read_enum, read_object, without_nulls
from partnercenter.simulator.routing import Access, Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.wire import Response

_TYPES = {
    "legalbusiness": "LegalBusinessProfile",
    "organization": "OrganizationProfile",
    "billing": "BillingProfile",
    "support": "SupportProfile",
}
_WITH_ETAG = ("organization", "billing")


def get_legal_business(call: Call) -> Response:
    """Answer the legal business profile; both vetting versions are the same here."""
    version = call.request.query.get("vettingversion", "Current")
    if read_enum(version, ("Current", "LastFinalized")) is None:
        raise Problem(400, 900126, f"{version!r} is not a vetting version.")
    return _get("legalbusiness")(call)


def put_billing(call: Call) -> Response:
    """Replace the partner's billing profile; this old route echoes its input in PascalCase."""
    body = read_object(call.request.json())
    _record(call, "billing", body)
    return Response(body=pascal_keys(body))


def get_mpn(call: Call) -> Response:
    """Answer the network profile of the caller or of a known MPN id.

    Raises Problem 404/3000 for an id that is neither the caller's nor one of its resellers'.
    """
    partner = call.site.world.partner
    mpn_id = call.request.query.get("mpnid") or partner.mpn_id
    if mpn_id != partner.mpn_id and call.site.resellers.of_mpn(mpn_id) is None:
        text = f"Partner Organization with partner_id {mpn_id} could not be found"
        raise Problem(404, 3000, text)
    return Response(
        body={
            "mpnId": mpn_id,
            "profileType": "MpnProfile",
            "links": {"self": call.link("/profiles/mpn")},
            "attributes": {"objectType": "MpnProfile"},
        }
    )


def _get(name: str) -> Callable[[Call], Response]:
    def get_profile(call: Call) -> Response:
        return Response(body=_shown(call, name))

    return get_profile


def _put(name: str) -> Callable[[Call], Response]:
    def put_profile(call: Call) -> Response:
        _record(call, name, read_object(call.request.json()))
        return Response(body=_shown(call, name))

    return put_profile


def _record(call: Call, name: str, body: dict[str, Any]) -> None:
    outer = ("links", "attributes", "profileType")
    profile = {key: value for key, value in body.items() if key not in outer}
    call.record("partner_profile_written", name, profile=without_nulls(profile))


def _shown(call: Call, name: str) -> dict[str, Any]:
    profile = call.site.profiles.get(name)
    attributes = {"objectType": _TYPES[name]}
    if name in _WITH_ETAG:
        attributes = {"etag": etag_of(repr(sorted(profile.items())))} | attributes
    return profile | {
        "profileType": _TYPES[name],
        "links": {"self": call.link(f"/profiles/{name}")},
        "attributes": attributes,
    }


ROUTES = [
    Route("GET", "/profiles/legalbusiness", get_legal_business, Access.USER),
    Route("PUT", "/profiles/legalbusiness", _put("legalbusiness"), Access.USER),
    Route("GET", "/profiles/organization", _get("organization"), Access.USER),
    Route("PUT", "/profiles/organization", _put("organization"), Access.USER),
    Route("GET", "/profiles/billing", _get("billing"), Access.USER),
    Route("PUT", "/profiles/billing", put_billing, Access.USER),
    Route("GET", "/profiles/support", _get("support"), Access.USER),
    Route("PUT", "/profiles/support", _put("support"), Access.USER),
    # The documentation page writes this path, SDK and swagger the one above.
    Route("PUT", "/profiles/supportprofile", _put("support"), Access.USER),
    Route("GET", "/profiles/mpn", get_mpn, Access.USER),
    Route("GET", "/profiles/partnernetworkprofile", get_mpn, Access.USER),
]
