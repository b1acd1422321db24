"""What a country asks of addresses, languages and registration numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from partnercenter.errors import MalformedAnswer
from partnercenter.schemas.fields import Fields


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryRules:
    """One country's rules; a rule that Microsoft leaves out does not apply.

    Patterns are Microsoft's own text, anchored and in a flavour that Python reads as well; empty
    when there is none.
    """

    country: str
    default_culture: str
    cultures: tuple[str, ...]
    languages: tuple[str, ...]
    states: tuple[str, ...]
    calling_codes: tuple[str, ...]
    needs_city: bool
    needs_state: bool
    needs_postal_code: bool
    needs_registration_number: bool
    needs_phone_number: bool
    postal_code_pattern: str
    phone_number_pattern: str
    registration_number_pattern: str
    registration_number_sample: str
    vat_id_pattern: str
    tax_id_format: str
    tax_id_sample: str
    supports_tax_id: bool
    supports_vat_id: bool
    tax_id_is_optional: bool
    raw: Mapping[str, Any] = field(repr=False)


def read_country_rules(body: object) -> CountryRules:
    """Return a country's rules. Raises: MalformedAnswer when it names no country."""
    row = Fields(body)
    country = row.text("iso2code").upper()
    if not country:
        raise MalformedAnswer("The answer has rules without a country.")
    number = "customerorganizationregistrationnumber"
    return CountryRules(
        country=country,
        default_culture=row.text("defaultculture"),
        cultures=row.texts("supportedcultureslist"),
        languages=row.texts("supportedlanguageslist"),
        states=row.texts("supportedstateslist"),
        calling_codes=row.texts("countrycallingcodeslist"),
        needs_city=row.flag("iscityrequired") is True,
        needs_state=row.flag("isstaterequired") is True,
        needs_postal_code=row.flag("ispostalcoderequired") is True,
        needs_registration_number=row.flag(f"{number}required") is True,
        needs_phone_number=row.flag("customerorganizationphonenumberrequired") is True,
        postal_code_pattern=row.text("postalcoderegex"),
        phone_number_pattern=row.text("phonenumberregex"),
        registration_number_pattern=row.text(f"{number}regex"),
        registration_number_sample=row.text(f"{number}sample"),
        vat_id_pattern=row.text("vatidregex"),
        tax_id_format=row.text("taxidformat"),
        tax_id_sample=row.text("taxidsample"),
        supports_tax_id=row.flag("istaxidsupported") is True,
        supports_vat_id=row.flag("isvatidsupported") is True,
        tax_id_is_optional=row.flag("istaxidoptional") is True,
        raw=row.raw,
    )
