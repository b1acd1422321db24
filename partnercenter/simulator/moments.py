"""How the newer routes write a moment: UTC, with fractions of a second and a Z."""

from datetime import UTC, datetime


def instant(time: datetime) -> str:
    """Return a moment as carts, orders, subscriptions and charges write it."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
