"""Tokens of a consent: one request for all who wait, the newest kept, and what a loss does."""

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections as databases
from django.db import transaction
from django.utils import timezone

from partnercenter.errors import MalformedAnswer, PartnerCenterError, ReconnectNeeded, WrongAudience
from partnercenter.secrecy import Secret
from partnercenter.simulator.identity import COMMERCE, GRAPH
from partnercenter.user_auth import UserClaims, UserGrant
from portal.core.access import Actor, Role, acting, system_actor
from portal.core.encryption import SealBroken, unseal
from portal.core.errors import NotReady
from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from tenants.connections import user_tokens
from tenants.connections.clients import partner_center_for
from tenants.connections.models import AccessToken, Connection, Consent
from tenants.connections.rotation import reseal, secrets_per_key, unopened_secrets
from tenants.connections.user_tokens import keep_grant, take_lease
from tests.factories.core import make_person
from tests.tenants.consents import change_consent, consent, stored_consent
from tests.tenants.simulated import PartnerCenterInProcess, customers
from tests.tenants.steps import discovered, events

WORKERS = 20


@pytest.fixture
def admin(reseller: Reseller) -> Iterator[Actor]:
    actor = make_person(reseller, Role.ADMIN).actor
    with acting(actor):
        yield actor


@pytest.fixture
def connection(partner: PartnerCenterInProcess, reseller: Reseller, admin: Actor) -> Connection:
    partner.lists(customers(2))
    row = partner.connect(reseller)
    assert consent(partner, row, admin).outcome == "granted"
    partner.calls.clear()
    return row


def token_calls(partner: PartnerCenterInProcess) -> int:
    return sum(call.endswith("/token") for call in partner.calls)


def expire(connection: Connection) -> None:
    """Let every access token be over."""
    with acting(system_actor(connection.reseller_id, "tests")), transaction.atomic():
        AccessToken.objects.update(good_until=timezone.now() - timedelta(seconds=1))


def current(connection: Connection) -> Consent:
    row = stored_consent(connection)
    assert row is not None
    return row


def opened(row: Consent) -> str:
    return unseal(row.refresh_sealed, row.refresh_seal())


def test_calls_as_the_user_use_the_stored_token(
    partner: PartnerCenterInProcess, connection: Connection
) -> None:
    partner_center_for(connection, need_user=True).profiles.organization()
    partner_center_for(connection, need_user=True).profiles.organization()
    assert token_calls(partner) == 0
    assert len(partner.calls) == 2


def test_each_service_gets_a_token_of_its_own_from_one_refresh_token(
    partner: PartnerCenterInProcess, connection: Connection
) -> None:
    before = opened(current(connection))
    center = partner_center_for(connection, need_user=True)
    tokens = {audience: center.tokens_for(audience).token() for audience in (COMMERCE, GRAPH)}
    assert token_calls(partner) == 1
    for audience, token in tokens.items():
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "==="))
        assert claims["aud"] == audience
    assert opened(current(connection)) != before


def test_f13_twenty_workers_make_one_token_request(
    partner: PartnerCenterInProcess, connection: Connection, record_property: Any
) -> None:
    expire(connection)
    before = current(connection)
    start = Barrier(WORKERS)
    issued = len(partner.simulator.ledger.find(kind="token_issued"))

    def worker() -> str:
        try:
            with acting(system_actor(connection.reseller_id, "worker")):
                center = partner_center_for(connection, need_user=True)
                start.wait(timeout=30)
                return str(center.tokens.token())
        finally:
            databases["default"].close()

    with ThreadPoolExecutor(WORKERS) as pool:
        tokens = [done.result() for done in [pool.submit(worker) for _ in range(WORKERS)]]
    after = current(connection)
    record_property("figure", f"F13: {token_calls(partner)} token requests of {WORKERS} workers")
    assert token_calls(partner) == 1
    assert len(set(tokens)) == 1
    assert after.refresh_version == before.refresh_version + 1
    assert opened(after) != opened(before)
    assert len(partner.simulator.ledger.find(kind="token_issued")) == issued + 1
    assert after.lease_until is None


def test_a_worker_whose_lease_ran_out_overwrites_nothing(connection: Connection) -> None:
    slow = take_lease(current(connection))
    assert slow is not None
    assert take_lease(current(connection)) is None
    change_consent(connection, lease_until=timezone.now() - timedelta(seconds=1))
    quick = take_lease(current(connection))
    assert quick is not None
    grant = _grant("the newest")
    keep_grant(quick, grant)
    keep_grant(slow, _grant("an older one"))
    assert opened(current(connection)) == "the newest"


def test_a_lease_left_by_a_dead_worker_ends_by_itself(
    partner: PartnerCenterInProcess, connection: Connection
) -> None:
    expire(connection)
    assert take_lease(current(connection)) is not None
    change_consent(connection, lease_until=timezone.now() - timedelta(seconds=1))
    partner_center_for(connection, need_user=True).profiles.organization()
    assert token_calls(partner) == 1


