"""Reads ahead of whoever writes: the next batch is fetched and prepared while this one is stored.

Preparing is Python's work and storing the database's, so on two cores they cost the longer of the
two and not their sum. The reading thread never touches the database, and the writer's transaction
never waits for what it reads: every batch is complete before it is handed over.
"""

import contextvars
import queue
import threading
from collections.abc import Iterator
from typing import Final, TypeVar

Item = TypeVar("Item")

_END: Final = object()
_PATIENCE_SECONDS = 0.5


def read_ahead(source: Iterator[Item], *, depth: int = 1) -> Iterator[Item]:
    """Yield the items of ``source``, up to ``depth`` of them made in advance by another thread.

    What ``source`` raises is raised here, in its place. When the caller stops early, so does the
    thread, after the item it is at.
    """
    ready: queue.Queue[object] = queue.Queue(maxsize=depth)
    stopped = threading.Event()
    failures: list[BaseException] = []

    def hand_over(item: object) -> bool:
        while not stopped.is_set():
            try:
                ready.put(item, timeout=_PATIENCE_SECONDS)
            except queue.Full:
                continue
            return True
        return False

    def read() -> None:
        try:
            for item in source:
                if not hand_over(item):
                    return
        except BaseException as error:  # noqa: BLE001  (raised again in the caller's thread)
            failures.append(error)
        hand_over(_END)

    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=[read], name="read-ahead", daemon=True)
    thread.start()
    try:
        while (item := ready.get()) is not _END:
            yield item  # type: ignore[misc]
        if failures:
            raise failures[0]
    finally:
        stopped.set()
        thread.join()
