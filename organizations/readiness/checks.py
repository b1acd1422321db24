"""What Microsoft refuses when a customer is created, each as a pure check.

Every check takes plain text and returns a sentence that says what is wrong, or "" when nothing is.
Sources: Microsoft's pages "Create a customer" (limits, company names, e-mail addresses, errors
600049 to 600051 and 600002), "Get country validation rules", and Entra's rules of user names.
"""

import re
from collections.abc import Collection
from typing import Final

from django.core.exceptions import ValidationError

from organizations.directory.domains import clean_domain, is_registrable
from organizations.directory.fields import clean_email, clean_phone, country_names
from organizations.readiness.naming import PREFIX_LENGTH
from tenants.countries.patterns import fits
from tenants.countries.rules import Rules

USERNAME_LENGTH: Final = 64
LINE_LENGTH: Final = 200
HIDDEN_PREFIXES: Final = frozenset({"microsoft", "onmicrosoft", "microsoftonline", "office365"})
"""Names of Microsoft's own, which no customer can have."""
_LEGAL_FORM = re.compile(
    "ab|ag|as|bv|co|company|corp|corporation|gmbh|inc|incorporated"
    "|kg|limited|llc|llp|ltd|nv|oy|plc|pty|sa|sarl|srl"
)
_PREFIX = re.compile(r"[A-Za-z0-9]+")
_USERNAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._'-]*[A-Za-z0-9_'-])?")
_NOT_LETTERS = re.compile(r"[\W_]+")
_MICROSOFT = "microsoft.com"


def check_phone(phone: str, rules: Rules) -> str:
    """Return why a phone number will not do: missing, no number, or not of its country."""
    if not phone.strip():
        return "Enter a phone number."
    try:
        clean_phone(phone, rules.country)
    except ValidationError as error:
        return str(error.messages[0])
    if fits(rules.phone_pattern, phone_digits(phone, rules.country)) is False:
        return f"{name_of(rules.country)} has no phone numbers of this form."
    return ""


def phone_digits(phone: str, country: str) -> str:
    """Return a phone number as Microsoft takes it: digits alone, national where it is of
    ``country``.

    Microsoft's recorded rules accept an American number as ``4255550101``.
    """
    import phonenumbers

    try:
        number = phonenumbers.parse(phone, country or None)
    except phonenumbers.NumberParseException:
        return re.sub(r"\D", "", phone)
    if phonenumbers.country_code_for_region(country or "") == number.country_code:
        return str(phonenumbers.national_significant_number(number))
    return f"{number.country_code}{phonenumbers.national_significant_number(number)}"


def check_email(email: str, partner_domains: Collection[str]) -> str:
    """Return why an address will not do: missing, no address, Microsoft's or the partner's own."""
    if not email.strip():
        return "Enter the corporate e-mail address."
    try:
        domain = clean_email(email).rpartition("@")[2]
    except ValidationError as error:
        return str(error.messages[0])
    if domain == _MICROSOFT:
        return "Microsoft refuses addresses at microsoft.com; enter one of the customer."
    if domain in partner_domains:
        return f"Microsoft refuses addresses at your own domain {domain}; enter the customer's."
    return ""


def check_address(line1: str, line2: str, city: str, rules: Rules) -> str:
    """Return what an address lacks, its postal code and state left aside."""
    if not rules.country:
        return "Choose the country."
    if not line1.strip():
        return "Enter the street."
    if len(line1) > LINE_LENGTH or len(line2) > LINE_LENGTH:
        return f"Microsoft takes {LINE_LENGTH} characters a line."
    # Creating a customer asks for a city everywhere, whatever the country's rules say.
    return "" if city.strip() else "Enter the city."


def check_postal_code(postal_code: str, rules: Rules) -> str:
    """Return why a postal code is none of its country."""
    code, name = postal_code.strip(), name_of(rules.country)
    sample = f", such as {rules.postal_code_sample}" if rules.postal_code_sample else ""
    if not code:
        return f"Enter the postal code{sample}." if rules.needs_postal_code else ""
    if fits(rules.postal_code_pattern, code) is False:
        return f"“{code}” is no postal code of {name}{sample}."
    return ""


