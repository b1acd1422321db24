"""The letters that tell who asked how a provisioning ended, or what it waits for."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client

import portal.notify.tasks
from organizations.provisioning.models import ProvisioningRequest
from organizations.provisioning.steering import resume_provisioning, retry_provisioning
from organizations.provisioning.telling import look_after
from portal.core.access import Role, acting, system_actor
from portal.core.identity.models import Membership
from portal.core.jobs import operations as job_operations
from portal.core.jobs.models import Job
from portal.notify.letters.operations import save_letter
from portal.notify.models import Delivery
from portal.notify.operations import Wishes, set_preferences, wake_due
from tests.factories.core import make_person, make_reseller
from tests.organizations.alert.telling import html_of, send
from tests.organizations.provisioning.scene import Scene, fill_in

assert portal.notify.tasks  # registers what sends
REFUSAL = {
    "method": "POST",
    "path": "^/v1/customers$",
    "times": 1,
    "action": "status",
    "status": 400,
    "body": {"code": 800002, "description": "defaultAddress.postalCode is wrong."},
}


@pytest.fixture(autouse=True)
def _no_bell(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let jobs be run by the tests alone."""
    monkeypatch.setattr(job_operations, "ring", lambda *_: True)
    yield


def letters(north: Scene, kind: str) -> list[Delivery]:
    with acting(system_actor(north.reseller.pk, "tests")), transaction.atomic():
        return list(Delivery.objects.filter(topic=kind).order_by("created_at", "id"))


def mails_to(north: Scene) -> list[Any]:
    """Have everything sent, and return what the operator was mailed."""
    send(north.reseller)
    return [one for one in mail.outbox if one.to == [north.operator.membership.email]]


def word(north: Scene, kind: str, **text: str) -> None:
    given = {"language": "en", "to": "{#Provisioning.AskedByEmail#}", "subject": "S", "body": "B"}
    with acting(system_actor(north.reseller.pk, "tests")) as actor:
        save_letter(kind, actor=actor, **(given | text))


def test_who_asked_is_told_once_that_the_tenant_is_ready(north: Scene) -> None:
    fill_in(north.account, name="<b>North</b> {#Tenant.Domain#}")
    done = north.run()
    for _ in range(2):
        north.work(done)
    assert done.state == "done", north.journal(done)
    assert len(letters(north, "provisioning.done")) == 1
    assert letters(north, "provisioning.waits") == []
    (letter,) = mails_to(north)
    assert letter.subject == "northbakery.onmicrosoft.com is ready"
    assert f"/provisioning/{done.pk}/" in letter.body
    assert "<b>North</b> {#Tenant.Domain#} has its Microsoft tenant" in letter.body
    assert "&lt;b&gt;North&lt;/b&gt;" in html_of(letter) and "<b>North" not in html_of(letter)
    assert north.password(done) not in str(letter.message())
    assert mails_to(north) == [letter]


def test_a_refusal_is_told_with_its_reason_and_the_next_one_again(north: Scene) -> None:
    north.partner.fail({**REFUSAL, "times": 2})
    refused = north.run()
    assert refused.state == "failed"
    north.work(refused)
    (first,) = mails_to(north)
    assert first.subject == "northbakery.onmicrosoft.com waits for somebody"
    assert "Refused" in first.body and refused.error in first.body
    assert f"/provisioning/{refused.pk}/" in first.body
    with acting(north.operator.actor):
        retry_provisioning(refused, actor=north.operator.actor)
    again = north.finish(refused)
    assert again.state == "failed"
    assert len(mails_to(north)) == 2, "it stopped a second time, so it is told a second time"
    with acting(north.operator.actor):
        retry_provisioning(refused, actor=north.operator.actor)
    assert north.finish(refused).state == "done"
    subjects = [one.subject for one in mails_to(north)]
    assert subjects[2:] == ["northbakery.onmicrosoft.com is ready"]


