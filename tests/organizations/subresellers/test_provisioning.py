"""A sub-reseller provisions its own customers, through pages and API, and nobody else's."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

import organizations.tasks
import tenants.tasks  # noqa: F401  (registers what does the jobs)
from organizations.directory.models import Organization
from organizations.fields.models import FieldValue
from organizations.fields.operations import create_field
from organizations.linking.models import Link
from organizations.linking.operations import link_tenant
from organizations.passwords.models import FirstPassword
from organizations.provisioning.models import ProvisioningRequest
from organizations.synchronizing.operations import get_services_definitions
from partnercenter.client import RetryPolicy
from portal.core.access import Role, acting
from portal.core.audit.models import AuditEvent
from portal.core.audit.operations import first_broken_event
from portal.core.identity.models import Membership
from portal.core.jobs.models import Job
from tenants.connections import clients
from tenants.discovery.models import Tenant
from tests.factories.core import make_person, make_reseller
from tests.factories.tenants import make_tenant
from tests.organizations.provisioning.scene import account_of
from tests.organizations.subresellers.trade import API, JSON, Trade
from tests.tenants.simulated import CLOUD, PartnerCenterInProcess

assert organizations.tasks
pytestmark = pytest.mark.django_db(transaction=True)

PAGES = "/provisioning/"
NOT_YOURS = "is taken by a tenant that is not yours"


@pytest.fixture
def partner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> PartnerCenterInProcess:
    made = PartnerCenterInProcess(tmp_path)
    settings.PARTNERCENTER_CLOUDS = {**settings.PARTNERCENTER_CLOUDS, "simulator": CLOUD}
    settings.PROVISIONING_SETTLE_SECONDS = 0
    monkeypatch.setattr(clients, "session_factory", made.session)
    monkeypatch.setattr(clients, "retry_policy", RetryPolicy(first_wait=0.0))
    return made


@pytest.fixture
def trade(partner: PartnerCenterInProcess) -> Trade:
    return Trade(partner)


@pytest.fixture
def finished(trade: Trade) -> Iterator[ProvisioningRequest]:
    """A request of the sub-reseller that is done."""
    answer = trade.ask()
    assert answer.status_code == 202, answer.content
    yield trade.scene.finish(trade.row(pk=answer.json()["id"]))


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


def test_its_own_mpn_id_goes_without_saying_and_anothers_is_unknown(trade: Trade) -> None:
    refused = [trade.ask(reseller_mpn_id=mpn).json() for mpn in (trade.mpn[1], "9999999")]
    texts = [answer["fields"]["reseller_mpn_id"] for answer in refused]
    assert [text[0].replace(trade.mpn[1], "9999999") for text in texts] == [texts[1][0]] * 2
    accepted = trade.ask()
    assert accepted.status_code == 202, accepted.content
    assert accepted.json()["reseller_mpn_id"] == trade.mpn[0]
    saved = trade.worker.api().put(
        f"/api/v1/accounts/{trade.account.pk}/synchronization/",
        {
            "connection": str(trade.connection.pk),
            "username": "admin",
            "domain_prefix": "insidebakery",
            "reseller_mpn_id": trade.mpn[1],
        },
        content_type=JSON,
    )
    assert saved.status_code == 400 and "reseller_mpn_id" in saved.json()["fields"]


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


def test_foreign_accounts_and_connections_are_as_unknown_as_those_that_never_were(
    trade: Trade, partner: PartnerCenterInProcess
) -> None:
    elsewhere = partner.connect(make_reseller(), partner_tenant=str(uuid4()))
    for field, foreign in (("account", trade.foreign.pk), ("connection", elsewhere.pk)):
        answers = [trade.ask(None, **{field: str(pk)}) for pk in (foreign, uuid4())]
        assert [answer.status_code for answer in answers] == [400, 400]
        assert answers[0].json() == answers[1].json()
    client = trade.worker.client()
    for pk in (trade.foreign.pk, uuid4()):
        for place in ("", f"{trade.connection.pk}/"):
            address = f"/organizations/accounts/{pk}/synchronization/{place}"
            assert client.get(address).status_code == 404, address
    number = trade.foreign.organization.number
    page = client.post(f"{PAGES}new/", _form(trade, number=number))
    never = client.post(f"{PAGES}new/", _form(trade, number="no-such-number"))
    assert page.status_code == never.status_code == 422
    assert "No organization with an account has this number." in page.content.decode()
    with trade.as_provider():
        assert not ProvisioningRequest.objects.exists()


def _form(trade: Trade, **values: Any) -> dict[str, Any]:
    return {
        "number": trade.account.organization.number,
        "connection": str(trade.connection.pk),
        "username": "admin",
        "domain": "insidebakery",
        "token": str(uuid4()),
    } | values


def test_a_request_can_be_asked_for_by_number_on_its_page(trade: Trade) -> None:
    answer = trade.worker.client().post(f"{PAGES}new/", _form(trade))
    assert answer.status_code == 302, answer.content.decode()
    assert trade.row(account=trade.account).membership_id == trade.worker.membership.pk


ACTIONS = ("confirm", "retry", "resume", "cancel")


def test_requests_of_others_are_not_there(trade: Trade) -> None:
    theirs = trade.ask(trade.stranger, account=str(trade.foreign.pk), domain="outsidebakery")
    assert theirs.status_code == 202, theirs.content
    pk = theirs.json()["id"]
    api, client = trade.admin.api(), trade.admin.client()
    assert api.get(API).json()["results"] == []
    assert "outsidebakery" not in client.get(PAGES).content.decode()
    for answer in (api.get(f"{API}{pk}/"), client.get(f"{PAGES}{pk}/")):
        assert answer.status_code == 404
    assert client.get(f"{PAGES}{pk}/progress/").status_code == 404
    for action in ACTIONS:
        assert api.post(f"{API}{pk}/{action}/").status_code == 404, action
        assert client.post(f"{PAGES}{pk}/{action}/").status_code == 404, action
    assert trade.row(pk=pk).state == "waiting"


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


def linked_elsewhere(trade: Trade) -> Tenant:
    tenant = make_tenant(trade.connection, domain="customer3.onmicrosoft.com", name="Secret Foods")
    with acting(trade.provider.actor):
        link_tenant(tenant, actor=trade.provider.actor, organization=trade.foreign.organization)
    return tenant


@pytest.mark.parametrize("known", [True, False], ids=["known here", "only at Microsoft"])
def test_somebody_elses_tenant_is_taken_and_nobody_is_named(trade: Trade, known: bool) -> None:
    if known:
        linked_elsewhere(trade)
        answer = trade.ask(domain="customer3")
        assert answer.status_code == 400, answer.content
        said = answer.json()["fields"]["domain"][0]
        text = answer.content.decode()
    else:
        asked = trade.ask(domain="customer3").json()["id"]
        refused = trade.scene.finish(trade.row(pk=asked))
        assert (refused.state, refused.error_code) == ("failed", "domain_elsewhere")
        said, text = refused.errors["domain"][0], str(trade.scene.journal(refused))
        assert refused.invitation == "" and refused.tenant_id is None
        page = trade.worker.client().get(f"{PAGES}{asked}/").content.decode()
        assert NOT_YOURS in page and "Customer 00003" not in page
        text += page
    assert said.startswith("customer3.onmicrosoft.com") and NOT_YOURS in said
    for secret in ("Secret Foods", "Outside Bakery", "South IT", "Customer 00003"):
        assert secret not in text
    assert trade.scene.effects("customer_created") == []
    check = trade.worker.client().get(
        f"{trade.options_page()}domain/", {"domain_prefix": "customer3"}
    )
    assert check.status_code == 200
    assert "taken, and not by a tenant you have" in check.content.decode()
    assert "Secret" not in check.content.decode()


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


def test_what_somebody_else_got_meanwhile_is_not_taken(trade: Trade) -> None:
    tenant = make_tenant(trade.connection, domain="customer3.onmicrosoft.com")
    with trade.as_provider():
        Tenant.objects.filter(pk=tenant.pk).update(associated_partner=trade.mpn[0])
    asked = trade.ask(domain="customer3").json()["id"]
    with acting(trade.provider.actor):
        link_tenant(tenant, actor=trade.provider.actor, organization=trade.foreign.organization)
    client = trade.worker.client()
    assert f"{asked}/confirm/" not in client.get(f"{PAGES}{asked}/").content.decode()
    answer = trade.worker.api().post(f"{API}{asked}/confirm/")
    assert answer.status_code == 409 and answer.json()["code"] == "domain_elsewhere"
    shown = trade.worker.api().get(f"{API}{asked}/").json()
    assert (shown["tenant"], shown["microsoft_id"]) == (None, None)
    (link,) = trade.scene.live_links()
    assert link.organization_id == trade.foreign.organization_id


def test_a_tenant_is_not_moved_between_its_customers_without_the_right(trade: Trade) -> None:
    tenant = make_tenant(trade.connection, domain="customer3.onmicrosoft.com")
    second = trade.customer("Second Bakery", trade.own)
    with acting(trade.provider.actor):
        link_tenant(tenant, actor=trade.provider.actor, organization=second.organization)
    asked = trade.ask(domain="customer3").json()["id"]
    page = trade.worker.client().get(f"{PAGES}{asked}/").content.decode()
    assert "Second Bakery" in page and f"{asked}/confirm/" not in page
    assert trade.worker.api().post(f"{API}{asked}/confirm/").status_code == 403
    assert trade.scene.live_links()[0].account == second


def test_a_taken_username_names_nobody_it_does_not_see(trade: Trade) -> None:
    options = {
        "connection": str(trade.connection.pk),
        "username": "chief",
        "domain_prefix": "chiefly",
    }
    address = "/api/v1/accounts/{}/synchronization/"
    theirs = trade.stranger.api().put(address.format(trade.foreign.pk), options, content_type=JSON)
    assert theirs.status_code == 200, theirs.content
    mine = trade.worker.api().put(address.format(trade.account.pk), options, content_type=JSON)
    assert mine.status_code == 400
    assert mine.json()["fields"]["username"] == [
        "The username chief is taken already; choose another."
    ]


def test_who_left_while_it_waited_makes_no_tenant(trade: Trade) -> None:
    asked = trade.row(pk=trade.ask().json()["id"])
    with trade.as_provider():
        Organization.objects.filter(pk=trade.account.organization_id).update(parent=trade.other)
    stopped = trade.scene.work(asked)
    assert trade.scene.effects("customer_created") == []
    with trade.as_provider():
        job = Job.objects.get(pk=stopped.job_id)
    assert job.state == "failed" and "no longer a customer" in job.error
    with trade.as_provider():
        Organization.objects.filter(pk=trade.account.organization_id).update(parent=trade.own)
        Membership.objects.filter(pk=trade.worker.membership.pk).update(
            role=Role.CUSTOMER_VIEWER, organization_id=trade.account.organization_id
        )
    with trade.as_provider():
        Job.objects.filter(pk=job.pk).update(state="waiting", finished_at=None, attempts=0)
    trade.scene.work(asked)
    with trade.as_provider():
        job.refresh_from_db()
    assert job.state == "failed" and "may not do this" in job.error
    assert trade.scene.effects("customer_created") == []


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


def test_customers_roles_gained_nothing(trade: Trade) -> None:
    person = make_person(
        trade.scene.reseller,
        Role.CUSTOMER_ADMIN,
        organization_id=trade.account.organization_id,
    )
    assert person.client().get(PAGES).status_code == 403
    assert person.client().get(trade.options_page()).status_code == 403
    assert trade.ask(person).status_code == 403
    with acting(person.actor), transaction.atomic():
        assert not Link.objects.visible_to(person.actor).exists()
