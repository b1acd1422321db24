"""D12, D10: whom the letter goes to, and what it can say, for every shape of the chain above."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from organizations.directory.models import Account, Organization
from organizations.passwords.letters import LETTERS, welcome_sample
from organizations.passwords.operations import Handing, change_handing
from portal.core.access import Role, acting, system_actor
from portal.core.errors import InvalidInput
from tests.factories.core import make_person
from tests.factories.organizations import make_organization
from tests.organizations.linking.scene import Scene, at_work, make_scene
from tests.organizations.passwords.desk import (
    account_of,
    change_account,
    keep,
    to_of,
    welcome,
    word,
)

pytestmark = pytest.mark.django_db(transaction=True)
Figure = Callable[[str, object], None]
SUB = Organization.Kind.SUB_RESELLER


def change_organization(row: Organization, **values: Any) -> None:
    with at_work(system_actor(row.reseller_id, "tests")):
        Organization.objects.filter(pk=row.pk).update(**values)


def sub_reseller(
    scene: Scene, name: str = "Sub", email: str = "sub@partner.example"
) -> Organization:
    return make_organization(scene.reseller, name=name, kind=SUB, notification_email=email)


def to_parent(scene: Scene) -> Account:
    """Let the letter go to the reseller of the account."""
    word(scene, to="{#Accounts.ParentAccountEmail#}")
    return account_of(scene.organization)


def test_to_the_end_customer_by_default(north: Scene) -> None:
    assert to_of(account_of(north.organization)).address == "it@example.com"


def test_to_the_sub_reseller_it_belongs_to(north: Scene) -> None:
    account = to_parent(north)
    change_organization(north.organization, parent=sub_reseller(north))
    assert to_of(account).address == "sub@partner.example"


def test_without_a_parent_to_the_resellers_own_address_or_first_administrator(
    north: Scene,
) -> None:
    account = to_parent(north)
    found = to_of(account)
    assert found.address == "" and "no administrator" in found.held_because
    admin = make_person(north.reseller, Role.ADMIN, email="boss@reseller.example")
    make_person(north.reseller, Role.ADMIN, email="second@reseller.example")
    assert to_of(account).address == "boss@reseller.example"
    with acting(admin.actor) as actor:
        change_handing(actor=actor, handing=Handing(False, "csp@reseller.example"))
    assert to_of(account).address == "csp@reseller.example"
    with acting(admin.actor) as actor, pytest.raises(InvalidInput):
        change_handing(actor=actor, handing=Handing(False, "a@b.example, c@d.example"))


def test_d12_a_chain_that_leads_nowhere_holds_the_letter(
    north: Scene, record_property: Figure
) -> None:
    south = make_scene("South")
    account, organization = to_parent(north), north.organization
    make_person(north.reseller, Role.ADMIN, email="boss@reseller.example")
    silent = sub_reseller(north, "Silent", email="")
    two = sub_reseller(north, "Two", email="two@partner.example")
    one = sub_reseller(north, "One", email="one@partner.example")
    customer = make_organization(north.reseller, name="Only a customer")
    odd = sub_reseller(north, "Odd", email="x@y.example")
    change_account(account_of(odd), email="x@y.example, eve@evil.example")
    change_organization(one, parent=two)
    change_organization(two, parent=one)
    held = []
    for parent in (silent, one, customer, odd):
        change_organization(organization, parent=parent)
        held.append(to_of(account))
    change_organization(organization, parent=organization)
    held.append(to_of(account))
    assert {found.address for found in held} == {""}
    reasons = [found.held_because for found in held]
    assert "Silent is the reseller, and its account has no e-mail address." in reasons[0]
    assert "in a circle" in reasons[1]
    assert "not a sub-reseller" in reasons[2]
    assert "not one plain mail address" in reasons[3]
    assert "not a sub-reseller" in reasons[4]
    row = keep(north, recipient="")
    assert welcome(row).recipient == ""
    # The parent of another reseller cannot even be written down.
    with pytest.raises(Exception, match="own"), transaction.atomic():
        change_organization(organization, parent=south.organization)
    record_property("figure", f"D12: {len(held)} of {len(held)} broken chains held, 0 mails out")


def test_an_account_without_an_address_is_held(north: Scene) -> None:
    account = account_of(north.organization)
    for address in ("", "it@example.com\nBcc: eve@evil.example", "Eve <eve@evil.example>"):
        change_account(account, email=address)
        found = to_of(account)
        assert found.address == "" and "account" in found.held_because


def test_the_language_is_that_of_the_country_once_the_letter_is_written_in_it(
    north: Scene,
) -> None:
    account = account_of(north.organization)
    assert to_of(account).language == ""
    word(north, language="nl", to="{#Accounts.Email#}")
    assert to_of(account).language == "nl"
    change_account(account, country="BE")
    assert to_of(account).language == ""


def test_d10_every_field_says_something_of_the_account_and_nothing_of_another(
    north: Scene, record_property: Figure
) -> None:
    other = make_organization(
        north.reseller, name="CANARY-OTHER", notification_email="canary@other.example"
    )
    south = make_scene("South")
    make_person(north.reseller, Role.ADMIN, email="boss@reseller.example")
    fields = 0
    account = account_of(north.organization)
    with at_work(system_actor(north.reseller.pk, "tests")) as actor:
        for kind in LETTERS:
            assert kind.sample
            said = kind.sample(account.pk, actor=actor)
            assert {field.name for field in kind.fields} <= set(said)
            for field in kind.fields:
                fields += 1
                assert said[field.name], field
                for foreign in ("CANARY", "canary", "South", other.number):
                    assert foreign not in said[field.name]
            for name, _ in kind.offered(actor).items():
                assert name != "tenant.password"
        with pytest.raises(Exception, match="Not found"):
            welcome_sample(account_of(south.organization).pk, actor=actor)
    record_property("figure", f"D10: {fields} of {fields} fields are the account's own")
