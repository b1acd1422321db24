"""The bare views that pages are compared with: one query, its rows, and nothing around it.

They run the very statement the portal ran for its page, by the same login under the same policies,
with no middleware, no session and no rights to look up.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import path

from bench.results import BenchError
from bench.timing import Work
from portal.core.access import Actor, acting

ROWS = 50
TABLE, COLLECTION = "table/", "collection/"
STATEMENT = "bench.statement"
HTML = """<!doctype html><title>Tenants</title><table>
{% for row in rows %}<tr><th>{{ row.name }}</th><td>{{ row.microsoft_id }}</td>
<td>{{ row.status }}</td><td>{{ row.is_linked }}</td><td>{{ row.domain }}</td>
<td>{{ row.billed_amount }} {{ row.billed_currency }}</td>
<td>{{ row.first_seen_at|date:"Y-m-d H:i" }}</td></tr>
{% endfor %}</table>"""
BRACKETS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")
"""What opens and closes transactions around statements."""
SHOWN = ("id", "name", "microsoft_id", "status", "is_linked", "domain", "first_seen_at")


def table(request: HttpRequest) -> HttpResponse:
    """Print the rows as a table."""
    return HttpResponse(_template().render({"rows": _rows(request)}))


def collection(request: HttpRequest) -> HttpResponse:
    """Print the rows as JSON."""
    rows = [{name: row[name] for name in SHOWN} for row in _rows(request)]
    return JsonResponse({"results": rows})


urlpatterns = [path(TABLE, table), path(COLLECTION, collection)]


def lead_here(get_response: Callable[[HttpRequest], HttpResponse]) -> Any:
    """Be the only middleware: requests go to the bare views and not to the portal's pages."""

    def lead(request: HttpRequest) -> HttpResponse:
        request.urlconf = __name__
        return get_response(request)

    return lead


def asking_bare(address: str, statement: str, *, actor: Actor) -> Work:
    """Return the work of asking a bare view, `TABLE` or `COLLECTION`, for a statement's rows."""
    client = Client()
    client.defaults[STATEMENT] = statement
    with override_settings(MIDDLEWARE=[f"{__name__}.lead_here"]):
        client.handler.load_middleware()
    ask = asking(client, f"/{address}")

    def ask_as_actor() -> None:
        with acting(actor):
            ask()

    return ask_as_actor


def asking(client: Client, address: str) -> Work:
    """Return the work of asking the portal for an address, which must be answered well."""

    def ask() -> None:
        answer = client.get(address)
        if answer.status_code != 200:
            raise BenchError(f"{address} answered {answer.status_code}: {answer.content[:300]!r}")

    return ask


def observed(ask: Work) -> tuple[str, int]:
    """Return the statement by which a page got its rows, and how many queries it ran.

    Raises:
        BenchError: there is not exactly one of which that can be said.
    """
    with CaptureQueriesContext(connection) as queries:
        ask()
    asked = [query["sql"] for query in queries]
    statements = [statement for statement in asked if not statement.startswith(BRACKETS)]
    found = [
        statement
        for statement in statements
        if statement.endswith(f"LIMIT {ROWS + 1}") and "tenants_" in statement
    ]
    if len(found) != 1:
        raise BenchError(f"A page read its rows by {len(found)} statements: {statements}")
    return found[0], len(statements)


@cache
def _template() -> Any:
    return engines["django"].from_string(HTML)


def _rows(request: HttpRequest) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(request.META[STATEMENT])
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchmany(ROWS)]
