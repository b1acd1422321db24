"""Answers to operations the service calls idempotent, kept under their `MS-RequestId`.

How long Microsoft remembers a request id is not documented; 24 hours is assumed here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from partnercenter.simulator.ledger import Effect, Ledger

_REMEMBERED_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer as it left."""

    status: int
    body: Any
    headers: Mapping[str, str]
    at: datetime


class AnswerStore:
    """Remembered answers by operation and request id."""

    def __init__(self, ledger: Ledger) -> None:
        self._answers: dict[str, Answer] = {}
        ledger.on("answer_remembered", self._apply_remembered)

    def find(self, operation: str, request_id: str, *, now: datetime) -> Answer | None:
        """Return the answer given to this request id within the last 24 hours, or None."""
        answer = self._answers.get(_key(operation, request_id))
        return answer if answer and now - answer.at <= _REMEMBERED_FOR else None

    def reset(self) -> None:
        """Forget all answers."""
        self._answers.clear()

    def _apply_remembered(self, effect: Effect) -> None:
        self._answers[_key(effect.subject, effect.request_id)] = Answer(
            status=effect.data["status"],
            body=effect.data["body"],
            headers=effect.data.get("headers", {}),
            at=datetime.fromisoformat(effect.time),
        )


def _key(operation: str, request_id: str) -> str:
    return f"{operation} {request_id.lower()}"
