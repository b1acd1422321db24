"""Reading a table that somebody made in a spreadsheet: rows with their lines, in constant memory.

Spreadsheets disagree about encoding, delimiter, line ends and how they call a column, so these are
recognised. What cannot be read any further raises `InvalidInput`; what is wrong with one row is a
`Remark` in its place, and reading goes on. A `Table` can be read as often as wanted.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from typing import Any, BinaryIO
from unicodedata import normalize

from portal.core.errors import InvalidInput
from portal.web.sheets.cells import mangled, plain_cell
from portal.web.sheets.encodings import AUTOMATIC, HOW_TO_SAVE, Encoding, find_encoding

DELIMITERS = ",;\t"
LONGEST_LINE = 200_000
"""Characters; a longer line is no row of a table, whatever it is."""
SEPARATOR_LINE = re.compile(r"sep=(.)\s*\Z", re.IGNORECASE)
LAST_LINE = re.compile(r"# (?:stopped after )?(\d+) rows")
"""What our own exports end with, so that a cut file shows."""
NO_WORD = re.compile(r"[\W_]+")
BLANKS = " \t\r\n\f\v\u00a0"


@dataclass(frozen=True, slots=True)
class Row:
    """The text of one row by column, and the line it begins on, counted from 1."""

    line: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be said about a row; ``column`` empty: the row as a whole.

    ``is_error``: the row cannot be used; else it can, but somebody should know.
    """

    line: int
    text: str
    column: str = ""
    is_error: bool = True

    def __str__(self) -> str:
        where = f"line {self.line}, {self.column}" if self.column else f"line {self.line}"
        return f"{where}: {self.text}"


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns a table may have.

    Attributes:
        columns: their names, in the order of our own exports.
        required: those without which no row means anything.
        also: other names people and programs give them; written in small letters without blanks.
        digits: those with numbers that spreadsheets mangle.
        passed_over: columns of our exports that an import has no use for.
        binding: beginnings of names that are never passed over, even where unknown columns are:
            whoever writes one means exactly that column. They are told apart by every sign.
    """

    columns: tuple[str, ...]
    required: tuple[str, ...]
    also: Mapping[str, str] = field(default_factory=dict)
    digits: frozenset[str] = frozenset()
    passed_over: frozenset[str] = frozenset()
    binding: tuple[str, ...] = ()

    def column_called(self, text: str) -> str:
        """Return the column a heading means; "" if none."""
        if self.is_binding(text):
            written = text.casefold()
            return written if written in self.columns else ""
        key = NO_WORD.sub("", normalize("NFKC", text).casefold())
        names = {name.replace("_", ""): name for name in (*self.columns, *self.passed_over)}
        return names.get(key) or self.also.get(key, "")

    def is_binding(self, text: str) -> bool:
        """Tell whether a heading means one certain column, whatever else may be passed over."""
        return bool(self.binding) and text.strip(BLANKS).casefold().startswith(self.binding)


class Table:
    """A file of rows.

    Args:
        open_file: opens the file anew; called once to find out its encoding and once per reading.
        encoding: one of `encodings.CHOICES`, as a person told it.
        ignore_unknown: pass over columns nobody knows, which are then in ``unknown``.
    """

    def __init__(
        self,
        open_file: Callable[[], BinaryIO],
        layout: Layout,
        *,
        encoding: str = AUTOMATIC,
        ignore_unknown: bool = False,
    ) -> None:
        self.layout = layout
        self.unknown: list[str] = []
        self._open = open_file
        self._told = encoding
        self._ignore_unknown = ignore_unknown

    @cached_property
    def encoding(self) -> Encoding:
        """How the file is read; raises `InvalidInput` where it is no text."""
        with self._open() as stream:
            return find_encoding(stream, told=self._told)

    def rows(self) -> Iterator[Row | Remark]:
        """Yield every row, or a `Remark` for one that cannot be used.

        Raises:
            InvalidInput: nothing after this point can be read: header, encoding or quotation marks.
        """
        name = self.encoding.name
        with self._open() as stream, io.TextIOWrapper(stream, name, newline="") as text:
            yield from self._read(_lines(text))

    def _read(self, lines: Iterator[str]) -> Iterator[Row | Remark]:
        first = next(lines, "")
        begins = 1
        separator = SEPARATOR_LINE.match(first.removeprefix("\ufeff"))
        if separator:
            first, begins = next(lines, ""), 2
        header = first.removeprefix("\ufeff")
        if not header.strip(BLANKS + DELIMITERS):
            raise InvalidInput(
                "The file is empty. Its first line must name its columns:"
                f" {', '.join(self.layout.columns)}."
            )
        delimiter = separator[1] if separator else _delimiter_of(header)
        columns = self._columns(_split_header(header, delimiter, begins), begins)
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        told = None
        count = 0
        while True:
            line = reader.line_num + begins + 1
            record = _next_record(reader, line)
            if record is None:
                break
            if not any(cell.strip(BLANKS) for cell in record):
                continue
            last = _last_line(record)
            if last is not None:
                told = (line, last)
                continue
            count += 1
            yield self._row(line, record, columns)
        if told and told[1] > count:
            yield Remark(
                told[0],
                f"the file says that it has {told[1]:,} rows, but {count:,} are in it;"
                " if you did not take any out, it was cut",
                is_error=False,
            )

    def _row(self, line: int, record: list[str], columns: Sequence[str]) -> Row | Remark:
        while len(record) > len(columns) and not record[-1].strip(BLANKS):
            record.pop()
        if len(record) != len(columns):
            return Remark(
                line,
                f"has {len(record)} values, but the header has {len(columns)} columns;"
                " put values that contain the delimiter in quotation marks",
            )
        values = {}
        for name, cell in zip(columns, record, strict=True):
            if name in self.layout.passed_over or not name:
                continue
            if "\0" in cell:
                return Remark(line, "contains a NUL character; take it out", name)
            text = cell.strip(BLANKS)
            if wrong := mangled(text, digits=name in self.layout.digits):
                return Remark(line, wrong, name)
            values[name] = plain_cell(text).strip(BLANKS)
        return Row(line, values)

    def _columns(self, header: Sequence[str], line: int) -> list[str]:
        """Return what each column is, in the file's order; "" for one that is passed over."""
        columns = [self.layout.column_called(plain_cell(name.strip(BLANKS))) for name in header]
        self.unknown = [
            name.strip(BLANKS)
            for name, column in zip(header, columns, strict=True)
            if not column and name.strip(BLANKS)
        ]
        refused = [
            name
            for name in self.unknown
            if not self._ignore_unknown or self.layout.is_binding(name)
        ]
        if refused:
            raise InvalidInput(
                f"Line {line}: there is no column {', '.join(map(self._maybe, refused))}. The"
                f" columns are {', '.join(self.layout.columns)}; only"
                f" {' and '.join(self.layout.required)} must be there, and their order is free.",
                code="unknown_column",
            )
        twice = sorted({name for name in columns if name and columns.count(name) > 1})
        if twice:
            raise InvalidInput(f"Line {line}: the column {', '.join(twice)} is there twice.")
        missing = [name for name in self.layout.required if name not in columns]
        if missing:
            raise InvalidInput(
                f"Line {line}: the column {' and '.join(missing)} is missing; every row needs it."
                f" The columns are {', '.join(self.layout.columns)}."
            )
        return columns

    def _maybe(self, name: str) -> str:
        """Write an unknown heading, with the column it may be meant for."""
        near = get_close_matches(name.casefold().replace(" ", "_"), self.layout.columns, n=1)
        return f"{name} (did you mean {near[0]}?)" if near else name


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    number = 0
    while line := text.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise InvalidInput(f"Line {number} is longer than {LONGEST_LINE:,} characters.")
        yield line


def _delimiter_of(header: str) -> str:
    """Return the sign that stands most often between the names, not in them."""
    bare = re.sub(r'"[^"]*"', "", header)
    return max(DELIMITERS, key=bare.count)


def _split_header(header: str, delimiter: str, line: int) -> list[str]:
    try:
        return next(csv.reader([header], delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise InvalidInput(
            f"Line {line}: the names of the columns cannot be read ({error})."
            f" They belong on a line of their own. {HOW_TO_SAVE}"
        ) from None


def _next_record(reader: Any, line: int) -> list[str] | None:
    try:
        return next(reader, None)
    except csv.Error as error:
        raise InvalidInput(
            f"Line {line}: the row cannot be read ({error})."
            " Check its quotation marks and that it ends where it should."
        ) from None


def _last_line(record: list[str]) -> int | None:
    """Return the count that an export of ours ends with; None for any other row."""
    found = LAST_LINE.match(record[0])
    if not found or any(cell.strip(BLANKS) for cell in record[1:]):
        return None
    return int(found[1])
