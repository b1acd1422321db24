"""What commands that read or write a table share: the file, its encoding and how far it is read."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, TextIO

from django.core.management.base import CommandError, CommandParser, OutputWrapper

from portal.core.management.foreground import draw_bar
from portal.web.exports import write_table
from portal.web.sheets.encodings import AUTOMATIC, CHOICES
from portal.web.sheets.reading import Layout, Remark, Row, Table

PROGRESS_ROWS = 1_000
ENCODINGS = ", ".join(filter(None, CHOICES))


def add_file_arguments(parser: CommandParser) -> None:
    """Add what every import takes."""
    parser.add_argument("file", type=Path, metavar="FILE", help="CSV")
    parser.add_argument("--reseller", required=True, metavar="SLUG")
    parser.add_argument("--dry-run", action="store_true", help="check everything and write nothing")
    parser.add_argument(
        "--skip-bad-rows", action="store_true", help="import the good rows all the same"
    )
    parser.add_argument(
        "--ignore-unknown-columns", action="store_true", help="pass over columns nobody knows"
    )
    parser.add_argument(
        "--encoding",
        choices=sorted(CHOICES),
        default=AUTOMATIC,
        metavar="NAME",
        help=f"how the file is written, where it is not UTF-8: {ENCODINGS}",
    )


class FileOnDisk:
    """A table in a file, with a bar on a terminal that shows how far it is read.

    ``passes``: how often its rows will be read.
    """

    def __init__(
        self, options: dict[str, Any], layout: Layout, *, passes: int, out: OutputWrapper
    ) -> None:
        self.path: Path = options["file"]
        self.table = Table(
            self._open,
            layout,
            encoding=options["encoding"],
            ignore_unknown=options["ignore_unknown_columns"],
        )
        self._passes = passes
        self._pass = 0
        self._out = out
        self._stream: BufferedReader | None = None

    def check_encoding(self, *, dry_run: bool) -> None:
        """Say how the file is read where that is guessed; only a dry run goes on with a guess.

        Raises:
            CommandError: the encoding has to be told.
            InvalidInput: the file is no text.
        """
        encoding = self.table.encoding
        if not encoding.is_guess:
            return
        if not dry_run:
            raise CommandError(
                f"{self.path.name}: {encoding.describe()} If that is how it is spelt, say"
                f" --encoding {encoding.name}. Nothing was written."
            )
        self._out.write(encoding.describe())

    def rows(self) -> Iterator[Row | Remark]:
        """Yield the rows once more."""
        self._pass += 1
        for count, row in enumerate(self.table.rows()):
            yield row
            if count % PROGRESS_ROWS == 0:
                self._show_progress()
        if self._pass == self._passes and self._out.isatty():
            self._out.write("\r\033[K", ending="")

    def _open(self) -> BufferedReader:
        self._stream = self.path.open("rb")
        return self._stream

    def _show_progress(self) -> None:
        if not self._out.isatty() or self._stream is None or self._stream.closed:
            return
        size = max(self.path.stat().st_size, 1)
        share = (self._pass - 1 + self._stream.tell() / size) / self._passes
        self._out.write(f"\r{draw_bar(int(share * 100))} {share:4.0%}", ending="")


def export_to(
    path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]], *, out: OutputWrapper
) -> int:
    """Write a table to a file, all of it or none, and return how many rows it has.

    The name's end says what it becomes, CSV or XLSX; ``-`` is the standard output, as CSV.

    Raises:
        CommandError: the file cannot be written.
    """
    try:
        if str(path) == "-":
            return write_table(sys.stdout.buffer, header, rows, as_format="csv")
        as_format = "xlsx" if path.suffix.lower() == ".xlsx" else "csv"
        with _replacing(path) as stream:
            return write_table(stream, header, _counted(rows, out), as_format=as_format)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}.") from None


@contextmanager
def _replacing(path: Path) -> Iterator[Any]:
    """Open a file beside ``path`` that takes its place when the block has ended well."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as stream:
        fresh = Path(stream.name)
        try:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
            fresh.chmod(0o600)
            fresh.replace(path)
        except BaseException:
            fresh.unlink(missing_ok=True)
            raise


def _counted(rows: Iterable[Sequence[Any]], out: OutputWrapper | TextIO) -> Iterator[Sequence[Any]]:
    """Pass rows on and tell a terminal how many there were."""
    count = 0
    for count, row in enumerate(rows, start=1):
        yield row
        if count % PROGRESS_ROWS == 0 and out.isatty():
            out.write(f"\r{count:,} rows")
    if out.isatty():
        out.write("\r\033[K")
