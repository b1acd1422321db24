"""A draft while it is being written: its items step by step, then what can be said of all of them.

The items are counted once they are written, in one snapshot, so the count that is compared with the
one the person saw is the count of the frozen items themselves.
"""

from collections.abc import Iterable
from typing import Any

from django.db import connection

from organizations.bulk.models import BulkItem, BulkLink
from organizations.bulk.outcomes import insert_items
from portal.core.access import Actor
from portal.core.database.planning import set_joins
from portal.core.errors import InvalidInput
from portal.web.wording import write_count

NO_TENANTS = "Choose at least one tenant on the list, then try again."
Action, Outcome = BulkItem.Action, BulkItem.Outcome

REPEATED_TENANT = """
    UPDATE organizations_bulkitem item SET action = 'skip', outcome = 'skipped', code = 'repeated',
        detail = 'This tenant stands on line ' || first_line || ' already.'
    FROM (
        SELECT id, row_number() OVER same AS place, first_value(line) OVER same AS first_line
        FROM organizations_bulkitem
        WHERE reseller_id = %(reseller)s AND bulk_id = %(bulk)s AND tenant_id IS NOT NULL
        WINDOW same AS (PARTITION BY tenant_id ORDER BY position)
    ) listed
    WHERE item.id = listed.id AND place > 1 AND item.reseller_id = %(reseller)s
"""
# Two tenants of one company: which organization both belong to is for a person to say.
LIKE_ANOTHER = """
    UPDATE organizations_bulkitem item SET action = 'skip', outcome = 'skipped',
        code = 'like_another', organization_id = NULL,
        detail = 'Like ' || first_name || ', earlier in this list: ' || %(words)s || '.'
    FROM (
        SELECT id, row_number() OVER same AS place, first_value(tenant_name) OVER same AS first_name
        FROM organizations_bulkitem
        WHERE reseller_id = %(reseller)s AND bulk_id = %(bulk)s AND action = 'create'
          AND {key} <> ''
        WINDOW same AS (PARTITION BY {key} ORDER BY position)
    ) listed
    WHERE item.id = listed.id AND place > 1 AND item.reseller_id = %(reseller)s
"""
ALIKE = {
    "same primary domain": "draft ->> 'primary_domain'",
    "same registration number": (
        "lower(regexp_replace(draft ->> 'registration_number', '[^[:alnum:]]', '', 'g'))"
    ),
    "same name": "lower(draft ->> 'name')",
}
COUNTS = """
    SELECT action, code, count(*) FROM organizations_bulkitem
    WHERE reseller_id = %(reseller)s AND bulk_id = %(bulk)s GROUP BY action, code
"""
MONEY = """
    SELECT t.billed_currency, sum(t.billed_amount)
    FROM organizations_bulkitem item
    JOIN tenants_tenant t ON t.reseller_id = item.reseller_id AND t.id = item.tenant_id
    WHERE item.reseller_id = %(reseller)s AND item.bulk_id = %(bulk)s AND item.action <> 'skip'
      AND t.billed_amount IS NOT NULL
    GROUP BY 1 HAVING sum(t.billed_amount) <> 0 ORDER BY 1
"""


class Draft:
    """A draft that is being written."""

    def __init__(self, actor: Actor, **facts: Any) -> None:
        self.actor = actor
        self.length = 0
        self.bulk = BulkLink(
            reseller_id=actor.reseller_id,
            asked_by=actor.label[:250],
            membership_id=actor.membership_id,
            **facts,
        )
        self.bulk.save(force_insert=True)
        self._own: dict[str, Any] = {"reseller": actor.reseller_id, "bulk": self.bulk.pk}

    def add(self, items: Iterable[BulkItem]) -> None:
        """Write the items of a step behind those there are."""
        rows = list(items)
        for row in rows:
            self.length += 1
            row.position = self.length
            if row.action == Action.SKIP:
                row.outcome = Outcome.SKIPPED
        insert_items(self.bulk, rows)

    def finish(self) -> BulkLink:
        """Skip what stands twice, count everything, and return the draft."""
        if not self.length:
            raise InvalidInput(NO_TENANTS, code="nothing_chosen", fields={"tenants": [NO_TENANTS]})
        with set_joins():
            if self.bulk.kind == BulkLink.Kind.FILE:
                self._execute(REPEATED_TENANT)
            if self.bulk.kind == BulkLink.Kind.CREATE:
                for words, key in ALIKE.items():
                    self._execute(LIKE_ANOTHER.format(key=key), words=words)
        self._count()
        self.bulk.title = _title_of(self.bulk)[:300]
        self.bulk.save()
        return self.bulk

    def _count(self) -> None:
        bulk = self.bulk
        bulk.tenants = self.length
        counts = dict.fromkeys(Action.values, 0)
        for action, code, number in self._execute(COUNTS):
            counts[action] += number
            if action == Action.SKIP:
                bulk.skipped[code] = number
        bulk.to_link, bulk.to_create = counts[Action.LINK], counts[Action.CREATE]
        bulk.to_move, bulk.to_skip = counts[Action.MOVE], counts[Action.SKIP]
        bulk.money = [
            {"currency": currency, "amount": str(amount)}
            for currency, amount in self._execute(MONEY)
        ]

    def _execute(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, {**self._own, **values})
            return cursor.fetchall() if cursor.description else []


def _title_of(bulk: BulkLink) -> str:
    """Name the work by what it does, so that it is known again in a list of jobs."""
    many = write_count(bulk.planned, "tenant")
    if bulk.organization:
        return f"Link {many} to {bulk.organization.name}"
    if bulk.kind == BulkLink.Kind.SUGGESTIONS:
        return f"Accept suggestions for {many}"
    if bulk.kind == BulkLink.Kind.CREATE:
        return f"Create organizations for {many}"
    return f"Link {many} as {bulk.source} says"
