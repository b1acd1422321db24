"""A sub-reseller provisions its own customers, through pages and API, from asking to password."""

import pytest

import organizations.tasks
import tenants.tasks  # noqa: F401  (registers what does the jobs)
from organizations.directory.models import Organization
from organizations.fields.models import FieldValue
from organizations.fields.operations import create_field
from organizations.passwords.models import FirstPassword
from organizations.provisioning.models import ProvisioningRequest
from organizations.synchronizing.operations import get_services_definitions
from portal.core.audit.models import AuditEvent
from portal.core.audit.operations import first_broken_event
from portal.core.jobs.models import Job
from tenants.discovery.models import Tenant
from tests.factories.tenants import make_tenant
from tests.organizations.provisioning.scene import account_of
from tests.organizations.subresellers.trade import API, JSON, PAGES, Trade, form_of
from tests.tenants.simulated import PartnerCenterInProcess

assert organizations.tasks
pytestmark = pytest.mark.django_db(transaction=True)


def test_from_the_account_page_to_a_linked_tenant(trade: Trade) -> None:
    client = trade.worker.client()
    account = client.get(f"/organizations/accounts/{trade.account.pk}/").content.decode()
    assert "Provisioning sync status" in account
    systems = client.get(f"/organizations/accounts/{trade.account.pk}/synchronization/")
    address = trade.options_page()
    assert address in systems.content.decode()
    form = client.get(address).content.decode()
    assert f'value="{trade.mpn[0]}" selected' in form
    assert trade.mpn[1] not in form and "South IT" not in form
    answer = client.post(
        address,
        {
            "username": "admin",
            "domain_prefix": "insidebakery",
            "reseller_mpn_id": trade.mpn[0],
            "token": "t",
            "synchronize": "1",
        },
    )
    assert answer.status_code == 302, answer.content.decode()
    journal = answer["Location"]
    assert client.get(journal).status_code == 200
    request = trade.row(account=trade.account)
    assert request.reseller_mpn_id == trade.mpn[0]
    done = trade.scene.finish(request)
    assert (done.state, done.outcome) == ("done", "created"), trade.scene.journal(done)
    page = client.get(journal).content.decode()
    assert "Synchronized" in page and "insidebakery.onmicrosoft.com" in page
    assert client.get(f"{journal}progress/").status_code == 200
    assert "insidebakery" in client.get(PAGES).content.decode()
    (link,) = trade.scene.live_links()
    assert (link.account, link.linked_by) == (trade.account, trade.worker.actor.label)
    created = trade.partner.simulator.ledger.find(kind="customer_created")
    assert [row.subject for row in created] == [str(done.microsoft_id)]
    assert created[0].data["customer"]["associatedPartnerId"] == trade.mpn[0]
    assert "insidebakery.onmicrosoft.com" in client.get("/tenants/").content.decode()


def test_the_audit_names_the_person_and_holds(trade: Trade, finished: ProvisioningRequest) -> None:
    with trade.as_provider():
        rows = AuditEvent.objects.visible_to(trade.provider.actor)
        events = rows.filter(subject_id=str(finished.pk)).order_by("sequence")
        assert {row.actor_label for row in events} == {trade.worker.actor.label}
        assert {row.organization_id for row in events} == {trade.account.organization_id}
        assert first_broken_event(trade.provider.actor) is None
        assert Job.objects.get(pk=finished.job_id).membership_id == trade.worker.membership.pk


def test_without_an_mpn_id_nothing_is_made_and_it_is_told_whom_to_ask(trade: Trade) -> None:
    with trade.as_provider():
        Organization.objects.filter(pk=trade.own.pk).update(mpn_id="")
    answer = trade.ask()
    assert answer.status_code == 400
    assert "Your provider has not entered" in answer.json()["fields"]["reseller_mpn_id"][0]


def test_its_own_account_is_never_sold_as_the_providers_direct_customer(trade: Trade) -> None:
    own = account_of(trade.own, email="it@north.example")
    asked = trade.ask(account=str(own.pk), domain="northit")
    assert asked.status_code == 202, asked.content
    assert asked.json()["reseller_mpn_id"] == trade.mpn[0]


def test_on_a_direct_connection_no_reseller_is_named(partner: PartnerCenterInProcess) -> None:
    trade = Trade(partner, indirect=False)
    asked = trade.ask()
    assert asked.status_code == 202, asked.content
    done = trade.scene.finish(trade.row(pk=asked.json()["id"]))
    assert (done.state, done.reseller_mpn_id) == ("done", ""), trade.scene.journal(done)


def test_a_request_can_be_asked_for_by_number_on_its_page(trade: Trade) -> None:
    answer = trade.worker.client().post(f"{PAGES}new/", form_of(trade))
    assert answer.status_code == 302, answer.content.decode()
    assert trade.row(account=trade.account).membership_id == trade.worker.membership.pk


