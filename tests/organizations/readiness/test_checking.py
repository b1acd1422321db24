"""Readiness of an account, put together: which items there are, and whose address is sent."""

from typing import Any

import pytest

from organizations.directory.models import Organization
from organizations.readiness.checking import address_to_send
from organizations.synchronizing.options import SyncOptions
from portal.core.access import system_actor
from tenants.connections.models import Connection
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_tenant
from tests.organizations.synchronizing.scene import ADDRESS, OPTIONS, Scene, at_work

pytestmark = pytest.mark.django_db(transaction=True)


def wrong(scene: Scene, options: SyncOptions = OPTIONS, **more: object) -> dict[str, str]:
    found = scene.readiness(options, **more)  # type: ignore[arg-type]
    return {item.code: item.reason for item in found.items if not item.ok}


def test_a_whole_account_is_ready(north: Scene) -> None:
    found = north.readiness()
    assert found.ready
    assert found.sentence == f"Ready to provision: {found.total} of {found.total}"
    assert [item.code for item in found.items] == [
        "phone", "email", "address", "postal_code", "company_name", "username", "domain_prefix",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "code", "anchor"),
    [
        ({"phone": ""}, "phone", "#id_phone"),
        ({"email": ""}, "email", "#id_email"),
        ({"email": "x@microsoft.com"}, "email", "#id_email"),
        ({"address_line1": ""}, "address", "#id_address_line1"),
        ({"city": ""}, "address", "#id_city"),
        ({"postal_code": "35"}, "postal_code", "#id_postal_code"),
        ({"name": "A"}, "company_name", "#id_name"),
    ],
)
def test_prv_09_to_12_what_is_missing_leads_to_its_field(
    north: Scene, change: dict[str, Any], code: str, anchor: str
) -> None:
    north.change(**change)
    found = north.readiness()
    assert not found.ready
    assert found.done == found.total - 1
    (item,) = [item for item in found.items if not item.ok]
    assert item.code == code
    assert item.reason
    assert item.url.endswith(f"/accounts/{north.account.pk}/edit/{anchor}")


def test_a_state_and_a_number_are_asked_for_where_the_country_wants_them(north: Scene) -> None:
    north.change(country="US", postal_code="98052", phone="+1 425 555 0101")
    assert set(wrong(north)) == {"state"}
    north.change(state="wa")
    assert wrong(north) == {}
    north.change(country="PL", postal_code="00-950", phone="+48 22 123 45 67", state="")
    assert set(wrong(north)) == {"registration_number"}


def test_whoever_may_not_change_the_account_is_not_led_there(north: Scene) -> None:
    north.change(phone="")
    with at_work(north.auditor.actor) as actor:
        from organizations.readiness.checking import check_readiness

        account = north.account_of(north.organization)
        found = check_readiness(account, actor=actor, connection=north.connection, options=OPTIONS)
    assert [item.url for item in found.items if not item.ok] == [""]


def test_lnk_24_for_an_existing_tenant_only_the_options_count(north: Scene) -> None:
    north.change(phone="", email="", address_line1="")
    alias = north.readiness(SyncOptions("admin", "contoso.com"))
    assert [item.code for item in alias.items] == ["username", "domain_prefix"]
    assert alias.ready
    assert set(wrong(north, SyncOptions("", "contoso.com"))) == {"username"}
    assert not north.readiness().ready
    make_tenant(north.connection, name="Contoso", domain="contoso.onmicrosoft.com")
    assert north.readiness().ready


def test_prv_13_the_resellers_address_steps_in_and_is_named(north: Scene) -> None:
    parent = make_organization(north.reseller, name="Delta", kind=Organization.Kind.SUB_RESELLER)
    account = north.customer_of(parent, "Fabrikam")
    assert "address" in wrong(north, account=account)
    holder = north.change(north.account_of(parent), **ADDRESS)
    assert wrong(north, account=account) == {}
    with at_work(system_actor(north.reseller.pk, "tests")) as actor:
        sent = address_to_send(account, actor=actor, connection=north.connection)
    assert not sent.is_own
    assert sent.whose == "Delta"
    assert sent.account == holder
    assert sent.address.address_line1 == "1 Dock Street"
    assert "Delta" in sent.sentence


