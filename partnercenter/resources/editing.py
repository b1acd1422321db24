"""A resource as it was received, with edits, as PATCH and PUT want it back.

What such a write leaves out is not kept but reset (renewal falls to off, scheduled changes are
deleted), so everything received goes back, known to us or not.
"""

from collections.abc import Mapping
from typing import Any


def edited(raw: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a resource with changed fields, spelled as received; a change to None removes one."""
    spelled = {key.lower(): key for key in raw}
    body = dict(raw)
    for name, value in changes.items():
        key = spelled.get(name.lower(), name)
        if value is None:
            body.pop(key, None)
        else:
            body[key] = value
    return body


def if_match(etag: str) -> dict[str, str]:
    """Return the header that makes a write fail when the resource has changed since.

    The tag stands in double quotes, unless it brings its own. New commerce often has none.
    """
    if not etag:
        return {}
    return {"If-Match": etag if etag.startswith(('"', 'W/"')) else f'"{etag}"'}
