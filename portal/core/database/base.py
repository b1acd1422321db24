"""Django's PostgreSQL backend, with the scope of the current actor set when a transaction begins.

Setting it here, transaction-locally, is the one place that neither a connection pooler nor a
forgotten reset can leak (DEC1). The login role itself has no right on any table of a reseller, so a
statement outside a transaction, or without a scope, is refused by PostgreSQL instead of answering
zero rows.
"""

from typing import Any

from django.db.backends.postgresql import base
from psycopg2.extensions import TRANSACTION_STATUS_INERROR

from portal.core.database.scope import Scope, current_scope

SET_SCOPE = """
    SELECT set_config('role', %s, true),
           set_config('app.reseller_id', %s, true),
           set_config('app.customer_id', %s, true)
"""


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that knows for whom it works."""

    def set_autocommit(self, autocommit: bool, *args: Any, **kwargs: Any) -> None:
        super().set_autocommit(autocommit, *args, **kwargs)
        if not autocommit and (scope := current_scope()) is not None:
            self.push_scope(scope)

    def push_scope(self, scope: Scope | None) -> None:
        """Set role, reseller and customer for the rest of this transaction; None takes them away.

        Does nothing in a transaction that has already failed: its rollback restores what was set
        before it began.
        """
        if self.connection.get_transaction_status() == TRANSACTION_STATUS_INERROR:
            return
        values = scope.settings() if scope else ("none", "", "")
        with self.connection.cursor() as cursor:
            cursor.execute(SET_SCOPE, values)
