"""What a statement over rows that the statistics do not know yet says to the planner."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def set_joins() -> Iterator[None]:
    """Have the statements inside join two sets as sets, never row by row (2 statements).

    Of a reseller's rows that were written a moment ago the statistics say that there is one. Two
    such sets are then joined by reading the one anew for each row of the other, and a statement
    that takes a second takes an hour. For statements that read both sets whole by an index that
    bounds them; inside a transaction, whose rollback takes the setting back too.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('enable_nestloop', 'off', true)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('enable_nestloop', 'on', true)")
