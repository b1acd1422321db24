"""The picture of how long tenants wait to be linked, month by month."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from organizations.alert.queries import LinkingMonth
from portal.web.charts import Bar, BarChart, Segment, stacked_bars
from portal.web.wording import write_count

SERIES = ("Days to link (the middle one)",)


@dataclass(frozen=True, slots=True)
class Trend:
    """The chart, what it says in a sentence, and its figures for the table beneath."""

    chart: BarChart
    description: str
    months: tuple[LinkingMonth, ...]
    series: tuple[str, ...] = SERIES


def draw_trend(months: Sequence[LinkingMonth]) -> Trend | None:
    """Draw the months, oldest on the left; None while nothing was linked yet."""
    if not months:
        return None
    last = months[-1]
    return Trend(
        chart=stacked_bars([_bar(month) for month in months]),
        description=(
            f"{write_count(last.count, 'tenant')} linked in {last.month:%B %Y}; the middle one had"
            f" waited {_days(last.median_days)}."
        ),
        months=tuple(months),
    )


def _bar(month: LinkingMonth) -> Bar:
    return Bar(
        label=f"{month.month:%b %Y}",
        segments=(Segment(1, month.median_days, _days(month.median_days)),),
    )


def _days(days: Decimal) -> str:
    return "1 day" if days == 1 else f"{days.normalize():f} days"
