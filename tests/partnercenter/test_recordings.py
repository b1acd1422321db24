"""Every recorded exchange of the areas this client covers, played back to it.

What Microsoft once answered must be read; what was an error must come out as the right one. The ids
of a recording belong to its own request, so ours are echoed instead, as the service would.
"""

import gzip
import json
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from partnercenter import errors
from partnercenter.schemas import Invoice
from partnercenter.schemas.line_items import read_line_item
from tests.partnercenter.fake_service import ENDPOINTS, FakeService, Reply
from tests.partnercenter.recorded_calls import (
    billing_export,
    catalogue,
    commerce,
    customers,
    directory,
    invoices,
    partner,
)
from tests.shared_material import recordings

# The first route that matches is taken, so those for any path below a customer come last.
PARTS = (catalogue, commerce, directory, partner, billing_export, customers, invoices)
AREAS = tuple(area for part in PARTS for area in part.AREAS)
ROUTES = [route for part in PARTS for route in part.ROUTES]
REFUSED = {name: kind for part in PARTS for name, kind in part.REFUSED.items()}


def _play(path: Path) -> tuple[FakeService, Callable[[], Any], dict[str, Any]]:
    """Return the service that answers as recorded, the call to make, and the recorded answer."""
    recorded = json.loads(path.read_text())
    request, response = recorded["request"], recorded["response"]
    body = response["body"]
    # On the wire bodies begin with a byte order mark, which the recordings lost.
    encoded = body.encode() if isinstance(body, str) else json.dumps(body).encode("utf-8-sig")
    if ("content-encoding", "gzip") in {
        (name.lower(), value) for name, value in response["headers"].items()
    }:
        # Recordings are kept unpacked.
        encoded = gzip.compress(encoded)
    reply = Reply(
        status=response["status"],
        body=None if body is None else encoded,
        headers={
            name: value
            for name, value in response["headers"].items()
            if name.lower() != "transfer-encoding"
        },
    )
    token_call = "/oauth2/" in request["path"]
    service = FakeService(
        api=lambda _: Reply(body={"items": []}) if token_call else reply,
        token=(lambda _: reply) if token_call else None,
    )
    # Recorded addresses name the real host, to which alone they may lead.
    client = service.client(endpoints=replace(ENDPOINTS, graph="https://graph.microsoft.com"))
    if token_call:
        return service, client.check_access, response
    line = f"{request['method']} {urlsplit(request['path']).path}"
    for pattern, caller in ROUTES:
        match = re.fullmatch(pattern, line)
        if match:
            return service, partial(caller, client, request, match), response
    raise AssertionError(f"no route for {line}")


@pytest.mark.parametrize("path", recordings(*AREAS))
def test_recorded_answer_is_read_or_refused_as_it_should_be(path: Path) -> None:
    service, call, response = _play(path)
    refused = REFUSED.get(path.stem)
    if refused is not None:
        with pytest.raises(refused) as caught:
            call()
        assert caught.value.advice
        assert type(caught.value) is refused
        if path.stem == "token-invalid-grant-401":
            assert caught.value.code == "AADSTS50126"
    else:
        assert not isinstance(call(), errors.PartnerCenterError)
        assert response["status"] < 400
    # An event of a webhook comes in by itself.
    assert service.calls or service.token_calls or path.stem.startswith("event-")


@pytest.mark.parametrize("path", recordings("mpn-profile"))
def test_partner_profile_is_found_or_reported_missing(path: Path) -> None:
    _, call, response = _play(path)
    if response["status"] == 404:
        with pytest.raises(errors.ProfileNotFound) as caught:
            call()
        assert caught.value.code == "3000"
    else:
        assert call().mpn_id == response["body"]["mpnId"]


@pytest.mark.parametrize("path", recordings("invoice-line-items"))
def test_recorded_lines_keep_their_money(path: Path) -> None:
    rows = json.loads(path.read_text(), parse_float=Decimal)["response"]["body"]["items"]
    for row in rows:
        line = read_line_item(row)
        written = next(
            (
                row[name]
                for name in ("totalForCustomer", "postTaxTotal", "billingPreTaxTotal")
                if name in row
            ),
            0,
        )
        assert line.total == Decimal(str(written))
        assert line.customer_id == row["customerId"].removeprefix("org:").lower()
        assert line.raw is row


@pytest.mark.parametrize("path", recordings("invoices"))
def test_recorded_invoices_keep_their_totals(path: Path) -> None:
    _, call, response = _play(path)
    got = call()
    written = response["body"]
    if isinstance(got, Invoice):
        assert str(got.total) == str(written["totalCharges"])
        assert len(got.details) == len(written["invoiceDetails"])
    elif isinstance(got, list):
        assert [invoice.id for invoice in got] == [row["id"] for row in written["items"]]


@pytest.mark.parametrize("path", recordings("customers"))
def test_recorded_customers_never_show_their_credentials(path: Path) -> None:
    _, call, _ = _play(path)
    got = call()
    shown = repr(got) + repr(getattr(got, "raw", ""))
    assert "userCredentials" not in shown
    assert "password" not in shown
