"""What a step of an integration test is given, and the ways it can end.

A step is a function that takes the `Bench` and returns what it saw, or raises: `Skipped`, `Wrong`
and `Later` here, or whatever the client raises when Microsoft refuses.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from partnercenter.client import PartnerCenter
from portal.core.jobs.running import RunningJob
from tenants.connections.clients import partner_center_for
from tenants.connections.models import Connection
from tenants.integration.models import IntegrationStep, IntegrationTest

Seen = Mapping[str, int | str]
"""What a step saw: words for people and a number or text each."""


class Skipped(Exception):
    """There is nothing to test here, which is no failure; says why and what could be done."""

    def __init__(self, reason: str, *, advice: str = "", seen: Seen | None = None) -> None:
        super().__init__(reason)
        self.reason, self.advice, self.seen = reason, advice, dict(seen or {})


class Wrong(Exception):
    """Microsoft answered, and what it answered is not as it should be."""

    def __init__(self, reason: str, *, code: str, advice: str, seen: Seen | None = None) -> None:
        super().__init__(reason)
        self.reason, self.code, self.advice, self.seen = reason, code, advice, dict(seen or {})


class Later(Exception):
    """Microsoft is not done; the step is taken up again after ``seconds``."""

    def __init__(self, seconds: float, *, waiting_for: str) -> None:
        super().__init__(waiting_for)
        self.seconds, self.waiting_for = seconds, waiting_for


@dataclass(slots=True)
class Bench:
    """What a step works with: the run, its connection, and what steps before it kept.

    ``step`` is the one that is being carried out.
    """

    running: RunningJob
    test: IntegrationTest
    connection: Connection
    steps: Mapping[str, IntegrationStep]
    step: IntegrationStep
    _center: list[PartnerCenter] = field(default_factory=list)

    @property
    def center(self) -> PartnerCenter:
        """The client as the application alone, which is enough for all steps but one."""
        if not self._center:
            self._center.append(partner_center_for(self.connection))
        return self._center[0]

    @property
    def kept(self) -> dict[str, Any]:
        """What this step kept before a pause."""
        found: dict[str, Any] = self.step.kept
        return found

    def kept_by(self, name: str) -> Mapping[str, Any]:
        """Return what an earlier step kept for this one."""
        found: Mapping[str, Any] = self.steps[name].kept
        return found

    def keep(self, *, request_id: UUID | None = None, **values: Any) -> None:
        """Store what must outlive this process, in a transaction of its own that holds the fence.

        Raises:
            LeaseLost: another worker has the run now.
        """
        self.step.kept = {**self.step.kept, **values}
        if request_id is not None:
            self.step.request_id = request_id
        with self.running.step():
            self.step.save(update_fields=["kept", "request_id"])


Do = Callable[[Bench], Seen]
"""Carries a step out."""
