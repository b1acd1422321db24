"""What the people of the demo have done already, so that lists and histories are not empty.

A bulk link, an ignored tenant, and alerts with an owner or an acknowledgement: each through the
operation a person would use, each once.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from organizations.alert.models import Condition
from organizations.alert.operations import (
    acknowledge_conditions,
    assign_conditions,
    request_reconciliation,
)
from organizations.bulk.models import BulkLink
from organizations.bulk.operations import preview_bulk, run_bulk
from organizations.bulk.plans import AcceptSuggestions, TheseTenants
from organizations.ignoring.models import IgnoredTenant
from organizations.ignoring.operations import ignore_tenant
from organizations.suggestions.operations import request_suggestions
from portal.core.access import Actor, Role
from portal.core.identity.models import Membership
from portal.core.jobs import worker
from tenants.discovery.models import Tenant

LEVEL = "likely"
OWNED = 3
WAITS_DAYS = 30


def link_together(tenants: Sequence[Tenant], *, actor: Actor) -> int:
    """Link tenants whose organizations are there by their suggestions; returns how many."""
    look_for_suggestions(actor=actor)
    with transaction.atomic():
        if not tenants or BulkLink.objects.visible_to(actor).exists():
            return 0
    chosen = TheseTenants(tuple(tenant.pk for tenant in tenants))
    bulk = preview_bulk(actor=actor, choice=chosen, plan=AcceptSuggestions(LEVEL))
    if not bulk.planned:
        return 0
    job = run_bulk(bulk, actor=actor).job
    assert job is not None
    worker.run_job(job.pk)
    with transaction.atomic():
        return Tenant.objects.visible_to(actor).filter(pk__in=chosen.ids, is_linked=True).count()


def look_for_suggestions(*, actor: Actor) -> None:
    """Have suggestions looked for now, not when the first worker gets to it."""
    worker.run_job(request_suggestions(actor=actor).pk)


def share_out(*, actor: Actor, say: Callable[[str], None]) -> None:
    """Ignore one tenant that costs nothing; give the dearest alerts an owner, let one wait."""
    with transaction.atomic():
        if IgnoredTenant.objects.visible_to(actor).exists():
            return
        left = Tenant.objects.visible_to(actor).filter(is_linked=False).exclude(relationship="")
        spared = left.filter(billed_amount=None).order_by("name").first() or left.last()
    if spared is not None:
        ignore_tenant(
            spared,
            actor=actor,
            kind=IgnoredTenant.Kind.TEST,
            reason="We try new products in it; nobody is billed for it.",
        )
    if job := request_reconciliation(actor=actor):
        worker.run_job(job.pk)
    with transaction.atomic():
        rows = Condition.objects.visible_to(actor).filter(state=Condition.State.OPEN)
        dearest = list(rows.order_by("-worth", "id").values_list("pk", flat=True)[: OWNED + 1])
        members = Membership.objects.visible_to(actor)
        owner = members.filter(role=Role.OPERATOR).first()
    if owner is not None and dearest:
        assign_conditions(dearest[:OWNED], actor=actor, assignee=owner)
        acknowledge_conditions(
            dearest[OWNED:],
            actor=actor,
            until=timezone.now().date() + timedelta(days=WAITS_DAYS),
            reason="Their contract is being signed; the organization comes with it.",
        )
    say("  Suggestions looked for, one tenant ignored, alerts given to people")
