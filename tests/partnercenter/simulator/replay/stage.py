"""What every part needs to replay a recording: the stage it is set on, and the shape of answers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from partnercenter.simulator import Simulator
from tests.partnercenter.simulator.calls import Answer, Caller


@dataclass
class Stage:
    """The world of one recording, and its request as it is to be sent."""

    recording: dict[str, Any]
    world: dict[str, Any] = field(default_factory=dict)
    switches: dict[str, Any] = field(default_factory=dict)
    signed_in: dict[str, str] = field(default_factory=dict)
    prepare: Callable[[Simulator, Caller, dict[str, str]], None] | None = None
    path: str = ""
    answer: Callable[[Simulator], Answer] | None = None
    """How it is replayed when the recorded request is not one to the simulator but from it."""

    @property
    def body(self) -> Any:
        return self.recording["response"]["body"]

    @property
    def request(self) -> dict[str, Any]:
        request: dict[str, Any] = self.recording["request"]
        return request


def shape_of(value: Any) -> Any:
    """Return keys and types alone; whole and broken numbers are one type on this wire."""
    if isinstance(value, dict):
        return {key: shape_of(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape_of(inner) for inner in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return "number"
    return type(value).__name__


def customer_in_path(stage: Stage) -> str:
    return stage.request["path"].split("/")[3].split("?")[0]
