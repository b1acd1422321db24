"""Taking many links back at once, as sets and not one by one; the counterpart of `batch`.

Only links that still stand are ended. What somebody ended meanwhile keeps its end and its author,
what owns a closed month stays, and the result says so. The rules are those of `undo_link`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import islice
from uuid import UUID

from django.db import connection, transaction

from organizations.linking.models import Link
from organizations.linking.operations import undo_link
from organizations.linking.refusals import already_ended, closed_since
from organizations.linking.writing import facts_of, tell_unlinked
from portal.core import audit
from portal.core.access import Actor
from portal.core.books import hold_books
from portal.core.errors import PortalError
from tenants.discovery.models import Tenant

STEP = 2_000
NO_LINK = ("not_found", "There is no such link.")
# Two hosts' clocks differ a little; a link may not end before it began.
END_LINKS = """
    UPDATE organizations_link
    SET ends_at = greatest(now(), begins_at), ended_by = %s, end_reason = %s, undone = true,
        period = 'empty'
    WHERE reseller_id = %s AND id = ANY (%s::uuid[]) AND ends_at IS NULL
"""


class UndoOutcome(StrEnum):
    """What became of one link: taken back, taken back before, or left as it was."""

    UNDONE = "undone"
    UNCHANGED = "unchanged"
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class UndoResult:
    """The outcome of one link; a word and a sentence where it was left as it was."""

    link_id: UUID
    outcome: UndoOutcome
    code: str = ""
    detail: str = ""


def undo_links(
    link_ids: Iterable[UUID], *, actor: Actor, reason: str = "Undone"
) -> Iterator[UndoResult]:
    """End each live link, marked as never meant, and yield what became of it, in the order given.

    Every 2,000 links are a transaction of their own; what was yielded is committed, unless the
    caller holds a transaction open. Nothing happens until the result is read.
    """
    actor.require("tenants.unlink")
    waiting = iter(link_ids)
    while step := list(islice(waiting, STEP)):
        with transaction.atomic():
            results = _undo_step(step, actor=actor, reason=reason.strip())
        yield from results


def _undo_step(step: list[UUID], *, actor: Actor, reason: str) -> list[UndoResult]:
    closed = hold_books(actor)
    tenants = _locked_tenants(step, actor=actor)
    rows = Link.objects.visible_to(actor).select_related("organization").in_bulk(step)
    results: dict[UUID, UndoResult] = {}
    simple = []
    for link_id in step:
        link = rows.get(link_id)
        if link is None:
            results[link_id] = UndoResult(link_id, UndoOutcome.KEPT, *NO_LINK)
        elif kept := _why_kept(link, tenants, closed):
            results[link_id] = UndoResult(link_id, UndoOutcome.KEPT, kept.code, kept.detail)
        elif link.undone:
            results[link_id] = UndoResult(link_id, UndoOutcome.UNCHANGED)
        else:
            results[link_id] = UndoResult(link_id, UndoOutcome.UNDONE)
            if link.replaces_id:
                undo_link(link, actor=actor)  # the former owner gets the tenant back
            else:
                simple.append(link)
    if simple:
        _end(simple, tenants, actor=actor, reason=reason)
    return [results[link_id] for link_id in step]


def _why_kept(
    link: Link, tenants: Mapping[UUID, Tenant], closed: date | None
) -> PortalError | None:
    """Return why a link stays as it is; None where it can be taken back, or was."""
    if link.undone:
        return None
    if not link.is_live:
        return already_ended(tenants[link.tenant_id], link)
    if closed and (link.owned_from is None or link.owned_from < closed):
        return closed_since(tenants[link.tenant_id], link, closed)
    return None


def _locked_tenants(link_ids: list[UUID], *, actor: Actor) -> Mapping[UUID, Tenant]:
    """Lock the links' tenants in the order of their Microsoft ids, as every batch does."""
    owners = Link.objects.visible_to(actor).filter(pk__in=link_ids)
    ids = list(owners.values_list("tenant_id", flat=True))
    rows = Tenant.objects.visible_to(actor).filter(pk__in=ids)
    locked = rows.order_by("microsoft_id").select_for_update(of=("self",), no_key=True)
    return {tenant.pk: tenant for tenant in locked.only("pk", "name", "reseller_id")}


def _end(links: list[Link], tenants: Mapping[UUID, Tenant], *, actor: Actor, reason: str) -> None:
    with connection.cursor() as cursor:
        ids = [link.pk for link in links]
        cursor.execute(END_LINKS, [actor.label[:250], reason, actor.reseller_id, ids])
    tell_unlinked([link.tenant_id for link in links], actor=actor, why=reason)
    entries = [
        audit.Entry.of(
            tenants[link.tenant_id],
            before=facts_of(link),
            organization_id=link.organization_id,
        )
        for link in links
    ]
    audit.record_many(actor, "organizations.link_undone", entries, reason=reason)
