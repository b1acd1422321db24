"""From the account page to the sync options and on to the request, as a person goes."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from organizations.directory.models import Account, Organization
from organizations.provisioning.models import ProvisioningRequest
from organizations.synchronizing.options import SyncOptions
from portal.core.access import acting, system_actor
from tenants.connections.models import Connection
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_tenant
from tests.organizations.synchronizing.scene import ADDRESS, OPTIONS, Scene, at_work, make_scene
from tests.tenants.consents import consent
from tests.tenants.simulated import PartnerCenterInProcess, customer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def visitor(north: Scene) -> Client:
    """The operator's browser."""
    return north.operator.client()


def page_of(scene: Scene, name: str = "sync_options") -> str:
    return reverse(f"synchronizing:{name}", args=[scene.account.pk, scene.connection.pk])


def text_of(client: Client, address: str, **options: object) -> str:
    answer = client.get(address, **options)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.content.decode()
    return " ".join(answer.content.decode().split())


def test_prv_02_03_the_account_page_leads_to_the_list_and_on(north: Scene, visitor: Client) -> None:
    north.fetch()
    page = text_of(visitor, reverse("directory:account_detail", args=[north.account.pk]))
    systems = reverse("synchronizing:system_list", args=[north.account.pk])
    assert "Provisioning sync status" in page
    assert f'href="{systems}"' in page
    shown = text_of(visitor, systems)
    assert "Microsoft Cloud Services › Sync options" in shown
    assert f'href="{page_of(north)}"' in shown
    dialog = text_of(visitor, systems, headers={"HX-Request": "true"})
    assert "<html" not in dialog
    assert "Partner Center" in dialog


def test_the_definitions_are_one_button_on_the_connections_page(north: Scene) -> None:
    admin = north.admin.client()
    address = reverse("synchronizing:services_definitions", args=[north.connection.pk])
    detail = reverse("connections:connection_detail", args=[north.connection.pk])
    assert address in text_of(admin, detail)
    answer = admin.post(address, follow=True)
    assert "Username, Domain prefix" in answer.content.decode()
    assert address not in text_of(north.operator.client(), detail)
    assert north.operator.client().post(address).status_code == 403


def test_options_are_saved_and_shown(north: Scene, visitor: Client) -> None:
    north.fetch()
    assert "Ready to provision: 5 of 7" in text_of(visitor, page_of(north))
    answer = visitor.post(page_of(north), {"username": "admin", "domain_prefix": "contoso"})
    assert answer.status_code == 302
    page = text_of(visitor, page_of(north))
    assert "Ready to provision: 7 of 7" in page
    assert 'value="contoso"' in page
    assert north.saved() == OPTIONS


def test_each_thing_to_do_leads_to_its_field(north: Scene, visitor: Client) -> None:
    north.fetch()
    north.change(phone="")
    page = text_of(visitor, page_of(north))
    edit = reverse("directory:account_edit", args=[north.account.pk])
    assert f'href="{edit}#id_phone"' in page
    assert 'id="id_phone"' in text_of(visitor, edit)


def test_refusals_stand_beside_their_fields(north: Scene, visitor: Client) -> None:
    north.fetch()
    answer = visitor.post(page_of(north), {"username": "a b", "domain_prefix": "x" * 28})
    body = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="id_username_error"' in body
    assert 'id="id_domain_prefix_error"' in body
    assert north.saved() == SyncOptions()


def test_before_the_definitions_the_page_says_what_to_do(north: Scene, visitor: Client) -> None:
    assert "The services definitions are missing" in text_of(visitor, page_of(north))
    answer = visitor.post(page_of(north), {"username": "admin", "domain_prefix": "contoso"})
    assert answer.status_code == 422


def test_ind_02_04_the_reseller_is_asked_for_on_indirect_connections_alone(
    north: Scene, visitor: Client
) -> None:
    north.fetch()
    assert "Reseller (MPN ID)" not in text_of(visitor, page_of(north))
    north.switch(program=Connection.Program.COUNTRY_TENANT)
    north.fetch()
    north.lists_reseller("5000001", name="Delta Resale")
    north.lists_reseller("5000002", name="Echo Resale", has_signed=False)
    page = text_of(visitor, page_of(north))
    assert '<option value="5000001">Delta Resale (5000001)</option>' in page
    assert 'value="5000002"' not in page
    assert "Echo Resale (5000002): it has not signed the Microsoft Partner Agreement" in page


