"""Keeping organizations from being merged away while something is about to belong to them.

A merger locks both organizations against this lock, so of the two whoever comes second sees what
the first has done: the one who holds looks afterwards, and finds a tombstone or what it expected.
"""

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from portal.core.access import Actor

HOLD = """
    SELECT id FROM organizations_organization
    WHERE reseller_id = %s AND id = ANY (%s::uuid[]) ORDER BY id FOR KEY SHARE
"""


def hold_organizations(ids: Collection[UUID], *, actor: Actor) -> None:
    """Hold organizations until the transaction ends, in the order of their keys (1 query).

    Others may hold and change them too; they cannot be merged. Tenants are locked before.
    """
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [actor.reseller_id, list(ids)])
