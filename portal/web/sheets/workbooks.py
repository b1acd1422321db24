"""Workbooks (XLSX): the rows of an export in constant memory, texts as texts, numbers as numbers.

In a workbook every cell has a type, so a text that begins like a formula stays a text; it also gets
the mark that keeps it one when somebody edits the cell. Rows go to temporary files as they come,
because the parts of a workbook are packed when the last row is known.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, BinaryIO

from xlsxwriter import Workbook

from portal.web.sheets.cells import needs_apostrophe

SHEET_ROWS = 1_048_576
"""What Excel opens, its heading included; what is more goes to another sheet."""
CELL_LENGTH = 32_767
EXACT_DIGITS = 15
"""A spreadsheet keeps numbers in binary; beyond so many digits they would be others."""
COLUMN_WIDTH = 18
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


def write_workbook(stream: BinaryIO, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write a workbook and return how many rows it has; ``stream`` can be read when it is done."""
    with Workbook(stream, OPTIONS) as book:
        heading = book.add_format({"bold": True})
        as_text = book.add_format({"quote_prefix": True})
        sheet, at, count = _new_sheet(book, header, heading), 0, 0
        for row in rows:
            if at + 1 >= SHEET_ROWS:
                sheet, at = _new_sheet(book, header, heading), 0
            at, count = at + 1, count + 1
            for column, value in enumerate(row):
                _write(sheet, at, column, value, as_text)
    return count


def _new_sheet(book: Workbook, header: Sequence[str], heading: Any) -> Any:
    sheet = book.add_worksheet()
    sheet.set_column(0, max(len(header) - 1, 0), COLUMN_WIDTH)
    sheet.freeze_panes(1, 0)
    for column, name in enumerate(header):
        sheet.write_string(0, column, name, heading)
    return sheet


def _write(sheet: Any, row: int, column: int, value: Any, as_text: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, int | Decimal) and not isinstance(value, bool) and _is_exact(value):
        sheet.write_number(row, column, value)
        return
    text = str(value)
    if len(text) > CELL_LENGTH:
        text = f"{text[: CELL_LENGTH - 1]}…"
    sheet.write_string(row, column, text, as_text if needs_apostrophe(text) else None)


def _is_exact(value: int | Decimal) -> bool:
    number = Decimal(value)
    return number.is_finite() and len(number.normalize().as_tuple().digits) <= EXACT_DIGITS
