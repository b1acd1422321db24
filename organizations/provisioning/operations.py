"""Asking for a tenant: what is wished for is checked and written down, once.

None of this calls Microsoft: the wish is stored, with the id it will be sent under, before a worker
sends anything (`running`). The account's row is locked first, so that the same wish by page, API
and file meets here one after the other; the rules of the database stay the judge. What becomes of a
request that is there already is steered in `steering`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction

from organizations.directory.models import Account
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
from organizations.provisioning.plan import PLAN
from organizations.provisioning.queries import open_request, requests
from organizations.provisioning.seeing import not_yours, sees_tenant
from organizations.provisioning.steering import NEEDS, ask_about, cancel, lock_request, set_going
from organizations.readiness.naming import prefix_of
from portal.core import audit
from portal.core.access import Actor, past_scope
from portal.core.errors import Conflict, InvalidInput, NotFound
from tenants.connections.models import Connection
from tenants.connections.queries import connections
from tenants.discovery.models import Tenant

State = ProvisioningRequest.State


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
            actor=actor,
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
        with past_scope(actor) as writer:
            return _store(row, wish, tenant, actor=writer)


def _store(
    row: ProvisioningRequest, wish: Wish, tenant: Tenant | None, *, actor: Actor
) -> ProvisioningRequest:
    """Write a request with its journal, and have it carried out or a person asked."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        # The same key for another account, at the same moment.
        again = request_of_key(row.key, digest=row.digest, actor=actor)
        if again is None or "organizations_provisioning_key" not in str(error):
            raise
        return again
    _write_steps(row)
    audit.record(
        actor,
        "organizations.provisioning_requested",
        row,
        after=audit_facts(wish),
        organization_id=wish.account.organization_id,
    )
    if tenant is not None:
        ask_about(row, tenant, actor=actor)
    else:
        set_going(row, actor=actor)
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
        actor=actor,
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
    with past_scope(actor) as writer:
        cancel(row, actor=writer)


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
    """Return the tenant that has the domain, as far as it is known here.

    Raises:
        InvalidInput: it is known, and not the actor's to see.
    """
    with past_scope(actor) as reader:
        rows = Tenant.objects.visible_to(reader).filter(
            connection=wish.connection, domain=wish.domain, status=Tenant.Status.ACTIVE
        )
        found: Tenant | None = rows.order_by("first_seen_at", "id").first()
    if found is not None and not sees_tenant(found, actor=actor):
        words = not_yours(wish.domain)
        raise InvalidInput(words, fields={"domain": [words]})
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


def _write_steps(row: ProvisioningRequest) -> None:
    ProvisioningStep.objects.bulk_create(
        ProvisioningStep(
            reseller_id=row.reseller_id, provisioning=row, position=position, name=step.name
        )
        for position, step in enumerate(PLAN, start=1)
    )
