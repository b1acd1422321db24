"""Fields an answer about commerce is refused without."""

from decimal import Decimal
from typing import Any

import pytest

from partnercenter.errors import MalformedAnswer
from partnercenter.schemas.fields import Fields
from partnercenter.schemas.strict import (
    count,
    required_amount,
    required_count,
    required_guid,
    required_id,
    required_text,
    word,
)


@pytest.mark.parametrize("value", [25, Decimal("25.0"), "25", "25.000", Decimal("2.5E+1")])
def test_whole_number_is_read_however_it_is_written(value: Any) -> None:
    assert required_count(Fields({"Quantity": value}), "a line", "quantity") == 25


@pytest.mark.parametrize("value", [None, "", "x", True, 1.5, Decimal("0.5"), [], {}])
def test_what_is_no_count_is_refused(value: Any) -> None:
    with pytest.raises(MalformedAnswer):
        required_count(Fields({"quantity": value}), "a line", "quantity")


def test_count_that_may_be_missing_is_still_read_strictly() -> None:
    assert count(Fields({}), "maximumquantity") is None
    with pytest.raises(MalformedAnswer):
        count(Fields({"maximumquantity": "many"}), "maximumquantity")


def test_missing_identity_or_money_is_named() -> None:
    for read, name in (
        (required_text, "id"),
        (required_id, "id"),
        (required_guid, "id"),
        (required_amount, "price"),
    ):
        with pytest.raises(MalformedAnswer, match=f"a thing without {name}"):
            read(Fields({"id": " ", "price": None}), "a thing", name)


def test_ids_where_case_counts_are_left_alone() -> None:
    guid = "CF3B0E37-BE0B-4CDD-B584-D1A97D98A922"
    assert required_id(Fields({"id": guid}), "an order", "id") == guid.lower()
    assert required_id(Fields({"id": "9qg-ErcO_M1"}), "an order", "id") == "9qg-ErcO_M1"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("OneTime", "one_time"),
        ("one_time", "one_time"),
        ("Monthly", "monthly"),
        ("pending review", "pending_review"),
        ("Not Ready", "not_ready"),
        ("Started ", "started"),
        ("K12", "k12"),
        ("SomethingNew", "something_new"),
        ("", ""),
    ],
)
def test_words_have_one_spelling(written: str, read: str) -> None:
    assert word(written) == read
