"""Asking for suggestions to be looked for again, from wherever a tenant or organization changes.

It depends on no other capability's operations, so that those may call it. At most one job of a
reseller is open; what changes meanwhile is marked on the reseller's row, and the job looks again.
The mark is written before the open job is looked for, and stays locked until the change commits: a
round that takes the mark away has seen the change, and one that has not seen it leaves the mark.
"""

from django.db import connection

from organizations.suggestions.models import SuggestionState
from portal.core.access import Actor, for_everybody, system_actor
from portal.core.errors import Conflict
from portal.core.jobs.kinds import JobKind
from portal.core.jobs.models import Job
from portal.core.jobs.operations import enqueue
from portal.core.jobs.queries import jobs

SUGGEST = JobKind("organizations.suggest", "sync", max_attempts=5)
SUGGEST_AT_ONCE = JobKind(SUGGEST.name, SUGGEST.queue, max_attempts=1)
"""For somebody who waits in front of it: a failure is told at once instead of tried again later."""

SYSTEM = "suggestions"
TITLE = "Look for suggestions"
ONE = "all"
"""The key under which one job of a reseller is open at a time."""

MARK_DUE = """
    INSERT INTO organizations_suggestionstate AS state (reseller_id, is_due, applies_certain)
    VALUES (%s, true, false) ON CONFLICT (reseller_id) DO UPDATE SET is_due = true
"""


def ask_for_suggestions(actor: Actor, *, kind: JobKind = SUGGEST) -> Job:
    """Have suggestions looked for, soon, and return the job that does it (3 queries).

    Call it last in the transaction of the change: it locks the reseller's row. The job is the
    system's, whoever changed something, because what it does is nobody's decision.
    """
    with for_everybody(actor, SYSTEM) as asker:
        with connection.cursor() as cursor:
            cursor.execute(MARK_DUE, [asker.reseller_id])
        found = open_job(asker)
        if found:
            return found
        system = system_actor(asker.reseller_id, SYSTEM)
        try:
            return enqueue(kind, actor=system, title=TITLE, dedupe_key=ONE)
        except Conflict as conflict:
            job: Job = jobs(asker).get(pk=conflict.data["job"])
            return job


def open_job(actor: Actor) -> Job | None:
    """Return the job that waits or runs, if there is one (1 query)."""
    return jobs(actor).filter(kind=SUGGEST.name, dedupe_key=ONE, state__in=Job.OPEN).first()


def state_of(actor: Actor) -> SuggestionState:
    """Return how the reseller's suggestions stand; an unsaved row where nobody asked yet."""
    rows = SuggestionState.objects.filter(reseller_id=actor.reseller_id)
    return rows.first() or SuggestionState(reseller_id=actor.reseller_id)
