"""Reading a CSV file of organizations, a row at a time.

Spreadsheets disagree about delimiter, line ends and the mark at the beginning of a file, so these
are recognised. The encoding is not guessed: a file that is not UTF-8 is refused, with the line that
is not, because a wrong guess puts wrong letters into every name for ever.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from organizations.directory.details import LABELS
from portal.core.errors import InvalidInput

COLUMNS = tuple(LABELS)
DELIMITERS = ",;\t"
LONGEST_LINE = 200_000
"""Bytes; a longer line is no row of this file, whatever it is."""
UTF8_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
HOW_TO_SAVE = "Save the file as “CSV UTF-8” and import that."


@dataclass(frozen=True, slots=True)
class Row:
    """The text of one row by column, and the line it begins on, counted from 1."""

    line: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Remark:
    """What is to be said about a row; ``column`` empty: the row as a whole."""

    line: int
    text: str
    column: str = ""

    def __str__(self) -> str:
        where = f"line {self.line}, {self.column}" if self.column else f"line {self.line}"
        return f"{where}: {self.text}"


def read_organizations(stream: BinaryIO) -> Iterator[Row | Remark]:
    """Yield every row, or a `Remark` for one that does not fit its header. Constant memory.

    Raises:
        InvalidInput: nothing after this point can be read: header, encoding or quotation marks.
    """
    lines = _text_lines(stream)
    header = next(lines, "")
    if not header.strip():
        raise InvalidInput(
            f"The file is empty. Its first line must name its columns: {', '.join(COLUMNS)}."
        )
    delimiter = max(DELIMITERS, key=header.count)
    columns = _columns(_split_header(header, delimiter))
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 2  # the header is line 1, and this row begins on the next one
        try:
            record = next(reader, None)
        except csv.Error as error:
            raise InvalidInput(
                f"Line {line}: the row cannot be read ({error})."
                " Check its quotation marks and that it ends where it should."
            ) from None
        if record is None:
            return
        if not any(cell.strip() for cell in record):
            continue
        if len(record) != len(columns):
            yield Remark(
                line,
                f"has {len(record)} values, but the header has {len(columns)} columns;"
                " put values that contain the delimiter in quotation marks",
            )
            continue
        yield Row(line, {name: cell.strip() for name, cell in zip(columns, record, strict=True)})


def _split_header(header: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([header], delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise InvalidInput(
            f"Line 1: the names of the columns cannot be read ({error})."
            f" They belong on a line of their own. {HOW_TO_SAVE}"
        ) from None


def _columns(header: Sequence[str]) -> list[str]:
    """Return the names of the columns, in the file's order."""
    columns = [name.strip().lower().replace(" ", "_") for name in header]
    unknown = [name or "(empty)" for name in columns if name not in COLUMNS]
    if unknown:
        raise InvalidInput(
            f"Line 1: there is no column {', '.join(unknown)}. The columns are"
            f" {', '.join(COLUMNS)}; only name is required, and their order is free."
        )
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise InvalidInput(f"Line 1: the column {', '.join(twice)} is there twice.")
    if "name" not in columns:
        raise InvalidInput("Line 1: the column name is missing; every organization needs one.")
    return columns


def _text_lines(stream: BinaryIO) -> Iterator[str]:
    """Yield the lines as text, line ends included, the mark at the beginning taken off."""
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise InvalidInput(f"Line {number} is longer than {LONGEST_LINE:,} bytes.")
        if number == 1:
            if line.startswith(UTF16_MARKS):
                raise InvalidInput(f"The file is UTF-16, not UTF-8. {HOW_TO_SAVE}")
            line = line.removeprefix(UTF8_MARK)
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError as error:
            column = len(line[: error.start].decode("utf-8")) + 1
            raise InvalidInput(
                f"Line {number} is not UTF-8 (byte 0x{line[error.start]:02X} at character"
                f" {column}). {HOW_TO_SAVE}"
            ) from None
        yield text
