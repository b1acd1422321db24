"""A domain that has a tenant already: asked, linked or moved; never created (LNK-18 to LNK-24)."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction

from organizations.linking.operations import link_tenant
from organizations.provisioning.models import ProvisioningRequest
from organizations.provisioning.operations import request_provisioning
from organizations.provisioning.queries import holder_of, question_of
from organizations.provisioning.steering import cancel_provisioning, confirm_existing
from portal.core.access import Role, acting, system_actor
from portal.core.errors import Conflict, NotAllowed
from tenants.connections.clients import partner_center_for
from tenants.discovery.models import Tenant
from tests.factories.core import make_person
from tests.factories.tenants import make_tenant
from tests.organizations.provisioning.scene import Scene, account_of
from tests.tenants.simulated import customer, customer_id

ELSEWHERE = (
    "An Account with the same Customer Code already exists in BSS. Please confirm that you want to"
    " synchronize this account with the same Customer."
)
FREE = (
    "A Customer with the same Customer Code already exists in Microsoft Partner Cloud Services GL."
    " Please confirm that you want to synchronize this account with the existing Customer"
)


def question(north: Scene, request: ProvisioningRequest) -> str:
    system = system_actor(north.reseller.pk, "tests")
    with acting(system), transaction.atomic():
        return question_of(north.look(request), actor=system)


def confirm(north: Scene, request: ProvisioningRequest, **options: Any) -> ProvisioningRequest:
    actor = options.get("actor", north.operator.actor)
    with acting(actor):
        return confirm_existing(request, actor=actor)


@pytest.mark.parametrize("known", [False, True], ids=["only at Microsoft", "discovered"])
def test_a_prefix_of_a_tenant_we_can_see_asks_and_links(north: Scene, known: bool) -> None:
    if known:
        make_tenant(north.connection, domain="customer3.onmicrosoft.com")
    asked = north.ask(domain="customer3")
    if not known:
        asked = north.finish(asked)
    assert north.look(asked).state == "asking"
    assert question(north, asked) == FREE
    done = confirm(north, asked)
    assert (done.state, done.outcome) == ("done", "existing")
    (link,) = north.live_links()
    assert (link.account, link.tenant.domain) == (north.account, "customer3.onmicrosoft.com")
    assert north.effects("customer_created") == []
    assert north.effects("user_created") == []
    assert north.effects("user_password_reset") == []
    assert {name for name, state in north.states(done).items() if state == "skipped"} == {
        "create",
        "password",
        "profile",
        "agreement",
        "notify",
    }


def test_a_full_alias_with_its_suffix_finds_the_tenant(north: Scene) -> None:
    north.partner.lists([customer(1, domain="bakery.example.com")])
    asked = north.run(domain="Bakery.Example.COM")
    assert asked.state == "asking", asked.error
    assert confirm(north, asked).link is not None


def test_an_alias_beside_the_main_domain_is_found_by_the_companys_name(north: Scene) -> None:
    row = customer(1, name="North Bakery BV", domain="northbakery.onmicrosoft.com")
    north.partner.lists([row | {"customDomains": ["northbakery.onmicrosoft.com", "bakery.nl"]}])
    asked = north.run(domain="bakery.nl")
    assert asked.state == "asking", asked.error
    assert str(asked.microsoft_id) == customer_id(1)


def linked_elsewhere(north: Scene) -> Tenant:
    tenant = make_tenant(north.connection, domain="customer3.onmicrosoft.com")
    other = north.organization("South Bakery BV")
    with acting(north.operator.actor):
        link_tenant(tenant, actor=north.operator.actor, organization=other)
    return tenant


def test_another_accounts_tenant_is_moved_and_never_has_two_live_links(north: Scene) -> None:
    tenant = linked_elsewhere(north)
    asked = north.ask(domain="customer3")
    assert question(north, asked) == ELSEWHERE
    with acting(north.operator.actor), transaction.atomic():
        holder = holder_of(asked, actor=north.operator.actor)
    assert holder is not None and holder.organization.name == "South Bakery BV"
    done = confirm(north, asked)
    (link,) = north.live_links()
    assert (link.tenant, link.account) == (tenant, north.account)
    assert link == done.link


def test_the_instances_are_named_by_settings(north: Scene, settings: Any) -> None:
    settings.PROVISIONING_INSTANCE = "the Portal"
    linked_elsewhere(north)
    assert "already exists in the Portal. Please" in question(north, north.ask(domain="customer3"))


def test_who_may_not_unlink_cannot_confirm_a_move(north: Scene) -> None:
    linked_elsewhere(north)
    asked = north.ask(domain="customer3")
    actor = north.operator.actor
    weaker = replace(actor, capabilities=actor.capabilities - {"tenants.unlink"})
    with pytest.raises(NotAllowed):
        confirm(north, asked, actor=weaker)
    assert north.look(asked).state == "asking"


def test_what_was_linked_after_the_question_is_not_taken_unseen(north: Scene) -> None:
    tenant = make_tenant(north.connection, domain="customer3.onmicrosoft.com")
    asked = north.ask(domain="customer3")
    other = north.organization("South Bakery BV")
    with acting(north.operator.actor):
        link_tenant(tenant, actor=north.operator.actor, organization=other)
    with pytest.raises(Conflict, match="after the question"):
        confirm(north, asked)
    (link,) = north.live_links()
    assert link.organization_id == other.pk


def test_a_question_can_be_cancelled_and_asked_anew(north: Scene) -> None:
    make_tenant(north.connection, domain="customer3.onmicrosoft.com")
    asked = north.ask(domain="customer3")
    with acting(north.operator.actor):
        cancel_provisioning(asked, actor=north.operator.actor)
    assert north.run(domain="northbakery").state == "done"


def test_g06_somebody_elses_tenant_is_explained_and_never_adopted(north: Scene) -> None:
    take_away(north, customer_id(7))
    refused = north.run(domain="customer7")
    assert refused.state == "failed"
    assert refused.error_code == "domain_elsewhere"
    assert "not among your customers" in refused.errors["domain"][0]
    assert refused.invitation.startswith("https://")
    assert north.effects("customer_created") == []
    assert north.live_links() == []


def take_away(north: Scene, microsoft_id: str) -> None:
    """End the relationship with a customer; its tenant lives on and keeps its domains."""
    with acting(system_actor(north.reseller.pk, "tests")):
        center = partner_center_for(north.connection, need_user=True)
        center.customers.end_relationship(microsoft_id)


def test_a_second_account_of_the_same_organization_can_have_its_own(north: Scene) -> None:
    first = north.run()
    other = account_of(north.organization("Second BV"), email="b@second.example")
    second = north.finish(north.ask(account=other, domain="secondx"))
    assert (first.state, second.state) == ("done", "done")
    assert len(north.live_links()) == 2


def test_a_finance_member_may_look_and_not_ask(north: Scene) -> None:
    person = make_person(north.reseller, Role.FINANCE)
    with acting(person.actor), pytest.raises(NotAllowed):
        request_provisioning(
            north.account,
            actor=person.actor,
            connection=north.connection,
            username="admin",
            domain="northbakery",
        )
