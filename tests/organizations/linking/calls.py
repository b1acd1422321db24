"""Short ways to call pages and API in the linking tests."""

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tenants.discovery.models import Tenant

LIST = "/tenants/"
TENANTS, LINKS = "/api/v1/tenants/", "/api/v1/links/"
ALERT = "/api/v1/alerts/unlinked-tenants/"
HTMX = {"HX-Request": "true"}
PLUMBING = ("SELECT set_config", "SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "ROLLBACK")


def text_of(visitor: Client, address: str = LIST) -> str:
    """Return the text of a page that is there."""
    answer = visitor.get(address)
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def address(tenant: Tenant, verb: str) -> str:
    """Return the page for doing something with a tenant."""
    return f"{LIST}{tenant.pk}/{verb}/"


def get(program: Client, address: str, **query: Any) -> Any:
    """Return what the API answers."""
    answer = program.get(address, query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def names(program: Client, **query: Any) -> list[str]:
    """Return the names of the tenants the API lists."""
    return [row["name"] for row in get(program, TENANTS, **query)["results"]]


def post(program: Client, address: str, **data: Any) -> Any:
    """Send JSON to the API."""
    return program.post(address, data, content_type="application/json")


def queries_of(client: Client, address: str) -> int:
    """Return how many statements a request costs, without those that open and close scopes."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return sum(not query["sql"].strip().startswith(PLUMBING) for query in queries)
