"""Telling people of requests that failed or need somebody, many of them in one message."""

from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from organizations.provisioning.letters import STOPPED, link_of, reason_of, write_about
from organizations.provisioning.letters import TOPIC as TOPIC_NAME
from organizations.provisioning.models import ProvisioningRequest
from organizations.provisioning.queries import is_stuck, requests, state_of
from organizations.provisioning.steering import lock_request
from portal.core import audit
from portal.core.access import Actor
from portal.core.identity.models import Membership
from portal.core.jobs.models import Job
from portal.core.rows import ScopedQuerySet
from portal.notify import telling as notify
from portal.notify.models import Delivery
from portal.notify.topics import Letter, Reader, Topic
from portal.web.wording import write_count

SHOWN: Final = 10
TOLD: Final = 100
State = ProvisioningRequest.State
GIVEN_UP: Final = (
    "The work stopped without an answer. Resume it: what was made is looked for first."
)


def write(reader: Reader) -> Letter | None:
    """Write of what stopped since the reader was told last and still waits for somebody."""
    rows = _stopped(reader.actor).filter(stopped_at__gt=reader.since, stopped_at__lte=reader.until)
    rows = _without_own_letters(rows, reader)
    if reader.connections:
        rows = rows.filter(connection__in=reader.connections)
    found = list(rows.order_by("stopped_at", "id")[:TOLD])
    count = rows.count() if len(found) == TOLD else len(found)
    if not count:
        return None
    sentence = f"{write_count(count, 'provisioning')} failed or need a person"
    if count == 1:
        sentence = f"The provisioning of {found[0].domain} failed or needs a person"
    return Letter(
        subject=sentence,
        template="provisioning",
        context={
            "sentence": sentence,
            "rows": [_line(row) for row in found[:SHOWN]],
            "more": max(0, count - SHOWN),
            "url": f"{settings.BASE_URL}{reverse('provisioning:request_list')}?tab=stopped",
            "why": "These wait for somebody, and did not when you were last told.",
        },
        data={"count": count, "requests": [_fields(row) for row in found]},
    )


TOPIC: Final = Topic(
    name=TOPIC_NAME,
    label="A provisioning failed, or needs a person",
    nature="security",
    needs="tenants.provision",
    write=write,
)


def look_after(*, actor: Actor) -> int:
    """Hand requests whose worker gave up to a person, and have people told; returns how many.

    Told is what stopped in the last minutes, together: a bulk of five hundred is one message.
    """
    with transaction.atomic():
        moving = requests(actor).filter(state__in=[State.WAITING, State.RUNNING])
        left = list(moving.filter(Q(job=None) | ~Q(job__state__in=Job.OPEN)))
    for row in left:
        _hand_over(row, actor=actor)
    with transaction.atomic():
        newest = _stopped(actor).aggregate(newest=Max("stopped_at"))["newest"]
    if newest is not None:
        notify.tell_at_once(TOPIC, actor=actor, happened_at=newest)
    return len(left)


def _without_own_letters(
    rows: "ScopedQuerySet[ProvisioningRequest]", reader: Reader
) -> "ScopedQuerySet[ProvisioningRequest]":
    """Leave out what a letter has told this reader already."""
    if reader.actor.membership_id is None:
        return rows
    own = Membership.objects.visible_to(reader.actor).filter(pk=reader.actor.membership_id)
    address = own.values_list("email", flat=True).first() or ""
    letters = Delivery.objects.visible_to(reader.actor).filter(
        topic=STOPPED, about_id=OuterRef("pk"), created_at__gte=OuterRef("stopped_at")
    )
    return rows.exclude(Exists(letters.filter(recipient__icontains=address)))


def _hand_over(row: ProvisioningRequest, *, actor: Actor) -> None:
    with transaction.atomic():
        locked = lock_request(row, actor=actor)
        if not is_stuck(locked):
            return
        job = locked.job
        locked.state = State.PERSON
        locked.error_code = (job.error_code if job else "") or "worker_lost"
        locked.error = (job.error if job else "") or GIVEN_UP
        locked.stopped_at = timezone.now()
        locked.save()
        write_about(locked, actor=actor)
        audit.record(
            actor,
            "organizations.provisioning_stopped",
            locked,
            after={"state": State.PERSON, "code": locked.error_code},
            organization_id=locked.account.organization_id,
        )


def _stopped(actor: Actor) -> "ScopedQuerySet[ProvisioningRequest]":
    """Return what waits for somebody; a question asked at once is before its asker's eyes."""
    rows = requests(actor).filter(state__in=[State.ASKING, State.FAILED, State.PERSON])
    return rows.exclude(state=State.ASKING, stopped_at__lte=F("created_at"))


def _line(row: ProvisioningRequest) -> dict[str, str]:
    return {
        "label": f"{row.domain} for {row.account.name}",
        "state": state_of(row),
        "reason": reason_of(row),
        "url": link_of(row),
    }


def _fields(row: ProvisioningRequest) -> dict[str, Any]:
    return {
        "id": str(row.pk),
        "account": str(row.account_id),
        "domain": row.domain,
        "state": row.state,
        "code": row.error_code,
        "error": row.error,
    }
