"""J14, J17: an answer about somebody else, or to somebody else's question, is never used."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from partnercenter.client import PartnerCenter, RetryPolicy
from partnercenter.errors import MixedUpAnswer, PagingError, PartnerCenterError
from partnercenter.schemas import Address
from tests.partnercenter.fake_service import (
    GUIDS,
    Asked,
    FakeService,
    Reply,
    collection,
    customer,
    replying,
)
from tests.partnercenter.poison.readers import READERS
from tests.partnercenter.poison.test_j12_identifiers import CONTACT

Record = Callable[[str, object], None]
Ask = Callable[[PartnerCenter], Any]
HERE = Address(country="DE", city="Berlin")
OTHER = GUIDS[77]


def _body(name: str, **changes: Any) -> dict[str, Any]:
    return {**READERS[name].body, **changes}


# Each asks for one thing and is answered with another of the same kind.
ELSEWHERE: dict[str, tuple[Ask, Any]] = {
    "customer": (lambda client: client.customers.get(OTHER), _body("customer")),
    "company": (lambda client: client.profiles.customer_company(OTHER), _body("company-profile")),
    "partner": (lambda client: client.profiles.mpn("1"), _body("partner-profile")),
    "country": (lambda client: client.addresses.country_rules("DE"), _body("country-rules")),
    "address": (lambda client: client.addresses.check(HERE), _body("address-check")),
    "audit": (lambda client: client.audit.get("another"), _body("audit-record")),
    "case": (lambda client: client.service_requests.get("another"), _body("service-request")),
    "webhook-test": (lambda client: client.webhooks.test_result(OTHER), _body("webhook-test")),
    "webhook": (
        lambda client: client.webhooks.replace("https://ours.example/", ["a"]),
        _body("registration"),
    ),
    "admin": (lambda client: client.delegated_admin.get(OTHER), _body("delegated-admin")),
    "admins": (
        lambda client: list(client.delegated_admin.list(OTHER)),
        {"value": [_body("delegated-admin")]},
    ),
    "invoice": (lambda client: client.invoices.get("G000000001"), _body("invoice")),
    "lines": (
        lambda client: list(
            client.invoices.line_items("G000000001", "onetime", "billinglineitems")
        ),
        {"items": [_body("line-item")]},
    ),
    "agreement": (
        lambda client: client.agreements.confirm(
            GUIDS[0], OTHER, CONTACT, agreed=datetime.now(UTC), request_id="r"
        ),
        _body("agreement"),
    ),
}


def test_j14_answer_about_another_thing_is_refused(record_property: Record) -> None:
    used = []
    for name, (ask, body) in ELSEWHERE.items():
        service = FakeService(replying(Reply(body=body)))
        try:
            ask(service.client(policy=RetryPolicy(tries=2)))
        except (MixedUpAnswer, PagingError) as error:
            assert error.request_id, name
        else:
            used.append(name)
    assert not used
    record_property("figure", f"J14: {len(ELSEWHERE)} answers about another thing, 0 used")


class Swapping:
    """Answers a question with the answer of the question before, as a confused proxy would."""

    def __init__(self, *, echo: bool) -> None:
        self._echo = echo
        self._before: tuple[str, Reply] | None = None
        self._lock = threading.Lock()
        self.asked = 0
        self.swapped = 0

    def __call__(self, asked: Asked) -> Reply:
        identity = asked.path.rpartition("/")[2]
        graph = asked.host.startswith("graph")
        name = "client-request-id" if graph else "ms-requestid"
        body: Any = customer(identity) if not graph else _body("delegated-admin", id=identity)
        own = Reply(body=body, echo=False)
        own.headers = {name: asked.headers[name]} if self._echo else {}
        with self._lock:
            self.asked += 1
            before, self._before = self._before, (identity, own)
            if before is None or before[0] == identity or self.asked % 3:
                return own
            self.swapped += 1
            return before[1]


@pytest.mark.parametrize("echo", [True, False], ids=["with-ids", "without-ids"])
@pytest.mark.parametrize("graph", [True, False], ids=["graph", "commerce"])
def test_j17_swapped_answers_of_parallel_calls_reach_nobody(
    echo: bool, graph: bool, record_property: Record
) -> None:
    swapping = Swapping(echo=echo)
    client = FakeService(swapping).client(policy=RetryPolicy(tries=1))
    wrong: list[str] = []
    refused: list[str] = []

    def ask(identity: str) -> None:
        try:
            found = (
                client.delegated_admin.get(identity) if graph else client.customers.get(identity)
            )
        except MixedUpAnswer:
            refused.append(identity)
            return
        if found.id != identity:
            wrong.append(identity)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(ask, GUIDS[:300]))
    assert not wrong
    assert swapping.swapped > 50
    assert len(refused) == swapping.swapped
    how = f"{'Graph' if graph else 'commerce'}, {'ids echoed' if echo else 'no ids'}"
    record_property(
        "figure", f"J17 {how}: {swapping.swapped} of {swapping.asked} answers swapped, 0 used"
    )


def test_j17_swapped_pages_are_not_taken_for_each_other() -> None:
    """A page carries nobody's name, so the id of the call is what tells."""
    foreign = {"MS-RequestId": GUIDS[5]}
    page = collection([customer(GUIDS[1])])
    service = FakeService(replying(Reply(body=page.body, headers=foreign, echo=False)))
    with pytest.raises(PartnerCenterError) as caught:
        list(service.client().customers.list())
    assert isinstance(caught.value, MixedUpAnswer)
