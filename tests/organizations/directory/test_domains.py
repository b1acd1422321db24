"""The primary domain out of what people paste."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import example, given
from hypothesis import strategies as st

from organizations.directory.domains import (
    clean_domain,
    is_registrable,
    readable_domain,
)

LABELS = st.text("abcdefgxyz0123456789-._äßøя例 /:@?#\\[]", max_size=30)
DECORATED = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "http://", "HTTPS://", "//", "www.", "https://www.", " ", "ftp://u:p@"]),
    LABELS,
    st.sampled_from([".com", ".co.uk", ".nl", ".onmicrosoft.com", ".de", ".local", "", ".рф"]),
    st.sampled_from(["", ".", "/", ":443", "/path?x=1#y", " ", "\n"]),
)


@given(DECORATED | st.text(st.characters(), max_size=300))
@example("www.www.com")
@example("x" * 70 + ".com")
def test_a_domain_that_passes_once_passes_again_unchanged(text: str) -> None:
    try:
        kept = clean_domain(text)
    except ValidationError:
        return
    assert clean_domain(kept) == kept
    assert kept == "" or is_registrable(kept)
    assert kept == kept.lower()
    assert kept.isascii()
    readable_domain(kept)


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("contoso.com", "contoso.com"),
        (" HTTPS://WWW.Contoso.com:8443/path/page?x=1#top ", "contoso.com"),
        ("http://contoso.com", "contoso.com"),
        ("http:/contoso.com", "contoso.com"),
        ("//contoso.com", "contoso.com"),
        ("www.contoso.com.", "contoso.com"),
        ("contoso.co.uk", "contoso.co.uk"),
        ("mail.contoso.co.uk", "mail.contoso.co.uk"),
        ("www.com", "www.com"),
        ("www.co.uk", "www.co.uk"),
        ("https://münchen.de/", "xn--mnchen-3ya.de"),
        ("faß.de", "xn--fa-hia.de"),
        ("contoso。com", "contoso.com"),
        ("Contoso.onmicrosoft.com", "contoso.onmicrosoft.com"),
        ("www.onmicrosoft.com", "www.onmicrosoft.com"),
        ("contoso.com\\share", "contoso.com"),
        ("", ""),
        ("  ", ""),
    ],
)
def test_a_pasted_address_becomes_its_domain(pasted: str, kept: str) -> None:
    assert clean_domain(pasted) == kept


@pytest.mark.parametrize(
    ("pasted", "says"),
    [
        ("contoso", "lacks its ending"),
        ("co.uk", "only an ending"),
        ("https://www.", "lacks its ending"),
        ("contoso.local", "no known top-level domain"),
        ("onmicrosoft.com", "belongs to Microsoft"),
        ("info@contoso.com", "is an e-mail address"),
        ("contoso.com, fabrikam.com", "without spaces"),
        ("192.168.0.1", "is a network address"),
        ("https://[::1]/", "is a network address"),
        ("con_toso.com", "is no domain"),
        ("-contoso.com", "is no domain"),
        ("con..toso.com", "is no domain"),
        ("xn--zzzz.com", "is no domain"),
        ("https://", "is no domain"),
        ("x" * 64 + ".com", "is no domain"),
        (".".join(["abcdefgh"] * 40) + ".com", "longer than 253"),
        ("contoso\x00.com", "control character"),
    ],
)
def test_what_nobody_can_register_is_refused_with_the_reason(pasted: str, says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        clean_domain(pasted)
    assert says in caught.value.messages[0]


def test_punycode_is_shown_as_people_write_it() -> None:
    assert readable_domain("xn--mnchen-3ya.de") == "münchen.de"
    assert readable_domain("contoso.com") == "contoso.com"
