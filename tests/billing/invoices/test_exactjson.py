"""JSON with exact numbers, for any value a stranger may send."""

import json
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from billing.invoices.copying import digest_of
from billing.invoices.exactjson import write_json
from partnercenter.schemas.line_items import read_line_item
from tests.billing.worlds import line

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
numbers = st.integers() | st.decimals(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_what_is_written_reads_back_the_same(value: Any) -> None:
    assert json.loads(write_json(value), parse_float=Decimal) == value


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_numbers_keep_their_digits(number: Decimal) -> None:
    assert write_json({"n": number}) == f'{{"n":{number}}}'


@given(st.dictionaries(texts, numbers, min_size=2, max_size=6))
def test_the_order_of_keys_does_not_matter(row: dict[str, Any]) -> None:
    assert write_json(row) == write_json(dict(reversed(row.items())))


@given(st.permutations(range(1, 6)))
def test_the_order_of_lines_does_not_change_their_digest(order: list[int]) -> None:
    lines = {number: read_line_item(line(number)) for number in range(1, 6)}
    assert digest_of(lines[n] for n in order) == digest_of(lines.values())


def test_a_line_twice_or_less_changes_the_digest() -> None:
    lines = [read_line_item(line(number)) for number in range(1, 6)]
    assert len({digest_of(lines), digest_of(lines[:-1]), digest_of([*lines, lines[0]])}) == 3
