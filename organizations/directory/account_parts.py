"""Parts of the account page that others know how to show.

Whoever adds one registers it when the app is ready, so that the directory need not know what stands
on its page: the provisioning sync status, for instance.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from organizations.directory.models import Account
from portal.core.access import Actor


@dataclass(frozen=True, slots=True)
class AccountPart:
    """One part: a template for ``<section class="card part">``, with ``part`` as its context."""

    template: str
    context: Mapping[str, Any] = field(default_factory=dict)


MakePart = Callable[[Account, Actor], AccountPart | None]
_MAKERS: dict[str, MakePart] = {}


def register_account_part(name: str, make: MakePart) -> None:
    """Add a part, in the order of registration; ``make`` gives None where there is none to show."""
    _MAKERS[name] = make


def account_parts(account: Account, *, actor: Actor) -> list[AccountPart]:
    """Return the parts of an account's page."""
    made = (make(account, actor) for make in _MAKERS.values())
    return [part for part in made if part is not None]
