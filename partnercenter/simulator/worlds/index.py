"""Random access to the records of a JSON Lines file that may be far larger than memory.

One pass notes where every record begins (eight bytes each) and a sorted list of id hashes (twelve
bytes each); the records themselves stay on disk and are parsed when asked for. A database file
would do the same, but would have to be built and kept in step with a folder people edit by hand.
"""

from __future__ import annotations

import json
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from partnercenter.simulator.worlds.errors import WorldError

Resource = dict[str, Any]
IdOf = Callable[[Resource], object]

_BOM = b"\xef\xbb\xbf"
_CHUNK = 1000


class Collection:
    """The records of one file in file order; reads open the file anew, so threads may share it."""

    __slots__ = ("_buckets", "_end", "_id_of", "_offsets", "_path", "_where", "version")

    def __init__(
        self, path: Path | None = None, *, where: str = "", id_of: IdOf | None = None
    ) -> None:
        """Index `path`; None is an empty collection, `where` is how errors name the file.

        With `id_of` every record is parsed once and its id indexed. Without it records have no
        id, `get` finds nothing, and a bad record is only noticed when it is read.

        Raises WorldError for an unreadable file and, with `id_of`, for a record that is not a
        JSON object, has no id, or repeats one.
        """
        self._path = path
        self._where = where
        self._id_of = id_of
        self._offsets = array("Q")
        self._buckets = _Buckets()
        self._end = 0
        self.version = ""
        """Differs when the file does; empty for an empty collection."""
        if path is not None:
            self._build(path)

    def __len__(self) -> int:
        return len(self._offsets)

    def __iter__(self) -> Iterator[Resource]:
        for offset in range(0, len(self), _CHUNK):
            yield from self.page(offset, _CHUNK)

    def get(self, resource_id: str) -> Resource | None:
        """Return the record with this id, compared without case, or None."""
        for position in self._buckets.find(hash(resource_id.lower())):
            resource = self._parse(self._read(position, position + 1)[0], position)
            if self._id_at(resource) == resource_id.lower():
                return resource
        return None

    def page(self, offset: int, limit: int) -> list[Resource]:
        """Return up to `limit` records from the zero-based `offset`; past the end there are none.

        Raises WorldError when a record without an indexed id turns out not to be a JSON object.
        """
        first = max(offset, 0)
        return [
            self._parse(line, position)
            for position, line in enumerate(self.raw_page(first, limit), first)
        ]

    def raw_page(self, offset: int, limit: int) -> list[bytes]:
        """Return the same records as `page` as the bytes of their lines, unparsed."""
        first = max(offset, 0)
        last = min(first + max(limit, 0), len(self))
        return self._read(first, last) if first < last else []

    def _build(self, path: Path) -> None:
        hashes = array("q")
        try:
            with path.open("rb") as lines:
                for number, line in enumerate(lines, 1):
                    start = len(_BOM) if number == 1 and line.startswith(_BOM) else 0
                    content = line[start:].strip()
                    if content:
                        self._offsets.append(self._end + start)
                    if content and self._id_of:
                        hashes.append(hash(self._checked_id(content, number)))
                    self._end += len(line)
            self.version = f"{self._end} {path.stat().st_mtime_ns}"
        except OSError as error:
            raise WorldError(f"{self._where}: cannot be read ({error.strerror}).") from error
        if self._id_of:
            self._buckets = _Buckets(hashes)
            self._refuse_duplicates()

    def _checked_id(self, content: bytes, number: int) -> str:
        resource_id = self._id_at(self._parse(content, None, number))
        if resource_id:
            return resource_id
        raise WorldError(
            f"{self._where}, line {number}: the record has no id. "
            'Give it an "id" that is a text and not empty, or remove the line.'
        )

    def _refuse_duplicates(self) -> None:
        for first, second in self._buckets.clashes():
            resources = [self._parse(self._read(at, at + 1)[0], at) for at in (first, second)]
            ids = [self._id_at(resource) for resource in resources]
            if ids[0] == ids[1]:
                raise WorldError(
                    f"{self._where}, line {self._line_number(second)}: the id {ids[0]!r} is "
                    f"already used on line {self._line_number(first)}. "
                    "Ids are compared without case; change or remove one of the two."
                )

    def _id_at(self, resource: Resource) -> str:
        value = self._id_of(resource) if self._id_of else None
        return value.strip().lower() if isinstance(value, str) else ""

    def _read(self, first: int, last: int) -> list[bytes]:
        """Return the lines of the records first..last-1, which lie in one stretch of the file."""
        if self._path is None:  # an empty collection, of which nobody can ask a record
            return []
        start = self._offsets[first]
        end = self._offsets[last] if last < len(self._offsets) else self._end
        try:
            with self._path.open("rb") as file:
                file.seek(start)
                stretch = file.read(end - start)
        except OSError as error:
            raise WorldError(f"{self._where}: cannot be read ({error.strerror}).") from error
        lines = [line for line in map(bytes.strip, stretch.split(b"\n")) if line]
        if len(lines) != last - first:
            raise WorldError(f"{self._where}: changed since the world was opened. Open it again.")
        return lines

    def _parse(self, line: bytes, position: int | None, number: int = 0) -> Resource:
        try:
            resource = json.loads(line.decode("utf-8"), parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise WorldError(
                f"{self._where}, line {self._line_number(position, number)}: not valid JSON "
                f"({error}). Every line holds one whole resource as UTF-8 JSON."
            ) from error
        if isinstance(resource, dict):
            return resource
        raise WorldError(
            f"{self._where}, line {self._line_number(position, number)}: a JSON object was "
            f"expected. Write one resource per line, not a list or a bare value."
        )

    def _line_number(self, position: int | None, number: int = 0) -> int:
        # Only errors need it, so it is counted then instead of being kept for every record.
        if position is None or self._path is None:
            return number
        with self._path.open("rb") as file:
            return sum(1 for _ in _lines_before(file, self._offsets[position])) + 1


class _Buckets:
    """Positions of records, found by the hash of their id; equal hashes lie side by side.

    Python's own hash is salted per process, which is fine: the index never leaves the process.
    """

    __slots__ = ("_hashes", "_positions")

    def __init__(self, hashes: array[int] | None = None) -> None:
        unsorted = hashes if hashes is not None else array("q")
        self._positions = array("I", sorted(range(len(unsorted)), key=unsorted.__getitem__))
        self._hashes = array("q", (unsorted[position] for position in self._positions))

    def find(self, wanted: int) -> Iterator[int]:
        at = bisect_left(self._hashes, wanted)
        while at < len(self._hashes) and self._hashes[at] == wanted:
            yield self._positions[at]
            at += 1

    def clashes(self) -> Iterator[tuple[int, int]]:
        """Yield every pair of records with the same hash, the earlier record first."""
        start = 0
        for at in range(1, len(self._hashes)):
            if self._hashes[at] != self._hashes[start]:
                start = at
            for earlier in range(start, at):
                yield self._positions[earlier], self._positions[at]


def _lines_before(file: BinaryIO, offset: int) -> Iterator[bytes]:
    position = 0
    for line in file:
        position += len(line)
        if position > offset:
            return
        yield line


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
