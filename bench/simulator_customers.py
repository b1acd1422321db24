"""The simulator's list of customers, served over plain http in pages of 500 to one caller.

Against the least that serving them takes: each record read from the world's file, parsed, and the
part of it a list shows written as JSON. The caller only looks for the token of the next page and
counts, so that what is measured is the simulator; the project's own client reads the list too, for
comparison. Processor time is measured besides, since others may use the machine.
"""

import json
import re
from collections.abc import Iterator
from functools import partial
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

from bench.ground import Center, Ground
from bench.results import BenchError, Check, Result
from bench.timing import in_turns, processor_seconds, seconds_of
from partnercenter.client import AppCredentials, Endpoints, PartnerCenter

LEAST_A_SECOND = 3_000
PAGE_SIZE = 500
AUDIENCE = "https://api.partnercenter.microsoft.com"
_ONE_CUSTOMER = b'"relationshipToPartner"'
_NEXT = re.compile(rb'"MS-ContinuationToken","value":"([^"]+)"')
_SHOWN = ("relationshipToPartner", "links", "attributes")
_PROFILE_SHOWN = ("tenantId", "domain", "companyName", "links", "attributes")


def measure(ground: Ground) -> Result:
    """Measure the whole list, and check that no customer is missing from it."""
    center, wanted = ground.center("customers"), ground.sizes.customers[1]
    _read(center, wanted)
    repeats = ground.sizes.repeats
    before = processor_seconds(center.process)
    seconds, bare = in_turns(
        partial(_read, center, wanted), partial(_bare, ground, wanted), times=repeats, warm=0
    )
    used = (processor_seconds(center.process) - before) / repeats
    client_seconds = seconds_of(partial(_read_with_client, center, wanted))
    return Result(
        name="simulator_customers",
        n=wanted,
        seconds=seconds,
        reference="the file read, parsed and written as list items",
        reference_seconds=bare,
        checks=(Check("customers a second", wanted / seconds, LEAST_A_SECOND, at_least=True),),
        more={
            "rows_per_second": wanted / seconds,
            "processor_microseconds_per_row": used / wanted * 1_000_000,
            "client_rows_per_second": wanted / client_seconds,
        },
    )


def _read(center: Center, wanted: int) -> None:
    port = urlsplit(center.url).port
    connection = HTTPConnection("127.0.0.1", port or 80, timeout=60)
    try:
        found = sum(page.count(_ONE_CUSTOMER) for page in _pages(connection, center))
    finally:
        connection.close()
    if found != wanted:
        raise BenchError(f"Of {wanted:,} customers the simulator listed {found:,}.")


def _pages(connection: HTTPConnection, center: Center) -> Iterator[bytes]:
    form = {
        "grant_type": "client_credentials",
        "client_id": center.client_id,
        "client_secret": center.secret,
        "resource": AUDIENCE,
    }
    token = json.loads(
        _ask(connection, "POST", f"/{center.partner_tenant}/oauth2/token", {}, urlencode(form))
    )
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    path, following = f"/v1/customers?size={PAGE_SIZE}", b""
    while True:
        more = {"MS-ContinuationToken": following.decode()} if following else {}
        page = _ask(connection, "GET", path, headers | more)
        yield page
        found = _NEXT.search(page)
        if found is None:
            return
        path, following = f"/v1/customers?size={PAGE_SIZE}&seekOperation=Next", found[1]


def _ask(
    connection: HTTPConnection, method: str, path: str, headers: dict[str, str], body: str = ""
) -> bytes:
    connection.request(method, path, body or None, headers)
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        raise BenchError(f"{method} {path} was answered with {answer.status}.")
    return content


def _bare(ground: Ground, wanted: int) -> None:
    written = 0
    with (ground.folder / "world-customers" / "customers.jsonl").open("rb") as lines:
        for line in lines:
            customer = json.loads(line)
            profile = customer["companyProfile"]
            shown = {name: profile[name] for name in _PROFILE_SHOWN if name in profile}
            item = {"id": customer["id"], "companyProfile": shown}
            item |= {name: customer[name] for name in _SHOWN if name in customer}
            written += bool(json.dumps(item, ensure_ascii=False).encode())
    if written != wanted:
        raise BenchError(f"The world has {written:,} customers, not {wanted:,}.")


def _read_with_client(center: Center, wanted: int) -> None:
    url = center.url
    client = PartnerCenter(
        endpoints=Endpoints(
            api=url, authority=url, graph=url, ca_bundle=str(center.authority), storage=url
        ),
        credentials=AppCredentials(center.partner_tenant, center.client_id, center.secret),
    )
    found = sum(1 for _ in client.customers.list(size=PAGE_SIZE))
    if found != wanted:
        raise BenchError(f"Of {wanted:,} customers the client read {found:,}.")
