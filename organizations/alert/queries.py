"""The alert: how many tenants belong to nobody, for how long, and what that leaves unassigned.

Ignored tenants are left out. Those that Partner Center no longer lists count too while they are not
linked: their last invoice may still be to come, and what nobody counts is what falls out of the
books. How many there are
comes from the tally, exact at every commit; whose they are and which of them may wait comes from
the conditions, which follow within minutes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection as database
from django.db.models import Q
from django.utils import timezone

from organizations.alert.facts import UNLINKED
from organizations.alert.models import Condition, ConditionEvent
from portal.core.access import Actor
from portal.core.errors import NotAllowed
from portal.core.money import Money
from portal.core.rows import ScopedQuerySet
from tenants.discovery.queries import Tally, tally_of

FIGURES = """
    SELECT 'oldest' AS what, t.name AS name, NULL::uuid AS id, 0::bigint AS count,
        0::numeric AS billed, 0::numeric AS unbilled, t.first_seen_at AS at
    FROM (
        SELECT name, first_seen_at FROM tenants_tenant
        WHERE reseller_id = %(reseller)s AND NOT is_linked AND NOT is_ignored
        ORDER BY first_seen_at, id LIMIT 1
    ) t
    UNION ALL
    SELECT 'unbilled', unbilled_currency, NULL, 0, 0, sum(unbilled_amount), NULL
    FROM tenants_tenant
    WHERE reseller_id = %(reseller)s AND NOT is_linked AND NOT is_ignored
      AND unbilled_amount IS NOT NULL
    GROUP BY unbilled_currency
    UNION ALL
    SELECT 'month', '', NULL, 0, 0, 0, month::timestamptz FROM (
        (SELECT billed_month AS month FROM tenants_tenant
         WHERE reseller_id = %(reseller)s AND NOT is_linked AND NOT is_ignored
           AND billed_month IS NOT NULL
         ORDER BY reseller_id, billed_month LIMIT 1)
        UNION
        (SELECT billed_month FROM tenants_tenant
         WHERE reseller_id = %(reseller)s AND NOT is_linked AND NOT is_ignored
           AND billed_month IS NOT NULL
         ORDER BY reseller_id DESC, billed_month DESC LIMIT 1)
    ) ends
    UNION ALL
    SELECT 'acknowledged', t.billed_currency, NULL, count(*), sum(coalesce(t.billed_amount, 0)), 0,
        NULL
    FROM organizations_condition c
    JOIN tenants_tenant t ON t.reseller_id = c.reseller_id AND t.id = c.tenant_id
    WHERE c.reseller_id = %(reseller)s AND c.state = 'acknowledged' AND c.kind = %(kind)s
      AND NOT t.is_linked AND NOT t.is_ignored
    GROUP BY t.billed_currency
    UNION ALL
    SELECT 'acknowledged unbilled', t.unbilled_currency, NULL, 0, 0, sum(t.unbilled_amount), NULL
    FROM organizations_condition c
    JOIN tenants_tenant t ON t.reseller_id = c.reseller_id AND t.id = c.tenant_id
    WHERE c.reseller_id = %(reseller)s AND c.state = 'acknowledged' AND c.kind = %(kind)s
      AND NOT t.is_linked AND NOT t.is_ignored AND t.unbilled_amount IS NOT NULL
    GROUP BY t.unbilled_currency
    UNION ALL
    SELECT 'owner', coalesce(nullif(m.full_name, ''), m.email), m.id, count(*), 0, 0, NULL
    FROM organizations_condition c
    JOIN core_membership m ON m.reseller_id = c.reseller_id AND m.id = c.assignee_id
    WHERE c.reseller_id = %(reseller)s AND c.state = 'open' AND c.kind = %(kind)s
    GROUP BY m.id
    UNION ALL
    SELECT 'certain', '', NULL, count(*), 0, 0, NULL FROM (
        SELECT FROM organizations_linksuggestion s
        JOIN tenants_tenant t ON t.reseller_id = s.reseller_id AND t.id = s.tenant_id
        WHERE s.reseller_id = %(reseller)s AND s.state = 'open' AND s.rank = 1
          AND s.level = 'certain' AND NOT t.is_linked AND NOT t.is_ignored
        LIMIT %(certain)s
    ) few
