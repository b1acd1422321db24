"""Etags: of profiles, a signed 64-bit number as text; of legacy resources, their id and version.

The version is told in a form readable to nobody, as on the live service.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from partnercenter.simulator.errors import Problem

Resource = dict[str, Any]


def etag_of(text: str) -> str:
    """Return the etag of a text; another text has another etag, half of them are negative."""
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return str(int.from_bytes(digest, "big", signed=True))


def legacy_etag(resource_id: str, version: int = 1) -> str:
    """Return the etag of a version of a legacy order or subscription."""
    text = json.dumps({"id": resource_id.lower(), "version": version}, separators=(",", ":"))
    return base64.b64encode(text.encode()).decode()


def held_etag(resource: Mapping[str, Any]) -> str:
    """Return the etag a resource carries, empty when it has none."""
    attributes = resource.get("attributes")
    return str(attributes.get("etag") or "") if isinstance(attributes, dict) else ""


def next_etag(resource: Mapping[str, Any]) -> str:
    """Return the etag of a legacy resource after one more change."""
    return legacy_etag(str(resource["id"]), _version(held_etag(resource)) + 1)


def with_next_etag(resource: Resource) -> Resource:
    """Return a resource with a new etag if it has one; new-commerce ones often have none."""
    if not held_etag(resource):
        return resource
    return resource | {"attributes": resource["attributes"] | {"etag": next_etag(resource)}}


def refuse_stale(current: Mapping[str, Any], body: Mapping[str, Any], if_match: str) -> None:
    """Refuse, with 400/2055, to write over what has changed since it was read.

    The etag a caller read may be in the header `If-Match`, in the body, or in both; `*` is any.
    """
    present = held_etag(current)
    for given in (held_etag(body), if_match.strip().strip('"')):
        if present and given and given not in (present, "*"):
            raise Problem(400, 2055, "It has changed. Read it again before writing.")


def _version(etag: str) -> int:
    try:
        return int(json.loads(base64.b64decode(etag, validate=True))["version"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        # A world may hold any text as an etag; the next one only has to differ from it.
        return 0
