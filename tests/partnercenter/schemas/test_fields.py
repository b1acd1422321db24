"""Reading objects by name: spelling, texts, money, dates, identities."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnercenter.errors import MalformedAnswer
from partnercenter.schemas import fields as module
from partnercenter.schemas.fields import Fields, as_amount, as_guid, as_moment, spelling


@pytest.mark.parametrize("key", ["companyName", "CompanyName", "COMPANYNAME"])
def test_key_is_found_in_any_case(key: str) -> None:
    assert Fields({key: "Contoso"}).text("companyname") == "Contoso"


def test_two_spellings_of_one_key_are_refused() -> None:
    with pytest.raises(MalformedAnswer):
        Fields({"id": "1", "Id": "2"})


def test_first_name_with_a_value_wins() -> None:
    fields = Fields({"a": None, "b": "", "c": 5, "d": "x"})
    assert fields.text("a", "b", "c", "d") == "5"
    assert fields.get("a", "b") == ""
    assert fields.text("missing") == ""


def test_what_is_of_another_kind_is_left_out() -> None:
    fields = Fields({"flag": "true", "inner": [1], "list": {"a": 1}, "texts": ["a", {}, 3]})
    assert fields.flag("flag") is None
    assert fields.inner("inner") is None
    assert list(fields.objects("list")) == []
    assert fields.texts("texts") == ("a", "", "3")


def test_memory_for_spellings_is_bounded() -> None:
    for number in range(2_000):
        spelling({f"key{number}": 1})
    spelling({"x" * 100_000: 1})
    assert len(module._KNOWN_SPELLINGS) <= 256
    assert all(len(key) < 10_000 for keys in module._KNOWN_SPELLINGS for key in keys)


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        ("12.50", "12.50"),
        (" -0.3 ", "-0.3"),
        (7, "7"),
        (Decimal("586366.1"), "586366.1"),
        ("1E-7", "1E-7"),
        (0, "0"),
        ("99999999999999.999999", "99999999999999.999999"),
    ],
)
def test_amount_is_read_exactly(value: object, amount: str) -> None:
    assert str(as_amount(value, "total")) == amount


@pytest.mark.parametrize(
    "value",
    ["NaN", "Infinity", "1,5", "1_000", "٣", "", "abc", "1e99", True, None, [], {}, 10**14, 10**399,
     Decimal("1E+40"), Decimal("1E-60"), "0x10"],
)  # fmt: skip
def test_what_no_invoice_says_is_no_amount(value: object) -> None:
    with pytest.raises(MalformedAnswer):
        as_amount(value, "total")


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9
    )
)
def test_amount_as_text_and_as_number_is_the_same(amount: Decimal) -> None:
    assert as_amount(f"{amount:f}", "x") == as_amount(amount, "x") == amount


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2021-05-20T18:30:06.6045692Z", datetime(2021, 5, 20, 18, 30, 6, 604569, UTC)),
        ("2018-02-08T01:22:47.603895Z", datetime(2018, 2, 8, 1, 22, 47, 603895, UTC)),
        ("2021-05-01T00:00:00", datetime(2021, 5, 1, tzinfo=UTC)),
        ("2021-05-01T02:00:00+02:00", datetime(2021, 5, 1, tzinfo=UTC)),
        ("2021-05-01", datetime(2021, 5, 1, tzinfo=UTC)),
        ("7/4/2021 1:05:00 PM", datetime(2021, 7, 4, 13, 5, tzinfo=UTC)),
        ("0001-01-01T00:00:00", None),
        ("9999-12-14T00:00:00Z", None),
        ("9999-12-31T23:59:59-10:00", None),
        ("next week", None),
        ("13/40/2021 1:05:00 PM", None),
        ("", None),
    ],
)
def test_date_is_utc_or_nothing(text: str, moment: datetime | None) -> None:
    assert as_moment(text) == moment


@given(st.text(max_size=40) | st.datetimes(timezones=st.timezones()).map(datetime.isoformat))
def test_any_text_is_a_date_or_nothing(text: str) -> None:
    moment = as_moment(text)
    assert moment is None or moment.utcoffset() is not None


@pytest.mark.parametrize(
    ("value", "guid"),
    [
        ("B44BB1FB-C595-45B0-9E09-D657365580BF", "b44bb1fb-c595-45b0-9e09-d657365580bf"),
        ("{b44bb1fb-c595-45b0-9e09-d657365580bf}", "b44bb1fb-c595-45b0-9e09-d657365580bf"),
        (" b44bb1fb-c595-45b0-9e09-d657365580bf\n", "b44bb1fb-c595-45b0-9e09-d657365580bf"),
        ("b44bb1fbc59545b09e09d657365580bf", None),
        ("b44bb1fb-c595-45b0-9e09-d657365580bf/../x", None),
        ("", None),
        (7, None),
        (None, None),
    ],
)
def test_guid_is_lower_case_or_nothing(value: Any, guid: str | None) -> None:
    assert as_guid(value) == guid
