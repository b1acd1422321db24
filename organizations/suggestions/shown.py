"""What pages show about certain suggestions, where somebody may accept them."""

from typing import Any

from portal.core.access import Actor

CERTAIN_SHOWN = 1_000


def certain_shown(found: int, *, actor: Actor) -> dict[str, Any]:
    """Return ``certain`` and ``certain_over`` (there are more) for who may link (no query).

    ``found`` are counted up to one more than is shown.
    """
    if not actor.may("tenants.link"):
        found = 0
    return {"certain": min(found, CERTAIN_SHOWN), "certain_over": found > CERTAIN_SHOWN}
