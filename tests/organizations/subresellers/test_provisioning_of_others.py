"""What a sub-reseller provisions is its own: of everybody else nothing is there, named or taken."""

from uuid import uuid4

import pytest
from django.db import transaction

import organizations.tasks
import tenants.tasks  # noqa: F401  (registers what does the jobs)
from organizations.directory.models import Organization
from organizations.linking.models import Link
from organizations.linking.operations import link_tenant
from organizations.provisioning.models import ProvisioningRequest
from portal.core.access import Role, acting
from portal.core.identity.models import Membership
from portal.core.jobs.models import Job
from tenants.discovery.models import Tenant
from tests.factories.core import make_person, make_reseller
from tests.factories.tenants import make_tenant
from tests.organizations.subresellers.trade import API, JSON, PAGES, Trade, form_of
from tests.tenants.simulated import PartnerCenterInProcess

assert organizations.tasks
pytestmark = pytest.mark.django_db(transaction=True)

NOT_YOURS = "is taken by a tenant that is not yours"


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
    page = client.post(f"{PAGES}new/", form_of(trade, number=number))
    never = client.post(f"{PAGES}new/", form_of(trade, number="no-such-number"))
    assert page.status_code == never.status_code == 422
    assert "No organization with an account has this number." in page.content.decode()
    with trade.as_provider():
        assert not ProvisioningRequest.objects.exists()


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