def test_auditors_read_and_customers_find_nothing(north: Scene) -> None:
    north.fetch()
    north.save()
    auditor = north.auditor.client()
    page = text_of(auditor, page_of(north))
    assert "contoso" in page
    assert "Save &amp; Synchronize" not in page
    assert auditor.post(page_of(north), {"username": "x"}).status_code == 403
    guest = north.customer.client()
    assert guest.get(page_of(north)).status_code == 403
    systems = reverse("synchronizing:system_list", args=[north.account.pk])
    assert "Your reseller takes care of this" in text_of(guest, systems)


def test_lnk_24_an_existing_tenant_is_told(north: Scene, visitor: Client) -> None:
    north.fetch()
    make_tenant(north.connection, name="Contoso", domain="contoso.onmicrosoft.com")
    north.save()
    page = text_of(visitor, page_of(north))
    assert "no user is created" in page
    assert "Ready to provision: 2 of 2" in page


def test_prv_15_the_prefix_is_checked_while_typing(
    north: Scene, visitor: Client, partner: PartnerCenterInProcess
) -> None:
    partner.lists([customer(1, domain="taken.onmicrosoft.com")])
    make_tenant(north.connection, name="Ours", domain="ours.onmicrosoft.com")
    address = page_of(north, "prefix_check")
    said = {
        typed: text_of(visitor, f"{address}?domain_prefix={typed}")
        for typed in ("fresh", "taken", "ours", "con-toso", "")
    }
    assert "fresh.onmicrosoft.com is free" in said["fresh"]
    assert "is taken, and not by a tenant you have here" in said["taken"]
    assert "taken by your tenant Ours, linked to nobody" in said["ours"]
    assert "without spaces or dashes" in said["con-toso"]
    assert "<p" not in said[""]
    heads = [call for call in partner.calls if call.startswith("HEAD")]
    assert heads == [
        "HEAD /v1/domains/fresh.onmicrosoft.com",
        "HEAD /v1/domains/taken.onmicrosoft.com",
    ]
    page = text_of(visitor, page_of(north))
    assert 'hx-trigger="input changed delay:400ms from:#id_domain_prefix"' in page
    assert 'hx-sync="this:replace"' in page


def test_prv_15_what_cannot_be_checked_says_so(
    north: Scene, visitor: Client, partner: PartnerCenterInProcess
) -> None:
    partner.fail({"path": "/domains/", "action": "status", "status": 503, "every": 1})
    said = text_of(visitor, f"{page_of(north, 'prefix_check')}?domain_prefix=fresh")
    assert "could not be checked now" in said


@pytest.mark.parametrize(
    ("change", "sentence", "offers"),
    [
        ({}, "Microsoft verified this address", 0),
        ({"address_line1": "Dock Street"}, "knows the street, not the house", 3),
        ({"address_line1": "1 Dock Street, Suite"}, "not the part of it", 3),
        ({"address_line1": "5th & Main"}, "Several addresses fit", 2),
        ({"address_line1": "PO Box 7"}, "nothing can be shipped to it", 0),
        ({"postal_code": "3511AB"}, "would write it otherwise", 1),
        ({"postal_code": "1"}, "knows no such address", 0),
        ({"country": "GL", "postal_code": "3900"}, "does not verify addresses", 0),
    ],
)
def test_prv_16_eight_outcomes_with_up_to_three_suggestions(
    north: Scene, visitor: Client, change: dict[str, Any], sentence: str, offers: int
) -> None:
    north.change(**change)
    answer = visitor.post(page_of(north, "address_check"))
    body = " ".join(answer.content.decode().split())
    assert answer.status_code == 200
    assert sentence in body
    assert body.count("Use this address") == offers


def test_prv_16_one_click_takes_a_suggestion(north: Scene, visitor: Client) -> None:
    north.change(address_line1="Dock Street")
    body = visitor.post(page_of(north, "address_check")).content.decode()
    assert 'name="address_line1"' in body
    chosen = {**ADDRESS, "address_line1": "12 Dock Street", "address_line2": "", "state": ""}
    answer = visitor.post(page_of(north, "address_accept"), chosen)
    assert answer.status_code == 302
    with at_work(system_actor(north.reseller.pk, "tests")):
        assert Account.objects.get(pk=north.account.pk).address_line1 == "12 Dock Street"


