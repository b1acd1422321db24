"""Workbooks: texts are texts, numbers are numbers, and any number of rows takes the same memory."""

import io
import shutil
import subprocess
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from portal.core.access import Role
from portal.web.exports import table_response, write_table
from portal.web.sheets.workbooks import CELL_LENGTH
from tests.factories.core import make_person, make_reseller
from tests.repetitions import TIMES

SIGNS = "=+-@＝＋－＠\t\r\n\0' "
TEXTS = st.builds(
    "{}{}".format, st.text(SIGNS, max_size=3), st.text(st.characters(codec="utf-8"), max_size=9)
)
NUMBERS = st.decimals(min_value=-(10**9), max_value=10**9, places=2, allow_nan=False)
ROWS = st.lists(st.tuples(TEXTS, NUMBERS, st.integers(-(10**12), 10**12)), min_size=1, max_size=20)
FEW, MANY = 2_000, 20_000 * TIMES
Record = Callable[[str, object], None]


def written(rows: Sequence[Sequence[Any]], as_format: str = "xlsx") -> bytes:
    file = io.BytesIO()
    assert write_table(file, ("text", "amount", "count"), rows, as_format=as_format) == len(rows)
    return file.getvalue()


def cells(content: bytes) -> list[tuple[Any, ...]]:
    """Return the rows of a workbook as another library reads them, formulas as formulas."""
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    return list(sheet.iter_rows(min_row=2))


@settings(max_examples=50)
@given(ROWS)
def test_d06_a_workbook_holds_no_formula_and_every_number_is_one(
    rows: list[tuple[str, Decimal, int]],
) -> None:
    found = cells(written(rows))
    assert len(found) == len(rows)
    for (text, amount, count), read in zip(rows, found, strict=True):
        assert unescape(read[0].value or "") == text
        assert read[0].data_type != "f"
        assert read[1].data_type == read[2].data_type == "n"
        assert Decimal(str(read[1].value)) == amount
        assert read[2].value == count


def test_d06_an_amount_comes_back_as_a_number_in_both_formats() -> None:
    rows = [("=1+1", Decimal("-12.50"), -3)]
    (read,) = cells(written(rows))
    assert [cell.value for cell in read] == ["=1+1", -12.5, -3]
    assert [cell.data_type for cell in read] == ["s", "n", "n"]
    assert read[0].quotePrefix
    assert written(rows, "csv").decode("utf-8-sig").splitlines()[1] == "'=1+1,-12.50,-3"


def test_a_number_no_spreadsheet_can_hold_exactly_and_a_text_too_long_are_kept_as_text() -> None:
    exact = Decimal("12345678901234567890.12")
    (read,) = cells(written([("x" * (CELL_LENGTH + 5), exact, 1)]))
    assert len(read[0].value) == CELL_LENGTH
    assert read[0].value.endswith("…")
    assert (read[1].data_type, read[1].value) == ("s", str(exact))


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed here")
def test_d06_libreoffice_reads_texts_back_as_texts(tmp_path: Path) -> None:
    rows = [(text, Decimal("-12.50"), 1) for text in ("=1+1", "+1", "-1+1", "@SUM(1)", "＝1+1")]
    for as_format in ("csv", "xlsx"):
        path = tmp_path / f"export.{as_format}"
        path.write_bytes(written(rows, as_format))
        out = tmp_path / as_format
        given = ["soffice", "--headless", "--convert-to", "xlsx", "--outdir", str(out), str(path)]
        subprocess.run(given, check=True, timeout=120)
        read = cells((out / "export.xlsx").read_bytes())[: len(rows)]
        assert all(row[0].data_type == "s" for row in read)
        assert [row[1].value for row in read] == [-12.5] * len(rows)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("as_format", ["csv", "xlsx"])
def test_an_export_of_any_length_is_streamed_in_the_same_memory(
    as_format: str, record_property: Record
) -> None:
    actor = make_person(make_reseller(), Role.OPERATOR).actor

    def most_for(count: int) -> tuple[int, int]:
        def rows() -> Iterator[tuple[Any, ...]]:
            for number in range(count):
                yield (f"=Tenant {number}", "contoso.com", Decimal(number) / 4)

        answer = table_response(
            name="x",
            header=("name", "domain", "amount"),
            rows=rows,
            actor=actor,
            as_format=as_format,
        )
        tracemalloc.start()
        try:
            size = sum(len(chunk) for chunk in answer)
            return tracemalloc.get_traced_memory()[1], size
        finally:
            tracemalloc.stop()

    (few, small), (many, large) = most_for(FEW), most_for(MANY)
    record_property(
        "figure",
        f"Export as {as_format}: {FEW:,} rows in {few:,} bytes of memory, {MANY:,} in {many:,}",
    )
    assert large > 5 * small
    assert many < 1.5 * few + 500_000
