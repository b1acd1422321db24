"""Geometry of the one chart pages need: stacked bars, drawn as SVG by the server.

Heights are pixels and widths are shares of whatever room there is, so that bars stretch with the
page and text keeps its size, on a phone as well.
Everything is numbers that become SVG attributes, because the Content-Security-Policy refuses inline
styles. The chart carries no money type: the caller decides what a segment's text says, and shows
the same figures in a table beneath.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

HEIGHT = 240
TOP = 12
BOTTOM = 26
LEFT = 56
BAR_SHARE = Decimal("0.56")
GRID_STEPS = 4
NICE_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@dataclass(frozen=True, slots=True)
class Segment:
    """One part of a bar: series number (1 is drawn at the bottom), its amount and its words."""

    series: int
    amount: Decimal
    text: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One stacked bar and the label under it; negative amounts are drawn as nothing."""

    label: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle: ``x`` and ``width`` in percent, ``y`` and ``height`` in pixels."""

    series: int
    x: str
    y: str
    width: str
    height: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A horizontal grid line with the value it stands for."""

    y: str
    text_y: str
    label: str


@dataclass(frozen=True, slots=True)
class AxisLabel:
    """The text under one bar."""

    x: str
    text: str


@dataclass(frozen=True, slots=True)
class BarChart:
    """Everything the template writes down."""

    height: int
    left: int
    label_y: int
    blocks: tuple[Block, ...]
    lines: tuple[Line, ...]
    labels: tuple[AxisLabel, ...]


def nice_ceiling(value: Decimal) -> Decimal:
    """Return the smallest 1, 2, 2.5, 5 or 10 times a power of ten that reaches ``value``."""
    if value <= 0:
        return Decimal(1)
    power = Decimal(1).scaleb(value.adjusted())
    return next(step * power for step in NICE_STEPS if step * power >= value)


def compact(value: Decimal) -> str:
    """Write an axis value shortly: 950, 12k, 2.5M."""
    for size, letter in ((Decimal(1_000_000), "M"), (Decimal(1_000), "k")):
        if value >= size:
            return f"{(value / size).normalize():f}{letter}"
    return f"{value.normalize():f}"


def stacked_bars(bars: Sequence[Bar]) -> BarChart:
    """Lay out stacked bars in order, left to right, under one common scale."""
    totals = [
        sum((max(part.amount, Decimal(0)) for part in bar.segments), Decimal(0)) for bar in bars
    ]
    ceiling = nice_ceiling(max(totals, default=Decimal(0)))
    baseline = HEIGHT - BOTTOM
    scale = Decimal(baseline - TOP) / ceiling
    slot = Decimal(100) / max(len(bars), 1)
    blocks: list[Block] = []
    labels: list[AxisLabel] = []
    for index, bar in enumerate(bars):
        middle = slot * index + slot / 2
        labels.append(AxisLabel(_share(middle), bar.label))
        blocks += _stack(bar, middle=middle, width=slot * BAR_SHARE, baseline=baseline, scale=scale)
    return BarChart(
        height=HEIGHT,
        left=LEFT,
        label_y=HEIGHT - 8,
        blocks=tuple(blocks),
        lines=_grid(ceiling, baseline=baseline, scale=scale),
        labels=tuple(labels),
    )


def _stack(
    bar: Bar, *, middle: Decimal, width: Decimal, baseline: int, scale: Decimal
) -> list[Block]:
    top = Decimal(baseline)
    blocks = []
    for part in sorted(bar.segments, key=lambda part: part.series):
        height = max(part.amount, Decimal(0)) * scale
        top -= height
        if height:
            size = (_share(middle - width / 2), _point(top), _share(width), _point(height))
            blocks.append(Block(part.series, *size, text=f"{bar.label}: {part.text}"))
    return blocks


def _grid(ceiling: Decimal, *, baseline: int, scale: Decimal) -> tuple[Line, ...]:
    values = [ceiling * step / GRID_STEPS for step in range(GRID_STEPS + 1)]
    heights = [Decimal(baseline) - value * scale for value in values]
    return tuple(
        Line(_point(y), _point(y + 4), compact(value))
        for value, y in zip(values, heights, strict=True)
    )


def _point(value: Decimal) -> str:
    """Write a coordinate with two places and never in scientific notation."""
    return f"{value:.2f}"


def _share(value: Decimal) -> str:
    return f"{_point(value)}%"
