"""A wire without a network and without an HTTP library: for answers by the thousand."""

from typing import Any

import pytest

from partnercenter import client as client_module
from partnercenter.client import PartnerCenter, RetryPolicy
from partnercenter.wire import Answer
from tests.partnercenter.fake_service import CREDENTIALS, ENDPOINTS


class QuickWire:
    """Gives every API call the same answer, set from outside."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self.status = 200
        self.content_type = "application/json"
        self.body = b"{}"
        self.calls = 0

    def exchange(self, method: str, url: str, **_: Any) -> Answer:
        """Return the answer that was set."""
        self.calls += 1
        return Answer(self.status, {"Content-Type": self.content_type}, self.body)

    def post_form(self, url: str, **_: Any) -> Answer:
        """Return a token."""
        told = b'{"token_type": "Bearer", "expires_in": 3600, "access_token": "t"}'
        return Answer(200, {"Content-Type": "application/json"}, told)


def quick_client(monkeypatch: pytest.MonkeyPatch) -> tuple[PartnerCenter, QuickWire]:
    """Return a client over such a wire, which tries each call once."""
    wire = QuickWire()
    monkeypatch.setattr(client_module, "Wire", lambda *_, **__: wire)
    client = PartnerCenter(
        endpoints=ENDPOINTS, credentials=CREDENTIALS, policy=RetryPolicy(tries=1)
    )
    return client, wire
