"""Linking very many tenants at once, as sets and not one by one.

A pair that cannot be linked is an item of the result with its reason; the others go on. Each step
of 2,000 is one transaction with one statement per kind of work, so that ten thousand links cost the
database some fifty statements. Tenants are locked in the order of their keys: two batches over the
same tenants wait for each other instead of dying in a deadlock.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import NamedTuple
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.utils import timezone

from organizations.directory.models import Account, Organization
from organizations.linking.models import Link
from organizations.linking.operations import link_facts
from organizations.linking.queries import live_links
from organizations.linking.refusals import connection_incomplete, is_incomplete, linked_elsewhere
from portal.core import audit
from portal.core.access import Actor
from tenants.connections.models import Connection
from tenants.connections.queries import connections
from tenants.discovery.models import Tenant
from tenants.discovery.operations import mark_linked

STEP = 2_000
INSERT_LINKS = """
    INSERT INTO organizations_link
        (reseller_id, how, why, begins_at, linked_by, ended_by, end_reason, undone,
         id, tenant_id, account_id, organization_id)
    SELECT %s, %s, %s, %s, %s, '', '', false, fresh.*
    FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[]) AS fresh
"""
"""Two thousand rows as four arrays: a third of the time that as many lists of values take."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A tenant, and the organization to whose primary account it shall belong."""

    tenant_id: UUID
    organization_id: UUID


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


class _Target(NamedTuple):
    """A primary account and its organization, of which only id, name and number are known."""

    account_id: UUID
    organization: Organization


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

    def refuse(self, pair: Pair) -> str:
        """Return why a pair cannot be linked; nothing if it can."""
        tenant = self.tenants.get(pair.tenant_id)
        if tenant is None:
            return "There is no such tenant."
        if pair.organization_id not in self.targets:
            return "There is no such organization, or it has no account."
        if pair.tenant_id in self.live:
            return linked_elsewhere(tenant.name, self.live[pair.tenant_id]).detail
        if tenant.connection_id in self.incomplete:
            return connection_incomplete(self.incomplete[tenant.connection_id]).detail
        return ""

    def holds_already(self, pair: Pair) -> UUID | None:
        """Return the live link that is just what the pair asks for."""
        live, target = self.live.get(pair.tenant_id), self.targets.get(pair.organization_id)
        return live.pk if live and target and live.account_id == target.account_id else None


def _link_step(step: list[Pair], *, actor: Actor, how: str, why: str) -> list[Result]:
    tenants = _locked_tenants({pair.tenant_id for pair in step}, actor=actor)
    state = _Step(
        tenants=tenants,
        targets=_targets({pair.organization_id for pair in step}, actor=actor),
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
        _write(list(fresh.values()), draft, actor=actor)
    return results


def _locked_tenants(ids: set[UUID], *, actor: Actor) -> Mapping[UUID, _Tenant]:
    rows = Tenant.objects.visible_to(actor).filter(pk__in=ids).order_by("pk")
    locked = rows.select_for_update(of=("self",), no_key=True)
    columns = locked.values_list("pk", "name", "connection_id")
    return {row[0]: _Tenant(*row) for row in columns}


def _targets(ids: set[UUID], *, actor: Actor) -> Mapping[UUID, _Target]:
    rows = Account.objects.visible_to(actor).filter(organization__in=ids, is_primary=True)
    columns = rows.values_list(
        "organization_id", "pk", "organization__name", "organization__number"
    )
    return {
        organization_id: _Target(
            account_id, Organization(id=organization_id, name=name, number=number)
        )
        for organization_id, account_id, name, number in columns
    }


def _as_link(fresh: _Fresh, draft: Link) -> Link:
    """Return a link of this batch as a row, for the sentence that refuses its tenant again."""
    return Link(
        id=fresh.id,
        tenant_id=fresh.tenant.id,
        account_id=fresh.target.account_id,
        organization=fresh.target.organization,
        begins_at=draft.begins_at,
        linked_by=draft.linked_by,
    )


def _write(fresh: list[_Fresh], draft: Link, *, actor: Actor) -> None:
    mark_linked([row.tenant.id for row in fresh], actor=actor, linked=True)
    with connection.cursor() as cursor:
        cursor.execute(
            INSERT_LINKS,
            [
                draft.reseller_id,
                draft.how,
                draft.why,
                draft.begins_at,
                draft.linked_by,
                [row.id for row in fresh],
                [row.tenant.id for row in fresh],
                [row.target.account_id for row in fresh],
                [row.target.organization.pk for row in fresh],
            ],
        )
    subject = Tenant._meta.label_lower
    entries = [
        audit.Entry(
            subject_type=subject,
            subject_id=str(row.tenant.id),
            subject_label=row.tenant.name[:300],
            after=link_facts(row.target.organization, row.target.account_id, how=draft.how),
            organization_id=row.target.organization.pk,
        )
        for row in fresh
    ]
    audit.record_many(actor, "organizations.tenant_linked", entries, reason=draft.why)
