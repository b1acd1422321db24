"""What the tests of mails and webhooks share: costly tenants, the clock's rounds, and wishes."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from organizations.alert.letters import TOPICS
from organizations.alert.telling import tell_at_once, tell_digests
from portal.core.access import acting, system_actor
from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from portal.core.jobs.worker import run_job
from portal.notify.models import Delivery
from portal.notify.operations import Wishes, set_preferences, wake_due
from tests.factories.core import Person
from tests.factories.tenants import make_tenant
from tests.organizations.linking.scene import Scene

MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
"""Eight o'clock in Amsterdam."""
FRIDAY = MONDAY - timedelta(days=3)
AT_ONCE = tuple(topic.name for topic in TOPICS if topic.nature != "digest")


def costly(scene: Scene, amount: str = "412.10", **options: Any) -> Any:
    return make_tenant(
        options.pop("connection", scene.connection),
        billed_amount=Decimal(amount),
        billed_currency="EUR",
        **options,
    )


def clock(reseller: Reseller) -> None:
    """Do what the clock asks for once: write down what is to be told, and send what is due."""
    actor = system_actor(reseller.pk, "tests")
    with acting(actor):
        tell_at_once(actor=actor)
        tell_digests(actor=actor)
        wake_due(actor=actor)
    send(reseller)


def send(reseller: Reseller) -> None:
    """Do the jobs that wait, however long they were put off."""
    with acting(system_actor(reseller.pk, "tests")), transaction.atomic():
        waiting = Job.objects.filter(
            reseller=reseller, kind="portal.deliver_message", state="waiting"
        )
        # The database's clock says what is due, and it has not travelled.
        waiting.update(due_at=datetime(2020, 1, 1, tzinfo=UTC))
        jobs = list(waiting)
    for job in jobs:
        run_job(job.pk)


def html_of(message: Any) -> str:
    """Return the form of a mail that may hold markup."""
    return str(message.alternatives[0][0])


def deliveries(reseller: Reseller) -> list[Delivery]:
    with acting(system_actor(reseller.pk, "tests")), transaction.atomic():
        return list(Delivery.objects.filter(reseller=reseller).order_by("created_at", "id"))


def wish(person: Person, **values: Any) -> None:
    with acting(person.actor):
        wishes = Wishes(**{"time_zone": "Europe/Amsterdam", **values})
        set_preferences(person.membership, actor=person.actor, wishes=wishes)


def tell_digests_of(scene: Scene) -> None:
    actor = system_actor(scene.reseller.pk, "tests")
    with acting(actor):
        tell_digests(actor=actor)


def clock_digests(scene: Scene) -> None:
    actor = system_actor(scene.reseller.pk, "tests")
    with acting(actor):
        wake_due(actor=actor)
    send(scene.reseller)
