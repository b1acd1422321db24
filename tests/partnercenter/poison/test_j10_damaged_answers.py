"""J10: whatever arrives, a call returns what was promised or raises our own error."""

import dataclasses
import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from partnercenter.client import Limits, PartnerCenter, RetryPolicy
from partnercenter.decoding import decode_json
from partnercenter.errors import PartnerCenterError
from partnercenter.schemas.fields import MOST_DIGITS_BEFORE_POINT
from partnercenter.schemas.invoices import Invoice
from partnercenter.schemas.line_items import LineItem
from tests.partnercenter.fake_service import FakeService, Reply
from tests.partnercenter.poison.damage import CONTENT_TYPES, damaged
from tests.partnercenter.poison.quick_wire import QuickWire, quick_client
from tests.partnercenter.poison.readers import READERS
from tests.partnercenter.test_recordings import AREAS, ROUTES
from tests.shared_material import recordings, shared_folder

ROUNDS = 400
EACH = 50

Record = Callable[[str, object], None]
Call = Callable[[PartnerCenter], Any]


def _recorded() -> Iterator[tuple[str, Call, int, Any]]:
    """Yield name, call, status and body of every recorded answer that has one."""
    if shared_folder() is None:
        return
    for parameter in recordings(*AREAS):
        path = Path(str(parameter.values[0]))
        exchange = json.loads(path.read_text())
        request, response = exchange["request"], exchange["response"]
        line = f"{request['method']} {urlsplit(request['path']).path}"
        found = ((call, re.fullmatch(pattern, line)) for pattern, call in ROUTES)
        call, match = next(((call, match) for call, match in found if match), (None, None))
        if call is not None and response["body"] is not None and "/callback" not in line:
            yield (
                path.stem,
                partial(_call, call, request, match),
                response["status"],
                response["body"],
            )


def _call(call: Any, request: Any, match: Any, client: PartnerCenter) -> Any:
    # A call of a test knows what it expects of the undamaged answer.
    try:
        answer = call(client, request, match)
    except AssertionError:
        return None
    # What no schema reads is given as it came, and promises nothing about its members.
    came_raw = isinstance(answer, list) and not all(map(dataclasses.is_dataclass, answer))
    return None if came_raw else answer


RECORDED = list(_recorded())


def _check_promise(value: Any, where: str) -> None:
    """What is stored later can be stored: texts, money, moments."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        if isinstance(value, (Invoice, LineItem)):
            _check_money(value, where)
        for field in dataclasses.fields(value):
            if field.name != "raw":
                _check_promise(getattr(value, field.name), f"{where}.{field.name}")
    elif isinstance(value, (tuple, list)):
        for member in value:
            _check_promise(member, where)
    elif isinstance(value, Decimal):
        assert value.is_finite(), where
        assert abs(value) < Decimal(10) ** (MOST_DIGITS_BEFORE_POINT + 1), where
    elif isinstance(value, str):
        assert "\x00" not in value, where
        assert value.encode().decode() == value, where
    elif isinstance(value, datetime):
        assert value.tzinfo is not None, where


TOTALS = ("totalcharges", "totalforcustomer", "posttaxtotal", "total")


def _check_money(value: Any, where: str) -> None:
    """A total is the number that was sent, or the sum of what was sent in its place."""
    sent = {name.lower(): amount for name, amount in value.raw.items()}
    totals = [sent.get(name) for name in TOTALS]
    told = next((amount for amount in totals if amount not in (None, "")), None)
    expected = value.subtotal + value.tax if told is None else Decimal(str(told).strip())
    assert value.total == expected, where
    assert value.currency or not value.total, where


def _outcome(call: Callable[[], Any], where: str) -> str:
    try:
        result = call()
    except PartnerCenterError as error:
        assert error.__context__ is None or isinstance(error.__context__, PartnerCenterError), where
        assert len(str(error)) < 2_000, where
        return "refused"
    _check_promise(result, where)
    return "read"


def _damage_everything(
    client: PartnerCenter, wire: QuickWire, chance: random.Random, seen: Counter[str]
) -> None:
    for _ in range(EACH):
        if RECORDED and chance.random() < 0.5:
            name, call, wire.status, body = chance.choice(RECORDED)
            wire.body, wire.content_type = damaged(body, chance)
            seen[_outcome(partial(call, client), name)] += 1
            wire.status = 200
        else:
            name = chance.choice(list(READERS))
            reader = READERS[name]
            encoded, content_type = damaged(reader.body, chance)

            def read(reader: Any = reader, encoded: Any = encoded, kind: Any = content_type) -> Any:
                return reader.read(decode_json(encoded, content_type=kind))

            seen[_outcome(read, name)] += 1


def test_j10_no_damage_raises_anything_but_our_own_errors(
    monkeypatch: pytest.MonkeyPatch, record_property: Record
) -> None:
    client, wire = quick_client(monkeypatch)
    seen: Counter[str] = Counter()

    @settings(
        max_examples=ROUNDS,
        phases=[Phase.generate],
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.integers(0, 2**64 - 1))
    def damage(seed: int) -> None:
        _damage_everything(client, wire, random.Random(seed), seen)

    damage()
    assert seen.total() >= ROUNDS * EACH
    assert seen["read"] > seen.total() / 20
    assert seen["refused"] > seen.total() / 20
    record_property(
        "figure",
        f"J10: {seen.total():,} damaged answers of {len(RECORDED)} recorded and {len(READERS)} own"
        f" ones: {seen['read']:,} read, {seen['refused']:,} refused,"
        " 0 foreign errors, 0 wrong sums",
    )


@pytest.mark.parametrize("name", READERS)
def test_undamaged_answer_is_read(name: str) -> None:
    reader = READERS[name]
    _check_promise(reader.read(decode_json(json.dumps(reader.body).encode())), name)


@pytest.mark.parametrize("content_type", CONTENT_TYPES, ids=range(len(CONTENT_TYPES)))
@pytest.mark.parametrize(
    ("encode", "encoding", "readable"),
    [
        (lambda body: body, "", True),
        (gzip.compress, "gzip", True),
        (lambda body: gzip.compress(body)[:-20], "gzip", False),
        (lambda body: body, "gzip", False),
        (lambda body: gzip.compress(body + b" " * 60_000_000), "gzip", False),
        (lambda body: body + b" " * 3_000_000, "", False),
        (lambda body: b"<html>" + body, "", False),
    ],
    ids=["plain", "packed", "packed-cut", "not-packed", "packed-60-mb", "large", "page"],
)
def test_j10_wrapping_is_undone_within_bounds(
    encode: Callable[[bytes], bytes], encoding: str, readable: bool, content_type: str
) -> None:
    body = encode(json.dumps({"companyName": "Us", "attributes": {}}).encode())
    headers = {"Content-Type": content_type}
    if encoding:
        headers["Content-Encoding"] = encoding
    service = FakeService(lambda _: Reply(body=body, headers=headers))
    client = service.client(policy=RetryPolicy(tries=1), limits=Limits(size=2_000_000))
    outcome = _outcome(client.profiles.organization, content_type)
    assert outcome == ("read" if readable and content_type != "text/html" else "refused")
