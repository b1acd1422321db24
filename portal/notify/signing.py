"""How a webhook's receiver knows that a message is ours, whole, and not an old one sent again.

The header holds the time and, for each valid secret, an HMAC-SHA256 over time, a dot and the body
as sent. A receiver computes the same with its secret, compares in constant time, and refuses what
is older than a few minutes.
"""

import hashlib
import hmac
from collections.abc import Iterable

HEADER = "Tenantry-Signature"


def sign(body: bytes, *, secrets: Iterable[str], at: int) -> str:
    """Return the header's value: ``t=<seconds>,v1=<hex>[,v1=<hex>]``."""
    signed = f"{at}.".encode() + body
    made = [hmac.new(one.encode(), signed, hashlib.sha256).hexdigest() for one in secrets]
    return ",".join([f"t={at}", *(f"v1={one}" for one in made)])
