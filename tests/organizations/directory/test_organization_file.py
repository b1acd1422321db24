"""Reading a CSV file of organizations."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from organizations.directory.organization_file import Remark, Row, read_organizations
from portal.core.errors import InvalidInput


def read(content: bytes | str) -> list[Row | Remark]:
    data = content.encode() if isinstance(content, str) else content
    return list(read_organizations(BytesIO(data)))


def refusal(content: bytes | str) -> str:
    with pytest.raises(InvalidInput) as caught:
        read(content)
    return caught.value.detail


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_spreadsheets_may_differ_in_delimiter_line_ends_and_mark(
    delimiter: str, end: str, mark: bytes
) -> None:
    lines = [["Country", "name"], ["NL", '"Contoso, B.V.; the\tfirst"'], ["", "Fabrikam"]]
    text = "".join(delimiter.join(cells) + end for cells in lines)
    assert read(mark + text.encode()) == [
        Row(2, {"country": "NL", "name": "Contoso, B.V.; the\tfirst"}),
        Row(3, {"country": "", "name": "Fabrikam"}),
    ]


def test_blank_lines_and_values_over_several_lines_keep_the_count() -> None:
    rows = read('name,number\n\n"Con\ntoso",1\n,\nFabrikam,2\n')
    assert [(row.line, row.values["number"]) for row in rows if isinstance(row, Row)] == [
        (3, "1"),
        (6, "2"),
    ]


def test_a_row_that_does_not_fit_its_header_is_named_and_the_next_one_read() -> None:
    remark, row = read("name,number\nContoso, Inc.,1\nFabrikam,2\n")
    assert isinstance(remark, Remark)
    assert str(remark).startswith("line 2: has 3 values, but the header has 2 columns")
    assert isinstance(row, Row)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "The file is empty"),
        ("\n", "The file is empty"),
        ("name,colour\n", "no column colour"),
        ("name,\n", "no column (empty)"),
        ("name,Name\n", "the column name is there twice"),
        ("number,country\n", "the column name is missing"),
        (b"name\nCaf\xe9\n", "Line 2 is not UTF-8 (byte 0xE9 at character 4)"),
        ("name\n".encode("utf-16"), "UTF-16"),
        ('name\n"Contoso\n', "Line 2"),
        ('name\nFabrikam\n"Con"toso\n', "Line 3"),
        ("name\n" + "x" * 300_000, "Line 2 is longer than 200,000 bytes"),
        ("name\rContoso\r", "Line 1"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_place(
    content: bytes | str, says: str
) -> None:
    assert says in refusal(content)


@given(st.binary(max_size=300) | st.binary(max_size=300).map(b"name,number\n".__add__))
def test_any_bytes_are_rows_remarks_or_a_refusal(content: bytes) -> None:
    try:
        rows = read(content)
    except InvalidInput as error:
        assert error.detail
        return
    assert all(row.line > 1 for row in rows)