def test_a_letter_that_comes_too_late_says_nothing(north: Scene) -> None:
    north.partner.fail(REFUSAL)
    refused = north.run()
    with acting(north.operator.actor):
        retry_provisioning(refused, actor=north.operator.actor)
    north.finish(refused)
    assert [one.subject for one in mails_to(north)] == ["northbakery.onmicrosoft.com is ready"]
    assert [one.state for one in letters(north, "provisioning.waits")] == ["dropped"]


def test_a_worker_that_gave_up_is_told_of_by_letter_and_not_by_the_notice_too(
    north: Scene,
) -> None:
    asked = north.ask()
    system = system_actor(north.reseller.pk, "tests")
    with acting(system):
        with transaction.atomic():
            Job.objects.filter(pk=asked.job_id).update(
                state="needs_person", error="Lost.", finished_at=asked.created_at
            )
        assert look_after(actor=system) == 1
        with transaction.atomic():
            # What is told together waits ten minutes.
            Delivery.objects.update(due_at=asked.created_at)
        wake_due(actor=system)
    (letter,) = mails_to(north)
    assert "Lost." in letter.body
    told = {one.recipient: one.state for one in letters(north, "provisioning.stopped")}
    assert told.pop(north.operator.membership.email) == "dropped"
    assert set(told.values()) == {"sent"}, "others are told by the notice"
    with acting(north.operator.actor):
        resume_provisioning(asked, actor=north.operator.actor)
    assert north.finish(asked).state == "done"


def test_the_reseller_words_it_and_says_whom_it_goes_to(north: Scene) -> None:
    word(
        north,
        "provisioning.done",
        to="ops@reseller.example, {#Accounts.Email#}",
        subject="{#Tenant.Domain#}: {#Accounts.Name#}",
        body="By {#Provisioning.AskedBy#} of {#Reseller.Name#}",
    )
    north.run()
    send(north.reseller)
    (letter,) = [one for one in mail.outbox if "ops@reseller.example" in one.to]
    assert letter.to == ["ops@reseller.example", "anna@bakery.example"]
    assert letter.body == "By Olga of North of North"


def test_who_does_not_want_to_hear_of_what_stopped_gets_no_letter(north: Scene) -> None:
    with acting(north.operator.actor) as actor, transaction.atomic():
        member = Membership.objects.get(pk=north.operator.membership.pk)
        set_preferences(member, actor=actor, wishes=Wishes(muted=("provisioning.stopped",)))
    north.partner.fail(REFUSAL)
    assert north.run().state == "failed"
    assert mails_to(north) == [] and letters(north, "provisioning.waits") == []


def test_requests_of_a_file_send_no_letter_each(north: Scene) -> None:
    assert north.run(source="customers.csv").state == "done"
    assert mails_to(north) == []


def test_what_a_program_asked_for_is_told_to_the_reseller(north: Scene) -> None:
    asked = north.ask()
    with acting(system_actor(north.reseller.pk, "tests")), transaction.atomic():
        ProvisioningRequest.objects.filter(pk=asked.pk).update(membership_id=None)
    north.finish(asked)
    send(north.reseller)
    (row,) = letters(north, "provisioning.done")
    assert row.recipient.startswith("admin-") and row.state == "sent"


def test_a_letter_is_looked_at_with_ones_own_requests_alone(north: Scene) -> None:
    asked = north.ask()
    own = make_person(north.reseller, Role.ADMIN).api()
    stranger = make_person(make_reseller(name="South"), Role.ADMIN).api()

    def look(program: Client, about: object) -> Any:
        return program.post(
            "/api/v1/letters/provisioning.waits/preview/",
            {"language": "nl", "about": str(about)},
            content_type="application/json",
        )

    shown = look(own, asked.pk).json()
    assert shown["to"] == [north.operator.membership.email]
    assert shown["subject"] == "northbakery.onmicrosoft.com wacht op iemand"
    assert f'/provisioning/{asked.pk}/">' in shown["html"]
    foreign, unknown = look(stranger, asked.pk), look(stranger, uuid4())
    assert (foreign.status_code, foreign.content) == (404, unknown.content)
    page = make_person(north.reseller, Role.ADMIN).client()
    listed = page.get("/messages/letters/provisioning.done/").content.decode()
    assert "northbakery.onmicrosoft.com for North Bakery BV" in listed
