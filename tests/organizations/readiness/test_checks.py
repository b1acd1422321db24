"""The pure checks: what they let pass, Microsoft (as simulated) takes."""

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from organizations.readiness import checks
from organizations.readiness.sending import culture_to_send
from partnercenter.schemas.countries import read_country_rules
from partnercenter.simulator.billing_checks import check_billing, check_registration
from partnercenter.simulator.countries import COUNTRIES
from partnercenter.simulator.errors import Problem
from partnercenter.simulator.routes.addresses import _rules
from partnercenter.simulator.routes.customer_writes import _read_domain
from tenants.countries.rules import Rules, of_microsoft, offline_rules

PARTNER = frozenset({"harbourcloud.onmicrosoft.com", "harbourcloud.com"})
MICROSOFT = {code: of_microsoft(read_country_rules(_rules(one))) for code, one in COUNTRIES.items()}
WORDS = st.text(st.sampled_from(string.printable + "é株—\u202e\x00"), max_size=30)
NEAR = st.one_of(
    WORDS,
    st.text(string.ascii_letters + string.digits + " .&-", max_size=30),
    st.from_regex(r"[A-Za-z0-9]{1,30}", fullmatch=True),
)
EMAILS = st.one_of(
    WORDS,
    st.sampled_from(
        ["it@contoso.com", "a@microsoft.com", "x@harbourcloud.onmicrosoft.com", "a@b", "a@@b.com"]
    ),
    st.emails(),
)


GOOD = {
    "line1": "1 Dock Street", "city": "Utrecht", "name": "Contoso", "email": "it@contoso.com",
    "phone": "+31 20 123 4567",
}  # fmt: skip


@st.composite
def customers(draw: st.DrawFn) -> dict[str, str]:
    """Return what somebody may have entered: mostly good, with a part or two that may not be."""
    country = draw(st.sampled_from(sorted(COUNTRIES)))
    asked = COUNTRIES[country]
    given = GOOD | {
        "country": country,
        "state": asked.states[0] if asked.states else "",
        "postal_code": asked.postal_code.sample if asked.postal_code else "",
        "number": asked.number.sample if asked.number else "",
    }
    if asked.phone:
        given["phone"] = "+1 425 555 0101"
    for name in draw(st.sets(st.sampled_from(sorted(set(given) - {"country"})), max_size=2)):
        given[name] = draw(EMAILS if name == "email" else NEAR)
    return given


@given(customers())
def test_what_passes_every_check_the_simulated_microsoft_takes(given: dict[str, str]) -> None:
    """The form cannot be submitted in a state that Microsoft would refuse."""
    country = given["country"]
    rules = MICROSOFT[country]
    asks = rules.needs_registration_number or rules.registration_pattern
    number = given["number"].strip() if asks else ""
    refused = [
        checks.check_phone(given["phone"], rules),
        checks.check_email(given["email"], PARTNER),
        checks.check_address(given["line1"], "", given["city"], rules),
        checks.check_postal_code(given["postal_code"], rules),
        checks.check_state(given["state"], rules),
        checks.check_registration_number(number, rules),
        checks.check_company_name(given["name"]),
    ]
    if any(refused):
        return
    culture, language = culture_to_send(rules)
    address = {
        "country": country, "addressLine1": given["line1"].strip(), "city": given["city"].strip(),
        "state": given["state"].strip().upper() if rules.needs_state else "",
        "postalCode": given["postal_code"].strip(),
        "phoneNumber": checks.phone_digits(given["phone"], country),
    }  # fmt: skip
    billing = {
        "email": given["email"].strip(), "culture": culture, "language": language,
        "companyName": given["name"].strip(), "defaultAddress": address,
    }  # fmt: skip
    check_billing(billing, partner_domain="harbourcloud.onmicrosoft.com")
    check_registration(number, address)


@pytest.mark.parametrize("country", sorted(COUNTRIES))
def test_a_good_customer_of_every_country_passes_every_check(country: str) -> None:
    """A check that refuses everything would satisfy the test above."""
    rules, asked = MICROSOFT[country], COUNTRIES[country]
    phone = "+1 425 555 0101" if asked.phone else GOOD["phone"]
    assert checks.check_phone(phone, rules) == ""
    assert checks.check_address(GOOD["line1"], "", GOOD["city"], rules) == ""
    assert checks.check_state(asked.states[0] if asked.states else "", rules) == ""
    for form, check in (
        (asked.postal_code, checks.check_postal_code),
        (asked.number, checks.check_registration_number),
    ):
        assert check(form.sample if form else "", rules) == ""