def test_colleagues_and_the_provider_steer_the_same_requests(trade: Trade) -> None:
    asked = trade.ask(trade.provider, reseller_mpn_id=trade.mpn[0]).json()["id"]
    cancelled = trade.admin.api().post(f"{API}{asked}/cancel/")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    again = trade.ask(trade.worker).json()["id"]
    assert trade.admin.api().get(f"{API}{again}/").json()["asked_by"] == trade.worker.actor.label
    assert trade.provider.api().post(f"{API}{again}/cancel/").status_code == 200


def test_what_was_refused_is_tried_again_by_itself(trade: Trade) -> None:
    trade.partner.fail(
        {
            "method": "POST",
            "path": "^/v1/customers$",
            "times": 1,
            "action": "status",
            "status": 400,
            "body": {"code": 800002, "description": "defaultAddress.postalCode is wrong."},
        }
    )
    asked = trade.ask().json()["id"]
    refused = trade.scene.finish(trade.row(pk=asked))
    assert list(refused.errors) == ["postal_code"], trade.scene.journal(refused)
    answer = trade.admin.client().post(f"{PAGES}{asked}/retry/")
    assert answer.status_code == 302
    done = trade.scene.finish(trade.row(pk=asked))
    assert done.state == "done", trade.scene.journal(done)
    assert len(trade.scene.effects("customer_created")) == 1
    with trade.as_provider():
        assert Job.objects.get(pk=done.job_id).membership_id == trade.admin.membership.pk


def test_what_was_sold_through_it_and_waits_is_confirmed_and_linked(trade: Trade) -> None:
    tenant = make_tenant(trade.connection, domain="customer3.onmicrosoft.com")
    with trade.as_provider():
        Tenant.objects.filter(pk=tenant.pk).update(associated_partner=trade.mpn[0])
    asked = trade.ask(domain="customer3")
    assert (asked.status_code, asked.json()["state"]) == (202, "asking"), asked.content
    confirmed = trade.worker.api().post(f"{API}{asked.json()['id']}/confirm/")
    assert (confirmed.status_code, confirmed.json()["state"]) == (200, "done"), confirmed.content
    (link,) = trade.scene.live_links()
    assert (link.account, link.tenant) == (trade.account, tenant)


def test_microsoft_verifies_the_address_and_country_rules_are_the_systems(trade: Trade) -> None:
    client = trade.worker.client()
    page = client.post(f"{trade.options_page()}address/")
    assert page.status_code == 200
    assert 'role="status"' in page.content.decode()
    with trade.as_provider():
        job = Job.objects.filter(kind="tenants.read_country_rules").latest("created_at")
        assert job.membership_id is None or job.membership_id == trade.provider.membership.pk


def test_first_passwords_of_its_customers_are_followed_and_sent_again(
    trade: Trade, finished: ProvisioningRequest
) -> None:
    with trade.as_provider():
        row = FirstPassword.objects.get(request_id=finished.pk)
        links = row.links
    address = f"/first-passwords/{row.pk}/"
    api, pages = "/api/v1/first-passwords/", trade.admin.client()
    assert trade.admin.api().get(api).json()["results"][0]["id"] == str(row.pk)
    assert "insidebakery" in pages.get("/first-passwords/").content.decode()
    assert pages.get(address).status_code == 200
    assert pages.post(f"{address}send/").status_code == 302
    with trade.as_provider():
        row.refresh_from_db()
    assert row.links == links + 1
    for refused in (f"{address}redirect/", "/first-passwords/handing-over/"):
        assert pages.get(refused).status_code == 403, refused
    assert trade.worker.client().get("/first-passwords/").status_code == 403
    stranger = trade.stranger
    assert stranger.api().get(api).json()["results"] == []
    assert stranger.client().get(address).status_code == 404
    assert stranger.client().post(f"{address}send/").status_code == 404
    assert stranger.api().post(f"{api}{row.pk}/send/").status_code == 404


def test_fields_for_those_who_provision_are_filled_in_its_own_scope(trade: Trade) -> None:
    with trade.as_provider():
        theirs = get_services_definitions(trade.connection, actor=trade.provider.actor)
        key = create_field(
            actor=trade.provider.actor,
            entity="account",
            label="Installed by",
            seen_by="everybody",
            edited_by="provisioners",
        ).key
    address = "/api/v1/accounts/{}/"
    body = {"custom_fields": {key: "boss"}}
    for field in theirs:
        vendors = {"custom_fields": {field.key: trade.mpn[1]}}
        refused = trade.worker.api().patch(
            address.format(trade.account.pk), vendors, content_type=JSON
        )
        assert refused.status_code == 403, field.label
    answer = trade.worker.api().patch(address.format(trade.account.pk), body, content_type=JSON)
    assert answer.status_code == 200, answer.content
    with trade.as_provider():
        assert FieldValue.objects.get(account=trade.account, text="boss").definition.key == key
    foreign = trade.worker.api().patch(address.format(trade.foreign.pk), body, content_type=JSON)
    assert foreign.status_code == 404
