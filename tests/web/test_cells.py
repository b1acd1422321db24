"""Cells of files that go out and come in: none runs, none is lost, mangled ones are known."""

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.web.sheets.cells import mangled, plain_cell, safe_cell

SIGNS = "=+-@＝＋－＠"
DANGEROUS = st.builds(
    "".join,
    st.tuples(
        st.text("' \t\r\n\0\u00a0\u200b\ufeff", max_size=3),
        st.sampled_from([*SIGNS, "\t", "\r", "\0", "", '="', "cmd|"]),
        st.text(max_size=8),
    ),
)
TEXTS = st.text(max_size=12) | DANGEROUS | st.from_regex(r"\A'{0,3}[0-9]{1,4}\Z")
BLANK = " \t\r\n\0\u00a0\u200b\u200e\ufeff"


def runs(cell: str) -> bool:
    """Tell whether a spreadsheet might run a cell, by another way than the code's."""
    return cell.lstrip(BLANK)[:1] in set(SIGNS) or cell[:1] in set("\t\r\n\0")


@given(TEXTS)
def test_d06_no_text_becomes_a_formula_and_comes_back_as_it_was(text: str) -> None:
    cell = safe_cell(text)
    assert not runs(cell)
    assert plain_cell(cell) == text


@given(st.lists(TEXTS, min_size=2, max_size=4))
def test_d06_texts_stay_different(texts: list[str]) -> None:
    assert len({safe_cell(text) for text in texts}) == len(set(texts))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9)))
def test_d06_numbers_are_left_alone(number: Decimal) -> None:
    line = io.StringIO()
    csv.writer(line).writerow([safe_cell(number)])
    assert Decimal(line.getvalue().strip()) == number
    assert not line.getvalue().startswith("'")


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ('="0012"', "0012"),
        ('="a ""b"""', 'a "b"'),
        ("'0012", "0012"),
        ("''0012", "'0012"),
        ("'=cmd()", "=cmd()"),
        ("'+31 20 123 4567", "+31 20 123 4567"),
        ("'t Hooft B.V.", "'t Hooft B.V."),
        ("'90s Music", "'90s Music"),
        ("=cmd()", "=cmd()"),
    ],
)
def test_what_keeps_a_spreadsheet_from_running_or_rounding_is_taken_off(
    written: str, means: str
) -> None:
    assert plain_cell(written) == means


@pytest.mark.parametrize("text", ["1.23E+11", "1,23e+11", "1E+5", "12.0", "12,00", "1-Feb", "#N/A"])
def test_what_a_spreadsheet_made_of_a_number_is_known(text: str) -> None:
    assert text in mangled(text, digits=True)


@pytest.mark.parametrize("text", ["0012", "NL-12.3", "", "E12", "1.2.3", "12E", "10001"])
def test_ordinary_numbers_are_not_taken_for_mangled(text: str) -> None:
    assert mangled(text, digits=True) == ""


def test_only_columns_of_numbers_are_searched_for_rounded_ones() -> None:
    assert mangled("1E+5", digits=False) == ""
    assert "#NAME?" in mangled("#NAME?", digits=False)
