"""Sign-in in its shortest form: the metadata clients read first, and a consent that says yes.

The real authorize page asks for a password and a second factor; this one knows a single user, the
partner's administrator, and only asks whether to accept when `prompt` is given. `amr=pwd` in the
query signs in without a second factor, to show what that breaks.
"""

import html
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.routes.token_errors import TokenRefusal, refusal_response
from partnercenter.simulator.routes.tokens import ANY_TENANT, check_tenant
from partnercenter.simulator.routing import Access, Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.stores.grants import Consent
from partnercenter.simulator.wire import Response

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Simulated sign-in</title></head>
<body><h1>Simulated Partner Center</h1>
<p>Signed in as <strong>{user}</strong>. Let application <strong>{client}</strong> act for you?</p>
<p><a id="accept" href="{accept}">Accept</a> <a id="cancel" href="{cancel}">Cancel</a></p>
</body></html>
"""
_FORM = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Simulated sign-in</title></head>
<body><form id="answer" method="post" action="{action}">{fields}
<button type="submit">Continue</button></form></body></html>
"""


def _metadata(version: str) -> Callable[[Call], Response]:
    def describe(call: Call) -> Response:
        try:
            check_tenant(call, delegated=True)
        except TokenRefusal as refusal:
            return refusal_response(refusal, call.request, now=call.site.clock())
        tenant = call.params["tenant"]
        partner = call.site.world.partner
        issued_for = "{tenantid}" if tenant.lower() in ANY_TENANT else partner.tenant_id
        host = f"{call.request.scheme}://{call.request.host}"
        base = f"{host}/{tenant}"
        return Response(
            body={
                "issuer": f"{host}/{issued_for}/v2.0",
                "authorization_endpoint": f"{base}/oauth2{version}/authorize",
                "token_endpoint": f"{base}/oauth2{version}/token",
                "token_endpoint_auth_methods_supported": [
                    "client_secret_post",
                    "client_secret_basic",
                ],
                "response_modes_supported": ["query", "form_post"],
                "response_types_supported": ["code"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["HS256"],
                "tenant_region_scope": "EU",
            }
        )

    return describe


def authorize(call: Call) -> Response:
    """Sign the administrator in and lead back to `redirect_uri` with a code.

    Raises Problem 400 when the request names no usable address to lead back to.
    """
    query = call.request.query
    partner = call.site.world.partner
    redirect_uri = query.get("redirect_uri", "")
    if urlsplit(redirect_uri).scheme not in ("http", "https"):
        raise Problem(400, 0, "redirect_uri must be an absolute http or https address.")
    if query.get("client_id", "").lower() != partner.client_id.lower():
        raise Problem(400, 700016, "The application was not found in the directory.")
    try:
        check_tenant(call, delegated=True)
    except TokenRefusal as refusal:
        return refusal_response(refusal, call.request, now=call.site.clock())
    if query.get("error") == "access_denied":
        text = "AADSTS65004: The user declined to consent."
        return _lead_back(call, {"error": "access_denied", "error_description": text})
    if query.get("prompt"):
        return _ask(call)
    user = query.get("login_hint") or f"admin@{partner.domain}"
    consent = Consent(
        user=user,
        tenant_id=partner.tenant_id,
        methods=("pwd",) if query.get("amr") == "pwd" else ("pwd", "mfa"),
        redirect_uri=redirect_uri,
        challenge=query.get("code_challenge", ""),
        nonce=query.get("nonce", ""),
        at=call.site.clock(),
    )
    code = call.site.grants.add_consent(consent)
    call.record("consent_given", user, client_id=partner.client_id, methods=list(consent.methods))
    return _lead_back(call, {"code": code})


def _ask(call: Call) -> Response:
    kept = {name: value for name, value in call.request.query.items() if name != "prompt"}
    path = call.request.path
    page = _PAGE.format(
        user=html.escape(kept.get("login_hint") or f"admin@{call.site.world.partner.domain}"),
        client=html.escape(kept["client_id"]),
        accept=html.escape(f"{path}?{urlencode(kept)}"),
        cancel=html.escape(f"{path}?{urlencode(kept | {'error': 'access_denied'})}"),
    )
    return _page(page)


def _page(text: str) -> Response:
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": "default-src 'none'",
        "Cache-Control": "no-store",
    }
    return Response(headers=headers, body=text.encode())


def _lead_back(call: Call, answer: dict[str, str]) -> Response:
    redirect_uri = call.request.query["redirect_uri"]
    if "state" in call.request.query:
        answer |= {"state": call.request.query["state"]}
    if call.request.query.get("response_mode") == "form_post":
        fields = "".join(
            f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
            for name, value in answer.items()
        )
        return _page(_FORM.format(action=html.escape(redirect_uri), fields=fields))
    joint = "&" if urlsplit(redirect_uri).query else "?"
    return Response(status=302, headers={"Location": f"{redirect_uri}{joint}{urlencode(answer)}"})


ROUTES = [
    Route(
        "GET",
        "/{tenant}/.well-known/openid-configuration",
        _metadata(""),
        Access.OPEN,
        versioned=False,
    ),
    Route(
        "GET",
        "/{tenant}/v2.0/.well-known/openid-configuration",
        _metadata("/v2.0"),
        Access.OPEN,
        versioned=False,
    ),
    Route("GET", "/{tenant}/oauth2/authorize", authorize, Access.OPEN, versioned=False),
    Route("GET", "/{tenant}/oauth2/v2.0/authorize", authorize, Access.OPEN, versioned=False),
]