def test_prv_13_16_a_suggestion_for_the_resellers_address_changes_the_resellers_account(
    north: Scene, visitor: Client
) -> None:
    parent = make_organization(north.reseller, name="Delta", kind=Organization.Kind.SUB_RESELLER)
    holder = north.change(north.account_of(parent), **(ADDRESS | {"postal_code": "3511AB"}))
    account = north.customer_of(parent, "Fabrikam")
    pair = [account.pk, north.connection.pk]
    body = visitor.post(reverse("synchronizing:address_check", args=pair)).content.decode()
    assert "reseller Delta" in body
    assert "3511 AB" in body
    visitor.post(reverse("synchronizing:address_accept", args=pair), ADDRESS)
    with at_work(system_actor(north.reseller.pk, "tests")):
        assert Account.objects.get(pk=holder.pk).postal_code == "3511 AB"
        assert Account.objects.get(pk=account.pk).address_line1 == ""


def test_an_address_that_is_not_complete_is_not_asked_about(
    north: Scene, visitor: Client, partner: PartnerCenterInProcess
) -> None:
    north.change(address_line1="")
    body = visitor.post(page_of(north, "address_check")).content.decode()
    assert "Enter the street." in body
    assert not [call for call in partner.calls if "validations" in call]


def ready_connection(scene: Scene, partner: PartnerCenterInProcess) -> None:
    """Let the connection be signed in for and proved, as provisioning asks."""
    admin = scene.admin.actor
    with acting(admin):
        consent(partner, scene.connection, admin)
    now = timezone.now()
    scene.switch(state=Connection.State.WORKING, last_success_at=now, discovered_at=now)


def requests_of(scene: Scene) -> list[ProvisioningRequest]:
    with acting(system_actor(scene.reseller.pk, "tests")), transaction.atomic():
        return list(ProvisioningRequest.objects.filter(account=scene.account))


def test_prv_08_save_and_synchronize_makes_one_request(
    north: Scene, visitor: Client, partner: PartnerCenterInProcess
) -> None:
    north.fetch()
    ready_connection(north, partner)
    form = {"username": "admin", "domain_prefix": "contoso", "synchronize": "1", "token": "once"}
    first = visitor.post(page_of(north), form)
    assert first.status_code == 302, first.content.decode()
    again = visitor.post(page_of(north), form)
    (row,) = requests_of(north)
    assert row.domain == "contoso.onmicrosoft.com"
    assert row.username == "admin"
    assert first["Location"] == again["Location"]
    assert str(row.pk) in first["Location"]
    assert north.saved() == OPTIONS


def test_prv_14_what_is_not_ready_is_saved_and_not_sent(
    north: Scene, visitor: Client, partner: PartnerCenterInProcess
) -> None:
    north.fetch()
    ready_connection(north, partner)
    north.change(phone="", postal_code="1")
    form = {"username": "admin", "domain_prefix": "contoso", "synchronize": "1"}
    answer = visitor.post(page_of(north), form)
    body = " ".join(answer.content.decode().split())
    assert answer.status_code == 422
    assert "not ready yet: 5 of 7" in body
    assert "Enter a phone number." in body
    assert requests_of(north) == []
    assert north.saved() == OPTIONS


def test_pages_of_another_reseller_are_unknown(
    north: Scene, visitor: Client, partner: PartnerCenterInProcess
) -> None:
    partner.tenant_id = "south.example.com"
    south = make_scene(partner, "South")
    for name in ("sync_options", "prefix_check", "address_check"):
        foreign = reverse(f"synchronizing:{name}", args=[north.account.pk, south.connection.pk])
        assert visitor.get(foreign).status_code == 404


def test_the_switch_is_on_the_connections_form_and_in_the_audit(north: Scene) -> None:
    admin = north.admin.client()
    edit = reverse("connections:connection_edit", args=[north.connection.pk])
    assert 'name="uses_reseller_address"' in text_of(admin, edit)
    row = north.connection
    form = {
        "name": row.name,
        "program": row.program,
        "cloud": row.cloud,
        "partner_tenant": row.partner_tenant,
        "client_id": row.client_id,
        "secret": "",
    }
    assert admin.post(edit, form).status_code == 302
    assert north.switch().uses_reseller_address is False
    detail = text_of(admin, reverse("connections:connection_detail", args=[row.pk]))
    assert "Must be filled in" in detail
    assert admin.post(edit, form | {"uses_reseller_address": "on"}).status_code == 302
    assert north.switch().uses_reseller_address is True
