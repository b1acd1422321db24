"""The numbers that a file brought so far, kept by the database, whatever their number.

They are in a table of the connection's own that ends with the transaction, so that an import of any
length costs the memory of a step.
"""

from collections.abc import Collection

from django.db import connection

# Two imports may be parts of one transaction.
BEGIN = """
    DROP TABLE IF EXISTS pg_temp.organizations_met;
    CREATE TEMPORARY TABLE organizations_met (number text PRIMARY KEY) ON COMMIT DROP
"""
ADD = """
    INSERT INTO pg_temp.organizations_met SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING
"""
AMONG = "SELECT number FROM pg_temp.organizations_met WHERE number = ANY (%s::text[])"


class MetNumbers:
    """The numbers of one import; within its transaction."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(BEGIN)

    def among(self, numbers: Collection[str]) -> set[str]:
        """Return which of these were met on earlier lines (1 query, 0 for none)."""
        if not numbers:
            return set()
        with connection.cursor() as cursor:
            cursor.execute(AMONG, [list(numbers)])
            return {row[0] for row in cursor.fetchall()}

    def add(self, numbers: Collection[str]) -> None:
        """Keep the numbers of a step (1 query, 0 for none)."""
        if numbers:
            with connection.cursor() as cursor:
                cursor.execute(ADD, [list(numbers)])
