"""What reopening a month does to links: those that could not reach it reach it now.

A link made while a month was closed begins after it. Once the month is open again it is as if it
had never been closed, so the link owns it, unless the tenant was somebody else's by then.
"""

from datetime import date

from django.db import connection

from portal.core.access import Actor

REACH_BACK = """
    UPDATE organizations_link AS link
    SET period = daterange(greatest(%(closed)s::date, kept.until), upper(link.period))
    FROM (
        SELECT late.id, (
            SELECT max(upper(former.period)) FROM organizations_link AS former
            WHERE former.reseller_id = late.reseller_id AND former.tenant_id = late.tenant_id
              AND former.id <> late.id AND upper(former.period) <= lower(late.period)
        ) AS until
        FROM organizations_link AS late
        WHERE late.reseller_id = %(reseller)s AND lower(late.period) = %(was_closed)s
          AND NOT lower_inf(late.period) AND NOT isempty(late.period)
    ) AS kept
    WHERE link.reseller_id = %(reseller)s AND link.id = kept.id
      AND (kept.until IS NULL OR kept.until < %(was_closed)s)
"""


def reach_back(*, actor: Actor, was_closed: date, closed: date | None) -> int:
    """Let links begin before ``was_closed`` as far as nobody owned the tenant; return how many.

    For reopening, which has taken the books and written the new closing day (1 query).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            REACH_BACK,
            {"reseller": actor.reseller_id, "was_closed": was_closed, "closed": closed},
        )
        return int(cursor.rowcount)
