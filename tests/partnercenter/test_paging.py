"""Listings come whole or raise; customers stand for every seek-paged list."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnercenter import errors
from partnercenter.continuation import Continuation
from tests.partnercenter.fake_service import (
    GUIDS,
    Asked,
    FakeService,
    Reply,
    collection,
    customer,
    replying,
)

TOKEN = "d19617b8,0705c4a9_a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s=,0d81+c700=="


def _paged(sizes: list[int], token: Callable[[int], str] = lambda page: f"{page}/{TOKEN}") -> Any:
    """Return a service function over pages of these sizes that checks how it is asked."""
    starts = [sum(sizes[:index]) for index in range(len(sizes))]

    def answer(asked: Asked) -> Reply:
        sent = asked.headers.get("ms-continuationtoken")
        page = 0 if sent is None else int(sent.partition("/")[0])
        assert (asked.query.get("seekOperation") == "Next") == (sent is not None)
        assert asked.query["size"] == "2"
        rows = [customer(identity) for identity in GUIDS[starts[page] : starts[page] + sizes[page]]]
        return collection(rows, token=token(page + 1) if page + 1 < len(sizes) else "")

    return answer


def test_pages_are_numbered_and_the_last_leads_nowhere() -> None:
    service = FakeService(_paged([2, 2, 1]))
    pages = list(service.client().customers.pages(size=2))
    assert [page.number for page in pages] == [1, 2, 3]
    assert [len(page.items) for page in pages] == [2, 2, 1]
    assert [page.after is None for page in pages] == [False, False, True]
    assert [item.id for page in pages for item in page.items] == GUIDS[:5]


def test_token_is_sent_back_untouched() -> None:
    service = FakeService(_paged([2, 1]))
    list(service.client().customers.list(size=2))
    assert service.calls[1].headers["ms-continuationtoken"] == f"1/{TOKEN}"


def test_a_page_is_asked_for_only_when_wanted() -> None:
    service = FakeService(_paged([2, 2, 2]))
    pages = service.client().customers.pages(size=2)
    next(pages)
    assert len(service.calls) == 1


def test_listing_goes_on_in_another_process() -> None:
    first = next(FakeService(_paged([2, 2, 1])).client().customers.pages(size=2))
    assert first.after is not None
    place = Continuation.from_dict(first.after.to_dict())
    service = FakeService(_paged([2, 2, 1]))
    rest = list(service.client().customers.pages(size=2, after=place))
    assert [page.number for page in rest] == [2, 3]
    assert [item.id for page in rest for item in page.items] == GUIDS[2:5]
    assert len(service.calls) == 2


def test_page_repeated_after_a_resumption_is_noticed() -> None:
    rows = [customer(GUIDS[0]), customer(GUIDS[1])]
    pages = (
        FakeService(replying(collection(rows, token="a"), collection([], token="b")))
        .client()
        .customers.pages(size=2)
    )
    places = [next(pages).after, next(pages).after]
    for place in places:
        assert place is not None
        again = FakeService(replying(collection(rows, token="c"))).client()
        with pytest.raises(errors.PagingError):
            next(again.customers.pages(size=2, after=place))


def test_place_of_another_listing_is_refused() -> None:
    first = next(FakeService(_paged([2, 1])).client().customers.pages(size=2))
    with pytest.raises(errors.PagingError):
        next(FakeService(_paged([2, 1])).client().customers.pages(size=3, after=first.after))


@given(
    st.dictionaries(
        st.sampled_from(["listing", "number", "token", "offset", "mark"]),
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    )
)
def test_damaged_place_is_refused_or_complete(stored: dict[str, Any]) -> None:
    try:
        place = Continuation.from_dict(stored)
    except errors.PagingError:
        return
    assert place.to_dict() == stored


def test_empty_list_is_one_empty_page() -> None:
    (page,) = FakeService(replying(collection([]))).client().customers.pages()
    assert (page.items, page.number, page.after) == ((), 1, None)


def test_empty_page_in_the_middle_does_not_end_the_list() -> None:
    service = FakeService(_paged([2, 0, 0, 1]))
    assert [item.id for item in service.client().customers.list(size=2)] == GUIDS[:3]


def test_total_count_is_not_believed() -> None:
    reply = collection([customer(GUIDS[0]), customer(GUIDS[1])])
    reply.body["totalCount"] = 1
    assert len(list(FakeService(replying(reply)).client().customers.list())) == 2


def _page_error(*replies: Reply, page: int) -> errors.PartnerCenterError:
    service = FakeService(replying(*replies))
    with pytest.raises(errors.AnswerRefused) as caught:
        list(service.client().customers.pages(size=2))
    assert f"page {page}" in str(caught.value)
    assert len(service.calls) < 100
    return caught.value


FIRST = collection([customer(GUIDS[0]), customer(GUIDS[1])], token="a")


@pytest.mark.parametrize(
    ("second", "what"),
    [
        (collection([customer(GUIDS[2])], token="a"), "token that was used"),
        (collection([customer(GUIDS[1]), customer(GUIDS[2])]), "item of the page before"),
        (collection([customer(GUIDS[2]), customer(GUIDS[2])]), "item twice in the page"),
        (collection([customer(GUIDS[0]), customer(GUIDS[1])], token="b"), "page before"),
        (collection([customer(GUIDS[2]), {"companyProfile": {}}]), "item without id"),
        (collection([customer("not-a-guid")]), "item with another id"),
        (collection([None]), "item that is none"),
        (collection(["text"]), "item that is text"),
        (Reply(body={"totalCount": 0}), "no items"),
        (Reply(body={"items": None}), "null items"),
        (Reply(body={"items": {"0": customer(GUIDS[2])}}), "items that are no list"),
        (Reply(body=[customer(GUIDS[2])]), "no collection"),
        (
            Reply(body={"items": [customer(GUIDS[2])], "links": {"next": {"uri": "/customers"}}}),
            "no token",
        ),
        (collection([customer(GUIDS[2])], token="b\n"), "token unfit for a header"),
        (collection([customer(GUIDS[2])], token="ü"), "token that is not ASCII"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_odd_second_page_raises_and_names_the_page(second: Reply, what: str) -> None:
    error = _page_error(FIRST, second, page=2)
    assert isinstance(error, errors.PagingError), what


def test_link_to_another_place_raises() -> None:
    for path in ("/invoices", "//evil.test/customers", "https://evil.test/v1/customers"):
        stray = collection([customer(GUIDS[2])], token="b", path=path)
        assert type(_page_error(FIRST, stray, page=2)) is errors.LinkRefused


def test_list_that_returns_to_an_earlier_page_is_noticed() -> None:
    rows = [customer(identity) for identity in GUIDS[:6]]
    replies = [
        collection(rows[0:2], token="a"),
        collection(rows[2:4], token="b"),
        collection(rows[4:6], token="c"),
        collection(rows[0:2], token="d"),
    ]
    error = _page_error(*replies, page=4)
    assert isinstance(error, errors.PagingError)
    assert error.transient


def test_endless_empty_pages_come_to_an_end() -> None:
    asked: list[int] = []

    def answer(_: Asked) -> Reply:
        asked.append(1)
        return collection([], token=f"t{len(asked)}")

    with pytest.raises(errors.PagingError):
        list(FakeService(answer).client().customers.list())
    assert len(asked) < 100


def test_list_of_customers_notices_an_item_far_apart() -> None:
    replies = [
        collection([customer(GUIDS[0])], token="a"),
        collection([customer(GUIDS[1])], token="b"),
        collection([customer(GUIDS[0]), customer(GUIDS[2])]),
    ]
    with pytest.raises(errors.PagingError):
        list(FakeService(replying(*replies)).client().customers.list())


@given(st.lists(st.integers(0, 2), min_size=1, max_size=8))
def test_whatever_the_page_sizes_every_customer_comes_once(sizes: list[int]) -> None:
    service = FakeService(_paged(sizes))
    got = [item.id for item in service.client().customers.list(size=2)]
    assert got == GUIDS[: sum(sizes)]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=6),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["items", "links", "next", "uri", "headers", "key", "value", "id"])
                | st.text(max_size=4),
                inner,
                max_size=5,
            )
        ),
        max_leaves=15,
    )
)
def test_damaged_page_never_raises_anything_foreign(body: Any) -> None:
    service = FakeService(replying(Reply(body=body), collection([])))
    try:
        list(service.client().customers.list())
    except errors.PartnerCenterError as error:
        assert not isinstance(error, errors.ConnectionFailed)
