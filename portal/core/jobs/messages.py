"""The guard of the queue: a message is input from a stranger until it has the shape of ours.

Everything sent here is one task of the portal with at most one id. What is anything else (bytes
that are no JSON, another serializer, a callback, a time to come) is put aside unread, because some
of it ends a worker, and some of it ends every worker that is started after. Nothing is lost by
that: the row is the job, and the relay rings for it again.
"""

import base64
import binascii
import json
from typing import Any, Final
from uuid import UUID

LONGEST_BYTES: Final = 16_384
TASK_PREFIX: Final = "portal."


def fault_of(raw: bytes | str) -> str | None:
    """Say what keeps a raw queue entry from being a message of ours; None where nothing does."""
    if len(raw) > LONGEST_BYTES:
        return "too long"
    try:
        message = json.loads(raw)
        properties, headers = message["properties"], message["headers"]
        wrong = (
            _fault_of_envelope(message)
            or _fault_of_properties(properties)
            or _fault_of_headers(headers)
            or _fault_of_body(base64.b64decode(message["body"], validate=True))
        )
    except RecursionError:
        return "too deep"
    except (ValueError, TypeError, KeyError, AttributeError, binascii.Error) as error:
        return f"malformed ({type(error).__name__})"
    return wrong


def _fault_of_envelope(message: dict[str, Any]) -> str | None:
    if message["content-type"] != "application/json" or message["content-encoding"] != "utf-8":
        return "not JSON inside"
    return None


def _fault_of_properties(properties: dict[str, Any]) -> str | None:
    where = properties["delivery_info"]
    texts = (properties["delivery_tag"], where["exchange"], where["routing_key"])
    if properties["body_encoding"] != "base64" or not all(isinstance(it, str) for it in texts):
        return "no address"
    return None


def _fault_of_headers(headers: dict[str, Any]) -> str | None:
    if not headers["task"].startswith(TASK_PREFIX):
        return "no task of the portal"
    if not isinstance(headers["id"], str):
        return "no id"
    if headers.get("eta") is not None or headers.get("expires") is not None:
        return "a time of its own"
    if any(headers.get("timelimit") or ()) or headers.get("compression") is not None:
        return "limits of its own"
    return None


def _fault_of_body(body: bytes) -> str | None:
    positional, named, embedded = json.loads(body)
    if named or any(embedded.values()):
        return "more than an id"
    if positional:
        (job_id,) = positional
        UUID(job_id)
    return None
