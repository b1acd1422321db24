"""Reading a listing page by page, whole or not at all.

A list that ends early looks exactly like customers that left, so anything odd raises: a page
without items, a token or a page that comes twice, an item without identity or seen before, a link
that leads elsewhere. ``totalCount`` is ignored, because mostly it counts the page.

Two styles of paging occur. *Seek*: ``links.next`` carries a token header; the next request is our
own query again (``size`` included, else rows are skipped) with ``seekOperation=Next`` and that
header; the link's address is checked but not followed. *Offset*: no token; one asks until a page is
empty.

What is remembered to notice repetition: a short digest of every token and page, and the identities
of two neighbouring pages, because a list that shifts while it is read repeats across a page border.
All identities would cost some 90 bytes per customer and be forgotten by a resumed listing anyway;
who needs that certainty has a uniqueness constraint (discovery's staging) or uses ``list``.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import Any, Generic, TypeVar

from partnercenter.continuation import Continuation, check_token
from partnercenter.errors import MalformedAnswer, PagingError
from partnercenter.links import check_link
from partnercenter.schemas.fields import Fields
from partnercenter.transport import Transport

T = TypeVar("T")

# An empty page with a next one is allowed; a service that sends only such would never end.
_MOST_EMPTY_PAGES = 20
_SEEK_HEADER = "ms-continuationtoken"


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page; ``number`` counts from 1 and ``after`` leads to the next page, None on the last."""

    items: tuple[T, ...]
    number: int
    after: Continuation | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[T]):
    """What is read: where, how rows become items, and what makes an item the same item.

    ``identity`` None is for rows without an id. ``paths`` are the paths, besides ``path``, that a
    next link may name. ``probes`` says that a page without a next link need not be the last.
    """

    path: str
    params: Mapping[str, str]
    size: int
    read: Callable[[Any], T]
    identity: Callable[[T], str] | None
    paths: tuple[str, ...] = ()
    probes: bool = False

    @property
    def name(self) -> str:
        """What a continuation must be of: the same path, query and page size."""
        query = "&".join(f"{name}={value}" for name, value in sorted(self.params.items()))
        return f"{self.path}?{query}#{self.size}"


@dataclass(frozen=True, slots=True)
class _Seen(Generic[T]):
    """A page that passed, with what is to be remembered of it."""

    page: Page[T]
    identities: frozenset[str]
    mark: str


def read_pages(
    transport: Transport, listing: Listing[T], *, after: Continuation | None = None
) -> Iterator[Page[T]]:
    """Yield the pages of a listing, from the first or from where ``after`` leads.

    A page is asked for when it is wanted, and asked for again when it is odd, before that raises.
    Raises: PagingError, LinkRefused, and errors of calls.
    """
    here = after or Continuation.start(listing.name)
    if here.listing != listing.name:
        raise PagingError("A place in another listing cannot be continued here.", transient=False)
    memory = _Memory(here)
    while True:
        read = partial(_read_page, listing=listing, here=here, memory=memory, base=transport.base)
        params, headers = _question(listing, here)
        seen = transport.get(listing.path, params=params, headers=headers, read=read)
        memory.remember(seen)
        yield seen.page
        if seen.page.after is None:
            return
        here = seen.page.after


def _question(listing: Listing[T], here: Continuation) -> tuple[dict[str, str], dict[str, str]]:
    """Return query and headers that ask for the page at a place."""
    params = {**listing.params, "size": str(listing.size)}
    if here.token:
        return {**params, "seekOperation": "Next"}, {"MS-ContinuationToken": here.token}
    if here.offset or listing.probes:
        params["offset"] = str(here.offset)
    return params, {}


