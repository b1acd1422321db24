"""Made customers: believable companies of several countries, and a few with hurtful names."""

import re
import unicodedata
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from partnercenter.simulator.worlds import World, make_world, open_world


def made(folder: Path, *, customers: int = 230, lines: int = 230, **wish: Any) -> World:
    wish = {"seed": 5, "today": date(2025, 3, 14), **wish}
    make_world(folder, customers=customers, lines=lines, **wish)
    return open_world(str(folder), cache=folder.parent / "cache")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return made(tmp_path_factory.mktemp("worlds") / "w")


def test_ids_and_domains_are_unique_and_domains_well_formed(world: World) -> None:
    customers = list(world.collection("customers"))
    domains = Counter(customer["companyProfile"]["domain"] for customer in customers)
    assert max(domains.values()) == 1
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9-]*(\.[a-z]+)+", domain) for domain in domains)
    initial = [domain for domain in domains if domain.endswith(".onmicrosoft.com")]
    assert all(re.fullmatch(r"[a-z0-9]{1,27}\.onmicrosoft\.com", domain) for domain in initial)
    assert 0.6 < len(initial) / len(customers) < 0.95


def test_customers_are_complete_and_agree_with_themselves(world: World) -> None:
    for customer in world.collection("customers"):
        company, billing = customer["companyProfile"], customer["billingProfile"]
        assert company["tenantId"] == customer["id"] == customer["id"].lower()
        assert billing["culture"][:2] == billing["language"]
        assert billing["email"].split("@")[0].isascii()
        address = billing["defaultAddress"]
        assert {"country", "city", "addressLine1", "postalCode", "phoneNumber"} <= set(address)
        assert ("state" in address) == (address["country"] == "US")
        assert int(billing["attributes"]["etag"]) < 1 << 63
        if customer["allowDelegatedAccess"]:
            assert company["domain"] in customer["customDomains"]
            assert company["address"]["country"] == address["country"]
        else:
            assert "customDomains" not in customer
            assert {"address", "email"}.isdisjoint(company)


def test_customers_live_in_several_countries_and_mostly_at_home(world: World) -> None:
    countries = Counter(
        customer["billingProfile"]["defaultAddress"]["country"]
        for customer in world.collection("customers")
    )
    assert countries.most_common(1)[0][0] == "NL"
    assert len(countries) >= 7


@pytest.mark.parametrize(
    ("country", "postal_code", "phone"),
    [
        ("NL", r"\d{4} [A-Z]{2}", r"0\d{9}"),
        ("DE", r"\d{5}", r"0\d{9,11}"),
        ("GB", r"[A-Z]{1,2}\d \d[A-Z]{2}", r"0\d{10}"),
        ("US", r"\d{5}", r"\d{3}55501\d\d"),
        ("NO", r"\d{4}", r"\d{8}"),
        ("SE", r"\d{3} \d\d", r"0\d{8,9}"),
        ("DK", r"\d{4}", r"\d{8}"),
        ("FR", r"\d{5}", r"0\d{9}"),
        ("PL", r"\d\d-\d{3}", r"\d{9}"),
        ("BE", r"\d{4}", r"0\d{8}"),
    ],
)
def test_addresses_have_the_form_of_their_country(
    world: World, country: str, postal_code: str, phone: str
) -> None:
    addresses = [
        customer["billingProfile"]["defaultAddress"] for customer in world.collection("customers")
    ]
    own = [address for address in addresses if address["country"] == country]
    assert own
    for address in own:
        assert re.fullmatch(postal_code, address["postalCode"])
        assert re.fullmatch(phone, address["phoneNumber"])


@pytest.mark.parametrize("hostile", [0, 1, 3, 12])
def test_as_many_hostile_names_as_wished(tmp_path: Path, hostile: int) -> None:
    world = made(tmp_path / "w", customers=60, lines=60, hostile=hostile)
    names = [
        customer["companyProfile"]["companyName"] for customer in world.collection("customers")
    ]
    odd = [name for name in names if re.search(r"[<>=@+\"{};\t\u202e\u0351]|Consolidated", name)]
    assert len(odd) == hostile
    assert not any("\0" in name for name in names)


def test_hostile_names_cover_markup_formulas_direction_quotes_and_length(tmp_path: Path) -> None:
    world = made(tmp_path / "w", customers=24, lines=0, hostile=12)
    names = [
        customer["companyProfile"]["companyName"] for customer in world.collection("customers")
    ]
    assert any("<script>" in name for name in names)
    assert {"=", "+", "@"} <= {name[0] for name in names}
    assert any(unicodedata.bidirectional(sign) == "RLO" for name in names for sign in name)
    assert any('"' in name and "'" in name for name in names)
    assert any(len(name) > 200 for name in names)


def test_indirect_provider_has_resellers_its_customers_name(tmp_path: Path) -> None:
    world = made(tmp_path / "w", program="indirectProvider", home="GB")
    resellers = {reseller["mpnId"] for reseller in world.collection("indirect_resellers")}
    named = {customer["associatedPartnerId"] for customer in world.collection("customers")}
    assert named == resellers
    assert len(resellers) > 1
    assert world.partner.program == "indirectProvider"


def test_indirect_reseller_has_a_provider(tmp_path: Path) -> None:
    world = made(tmp_path / "w", program="indirectReseller", home="GB")
    (provider,) = world.collection("indirect_providers")
    assert (provider["relationshipType"], provider["location"]) == ("is_indirect_reseller_of", "GB")
    assert len(world.collection("indirect_resellers")) == 0


def test_direct_partner_has_no_resellers(world: World) -> None:
    assert len(world.collection("indirect_resellers")) == 0
    assert not any("associatedPartnerId" in c for c in world.collection("customers"))