def test_j04_answer_without_a_new_refresh_token_keeps_the_old_one(
    partner: PartnerCenterInProcess, connection: Connection
) -> None:
    before = current(connection)
    expire(connection)
    with answers_changed(partner, lambda body: body.pop("refresh_token")):
        partner_center_for(connection, need_user=True).profiles.organization()
    after = current(connection)
    assert opened(after) == opened(before)
    assert after.refresh_version == before.refresh_version
    assert after.renewed_at == before.renewed_at
    partner_center_for(connection, need_user=True).tokens_for(GRAPH).token()
    assert opened(current(connection)) != opened(before)


def test_a_crash_before_the_new_token_is_kept_leaves_the_old_one_good(
    partner: PartnerCenterInProcess, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    expire(connection)
    before = opened(current(connection))

    def crash(*_: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(user_tokens, "keep_grant", crash)
        with pytest.raises(ZeroDivisionError):
            partner_center_for(connection, need_user=True).tokens.token()
    assert opened(current(connection)) == before
    assert current(connection).lease_until is None
    partner_center_for(connection, need_user=True).profiles.organization()


FORGERIES = {
    "another tenant": ({}, {"tid": str(uuid4())}, MalformedAnswer),
    "unsigned": ({"alg": "none"}, {}, MalformedAnswer),
    "another service": ({}, {"aud": "https://vault.example"}, WrongAudience),
    "another person": ({}, {"oid": str(uuid4())}, MalformedAnswer),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_j16_token_that_is_not_ours_is_neither_used_nor_kept(
    name: str, partner: PartnerCenterInProcess, connection: Connection
) -> None:
    header, claims, refused = FORGERIES[name]
    expire(connection)
    before = current(connection)

    def forge(body: dict[str, Any]) -> None:
        body["access_token"] = forged(body["access_token"], header, claims)

    with answers_changed(partner, forge), pytest.raises(refused):
        partner_center_for(connection, need_user=True).profiles.organization()
    after = current(connection)
    assert not [call for call in partner.calls if "profiles" in call]
    assert (opened(after), after.state) == (opened(before), Consent.State.ACTIVE)


REFUSALS = {
    "revoked": 50173,
    "expired": 700082,
    "mfa": 50076,
    "consent withdrawn": 65001,
}


@pytest.mark.parametrize("name", REFUSALS)
def test_j03_refused_refresh_token_pauses_with_the_reason_and_asks_no_more(
    name: str, partner: PartnerCenterInProcess, connection: Connection
) -> None:
    expire(connection)
    partner.simulator.revoke_refresh_tokens(code=REFUSALS[name])
    with pytest.raises(ReconnectNeeded) as caught:
        partner_center_for(connection, need_user=True).profiles.organization()
    assert caught.value.code == f"AADSTS{REFUSALS[name]}"
    row = current(connection)
    assert row.state == Consent.State.LOST
    assert row.lost_because
    assert row.lost_at is not None
    asked = len(partner.calls)
    for _ in range(3):
        with pytest.raises(NotReady) as paused:
            partner_center_for(connection, need_user=True)
        assert paused.value.code == "consent_lost"
        assert row.lost_because in paused.value.detail
        assert str(connection.pk) in paused.value.data["address"]
    assert len(partner.calls) == asked
    assert len(events(connection.reseller_id, "tenants.consent_lost")) == 1


def test_j03_api_that_asks_for_mfa_loses_the_consent(
    partner: PartnerCenterInProcess, connection: Connection
) -> None:
    partner.fail({"path": "/profiles/", "action": "status", "status": 401})
    with pytest.raises(ReconnectNeeded):
        partner_center_for(connection, need_user=True).profiles.organization()
    assert current(connection).lost_code == "mfa_required"


def test_j03_people_are_told_once_a_day(
    partner: PartnerCenterInProcess, connection: Connection, admin: Actor
) -> None:
    for _ in range(3):
        expire(connection)
        partner.simulator.revoke_refresh_tokens()
        with pytest.raises(ReconnectNeeded):
            partner_center_for(connection, need_user=True).profiles.organization()
        assert consent(partner, connection, admin).outcome == "granted"
    assert len(events(connection.reseller_id, "tenants.consent_lost")) == 1
    change_consent(connection, noticed_at=timezone.now() - timedelta(days=1, seconds=1))
    expire(connection)
    partner.simulator.revoke_refresh_tokens()
    with pytest.raises(PartnerCenterError):
        partner_center_for(connection, need_user=True).profiles.organization()
    assert len(events(connection.reseller_id, "tenants.consent_lost")) == 2


def test_j03_what_waited_goes_on_after_a_new_consent(
    partner: PartnerCenterInProcess, connection: Connection, admin: Actor
) -> None:
    expire(connection)
    partner.simulator.revoke_refresh_tokens()
    with pytest.raises(ReconnectNeeded):
        partner_center_for(connection, need_user=True).profiles.organization()
    with transaction.atomic():
        paused, other = (
            Job.objects.create(
                reseller_id=connection.reseller_id,
                kind="tests.paused",
                queue="default",
                title=code,
                state=Job.State.FAILED,
                error_code=code,
                error="Why",
                asked_by="tests",
                finished_at=timezone.now(),
            )
            for code in ("consent_lost", "secret_refused")
        )
    assert consent(partner, connection, admin).outcome == "granted"
    with transaction.atomic():
        paused.refresh_from_db()
        other.refresh_from_db()
    assert (paused.state, other.state) == (Job.State.WAITING, Job.State.FAILED)
    partner_center_for(connection, need_user=True).profiles.organization()


def test_con12_discovery_goes_on_with_the_application_alone(
    partner: PartnerCenterInProcess, connection: Connection
) -> None:
    expire(connection)
    partner.simulator.revoke_refresh_tokens()
    with pytest.raises(ReconnectNeeded):
        partner_center_for(connection, need_user=True).profiles.organization()
    assert discovered(connection).completed_at is not None


def test_connection_without_a_consent_says_where_to_sign_in(
    partner: PartnerCenterInProcess, reseller: Reseller, admin: Actor
) -> None:
    row = partner.connect(reseller)
    partner_center_for(row).check_access()
    with pytest.raises(NotReady) as caught:
        partner_center_for(row, need_user=True)
    assert caught.value.code == "consent_needed"
    assert caught.value.data["address"] in caught.value.detail


def test_refresh_token_opens_in_its_own_row_and_version_alone(
    partner: PartnerCenterInProcess, connection: Connection
) -> None:
    before = current(connection)
    old = before.refresh_sealed
    expire(connection)
    partner_center_for(connection, need_user=True).tokens.token()
    after = current(connection)
    with pytest.raises(SealBroken):
        unseal(old, after.refresh_seal())
    after.pk = uuid4()
    with pytest.raises(SealBroken):
        unseal(after.refresh_sealed, after.refresh_seal())


def test_stored_token_that_does_not_open_loses_the_consent_without_a_call(
    partner: PartnerCenterInProcess, connection: Connection
) -> None:
    expire(connection)
    change_consent(connection, refresh_version=99)
    with pytest.raises(NotReady) as caught:
        partner_center_for(connection, need_user=True).profiles.organization()
    assert caught.value.code == "consent_lost"
    assert current(connection).lost_code == "secret_lost"
    assert partner.calls == []


def test_changing_the_key_reseals_refresh_tokens_and_leaves_access_tokens_to_end(
    partner: PartnerCenterInProcess, connection: Connection, settings: Any
) -> None:
    before, old = opened(current(connection)), settings.ENCRYPTION_KEYS
    new = "fresh:" + base64.b64encode(bytes(range(32))).decode()
    settings.ENCRYPTION_KEYS = f"{new},{old}"
    assert sum(step.resealed for step in reseal(batch=10)) == 2
    assert set(+secrets_per_key()) == {"fresh"}
    settings.ENCRYPTION_KEYS = new
    assert unopened_secrets() == []
    assert opened(current(connection)) == before
    with transaction.atomic():
        row = Connection.objects.get(pk=connection.pk)
    partner_center_for(row, need_user=True).profiles.organization()
    assert token_calls(partner) == 1


def test_tokens_are_in_no_repr(connection: Connection) -> None:
    row = current(connection)
    secret = opened(row)
    center = partner_center_for(connection, need_user=True)
    token = center.tokens.token()
    for thing in (row, center, vars(center), center.tokens, vars(center.tokens), token):
        assert secret not in repr(thing)
        assert str(token) not in repr(thing)


@contextmanager
def answers_changed(partner: PartnerCenterInProcess, change: Any) -> Iterator[None]:
    """Have the token endpoint's answers changed on their way."""
    serve = partner.simulator._answer

    def changed(request: Any) -> Any:
        answer = serve(request)
        if request.path.endswith("/token"):
            change(answer.body)
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(partner.simulator, "_answer", changed)
        yield


def forged(token: str, header: dict[str, Any], claims: dict[str, Any]) -> str:
    """Return a token that says something else and keeps its signature."""
    parts = [json.loads(base64.urlsafe_b64decode(part + "===")) for part in token.split(".")[:2]]
    written = [
        base64.urlsafe_b64encode(json.dumps(part | more).encode()).rstrip(b"=").decode()
        for part, more in zip(parts, (header, claims), strict=True)
    ]
    return ".".join([*written, token.split(".")[2]])


def _grant(refresh: str) -> UserGrant:
    claims = UserClaims(tenant_id="", user="", object_id="", mfa=True)
    return UserGrant(Secret("access"), Secret(refresh), 3600.0, COMMERCE, claims)
