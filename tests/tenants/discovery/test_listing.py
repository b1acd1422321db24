"""Any text of a stranger can be stored, and what had to be mended is counted."""

from hypothesis import given
from hypothesis import strategies as st

from partnercenter.schemas.customers import CustomerSummary
from tenants.discovery.listing import DOMAIN_LENGTH, NAME_LENGTH, listed, storable
from tests.tenants.simulated import customer_id

ANY_TEXT = st.text(st.characters(codec=None))
"""Every code point, halves of surrogate pairs and NUL included."""


def summary(number: int, name: str = "A name", domain: str = "a.example") -> CustomerSummary:
    return CustomerSummary(customer_id(number), name, domain, "reseller", {})


@given(ANY_TEXT, st.integers(1, 500))
def test_storable_text_is_encodable_and_fits(text: str, length: int) -> None:
    kept = storable(text, length)
    kept.encode()
    assert "\x00" not in kept
    assert len(kept) <= length


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=400))
def test_ordinary_text_is_kept_as_it_came(text: str) -> None:
    assert storable(text, 400) == text.strip()


def test_text_that_was_cut_shows_it() -> None:
    assert storable("x" * 11, 10) == "x" * 9 + "…"
    assert storable("x" * 10, 10) == "x" * 10


@given(st.lists(st.tuples(ANY_TEXT, ANY_TEXT), max_size=20))
def test_columns_are_as_long_as_the_page_and_no_name_is_empty(rows: list[tuple[str, str]]) -> None:
    page = listed(
        summary(number, name, domain) for number, (name, domain) in enumerate(reversed(rows))
    )
    columns = (page.microsoft_ids, page.names, page.domains, page.relationships)
    assert {len(column) for column in columns} == {len(rows)}
    assert page.microsoft_ids == sorted(page.microsoft_ids)
    assert all(page.names)


def test_customers_with_mended_text_are_counted_once_each() -> None:
    page = listed(
        [
            summary(1),
            summary(2, name="  spaces around are not counted  "),
            summary(3, name="x" * (NAME_LENGTH + 1), domain="d" * (DOMAIN_LENGTH + 1)),
            summary(4, domain="bad\x00.example"),
            summary(5, name="half \ud83d"),
            summary(6, name="", domain=""),
        ]
    )
    assert page.mended == 3
    assert page.names[5] == customer_id(6)
