"""Reading tables that people made in spreadsheets: every way to go wrong has its sentence."""

import tracemalloc
from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.errors import InvalidInput
from portal.web.sheets.reading import Layout, Remark, Row, Table

LAYOUT = Layout(
    columns=("name", "number", "country"),
    required=("name",),
    also={"company": "name"},
    digits=frozenset({"number"}),
    passed_over=frozenset({"created_at"}),
)
MANY = 30_000


def table(content: bytes | str, **options: object) -> Table:
    data = content.encode() if isinstance(content, str) else content
    return Table(lambda: BytesIO(data), LAYOUT, **options)  # type: ignore[arg-type]


def read(content: bytes | str, **options: object) -> list[Row | Remark]:
    return list(table(content, **options).rows())


def refusal(content: bytes | str, **options: object) -> str:
    with pytest.raises(InvalidInput) as caught:
        read(content, **options)
    return caught.value.detail


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_spreadsheets_may_differ_in_delimiter_line_ends_and_encoding(
    delimiter: str, end: str, encoding: str
) -> None:
    lines = [["Country", "name"], ["NL", '"Müller, B.V.; the\tfirst"'], ["", "Łódź"]]
    text = "".join(delimiter.join(cells) + end for cells in lines)
    assert read(text.encode(encoding)) == [
        Row(2, {"country": "NL", "name": "Müller, B.V.; the\tfirst"}),
        Row(3, {"country": "", "name": "Łódź"}),
    ]


@pytest.mark.parametrize(
    "header", ["NAME;Number", "  Company ;“Number”", "name;NUM_BER", "name;number;;"]
)
def test_headings_are_known_in_any_case_and_by_other_names(header: str) -> None:
    line = "Contoso;12" + ";" * (header.count(";") - 1)
    (row,) = read(f"{header}\n{line}\n")
    assert isinstance(row, Row)
    assert (row.values["name"], row.values["number"]) == ("Contoso", "12")


def test_a_line_that_names_the_delimiter_is_followed() -> None:
    assert read("sep=;\nname;number\nA, B;1\n") == [Row(3, {"name": "A, B", "number": "1"})]


