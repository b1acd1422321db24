"""Reading what a Subscription resource says about itself: its generation, term and dates.

Dates come in every form the service sends: with seven fractional digits, with an offset, with `Z`
or with nothing, and with year 9999 for "no end". All are read as UTC.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import Any

from partnercenter.simulator.fields import fold
from partnercenter.simulator.worlds.billing_months import months_after

Subscription = dict[str, Any]

WINDOW = timedelta(days=7)
_AZURE_PLAN = "dzh318z0bps6"
_DURATION = re.compile(r"P(\d{1,2})([MY])", re.IGNORECASE)
_COUNTRY = re.compile(r"[?&]country=([a-z]{2})\b", re.IGNORECASE)
_FRACTION = re.compile(r"\.(\d{1,6})\d*")


class Generation(Enum):
    """The kinds of subscription that follow different rules."""

    SEATS = "new-commerce seats"
    SOFTWARE = "software"
    AZURE = "Azure plan"
    MARKETPLACE = "marketplace SaaS"
    LEGACY = "bought before new commerce"


def generation(subscription: Subscription) -> Generation:
    """Return which rules a subscription follows, from its product type or, without one, its offer.

    An offer id without a product type is a legacy GUID, or a catalogue item of the marketplace.
    """
    kind = fold((subscription.get("productType") or {}).get("id") or "")
    offer = str(subscription.get("offerId") or "")
    if kind == "onlineservicesnce":
        return Generation.SEATS
    if kind.startswith("software"):
        return Generation.SOFTWARE
    if kind == "azure" or offer.lower().startswith(_AZURE_PLAN):
        return Generation.AZURE
    return Generation.MARKETPLACE if ":" in offer else Generation.LEGACY


def country_of(subscription: Subscription) -> str:
    """Return the country in a subscription's catalogue links; US when none names one."""
    for link in (subscription.get("links") or {}).values():
        match = _COUNTRY.search(str((link or {}).get("uri", "")))
        if match:
            return match.group(1).upper()
    return "US"


def status_of(subscription: Subscription) -> str:
    """Return the status in lower case; one that is missing is active."""
    return fold(subscription.get("status") or "active")


def read_moment(text: object) -> datetime | None:
    """Return a date of the wire in UTC, or None when it is absent or none."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(_FRACTION.sub(r".\1", text.strip()))
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def moment_text(moment: datetime) -> str:
    """Return a moment as the service writes it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def day_text(day: date) -> str:
    """Return a day as the service writes it: its midnight in UTC."""
    return f"{day}T00:00:00Z"


def midnight(day: date) -> datetime:
    """Return the first moment of a day in UTC."""
    return datetime.combine(day, time(), UTC)


def months_of(duration: object) -> int | None:
    """Return the months of an ISO duration of months or years, or None for anything else.

    Nothing is sold for a century: more than two digits are no term.
    """
    match = _DURATION.fullmatch(str(duration or "").strip())
    if match is None:
        return None
    return int(match.group(1)) * (12 if match.group(2).upper() == "Y" else 1) or None


def cycle_months(billing_cycle: object) -> int | None:
    """Return the months between two charges, or None when there is only one or none."""
    return {"monthly": 1, "annual": 12, "triennial": 36}.get(fold(billing_cycle or ""))


def term_months(subscription: Subscription) -> int:
    """Return the length of the current term; legacy subscriptions without one run for a year."""
    return months_of(subscription.get("termDuration")) or 12


def last_day(subscription: Subscription) -> date | None:
    """Return the inclusive last day of the term; None when it has no end."""
    end = read_moment(subscription.get("commitmentEndDate"))
    return end.date() if end is not None and end.year < 9999 else None


def term_over(subscription: Subscription) -> datetime | None:
    """Return the moment the term is over, which is the midnight after its last day."""
    day = last_day(subscription)
    return midnight(day + timedelta(days=1)) if day else None


def first_day(subscription: Subscription) -> date | None:
    """Return the first day of the current term; None without any date to tell it from.

    A subscription renewed before its world was written may still show its purchase as the start.
    """
    bought = read_moment(subscription.get("effectiveStartDate") or subscription.get("creationDate"))
    day = last_day(subscription)
    if day is None:
        return bought.date() if bought else None
    counted = months_after(day + timedelta(days=1), -term_months(subscription))
    return max(bought.date(), counted) if bought else counted


def term_end(start: date, months: int) -> date:
    """Return the inclusive last day of a term that starts on a day."""
    return months_after(start, months) - timedelta(days=1)


def end_fields(day: date) -> dict[str, str]:
    """Return the twin properties that say when a term ends."""
    return {
        "commitmentEndDate": day_text(day),
        "commitmentEndDateTime": f"{day}T23:59:59Z",
    }


def cancellable_until(subscription: Subscription) -> datetime | None:
    """Return until when the whole subscription may be given back; None without any date.

    Marketplace subscriptions say it in their refund options, everything else in a property of its
    own; where both are silent it is seven days from the purchase.
    """
    named = read_moment(subscription.get("cancellationAllowedUntilDate"))
    if named is not None:
        return named
    start = read_moment(subscription.get("effectiveStartDate"))
    if generation(subscription) is not Generation.MARKETPLACE:
        return start + WINDOW if start else None
    offered = [
        moment
        for option in subscription.get("refundOptions") or ()
        if (moment := read_moment(option.get("expiresAt"))) is not None
    ]
    if offered:
        return max(offered)
    days = 1 if term_months(subscription) == 1 else 14
    return start + timedelta(days=days) if start else None
