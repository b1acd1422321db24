"""Tokens of a signed-in user: what is asked, what is believed, the newest kept first."""

import base64
import hashlib
import json
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from partnercenter import errors
from partnercenter.client import (
    AppCredentials,
    Endpoints,
    PartnerCenter,
    RetryPolicy,
    user_sign_in,
)
from partnercenter.secrecy import Secret
from partnercenter.simulator import Simulator
from partnercenter.simulator.identity import COMMERCE, GRAPH
from partnercenter.simulator.worlds import World, open_world
from partnercenter.transport import SIGN_IN
from partnercenter.user_auth import UserGrant, UserSignIn, UserTokens, challenge_of, new_verifier
from partnercenter.wsgi_adapter import WSGIAdapter
from tests.partnercenter.fake_service import (
    API,
    CREDENTIALS,
    ENDPOINTS,
    SECRET,
    TENANT,
    FakeService,
    Reply,
    replying,
)

BASE = "https://partner.test"
BACK = "https://portal.test/back"
NONCE = "n-0123456789"
PERSON = str(uuid4())


def jwt(claims: dict[str, Any], *, alg: str = "RS256") -> str:
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({"alg": alg}, claims)
    ]
    return ".".join([*parts, "c2lnbmF0dXJl"])


def access(**changes: Any) -> str:
    claims = {"aud": API, "tid": TENANT, "oid": PERSON, "upn": "ann@contoso.test"}
    return jwt(claims | {"amr": ["pwd", "mfa"], "scp": "user_impersonation"} | changes)


def identity(*, alg: str = "RS256", **changes: Any) -> str:
    claims = {"aud": "the-app", "tid": TENANT, "oid": PERSON, "nonce": NONCE}
    return jwt(claims | {"exp": int(time.time()) + 3600} | changes, alg=alg)


def answer(**changes: Any) -> Reply:
    body = {"token_type": "Bearer", "expires_in": 3600, "access_token": access()}
    body |= {"refresh_token": "refresh-2", "id_token": identity()}
    return Reply(body={name: value for name, value in (body | changes).items() if value})


def signing_in(*replies: Reply) -> tuple[FakeService, UserSignIn]:
    service = FakeService(replying(Reply()), token=replying(*replies))
    sign_in = user_sign_in(
        endpoints=ENDPOINTS,
        credentials=CREDENTIALS,
        session=service.session(),
        policy=RetryPolicy(tries=3, first_wait=0.0),
        sleep=service.slept.append,
    )
    return service, sign_in


def redeemed(sign_in: UserSignIn, code: str = "the-code") -> UserGrant:
    return sign_in.redeem(code, redirect_uri=BACK, verifier="v" * 43, nonce=NONCE)


def form_of(service: FakeService, number: int = 0) -> dict[str, str]:
    sent = parse_qs(service.token_calls[number].body.decode())
    return {name: values[0] for name, values in sent.items()}


def test_address_to_sign_in_carries_state_nonce_and_challenge() -> None:
    _, sign_in = signing_in(answer())
    verifier = new_verifier()
    parts = urlsplit(
        sign_in.authorize_url(redirect_uri=BACK, state="s", nonce=NONCE, verifier=verifier)
    )
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert parts.path == f"/{TENANT}/oauth2/v2.0/authorize"
    digest = hashlib.sha256(verifier.encode()).digest()
    expected = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert query["code_challenge"] == challenge_of(verifier) == expected
    assert (query["state"], query["nonce"], query["redirect_uri"]) == ("s", NONCE, BACK)
    assert query["scope"].split()[0] == f"{API}/user_impersonation"
    assert verifier not in parts.query


def test_verifiers_are_long_enough_and_never_the_same() -> None:
    made = {str(new_verifier()) for _ in range(100)}
    assert len(made) == 100
    assert {len(text) for text in made} == {43}


def test_code_is_traded_with_its_verifier() -> None:
    service, sign_in = signing_in(answer())
    grant = redeemed(sign_in)
    form = form_of(service)
    assert form["grant_type"] == "authorization_code"
    assert (form["code"], form["code_verifier"]) == ("the-code", "v" * 43)
    assert (form["redirect_uri"], form["client_secret"]) == (BACK, SECRET)
    assert (grant.claims.user, grant.claims.object_id) == ("ann@contoso.test", PERSON)
    assert (grant.claims.tenant_id, grant.claims.mfa) == (TENANT, True)
    assert grant.claims.scopes == ("user_impersonation",)
    assert "refresh-2" not in repr(grant)
    assert str(grant.access_token) not in repr(grant)


