"""Seek paging: continuation tokens, and pages cut from rows that may have holes or be filtered.

A token is the position to go on from, signed and bound to its query. The simulator keeps nothing
for it, so a hundred thousand customers cost no more than their page, and a token still works after
a restart.
"""

import base64
import binascii
import re
import threading
import uuid
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import read_enum
from partnercenter.simulator.identity import Signer
from partnercenter.simulator.wire import Request

_SCAN = 500
_OPERATIONS = ("Next", "Previous", "First", "Last", "PageIndex")

Row = dict[str, Any]
Shape = Callable[[Row], Row | None]


class Rows(Protocol):
    """Anything that hands out rows by position; None is a row that is no more."""

    def page(self, offset: int, limit: int) -> Sequence[Row | None]: ...


@dataclass(frozen=True, slots=True)
class Mark:
    """The position a page starts at, and its size; a size of 0 has no limit."""

    position: int
    size: int


@dataclass(frozen=True, slots=True)
class Page:
    """The items of a page and the position of the next one; None when there is none."""

    items: list[Row]
    next_position: int | None


class ContinuationTokens:
    """Issues and reads continuation tokens."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def issue(self, mark: Mark, *, scope: str) -> str:
        """Return the token for a position in the collection that `scope` names.

        Like the real ones it holds commas, slashes, plus and equals signs, so a client that decodes
        or splits it fails here already.
        """
        text = f"{mark.position}.{mark.size}"
        seal = self._signer.seal(f"{text} {scope}")
        first = uuid.UUID(seal)
        last = uuid.uuid5(uuid.NAMESPACE_URL, seal)
        return f"{first},{base64.b64encode(text.encode()).decode()}/{seal}+==,{last}"

    def read(self, token: str, *, scope: str) -> Mark:
        """Return the position a token names.

        Raises Problem 400 for a token that was not issued for this collection or was altered.
        """
        match = re.fullmatch(
            r"[0-9a-f-]{36},([A-Za-z0-9+=]+)/([0-9a-f]{32})\+==,[0-9a-f-]{36}", token
        )
        text = _decode(match.group(1)) if match else None
        if match is None or text is None or self._signer.seal(f"{text} {scope}") != match.group(2):
            raise Problem(400, 800002, "The MS-ContinuationToken is not valid for this request.")
        position, _, size = text.partition(".")
        return Mark(position=int(position), size=int(size))


def _decode(text: str) -> str | None:
    try:
        return base64.b64decode(text, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return None


def read_mark(
    request: Request, tokens: ContinuationTokens, *, scope: str, size: int, size_given: bool
) -> Mark:
    """Return where the requested page starts.

    `seekOperation=Next` without its header does not advance: the first page comes again, as on the
    live service. Raises Problem 400 for an unknown operation, one this collection lacks, or a bad
    token.
    """
    asked = request.query.get("seekoperation")
    operation = read_enum(asked, _OPERATIONS) if asked else "First"
    if operation not in ("Next", "First"):
        raise Problem(400, 900127, f"seekOperation {asked!r} is not supported here.")
    token = request.headers.get("ms-continuationtoken")
    if operation == "First" or not token:
        return Mark(position=0, size=size)
    mark = tokens.read(token, scope=scope)
    return Mark(position=mark.position, size=size if size_given else mark.size)


class Bookmarks:
    """Remembers where offset-paged listings left off.

    Only a shortcut: without its bookmark a page is found by counting from the first row.
    """

    def __init__(self, *, keep: int = 256) -> None:
        self._keep = keep
        self._positions: OrderedDict[tuple[str, int], int] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, scope: str, offset: int) -> int | None:
        """Return the row at which the `offset`-th item of a listing begins, if it is known."""
        return self._positions.get((scope, offset))

    def put(self, scope: str, offset: int, position: int) -> None:
        """Remember a row; the oldest bookmark goes when there are too many."""
        with self._lock:
            self._positions[scope, offset] = position
            while len(self._positions) > self._keep:
                self._positions.popitem(last=False)


def cut_page(rows: Rows, mark: Mark, shape: Shape) -> Page:
    """Return the page at a mark; `shape` turns a row into an item, or None to leave it out.

    One row more than the page holds is looked for, so that the last page is known to be the last.
    """
    items: list[Row] = []
    position = mark.position
    step = mark.size + 1 if mark.size else _SCAN
    while True:
        chunk = rows.page(position, step)
        for offset, row in enumerate(chunk):
            item = shape(row) if row is not None else None
            if item is None:
                continue
            if mark.size and len(items) == mark.size:
                return Page(items=items, next_position=position + offset)
            items.append(item)
        if len(chunk) < step:
            return Page(items=items, next_position=None)
        position += step
        # The rows so far were filtered away or held holes: go on by more than is missing.
        step = max(mark.size - len(items) + 1, _SCAN)


def collection(items: Sequence[Row], links: Row | None = None) -> Row:
    """Return the body of a collection; `totalCount` counts this page, as in most samples."""
    body: Row = {"totalCount": len(items), "items": list(items)}
    if links:
        body["links"] = links
    body["attributes"] = {"objectType": "Collection"}
    return body
