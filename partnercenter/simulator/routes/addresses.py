"""What a country asks of an address, and whether an address is good."""

from typing import Any

from partnercenter.simulator.address_checks import assess
from partnercenter.simulator.countries import COUNTRIES, Country
from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import read_object, without_nulls
from partnercenter.simulator.routing import Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.wire import Response


def get_country_rules(call: Call) -> Response:
    """Answer the validation rules of a country by its ISO 3166 code; `UK` is not one.

    Raises Problem, with the status the switch says, for a country without rules.
    """
    code = call.params["country"]
    country = COUNTRIES.get(code.upper())
    if country is None:
        status = call.site.switches.unknown_country_status
        raise Problem(
            status, 1000 if status == 404 else 800070, f"There are no rules for the country {code}."
        )
    return Response(body=without_nulls(_rules(country)))


def validate_address(call: Call) -> Response:
    """Answer how good an address is, with suggestions; also a bad one is answered with 200."""
    address = without_nulls(read_object(call.request.json()))
    own = {key: value for key, value in address.items() if key not in ("links", "attributes")}
    found = assess(own)
    body: dict[str, Any] = {"originalAddress": own}
    if found.suggestions:
        body["suggestedAddresses"] = list(found.suggestions)
    body["status"] = found.status
    if found.message:
        body["validationMessage"] = found.message
    return Response(body=body)


def _rules(country: Country) -> dict[str, Any]:
    rules: dict[str, Any] = {
        "iso2Code": country.code,
        "defaultCulture": country.cultures[0],
        "isStateRequired": bool(country.states),
        "supportedStatesList": list(country.states),
        "supportedLanguagesList": list(country.supported_languages),
        "supportedCulturesList": list(country.cultures),
        "isPostalCodeRequired": country.postal_code is not None,
        "postalCodeRegex": country.postal_code.anchored if country.postal_code else None,
        "isCityRequired": country.city_required,
        "isVatIdSupported": country.vat_id is not None,
        "isTaxIdSupported": country.tax_id,
        "isTaxIdOptional": country.vat_id is not None or country.code == "US",
        "countryCallingCodesList": list(country.calling_codes),
        "attributes": {"objectType": "CountryValidationRules"},
    }
    if country.vat_id is not None:
        rules["taxIdFormat"] = "".join(
            "#" if sign.isdigit() else sign for sign in country.vat_id.sample
        )
        rules["vatIdRegex"] = country.vat_id.anchored
    if country.phone is not None:
        rules["phoneNumberRegex"] = country.phone.anchored
    if country.number is not None:
        # The recorded rules are older than these four; they stand where a number is demanded.
        rules |= {
            "customerOrganizationRegistrationNumberRegex": country.number.anchored,
            "customerOrganizationRegistrationNumberSample": country.number.sample,
            "customerOrganizationRegistrationNumberRequired": country.number_required,
            "customerOrganizationPhoneNumberRequired": country.phone_required,
        }
    return rules


ROUTES = [
    Route("GET", "/countryvalidationrules/{country}", get_country_rules),
    Route("POST", "/validations/address", validate_address),
]
