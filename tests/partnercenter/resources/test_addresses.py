"""Addresses and what countries ask: a bad address is an answer, not an error."""

import json

import pytest

from partnercenter import errors
from partnercenter.schemas import Address
from tests.partnercenter.fake_service import FakeService, Reply, replying

HERE = Address(country="US", city="Redmond", state="WA", postal_code="98052", address_line1="1 Way")


@pytest.mark.parametrize(
    ("status", "safe", "rejected", "unchecked", "person"),
    [
        ("VerifiedShippable", True, False, False, False),
        ("verified_shippable", True, False, False, False),
        ("Verified", True, False, False, False),
        ("InteractionRequired", False, False, False, True),
        ("StreetPartial", False, False, False, True),
        ("PremisesPartial", False, False, False, True),
        ("Multiple", False, False, False, True),
        ("None", False, True, False, False),
        ("NotValidated", False, False, True, False),
        ("SomethingNew", False, False, False, True),
    ],
)
def test_status_says_what_to_do(
    status: str, safe: bool, rejected: bool, unchecked: bool, person: bool
) -> None:
    body = {"status": status, "originalAddress": {"country": "us"}, "suggestedAddresses": None}
    found = FakeService(replying(Reply(body=body))).client().addresses.check(HERE)
    assert (found.is_safe, found.is_rejected, found.is_unchecked, found.needs_a_person) == (
        safe,
        rejected,
        unchecked,
        person,
    )


def test_suggestions_are_addresses_and_empty_parts_are_not_sent() -> None:
    suggested = {"country": "US", "city": "Redmond", "postalCode": "98052-8300"}
    body = {"status": "StreetPartial", "suggestedAddresses": [suggested, None, suggested]}
    service = FakeService(replying(Reply(503), Reply(body=body)))
    found = service.client().addresses.check(HERE)
    assert [address.postal_code for address in found.suggestions] == ["98052-8300"] * 2
    assert json.loads(service.calls[0].body) == {
        "country": "US",
        "city": "Redmond",
        "state": "WA",
        "postalCode": "98052",
        "addressLine1": "1 Way",
    }
    assert len(service.calls) == 2


@pytest.mark.parametrize("body", [True, False, {"suggestedAddresses": []}, []])
def test_answer_without_a_status_is_not_read_as_good(body: object) -> None:
    with pytest.raises(errors.MalformedAnswer):
        FakeService(replying(Reply(body=body))).client().addresses.check(HERE)


def test_check_of_another_address_is_not_used() -> None:
    body = {"status": "Verified", "originalAddress": {"country": "DE"}}
    with pytest.raises(errors.MixedUpAnswer):
        FakeService(replying(Reply(body=body))).client().addresses.check(HERE)


def test_rules_of_a_country_default_to_none() -> None:
    service = FakeService(replying(Reply(body={"iso2Code": "GB", "isCityRequired": True})))
    rules = service.client().addresses.country_rules(" gb ")
    assert service.calls[0].path == "/v1/countryvalidationrules/GB"
    assert rules.needs_city
    assert not rules.needs_registration_number
    assert (rules.states, rules.postal_code_pattern) == ((), "")


def test_registration_number_is_asked_for_where_the_rules_say_so() -> None:
    body = {
        "iso2Code": "PL",
        "customerOrganizationRegistrationNumberRequired": True,
        "customerOrganizationRegistrationNumberRegex": "^[0-9]{10}$",
        "customerOrganizationRegistrationNumberSample": "5123456789",
    }
    rules = FakeService(replying(Reply(body=body))).client().addresses.country_rules("PL")
    assert rules.needs_registration_number
    assert rules.registration_number_sample == "5123456789"


@pytest.mark.parametrize("country", ["", "GBR", "g/", "..", "ß"])
def test_country_is_two_letters(country: str) -> None:
    service = FakeService(replying(Reply(body={"iso2Code": country})))
    with pytest.raises(errors.InvalidRequest):
        service.client().addresses.country_rules(country)
    assert not service.calls


def test_unknown_country_and_rules_of_another_one() -> None:
    with pytest.raises(errors.CountryUnknown):
        FakeService(replying(Reply(404))).client().addresses.country_rules("UK")
    other = FakeService(replying(Reply(body={"iso2Code": "DE"})))
    with pytest.raises(errors.MixedUpAnswer):
        other.client().addresses.country_rules("GB")
