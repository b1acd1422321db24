"""The stacked bars: to scale, inside the drawing, in order."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.web.charts import HEIGHT, TOP, Bar, Segment, compact, nice_ceiling, stacked_bars

AMOUNTS = st.decimals(min_value=-1000, max_value=10**9, places=2)
BARS = st.lists(
    st.tuples(AMOUNTS, AMOUNTS).map(
        lambda pair: Bar("Nov", (Segment(1, pair[0], "a"), Segment(2, pair[1], "b")))
    ),
    max_size=15,
)


def number(text: str) -> Decimal:
    return Decimal(text.removesuffix("%"))


@given(BARS)
def test_everything_lies_inside_the_drawing(bars: list[Bar]) -> None:
    chart = stacked_bars(bars)
    for block in chart.blocks:
        assert number(block.x) >= 0
        assert number(block.x) + number(block.width) <= 100
        assert number(block.y) >= TOP - Decimal("0.01")
        assert number(block.y) + number(block.height) <= HEIGHT


@given(BARS)
def test_every_positive_amount_is_drawn_and_no_other(bars: list[Bar]) -> None:
    drawn = stacked_bars(bars).blocks
    assert len(drawn) == sum(part.amount > 0 for bar in bars for part in bar.segments)


def test_segments_stack_upwards_to_scale() -> None:
    segments = (Segment(2, Decimal(25), "second"), Segment(1, Decimal(75), "first"))
    first, second = stacked_bars([Bar("Nov", segments)]).blocks
    assert (first.series, first.text) == (1, "Nov: first")
    assert number(first.height) == 3 * number(second.height)
    assert number(second.y) + number(second.height) == number(first.y)
    assert number(second.y) == TOP


def test_no_bars_still_have_a_scale() -> None:
    chart = stacked_bars([])
    assert (chart.blocks, chart.labels) == ((), ())
    assert [line.label for line in chart.lines] == ["0", "0.25", "0.5", "0.75", "1"]


@given(st.decimals(min_value="0.0001", max_value=10**15, places=4))
def test_the_scale_ends_on_a_round_number_close_above(value: Decimal) -> None:
    ceiling = nice_ceiling(value)
    assert value <= ceiling <= value * Decimal("2.5")
    assert ceiling.normalize().as_tuple().digits in {(1,), (2,), (2, 5), (5,)}


@pytest.mark.parametrize(
    ("value", "expected"),
    [("0", "0"), ("950", "950"), ("12500", "12.5k"), ("2500000", "2.5M"), ("100", "100")],
)
def test_axis_values_are_short(value: str, expected: str) -> None:
    assert compact(Decimal(value)) == expected
