"""Countries, addresses and what they demand of a new customer: fidelity rules 25 to 29."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from partnercenter.simulator import Simulator
from partnercenter.simulator.address_checks import assess
from partnercenter.simulator.countries import COUNTRIES
from partnercenter.simulator.worlds.chance import filled, source
from partnercenter.simulator.worlds.markets import MARKETS
from tests.partnercenter.simulator.calls import Answer, Caller, app_caller
from tests.partnercenter.simulator.conftest import MakeSimulator
from tests.partnercenter.simulator.sample_worlds import PARTNER, customer_id
from tests.shared_material import recordings

# Each form of refusal has its own countries, by "Create a customer".
NUMBER_AND_PHONE = ["AM", "AZ", "BY", "HU", "IN", "KZ", "KG", "MD", "RU", "TJ", "UZ", "UA"]
NUMBER = ["BR", "ZA", "PL", "AE", "SA", "TR", "TH", "VN", "MM", "IQ", "SS", "VE"]
GOOD = {
    "addressLine1": "1 Microsoft Way",
    "city": "Redmond",
    "state": "WA",
    "postalCode": "98052",
    "country": "US",
}


def create(
    caller: Caller, *, number: str | None = None, email: str = "a@new.example", **address: Any
) -> Answer:
    country = COUNTRIES[address["country"]]
    body: dict[str, Any] = {
        "companyProfile": {"domain": "newharbour.onmicrosoft.com"},
        "billingProfile": {
            "email": email,
            "culture": country.cultures[0],
            "language": country.cultures[0][:2],
            "companyName": "New Harbour",
            "defaultAddress": {"city": "Town", "addressLine1": "2 Dock Street", **address},
        },
    }
    if number is not None:
        body["companyProfile"]["organizationRegistrationNumber"] = number
    return caller.post("/v1/customers", body)


def refusal(answer: Answer) -> tuple[int, int]:
    return answer.status, answer.code


def validate(caller: Caller, **changes: Any) -> dict[str, Any]:
    address = {key: value for key, value in {**GOOD, **changes}.items() if value is not None}
    answer = caller.post("/v1/validations/address", address)
    assert answer.status == 200
    body: dict[str, Any] = answer.json()
    assert body["originalAddress"] == address
    return body


def test_rule_25_registration_number_and_phone_are_demanded_country_by_country(
    simulator: Simulator, app: Caller
) -> None:
    for code in (*NUMBER_AND_PHONE, *NUMBER):
        form = COUNTRIES[code].number
        assert form is not None
        phone = {"phoneNumber": "5550101"}
        assert refusal(create(app, country=code, **phone)) == (400, 600049), code
        assert refusal(create(app, country=code, number="?", **phone)) == (400, 600050), code
        if code in NUMBER_AND_PHONE:
            answer = create(app, country=code, number=form.sample)
            assert refusal(answer) == (400, 600051), code
    assert refusal(create(app, country="US", number="12345")) == (400, 600002)
    assert simulator.ledger.find(kind="customer_created") == []
    created = create(app, country="BR", number="12.345.678/0001-95").json()
    shown = app.get(f"/v1/customers/{created['id']}").json()
    assert shown["companyProfile"]["organizationRegistrationNumber"] == "12.345.678/0001-95"


def test_number_is_welcome_where_it_is_not_demanded(app: Caller) -> None:
    assert refusal(create(app, country="NL", number="<b>")) == (400, 600050)
    assert create(app, country="NL", number="12345678").status == 201


def test_rule_26_addresses_of_others_and_names_of_nothing_are_refused(
    simulator: Simulator, app: Caller
) -> None:
    for email in ("someone@microsoft.com", "someone@MICROSOFT.com", f"me@{PARTNER['domain']}"):
        assert refusal(create(app, country="US", email=email)) == (400, 800002)
    for name in ("X", " x ", "GmbH", "inc.", "L.L.C.", "B.V.", "---", "   "):
        body = {
            "companyProfile": {"domain": "newharbour.onmicrosoft.com"},
            "billingProfile": {
                "email": "a@new.example",
                "culture": "en-US",
                "language": "en",
                "companyName": name,
                "defaultAddress": copy.deepcopy(GOOD),
            },
        }
        assert refusal(app.post("/v1/customers", body)) == (400, 800002), name
    assert simulator.ledger.find(kind="customer_created") == []
    assert create(app, country="US").status == 201


@pytest.mark.parametrize(
    ("name", "value"), [("state", "ZZ"), ("postalCode", "9805"), ("phoneNumber", "12")]
)
def test_given_part_of_an_address_must_have_its_form(app: Caller, name: str, value: str) -> None:
    assert refusal(create(app, **{**GOOD, name: value})) == (400, 800002)


def test_rule_27_good_and_bad_addresses_are_200_with_their_status(app: Caller) -> None:
    expected = {
        "VerifiedShippable": ({}, 1),
        "Verified": ({"addressLine1": "PO Box 12"}, 1),
        "InteractionRequired": ({"state": "NY"}, 1),
        "StreetPartial": ({"addressLine1": "Microsoft Way"}, 3),
        "PremisesPartial": ({"addressLine2": "Suite"}, 3),
        "Multiple": ({"addressLine1": "5th & Main"}, 2),
        "None": ({"postalCode": "nothing"}, 0),
        "NotValidated": ({"country": "AQ"}, 0),
    }
    for status, (changes, count) in expected.items():
        body = validate(app, **changes)
        suggested = body.get("suggestedAddresses", [])
        assert (body["status"], len(suggested)) == (status, count)
        assert ("validationMessage" in body) is (not status.startswith("Verified"))
        for suggestion in suggested:
            assert re.fullmatch(r"98052-\d{4}", suggestion["postalCode"])
    assert validate(app, state="NY")["suggestedAddresses"][0]["state"] == "WA"


def test_suggestions_are_themselves_good_and_stay_the_same(app: Caller) -> None:
    for changes in ({"addressLine1": "Dock Street"}, {"addressLine2": "Suite"}, {"state": "NY"}):
        body = validate(app, **changes)
        assert body == validate(app, **changes)
        for suggestion in body["suggestedAddresses"]:
            assert validate(app, **suggestion)["status"] == "VerifiedShippable"


@pytest.mark.parametrize(
    ("country", "written", "usual"),
    [("NL", "1012ab", "1012 AB"), ("GB", "sw1a1aa", "SW1A 1AA"), ("JP", "1000001", "100-0001")],
)
def test_postal_code_in_another_spelling_is_corrected(
    app: Caller, country: str, written: str, usual: str
) -> None:
    body = validate(app, country=country, postalCode=written, state=None)
    assert body["status"] == "InteractionRequired"
    assert [one["postalCode"] for one in body["suggestedAddresses"]] == [usual]


def test_rule_28_states_are_checked_in_four_countries_only(app: Caller) -> None:
    samples = {"US": "WA", "CA": "ON", "CN": "BJ", "MX": "JAL"}
    for code, state in samples.items():
        postal_code = COUNTRIES[code].postal_code
        assert postal_code is not None
        address = {"country": code, "postalCode": postal_code.sample}
        assert validate(app, **address, state="ZZ")["status"] == "None"
        assert validate(app, **address, state=None)["status"] == "None"
        assert validate(app, **address, state=state.lower())["status"] == "VerifiedShippable"
    for code in sorted(COUNTRIES.keys() - samples.keys()):
        form = COUNTRIES[code].postal_code
        place: dict[str, Any] = {"country": code, "postalCode": form.sample if form else None}
        assert validate(app, **place, state="ZZ")["status"] == "VerifiedShippable", code


def test_rule_29_every_country_has_rules_that_accept_their_own_samples(app: Caller) -> None:
    assert app.get("/v1/countryvalidationrules/GB").json()["iso2Code"] == "GB"
    assert app.get("/v1/countryvalidationrules/UK").status == 404
    assert len(COUNTRIES) >= 40
    for code, country in COUNTRIES.items():
        rules = app.get(f"/v1/countryvalidationrules/{code.lower()}").json()
        samples = {
            "postalCodeRegex": country.postal_code.sample if country.postal_code else None,
            "phoneNumberRegex": country.phone.sample if country.phone else None,
            "vatIdRegex": re.sub("#", "1", rules.get("taxIdFormat", "")),
            "customerOrganizationRegistrationNumberRegex": rules.get(
                "customerOrganizationRegistrationNumberSample"
            ),
        }
        for name, sample in samples.items():
            assert (name in rules) is bool(sample), (code, name)
            if sample:
                assert re.search(rules[name], sample), (code, name)
                for spoilt in ("~", f"~{sample}", f"{sample}~"):
                    assert not re.search(rules[name], spoilt), (code, name)
        assert rules["defaultCulture"] == rules["supportedCulturesList"][0]
        assert set(rules["supportedStatesList"]) == set(country.states)


def test_unknown_country_can_be_400(make_simulator: MakeSimulator) -> None:
    caller = app_caller(make_simulator(switches={"unknown_country_status": 400}))
    assert refusal(caller.get("/v1/countryvalidationrules/UK")) == (400, 800070)


def test_rules_say_who_must_give_a_number_and_a_phone(app: Caller) -> None:
    for code in (*NUMBER_AND_PHONE, *NUMBER):
        rules = app.get(f"/v1/countryvalidationrules/{code}").json()
        assert rules["customerOrganizationRegistrationNumberRequired"] is True
        phone = rules["customerOrganizationPhoneNumberRequired"]
        assert phone is (code in NUMBER_AND_PHONE)


def test_addresses_of_made_worlds_are_good() -> None:
    rng = source("addresses")
    for market in MARKETS:
        for city in market.cities:
            address = {
                "country": market.country,
                "city": city.name,
                "state": city.state,
                "addressLine1": market.street.format(street=market.streets[0], number=12),
                "postalCode": filled(city.postal_code, rng),
            }
            assert assess(address).status == "VerifiedShippable", address


def test_billing_profile_is_checked_by_its_country_when_written(app: Caller) -> None:
    target = f"/v1/customers/{customer_id(1)}/profiles/billing"
    profile = app.get(target).json()
    headers = {"If-Match": f'"{profile["attributes"]["etag"]}"'}
    for changes in ({"state": "ZZ"}, {"postalCode": "9"}):
        body = profile | {"defaultAddress": {**profile["defaultAddress"], **changes}}
        assert refusal(app.send("PUT", target, body=body, headers=headers)) == (400, 800002)
    assert app.send("PUT", target, body=profile | {"culture": "de-DE"}, headers=headers).code == (
        800002
    )


@pytest.mark.parametrize("path", recordings("country-rules"))
def test_recorded_rules_are_the_rules(path: Path, app: Caller) -> None:
    recording = json.loads(path.read_text(encoding="utf-8"))
    answered = app.get(recording["request"]["path"]).json()
    attributes = {"attributes": answered["attributes"]}
    assert answered == recording["response"]["body"] | attributes


@pytest.mark.parametrize("path", recordings("address-validation"))
def test_recorded_address_is_suggested_again_but_for_its_last_digits(
    path: Path, app: Caller
) -> None:
    recording = json.loads(path.read_text(encoding="utf-8"))
    request, recorded = recording["request"], recording["response"]["body"]
    answered = app.post(request["path"], request["body"]).json()
    for body in (answered, recorded):
        for suggestion in body["suggestedAddresses"]:
            suggestion["postalCode"] = suggestion["postalCode"][:6]
    assert answered == recorded
