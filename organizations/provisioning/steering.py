"""Steering a request that is there: trying again, going on, confirming what exists, giving up.

Each locks the request's row, so that people and the worker meet there one after the other. None of
these calls Microsoft; what is to be sent is sent by the worker they wake. Whose a request is, and
whether it is ready, is decided in the actor's own sight; for people of a sub-reseller the rest is
written past their scope, in their name.
"""

from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from organizations.linking.models import Link
from organizations.linking.operations import link_tenant, move_tenant
from organizations.linking.queries import live_links
from organizations.provisioning.asking import Wish
from organizations.provisioning.checking import check_ready, sent_for
from organizations.provisioning.models import ProvisioningRequest, ProvisioningStep
from organizations.provisioning.plan import OF_A_NEW_TENANT
from organizations.provisioning.queries import get_request, is_stuck, requests, steps_of
from organizations.provisioning.seeing import not_yours, sees_tenant
from organizations.readiness.naming import prefix_of
from portal.core import audit
from portal.core.access import Actor, past_scope
from portal.core.errors import Conflict, PortalError
from portal.core.jobs.kinds import JobKind
from portal.core.jobs.operations import enqueue
from tenants.discovery.models import Tenant

PROVISION = JobKind("organizations.provision", "money", max_attempts=8)
NEEDS = "tenants.provision"
State, Outcome = ProvisioningRequest.State, ProvisioningRequest.Outcome


def retry_provisioning(request: ProvisioningRequest, *, actor: Actor) -> ProvisioningRequest:
    """Try a refused request again with what its account says now, under a new request id.

    Raises:
        InvalidInput: the account still is not ready.
        Conflict: it was not refused.
    """
    actor.require(NEEDS)
    with transaction.atomic():
        row = lock_request(request, actor=actor)
        if row.state != State.FAILED:
            raise _not_now(row, "Only a request that was refused is tried again.")
        if row.outcome in (Outcome.REFUSED, Outcome.NOTHING):
            _draft_again(row, actor=actor)
        with past_scope(actor) as writer:
            return _go_on(row, actor=writer, action="organizations.provisioning_retried")


def resume_provisioning(request: ProvisioningRequest, *, actor: Actor) -> ProvisioningRequest:
    """Go on with a request that needed a person, or whose worker gave up, where it stood.

    What was sent and not answered is looked for first; nothing is repeated before.

    Raises:
        Conflict: it does not wait for anybody.
    """
    actor.require(NEEDS)
    with transaction.atomic():
        row = lock_request(request, actor=actor)
        if row.state != State.PERSON and not is_stuck(row):
            raise _not_now(row, "It does not wait for a person.")
        with past_scope(actor) as writer:
            return _go_on(row, actor=writer, action="organizations.provisioning_resumed")


def cancel_provisioning(request: ProvisioningRequest, *, actor: Actor) -> ProvisioningRequest:
    """Give a request up. A tenant that was made by then stays, and shows as unlinked.

    Raises:
        Conflict: it has ended; or ``in_doubt``: a create was sent, and nobody knows what became
            of it.
    """
    actor.require(NEEDS)
    with transaction.atomic():
        row = lock_request(request, actor=actor)
        with past_scope(actor) as writer:
            cancel(row, actor=writer)
    return row


def confirm_existing(request: ProvisioningRequest, *, actor: Actor) -> ProvisioningRequest:
    """Synchronize the account with the tenant that exists: link it, or move it here.

    No user is created at Microsoft and no password is sent. A tenant that belongs to another
    account is moved, which needs the right to unlink too: it never has two live links.

    Raises:
        Conflict: nothing is asked; or ``moved_meanwhile``: somebody linked the tenant elsewhere
            since the question was asked. It is asked anew. ``domain_elsewhere``: it is not the
            tenant of somebody the actor may see.
        NotAllowed: the tenant belongs to another account, and the actor may not move it.
    """
    actor.require(NEEDS)
    with transaction.atomic():
        row = lock_request(request, actor=actor)
        if row.state != State.ASKING or row.tenant is None:
            raise _not_now(row, "Nothing is to be confirmed.")
        if not sees_tenant(row.tenant, actor=actor):
            raise Conflict(not_yours(row.domain), code="domain_elsewhere")
        with past_scope(actor, "tenants.link") as writer:
            link = _link_existing(row, row.tenant, actor=writer)
            row.link, row.state, row.ended_at = link, State.DONE, timezone.now()
            row.confirmed_by, row.stopped_at = actor.label[:250], None
            row.save()
            _end_steps(row, actor=writer)
            audit.record(
                writer,
                "organizations.provisioning_confirmed",
                row,
                after={"tenant": str(row.microsoft_id), "link": str(link.pk)},
                organization_id=row.account.organization_id,
            )
    return row


