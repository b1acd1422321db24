"""Asking for a tenant, trying again, confirming one that exists, and giving up.

None of these calls Microsoft: the wish is written down, with the id it will be sent under, before
a worker sends anything (`running`). The account's row is locked first, so that the same wish by
page, API and file meets here one after the other; the rules of the database stay the judge.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone

from organizations.directory.models import Account
from organizations.linking.models import Link
from organizations.linking.operations import link_tenant, move_tenant
from organizations.linking.queries import live_links
from organizations.linking.refusals import connection_incomplete, is_incomplete
from organizations.provisioning.asking import (
    Agreed,
    Wish,
    audit_facts,
    read_wish,
    request_of_key,
    stored_key,
)
from organizations.provisioning.checking import check_ready, sent_for
from organizations.provisioning.models import ProvisioningRequest, ProvisioningStep
from organizations.provisioning.plan import OF_A_NEW_TENANT, PLAN
from organizations.provisioning.queries import is_stuck, open_request, requests, steps_of
from organizations.readiness.naming import prefix_of
from portal.core import audit
from portal.core.access import Actor
from portal.core.errors import Conflict, NotFound, PortalError
from portal.core.jobs.kinds import JobKind
from portal.core.jobs.operations import enqueue
from tenants.connections.models import Connection
from tenants.connections.queries import connections
from tenants.discovery.models import Tenant

PROVISION = JobKind("organizations.provision", "money", max_attempts=8)
NEEDS = "tenants.provision"
State, Outcome = ProvisioningRequest.State, ProvisioningRequest.Outcome


class Verdict(StrEnum):
    """What would come of a wish."""

    PROVISIONS = "provisioned"
    ASKS = "asked"
    THERE = "unchanged"


def request_provisioning(
    account: Account,
    *,
    actor: Actor,
    connection: Connection,
    username: str,
    domain: str,
    reseller_mpn_id: str = "",
    key: str = "",
    agreed: Agreed | None = None,
    source: str = "",
) -> ProvisioningRequest:
    """Ask for a tenant for an account; the same wish again returns the request there is.

    ``domain`` is a prefix, or the whole domain of a tenant that exists; of one that is known here
    the request asks a person at once. ``agreed`` is who agreed to the Microsoft Customer Agreement,
    where somebody knows. ``source`` names the file it came from. A request that was refused makes
    way for one that asks for something else.

    Raises:
        InvalidInput: with every field that is wrong or that Microsoft would refuse.
        KeyReused: the key was used for something else.
        Conflict: ``request_open``: the account waits for another tenant of this connection.
        NotReady: the set-up of the connection is not done.
    """
    actor.require(NEEDS)
    with transaction.atomic():
        locked = _lock_account(account, actor=actor)
        place: Connection = connections(actor).get_visible(actor, pk=connection.pk)
        wish = read_wish(
            locked,
            connection=place,
            username=username,
            domain=domain,
            reseller_mpn_id=reseller_mpn_id,
            agreed=agreed,
        )
        own_key, digest = stored_key(key, actor=actor), wish.digest()
        found = request_of_key(own_key, digest=digest, actor=actor) or _same_wish(wish, actor=actor)
        if found is not None:
            return found
        if is_incomplete(place):
            raise connection_incomplete(place)
        _make_way(wish, actor=actor)
        tenant = _known_tenant(wish, actor=actor)
        row = _draft(wish, tenant, actor=actor)
        row.key, row.digest, row.source = own_key, digest, source[:255]
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            # The same key for another account, at the same moment.
            again = request_of_key(own_key, digest=digest, actor=actor)
            if again is None or "organizations_provisioning_key" not in str(error):
                raise
            return again
        _write_steps(row)
        audit.record(
            actor,
            "organizations.provisioning_requested",
            row,
            after=audit_facts(wish),
            organization_id=locked.organization_id,
        )
        if tenant is not None:
            ask_about(row, tenant, actor=actor)
        else:
            _set_going(row, actor=actor)
    return row


def judge_wish(
    account: Account,
    *,
    actor: Actor,
    connection: Connection,
    username: str,
    domain: str,
    reseller_mpn_id: str = "",
) -> Verdict:
    """Say what `request_provisioning` would do of the same; nothing is done.

    Needs a transaction. Raises: as that one.
    """
    actor.require(NEEDS)
    wish = read_wish(
        account,
        connection=connection,
        username=username,
        domain=domain,
        reseller_mpn_id=reseller_mpn_id,
        agreed=None,
    )
    if _same_wish(wish, actor=actor) is not None:
        return Verdict.THERE
    if is_incomplete(connection):
        raise connection_incomplete(connection)
    current = open_request(account, actor=actor, connection=connection)
    if current is not None and not _gives_way(current):
        raise _in_the_way(wish, current)
    if _known_tenant(wish, actor=actor) is not None:
        return Verdict.ASKS
    if prefix_of(wish.domain, cloud=connection.cloud):
        check_ready(wish, actor=actor)
    return Verdict.PROVISIONS


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
        return _go_on(row, actor=actor, action="organizations.provisioning_retried")


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
        return _go_on(row, actor=actor, action="organizations.provisioning_resumed")


def cancel_provisioning(request: ProvisioningRequest, *, actor: Actor) -> ProvisioningRequest:
    """Give a request up. A tenant that was made by then stays, and shows as unlinked.

    Raises:
        Conflict: it has ended; or ``in_doubt``: a create was sent, and nobody knows what became
            of it.
    """
    actor.require(NEEDS)
    with transaction.atomic():
        row = lock_request(request, actor=actor)
        _cancel(row, actor=actor)
    return row


def confirm_existing(request: ProvisioningRequest, *, actor: Actor) -> ProvisioningRequest:
    """Synchronize the account with the tenant that exists: link it, or move it here.

    No user is created at Microsoft and no password is sent. A tenant that belongs to another
    account is moved, which needs the right to unlink too: it never has two live links.

    Raises:
        Conflict: nothing is asked; or ``moved_meanwhile``: somebody linked the tenant elsewhere
            since the question was asked. It is asked anew.
        NotAllowed: the tenant belongs to another account, and the actor may not move it.
    """
    actor.require(NEEDS)
    with transaction.atomic():
        row = lock_request(request, actor=actor)
        if row.state != State.ASKING or row.tenant is None:
            raise _not_now(row, "Nothing is to be confirmed.")
        link = _link_existing(row, row.tenant, actor=actor)
        row.link, row.state, row.ended_at = link, State.DONE, timezone.now()
        row.confirmed_by, row.stopped_at = actor.label[:250], None
        row.save()
        _end_steps(row, actor=actor)
        audit.record(
            actor,
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
    """Return a request as it stands, locked until the transaction ends."""
    rows = requests(actor).select_for_update(of=("self",), no_key=True)
    return rows.get_visible(actor, pk=request.pk)


def _lock_account(account: Account, *, actor: Actor) -> Account:
    rows = Account.objects.visible_to(actor).select_related("organization")
    locked: Account | None = (
        rows.select_for_update(of=("self",), no_key=True).filter(pk=account.pk).first()
    )
    if locked is None:
        raise NotFound
    return locked


def _same_wish(wish: Wish, *, actor: Actor) -> ProvisioningRequest | None:
    """Return the request that wants the same and is under way, or has made it so."""
    current = open_request(wish.account, actor=actor, connection=wish.connection)
    if current is not None:
        return current if wish.is_that_of(current) and current.state != State.FAILED else None
    done = (
        requests(actor)
        .filter(account=wish.account, connection=wish.connection, state=State.DONE)
        .order_by("-created_at")
    )
    for row in done.filter(domain=wish.domain):
        if wish.is_that_of(row) and _still_linked(row, actor=actor):
            return row
    return None


def _still_linked(row: ProvisioningRequest, *, actor: Actor) -> bool:
    return live_links(actor).filter(tenant=row.tenant_id, account=row.account_id).exists()


def _make_way(wish: Wish, *, actor: Actor) -> None:
    """Give up what was refused, for another wish; anything else under way stands in it."""
    current = open_request(wish.account, actor=actor, connection=wish.connection)
    if current is None:
        return
    row = lock_request(current, actor=actor)
    if not _gives_way(row):
        raise _in_the_way(wish, row)
    _cancel(row, actor=actor)


def _gives_way(row: ProvisioningRequest) -> bool:
    return row.state == State.FAILED and row.may_cancel and not row.is_made


def _in_the_way(wish: Wish, row: ProvisioningRequest) -> Conflict:
    return Conflict(
        f"{wish.account.name} waits for {row.domain} already ({row.get_state_display().lower()}),"
        f" asked for by {row.asked_by}. Cancel that first if it is wrong.",
        code="request_open",
        data={"provisioning_request": str(row.pk)},
    )


def _known_tenant(wish: Wish, *, actor: Actor) -> Tenant | None:
    rows = Tenant.objects.visible_to(actor).filter(
        connection=wish.connection, domain=wish.domain, status=Tenant.Status.ACTIVE
    )
    found: Tenant | None = rows.order_by("first_seen_at", "id").first()
    return found


def _draft(wish: Wish, tenant: Tenant | None, *, actor: Actor) -> ProvisioningRequest:
    """Return the row, with what would be sent; what exists already is only to be linked."""
    makes = tenant is None and bool(prefix_of(wish.domain, cloud=wish.connection.cloud))
    draft: Mapping[str, Any] = {}
    recipient = ""
    if makes:
        check_ready(wish, actor=actor)
        draft, recipient = sent_for(wish, actor=actor)
    return ProvisioningRequest(
        reseller_id=actor.reseller_id,
        account=wish.account,
        connection=wish.connection,
        username=wish.username,
        domain=wish.domain,
        reseller_mpn_id=wish.reseller_mpn_id,
        agreement=dict(wish.agreed),
        draft=dict(draft),
        recipient=recipient,
        request_id=uuid4(),
        asked_by=actor.label[:250],
        membership_id=actor.membership_id,
    )


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
    _set_going(row, actor=actor)
    audit.record(actor, action, row, before=before, organization_id=row.account.organization_id)
    return row


def _set_going(row: ProvisioningRequest, *, actor: Actor) -> None:
    row.job = enqueue(
        PROVISION,
        actor=actor,
        title=f"Provision {row.domain} for {row.account.name}",
        subject_id=row.pk,
        dedupe_key=str(row.pk),
    )
    row.save(update_fields=["job"])


def _write_steps(row: ProvisioningRequest) -> None:
    ProvisioningStep.objects.bulk_create(
        ProvisioningStep(
            reseller_id=row.reseller_id, provisioning=row, position=position, name=step.name
        )
        for position, step in enumerate(PLAN, start=1)
    )


def _cancel(row: ProvisioningRequest, *, actor: Actor) -> None:
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
