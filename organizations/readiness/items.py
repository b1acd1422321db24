"""What readiness answers with."""

from dataclasses import dataclass

from organizations.readiness.sending import SentAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadinessItem:
    """One thing Microsoft asks for. ``field`` is its name in forms and in the API's errors.

    ``reason`` says in words what is wrong, and is empty when nothing is; ``url`` leads to the field
    and is empty where it is not the actor's to change.
    """

    code: str
    label: str
    ok: bool
    reason: str
    field: str
    url: str


@dataclass(frozen=True, slots=True)
class Readiness:
    """Everything that applies to one account and connection, in the order of the forms.

    ``sent`` is the address that would be sent; ``is_existing`` says that the domain is that of an
    existing tenant, so that nothing is created.
    """

    items: tuple[ReadinessItem, ...]
    sent: SentAddress
    is_existing: bool = False

    @property
    def done(self) -> int:
        return sum(item.ok for item in self.items)

    @property
    def total(self) -> int:
        return len(self.items)

    @property
    def ready(self) -> bool:
        return self.done == self.total

    @property
    def sentence(self) -> str:
        """How far it is: ``Ready to provision: 4 of 5``."""
        return f"Ready to provision: {self.done} of {self.total}"

    @property
    def refusals(self) -> dict[str, list[str]]:
        """What is wrong by field, as an error of the API says it."""
        found: dict[str, list[str]] = {}
        for item in self.items:
            if not item.ok:
                found.setdefault(item.field, []).append(item.reason)
        return found
