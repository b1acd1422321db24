"""Django's PostgreSQL backend, with the scope of the current actor set when a transaction begins.

Setting it here, transaction-locally, is the one place that neither a connection pooler nor a
forgotten reset can leak (DEC1). The login role itself has no right on any table of a reseller, so a
statement outside a transaction, or without a scope, is refused by PostgreSQL instead of answering
zero rows.
"""

from typing import Any

from django.db.backends.postgresql import base
from psycopg2.extensions import TRANSACTION_STATUS_INERROR, TRANSACTION_STATUS_UNKNOWN
from structlog import get_logger

from portal.core.database.scope import Scope, current_scope

SET_SCOPE = """
    SELECT set_config('role', %s, {local}),
           set_config('app.reseller_id', %s, {local}),
           set_config('app.customer_id', %s, {local})
"""
BEGIN_SCOPE = f"""
    WITH session AS MATERIALIZED (
        SELECT current_setting('role') AS role,
               coalesce(current_setting('app.reseller_id', true), '') AS reseller,
               coalesce(current_setting('app.customer_id', true), '') AS customer)
    {SET_SCOPE.format(local="true").strip()}, role, reseller, customer FROM session
"""  # noqa: S608  (made of constants)
ENDED = (TRANSACTION_STATUS_INERROR, TRANSACTION_STATUS_UNKNOWN)
NOBODY = ("none", "", "")
log = get_logger(__name__)


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that knows for whom it works."""

    def set_autocommit(self, autocommit: bool, *args: Any, **kwargs: Any) -> None:
        super().set_autocommit(autocommit, *args, **kwargs)
        if autocommit:
            return
        try:
            with self.wrap_database_errors:
                self._begin_scope(current_scope())
        except Exception:
            # Django would take what is left for a transaction that has begun, and never recover.
            self.close()
            raise

    def push_scope(self, scope: Scope | None) -> None:
        """Set role, reseller and customer for the rest of this transaction; None takes them away.

        Does nothing in a transaction that has already failed, or lost its connection: its rollback
        restores what was set before it began.
        """
        if self.connection.get_transaction_status() in ENDED:
            return
        with self.connection.cursor() as cursor:
            cursor.execute(SET_SCOPE.format(local="true"), scope.settings() if scope else NOBODY)

    def _begin_scope(self, scope: Scope | None) -> None:
        """Open a transaction's scope, for nobody too, and say if the session held somebody else's.

        One SET of a session anywhere stays on a server connection that a pooler hands on. Here it
        is overruled in any case, and reset; the report is how its author is found.
        """
        wanted = scope.settings() if scope else NOBODY
        with self.connection.cursor() as cursor:
            cursor.execute(BEGIN_SCOPE, wanted)
            left_behind = cursor.fetchone()[3:]
            if left_behind != NOBODY:
                role, reseller, _customer = left_behind
                log.error("scope_left_behind", role=role, reseller=reseller)
                cursor.execute(SET_SCOPE.format(local="false"), NOBODY)
                cursor.execute(SET_SCOPE.format(local="true"), wanted)
