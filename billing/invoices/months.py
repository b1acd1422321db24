"""Months as people and addresses write them: ``2026-05``.

A month is a date everywhere inside, its first day; the text is read once, at the edge, and what is
no month is refused there with the form it should have.
"""

import re
from datetime import date

from partnercenter.schemas.invoices import Invoice as Header
from portal.core.errors import InvalidInput

_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")


def read_month(text: str) -> date:
    """Return the first day of the month ``text`` names.

    Raises:
        InvalidInput: it is not a year and a month, such as 2026-05.
    """
    found = _MONTH.fullmatch(text.strip())
    try:
        if found is None:
            raise ValueError
        return date(int(found[1]), int(found[2]), 1)
    except ValueError:
        raise InvalidInput(
            f"“{text[:40]}” is not a month. Write year and month, such as 2026-05.",
            fields={"month": ["Write year and month, such as 2026-05."]},
        ) from None


def write_month(month: date) -> str:
    """Return a month as `read_month` takes it."""
    return month.isoformat()[:7]  # strftime writes a year before 1000 with fewer than four digits


def month_of_header(header: Header) -> date | None:
    """Return the month an invoice is reported in: that in which the period it bills begins.

    Legacy invoices may come without a period; theirs is the month they were written in. None when
    the invoice has no date at all.
    """
    moment = header.period_start or header.period_end or header.invoice_date
    return moment.date().replace(day=1) if moment else None
