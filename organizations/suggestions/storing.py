"""Bringing the stored suggestions of some tenants in line with what the matching found.

What is stored is read and compared first, so a run that finds the same again writes nothing and
locks nothing. What was dismissed is left alone, whatever the matching says of it now.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection as database

from organizations.suggestions.matching import Match
from organizations.suggestions.models import PER_TENANT, LinkSuggestion
from portal.core.access import Actor

PLACES = Decimal("0.0001")
STEP = 10_000
LEAST_SCORE = 0.1
"""What scores less is no help: of real names, none of those was right."""
OPEN, DISMISSED = LinkSuggestion.State.OPEN, LinkSuggestion.State.DISMISSED

# A tenant that was linked since it was read is left out. Whoever decides about a suggestion locks
# its tenant first too, so nobody waits for anybody in a circle.
LOCK = """
    SELECT id FROM tenants_tenant
    WHERE reseller_id = %s AND id = ANY (%s::uuid[]) AND NOT is_linked
      AND NOT is_ignored
    ORDER BY microsoft_id FOR NO KEY UPDATE
"""

# What was accepted and is not linked any more is a suggestion again: whoever took the link back can
# dismiss it.
WRITE = """
    INSERT INTO organizations_linksuggestion AS kept (id, reseller_id, state, made_at,
        decided_by, why, tenant_id, organization_id, rank, score, level, reasons)
    SELECT gen_random_uuid(), %s, 'open', now(), '', '', fresh.*
    FROM unnest(%s::uuid[], %s::uuid[], %s::smallint[], %s::numeric[], %s::text[], %s::jsonb[])
        AS fresh (tenant_id, organization_id, rank, score, level, reasons)
    ON CONFLICT (reseller_id, tenant_id, organization_id) DO UPDATE SET
        rank = EXCLUDED.rank, score = EXCLUDED.score, level = EXCLUDED.level,
        reasons = EXCLUDED.reasons, state = 'open', made_at = EXCLUDED.made_at,
        decided_at = NULL, decided_by = '', why = ''
    WHERE kept.state <> 'dismissed'
"""

# Somebody may have dismissed one since it was read: that decision stays.
REMOVE = """
    DELETE FROM organizations_linksuggestion
    WHERE reseller_id = %s AND id = ANY (%s::uuid[]) AND state <> 'dismissed'
"""

# Many tenants are linked at once elsewhere; what was suggested and so came true is accepted.
SETTLE = """
    WITH true_now AS (
        SELECT s.id, l.linked_by, l.begins_at
        FROM organizations_linksuggestion s
        JOIN organizations_link l ON l.reseller_id = s.reseller_id AND l.tenant_id = s.tenant_id
            AND l.organization_id = s.organization_id AND l.ends_at IS NULL
        WHERE s.reseller_id = %s AND s.state = 'open'
        ORDER BY s.id LIMIT %s FOR NO KEY UPDATE OF s
    )
    UPDATE organizations_linksuggestion s
    SET state = 'accepted', decided_by = true_now.linked_by, decided_at = true_now.begins_at
    FROM true_now WHERE s.id = true_now.id
"""
FORGET_LINKED = """
    DELETE FROM organizations_linksuggestion WHERE id IN (
        SELECT s.id FROM organizations_linksuggestion s
        JOIN tenants_tenant t ON t.reseller_id = s.reseller_id AND t.id = s.tenant_id
        WHERE s.reseller_id = %s AND s.state = 'open' AND (t.is_linked OR t.is_ignored)
        ORDER BY s.id LIMIT %s FOR UPDATE OF s
    )
"""
_encoder = DjangoJSONEncoder(ensure_ascii=False)


class _Kept(NamedTuple):
    """What is stored of one pair."""

    id: UUID
    tenant_id: UUID
    organization_id: UUID
    state: str
    rank: int
    score: Decimal
    level: str
    reasons: list[Any]


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows a step wrote and took away; nothing where nothing changed."""

    written: int = 0
    removed: int = 0