def test_code_is_never_sent_twice() -> None:
    service, sign_in = signing_in(Reply(status=503), answer())
    with pytest.raises(errors.ServiceFailed):
        redeemed(sign_in)
    assert len(service.token_calls) == 1


@pytest.mark.parametrize(
    ("methods", "seen"), [(["pwd"], False), (["pwd", "mfa"], True), (None, None)]
)
def test_mfa_is_told_or_left_open(methods: Any, seen: bool | None) -> None:
    _, sign_in = signing_in(answer(access_token=access(amr=methods)))
    assert redeemed(sign_in).claims.mfa is seen


OTHER = str(uuid4())
UNBELIEVABLE: dict[str, tuple[dict[str, Any], type[errors.PartnerCenterError]]] = {
    "id token unsigned": ({"id_token": identity(alg="none")}, errors.MalformedAnswer),
    "id token of another tenant": ({"id_token": identity(tid=OTHER)}, errors.MalformedAnswer),
    "id token of another person": ({"id_token": identity(oid=OTHER)}, errors.MalformedAnswer),
    "id token for another app": ({"id_token": identity(aud="other")}, errors.MalformedAnswer),
    "id token of another sign-in": ({"id_token": identity(nonce="x")}, errors.MalformedAnswer),
    "id token without nonce": ({"id_token": identity(nonce=None)}, errors.MalformedAnswer),
    "id token that is over": ({"id_token": identity(exp=1_000)}, errors.MalformedAnswer),
    "id token without an end": ({"id_token": identity(exp="soon")}, errors.MalformedAnswer),
    "no id token": ({"id_token": None}, errors.MalformedAnswer),
    "access token unsigned": (
        {"access_token": jwt({"tid": TENANT}, alg="none")},
        errors.MalformedAnswer,
    ),
    "access token for another service": (
        {"access_token": access(aud="https://vault.test")},
        errors.WrongAudience,
    ),
    "no refresh token": ({"refresh_token": None}, errors.MalformedAnswer),
    "no lifetime": ({"expires_in": None}, errors.MalformedAnswer),
}


@pytest.mark.parametrize("name", UNBELIEVABLE)
def test_j16_what_cannot_be_believed_is_refused(name: str) -> None:
    changes, refused = UNBELIEVABLE[name]
    _, sign_in = signing_in(answer(**changes))
    with pytest.raises(refused):
        redeemed(sign_in)


@pytest.mark.parametrize("code", ["", "a\nb", "x" * 20_000, "ü"])
def test_code_that_is_none_is_not_sent(code: str) -> None:
    service, sign_in = signing_in(answer())
    with pytest.raises(errors.MalformedAnswer):
        redeemed(sign_in, code)
    assert not service.token_calls


def test_refreshed_token_is_kept_before_it_is_returned() -> None:
    service, sign_in = signing_in(answer())
    kept: list[UserGrant] = []
    grant = sign_in.refresh("refresh-1", audience=API, keep=kept.append)
    form = form_of(service)
    assert (form["grant_type"], form["refresh_token"]) == ("refresh_token", "refresh-1")
    assert form["scope"].split()[0] == f"{API}/.default"
    assert kept == [grant]
    assert str(grant.refresh_token) == "refresh-2"


def test_what_could_not_be_kept_is_not_used() -> None:
    _, sign_in = signing_in(answer())

    def fail(_: UserGrant) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        sign_in.refresh("refresh-1", audience=API, keep=fail)


@pytest.mark.parametrize("change", [{"tid": OTHER}, {"aud": "https://vault.test"}])
def test_j16_refreshed_token_that_is_foreign_is_not_kept(change: dict[str, str]) -> None:
    _, sign_in = signing_in(answer(access_token=access(**change)))
    kept: list[UserGrant] = []
    with pytest.raises(errors.AnswerRefused if "tid" in change else errors.WrongAudience):
        sign_in.refresh("refresh-1", audience=API, keep=kept.append)
    assert kept == []


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (50173, errors.ReconnectNeeded),
        (700082, errors.ReconnectNeeded),
        (50076, errors.MfaRequired),
        (65001, errors.ConsentMissing),
        (7000215, errors.SecretRefused),
    ],
)
def test_refusals_say_what_to_do(number: int, kind: type[errors.PartnerCenterError]) -> None:
    body = {"error": "invalid_grant", "error_codes": [number], "error_description": "No."}
    _, sign_in = signing_in(Reply(status=400, body=body))
    with pytest.raises(kind) as caught:
        sign_in.refresh("refresh-1", audience=API, keep=lambda _: None)
    assert caught.value.code == f"AADSTS{number}"
    assert "refresh-1" not in str(caught.value)