def check_state(state: str, rules: Rules) -> str:
    """Return why a state is not one of its country's list; any will do where there is none."""
    code = state.strip().upper()
    if not code:
        return f"Choose the state; {name_of(rules.country)} needs one." if rules.needs_state else ""
    listed = {one.upper() for one in rules.states}
    if not listed or code in listed or not rules.needs_state:
        return ""
    shown = ", ".join(rules.states[:8])
    more = " and so on" if len(rules.states) > 8 else ""
    name = name_of(rules.country)
    return f"“{state.strip()}” is no state of {name} as Microsoft writes them: {shown}{more}."


def check_registration_number(number: str, rules: Rules) -> str:
    """Return why a registration number is missing or malformed where the country wants one."""
    text, name = number.strip(), name_of(rules.country)
    sample = f", such as {rules.registration_sample}" if rules.registration_sample else ""
    if not text:
        wanted = rules.needs_registration_number
        return f"Microsoft asks for a registration number in {name}{sample}." if wanted else ""
    if fits(rules.registration_pattern, text) is False:
        return f"“{text}” is no registration number of {name}{sample}."
    return ""


def check_company_name(name: str) -> str:
    """Return why Microsoft takes a name for no company's."""
    text = name.strip()
    bare = _NOT_LETTERS.sub("", text).lower()
    if not text:
        return "Enter the company's name."
    if len(text) < 2:
        return "Microsoft refuses company names of a single letter."
    if not bare:
        return "Microsoft refuses company names without a letter or digit."
    if _LEGAL_FORM.fullmatch(bare):
        return f"“{text}” is only a legal form; enter the company's whole name."
    return ""


def check_username(username: str) -> str:
    """Return why the administrator's user name, the part before the @, cannot be one."""
    text = username.strip()
    if not text:
        return "Enter the administrator's user name, such as admin."
    if "@" in text:
        return "Leave the @ and what follows out: the domain comes from the domain prefix."
    if len(text) > USERNAME_LENGTH:
        return f"Use at most {USERNAME_LENGTH} characters."
    if ".." in text or not _USERNAME.fullmatch(text):
        return (
            "Use letters, digits and . _ - ' only; begin with a letter or digit and do not end"
            " with a dot."
        )
    return ""


def check_domain_prefix(value: str, partner_domains: Collection[str]) -> str:
    """Return why a prefix, or a whole domain (a value with a dot), cannot be used."""
    text = value.strip()
    if not text:
        return "Enter the domain prefix."
    if "." in text:
        return _check_domain(text, partner_domains)
    if not _PREFIX.fullmatch(text):
        return "Use the letters a to z and digits only, without spaces or dashes."
    if len(text) > PREFIX_LENGTH:
        return f"Use at most {PREFIX_LENGTH} characters; this has {len(text)}."
    if text.lower() in HIDDEN_PREFIXES:
        return f"“{text}” is a name of Microsoft's own; choose another."
    if any(text.lower() == own.partition(".onmicrosoft.")[0] for own in partner_domains):
        return "This is your own tenant; enter the customer's."
    return ""


def _check_domain(text: str, partner_domains: Collection[str]) -> str:
    try:
        domain = clean_domain(text)
    except ValidationError as error:
        return str(error.messages[0])
    if not is_registrable(domain):
        return "Enter the whole domain, such as contoso.com."
    if domain in partner_domains:
        return f"{domain} is your own domain; enter the customer's."
    prefix, found, _rest = domain.partition(".onmicrosoft.")
    return check_domain_prefix(prefix, ()) if found and "." not in prefix else ""


def name_of(country: str) -> str:
    """Return a country's English name, or its code where there is none."""
    return country_names().get(country, country or "this country")
