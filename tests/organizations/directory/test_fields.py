"""What a field may hold, and how what people paste becomes that."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from organizations.directory.fields import (
    clean_country,
    clean_email,
    clean_name,
    clean_phone,
    clean_registration_number,
    country_names,
)

ANY_TEXT = st.text(st.characters(), max_size=260)  # surrogates and controls included
PHONE_TEXT = st.text("+0123456789 ()-./x#ext;", max_size=40)
COUNTRIES = st.sampled_from(["", *country_names()])


def refusal(rule: object, *values: str) -> str:
    with pytest.raises(ValidationError) as caught:
        rule(*values)  # type: ignore[operator]
    return " ".join(caught.value.messages)


@given(ANY_TEXT)
@pytest.mark.parametrize(
    "rule", [clean_name, clean_registration_number, clean_email, clean_country]
)
def test_a_value_that_passes_once_passes_again_unchanged(rule: object, text: str) -> None:
    try:
        kept = rule(text)  # type: ignore[operator]
    except ValidationError:
        return
    assert rule(kept) == kept  # type: ignore[operator]
    kept.encode()
    assert not any(ord(character) < 32 for character in kept)


@given(ANY_TEXT | PHONE_TEXT, COUNTRIES)
def test_a_phone_number_that_passes_once_passes_again_unchanged(text: str, country: str) -> None:
    try:
        kept = clean_phone(text, country)
    except ValidationError:
        return
    assert clean_phone(kept, country) == kept
    assert kept == "" or kept.startswith("+")


def test_a_name_is_put_on_one_line_and_composed() -> None:
    assert clean_name("  Cafe\u0301\t Contoso \n B.V. ") == "Café Contoso B.V."


@pytest.mark.parametrize("hidden", ["\x00", "\x07", "\x1b", "\x85", "\ud800", "\u202e"])
def test_a_name_with_a_hidden_character_is_refused(hidden: str) -> None:
    assert "contains" in refusal(clean_name, f"Con{hidden}toso")


def test_a_name_keeps_the_marks_of_right_to_left_scripts() -> None:
    assert clean_name("شركة\u200f كونتوسو") == "شركة\u200f كونتوسو"


@pytest.mark.parametrize("blank", ["\u200b", "\u200f\u200e"])
def test_a_name_nobody_can_see_is_refused(blank: str) -> None:
    assert "visible" in refusal(clean_name, blank)


def test_a_name_that_is_too_long_says_how_long_it_is() -> None:
    assert refusal(clean_name, "x" * 201) == "The name has 201 characters; 200 fit."


def test_a_registration_number_is_free_text() -> None:
    assert clean_registration_number(" KvK 12.34-56/78 (NL) ") == "KvK 12.34-56/78 (NL)"


def test_the_domain_of_an_address_is_lower_case_and_the_mailbox_stays() -> None:
    assert clean_email(" Jan.Jansen@CONTOSO.com ") == "Jan.Jansen@contoso.com"


@pytest.mark.parametrize("text", ["jan", "jan@", "@contoso.com", "jan@contoso", "a b@contoso.com"])
def test_what_is_no_address_is_refused_with_an_example(text: str) -> None:
    assert "it@contoso.com" in refusal(clean_email, text)


def test_several_addresses_are_refused() -> None:
    assert "one e-mail address only" in refusal(clean_email, "a@contoso.com; b@contoso.com")


@pytest.mark.parametrize(
    ("text", "code"), [("nl", "NL"), ("Netherlands", "NL"), ("UK", "GB"), ("GERMANY", "DE")]
)
def test_a_country_is_known_by_code_and_by_name(text: str, code: str) -> None:
    assert clean_country(text) == code


@pytest.mark.parametrize("text", ["ZZ", "EU", "XX", "Atlantis", "N"])
def test_what_is_no_country_is_refused(text: str) -> None:
    assert "ISO 3166" in refusal(clean_country, text)


@pytest.mark.parametrize(
    ("text", "country", "kept"),
    [
        ("020-123 4567", "NL", "+31 20 123 4567"),
        ("+31 (0)20 123 4567", "", "+31 20 123 4567"),
        ("0031 20 123 4567", "", "+31 20 123 4567"),
        ("0031 20 123 4567", "US", "+31 20 123 4567"),
        ("(425) 555-0100", "US", "+1 425-555-0100"),
        ("+45 12345678", "", "+45 12345678"),
        ("+31 20 123 4567", "US", "+31 20 123 4567"),
    ],
)
def test_a_phone_number_is_kept_in_international_form(text: str, country: str, kept: str) -> None:
    assert clean_phone(text, country) == kept


@pytest.mark.parametrize(
    ("text", "country", "says"),
    [
        ("020 123 4567", "", "Begin with +"),
        ("call reception", "NL", "is no phone number"),
        ("5550100", "US", "lacks its area code"),
        ("112", "NL", "too short"),
        ("+31 20 123 4567 8901", "", "too many digits"),
        ("+999 12345678", "", "is no phone number"),
    ],
)
def test_a_phone_number_that_cannot_be_called_is_refused(
    text: str, country: str, says: str
) -> None:
    assert says in refusal(clean_phone, text, country)


@pytest.mark.parametrize(
    "rule", [clean_name, clean_registration_number, clean_email, clean_country, clean_phone]
)
def test_an_empty_field_stays_empty(rule: object) -> None:
    assert rule("  ") == ""  # type: ignore[operator]