"""
CERTAIN_COUNTED = 1_001
"""Certain suggestions are counted up to here: whoever reads "more than 1,000" knows enough."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody who was given open alerts, and how many."""

    membership: UUID
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class UnlinkedAlert:
    """What is not linked.

    ``unassigned``: per currency, what these tenants cost in the month each was last billed.
    ``unbilled``: what is not on an invoice yet. ``acknowledged`` of ``count`` may wait, with what
    they cost in ``waiting`` and ``waiting_unbilled``. ``month``: the one month all were last billed
    in, None if there are several. ``certain`` of them have a certain suggestion, counted up to
    `CERTAIN_COUNTED`. ``oldest_days`` and ``oldest_name``: who has waited longest.
    ``known``: tenants of any kind, ``ignored`` of them left out.
    """

    count: int
    unassigned: tuple[Money, ...] = ()
    oldest_days: int | None = None
    oldest_name: str = ""
    known: int = 0
    ignored: int = 0
    unbilled: tuple[Money, ...] = ()
    acknowledged: int = 0
    waiting: tuple[Money, ...] = ()
    waiting_unbilled: tuple[Money, ...] = ()
    month: date | None = None
    owners: tuple[Owner, ...] = ()
    certain: int = 0

    @property
    def due(self) -> int:
        """How many somebody should look after now."""
        return max(0, self.count - self.acknowledged)

    @property
    def due_unassigned(self) -> tuple[Money, ...]:
        """Unassigned money of those that somebody should look after now."""
        return _less(self.unassigned, self.waiting)

    @property
    def due_unbilled(self) -> tuple[Money, ...]:
        """What is not billed yet of those that somebody should look after now."""
        return _less(self.unbilled, self.waiting_unbilled)


def unlinked_alert(actor: Actor, *, tally: Tally | None = None) -> UnlinkedAlert:
    """Return the alert as it stands (2 queries, 1 when everything is linked).

    ``tally`` spares one of them where the page has it already. It is the staff's alert: a
    customer may not know what belongs to nobody.
    """
    actor.require("tenants.view")
    if not actor.is_staff:
        raise NotAllowed("This alert is for the reseller's own people.")
    tally = tally or tally_of(actor)
    if not tally.unlinked:
        return UnlinkedAlert(count=0, known=tally.total, ignored=tally.ignored)
    said = _figures(actor)
    oldest = next(iter(said["oldest"]), None)
    months = [row.at.date() for row in said["month"] if row.at]
    return UnlinkedAlert(
        count=tally.unlinked,
        unassigned=tally.unassigned,
        oldest_days=(timezone.now() - oldest.at).days if oldest and oldest.at else None,
        oldest_name=oldest.name if oldest else "",
        known=tally.total,
        ignored=tally.ignored,
        unbilled=_money((row.unbilled, row.name) for row in said["unbilled"]),
        acknowledged=sum(row.count for row in said["acknowledged"]),
        waiting=_money((row.billed, row.name) for row in said["acknowledged"]),
        waiting_unbilled=_money((row.unbilled, row.name) for row in said["acknowledged unbilled"]),
        month=months[0] if len(months) == 1 else None,
        owners=tuple(
            Owner(row.id, row.name, row.count)
            for row in sorted(said["owner"], key=lambda row: (-row.count, row.name))
            if row.id
        ),
        certain=sum(row.count for row in said["certain"]),
    )


