"""Linking very many tenants at once, as sets and not one by one.

A pair that cannot be linked is an item of the result with its reason; the others go on. Each step
of 2,000 is one transaction with one statement per kind of work, so that ten thousand links cost the
database some fifty statements. The books are held and then tenants locked in the order of their
Microsoft ids, as a discovery does: two batches over the same tenants wait for each other instead
of dying in a deadlock.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import islice
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils import timezone

from organizations.directory.holding import hold_organizations
from organizations.directory.models import Account, Organization
from organizations.directory.queries import mergers_of
from organizations.ignoring.models import IgnoredTenant
from organizations.ignoring.operations import end_linked_ignores
from organizations.ignoring.queries import ignores_by_tenant
from organizations.linking.models import Link
from organizations.linking.periods import beginning
from organizations.linking.queries import live_links
from organizations.linking.refusals import (
    connection_incomplete,
    is_incomplete,
    left_out,
    linked_elsewhere,
)
from organizations.linking.writing import link_facts, tell_linked
from portal.core import audit
from portal.core.access import Actor
from portal.core.books import hold_books
from portal.core.errors import Conflict
from tenants.connections.models import Connection
from tenants.connections.queries import connections
from tenants.discovery.models import Tenant

STEP = 2_000
INSERT_LINKS = """
    WITH made AS (
        INSERT INTO organizations_link
            (reseller_id, how, why, begins_at, linked_by, ended_by, end_reason, undone,
             id, tenant_id, account_id, organization_id, period)
        SELECT %(reseller)s, %(how)s, %(why)s, %(at)s, %(by)s, '', '', false, fresh.*,
            daterange(greatest(%(closed)s::date, former.owned_until), NULL)
        FROM unnest(%(ids)s::uuid[], %(tenants)s::uuid[], %(accounts)s::uuid[], %(owners)s::uuid[])
            AS fresh (id, tenant_id, account_id, organization_id)
        LEFT JOIN (
            SELECT tenant_id, max(upper(period)) AS owned_until FROM organizations_link
            WHERE reseller_id = %(reseller)s AND tenant_id = ANY (%(tenants)s::uuid[])
            GROUP BY tenant_id
        ) former ON former.tenant_id = fresh.tenant_id
        RETURNING id, lower(period) AS begins
    )
    SELECT id, begins FROM made WHERE begins IS NOT NULL
"""
"""Two thousand rows as four arrays: a third of the time that as many lists of values take. Each
begins where `first_free_day` says; returned are those that do not begin since ever. Former links
are read once for the step: asked for tenant by tenant, a reseller the statistics do not know yet
had all its links read for each."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A tenant, and the organization to whose primary account it shall belong.

    ``ends_ignoring``: an ignored tenant is linked, which ends that; else it is refused.
    """

    tenant_id: UUID
    organization_id: UUID
    ends_ignoring: bool = True


class Outcome(StrEnum):
    """What became of one pair."""

    LINKED = "linked"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one pair; ``link_id`` None and a sentence in ``detail`` where refused."""

    pair: Pair
    outcome: Outcome
    link_id: UUID | None = None
    detail: str = ""


def link_tenants(
    pairs: Iterable[Pair], *, actor: Actor, how: str = Link.How.BULK, why: str = ""
) -> Iterator[Result]:
    """Link each pair and yield what became of it, in the order given.

    Every 2,000 pairs are a transaction of their own; what was yielded is committed, unless the
    caller holds a transaction open. Nothing happens until the result is read.
    """
    actor.require("tenants.link")
    waiting = iter(pairs)
    while step := list(islice(waiting, STEP)):
        with transaction.atomic():
            results = _link_step(step, actor=actor, how=how, why=why.strip())
        yield from results


class _Tenant(NamedTuple):
    """What a batch needs of a tenant; whole rows would cost more than the links."""

    id: UUID
    name: str
    connection_id: UUID
    is_ignored: bool


class _Target(NamedTuple):
    """A primary account, and what is to be said of its organization."""

    account_id: UUID
    organization_id: UUID
    name: str
    number: str


class _Fresh(NamedTuple):
    """A link that is about to be written."""

    id: UUID
    tenant: _Tenant
    target: _Target


@dataclass(frozen=True, slots=True)
class _Step:
    """What one transaction decides on: read and locked once, for all its pairs."""

    tenants: Mapping[UUID, _Tenant]
    targets: Mapping[UUID, _Target]
    live: dict[UUID, Link]
    incomplete: Mapping[UUID, Connection]
    merged: Mapping[UUID, Conflict]
    ignored: Mapping[UUID, IgnoredTenant]

    def refuse(self, pair: Pair) -> str:
        """Return why a pair cannot be linked; nothing if it can."""
        tenant = self.tenants.get(pair.tenant_id)
        if tenant is None:
            return "There is no such tenant."
        if pair.organization_id in self.merged:
            return self.merged[pair.organization_id].detail
        if pair.organization_id not in self.targets:
            return "There is no such organization, or it has no account."
        if pair.tenant_id in self.live:
            return linked_elsewhere(tenant.name, self.live[pair.tenant_id]).detail
        if tenant.connection_id in self.incomplete:
            return connection_incomplete(self.incomplete[tenant.connection_id]).detail
        if pair.tenant_id in self.ignored and not pair.ends_ignoring:
            return left_out(tenant.name, self.ignored[pair.tenant_id]).detail
        return ""

    def holds_already(self, pair: Pair) -> UUID | None:
        """Return the live link that is just what the pair asks for."""
        live, target = self.live.get(pair.tenant_id), self.targets.get(pair.organization_id)
        return live.pk if live and target and live.account_id == target.account_id else None