def test_blank_lines_and_values_over_several_lines_keep_the_count() -> None:
    rows = read('name,number\n\n"Con\ntoso",1\n,\nFabrikam,2\n')
    assert [(row.line, row.values["number"]) for row in rows if isinstance(row, Row)] == [
        (3, "1"),
        (6, "2"),
    ]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("Contoso, Inc.,1", "line 2: has 3 values, but the header has 2 columns"),
        ("Contoso", "line 2: has 1 values, but the header has 2 columns"),
        ("Con\0toso,1", "line 2, name: contains a NUL character"),
        ("Contoso,1.23E+11", "line 2, number: 1.23E+11 is how a spreadsheet rounds"),
        ("Contoso,1-Feb", "line 2, number: 1-Feb is a day"),
        ("Contoso,7.0", "line 2, number: 7.0 is a number with decimals"),
        ("#NAME?,1", "line 2, name: #NAME? is what a spreadsheet shows"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_and_the_next_one_read(row: str, says: str) -> None:
    remark, after = read(f"name,number\n{row}\nFabrikam,2\n")
    assert isinstance(remark, Remark)
    assert remark.is_error
    assert str(remark).startswith(says)
    assert after == Row(3, {"name": "Fabrikam", "number": "2"})


def test_empty_cells_after_the_last_column_are_no_values() -> None:
    assert read("name,number\nContoso,1,,\n") == [Row(2, {"name": "Contoso", "number": "1"})]


def test_what_an_export_adds_is_taken_off_again() -> None:
    content = 'name,number,created_at\n\'=cmd(),="0012",2026-11-01\n# 1 rows,,\n'
    assert read(content) == [Row(2, {"name": "=cmd()", "number": "0012"})]


def test_an_export_that_was_cut_is_told() -> None:
    _, remark = read("name\nContoso\n# 3 rows\n")
    assert isinstance(remark, Remark)
    assert not remark.is_error
    assert str(remark).startswith("line 3: the file says that it has 3 rows, but 1 are in it")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "The file is empty"),
        ("\n", "The file is empty"),
        ("name,colour\n", "no column colour"),
        ("name,numbr\n", "numbr (did you mean number?)"),
        ("name,Name\n", "the column name is there twice"),
        ("name,company\n", "the column name is there twice"),
        ("number,country\n", "the column name is missing"),
        (b"name\nCaf\xe9 \x81\n", "Line 2 is not UTF-8 (byte 0xE9 at character 4)"),
        ("name\nŁódź\n".encode("cp1250"), "Line 2 is not UTF-8 (byte 0xA3 at character 1)"),
        ("name\nПривет\n".encode("koi8-r") + b"\x90", "not UTF-8"),
        (b"\xff\xfen\0a\0m\0e\0\n\0\x00\xd8", "Line 2 is not UTF-16"),
        ('name\n"Contoso\n', "Line 2"),
        ('name\nFabrikam\n"Con"toso\n', "Line 3"),
        ("name\n" + "x" * 300_000, "Line 2 is longer than 200,000 characters"),
        (b"PK\x03\x04rest", "workbook (XLSX or ODS)"),
        (b"\xd0\xcf\x11\xe0rest", "old Excel workbook"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b\x08", "compressed"),
        ('"na\nme"\nContoso', "Line 1"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_place(
    content: bytes | str, says: str
) -> None:
    assert says in refusal(content)


def test_unknown_columns_are_passed_over_when_that_is_said_and_kept_in_mind() -> None:
    known = table("name,colour\nContoso,red\n", ignore_unknown=True)
    assert list(known.rows()) == [Row(2, {"name": "Contoso"})]
    assert known.unknown == ["colour"]


def test_western_text_is_guessed_and_called_a_guess() -> None:
    known = table("name\nMüller & Søn\nCafé l’Été\n".encode("cp1252"))
    assert [row.values["name"] for row in known.rows() if isinstance(row, Row)] == [
        "Müller & Søn",
        "Café l’Été",
    ]
    assert known.encoding.is_guess
    assert known.encoding.samples[0] == "Müller"
    assert "“Müller”" in known.encoding.describe()


def test_an_encoding_that_is_told_is_no_guess() -> None:
    known = table("name\nŁódź\n".encode("cp1250"), encoding="windows-1250")
    assert list(known.rows()) == [Row(2, {"name": "Łódź"})]
    assert not known.encoding.is_guess
    assert "no encoding 'ebcdic'" in refusal("name\nA\n", encoding="ebcdic")
    assert "Line 2 is not UTF-8" in refusal("name\nÄ\n".encode("cp1252"), encoding="utf-8")


def test_the_place_of_a_wrong_byte_is_exact_far_into_the_file() -> None:
    lines = "".join(f"Compañía {number}\n" for number in range(20_000))
    content = f"name\n{lines}".encode() + b"abc\xff\n"
    assert "Line 20002 is not UTF-8 (byte 0xFF at character 4)" in refusal(
        content, encoding="utf-8"
    )


class Endless(BytesIO):
    """A file that is made while it is read."""

    def __init__(self) -> None:
        super().__init__()
        self._lines = self._made()
        self._rest = b""

    def _made(self) -> Iterator[bytes]:
        yield b"name,number,country\n"
        for number in range(MANY):
            yield b"Contoso of Utrecht and elsewhere,%d,NL\n" % number

    def read(self, size: int | None = -1, /) -> bytes:
        while len(self._rest) < (size or 0):
            line = next(self._lines, b"")
            if not line:
                break
            self._rest += line
        given, self._rest = self._rest[:size], self._rest[size:]
        return given

    read1 = read

    def seek(self, *_: object) -> int:
        self._lines, self._rest = self._made(), b""
        return 0


def test_any_number_of_rows_is_read_in_constant_memory(
    record_property: Callable[[str, object], None],
) -> None:
    known = Table(Endless, LAYOUT)
    tracemalloc.start()
    try:
        count = sum(isinstance(row, Row) for row in known.rows())
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == MANY
    record_property("figure", f"{count:,} rows read in {most:,} bytes at most")
    assert most < 1_000_000


@given(st.binary(max_size=300) | st.binary(max_size=300).map(b"name,number\n".__add__))
def test_any_bytes_are_rows_remarks_or_a_refusal(content: bytes) -> None:
    try:
        rows = read(content)
    except InvalidInput as error:
        assert error.detail
        return
    assert all(row.line > 1 for row in rows)