class StoredStep:
    """The stored suggestions of a step of tenants, read once (1 query)."""

    def __init__(self, tenant_ids: Iterable[UUID], *, actor: Actor) -> None:
        self._actor = actor
        rows = LinkSuggestion.objects.visible_to(actor).filter(tenant__in=list(tenant_ids))
        kept = (_Kept(*row) for row in rows.values_list(*_Kept._fields))
        self._kept = {(row.tenant_id, row.organization_id): row for row in kept}
        self._dismissed: dict[UUID, set[UUID]] = {}
        for row in self._kept.values():
            if row.state == DISMISSED:
                self._dismissed.setdefault(row.tenant_id, set()).add(row.organization_id)

    def candidates_wanted(self, tenant_id: UUID) -> int:
        """Return how many candidates to look for: those not meant take no other's place."""
        return PER_TENANT + len(self._dismissed.get(tenant_id, ()))

    def write(self, found: Mapping[UUID, Sequence[Match]]) -> Written:
        """Write what differs, in at most three statements, in the caller's transaction.

        Locks the tenants of which something differs.
        """
        wanted = [
            self._row(match, rank)
            for tenant_id, matches in found.items()
            for rank, match in enumerate(self._meant(tenant_id, matches), start=1)
        ]
        pairs = {(row[0], row[1]) for row in wanted}
        stale = [
            row for pair, row in self._kept.items() if pair not in pairs and row.state != DISMISSED
        ]
        fresh = [row for row in wanted if not self._is_kept(row)]
        if not (fresh or stale):
            return Written()
        locked = self._lock({row[0] for row in fresh} | {row.tenant_id for row in stale})
        return Written(
            written=self._write([row for row in fresh if row[0] in locked]),
            removed=self._remove([row.id for row in stale if row.tenant_id in locked]),
        )

    def _meant(self, tenant_id: UUID, matches: Sequence[Match]) -> Sequence[Match]:
        dismissed = self._dismissed.get(tenant_id, ())
        return [
            match
            for match in matches
            if match.score >= LEAST_SCORE and match.organization not in dismissed
        ][:PER_TENANT]

    @staticmethod
    def _row(match: Match, rank: int) -> tuple[Any, ...]:
        score = Decimal(match.score).quantize(PLACES)
        reasons = [{"code": reason.code, "text": reason.text} for reason in match.reasons]
        return (match.tenant, match.organization, rank, score, str(match.level), reasons)

    def _is_kept(self, row: tuple[Any, ...]) -> bool:
        kept = self._kept.get((row[0], row[1]))
        return kept is not None and (kept.state, *kept[4:]) == (OPEN, *row[2:])

    def _lock(self, tenant_ids: set[UUID]) -> set[UUID]:
        with database.cursor() as cursor:
            cursor.execute(LOCK, [self._actor.reseller_id, list(tenant_ids)])
            return {row[0] for row in cursor.fetchall()}

    def _write(self, fresh: list[tuple[Any, ...]]) -> int:
        if not fresh:
            return 0
        columns = [list(column) for column in zip(*fresh, strict=True)]
        columns[-1] = [_encoder.encode(reasons) for reasons in columns[-1]]
        return _execute(WRITE, [self._actor.reseller_id, *columns])

    def _remove(self, stale: list[UUID]) -> int:
        return _execute(REMOVE, [self._actor.reseller_id, stale]) if stale else 0


def settle_linked(actor: Actor) -> int:
    """Mark as accepted what is linked as suggested, forget the rest; 10,000 at most of each.

    Returns how many rows it changed; call it until that is nothing.
    """
    values = [actor.reseller_id, STEP]
    return _execute(SETTLE, values) or _execute(FORGET_LINKED, values)


def _execute(statement: str, values: list[Any]) -> int:
    with database.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)
