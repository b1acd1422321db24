"""The bare views that pages are compared with: one query, its rows, and nothing around it.

They run the very statement the portal ran for its page, by the same login under the same policies,
with no middleware, no session and no rights to look up.
"""

from collections.abc import Callable
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
TABLE = """<!doctype html><title>Tenants</title><table>
{% for row in rows %}<tr><th>{{ row.name }}</th><td>{{ row.microsoft_id }}</td>
<td>{{ row.status }}</td><td>{{ row.is_linked }}</td><td>{{ row.domain }}</td>
<td>{{ row.billed_amount }} {{ row.billed_currency }}</td>
<td>{{ row.first_seen_at|date:"Y-m-d H:i" }}</td></tr>
{% endfor %}</table>"""
SHOWN = ("id", "name", "microsoft_id", "status", "is_linked", "domain", "first_seen_at")


def bare_view(statement: str, *, actor: Actor, as_json: bool = False) -> Work:
    """Return the work of asking a bare view for the rows of a statement."""
    template = engines["django"].from_string(TABLE)

    def table(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(template.render({"rows": _rows(statement)}))

    def collection(_request: HttpRequest) -> HttpResponse:
        rows = [{name: row[name] for name in SHOWN} for row in _rows(statement)]
        return JsonResponse({"results": rows})

    client = _bare_client(collection if as_json else table)

    def ask() -> None:
        with acting(actor):
            client.get("/")

    return ask


def asking(client: Client, address: str) -> Work:
    """Return the work of asking the portal for an address, which must be answered well."""

    def ask() -> None:
        answer = client.get(address)
        if answer.status_code != 200:
            raise BenchError(f"{address} answered {answer.status_code}: {answer.content[:300]!r}")

    return ask


def observed(ask: Work) -> tuple[str, int]:
    """Return the statement by which a page got its rows, and how many statements it ran.

    Raises:
        BenchError: there is not exactly one of which that can be said.
    """
    with CaptureQueriesContext(connection) as queries:
        ask()
    statements = [query["sql"] for query in queries]
    found = [
        statement
        for statement in statements
        if statement.endswith(f"LIMIT {ROWS + 1}") and "tenants_" in statement
    ]
    if len(found) != 1:
        raise BenchError(f"A page read its rows by {len(found)} statements: {statements}")
    return found[0], len(statements)


def _bare_client(view: Callable[[HttpRequest], HttpResponse]) -> Client:
    """Return a client of a site with one address and no middleware but what leads there."""
    # Django takes the addresses themselves as well as the name of a module that has them.
    addresses = (path("", view),)

    def leading(get_response: Callable[[HttpRequest], HttpResponse]) -> Any:
        def lead(request: HttpRequest) -> HttpResponse:
            request.urlconf = addresses  # type: ignore[assignment]
            return get_response(request)

        return lead

    client = Client()
    with override_settings(MIDDLEWARE=[]):
        client.handler.load_middleware()
    handler: Any = client.handler
    handler._middleware_chain = leading(handler._middleware_chain)
    return client


def _rows(statement: str) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchmany(ROWS)]
