"""Secrets at rest: AES-256-GCM, with the row a secret belongs to bound in as associated data.

A sealed value opened for another row, field or version is refused (DEC4): neither a copy from one
row to another nor an old value put back opens. Keys come from the environment as a ring,
``id:base64`` pairs separated by commas; the first seals, all of them open, so keys can be changed
while the portal runs.
"""

import base64
import binascii
import os
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.views.decorators.debug import sensitive_variables

from portal.core.secrecy import remembered

NONCE_BYTES = 12
KEY_BYTES = 32


class SealBroken(Exception):
    """A sealed value does not open: wrong key, wrong row, an older version, or altered bytes."""


@dataclass(frozen=True, slots=True)
class Seal:
    """Where a secret lives; ``version`` rises with every write, so that an old value is refused."""

    table: str
    row: str
    field: str
    version: int

    def associated_data(self) -> bytes:
        return "\x1f".join((self.table, self.row, self.field, str(self.version))).encode()


@sensitive_variables()
def parse_key_ring(text: str) -> dict[str, bytes]:
    """Read ``id:base64,id:base64``; the first pair is the sealing key.

    Raises:
        ImproperlyConfigured: no key, a key that is not 32 bytes, or an id used twice. The message
            names the key's id and never the key.
    """
    ring: dict[str, bytes] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        key_id, _, encoded = pair.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            key = b""
        if not key_id or "$" in key_id or key_id in ring or len(key) != KEY_BYTES:
            raise ImproperlyConfigured(
                f"PORTAL_ENCRYPTION_KEYS: entry {len(ring) + 1} must be a unique id, a colon and"
                f" {KEY_BYTES} bytes in base64."
            )
        ring[key_id] = key
    if not ring:
        raise ImproperlyConfigured(
            "PORTAL_ENCRYPTION_KEYS holds no key; secrets are never stored in clear."
        )
    return ring


@lru_cache(maxsize=4)
def _ring(text: str) -> dict[str, AESGCM]:
    """Return the ring ready for use: what prints the variables of a failure must not see a key."""
    return {key_id: AESGCM(key) for key_id, key in parse_key_ring(text).items()}


@sensitive_variables()
def seal(secret: str, where: Seal) -> str:
    """Return ``secret`` encrypted under the current key, readable only at ``where``."""
    remembered(secret)
    key_id, cipher = next(iter(_ring(settings.ENCRYPTION_KEYS).items()))
    nonce = os.urandom(NONCE_BYTES)
    sealed = cipher.encrypt(nonce, secret.encode(), where.associated_data())
    return f"{key_id}${base64.b64encode(nonce + sealed).decode()}"


@sensitive_variables()
def unseal(sealed: str, where: Seal) -> str:
    """Open what `seal` made for the same place.

    Raises:
        SealBroken: for every reason alike; the message names the place, never the value.
    """
    key_id, _, encoded = sealed.partition("$")
    cipher = _ring(settings.ENCRYPTION_KEYS).get(key_id)
    try:
        if cipher is None:
            raise InvalidTag
        data = base64.b64decode(encoded, validate=True)
        # Not by way of a variable, which a report of a failure could show.
        return remembered(
            cipher.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], where.associated_data()).decode()
        )
    except (InvalidTag, binascii.Error, ValueError):
        raise SealBroken(f"{where.table}.{where.field} of row {where.row} does not open.") from None


def key_id_of(sealed: str) -> str:
    """Return the id of the key that sealed a value, for counting what a rotation has left."""
    return sealed.partition("$")[0]


def sealing_key_id() -> str:
    """Return the id of the key that seals now."""
    return next(iter(_ring(settings.ENCRYPTION_KEYS)))


def opening_key_ids() -> tuple[str, ...]:
    """Return the ids of all keys at hand, the sealing one first."""
    return tuple(_ring(settings.ENCRYPTION_KEYS))
