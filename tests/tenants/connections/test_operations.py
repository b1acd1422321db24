"""Connecting accounts: what may be entered, what is kept, and that secrets stay in."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from portal.core.access import Actor, Role, acting, system_actor
from portal.core.encryption import SealBroken, unseal
from portal.core.errors import InvalidInput, NotAllowed, NotFound, Unavailable
from portal.core.identity.models import Reseller
from tenants.connections.models import Connection
from tenants.connections.operations import (
    change_connection,
    connect,
    note_failure,
    note_success,
)
from tenants.connections.operations import (
    test_connection as prove_connection,
)
from tests.factories.core import make_person, make_reseller
from tests.factories.tenants import make_connection
from tests.tenants.simulated import CLIENT, SECRET, PartnerCenterInProcess, customers
from tests.tenants.steps import discovered, events

GIVEN: dict[str, Any] = {
    "name": "Netherlands",
    "cloud": "global",
    "partner_tenant": "11111111-2222-4333-8444-555555555555",
    "client_id": "66666666-2222-4333-8444-555555555555",
    "secret": "a-secret-nobody-sees",
}


@pytest.fixture
def actor(reseller: Reseller) -> Iterator[Actor]:
    system = system_actor(reseller.pk, "tests")
    with acting(system):
        yield system


def stored(connection: Connection) -> Connection:
    with transaction.atomic():
        row: Connection = Connection.objects.get(pk=connection.pk)
    return row


def test_secret_is_kept_sealed_for_its_row(actor: Actor) -> None:
    row = stored(connect(actor=actor, **GIVEN))
    assert GIVEN["secret"] not in row.secret_sealed
    assert unseal(row.secret_sealed, row.secret_seal()) == GIVEN["secret"]
    assert row.state == Connection.State.NEW
    for text in (repr(row), str(row)):
        assert GIVEN["secret"] not in text


def test_secret_moved_to_another_connection_does_not_open(actor: Actor) -> None:
    one = connect(actor=actor, **GIVEN)
    two = connect(actor=actor, **GIVEN | {"name": "Other", "partner_tenant": "other.example"})
    with pytest.raises(SealBroken):
        unseal(one.secret_sealed, two.secret_seal())


def test_new_secret_raises_the_version_and_an_old_one_put_back_does_not_open(actor: Actor) -> None:
    row = connect(actor=actor, **GIVEN)
    old = row.secret_sealed
    changed = stored(change_connection(row, actor=actor, secret="another-secret"))
    assert changed.secret_version == 2
    assert unseal(changed.secret_sealed, changed.secret_seal()) == "another-secret"
    with pytest.raises(SealBroken):
        unseal(old, changed.secret_seal())


def test_empty_secret_keeps_the_stored_one(actor: Actor) -> None:
    row = connect(actor=actor, **GIVEN)
    changed = stored(change_connection(row, actor=actor, name="Holland", secret=" "))
    assert (changed.name, changed.secret_version) == ("Holland", 1)
    assert changed.secret_sealed == row.secret_sealed


def test_audit_says_what_changed_and_never_the_secret(actor: Actor, reseller: Reseller) -> None:
    row = connect(actor=actor, **GIVEN)
    change_connection(row, actor=actor, name="Holland", secret="another-secret")
    change_connection(row, actor=actor, name="Holland")
    (created,) = events(reseller.pk, "tenants.connection_created")
    (changed,) = events(reseller.pk, "tenants.connection_changed")
    assert created.after["client_id"] == GIVEN["client_id"]
    assert changed.before == {"name": "Netherlands"}
    assert changed.after == {"name": "Holland", "secret": "replaced"}
    for event in (created, changed):
        assert "a-secret-nobody-sees" not in str((event.before, event.after))
        assert "another-secret" not in str((event.before, event.after))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 121),
        ("name", "two\nlines"),
        ("program", "friend"),
        ("cloud", "simulator-of-nobody"),
        ("partner_tenant", "not a tenant"),
        ("partner_tenant", "11111111-2222-4333-8444"),
        ("partner_tenant", "contoso/../x"),
        ("client_id", "spaces in it"),
        ("client_id", "../../etc"),
        ("secret", " "),
        ("secret", "x" * 513),
        ("secret", "nul\x00"),
    ],
)
def test_unusable_value_is_refused_beside_its_field(actor: Actor, field: str, value: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        connect(actor=actor, **GIVEN | {field: value})
    assert list(refused.value.fields) == [field]
    assert GIVEN["secret"] not in str(refused.value.body())
    with transaction.atomic():
        assert not Connection.objects.exists()


def test_partner_tenant_is_kept_in_one_spelling(actor: Actor) -> None:
    given = {"partner_tenant": " {11111111-2222-4333-8444-55555555555A} "}
    row = connect(actor=actor, **GIVEN | given)
    assert row.partner_tenant == "11111111-2222-4333-8444-55555555555a"
    with pytest.raises(InvalidInput) as refused:
        connect(actor=actor, **GIVEN | {"name": "Again"} | given)
    assert refused.value.fields == {"partner_tenant": ["This partner tenant is connected already."]}


def test_name_that_is_taken_is_refused(actor: Actor) -> None:
    connect(actor=actor, **GIVEN)
    other = connect(actor=actor, **GIVEN | {"name": "B", "partner_tenant": "b.example"})
    with pytest.raises(InvalidInput) as refused:
        change_connection(other, actor=actor, name=GIVEN["name"])
    assert list(refused.value.fields) == ["name"]
    assert stored(other).name == "B"


def test_two_resellers_may_use_the_same_name(actor: Actor) -> None:
    connect(actor=actor, **GIVEN)
    other = system_actor(make_reseller().pk, "tests")
    with acting(other):
        connect(actor=other, **GIVEN)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.FINANCE, Role.AUDITOR])
def test_connecting_needs_the_right(reseller: Reseller, role: Role) -> None:
    person = make_person(reseller, role)
    row = make_connection(reseller)
    with acting(person.actor):
        with pytest.raises(NotAllowed):
            connect(actor=person.actor, **GIVEN)
        with pytest.raises(NotAllowed):
            change_connection(row, actor=person.actor, name="Mine")
        with pytest.raises(NotAllowed):
            prove_connection(row, actor=person.actor)


def test_connection_of_another_reseller_does_not_exist(actor: Actor) -> None:
    foreign = make_connection(make_reseller())
    for attempt in (
        lambda: change_connection(foreign, actor=actor, name="Mine"),
        lambda: prove_connection(foreign, actor=actor),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_account_of_a_discovered_connection_stays(
    partner: PartnerCenterInProcess, actor: Actor, reseller: Reseller
) -> None:
    partner.lists(customers(1))
    row = discovered(partner.connect(reseller)).connection
    with pytest.raises(InvalidInput, match="as a new connection"):
        change_connection(row, actor=actor, partner_tenant="elsewhere.example")
    changed = change_connection(row, actor=actor, client_id="another-app")
    assert changed.state == Connection.State.NEW


def test_working_connection_is_proven_and_recorded(
    partner: PartnerCenterInProcess, actor: Actor, reseller: Reseller
) -> None:
    row = prove_connection(partner.connect(reseller), actor=actor)
    assert row.state == Connection.State.WORKING
    assert row.last_success_at is not None
    (event,) = events(reseller.pk, "tenants.connection_tested")
    assert event.after == {"state": "working", "code": ""}


@pytest.mark.parametrize(
    ("options", "code", "advice"),
    [
        ({"secret": "wrong-secret-typed-in"}, "secret_refused", "Make a new one"),
        ({"client_id": "nobody"}, "app_unknown", "Check the application id"),
        ({"partner_tenant": "nowhere.example"}, "tenant_unknown", "Check the tenant id"),
        ({"cloud": "elsewhere"}, "cloud_unknown", "Choose another one"),
    ],
)
def test_failing_connection_says_what_to_do(
    partner: PartnerCenterInProcess,
    actor: Actor,
    reseller: Reseller,
    options: dict[str, str],
    code: str,
    advice: str,
) -> None:
    row = prove_connection(partner.connect(reseller, **options), actor=actor)
    assert (row.state, row.last_failure_code) == (Connection.State.FAILING, code)
    assert advice in row.last_failure
    assert "wrong-secret-typed-in" not in row.last_failure


def test_unreachable_partner_center_is_a_failure_of_the_connection(
    partner: PartnerCenterInProcess, actor: Actor, reseller: Reseller
) -> None:
    partner.fail({"action": "drop"})
    row = prove_connection(partner.connect(reseller), actor=actor)
    assert (row.state, row.last_failure_code) == ("failing", "connection_failed")
    partner.fail()
    row = prove_connection(row, actor=actor)
    assert row.state == "working"
    assert row.last_failure_at is not None


def test_late_answer_for_old_credentials_is_not_noted(
    partner: PartnerCenterInProcess, actor: Actor, reseller: Reseller
) -> None:
    before = partner.connect(reseller, client_id="another", secret="another")
    change_connection(before, actor=actor, client_id=CLIENT, secret=SECRET)
    assert note_failure(before, Unavailable("late")) is False
    assert note_success(before) is False
    assert stored(before).state == Connection.State.NEW


def test_secret_sealed_with_a_lost_key_asks_for_a_new_one(
    partner: PartnerCenterInProcess, actor: Actor, reseller: Reseller
) -> None:
    row = partner.connect(reseller)
    with transaction.atomic():
        Connection.objects.filter(pk=row.pk).update(secret_sealed="lost$AAAA")
    row = prove_connection(row, actor=actor)
    assert row.last_failure_code == "secret_lost"
    assert "Enter the client secret again" in row.last_failure
