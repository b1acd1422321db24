"""Signing in for a connection: who may finish it, and what has to be right (C10, C11, C12)."""

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import time_machine
from django.db import transaction

from portal.core.access import Actor, Role, acting
from portal.core.encryption import unseal
from portal.core.errors import InvalidInput, NotAllowed
from portal.core.identity.models import Reseller
from tenants.connections.consent_states import ConsentState, read_state
from tenants.connections.consenting import CameBack, begin_consent, finish_consent
from tenants.connections.models import AccessToken, Connection, ConsentRequest
from tenants.connections.operations import (
    change_connection,
)
from tenants.connections.operations import (
    test_connection as prove_connection,
)
from tests.factories.core import make_person, make_reseller
from tests.tenants.consents import HOST, consent, query_of, signed_in, stored_consent
from tests.tenants.simulated import PartnerCenterInProcess, customers
from tests.tenants.steps import discovered, events

ALLOWED = ["testserver", "localhost", "127.0.0.1", "portal.south.example"]


@pytest.fixture(autouse=True)
def _hosts(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ALLOWED


@pytest.fixture
def admin(reseller: Reseller) -> Iterator[Actor]:
    actor = make_person(reseller, Role.ADMIN).actor
    with acting(actor):
        yield actor


def came_back(partner: PartnerCenterInProcess, address: str) -> tuple[ConsentState, CameBack]:
    came = signed_in(partner, address)
    return read_state(came["state"]), CameBack(came["code"])


def test_sign_in_is_asked_for_with_state_nonce_and_pkce(
    partner: PartnerCenterInProcess, reseller: Reseller, admin: Actor, settings: Any
) -> None:
    begun = begin_consent(partner.connect(reseller), actor=admin, host=HOST)
    parts, query = urlsplit(begun.address), query_of(begun.address)
    assert parts.path == f"/{partner.tenant_id}/oauth2/v2.0/authorize"
    assert query["redirect_uri"] == f"{settings.BASE_URL}/connections/consent/callback/"
    assert query["code_challenge_method"] == "S256"
    assert (query["response_type"], query["response_mode"]) == ("code", "query")
    assert "offline_access" in query["scope"].split()
    verifier = unseal(begun.request.verifier_sealed, begun.request.verifier_seal())
    assert query["nonce"] == begun.request.nonce
    assert verifier not in begun.address
    assert query["code_challenge"] not in (verifier, "")


def test_consent_is_kept_sealed_with_who_gave_it(
    partner: PartnerCenterInProcess, reseller: Reseller, admin: Actor
) -> None:
    connection = partner.connect(reseller)
    request = consent(partner, connection, admin)
    assert request.outcome == ConsentRequest.Outcome.GRANTED, request.reason
    row = stored_consent(connection)
    assert row is not None
    assert row.user_name == "admin@harbourcloud.onmicrosoft.com"
    assert str(row.microsoft_tenant) == partner.tenant_id
    assert (row.mfa_seen, row.started_by) == (True, admin.label)
    assert row.scopes == ["user_impersonation"]
    refresh = unseal(row.refresh_sealed, row.refresh_seal())
    assert refresh.count(".") == 2
    assert refresh not in row.refresh_sealed
    (event,) = events(reseller.pk, "tenants.consent_given")
    assert event.after["user"] == row.user_name
    assert event.after["mfa"] is True


def test_c10_state_that_is_not_ours_is_refused(
    partner: PartnerCenterInProcess, reseller: Reseller, admin: Actor
) -> None:
    begun = begin_consent(partner.connect(reseller), actor=admin, host=HOST)
    good = query_of(begun.address)["state"]
    foreign = ConsentState(reseller.pk, begun.request.pk, "evil.example").signed()
    for text in ("", "x", good[:-1], good[:5] + "A" + good[6:], foreign):
        with pytest.raises(InvalidInput) as caught:
            read_state(text)
        assert caught.value.code == "consent_state"
    late = begun.request.created_at + timedelta(seconds=601)
    with time_machine.travel(late, tick=False), pytest.raises(InvalidInput):
        read_state(good)


def test_c10_state_is_good_once(
    partner: PartnerCenterInProcess, reseller: Reseller, admin: Actor
) -> None:
    begun = begin_consent(partner.connect(reseller), actor=admin, host=HOST)
    state, back = came_back(partner, begun.address)
    assert finish_consent(state, back, actor=admin).outcome == "granted"
    calls = len(partner.calls)
    with pytest.raises(InvalidInput):
        finish_consent(state, back, actor=admin)
    assert len(partner.calls) == calls


def test_c10_another_person_session_or_reseller_cannot_finish(
    partner: PartnerCenterInProcess, reseller: Reseller, admin: Actor
) -> None:
    connection = partner.connect(reseller)
    begun = begin_consent(connection, actor=admin, host=HOST, session_digest="one")
    state, back = came_back(partner, begun.address)
    colleague = make_person(reseller, Role.ADMIN).actor
    stranger = make_person(make_reseller(), Role.ADMIN).actor
    calls = len(partner.calls)
    for actor, digest in ((colleague, "one"), (stranger, "one"), (admin, "two"), (admin, "")):
        with acting(actor), pytest.raises(InvalidInput) as caught:
            finish_consent(state, back, actor=actor, session_digest=digest)
        assert caught.value.code == "consent_state"
    assert len(partner.calls) == calls
    assert stored_consent(connection) is None
    finished = finish_consent(state, back, actor=admin, session_digest="one")
    assert finished.outcome == "granted"


def test_c10_code_without_its_verifier_is_refused_by_microsoft(
    partner: PartnerCenterInProcess, reseller: Reseller, admin: Actor
) -> None:
    connection = partner.connect(reseller)
    begun = begin_consent(connection, actor=admin, host=HOST)
    other = begin_consent(connection, actor=admin, host=HOST)
    _, back = came_back(partner, begun.address)
    finished = finish_consent(ConsentState(reseller.pk, other.request.pk, HOST), back, actor=admin)
    assert finished.outcome == "refused"
    assert finished.code == "reconnect_needed"
    assert stored_consent(connection) is None


def test_only_who_manages_connections_and_only_a_person_begins(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    connection = partner.connect(reseller)
    operator = make_person(reseller, Role.OPERATOR).actor
    with acting(operator), pytest.raises(NotAllowed):
        begin_consent(connection, actor=operator, host=HOST)


def test_c11_sign_in_without_mfa_does_not_activate(
    partner: PartnerCenterInProcess, reseller: Reseller, admin: Actor
) -> None:
    connection = partner.connect(reseller)
    request = consent(partner, connection, admin, amr="pwd")
    assert (request.outcome, request.code) == ("refused", "mfa_missing")
    assert "multi-factor" in request.reason
    assert stored_consent(connection) is None
    (event,) = events(reseller.pk, "tenants.consent_refused")
    assert event.after == {"code": "mfa_missing"}


def test_c11_account_without_a_role_does_not_activate(
    partner: PartnerCenterInProcess, reseller: Reseller, admin: Actor
) -> None:
    connection = partner.connect(reseller)
    refusal = {"code": 900308, "description": "The user has no role."}
    partner.fail(
        {"path": "/profiles/organization", "action": "status", "status": 403, "body": refusal}
    )
    request = consent(partner, connection, admin)
    assert (request.outcome, request.code) == ("refused", "role_missing")
    assert "Admin agents" in request.reason
    assert stored_consent(connection) is None


def test_c11_declined_sign_in_does_not_activate(
    partner: PartnerCenterInProcess, reseller: Reseller, admin: Actor
) -> None:
    request = consent(partner, partner.connect(reseller), admin, error="access_denied")
    assert (request.outcome, request.code) == ("refused", "consent_declined")


def test_c11_account_of_another_tenant_does_not_activate(
    partner: PartnerCenterInProcess,
    reseller: Reseller,
    admin: Actor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connection = partner.connect(reseller)
    begun = begin_consent(connection, actor=admin, host=HOST)
    state, back = came_back(partner, begun.address)
    other = str(uuid4())
    serve = partner.simulator._answer

    def foreign(request: Any) -> Any:
        answer = serve(request)
        if request.path.endswith("/token"):
            for name in ("access_token", "id_token"):
                header, claims, mac = answer.body[name].split(".")
                told = json.loads(base64.urlsafe_b64decode(claims + "==="))
                changed = json.dumps(told | {"tid": other}).encode()
                text = base64.urlsafe_b64encode(changed).rstrip(b"=").decode()
                answer.body[name] = f"{header}.{text}.{mac}"
        return answer

    monkeypatch.setattr(partner.simulator, "_answer", foreign)
    finished = finish_consent(state, back, actor=admin)
    assert (finished.outcome, finished.code) == ("refused", "wrong_tenant")
    assert other in finished.reason
    assert stored_consent(connection) is None


def test_failed_sign_in_leaves_what_worked_before(
    partner: PartnerCenterInProcess, reseller: Reseller, admin: Actor
) -> None:
    connection = partner.connect(reseller)
    consent(partner, connection, admin)
    before = stored_consent(connection)
    consent(partner, connection, admin, amr="pwd")
    after = stored_consent(connection)
    assert before and after
    assert (after.obtained_at, after.refresh_sealed) == (before.obtained_at, before.refresh_sealed)


def test_c12_partner_tenant_proved_by_one_reseller_is_refused_to_another(
    partner: PartnerCenterInProcess,
    reseller: Reseller,
    admin: Actor,
    capsys: pytest.CaptureFixture[str],
) -> None:
    first = partner.connect(reseller)
    assert prove_connection(first, actor=admin).state == Connection.State.WORKING
    other = make_reseller(name="South")
    stranger = make_person(other, Role.ADMIN).actor
    with acting(stranger):
        second = partner.connect(other, state=Connection.State.NEW)
        tested = prove_connection(second, actor=stranger)
        assert tested.state == Connection.State.FAILING
        assert tested.last_failure_code == "partner_elsewhere"
        assert reseller.name not in tested.last_failure
        assert first.name not in tested.last_failure
        request = consent(partner, second, stranger)
        assert (request.outcome, request.code) == ("refused", "partner_elsewhere")
        partner.lists(customers(2))
        assert discovered(second).job.error_code == "partner_elsewhere"
    assert stored_consent(second) is None


def test_c12_a_domain_of_the_same_tenant_is_refused_too(
    partner: PartnerCenterInProcess, reseller: Reseller, admin: Actor
) -> None:
    prove_connection(partner.connect(reseller), actor=admin)
    other = make_reseller()
    stranger = make_person(other, Role.ADMIN).actor
    with acting(stranger):
        second = partner.connect(
            other, partner_tenant="harbourcloud.onmicrosoft.com", state=Connection.State.NEW
        )
        tested = prove_connection(second, actor=stranger)
    assert tested.last_failure_code == "partner_elsewhere"


def test_typing_somebodys_tenant_keeps_nobody_out(
    partner: PartnerCenterInProcess, reseller: Reseller, admin: Actor
) -> None:
    other = make_reseller()
    squatter = make_person(other, Role.ADMIN).actor
    with acting(squatter):
        second = partner.connect(other, secret="guessed", state=Connection.State.NEW)
        assert prove_connection(second, actor=squatter).last_failure_code == "secret_refused"
    first = partner.connect(reseller)
    assert prove_connection(first, actor=admin).state == Connection.State.WORKING


def test_another_application_needs_a_consent_of_its_own(
    partner: PartnerCenterInProcess, reseller: Reseller, admin: Actor
) -> None:
    connection = partner.connect(reseller)
    consent(partner, connection, admin)
    change_connection(connection, actor=admin, client_id="another-app")
    assert stored_consent(connection) is None
    with transaction.atomic():
        assert not AccessToken.objects.exists()
