"""The token endpoints of both generations, over the same grants.

v1 takes a `resource` and answers numbers as text, v2 takes a `scope` and answers integers.
Everything else, and every refusal, is the same.
"""

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from partnercenter.simulator.identity import (
    GRAPH,
    Caller,
    access_claims,
    canonical_audience,
    object_id,
)
from partnercenter.simulator.routes.token_errors import TokenRefusal, refusal_response
from partnercenter.simulator.routing import Access, Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.stores.grants import CODE_LIFE
from partnercenter.simulator.wire import Response

ANY_TENANT = ("common", "organizations")
_OPENID_SCOPES = frozenset({"openid", "profile", "email", "offline_access"})


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token request proved: who calls, and what goes into the answer."""

    caller: Caller
    kind: str
    redeemed: str = ""
    nonce: str = ""


def issue_v1(call: Call) -> Response:
    """Answer a token request of the older endpoint."""
    return _issue(call, version=1)


def issue_v2(call: Call) -> Response:
    """Answer a token request of the newer endpoint."""
    return _issue(call, version=2)


def _issue(call: Call, *, version: int) -> Response:
    form = call.request.form()
    try:
        check_tenant(call, delegated=form.get("grant_type") != "client_credentials")
        _check_client(call, form)
        grant = _redeem(call, form, audience=_read_audience(form, version))
    except TokenRefusal as refusal:
        password = call.site.switches.bad_password_status if refusal.code == 50126 else None
        return refusal_response(refusal, call.request, now=call.site.clock(), status=password)
    return Response(
        body=_token_body(call, grant, form, version=version),
        headers={"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"},
    )


def check_tenant(call: Call, *, delegated: bool) -> str:
    """Return the partner's tenant id for the tenant named in the path.

    Raises TokenRefusal 90002 for any other tenant; a signed-in user may come in by a common name
    too.
    """
    partner = call.site.world.partner
    named = call.params["tenant"].lower()
    known = {partner.tenant_id.lower(), partner.domain.lower()}
    if named not in known and not (delegated and named in ANY_TENANT):
        raise TokenRefusal(90002, f"tenant {call.params['tenant']}")
    return partner.tenant_id


def _check_client(call: Call, form: Mapping[str, str]) -> None:
    partner = call.site.world.partner
    client_id, secret = form.get("client_id"), form.get("client_secret")
    basic = _basic_credentials(call.request.headers.get("authorization", ""))
    if basic is not None:
        client_id, secret = basic
    if not client_id:
        raise TokenRefusal(900144, "client_id")
    if client_id.lower() != partner.client_id.lower():
        raise TokenRefusal(700016, f"application {client_id}")
    if secret is None:
        raise TokenRefusal(7000218)
    if not hmac.compare_digest(secret.encode(), partner.client_secret.encode()):
        raise TokenRefusal(7000215)


def _read_audience(form: Mapping[str, str], version: int) -> str | None:
    """Return the audience asked for, or None when the request leaves it to the grant."""
    if version == 1:
        wanted = [form["resource"]] if form.get("resource") else []
    else:
        wanted = [one for one in form.get("scope", "").split() if one not in _OPENID_SCOPES]
    if not wanted:
        return None
    audience = canonical_audience(wanted[0])
    if audience is None:
        raise TokenRefusal(500011, wanted[0])
    return audience


def _redeem(call: Call, form: Mapping[str, str], *, audience: str | None) -> Grant:
    kind = form.get("grant_type", "")
    if kind == "client_credentials":
        return _redeem_client(call, audience)
    if kind == "authorization_code":
        return _redeem_code(call, form, audience)
    if kind == "refresh_token":
        return _redeem_refresh_token(call, form, audience)
    if kind == "password":
        # Dead since Microsoft requires multi-factor sign-in: no password is the right one.
        raise TokenRefusal(50126, also=(70002,))
    raise TokenRefusal(70003, kind) if kind else TokenRefusal(900144, "grant_type")


def _redeem_client(call: Call, audience: str | None) -> Grant:
    if audience is None:
        raise TokenRefusal(900144, "resource or scope")
    return Grant(caller=_caller(call, audience, user=None, methods=()), kind="client_credentials")


def _redeem_code(call: Call, form: Mapping[str, str], audience: str | None) -> Grant:
    code = form.get("code", "")
    if call.site.grants.is_spent(code):
        raise TokenRefusal(54005)
    consent = call.site.grants.take_consent(code)
    if consent is None:
        raise TokenRefusal(70000)
    if call.site.clock() - consent.at > CODE_LIFE:
        raise TokenRefusal(70008)
    if consent.redirect_uri and form.get("redirect_uri") != consent.redirect_uri:
        raise TokenRefusal(500112)
    if consent.challenge and _challenge(form.get("code_verifier", "")) != consent.challenge:
        raise TokenRefusal(501481)
    caller = _caller(call, audience or GRAPH, user=consent.user, methods=consent.methods)
    return Grant(caller=caller, kind="authorization_code", nonce=consent.nonce)


def _redeem_refresh_token(call: Call, form: Mapping[str, str], audience: str | None) -> Grant:
    claims = call.site.signer.read(form.get("refresh_token", ""))
    if claims is None or claims.get("typ") != "refresh":
        raise TokenRefusal(70000)
    refused = call.site.grants.refusal(
        token_id=claims["jti"],
        sequence=claims["seq"],
        issued=datetime.fromtimestamp(claims["iat"], UTC),
        now=call.site.clock(),
    )
    if refused is not None:
        raise TokenRefusal(refused)
    caller = _caller(
        call, audience or claims["aud"], user=claims["upn"], methods=tuple(claims["amr"])
    )
    return Grant(caller=caller, kind="refresh_token", redeemed=claims["jti"])


def _token_body(call: Call, grant: Grant, form: Mapping[str, str], *, version: int) -> Any:
    caller, now = grant.caller, call.site.clock()
    seconds = call.site.switches.access_token_seconds
    issuer = f"{call.request.scheme}://{call.request.host}/{caller.tenant_id}/v2.0"
    claims = access_claims(caller=caller, issuer=issuer, now=now, seconds=seconds)
    body: dict[str, Any] = {"token_type": "Bearer"}
    if version == 1:
        body |= {
            "expires_in": str(seconds),
            "ext_expires_in": str(seconds),
            "expires_on": str(claims["exp"]),
            "not_before": str(claims["nbf"]),
            "resource": caller.audience,
        }
    else:
        body |= {"expires_in": seconds, "ext_expires_in": seconds}
    body["access_token"] = call.site.signer.sign(claims)
    if not caller.app_only:
        body |= _delegated_body(call, grant, form, claims, version=version)
    call.record(
        "token_issued",
        caller.user or caller.client_id,
        grant=grant.kind,
        audience=caller.audience,
        version=version,
        redeemed=grant.redeemed,
    )
    return body


def _delegated_body(
    call: Call,
    grant: Grant,
    form: Mapping[str, str],
    claims: Mapping[str, Any],
    *,
    version: int,
) -> dict[str, Any]:
    caller, signer = grant.caller, call.site.signer
    refresh = {
        "typ": "refresh",
        "jti": uuid.uuid4().hex,
        "seq": call.site.ledger.sequence,
        "iat": call.site.clock().timestamp(),
        "aud": caller.audience,
        "upn": caller.user,
        "amr": list(caller.methods),
    }
    identity = {key: claims[key] for key in ("iss", "iat", "nbf", "exp", "oid", "tid")} | {
        "aud": caller.client_id,
        "sub": claims["oid"],
        "preferred_username": caller.user,
        "name": "Partner administrator",
        "ver": "2.0",
    }
    if grant.nonce:
        identity["nonce"] = grant.nonce
    scope = "user_impersonation" if version == 1 else f"{caller.audience}/user_impersonation"
    body = {
        "scope": scope,
        "refresh_token": signer.sign(refresh),
        "id_token": signer.sign(identity),
    }
    if form.get("client_info") == "1":
        info = {"uid": object_id(str(caller.user)), "utid": caller.tenant_id}
        body["client_info"] = _base64url(json.dumps(info).encode())
    return body


def _caller(call: Call, audience: str, *, user: str | None, methods: tuple[str, ...]) -> Caller:
    partner = call.site.world.partner
    return Caller(
        tenant_id=partner.tenant_id,
        client_id=partner.client_id,
        audience=audience,
        user=user,
        methods=methods,
    )


def _basic_credentials(header: str) -> tuple[str, str] | None:
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(value).decode().partition(":")
    except ValueError as error:
        raise TokenRefusal(7000215) from error
    return client_id, secret


def _challenge(verifier: str) -> str:
    return _base64url(hashlib.sha256(verifier.encode()).digest())


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


ROUTES = [
    Route("POST", "/{tenant}/oauth2/token", issue_v1, Access.OPEN, versioned=False),
    Route("POST", "/{tenant}/oauth2/v2.0/token", issue_v2, Access.OPEN, versioned=False),
]
