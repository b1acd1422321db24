"""The kinds of job there are, and what runs each.

An operation names a `JobKind` to ask for work; the capability's ``tasks.py`` registers the function
that does it. So operations never import tasks, and a worker knows every kind it may meet.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from portal.core.jobs.running import RunningJob

QUEUES: Final[Mapping[str, int]] = {"money": 20, "sync": 4, "invoice": 2, "mail": 20, "default": 20}
"""The queues, and how many jobs of one reseller may be on their way in each at a time. The rest
wait in the database, so nobody's backlog stands before another reseller's first job; a few where
jobs are long."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """A name, the queue it waits in, and how often a transient failure is tried again."""

    name: str
    queue: str
    max_attempts: int = 5

    def __post_init__(self) -> None:
        if self.queue not in QUEUES:
            raise LookupError(f"There is no queue {self.queue!r}.")


Runner = Callable[["RunningJob"], None]
_runners: dict[str, Runner] = {}
_besides: dict[str, frozenset[str]] = {}


def register(
    kind: JobKind, runner: Runner, *, past_scope_with: Iterable[str] | None = None
) -> None:
    """Let ``runner`` do the jobs of ``kind``; one runner each.

    ``past_scope_with``: people of sub-resellers may ask for these jobs, and they are done with the
    whole reseller in sight and these rights besides theirs. Such a runner asks
    `RunningJob.asker` itself what is theirs.
    """
    if _runners.setdefault(kind.name, runner) is not runner:
        raise LookupError(f"Jobs of kind {kind.name!r} have a runner already.")
    if past_scope_with is not None:
        _besides[kind.name] = frozenset(past_scope_with)


def runner_of(name: str) -> Runner | None:
    """Return what does the jobs of a kind, or None: a worker of an older release leaves them."""
    return _runners.get(name)


def rights_besides(name: str) -> frozenset[str] | None:
    """Return what else it takes to do a kind of job for a sub-reseller; None where none may ask."""
    return _besides.get(name)


def registered_kinds() -> tuple[str, ...]:
    """Return every kind with a runner, for the gate that lists them all."""
    return tuple(sorted(_runners))
