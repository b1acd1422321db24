"""Certificates that events are signed with, remembered by their address in Redis.

Whoever knows the key of a connection can name any address on a trusted host. So downloads are
rationed per connection, whether they succeed or not, and only what proved to be Microsoft's is
remembered. Without Redis nothing is downloaded: Microsoft sends an event ten times.
"""

import hashlib
from dataclasses import dataclass
from typing import cast

from portal.core import shared
from tenants.notifications.models import WebhookRegistration

PREFIX = "tenantry:webhook:"
KEPT_SECONDS = 24 * 3600
DOWNLOAD_SECONDS = 600
"""Between two downloads for one connection, at least."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A certificate as it was downloaded ``seconds`` ago."""

    content: bytes
    seconds: float


def kept_certificate(url: str) -> Kept | None:
    """Return what is remembered of an address, None for nothing."""
    key = _key(url)
    found = shared.ask(lambda redis: (cast(bytes | None, redis.get(key)), redis.pttl(key)))
    if found is None or found[0] is None:
        return None
    content, left = found
    return Kept(content, max(0.0, KEPT_SECONDS - left / 1000))


def keep_certificate(url: str, content: bytes) -> None:
    """Remember what lies at an address."""
    shared.ask(lambda redis: redis.set(_key(url), content, ex=KEPT_SECONDS))


def take_download(registration: WebhookRegistration) -> bool:
    """Tell whether a certificate may be downloaded for a connection now; counts as one."""
    key = f"{PREFIX}{registration.reseller_id}:download:{registration.pk}"
    return bool(shared.ask(lambda redis: redis.set(key, b"1", nx=True, ex=DOWNLOAD_SECONDS)))


def _key(url: str) -> str:
    return f"{PREFIX}shared:certificate:{hashlib.sha256(url.encode()).hexdigest()}"
