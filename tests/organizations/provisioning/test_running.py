"""From a wish to a linked tenant whose password is on its way (PRV-01, PRV-08, PRV-17, PRV-20)."""

from organizations.linking.models import Link
from tests.organizations.provisioning.scene import AGREED, DOMAIN, Scene


def test_an_account_becomes_a_linked_tenant_and_its_password_is_kept(north: Scene) -> None:
    done = north.run(agreed=AGREED)
    assert done.state == "done", north.journal(done)
    assert done.outcome == "created"
    assert len(north.effects("customer_created")) == 1
    assert done.request_id == north.steps(done)["create"].request_id
    (link,) = north.live_links()
    assert link == done.link
    assert (link.account, link.how) == (north.account, Link.How.PROVISIONED)
    assert str(link.tenant.microsoft_id) == north.effects("customer_created")[0]
    assert (link.tenant.domain, link.tenant.name) == (DOMAIN, "North Bakery BV")
    assert north.password(done) == north.set_password()
    assert north.states(done) == {
        "check": "done",
        "create": "done",
        "password": "done",
        "profile": "skipped",
        "agreement": "done",
        "tenant": "done",
        "link": "done",
        "notify": "done",
    }
    assert north.effects("agreement_attested") == [str(done.microsoft_id)]
    assert north.effects("user_password_reset") == []


def test_what_was_sent_is_what_the_account_says(north: Scene) -> None:
    done = north.run()
    (made,) = north.partner.simulator.ledger.find(kind="customer_created")
    profile = made.data["customer"]["billingProfile"]
    assert profile["companyName"] == "North Bakery BV"
    assert profile["email"] == "anna@bakery.example"
    assert profile["culture"] == "nl-NL"
    assert profile["defaultAddress"]["postalCode"] == "1012 AB"
    assert made.data["credentials"]["userName"] == "admin"
    assert north.states(done)["agreement"] == "skipped", "nobody's word is made up"
