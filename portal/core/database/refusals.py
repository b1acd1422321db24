"""What a refusal of PostgreSQL means to the one who asked (I12).

    409 conflict    the same was saved by somebody else, or what it refers to has gone
    409 collision   two changes got in each other's way; the same again can succeed
    503 busy        a lock, a time limit or the number of connections stood in the way
    503 away        no database answers, or it takes no changes at present

Whatever is not listed is a mistake of ours and stays one. The sentences hold nothing of what
PostgreSQL says itself, because that quotes values.
"""

from django.db import InterfaceError, OperationalError
from psycopg2 import errorcodes

from portal.core.correlation import correlation_id
from portal.core.errors import Conflict, PortalError, Unavailable

TAKEN = {
    errorcodes.UNIQUE_VIOLATION,
    errorcodes.EXCLUSION_VIOLATION,
    errorcodes.FOREIGN_KEY_VIOLATION,
}
COLLIDED = {errorcodes.SERIALIZATION_FAILURE, errorcodes.DEADLOCK_DETECTED}
BUSY = {
    errorcodes.LOCK_NOT_AVAILABLE,
    errorcodes.QUERY_CANCELED,
    errorcodes.IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
}
BUSY_CLASS = errorcodes.CLASS_INSUFFICIENT_RESOURCES
AWAY = {
    errorcodes.ADMIN_SHUTDOWN,
    errorcodes.CRASH_SHUTDOWN,
    errorcodes.CANNOT_CONNECT_NOW,
    errorcodes.READ_ONLY_SQL_TRANSACTION,
}
AWAY_CLASS = errorcodes.CLASS_CONNECTION_EXCEPTION


SENTENCE_TAKEN = (
    "Somebody else saved the same, or removed what this refers to, at the same moment. Nothing of"
    " yours was saved. Load the page again and look."
)
SENTENCE_COLLIDED = (
    "Somebody else was changing the same at this moment. Nothing of yours was saved; try again."
)
SENTENCE_BUSY = (
    "The portal is busy and gave up waiting. Nothing of yours was saved; try again in a moment."
)
SENTENCE_AWAY = (
    "The database is not available at the moment. What you were doing may not have been saved;"
    " look before you try again."
)


class Collision(Conflict):
    code = "collision"
    transient = True
    retry_after = 1


class DatabaseBusy(Unavailable):
    code = "busy"
    retry_after = 5


class DatabaseAway(Unavailable):
    code = "database_away"
    retry_after = 10


def refusal_of(error: BaseException | None) -> PortalError | None:
    """Return what a database error of Django's means to people; None: it is a mistake of ours."""
    kind: type[PortalError]
    code = sqlstate_of(error)
    if code in TAKEN:
        kind, sentence = Conflict, SENTENCE_TAKEN
    elif code in COLLIDED:
        kind, sentence = Collision, SENTENCE_COLLIDED
    elif code in BUSY or code.startswith(BUSY_CLASS):
        kind, sentence = DatabaseBusy, SENTENCE_BUSY
    elif code in AWAY or code.startswith(AWAY_CLASS) or _says_nothing(error, code):
        kind, sentence = DatabaseAway, SENTENCE_AWAY
    else:
        return None
    return kind(sentence, data={"request_id": correlation_id()})


def sqlstate_of(error: BaseException | None) -> str:
    """Return PostgreSQL's code of a database error; "" where no server said one."""
    return getattr(error and error.__cause__, "pgcode", None) or ""


def _says_nothing(error: BaseException | None, code: str) -> bool:
    """Tell whether the connection is what failed: no server was there to give a code."""
    return not code and isinstance(error, OperationalError | InterfaceError)
