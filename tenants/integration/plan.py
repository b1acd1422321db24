"""The script: which steps there are, in which order, and which need which.

What carries a step out is in ``testing``, which knows the steps by these names; here is only what
pages, exports and requests need as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step by its name, its title for people, and the steps that must have passed before."""

    name: str
    title: str
    needs: tuple[str, ...] = ()


PLAN: Final = (
    PlannedStep("application", "Sign in as the application"),
    PlannedStep("person", "Work as the person who signed in", needs=("application",)),
    PlannedStep("customers", "Read the customers", needs=("application",)),
    PlannedStep("subscriptions", "Read a customer's subscriptions", needs=("customers",)),
    PlannedStep("invoices", "Read the invoices", needs=("application",)),
    PlannedStep("totals", "Add up the newest invoice", needs=("invoices",)),
    PlannedStep("webhook", "Receive a test event", needs=("application",)),
    PlannedStep("sandbox", "Create and delete a customer in the sandbox", needs=("customers",)),
)
STEP_NAMES: Final = tuple(step.name for step in PLAN)
PLANNED: Final[Mapping[str, PlannedStep]] = {step.name: step for step in PLAN}


def title_of(name: str) -> str:
    """Return a step's title; its name where an older run has a step that is no more."""
    return PLANNED[name].title if name in PLANNED else name