@given(st.one_of(NEAR, st.from_regex(r"[a-z0-9]{20,30}", fullmatch=True)))
def test_a_prefix_is_let_pass_only_where_microsoft_takes_its_form(value: str) -> None:
    if "." in value or checks.check_domain_prefix(value, PARTNER):
        return
    assert _read_domain(f"{value.strip()}.onmicrosoft.com")


@given(st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=27))
def test_every_plain_prefix_up_to_27_signs_passes(value: str) -> None:
    assume(value not in checks.HIDDEN_PREFIXES)
    assert checks.check_domain_prefix(value, ()) == ""
    assert checks.check_domain_prefix(value + "a" * 28, ()) != ""


@given(WORDS)
def test_no_text_breaks_a_check(text: str) -> None:
    for rules in (MICROSOFT["US"], offline_rules("NL"), offline_rules("XX"), Rules(country="")):
        for found in (
            checks.check_phone(text, rules), checks.check_email(text, PARTNER),
            checks.check_address(text, text, text, rules), checks.check_postal_code(text, rules),
            checks.check_state(text, rules), checks.check_registration_number(text, rules),
            checks.check_company_name(text), checks.check_username(text),
            checks.check_domain_prefix(text, PARTNER),
        ):  # fmt: skip
            assert isinstance(found, str)


@pytest.mark.parametrize("name", ["", " ", "A", "-", "...", "GmbH", "b.v.", "LLC", "inc."])
def test_names_that_are_no_companys_are_refused(name: str) -> None:
    assert checks.check_company_name(name)


@pytest.mark.parametrize("name", ["HP", "3M", "株式会社", "Contoso GmbH", "Ørsted"])
def test_short_and_foreign_names_pass(name: str) -> None:
    assert checks.check_company_name(name) == ""


@pytest.mark.parametrize(
    ("country", "code", "good"),
    [
        ("NL", "1012 AB", True), ("NL", "1012", False), ("NL", "", False), ("US", "98052", True),
        ("US", "9805", False), ("GB", "SW1A 1AA", True), ("GB", "SW1A", False), ("HK", "", True),
    ],
)  # fmt: skip
@pytest.mark.parametrize("source", ["microsoft", "offline"])
def test_prv_12_postal_codes_by_the_countrys_own_rule(
    country: str, code: str, good: bool, source: str
) -> None:
    offline = source == "offline" or country not in MICROSOFT
    rules = offline_rules(country) if offline else MICROSOFT[country]
    assert (checks.check_postal_code(code, rules) == "") is good


@pytest.mark.parametrize(
    ("email", "good"),
    [
        ("it@contoso.com", True), ("", False), ("nobody", False), ("x@microsoft.com", False),
        ("x@harbourcloud.com", False), ("x@sub.harbourcloud.com", True),
    ],
)  # fmt: skip
def test_prv_10_the_corporate_address_is_the_customers_own(email: str, good: bool) -> None:
    assert (checks.check_email(email, PARTNER) == "") is good


@pytest.mark.parametrize(
    ("username", "good"),
    [
        ("admin", True), ("j.o'neil-2", True), ("", False), ("admin@contoso", False),
        ("admin.", False), (".admin", False), ("a..b", False), ("ad min", False), ("a" * 65, False),
        ("ädmin", False),
    ],
)  # fmt: skip
def test_prv_04_usernames(username: str, good: bool) -> None:
    assert (checks.check_username(username) == "") is good


@pytest.mark.parametrize(
    ("prefix", "good"),
    [
        ("contoso", True), ("3m", True), ("", False), ("con-toso", False), ("con toso", False),
        ("a" * 27, True), ("a" * 28, False), ("microsoft", False), ("harbourcloud", False),
        ("contoso.com", True), ("contoso.onmicrosoft.com", True), ("harbourcloud.com", False),
        ("con-toso.onmicrosoft.com", False), ("contoso.notatld", False), ("co.uk", False),
    ],
)  # fmt: skip
def test_prv_06_prefix_and_alias(prefix: str, good: bool) -> None:
    assert (checks.check_domain_prefix(prefix, PARTNER) == "") is good


def test_the_simulator_would_have_refused_a_single_letter() -> None:
    """The oracle of the property test does refuse."""
    with pytest.raises(Problem):
        check_billing(
            {
                "email": "it@contoso.com", "culture": "nl-NL", "language": "nl", "companyName": "A",
                "defaultAddress": {"country": "NL", "addressLine1": "Dam 1", "city": "Amsterdam"},
            },
            partner_domain="harbourcloud.onmicrosoft.com",
        )  # fmt: skip
