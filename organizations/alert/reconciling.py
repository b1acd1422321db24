"""Bringing conditions in line with the facts: as sets, in steps, and the same however often.

Each statement takes up to 5,000 conditions, in the order of their keys, and writes what became of
each beside it. A tenant linked between two looks of one step is put right by the next run;
linking and ignoring resolve at once (`operations.resolve_tenants`).
"""

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

from django.db import connection as database
from django.utils import timezone

from organizations.alert.facts import KINDS, Kind
from portal.core.access import Actor

STEP = 5_000
GROWN = "1.2"
"""Costing a fifth more than when it was acknowledged brings a condition back."""

EVENTS = """
    INSERT INTO organizations_conditionevent
        (id, reseller_id, condition_id, at, what, who, membership_id, why, detail, days)
    SELECT gen_random_uuid(), %(reseller)s, changed.id, %(now)s, {what}, %(who)s, %(member)s,
        %(why)s, '', {days}
    FROM changed
"""
URGENT = (
    "CASE WHEN %(security)s OR f.billed_amount > 0 OR f.unbilled_amount > 0 THEN %(now)s"
    "::timestamptz END"
)
OPENED = EVENTS.format(what="'opened'", days="NULL")
REOPENED = EVENTS.format(what="'reopened'", days="NULL")
WOKEN = EVENTS.format(what="CASE WHEN changed.grown THEN 'reopened' ELSE 'woke' END", days="NULL")
RESOLVED = EVENTS.format(
    what="'resolved'", days="greatest(0, extract(day FROM %(now)s - changed.opened_at))::int"
)
OPEN = f"""
    WITH changed AS (
        INSERT INTO organizations_condition
            (id, reseller_id, kind, key, tenant_id, connection_id, organization_id, label, detail,
             state, assignee_id, first_seen_at, opened_at, resolved_at, reopened,
             urgent_at, acknowledged_until, acknowledged_because, acknowledged_by,
             acknowledged_worth, billed_amount, billed_currency, billed_month, unbilled_amount,
             unbilled_currency)
        SELECT gen_random_uuid(), %(reseller)s, %(kind)s, f.key, f.tenant_id, f.connection_id,
            f.organization_id, f.label, f.detail, 'open', NULL, f.seen_at, f.seen_at, NULL, 0,
            {URGENT}, NULL, '', '', 0,
            f.billed_amount, f.billed_currency, f.billed_month, f.unbilled_amount,
            f.unbilled_currency
        FROM ({{facts}}) f
        WHERE NOT EXISTS (
            SELECT FROM organizations_condition c
            WHERE c.reseller_id = %(reseller)s AND c.kind = %(kind)s AND c.key = f.key)
        ORDER BY f.key LIMIT %(step)s
        ON CONFLICT (reseller_id, kind, key) DO NOTHING
        RETURNING id
    )
    {OPENED}
"""  # noqa: S608  (made of constants)
REOPEN = f"""
    WITH chosen AS (
        SELECT c.id, f.organization_id, {URGENT} AS urgent_at
        FROM organizations_condition c JOIN ({{facts}}) f ON f.key = c.key
        WHERE c.reseller_id = %(reseller)s AND c.kind = %(kind)s AND c.state = 'resolved'
        ORDER BY c.id LIMIT %(step)s FOR NO KEY UPDATE OF c
    ), changed AS (
        UPDATE organizations_condition c SET state = 'open', opened_at = %(now)s,
            resolved_at = NULL, reopened = c.reopened + 1, urgent_at = chosen.urgent_at,
            organization_id = coalesce(chosen.organization_id, c.organization_id)
        FROM chosen WHERE c.id = chosen.id RETURNING c.id
    )
    {REOPENED}
"""  # noqa: S608  (made of constants)
FIGURES = (
    "connection_id, label, detail, billed_amount, billed_currency, billed_month, unbilled_amount,"
    " unbilled_currency"
)
REFRESH = f"""
    WITH chosen AS (
        SELECT c.id AS condition_id, {", ".join(f"f.{name.strip()}" for name in FIGURES.split(","))}
        FROM organizations_condition c JOIN ({{facts}}) f ON f.key = c.key
        WHERE c.reseller_id = %(reseller)s AND c.kind = %(kind)s AND c.state <> 'resolved'
          AND ({", ".join(f"c.{name.strip()}" for name in FIGURES.split(","))})
              IS DISTINCT FROM ({", ".join(f"f.{name.strip()}" for name in FIGURES.split(","))})
        ORDER BY c.id LIMIT %(step)s FOR NO KEY UPDATE OF c
    )
    UPDATE organizations_condition c
    SET urgent_at = CASE WHEN c.worth > 0 THEN c.urgent_at
            WHEN chosen.billed_amount > 0 OR chosen.unbilled_amount > 0 THEN %(now)s
            ELSE c.urgent_at END,
        ({FIGURES}) = ({", ".join(f"chosen.{name.strip()}" for name in FIGURES.split(","))})
    FROM chosen WHERE c.id = chosen.condition_id
"""  # noqa: S608  (made of constants)
WAKE = f"""
    WITH chosen AS (
        SELECT id, acknowledged_until > %(today)s AS grown FROM organizations_condition
        WHERE reseller_id = %(reseller)s AND kind = %(kind)s AND state = 'acknowledged'
          AND (acknowledged_until <= %(today)s
               OR (worth > acknowledged_worth AND worth >= acknowledged_worth * {GROWN}))
        ORDER BY id LIMIT %(step)s FOR NO KEY UPDATE
    ), changed AS (
        UPDATE organizations_condition c SET state = 'open', acknowledged_until = NULL,
            acknowledged_because = '', acknowledged_by = '', acknowledged_worth = 0,
            reopened = c.reopened + chosen.grown::int, urgent_at = %(now)s
        FROM chosen WHERE c.id = chosen.id RETURNING c.id, chosen.grown
    )
    {WOKEN}
"""  # noqa: S608  (made of constants)
RESOLVE = f"""
    WITH chosen AS (
        SELECT c.id FROM organizations_condition c
        WHERE c.reseller_id = %(reseller)s AND c.kind = %(kind)s AND c.state <> 'resolved'
          AND NOT EXISTS (SELECT FROM ({{facts}}) f WHERE f.key = c.key)
        ORDER BY c.id LIMIT %(step)s FOR NO KEY UPDATE OF c
    ), changed AS (
        UPDATE organizations_condition c SET state = 'resolved', resolved_at = %(now)s,
            acknowledged_until = NULL, acknowledged_because = '', acknowledged_by = '',
            acknowledged_worth = 0
        FROM chosen WHERE c.id = chosen.id RETURNING c.id, c.opened_at
    )
    {RESOLVED}
"""  # noqa: S608  (made of constants)
RESOLVE_TENANTS = RESOLVE.replace(
    "AND NOT EXISTS (SELECT FROM ({facts}) f WHERE f.key = c.key)",
    "AND c.tenant_id = ANY (%(tenants)s::uuid[])",
)
WHOLE = {
    "opened": (OPEN, ""),
    "reopened": (REOPEN, "It came back"),
    "refreshed": (REFRESH, ""),
    "woken": (WAKE, "Its acknowledgement ended, or it costs a fifth more"),
    "resolved": (RESOLVE, "It is no longer the case"),
}
"""The statements in the order in which they are run, and what the history says of each."""

