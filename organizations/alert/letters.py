"""What mails and webhooks say of the alert: written when sent, for one reader and their part."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Sum
from django.urls import reverse

from organizations.alert.facts import HEALTH, KINDS, UNLINKED, Kind
from organizations.alert.models import Condition, ConditionEvent
from organizations.alert.queries import conditions
from organizations.alert.words import write_sums
from organizations.directory.queries import tree_of
from portal.core.money import Money
from portal.core.rows import ScopedQuerySet
from portal.notify.topics import Letter, Reader, Topic
from portal.web.wording import write_count

SHOWN: Final = 10
"""Conditions a mail names; the rest is one click away."""
TOLD: Final = 100
"""Conditions a webhook is given."""
WHY: Final = {
    "money": "What belongs to no organization is billed to nobody. This began to cost money since"
    " you were last told.",
    "security": "This needs somebody, and did not when you were last told.",
}


@dataclass(frozen=True, slots=True)
class Part:
    """How many conditions of one kind there are, and what they cost per currency."""

    count: int
    billed: tuple[Money, ...]
    unbilled: tuple[Money, ...]

    def sentence(self, kind: Kind, *, word: str) -> str:
        """Write it in a line: ``3 tenants unlinked · €412.10 last billed · €98.40 unbilled``."""
        parts = [f"{write_count(self.count, kind.one, kind.many)} {word}"]
        if billed := write_sums(self.billed):
            parts.append(f"{billed} last billed")
        if unbilled := write_sums(self.unbilled):
            parts.append(f"{unbilled} unbilled")
        return " · ".join(parts)


def write_at_once(kind: Kind, reader: Reader) -> Letter | None:
    """Write of what became urgent since the reader was told last and still is open."""
    rows = in_part(conditions(reader.actor), reader).filter(
        kind=kind.name,
        state=Condition.State.OPEN,
        urgent_at__gt=reader.since,
        urgent_at__lte=reader.until,
    )
    part = summed(rows)
    if not part.count:
        return None
    word = "unlinked" if kind.name == UNLINKED else "in trouble"
    sentence = part.sentence(kind, word=word)
    return Letter(
        subject=sentence,
        template="alert",
        context={
            "sentence": sentence,
            "parts": [{"sentence": sentence, "rows": _lines(rows), "more": part.count - SHOWN}],
            "url": list_url(),
            "why": WHY[kind.nature],
        },
        data=_data(part, rows),
    )


def write_digest(reader: Reader) -> Letter | None:
    """Write the week: what is open in the reader's part, and what was resolved.

    None when nothing is open and nothing happened.
    """
    live = in_part(conditions(reader.actor), reader).filter(state=Condition.State.OPEN)
    week = reader.until - timedelta(days=7)
    events = ConditionEvent.objects.visible_to(reader.actor).filter(
        at__gt=week,
        at__lte=reader.until,
        what=ConditionEvent.What.RESOLVED,
        condition__in=in_part(Condition.objects.visible_to(reader.actor), reader),
    )
    resolved = events.count()
    parts, data = [], {}
    for kind in KINDS.values():
        rows = live.filter(kind=kind.name)
        part = summed(rows)
        data[kind.name] = _data(part, rows)
        if part.count:
            word = "unlinked" if kind.name == UNLINKED else "in trouble"
            parts.append(
                {
                    "sentence": part.sentence(kind, word=word),
                    "rows": _lines(rows),
                    "more": part.count - SHOWN,
                }
            )
    if not parts and not resolved:
        return None
    sentence = str(parts[0]["sentence"]) if parts else "Nothing is open"
    return Letter(
        subject=f"This week: {sentence}",
        template="digest",
        context={
            "sentence": sentence,
            "parts": parts,
            "resolved": write_count(resolved, "alert") if resolved else "",
            "url": list_url(),
            "why": "This is your weekly digest.",
        },
        data={"resolved": resolved, **data},
    )


def in_part(rows: "ScopedQuerySet[Condition]", reader: Reader) -> "ScopedQuerySet[Condition]":
    """Keep what a reader wants to hear of: connections, and groups with all below them.

    What belongs to no organization so far is nobody's group, and told to those who chose none.
    """
    if reader.connections:
        rows = rows.filter(connection__in=reader.connections)
    if reader.organizations:
        rows = rows.filter(organization__in=tree_of(reader.organizations, actor=reader.actor))
    return rows


def summed(rows: "ScopedQuerySet[Condition]") -> Part:
    """Return how many conditions there are and what they cost (1 query)."""
    count = 0
    billed: dict[str, Decimal] = {}
    unbilled: dict[str, Decimal] = {}
    groups = rows.order_by().values("billed_currency", "unbilled_currency")
    for group in groups.annotate(
        count=Count("pk"), billed=Sum("billed_amount"), unbilled=Sum("unbilled_amount")
    ):
        count += group["count"]
        for sums, currency, amount in (
            (billed, group["billed_currency"], group["billed"]),
            (unbilled, group["unbilled_currency"], group["unbilled"]),
        ):
            if currency and amount:
                sums[currency] = sums.get(currency, Decimal(0)) + amount
    return Part(count, _as_money(billed), _as_money(unbilled))


def list_url() -> str:
    """Return the full address of the alert page."""
    return f"{settings.BASE_URL}{reverse('alert:condition_list')}"


def _as_money(sums: dict[str, Decimal]) -> tuple[Money, ...]:
    return tuple(Money(amount, currency) for currency, amount in sorted(sums.items()))


def _lines(rows: "ScopedQuerySet[Condition]") -> list[dict[str, str]]:
    return [
        {
            "label": row.label,
            "money": " · ".join(filter(None, (_billed(row), _unbilled(row))))
            or row.detail
            or "nothing billed yet",
            "owner": row.assignee.label if row.assignee else "no owner",
        }
        for row in rows.order_by("-worth", "-id")[:SHOWN]
    ]


def _billed(row: Condition) -> str:
    return (
        f"{write_sums([Money(row.billed_amount, row.billed_currency)])} last billed"
        if row.billed_currency
        else ""
    )


def _unbilled(row: Condition) -> str:
    return (
        f"{write_sums([Money(row.unbilled_amount, row.unbilled_currency)])} unbilled"
        if row.unbilled_currency
        else ""
    )


def _data(part: Part, rows: "ScopedQuerySet[Condition]") -> dict[str, Any]:
    return {
        "count": part.count,
        "billed": _amounts(part.billed),
        "unbilled": _amounts(part.unbilled),
        "conditions": [_fields(row) for row in rows.order_by("-worth", "-id")[:TOLD]],
    }


def _amounts(sums: Iterable[Money]) -> list[dict[str, str]]:
    return [{"currency": one.currency, "amount": f"{one.amount:f}"} for one in sums]


def _fields(row: Condition) -> dict[str, Any]:
    tenant = row.tenant
    return {
        "id": str(row.pk),
        "kind": row.kind,
        "label": row.label,
        "tenant": _id(row.tenant_id),
        "microsoft_id": str(tenant.microsoft_id) if tenant else None,
        "connection": _id(row.connection_id),
        "billed": {"currency": row.billed_currency, "amount": f"{row.billed_amount:f}"},
        "unbilled": {"currency": row.unbilled_currency, "amount": f"{row.unbilled_amount:f}"},
        "opened_at": row.opened_at.isoformat(),
        "detail": row.detail,
    }


def _id(value: UUID | None) -> str | None:
    return str(value) if value else None


TOPIC_OF_KIND: Final = {
    kind.name: Topic(
        name=f"alert.{kind.name}",
        label=label,
        nature=kind.nature,
        needs="alerts.manage",
        write=partial(write_at_once, kind),
    )
    for kind, label in (
        (KINDS[UNLINKED], "A tenant that belongs to nobody begins to cost money"),
        (KINDS[HEALTH], "A connection fails, or a sign-in or secret is about to end"),
    )
}
DIGEST: Final = Topic("alert.digest", "The weekly digest", "digest", "alerts.manage", write_digest)
TOPICS: Final = (*TOPIC_OF_KIND.values(), DIGEST)
