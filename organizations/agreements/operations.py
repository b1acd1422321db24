"""Saying later that a customer agreed: the word is committed, then a worker tells Microsoft.

Nobody's word is made up, so it says who agreed and when. What was sent and not answered is sent
again under the same id; Microsoft takes the same word once, and says so the second time.
"""

from typing import Final
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from organizations.agreements.models import AgreementConfirmation
from organizations.agreements.queries import confirmations, is_stuck
from organizations.linking.queries import live_links
from organizations.linking.refusals import connection_incomplete, is_incomplete
from organizations.linking.writing import lock_tenant
from organizations.provisioning.asking import TO_COME, Agreed, is_to_come
from portal.core import audit
from portal.core.access import Actor
from portal.core.errors import Conflict, InvalidInput
from portal.core.jobs.kinds import JobKind
from portal.core.jobs.operations import enqueue
from tenants.discovery.models import Tenant

CONFIRM = JobKind("organizations.confirm_agreement", "money", max_attempts=8)
NEEDS = "agreements.confirm"
GAVE_UP: Final = "The work stopped before Microsoft answered."
State = AgreementConfirmation.State


def confirm_agreement(tenant: Tenant, *, actor: Actor, agreed: Agreed) -> AgreementConfirmation:
    """Ask for a linked tenant's agreement to be confirmed to Microsoft.

    The same word of the same person again is the same confirmation, while it waits or once it is
    done. Locks the tenant.

    Raises:
        InvalidInput: the day is to come.
        Conflict: ``not_linked``: nobody's customer; ``under_way``: another one waits.
        NotReady: the set-up of the tenant's connection is not done.
    """
    actor.require(NEEDS)
    if is_to_come(agreed.agreed_on):
        raise InvalidInput("Some fields are not valid.", fields={"agreed_on": [TO_COME]})
    with transaction.atomic():
        locked = lock_tenant(tenant, actor=actor)
        link = live_links(actor).filter(tenant=locked).first()
        if link is None:
            raise Conflict(
                f"{locked.name} is not linked. Link it to the customer who agreed first.",
                code="not_linked",
            )
        if is_incomplete(locked.connection):
            raise connection_incomplete(locked.connection)
        for row in confirmations(locked, actor=actor).exclude(state=State.FAILED):
            if is_stuck(row):
                _give_up(row)
            elif _is_the_same(row, agreed):
                return row
            elif row.state == State.WAITING:
                raise Conflict(
                    f"What {row.asked_by} said of {row.first_name} {row.last_name} is on its way to"
                    " Microsoft. Wait until that has ended.",
                    code="under_way",
                )
        row = AgreementConfirmation.objects.create(
            reseller_id=actor.reseller_id,
            tenant=locked,
            link=link,
            first_name=agreed.first_name,
            last_name=agreed.last_name,
            email=agreed.email,
            phone_number=agreed.phone_number,
            agreed_on=agreed.agreed_on,
            request_id=uuid4(),
            asked_by=actor.label[:250],
        )
        row.job = enqueue(
            CONFIRM,
            actor=actor,
            title=f"Confirm the customer agreement of {locked.name}",
            subject_id=row.pk,
            dedupe_key=str(row.pk),
        )
        row.save(update_fields=["job"])
        audit.record(
            actor,
            "organizations.agreement_said",
            locked,
            after=facts_of(row),
            organization_id=link.organization_id,
        )
    return row


def facts_of(row: AgreementConfirmation) -> dict[str, str]:
    """Return what the audit keeps of a confirmation."""
    return {
        "who": f"{row.first_name} {row.last_name}",
        "email": row.email,
        "agreed_on": str(row.agreed_on),
    }


def _is_the_same(row: AgreementConfirmation, agreed: Agreed) -> bool:
    said = (row.first_name, row.last_name, row.email, row.phone_number, row.agreed_on)
    return said == (
        agreed.first_name,
        agreed.last_name,
        agreed.email,
        agreed.phone_number,
        agreed.agreed_on,
    )


def _give_up(row: AgreementConfirmation) -> None:
    row.state, row.ended_at = State.FAILED, timezone.now()
    row.reason = row.reason or GAVE_UP
    row.save(update_fields=["state", "ended_at", "reason"])
