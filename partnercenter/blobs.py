"""Files of exports in Azure storage: asked for without a token, unpacked and read line by line.

The address carries its own permission. So it goes only to storage hosts, is never told in an error,
and no token goes with it. A file may be far larger than memory, and packed by a factor of a
thousand if somebody means harm; nothing here grows with it but one line.
"""

import re
import zlib
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, urlsplit

from partnercenter.decoding import decode_json
from partnercenter.errors import (
    AnswerTooLarge,
    ExportExpired,
    LinkRefused,
    MalformedAnswer,
    PartnerCenterError,
    TornAnswer,
)
from partnercenter.refusals import refusal
from partnercenter.wire import Wire

LONGEST_LINE = 1024 * 1024
MOST_UNPACKED = 64 * 1024**3
"""Bytes of one file once unpacked; as many lines as are read are fewer."""
MOST_LINES = 50_000_000
_PIECE = 256 * 1024
_GZIP = 16 + zlib.MAX_WBITS
_BOM = b"\xef\xbb\xbf"
_SAS = re.compile(r"[A-Za-z0-9%&=+/:,;._~*!'()$@-]*")
_WHAT = "Reading a file of the export"


class BlobReader:
    """Reads files below a manifest's folder."""

    def __init__(self, wire: Wire, *, storage: str) -> None:
        """``storage`` is the address of a single host, or a host suffix that begins with a dot."""
        self._wire = wire
        self._storage = storage

    def rows(self, root: str, name: str, sas: str) -> Iterator[Any]:
        """Yield the JSON values of a packed file of JSON lines.

        Raises: LinkRefused for a place that is no storage of ours, ExportExpired when the
        permission has ended, MalformedAnswer, TornAnswer, AnswerTooLarge, ConnectionFailed.
        """
        url = blob_address(root, name, sas, storage=self._storage)
        with self._wire.stream("GET", url, call=_WHAT) as answer:
            if answer.status != 200:
                raise _refused(answer.status, answer.headers)
            yield from _rows(_lines(_unpacked(answer.chunks)))


def blob_address(root: str, name: str, sas: str, *, storage: str) -> str:
    """Return the address of a file. Raises: LinkRefused when it leads anywhere but to ``storage``.

    The root's own spelling is kept: its folders are called things like ``InvoiceId=G1``.
    """
    failure = LinkRefused("The files of the export are said to be at a place that is no storage.")
    segments = name.split("/")
    if not all(segments) or {".", ".."} & set(segments) or not name.isprintable() or "\\" in name:
        raise failure
    try:
        parts = urlsplit(root)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if (
        not host
        or parts.username is not None
        or parts.query
        or parts.fragment
        or not root.isascii()
        or not root.isprintable()
        or any(character in root for character in "\\ ;")
        or ".." in parts.path.split("/")
        or not _SAS.fullmatch(sas)
    ):
        raise failure
    if storage.startswith("."):
        good = parts.scheme == "https" and port in (None, 443) and host.endswith(storage)
    else:
        good = f"{parts.scheme}://{parts.netloc}" == storage.rstrip("/")
    if not good:
        raise failure
    file = "/".join(quote(segment, safe="=") for segment in segments)
    return f"{root.rstrip('/')}/{file}" + (f"?{sas}" if sas else "")


def _refused(status: int, headers: Any) -> PartnerCenterError:
    if status in (403, 410):
        return ExportExpired(f"{_WHAT} was answered with status {status}.", status=status)
    return refusal(status=status, headers=headers, body=b"", call=_WHAT, missing=ExportExpired)


def _unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the content of packed chunks in pieces of bounded size."""
    opener = zlib.decompressobj(_GZIP)
    size = 0
    begun = False
    for chunk in chunks:
        waiting = chunk
        while waiting:
            if opener.eof:
                # Packed files may be written one behind the other.
                opener = zlib.decompressobj(_GZIP)
            begun = True
            try:
                piece = opener.decompress(waiting, _PIECE)
            except zlib.error:
                piece = None
            if piece is None:
                raise MalformedAnswer("A file of the export is not packed as it should be.")
            size += len(piece)
            if size > MOST_UNPACKED:
                raise AnswerTooLarge("A file of the export is too large.")
            yield piece
            waiting = opener.unused_data if opener.eof else opener.unconsumed_tail
    if begun and not opener.eof:
        raise TornAnswer("A file of the export ends early.")


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield whole lines; the last needs no line break."""
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
        if len(rest) > LONGEST_LINE:
            raise AnswerTooLarge("A line of the export is too long.")
    yield rest


def _rows(lines: Iterable[bytes]) -> Iterator[Any]:
    for number, line in enumerate(lines, 1):
        if number > MOST_LINES:
            raise AnswerTooLarge("A file of the export has too many lines.")
        content = line.strip()
        if number == 1:
            content = content.removeprefix(_BOM)
        if not content:
            continue
        try:
            row = decode_json(content)
        except MalformedAnswer as error:
            # A line that is not JSON is no sign of a broken connection: the packing is whole.
            text = f"Line {number} of a file of the export cannot be read: {error.message}"
            failure = MalformedAnswer(text)
        else:
            yield row
            continue
        raise failure
