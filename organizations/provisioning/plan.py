"""The steps of a provisioning, in their order, and what each is called."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Planned:
    """A step. What comes after one that ``may_fail`` is done all the same; a person mends it."""

    name: str
    title: str
    may_fail: bool = False


PLAN: Final = (
    Planned("check", "Look whether the domain is taken"),
    Planned("create", "Create the customer at Microsoft"),
    Planned("password", "Keep the first password, sealed", may_fail=True),
    Planned("profile", "Adjust the billing profile", may_fail=True),
    Planned("agreement", "Confirm the customer agreement", may_fail=True),
    Planned("tenant", "Store the tenant"),
    Planned("link", "Link it to the account"),
    Planned("notify", "Send the welcome letter", may_fail=True),
)
PLANNED: Final = {step.name: step for step in PLAN}
OF_A_NEW_TENANT: Final = ("create", "password", "profile", "agreement", "notify")
"""What is not done to a tenant that exists already: no user is created and no password sent."""


def title_of(name: str) -> str:
    """Return what a step is called; its name, of a step that another release had."""
    step = PLANNED.get(name)
    return step.title if step else name