class Kept:
    """A store in memory."""

    def __init__(self, token: str) -> None:
        self.tokens = [token]

    def newest(self) -> Secret:
        return Secret(self.tokens[-1])

    def keep(self, grant: UserGrant) -> None:
        if grant.refresh_token:
            self.tokens.append(grant.refresh_token)


class AsUser:
    """A user's access for a client, one source per service."""

    def __init__(self, sign_in: UserSignIn, store: Kept) -> None:
        self._sign_in = sign_in
        self._store = store

    def for_audience(self, audience: str) -> UserTokens:
        return UserTokens(self._sign_in, self._store, audience=audience)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return open_world("small", cache=tmp_path_factory.mktemp("worlds"))


def test_client_works_as_the_user_at_the_simulator(world: World) -> None:
    session = FakeService(replying(Reply())).session()
    simulator = Simulator(world)
    session.mount(BASE, WSGIAdapter(simulator.wsgi))
    endpoints = Endpoints(api=BASE, authority=BASE, graph=BASE)
    credentials = AppCredentials(world.partner.tenant_id, "demo", "demo")
    sign_in = user_sign_in(endpoints=endpoints, credentials=credentials, session=session)
    verifier = new_verifier()
    address = sign_in.authorize_url(
        redirect_uri=BACK, state="s", nonce=NONCE, verifier=verifier
    ).replace("&prompt=select_account", "")
    place = session.get(address, allow_redirects=False).headers["Location"]
    code = parse_qs(urlsplit(place).query)["code"][0]
    grant = sign_in.redeem(code, redirect_uri=BACK, verifier=verifier, nonce=NONCE)
    assert grant.claims.mfa is True
    with pytest.raises(errors.ReconnectNeeded):
        sign_in.redeem(code, redirect_uri=BACK, verifier=verifier, nonce=NONCE)

    told: list[tuple[str, Any]] = []
    store = Kept(grant.refresh_token)
    client = PartnerCenter(
        endpoints=endpoints,
        credentials=credentials,
        session=session,
        user=AsUser(sign_in, store),
        listener=lambda path, error: told.append((path, type(error).__name__ if error else "")),
        sleep=lambda _: None,
    )
    assert client.profiles.organization().company_name == world.partner.company_name
    assert len(store.tokens) == 2
    graph = client.tokens_for(GRAPH).token()
    told_audience = json.loads(base64.urlsafe_b64decode(graph.split(".")[1] + "==="))["aud"]
    assert (told_audience, len(store.tokens)) == (GRAPH, 3)
    assert client.tokens.token() == client.tokens.token()
    assert len(store.tokens) == 3
    simulator.revoke_refresh_tokens()
    with pytest.raises(errors.ReconnectNeeded):
        client.tokens_for(COMMERCE).token()
    assert told == [("/v1/profiles/organization", "")]


def test_listener_is_told_of_calls_and_of_sign_ins_that_failed() -> None:
    told: list[tuple[str, Any]] = []
    service = FakeService(
        replying(Reply(status=404, body={"code": 1}), Reply(body={"items": []})),
    )
    client = service.client(
        listener=lambda path, error: told.append((path, type(error).__name__ if error else ""))
    )
    with pytest.raises(errors.NotFound):
        client.check_access()
    client.check_access()
    broken = FakeService(
        replying(Reply()), token=replying(Reply(status=400, body={"error": "invalid_client"}))
    )
    refused = broken.client(
        listener=lambda path, error: told.append((path, type(error).__name__ if error else ""))
    )
    with pytest.raises(errors.ConfigurationError):
        refused.check_access()
    assert told == [
        ("/v1/customers", "NotFound"),
        ("/v1/customers", ""),
        (SIGN_IN, "ConfigurationError"),
    ]
