"""The days whose months a link owns: half-open ranges of days, and where they may be cut.

A month of a tenant belongs whole to the link whose period holds the month's first day, because
Microsoft bills and the books close by whole months: nothing is ever billed twice or to nobody. No
lower bound means since ever, no upper bound still. A link without effect has the empty period.
"""

from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from portal.core.books import month_after
from portal.core.errors import InvalidInput
from portal.web.wording import write_exact

FROM = "from"
"""What forms and the API call the day."""


def nothing() -> DateRange:
    """Return the period of a link without effect."""
    return DateRange(empty=True)


def beginning(day: date | None) -> DateRange:
    """Return the period that begins with a day (None: since ever) and still holds."""
    return DateRange(day, None)


def cut(period: DateRange, day: date | None) -> tuple[DateRange, DateRange]:
    """Return the parts of a live period before a day and from it on.

    None, or a day it has not reached, leaves nothing before and all of it after.
    """
    if day is None or (period.lower is not None and day <= period.lower):
        return nothing(), period
    return DateRange(period.lower, day), beginning(day)


def latest_day() -> date:
    """Return the last day from which a tenant can be moved: the first of next month."""
    return month_after(timezone.localdate())


def day_of_change(day: date | None, *, closed: date | None) -> date | None:
    """Return the day from which a change holds: the one asked for, or the first open one.

    Raises:
        InvalidInput: the day lies in a closed month, or later than the first of next month.
    """
    if day is None:
        return closed
    if closed and day < closed:
        raise InvalidInput(
            f"The months before {write_exact(closed)} are closed, and what they billed stays where"
            f" it is. Choose {write_exact(closed)} or later.",
            code="month_closed",
            fields={
                FROM: [f"Choose {write_exact(closed)} or later; the months before are closed."]
            },
        )
    last = latest_day()
    if day > last:
        raise InvalidInput(
            f"{write_exact(day)} is too far ahead. Choose {write_exact(last)} or earlier.",
            fields={FROM: [f"Choose {write_exact(last)} or earlier."]},
        )
    return day