def due_count(actor: Actor) -> int:
    """Return how many unlinked tenants somebody should look after now (1 query)."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT coalesce(sum(tenants), 0) FROM tenants_tenanttally"
            " WHERE reseller_id = %(reseller)s AND NOT is_linked AND NOT is_ignored)"
            " - (SELECT count(*) FROM organizations_condition WHERE reseller_id = %(reseller)s"
            " AND state = 'acknowledged' AND kind = %(kind)s)",
            {"reseller": actor.reseller_id, "kind": UNLINKED},
        )
        return max(0, int(cursor.fetchone()[0]))


def conditions(actor: Actor) -> "ScopedQuerySet[Condition]":
    """Return the conditions the actor may see, each with tenant and owner. Customers: none."""
    rows: ScopedQuerySet[Condition] = Condition.objects.visible_to(actor)
    return rows.select_related("tenant", "assignee", "connection").defer(
        "connection__secret_sealed"
    )


def get_condition(actor: Actor, condition_id: UUID) -> Condition:
    """Return one condition, or raise `NotFound` alike for foreign and unknown ones."""
    return conditions(actor).get_visible(actor, pk=condition_id)


def search_conditions(rows: "ScopedQuerySet[Condition]", text: str) -> "ScopedQuerySet[Condition]":
    """Keep the conditions about something whose name, domain or Microsoft id contains a text."""
    return rows.filter(Q(label__icontains=text) | Q(tenant__search__contains=text.lower()))


def events_of(condition: Condition, *, actor: Actor) -> list[ConditionEvent]:
    """Return what became of a condition, newest first (1 query)."""
    rows = ConditionEvent.objects.visible_to(actor).filter(condition=condition)
    return list(rows.order_by("-at", "-id"))


def decisions(actor: Actor) -> "ScopedQuerySet[ConditionEvent]":
    """Return everything that became of all conditions, newest first."""
    rows: ScopedQuerySet[ConditionEvent] = ConditionEvent.objects.visible_to(actor)
    return rows.select_related("condition__tenant").order_by("-at", "-id")


@dataclass(frozen=True, slots=True)
class LinkingMonth:
    """How long the tenants linked in one month had waited: the middle one, and the longest."""

    month: date
    count: int
    median_days: Decimal
    longest_days: int


def days_to_link(actor: Actor, *, months: int = 12) -> list[LinkingMonth]:
    """Return the trend, oldest month first; months in which nothing was linked are left out."""
    since = (timezone.now() - timedelta(days=31 * months)).replace(day=1)
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT date_trunc('month', e.at)::date, count(*),"
            " percentile_cont(0.5) WITHIN GROUP (ORDER BY e.days), max(e.days)"
            " FROM organizations_conditionevent e JOIN organizations_condition c"
            " ON c.reseller_id = e.reseller_id AND c.id = e.condition_id"
            " WHERE e.reseller_id = %s AND e.what = 'resolved' AND e.at >= %s AND c.kind = %s"
            " GROUP BY 1 ORDER BY 1 DESC LIMIT %s",
            [actor.reseller_id, since, UNLINKED, months],
        )
        rows = cursor.fetchall()
    return [
        LinkingMonth(month, count, Decimal(str(median)), longest)
        for month, count, median, longest in reversed(rows)
    ]


@dataclass(frozen=True, slots=True)
class _Figure:
    """One row of `FIGURES`."""

    what: str
    name: str
    id: UUID | None
    count: int
    billed: Decimal
    unbilled: Decimal
    at: datetime | None


def _figures(actor: Actor) -> dict[str, list[_Figure]]:
    with database.cursor() as cursor:
        cursor.execute(
            FIGURES, {"reseller": actor.reseller_id, "kind": UNLINKED, "certain": CERTAIN_COUNTED}
        )
        rows = [_Figure(*row) for row in cursor.fetchall()]
    names = (
        "oldest",
        "unbilled",
        "month",
        "acknowledged",
        "acknowledged unbilled",
        "owner",
        "certain",
    )
    return {name: [row for row in rows if row.what == name] for name in names}


def _money(pairs: Iterable[tuple[Any, str]]) -> tuple[Money, ...]:
    return tuple(
        Money(amount, currency)
        for amount, currency in sorted(pairs, key=lambda pair: pair[1])
        if amount and currency
    )


def _less(whole: Iterable[Money], part: Iterable[Money]) -> tuple[Money, ...]:
    taken = {money.currency: money.amount for money in part}
    left = (
        Money(money.amount - taken.get(money.currency, Decimal(0)), money.currency)
        for money in whole
    )
    return tuple(money for money in left if money)
