"""How many seats may still be given back: each purchase of seats opens a window of its own.

The windows are in `refundableQuantity.details`. Seats bought last go back first, so a change of
mind never uses up the window of seats that were meant.
"""

from datetime import datetime
from typing import Any

from partnercenter.simulator.subscription_terms import (
    WINDOW,
    Subscription,
    cancellable_until,
    moment_text,
    read_moment,
)

Window = tuple[int, datetime]


def open_windows(subscription: Subscription, now: datetime) -> list[Window]:
    """Return the seats that may go back and until when, oldest window first.

    A subscription that does not list them has one for all its seats, which ends with the days in
    which it may be cancelled.
    """
    listed = (subscription.get("refundableQuantity") or {}).get("details")
    if listed is None:
        until = cancellable_until(subscription)
        windows = [(int(subscription.get("quantity") or 0), until)] if until else []
    else:
        windows = [
            (int(one.get("quantity") or 0), until)
            for one in listed
            if (until := read_moment(one.get("allowedUntilDateTime"))) is not None
        ]
    return [window for window in windows if window[0] > 0 and window[1] >= now]


def with_added(windows: list[Window], seats: int, now: datetime) -> list[Window]:
    """Return the windows after seats were bought."""
    return [*windows, (seats, now + WINDOW)]


def with_returned(windows: list[Window], seats: int) -> list[Window] | None:
    """Return the windows after seats were given back; None when fewer may be."""
    left = list(windows)
    while seats and left:
        quantity, until = left.pop()
        taken = min(quantity, seats)
        seats -= taken
        if quantity > taken:
            left.append((quantity - taken, until))
    return None if seats else left


def refundable(windows: list[Window]) -> dict[str, Any]:
    """Return windows as the property of a subscription; it is left out when there is none."""
    if not windows:
        return {}
    details = [
        {"quantity": quantity, "allowedUntilDateTime": moment_text(until)}
        for quantity, until in windows
    ]
    return {
        "refundableQuantity": {
            "totalQuantity": sum(quantity for quantity, _ in windows),
            "details": details,
        }
    }
