"""The simulator's record of every effect it had, and the only way to have one.

State is never written directly: a room records an effect, and the stores that subscribed to its
kind change themselves. So the ledger cannot disagree with the state, the state survives a restart
by replaying it, and a test can ask what really happened at "Microsoft" without trusting the client
that asked for it.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from partnercenter.simulator.errors import SimulatorError


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that happened; `time` is ISO 8601, `subject` the id of what it happened to.

    `actor_user` and `actor_application` say who asked for it; both are empty when nobody did.
    """

    sequence: int
    time: str
    kind: str
    subject: str
    request_id: str
    correlation_id: str
    data: Mapping[str, Any]
    actor_user: str = ""
    actor_application: str = ""


Listener = Callable[[Effect], None]


class Ledger:
    """An append-only list of effects, kept in a file too when a path is given."""

    def __init__(self, *, clock: Callable[[], datetime], path: Path | None = None) -> None:
        self._clock = clock
        self._path = path
        self._effects: list[Effect] = []
        self._listeners: dict[str, list[Listener]] = {}
        self._sequence = 0
        self._together: list[dict[str, Any]] | None = None
        self.lock = threading.RLock()

    def on(self, kind: str, listener: Listener) -> None:
        """Have `listener` called with every effect of a kind, also with replayed ones."""
        self._listeners.setdefault(kind, []).append(listener)

    @property
    def sequence(self) -> int:
        """The number of the latest effect; it keeps growing over a reset."""
        return self._sequence

    def record(
        self,
        kind: str,
        subject: str,
        *,
        request_id: str = "",
        correlation_id: str = "",
        actor_user: str = "",
        actor_application: str = "",
        **data: Any,
    ) -> Effect:
        """Append an effect and let the stores apply it."""
        with self.lock:
            effect = Effect(
                sequence=self._sequence + 1,
                time=self._clock().isoformat(),
                kind=kind,
                subject=subject,
                request_id=request_id,
                correlation_id=correlation_id,
                data=data,
                actor_user=actor_user,
                actor_application=actor_application,
            )
            if self._together is not None:
                self._together.append(asdict(effect))
            else:
                self._write(asdict(effect))
            self._apply(effect)
        return effect

    @contextmanager
    def together(self) -> Iterator[None]:
        """Keep all effects of a block as one line, so that a kill leaves all of them or none."""
        with self.lock:
            self._together = []
            try:
                yield
            finally:
                effects, self._together = self._together, None
                if effects:
                    self._write(effects if len(effects) > 1 else effects[0])

    def find(
        self,
        *,
        kind: str | None = None,
        subject: str | None = None,
        request_id: str | None = None,
        after: int = 0,
    ) -> list[Effect]:
        """Return the effects that match every given condition, oldest first."""
        with self.lock:
            effects = list(self._effects)
        return [
            effect
            for effect in effects
            if (kind is None or effect.kind == kind)
            and (subject is None or effect.subject.lower() == subject.lower())
            and (request_id is None or effect.request_id.lower() == request_id.lower())
            and effect.sequence > after
        ]

    def load(self) -> None:
        """Replay the file of an earlier run.

        A last line without its line break was torn by a kill and is dropped: the answer to that
        request never left. Raises SimulatorError when any other line cannot be read.
        """
        if self._path is None or not self._path.exists():
            return
        raw = self._path.read_bytes()
        whole = raw[: raw.rfind(b"\n") + 1]
        if len(whole) != len(raw):
            self._path.write_bytes(whole)
        for number, line in enumerate(whole.splitlines(), start=1):
            try:
                content = json.loads(line)
                group = content if isinstance(content, list) else [content]
                effects = [Effect(**one) for one in group]
            except (ValueError, TypeError) as error:
                raise SimulatorError(
                    f"{self._path}, line {number}: not a ledger entry ({error}). "
                    "Choose another state folder or delete this one."
                ) from error
            for effect in effects:
                self._apply(effect)

    def clear(self) -> None:
        """Forget all effects, in memory and on disk; sequence numbers go on."""
        with self.lock:
            self._effects.clear()
            if self._path is not None:
                self._path.write_bytes(b"")

    def _write(self, line: object) -> None:
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")

    def _apply(self, effect: Effect) -> None:
        self._sequence = effect.sequence
        self._effects.append(effect)
        for listener in self._listeners.get(effect.kind, ()):
            listener(effect)