def _link_step(step: list[Pair], *, actor: Actor, how: str, why: str) -> list[Result]:
    closed = hold_books(actor)
    tenants = _locked_tenants({pair.tenant_id for pair in step}, actor=actor)
    wanted = {pair.organization_id for pair in step}
    targets = _targets(wanted, actor=actor)
    state = _Step(
        tenants=tenants,
        targets=targets,
        merged=mergers_of(wanted - set(targets), actor=actor),
        ignored=ignores_by_tenant(
            [tenant.id for tenant in tenants.values() if tenant.is_ignored], actor=actor
        ),
        live={link.tenant_id: link for link in live_links(actor).filter(tenant__in=list(tenants))},
        incomplete={row.pk: row for row in connections(actor) if is_incomplete(row)},
    )
    draft = Link(
        reseller_id=actor.reseller_id,
        how=how,
        why=why,
        begins_at=timezone.now(),
        linked_by=actor.label[:250],
    )
    fresh: dict[UUID, _Fresh] = {}
    results = []
    for pair in step:
        if pair.tenant_id in fresh:
            state.live[pair.tenant_id] = _as_link(fresh[pair.tenant_id], draft)
        if link_id := state.holds_already(pair):
            results.append(Result(pair, Outcome.UNCHANGED, link_id))
        elif refusal := state.refuse(pair):
            results.append(Result(pair, Outcome.REFUSED, detail=refusal))
        else:
            tenant, target = tenants[pair.tenant_id], state.targets[pair.organization_id]
            fresh[tenant.id] = _Fresh(uuid4(), tenant, target)
            results.append(Result(pair, Outcome.LINKED, fresh[tenant.id].id))
    if fresh:
        _write(list(fresh.values()), draft, actor=actor, closed=closed)
    return results


def _locked_tenants(ids: set[UUID], *, actor: Actor) -> Mapping[UUID, _Tenant]:
    rows = Tenant.objects.visible_to(actor).filter(pk__in=ids).order_by("microsoft_id")
    locked = rows.select_for_update(of=("self",), no_key=True)
    columns = locked.values_list("pk", "name", "connection_id", "is_ignored")
    return {row[0]: _Tenant(*row) for row in columns}


def _targets(ids: set[UUID], *, actor: Actor) -> Mapping[UUID, _Target]:
    hold_organizations(ids, actor=actor)
    rows = Account.objects.visible_to(actor).filter(organization__in=ids, is_primary=True)
    columns = rows.values_list(
        "pk", "organization_id", "organization__name", "organization__number"
    )
    return {row[1]: _Target(*row) for row in columns}


def _as_link(fresh: _Fresh, draft: Link) -> Link:
    """Return a link of this batch as a row, for the sentence that refuses its tenant again."""
    return Link(
        id=fresh.id,
        tenant_id=fresh.tenant.id,
        account_id=fresh.target.account_id,
        organization=Organization(
            id=fresh.target.organization_id, name=fresh.target.name, number=fresh.target.number
        ),
        begins_at=draft.begins_at,
        linked_by=draft.linked_by,
    )


def _write(fresh: list[_Fresh], draft: Link, *, actor: Actor, closed: date | None) -> None:
    tell_linked([row.tenant.id for row in fresh], actor=actor)
    values: dict[str, Any] = {
        "reseller": draft.reseller_id,
        "how": draft.how,
        "why": draft.why,
        "at": draft.begins_at,
        "by": draft.linked_by,
        "closed": closed,
        "ids": [str(row.id) for row in fresh],
        "tenants": [str(row.tenant.id) for row in fresh],
        "accounts": [str(row.target.account_id) for row in fresh],
        "owners": [str(row.target.organization_id) for row in fresh],
    }
    with connection.cursor() as cursor:
        cursor.execute(INSERT_LINKS, values)
        begins = dict(cursor.fetchall())
    subject = Tenant._meta.label_lower
    entries = [
        audit.Entry(
            subject_type=subject,
            subject_id=str(row.tenant.id),
            subject_label=row.tenant.name[:300],
            after=link_facts(
                row.target,
                row.target.account_id,
                how=draft.how,
                period=beginning(begins.get(row.id)),
            ),
            organization_id=row.target.organization_id,
        )
        for row in fresh
    ]
    audit.record_many(actor, "organizations.tenant_linked", entries, reason=draft.why)
    if ignored := [row.tenant.id for row in fresh if row.tenant.is_ignored]:
        end_linked_ignores(ignored, actor=actor)
