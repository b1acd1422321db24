"""Accepting, dismissing and restoring suggestions, and letting certain ones link by themselves.

The tenant is locked before the suggestion, as linking locks it, so that two people who decide about
the same tenant meet there.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from organizations.directory.models import Organization
from organizations.linking.models import Link
from organizations.linking.operations import link_tenant
from organizations.linking.writing import lock_tenant
from organizations.suggestions.asking import ask_for_suggestions, state_of
from organizations.suggestions.models import PER_TENANT, LinkSuggestion, SuggestionState
from organizations.suggestions.queries import suggestions
from organizations.suggestions.words import sentence_of
from portal.core import audit
from portal.core.access import Actor
from portal.core.errors import Conflict, InvalidInput
from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from portal.web.wording import write_exact
from tenants.discovery.models import Tenant

WHY_LENGTH = 500
OPEN = LinkSuggestion.State.OPEN
ACCEPTED = LinkSuggestion.State.ACCEPTED
DISMISSED = LinkSuggestion.State.DISMISSED


def accept_suggestion(suggestion: LinkSuggestion, *, actor: Actor) -> Link:
    """Link a tenant as suggested; the link keeps the reasons. Again changes nothing.

    Raises what `link_tenant` raises, and Conflict where somebody dismissed the suggestion.
    """
    actor.require("tenants.link")
    with transaction.atomic():
        lock_tenant(suggestion.tenant, actor=actor)
        row = _locked(suggestion, actor=actor)
        if row.state == DISMISSED:
            raise Conflict(
                f"{row.organization} was dismissed for {row.tenant} by {row.decided_by} at"
                f" {_write(row.decided_at)}. Restore the suggestion first, or link by hand.",
                code="suggestion_dismissed",
            )
        link = link_tenant(
            row.tenant,
            actor=actor,
            organization=row.organization,
            how=Link.How.SUGGESTION,
            why=sentence_of(row.reason_texts),
        )
        _decide(row, ACCEPTED, actor=actor)
    return link


def link_chosen(tenant: Tenant, *, actor: Actor, organization: Organization | None) -> Link:
    """Link a tenant to what a person chose, by suggestion if that was suggested.

    Raises what `link_tenant` raises, InvalidInput where nothing was chosen too.
    """
    actor.require("tenants.link")
    with transaction.atomic():
        rows = suggestions(actor).filter(tenant=tenant, organization=organization)
        suggested = rows.filter(state=OPEN).first()
        if suggested is not None:
            return accept_suggestion(suggested, actor=actor)
        return link_tenant(tenant, actor=actor, organization=organization)


def dismiss_suggestion(
    suggestion: LinkSuggestion, *, actor: Actor, reason: str = ""
) -> LinkSuggestion:
    """Say that an organization is not the one; no later run suggests it for this tenant again.

    Raises:
        InvalidInput: the reason is longer than 500 characters.
        Conflict: the tenant is linked as suggested.
    """
    actor.require("tenants.link")
    reason = reason.replace("\x00", "").strip()
    if len(reason) > WHY_LENGTH:
        text = f"Use at most {WHY_LENGTH} characters."
        raise InvalidInput("The reason is too long.", fields={"reason": [text]})
    with transaction.atomic():
        tenant = lock_tenant(suggestion.tenant, actor=actor)
        row = _locked(suggestion, actor=actor)
        if row.state == DISMISSED:
            return row
        if row.state == ACCEPTED and tenant.is_linked:
            raise Conflict(
                f"{row.tenant} was linked to {row.organization} as suggested; unlink it first if"
                " that is wrong.",
                code="suggestion_accepted",
            )
        _decide(row, DISMISSED, actor=actor, why=reason)
        _rank_anew(row.tenant, actor=actor)
        audit.record(
            actor,
            "organizations.suggestion_dismissed",
            row.tenant,
            before=_facts(row),
            reason=reason,
            organization_id=row.organization_id,
        )
    return row


def restore_suggestion(suggestion: LinkSuggestion, *, actor: Actor) -> LinkSuggestion:
    """Take a dismissal back; the suggestion is open again, with the score it had.

    Whether it still holds is looked at by the run that this asks for.
    """
    actor.require("tenants.link")
    with transaction.atomic():
        lock_tenant(suggestion.tenant, actor=actor)
        row = _locked(suggestion, actor=actor)
        if row.state != DISMISSED:
            return row
        row.state, row.decided_at, row.decided_by, row.why = OPEN, None, "", ""
        row.save(update_fields=["state", "decided_at", "decided_by", "why"])
        _rank_anew(row.tenant, actor=actor)
        audit.record(
            actor,
            "organizations.suggestion_restored",
            row.tenant,
            after=_facts(row),
            organization_id=row.organization_id,
        )
        ask_for_suggestions(actor)
    row.refresh_from_db(fields=["rank"])
    return row


def request_suggestions(*, actor: Actor) -> Job:
    """Ask for suggestions to be looked for now; returns the job, which may run already."""
    actor.require("tenants.link")
    with transaction.atomic():
        return ask_for_suggestions(actor)


def switch_automatic(*, actor: Actor, applies: bool) -> SuggestionState:
    """Let certain suggestions become links by themselves, or end that; links made stay."""
    actor.require("suggestions.manage")
    with transaction.atomic():
        row, _ = SuggestionState.objects.select_for_update().get_or_create(
            reseller_id=actor.reseller_id
        )
        if row.applies_certain == applies:
            return row
        row.applies_certain = applies
        row.save(update_fields=["applies_certain"])
        audit.record(
            actor,
            "organizations.suggestions_switched",
            Reseller.objects.get(pk=actor.reseller_id),
            before={"applies_certain": not applies},
            after={"applies_certain": applies},
        )
        if applies:
            ask_for_suggestions(actor)
    return row


def automatic_state(actor: Actor) -> SuggestionState:
    """Return how the reseller's suggestions stand (1 query)."""
    actor.require("suggestions.view")
    return state_of(actor)


def _locked(suggestion: LinkSuggestion, *, actor: Actor) -> LinkSuggestion:
    rows = suggestions(actor).select_for_update(of=("self",), no_key=True)
    return rows.get_visible(actor, pk=suggestion.pk)


def _decide(row: LinkSuggestion, state: str, *, actor: Actor, why: str = "") -> None:
    row.state, row.why = state, why
    row.decided_at, row.decided_by = timezone.now(), actor.label[:250]
    row.save(update_fields=["state", "why", "decided_at", "decided_by"])


def _rank_anew(tenant: Tenant, *, actor: Actor) -> None:
    """Let the best of those that are left be the first again (1 query, and one per change)."""
    rows = LinkSuggestion.objects.visible_to(actor).filter(tenant=tenant, state=OPEN)
    ordered = rows.order_by("-score", "rank", "id")
    for rank, row in enumerate(ordered[:PER_TENANT], start=1):
        if row.rank != rank:
            row.rank = rank
            row.save(update_fields=["rank"])


def _facts(row: LinkSuggestion) -> dict[str, object]:
    return {
        "organization": row.organization.name,
        "organization_number": row.organization.number,
        "score": str(row.score),
        "level": row.level,
    }


def _write(moment: datetime | None) -> str:
    return write_exact(timezone.localtime(moment)) if moment else ""
