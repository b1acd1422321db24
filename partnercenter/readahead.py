"""Reading one page ahead of whoever writes.

Reading and preparing a page is the network's work and Python's, storing it the database's; done at
the same time they cost the longer of the two and not their sum. The reading thread never touches
the database, and a page is complete before it is handed over.
"""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

Item = TypeVar("Item")
_END = object()


def read_ahead(source: Iterator[Item]) -> Generator[Item, None, None]:
    """Yield what ``source`` yields, making the next item while the caller works on this one.

    At most one item waits. An exception of ``source`` is raised where the item it stands for would
    have come. When the caller stops early, so does the thread, after the item it is at. The thread
    sees the caller's context variables as they were at the beginning.
    """

    def following() -> Item | object:
        return next(source, _END)

    context = copy_context()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="read-ahead") as reader:
        coming = reader.submit(context.run, following)
        while (item := coming.result()) is not _END:
            coming = reader.submit(context.run, following)
            yield item  # type: ignore[misc]
