"""Saying later who accepted the customer agreement: once at Microsoft, whatever dies (PRV-17)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models.functions import Now

from organizations.agreements.models import AgreementConfirmation
from organizations.linking.operations import unlink_tenant
from organizations.provisioning.models import ProvisioningRequest
from portal.core.access import Role, acting, system_actor
from portal.core.audit.models import AuditEvent
from portal.core.jobs.models import Job
from portal.core.jobs.worker import run_job
from tenants.discovery.models import Tenant
from tests.factories.core import make_person, make_reseller
from tests.organizations.provisioning.scene import Scene
from tests.organizations.provisioning.test_g01_failpoints import Death, dying_at

WORD = {
    "first_name": "Anna",
    "last_name": "de Vries",
    "email": "anna@bakery.example",
    "agreed_on": "2026-11-01",
}
FORM = {f"agreed_{name}": text for name, text in WORD.items() if name != "agreed_on"} | {
    "agreed_on": WORD["agreed_on"]
}
SEND = {"method": "POST", "path": "/agreements$", "times": 1}
POINTS = ("agreement.before_call", "agreement.answered", "step.before_commit", "step.committed")
Record = Callable[[str, Any], None]


def made(north: Scene) -> tuple[ProvisioningRequest, Tenant]:
    """Return a request that is done but for the agreement, and its tenant."""
    done = north.run()
    assert north.states(done)["agreement"] == "skipped"
    assert done.tenant is not None
    return done, done.tenant


def say(north: Scene, tenant: Tenant, **changes: str) -> Any:
    place = f"/api/v1/tenants/{tenant.pk}/agreement/"
    return north.operator.api().post(place, WORD | changes, content_type="application/json")


def stored(north: Scene) -> list[AgreementConfirmation]:
    with acting(system_actor(north.reseller.pk, "tests")), transaction.atomic():
        rows = AgreementConfirmation.objects.select_related("job")
        return list(rows.order_by("created_at"))


def work(north: Scene) -> AgreementConfirmation:
    """Let a worker run the newest one now, whenever it is due."""
    row = stored(north)[-1]
    assert row.job is not None
    with acting(system_actor(north.reseller.pk, "tests")), transaction.atomic():
        Job.objects.filter(pk=row.job.pk, state=Job.State.WAITING).update(due_at=Now())
        Job.objects.filter(pk=row.job.pk, state=Job.State.RUNNING).update(
            lease_until=Now() - timedelta(seconds=1)
        )
    run_job(row.job.pk)
    return stored(north)[-1]


def test_prv_17_a_skipped_agreement_is_confirmed_later_from_the_page(north: Scene) -> None:
    done, tenant = made(north)
    journal = north.operator.client().get(f"/provisioning/{done.pk}/")
    place = f"/tenants/{tenant.pk}/agreement/"
    assert place.encode() in journal.content
    assert b"Nothing was said yet" in north.operator.client().get(place).content
    assert north.operator.client().post(place, FORM).status_code == 302
    (row,) = stored(north)
    assert (row.state, north.effects("agreement_attested")) == ("waiting", [])
    ended = work(north)
    assert (ended.state, ended.reason) == ("done", "Anna de Vries agreed on 2026-11-01.")
    assert north.effects("agreement_attested") == [str(tenant.microsoft_id)]
    page = north.operator.client().get(place).content.decode()
    assert "Confirmed" in page
    assert str(row.request_id) in page
    with acting(system_actor(north.reseller.pk, "tests")) as actor, transaction.atomic():
        events = AuditEvent.objects.visible_to(actor).filter(action__contains="agreement")
        assert list(events.order_by("sequence").values_list("action", flat=True)) == [
            "organizations.agreement_said",
            "organizations.agreement_confirmed",
        ]


def test_the_same_word_is_said_once_and_another_waits_its_turn(north: Scene) -> None:
    _, tenant = made(north)
    first = say(north, tenant)
    assert first.status_code == 202, first.content
    assert say(north, tenant).json()["id"] == first.json()["id"]
    other = say(north, tenant, first_name="Bert")
    assert (other.status_code, other.json()["code"]) == (409, "under_way")
    assert work(north).state == "done"
    assert say(north, tenant).json()["id"] == first.json()["id"]
    place = f"/api/v1/tenants/{tenant.pk}/agreement/"
    assert [row["state"] for row in north.operator.api().get(place).json()["results"]] == ["done"]
    assert len(north.effects("agreement_attested")) == 1


@pytest.mark.parametrize(
    "action", [{"action": "drop_after"}, {"action": "fail_after", "status": 502}]
)
def test_a_lost_answer_is_asked_for_again_under_the_same_id(
    north: Scene, action: dict[str, Any]
) -> None:
    _, tenant = made(north)
    say(north, tenant)
    sent_under = stored(north)[0].request_id
    north.partner.fail({**SEND, **action, "times": 9})
    halted = work(north)
    assert halted.state == "waiting"
    assert len(north.effects("agreement_attested")) == 1
    north.partner.fail()
    ended = work(north)
    assert (ended.state, ended.request_id) == ("done", sent_under)
    assert len(north.effects("agreement_attested")) == 1


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_that_dies_is_followed_by_one_that_ends_it(
    north: Scene, point: str, record_property: Record
) -> None:
    _, tenant = made(north)
    say(north, tenant)
    with dying_at(point) as passed, pytest.raises(BaseException) as died:
        work(north)
    assert passed
    assert isinstance(died.value, Death) or died.value.__class__.__name__ == "JobBroke"
    assert work(north).state == "done"
    assert len(north.effects("agreement_attested")) == 1
    record_property("figure", f"PRV-17: died at {point}, confirmed once")


def test_what_microsoft_refuses_is_said_and_can_be_said_anew(north: Scene) -> None:
    _, tenant = made(north)
    say(north, tenant)
    north.partner.fail({**SEND, "action": "status", "status": 400})
    refused = work(north)
    assert refused.state == "failed"
    assert refused.reason
    again = say(north, tenant)
    assert again.status_code == 202
    assert work(north).state == "done"
    assert [row.state for row in stored(north)] == ["failed", "done"]


def test_what_is_wrong_stands_beside_its_field(north: Scene) -> None:
    _, tenant = made(north)
    place = f"/tenants/{tenant.pk}/agreement/"
    page = north.operator.client().post(place, FORM | {"agreed_on": "2199-01-01"})
    assert page.status_code == 422
    assert "a day that is to come" in page.content.decode()
    assert list(say(north, tenant, agreed_on="2199-01-01").json()["fields"]) == ["agreed_on"]
    assert list(say(north, tenant, email="nobody").json()["fields"]) == ["email"]
    assert stored(north) == []


def test_who_may_not_and_what_is_foreign_or_not_linked(north: Scene) -> None:
    done, tenant = made(north)
    place = f"/api/v1/tenants/{tenant.pk}/agreement/"
    auditor = make_person(north.reseller, Role.AUDITOR)
    assert auditor.api().get(place).status_code == 200
    assert auditor.api().post(place, WORD, content_type="application/json").status_code == 403
    stranger = make_person(make_reseller(), Role.OPERATOR)
    assert stranger.api().post(place, WORD, content_type="application/json").status_code == 404
    with acting(north.operator.actor):
        unlink_tenant(tenant, actor=north.operator.actor, reason="a mistake")
    told = say(north, tenant)
    assert (told.status_code, told.json()["code"]) == (409, "not_linked")
    page = north.operator.client().get(f"/tenants/{tenant.pk}/agreement/")
    assert b"The tenant is not linked" in page.content
    assert done.tenant_id == tenant.pk
