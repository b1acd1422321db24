"""Reading a collection of Microsoft Graph page by page, whole or not at all.

Graph says where the next page is with a whole address. It is not followed: it must be of the same
list at the same host, and its query, which holds the place, goes into our own next request.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from partnercenter.errors import MalformedAnswer, PagingError
from partnercenter.links import check_link
from partnercenter.schemas.fields import Fields
from partnercenter.transport import Transport

T = TypeVar("T")

_MOST_PAGES = 10_000


def read_graph_list(
    transport: Transport,
    path: str,
    *,
    params: Mapping[str, str],
    read: Callable[[Any], T],
    identity: Callable[[T], str],
) -> Iterator[T]:
    """Yield every item of a collection once.

    Raises: PagingError rather than end early or yield one twice, LinkRefused, errors of calls.
    """
    seen: set[str] = set()
    asked: set[tuple[tuple[str, str], ...]] = set()
    query = dict(params)
    for number in range(1, _MOST_PAGES + 1):
        asked.add(tuple(sorted(query.items())))
        reader = partial(_read_page, path=path, base=transport.base, number=number, read=read)
        items, following = transport.get(path, params=query, read=reader)
        for item in items:
            if identity(item) in seen:
                raise PagingError("An item came twice.", page=number)
            seen.add(identity(item))
        yield from items
        if following is None:
            return
        query = following
        if tuple(sorted(query.items())) in asked:
            raise PagingError("The list leads back to a page already read.", page=number)
    raise PagingError("There is no end of pages.", page=_MOST_PAGES)


def _read_page(
    body: object, *, path: str, base: str, number: int, read: Callable[[Any], T]
) -> tuple[list[T], dict[str, str] | None]:
    fields = Fields(body)
    rows = fields.get("value")
    if not isinstance(rows, list):
        raise PagingError("A page has no list of items.", page=number)
    try:
        items = [read(row) for row in rows]
    except MalformedAnswer as error:
        failure = PagingError(error.message, page=number, transient=False)
    else:
        return items, _following(fields.get("@odata.nextlink"), path=path, base=base, number=number)
    raise failure


def _following(link: object, *, path: str, base: str, number: int) -> dict[str, str] | None:
    if link is None:
        return None
    check_link(link, base=base, allowed=(path,), page=number)
    try:
        pairs = parse_qsl(urlsplit(str(link)).query, strict_parsing=True, max_num_fields=20)
    except ValueError:
        pairs = []
    if not pairs or len(dict(pairs)) != len(pairs):
        raise PagingError("A page has a next one but no way to it.", page=number)
    return dict(pairs)