def _read_page(
    body: Any, *, listing: Listing[T], here: Continuation, memory: "_Memory", base: str
) -> _Seen[T]:
    if not isinstance(body, dict):
        raise PagingError("A page is not a collection.", page=here.number)
    fields = Fields(body)
    rows = fields.get("items")
    if not isinstance(rows, list):
        raise PagingError("A page has no list of items.", page=here.number)
    items = _read_items(listing, rows, page=here.number)
    identities: list[str] | None = None
    if listing.identity is not None:
        identities = [listing.identity(item) for item in items]
    mark = _mark(rows, identities)
    memory.check_rows(rows, identities, mark, page=here.number)
    following = _following(listing, fields, rows=len(rows), here=here, mark=mark, base=base)
    if following is not None:
        memory.check_token(following.token, page=here.number)
    page = Page(items, here.number, following)
    return _Seen(page, frozenset(identities or ()), mark)


def _read_items(listing: Listing[T], rows: list[Any], *, page: int) -> tuple[T, ...]:
    read = listing.read
    try:
        return tuple([read(row) for row in rows])
    except MalformedAnswer as error:
        failure = PagingError(error.message, page=page, transient=False)
    raise failure


def _mark(rows: list[Any], identities: list[str] | None) -> str:
    """Return a digest by which a page is known again, empty when it could be like another."""
    if not rows:
        return ""
    if identities is not None:
        return _digest("\n".join(identities))
    # Rows without an id: the first, middle and last of many are never all the same. Of one row
    # that cannot be said: two equal charges may follow each other.
    if len(rows) == 1:
        return ""
    return _digest(repr((len(rows), rows[0], rows[len(rows) // 2], rows[-1])))


def _following(
    listing: Listing[T], body: Fields, *, rows: int, here: Continuation, mark: str, base: str
) -> Continuation | None:
    """Return where the next page is, or None when this was the last."""
    links = body.inner("links")
    link = links.inner("next") if links else None
    if link is not None:
        allowed = (listing.path, *listing.paths)
        check_link(link.get("uri"), base=base, allowed=allowed, page=here.number)
    token = _token_in(link) or body.text("continuationtoken")
    if token:
        check_token(token, page=here.number)
        return here.next(token=token, offset=here.offset, mark=mark)
    if link is None and (rows == 0 or not listing.probes):
        return None
    if rows == 0 or here.token or listing.identity is not None:
        raise PagingError("A page has a next one but no way to it.", page=here.number)
    return here.next(token="", offset=here.offset + rows, mark=mark)


def _token_in(link: Fields | None) -> str:
    for header in link.objects("headers") if link else ():
        if header.text("key").lower() == _SEEK_HEADER:
            return header.text("value")
    return ""


class _Memory:
    """What a listing has shown so far, as far as needed to notice that it repeats itself."""

    def __init__(self, here: Continuation) -> None:
        self._tokens = {_digest(here.token)} if here.token else set()
        self._marks = {here.mark} if here.mark else set()
        self._neighbour: frozenset[str] = frozenset()
        self._empty_pages = 0

    def check_rows(
        self, rows: list[Any], identities: list[str] | None, mark: str, *, page: int
    ) -> None:
        """Raise PagingError when a page, or an item of it, came before."""
        if not rows and self._empty_pages >= _MOST_EMPTY_PAGES:
            raise PagingError("There is no end of empty pages.", page=page)
        if mark and mark in self._marks:
            raise PagingError("A page came twice.", page=page)
        if identities is not None:
            these = frozenset(identities)
            if len(these) != len(identities) or not these.isdisjoint(self._neighbour):
                raise PagingError("An item came twice.", page=page)

    def check_token(self, token: str, *, page: int) -> None:
        """Raise PagingError when a token was used before."""
        if token and _digest(token) in self._tokens:
            raise PagingError("The list leads back to a page already read.", page=page)

    def remember(self, seen: _Seen[Any]) -> None:
        """Take a page that passed into memory."""
        if seen.page.after and seen.page.after.token:
            self._tokens.add(_digest(seen.page.after.token))
        if not seen.page.items:
            self._empty_pages += 1
            return
        self._empty_pages = 0
        self._neighbour = seen.identities
        if seen.mark:
            self._marks.add(seen.mark)


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
