"""D08–D11, the pure part: what a text can say, and to whom a letter can go."""

import re
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal.notify.letters.addresses import is_address, problems_in_to, resolve_to, split_addresses
from portal.notify.letters.kinds import MergeField
from portal.notify.letters.merging import merge, merge_html, problems_in
from portal.notify.mail import plain_line

Figure = Callable[[str, object], None]
KNOWN = (
    MergeField("Accounts.Name", "The name", "Contoso"),
    MergeField("Accounts.Email", "The address", "it@contoso.example", is_address=True),
    MergeField("Tenant.PasswordLink", "The link", "https://x.example/", is_link=True),
)
FIELDS = {field.name.lower(): field for field in KNOWN}
SAID = {
    "Accounts.Name": "Contoso",
    "Accounts.Email": "it@contoso.example",
    "Tenant.PasswordLink": "https://portal.example/welcome/abc",
}
FOREIGN = (
    "{0.__class__}",
    "{{ settings.SECRET_KEY }}",
    "{% debug %}",
    "%s %(a)s",
    "${HOME} $(id)",
    "#{7*7}",
    "<%= 7*7 %>",
    "{#Users.ResetToken#}",
    "{#Accounts.Email#}",
    "{#",
    "#}",
    "{!r}",
    "\\1 \\g<0>",
)
spelt = st.sampled_from([field.name for field in KNOWN]).flatmap(
    lambda name: st.tuples(
        st.just(name),
        st.sampled_from(["", " ", "\t", "  "]),
        st.sampled_from([str.lower, str.upper, str.title, str]),
    )
)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
plain = text.filter(lambda words: "{#" not in words and "#}" not in words)


@given(st.lists(st.one_of(spelt, plain), max_size=30))
def test_d08_every_known_field_is_replaced_however_it_is_spelt(parts: list[object]) -> None:
    letter, expected, before = "", "", ""
    for part in parts:
        if isinstance(part, tuple):
            name, blank, case = part
            letter += f"{{#{blank}{case(name)}{blank}#}}"
            expected += SAID[name]
        elif not (before.endswith("{") and str(part).startswith("#")):
            letter += str(part)
            expected += str(part)
        before = letter
    if "{#" not in re.sub(r"\{#[^{}#\r\n]*#\}", "", letter):
        assert problems_in(letter, FIELDS) == []
        assert merge(letter, SAID, FIELDS) == expected


@given(text, st.sampled_from(FOREIGN))
@example("{#Accounts.Name#}", "{#Users.ResetToken#}")
def test_d08_a_value_is_never_read_again(words: str, hostile: str) -> None:
    value = f"{words}{hostile}{words}"
    said = {**SAID, "Accounts.Name": value}
    assert merge("<{#Accounts.Name#}|{#accounts.name#}>", said, FIELDS) == f"<{value}|{value}>"


def test_d08_ten_thousand_fields_are_one_pass(record_property: Figure) -> None:
    letter = "{#Accounts.Name#} {#accounts . email#}\n" * 10_000
    said = {**SAID, "Accounts.Name": "{#Accounts.Email#}" * 2}
    made = merge(letter, said, FIELDS)
    assert problems_in(letter, FIELDS) == []
    assert made == "{#Accounts.Email#}{#Accounts.Email#} it@contoso.example\n" * 10_000
    assert len(problems_in("{#" * 10_000, FIELDS)) == 10_000
    assert len(problems_in("{#Nobody.Knows#}" * 10_000, FIELDS)) == 10_000
    record_property("figure", "D08: 20,000 fields in one pass, 0 of 20,000 values read again")


@pytest.mark.parametrize(
    ("letter", "said"),
    [
        ("Hello {#Accounts.Nmae#}", "Line 1, column 7: There is no merge field {#Accounts.Nmae#}."),
        ("a\nb {#Users.ResetToken#}", "Line 2, column 3: There is no merge field"),
        ("{#Accounts.Name", "Line 1, column 1: “{#” begins a merge field that does not end"),
        ("{#Accounts.{#Accounts.Name#}#}", "Line 1, column 1: “{#” begins a merge field"),
        ("{##}", "There is no merge field {##}."),
        ("{#Accounts.Name.__class__#}", "There is no merge field"),
        ("{#Accounts\n.Name#}", "does not end"),
    ],
)
def test_d08_what_is_not_known_is_named_with_its_place(letter: str, said: str) -> None:
    (problem, *_) = problems_in(letter, FIELDS)
    assert said in str(problem)


