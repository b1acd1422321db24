"""Forgetting what has had its time, so that what is told every minute does not fill the database.

An event counts as a repeat for 30 days. Records of the audit are read for one day more than needed,
but for up to 90 days after a pause. Jobs that read an audit in which nothing was new are of no
interest after a week.
"""

from typing import Any, Final

from django.db import connection as database

from portal.core.access import Actor
from tenants.notifications.operations import LOOK, POLL_AUDIT

STATEMENTS: Final = (
    """
    DELETE FROM tenants_receivedevent
    WHERE reseller_id = %(reseller)s AND received_at < now() - interval '30 days'
    """,
    """
    DELETE FROM tenants_seenrecord
    WHERE reseller_id = %(reseller)s AND happened_at < now() - interval '91 days'
    """,
    """
    DELETE FROM tenants_look
    WHERE reseller_id = %(reseller)s AND due_at IS NULL AND looked_at < now() - interval '30 days'
    """,
    """
    DELETE FROM core_job j
    WHERE j.reseller_id = %(reseller)s AND j.kind = ANY (%(kinds)s) AND j.state = 'done'
      AND j.finished_at < now() - interval '7 days'
      AND NOT EXISTS (SELECT FROM tenants_discoveryrun r
          WHERE r.reseller_id = j.reseller_id AND r.job_id = j.id)
    """,
)


def forget_old(actor: Actor) -> None:
    """Forget what is too old of one reseller, in the caller's transaction."""
    actor.require("discovery.run")
    values: dict[str, Any] = {"reseller": actor.reseller_id, "kinds": [LOOK.name, POLL_AUDIT.name]}
    with database.cursor() as cursor:
        for statement in STATEMENTS:
            cursor.execute(statement, values)