def test_prv_13_a_bad_address_of_the_reseller_is_told_as_the_resellers(north: Scene) -> None:
    parent = make_organization(north.reseller, name="Delta", kind=Organization.Kind.SUB_RESELLER)
    account = north.customer_of(parent, "Fabrikam")
    holder = north.change(north.account_of(parent), **(ADDRESS | {"postal_code": "1"}))
    found = north.readiness(account=account)
    (item,) = [item for item in found.items if not item.ok]
    assert item.code == "postal_code"
    assert "Delta" in item.reason
    assert str(holder.pk) in item.url


def test_prv_13_the_switch_of_the_connection_ends_it(north: Scene) -> None:
    parent = make_organization(north.reseller, name="Delta", kind=Organization.Kind.SUB_RESELLER)
    account = north.customer_of(parent, "Fabrikam")
    north.change(north.account_of(parent), **ADDRESS)
    north.switch(uses_reseller_address=False)
    assert "address" in wrong(north, account=account)


def test_an_address_of_ones_own_is_never_replaced(north: Scene) -> None:
    parent = make_organization(north.reseller, name="Delta", kind=Organization.Kind.SUB_RESELLER)
    account = north.change(north.customer_of(parent, "Fabrikam"), city="Breda")
    north.change(north.account_of(parent), **ADDRESS)
    with at_work(system_actor(north.reseller.pk, "tests")) as actor:
        sent = address_to_send(account, actor=actor, connection=north.connection)
    assert sent.is_own
    assert sent.address.city == "Breda"


@pytest.mark.parametrize("program", Connection.Program.values)
def test_ind_02_to_04_the_reseller_is_an_item_of_indirect_connections_alone(
    north: Scene, program: str
) -> None:
    north.switch(program=program)
    codes = [item.code for item in north.readiness().items]
    assert ("reseller" in codes) is (program != Connection.Program.DIRECT_BILL)


def test_ind_05_a_reseller_has_to_be_verified(north: Scene) -> None:
    north.switch(program=Connection.Program.INDIRECT_PROVIDER)
    north.lists_reseller("5000001")
    north.lists_reseller("5000002", has_signed=False)
    assert wrong(north, SyncOptions("admin", "contoso", "5000001")) == {}
    unsigned = wrong(north, SyncOptions("admin", "contoso", "5000002"))
    assert "not signed" in unsigned["reseller"]
    unknown = wrong(north, SyncOptions("admin", "contoso", "77"))
    assert "no indirect reseller 77" in unknown["reseller"]
    assert wrong(north, SyncOptions("admin", "contoso", "")) == {}


def test_ind_05_a_customer_of_a_sub_reseller_needs_one(north: Scene) -> None:
    north.switch(program=Connection.Program.INDIRECT_PROVIDER)
    parent = make_organization(north.reseller, name="Delta", kind=Organization.Kind.SUB_RESELLER)
    account = north.change(north.customer_of(parent, "Fabrikam"), **ADDRESS)
    assert set(wrong(north, account=account)) == {"reseller"}


@pytest.mark.parametrize(
    ("cloud", "domain", "exists"),
    [
        ("global", "northbakery", False),
        ("global", "northbakery.onmicrosoft.com", False),
        ("global", "northbakery.partner.onmschina.cn", True),
        ("china", "northbakery", False),
        ("china", "northbakery.partner.onmschina.cn", False),
        ("china", "northbakery.onmicrosoft.com", True),
        ("china", "north-bakery.cn", True),
    ],
)
def test_what_can_be_made_is_under_the_domain_of_the_connections_cloud(
    north: Scene, cloud: str, domain: str, exists: bool
) -> None:
    with at_work(north.admin.actor) as actor:
        Connection.objects.visible_to(actor).filter(pk=north.connection.pk).update(cloud=cloud)
        north.connection.refresh_from_db()
    found = north.readiness(SyncOptions("admin", domain, ""))
    assert found.is_existing is exists
