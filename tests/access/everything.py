"""All rows of the matrix, and the parts of it that tests ask for."""

from tests.access.matrix import Row, references_of
from tests.access.matrix_api import API
from tests.access.matrix_pages import PAGES
from tests.access.routes import all_routes

ROWS = (*PAGES, *API)
PARAMETERS = {route.name: route.parameters for route in all_routes()}
SIGN_IN = "account_"


def subject_of(row: Row) -> str:
    """Return the object in a row's address, in the words of the cast; "" if it has none."""
    named = [name for name in PARAMETERS.get(row.route, ()) if name == "pk" or name.endswith("_id")]
    return (row.on or named[-1].removesuffix("_id")) if named else ""


# A row without a route is A01's to report, once, and not every test's.
PRESENT = tuple(row for row in ROWS if row.route in PARAMETERS)
GUARDED = tuple(row for row in PRESENT if not row.is_open and not row.route.startswith(SIGN_IN))
ON_OBJECTS = tuple(row for row in GUARDED if subject_of(row))
READS = tuple(row for row in GUARDED if row.verb == "get")
PLAIN_READS = tuple(row for row in READS if row not in ON_OBJECTS)
REFERRING = tuple(row for row in GUARDED if any(references_of(body) for body in row.bodies))
