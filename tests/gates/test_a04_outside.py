"""A04: tests stay on this machine; what they stand for may not be asked of Microsoft itself."""

import socket

import pytest

from tests.outside import OutsideCall


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "api.partnercenter.microsoft.com"])
def test_a04_a_connection_to_the_outside_is_refused(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as line, pytest.raises(OutsideCall, match=host):
        line.connect((host, 443))
