"""What every page knows without asking: actor, reseller, theme."""

from typing import Any

from django.http import HttpRequest

THEMES = ("system", "light", "dark")


def surroundings(request: HttpRequest) -> dict[str, Any]:
    """Return actor, theme, whose portal this is, and why it is read-only if it is (no query)."""
    actor = getattr(request, "actor", None)
    memberships = getattr(request, "memberships", [])
    current = next((m for m in memberships if actor and m.pk == actor.membership_id), None)
    theme = request.COOKIES.get("theme", "system")
    return {
        "actor": actor,
        "read_only": actor.read_only if actor else "",
        "reseller": current.reseller if current else None,
        "reseller_name": current.reseller.name if current else "",
        "memberships": memberships,
        "theme": theme if theme in THEMES else "system",
    }
