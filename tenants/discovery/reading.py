"""Reading one page ahead."""

from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def read_ahead(items: Iterator[Item]) -> Generator[Item, None, None]:
    """Yield what ``items`` yields, fetching the next one while the caller works on this one.

    Partner Center and the database then work at the same time, and no more than one item waits. An
    exception of ``items`` is raised where the item it stands for would have come. The thread that
    fetches never has a transaction open.
    """
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="read-ahead") as reader:
        coming = reader.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = reader.submit(next, items, None)
            yield item
