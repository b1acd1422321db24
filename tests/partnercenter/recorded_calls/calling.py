"""What every part needs: how one recorded request is made through the client."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from partnercenter.client import PartnerCenter

Caller = Callable[[PartnerCenter, dict[str, Any], "re.Match[str]"], Any]
Routes = list[tuple[str, Caller]]


def send(read: Callable[[Any], Any]) -> Caller:
    """Return a caller for a route without a method of its own."""

    def call(client: PartnerCenter, request: dict[str, Any], match: Any) -> Any:
        path = urlsplit(request["path"]).path
        answer = client.transport.call(request["method"], path, body=request["body"])
        return read(answer.data()) if answer.body else answer

    return call