OUT_OF_LINE = """
    SELECT EXISTS (
        SELECT FROM ({facts}) f LEFT JOIN organizations_condition c
            ON c.reseller_id = %(reseller)s AND c.kind = %(kind)s AND c.key = f.key
        WHERE c.id IS NULL OR c.state = 'resolved'
           OR (c.connection_id, c.label, c.detail, c.billed_amount, c.billed_currency,
               c.billed_month, c.unbilled_amount, c.unbilled_currency) IS DISTINCT FROM
              (f.connection_id, f.label, f.detail, f.billed_amount, f.billed_currency,
               f.billed_month, f.unbilled_amount, f.unbilled_currency)
    ) OR EXISTS (
        SELECT FROM organizations_condition c
        WHERE c.reseller_id = %(reseller)s AND c.kind = %(kind)s AND c.state <> 'resolved'
          AND (NOT EXISTS (SELECT FROM ({facts}) f WHERE f.key = c.key)
               OR (c.state = 'acknowledged' AND c.acknowledged_until <= %(today)s))
    )
"""

Open = Callable[[], AbstractContextManager[Any]]


def out_of_line(actor: Actor) -> bool:
    """Tell whether any condition differs from the facts (1 query a kind, in a transaction)."""
    for kind in KINDS.values():
        sql, values = kind.facts(actor, None)
        with database.cursor() as cursor:
            cursor.execute(OUT_OF_LINE.format(facts=sql), _values(kind, values, actor, ""))
            if cursor.fetchone()[0]:
                return True
    return False


def reconcile_kind(kind: Kind, *, actor: Actor, step: Open) -> dict[str, int]:
    """Bring all conditions of a kind in line; ``step`` opens the transaction of each statement.

    Returns how many were opened, reopened, refreshed, woken and resolved.
    """
    counts = {}
    for name, (statement, why) in WHOLE.items():
        counts[name] = 0
        changed = STEP
        while changed == STEP:
            with step():
                changed = run_statement(statement, kind, actor=actor, why=why)
                if changed == STEP:
                    _settle()
            counts[name] += changed
    return counts


def run_statement(
    statement: str,
    kind: Kind,
    *,
    actor: Actor,
    why: str,
    tenants: Collection[UUID] | None = None,
) -> int:
    """Run one of the statements above, for some tenants or all facts; returns how many it took."""
    sql, values = kind.facts(actor, tenants)
    with database.cursor() as cursor:
        cursor.execute(statement.format(facts=sql), _values(kind, values, actor, why))
        return int(cursor.rowcount)


def run_for_tenants(
    statement: str, kind: Kind, values: Mapping[str, Any], *, actor: Actor, why: str
) -> int:
    """Run a statement that asks for no facts; returns how many conditions it took."""
    with database.cursor() as cursor:
        cursor.execute(statement, _values(kind, values, actor, why))
        return int(cursor.rowcount)


def _settle() -> None:
    """Let the planner know how many rows there are now; it would believe in a handful otherwise."""
    with database.cursor() as cursor:
        cursor.execute("SELECT organizations_settle_conditions(), tenants_settle()")


def _values(kind: Kind, values: Any, actor: Actor, why: str) -> dict[str, Any]:
    return {
        "reseller": actor.reseller_id,
        "kind": kind.name,
        "security": kind.nature == "security",
        "step": STEP,
        "now": timezone.now(),
        "today": timezone.now().date(),
        "who": actor.label[:250],
        "member": actor.membership_id,
        "why": why,
        "tenants": None,
        **values,
    }