def ask_about(row: ProvisioningRequest, tenant: Tenant, *, actor: Actor) -> None:
    """Let a request wait for a person to confirm a tenant that exists; in its transaction."""
    live = live_links(actor).filter(tenant=tenant).first()
    row.state, row.outcome = State.ASKING, Outcome.EXISTING
    row.tenant, row.microsoft_id = tenant, tenant.microsoft_id
    elsewhere = live is not None and live.account_id != row.account_id
    row.seen_link = live.pk if live is not None and elsewhere else None
    row.stopped_at = timezone.now()
    row.save()


def lock_request(request: ProvisioningRequest, *, actor: Actor) -> ProvisioningRequest:
    """Return a request as it stands, locked until the transaction ends.

    Raises:
        NotFound: it is not the actor's to see.
    """
    if not actor.is_staff:
        get_request(actor, request.pk)
    with past_scope(actor) as writer:
        rows = requests(writer).select_for_update(of=("self",), no_key=True)
        return rows.get_visible(writer, pk=request.pk)


def cancel(row: ProvisioningRequest, *, actor: Actor) -> None:
    """Give up a request that is locked; in its transaction. Raises: as `cancel_provisioning`."""
    if not row.is_open:
        raise _not_now(row, "It has ended.")
    if not row.may_cancel:
        raise Conflict(
            "The customer was sent to Microsoft, and nobody knows yet what became of it. Resume"
            " the request: it looks for the customer first.",
            code="in_doubt",
        )
    before = row.state
    row.state, row.ended_at, row.stopped_at = State.CANCELLED, timezone.now(), None
    row.save()
    audit.record(
        actor,
        "organizations.provisioning_cancelled",
        row,
        before={"state": before},
        after={"tenant": str(row.microsoft_id) if row.is_made else None},
        organization_id=row.account.organization_id,
    )


def set_going(row: ProvisioningRequest, *, actor: Actor) -> None:
    """Have a worker take a request up, in the transaction that stores it."""
    row.job = enqueue(
        PROVISION,
        actor=actor,
        title=f"Provision {row.domain} for {row.account.name}",
        subject_id=row.pk,
        dedupe_key=str(row.pk),
    )
    row.save(update_fields=["job"])


def _draft_again(row: ProvisioningRequest, *, actor: Actor) -> None:
    """Take what the account says now; what was refused before was refused for what it said."""
    if not prefix_of(row.domain, cloud=row.connection.cloud):
        return
    wish = Wish(
        row.account,
        row.connection,
        row.username,
        row.domain,
        row.reseller_mpn_id,
        dict(row.agreement),
    )
    check_ready(wish, actor=actor)
    row.draft, row.recipient = sent_for(wish, actor=actor)
    row.request_id, row.round = uuid4(), row.round + 1
    row.outcome, row.sent_at = Outcome.NOTHING, None


def _go_on(row: ProvisioningRequest, *, actor: Actor, action: str) -> ProvisioningRequest:
    before = {"state": row.state, "error": row.error}
    if row.state in (State.FAILED, State.PERSON):
        row.state = State.WAITING
    row.error, row.error_code, row.errors, row.stopped_at = "", "", {}, None
    row.invitation = ""
    row.save()
    for step in steps_of(row, actor=actor):
        if step.state == ProvisioningStep.State.FAILED:
            step.state, step.ended_at = ProvisioningStep.State.WAITING, None
            step.save(update_fields=["state", "ended_at"])
    set_going(row, actor=actor)
    audit.record(actor, action, row, before=before, organization_id=row.account.organization_id)
    return row


def _link_existing(row: ProvisioningRequest, tenant: Tenant, *, actor: Actor) -> Link:
    why = f"Synchronized with {row.domain}"
    live = live_links(actor).filter(tenant=tenant).first()
    if live is None or live.account_id == row.account_id:
        return link_tenant(
            tenant, actor=actor, account=row.account, how=Link.How.PROVISIONED, why=why
        )
    if row.seen_link is None:
        # Nobody was asked about taking it from somebody.
        raise Conflict(
            "Somebody linked this tenant to another account after the question was asked. Cancel"
            " this request and ask again.",
            code="moved_meanwhile",
        )
    return move_tenant(tenant, actor=actor, account=row.account, why=why, seen=row.seen_link)


def _end_steps(row: ProvisioningRequest, *, actor: Actor) -> None:
    """Close the journal of a tenant that existed: what makes a new one was not needed."""
    now = timezone.now()
    for step in steps_of(row, actor=actor):
        if step.has_ended:
            continue
        skipped = step.name in OF_A_NEW_TENANT
        step.state = ProvisioningStep.State.SKIPPED if skipped else ProvisioningStep.State.DONE
        step.reason = "The tenant exists; no user was created." if skipped else step.reason
        step.started_at, step.ended_at = step.started_at or now, now
        step.save()


def _not_now(row: ProvisioningRequest, why: str) -> PortalError:
    return Conflict(
        f"The request for {row.domain} is {row.get_state_display().lower()}. {why}",
        code="wrong_state",
    )
