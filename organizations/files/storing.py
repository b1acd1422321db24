"""Keeping a file's bytes in parts, and reading them as one file in constant memory."""

import io
import zlib
from collections.abc import Iterable
from typing import BinaryIO, cast

from organizations.bulk.files import LAYOUT as LINKS
from organizations.directory.organization_file import layout_for
from organizations.files.models import FilePart, UploadedFile
from organizations.provisioning.order_file import LAYOUT as PROVISIONING
from portal.core.access import Actor
from portal.web.sheets.reading import Layout, Table

PART = 256 * 1024


def store_parts(file: UploadedFile, chunks: Iterable[bytes]) -> None:
    """Write the bytes of a file; in the caller's transaction."""
    waiting, position = bytearray(), 0
    for chunk in chunks:
        waiting += chunk
        while len(waiting) >= PART:
            _store(file, position, bytes(waiting[:PART]))
            del waiting[:PART]
            position += 1
    if waiting:
        _store(file, position, bytes(waiting))


def drop_parts(file: UploadedFile, actor: Actor) -> None:
    """Delete the bytes of a file that will not be read again."""
    FilePart.objects.visible_to(actor).filter(file=file).delete()


def table_of(file: UploadedFile, actor: Actor) -> Table:
    """Return a file as a table; reading it needs a transaction."""
    return Table(
        lambda: cast(BinaryIO, io.BufferedReader(_Parts(file, actor))),
        _layout_of(file, actor),
        encoding=file.encoding,
        ignore_unknown=True,
    )


def _layout_of(file: UploadedFile, actor: Actor) -> Layout:
    if file.kind == UploadedFile.Kind.LINKS:
        return LINKS
    if file.kind == UploadedFile.Kind.PROVISIONING:
        return PROVISIONING
    return layout_for(actor)


def _store(file: UploadedFile, position: int, content: bytes) -> None:
    FilePart.objects.create(
        reseller_id=file.reseller_id,
        file=file,
        position=position,
        content=zlib.compress(content, 1),
    )


class _Parts(io.RawIOBase):
    """The parts of a file one after the other; it can be read again from its beginning."""

    def __init__(self, file: UploadedFile, actor: Actor) -> None:
        self._rows = FilePart.objects.visible_to(actor).filter(file=file)
        self._next, self._rest, self._place = 0, b"", 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if whence == io.SEEK_CUR and not offset:
            return self._place
        if offset or whence != io.SEEK_SET:
            raise io.UnsupportedOperation("It can be read from its beginning only.")
        self._next, self._rest, self._place = 0, b"", 0
        return 0

    def readinto(self, buffer: "memoryview", /) -> int:  # type: ignore[override]
        if not self._rest:
            content = self._rows.filter(position=self._next).values_list("content", flat=True)
            packed = content.first()
            if packed is None:
                return 0
            self._rest, self._next = zlib.decompress(packed), self._next + 1
        given = self._rest[: len(buffer)]
        buffer[: len(given)] = given
        self._rest = self._rest[len(given) :]
        self._place += len(given)
        return len(given)