@pytest.mark.parametrize("hostile", FOREIGN)
def test_d09_other_template_languages_are_letters_like_any_other(hostile: str) -> None:
    said = {**SAID, "Accounts.Name": hostile}
    assert merge("{#Accounts.Name#}", said, FIELDS) == hostile
    if hostile not in ("{#Accounts.Email#}",):
        assert merge(hostile, SAID, FIELDS) == hostile


@given(text)
def test_d09_html_holds_no_tag_and_no_link_of_a_value(words: str) -> None:
    value = f"<b>{words}</b> https://evil.example/{words}"
    html = merge_html("Dear {#Accounts.Name#}", {**SAID, "Accounts.Name": value}, FIELDS)
    assert re.findall(r"<(?!/?p>|br>)", html) == []


def test_links_of_the_text_and_of_link_fields_are_made(record_property: Figure) -> None:
    html = merge_html("See https://a.example/?a=1&b=2.\n{#Tenant.PasswordLink#}", SAID, FIELDS)
    assert '<a href="https://a.example/?a=1&amp;b=2">' in html
    assert '<a href="https://portal.example/welcome/abc">' in html
    assert "b=2</a>.<br>" in html


HOSTILE_ADDRESSES = (
    "it@contoso.example\r\nBcc: eve@evil.example",
    "it@contoso.example\nBcc: eve@evil.example",
    "it@contoso.example, eve@evil.example",
    "it@contoso.example;eve@evil.example",
    "it@contoso.example eve@evil.example",
    '"it@contoso.example, x" <eve@evil.example>',
    "Contoso <eve@evil.example>",
    '"a,b"@evil.example',
    "it@contoso.example,",
    "@evil.example,it@contoso.example",
    "it@contoso.example\x00eve@evil.example",
    "it@ｃontoso.example",
    "іt@contoso.example",
    "it@contoso.example\u2028eve@evil.example",
    "it%eve@evil.example",
    "evil.example!eve@contoso.example",
    "it@contoso.example(eve@evil.example)",
    "{#Accounts.Email#}",
    "it@contoso",
    "it@[127.0.0.1]",
    "",
    " ",
    "a" * 250 + "@contoso.example",
)


@pytest.mark.parametrize("hostile", HOSTILE_ADDRESSES)
def test_d11_an_address_that_is_not_one_plain_address_holds_the_letter(hostile: str) -> None:
    found = resolve_to("{#Accounts.Email#}", {**SAID, "Accounts.Email": hostile}, FIELDS)
    assert found.addresses == () and found.held_because


@settings(max_examples=500)
@given(st.one_of(text, st.sampled_from(HOSTILE_ADDRESSES)), text)
def test_d11_there_is_never_a_second_recipient(before: str, after: str) -> None:
    value = f"{before}{after}"
    found = resolve_to("{#Accounts.Email#}", {**SAID, "Accounts.Email": value}, FIELDS)
    assert found.addresses in ((), (value,))
    if found.addresses:
        assert is_address(value) and value.isascii() and not set(value) & set('\r\n,;<>" ()')


@given(text)
def test_d11_a_subject_stays_one_line(value: str) -> None:
    hostile = f"x\r\nBcc: eve@evil.example\n{value}"
    line = plain_line(merge("{#Accounts.Name#}", {**SAID, "Accounts.Name": hostile}, FIELDS))
    assert len(line.splitlines()) <= 1 and len(line) <= 200


def test_a_to_is_a_list_in_the_text_alone() -> None:
    both = "{#Accounts.Email#}; ops@reseller.example"
    assert resolve_to(both, SAID, FIELDS).addresses == (
        "it@contoso.example",
        "ops@reseller.example",
    )
    assert problems_in_to(both, FIELDS, fixed=False) == []
    assert "opens a door" in problems_in_to(both, FIELDS, fixed=True)[0]
    assert "not a mail address" in problems_in_to("{#Accounts.Name#}", FIELDS, fixed=True)[0]
    assert "no merge field" in problems_in_to("{#Accounts.Phone#}", FIELDS, fixed=True)[0]
    assert problems_in_to("a{#Accounts.Email#}", FIELDS, fixed=False)
    assert problems_in_to(" , ", FIELDS, fixed=False)
    assert split_addresses("a@b.example, c@d.example") == ("a@b.example", "c@d.example")
    with pytest.raises(ValueError, match="no list"):
        split_addresses("a@b.example, nobody")
