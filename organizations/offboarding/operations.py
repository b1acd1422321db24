"""Ticking off the steps of leaving that only a person can know of."""

from django.db import transaction
from django.utils import timezone

from organizations.offboarding.models import OffboardingStep
from portal.core import audit
from portal.core.access import Actor
from portal.core.errors import InvalidInput
from tenants.discovery.models import Tenant

NOTE_LENGTH = 500


def tick_step(
    tenant: Tenant, *, actor: Actor, step: str, done: bool, note: str = ""
) -> OffboardingStep | None:
    """Tick a step off, or open it again; returns the tick, None where there is none any more.

    Ticking what is ticked, or opening what is open, changes nothing. Locks the tenant's row.

    Raises:
        InvalidInput: there is no such step, or the note is too long.
    """
    actor.require("tenants.unlink")
    if step not in OffboardingStep.Step.values:
        said = f"Use one of: {', '.join(OffboardingStep.Step.values)}."
        raise InvalidInput(said, fields={"step": [said]})
    note = note.replace("\x00", "").strip()
    if len(note) > NOTE_LENGTH:
        said = f"Use at most {NOTE_LENGTH} characters."
        raise InvalidInput(said, fields={"note": [said]})
    with transaction.atomic():
        rows = Tenant.objects.select_for_update(of=("self",), no_key=True)
        locked: Tenant = rows.get_visible(actor, pk=tenant.pk)
        ticks = OffboardingStep.objects.visible_to(actor).filter(tenant=locked, step=step)
        there: OffboardingStep | None = ticks.first()
        if done == (there is not None):
            return there
        if there is not None:
            ticks.delete()
            _record(locked, there, actor=actor, action="organizations.offboarding_step_unticked")
            return None
        made = OffboardingStep(
            reseller_id=actor.reseller_id,
            tenant=locked,
            step=step,
            note=note,
            done_at=timezone.now(),
            done_by=actor.label[:250],
        )
        made.save(force_insert=True)
        _record(locked, made, actor=actor, action="organizations.offboarding_step_ticked")
        return made


def _record(tenant: Tenant, row: OffboardingStep, *, actor: Actor, action: str) -> None:
    audit.record(actor, action, tenant, after={"step": row.step}, reason=row.note)
