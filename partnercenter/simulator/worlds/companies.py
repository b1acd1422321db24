"""Customers as Partner Center returns them by id: company profile, billing profile, domains.

Each customer is made from the seed and its own number alone. So the same world with more invoice
lines, or made in another month, has the same customers, and memory never grows with their count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from partnercenter.simulator.worlds.chance import filled, random_id, source
from partnercenter.simulator.worlds.market import Market
from partnercenter.simulator.worlds.markets import MARKET_OF, MARKETS
from partnercenter.simulator.worlds.names import ascii_slug, hostile_name, stem
from partnercenter.simulator.worlds.registrations import registration_number

# The create page of Partner Center demands the number in these countries, so it is never absent.
_NUMBER_REQUIRED = frozenset({"PL"})

_UNDER_REVIEW = 4
# By the number of the customer modulo 25; none of these states opens a directory.
_RELATIONSHIPS: Mapping[int, Mapping[str, object]] = {
    7: {"status": "approvalPending", "activatedDateTime": None, "endDateTime": None},
    9: {
        "status": "expired",
        "createdDateTime": "2022-02-01T08:00:00Z",
        "activatedDateTime": "2022-02-01T08:00:00Z",
        "lastModifiedDateTime": "2024-02-01T08:00:00Z",
        "endDateTime": "2024-02-01T08:00:00Z",
        "autoExtendDuration": "PT0S",
    },
    14: {
        "status": "terminated",
        "createdDateTime": "2023-05-10T08:00:00Z",
        "activatedDateTime": "2023-05-10T08:00:00Z",
        "lastModifiedDateTime": "2023-11-02T08:00:00Z",
        "endDateTime": "2023-11-02T08:00:00Z",
    },
}


@dataclass(frozen=True, slots=True)
class Company:
    """The facts of one customer that its resource and its invoice lines share.

    `name` is what the tenant is called, `legal_name` what the bill is made out to; `vanity` is
    the company's own domain or "".
    """

    id: str
    number: int
    market: Market
    name: str
    legal_name: str
    domain: str
    vanity: str
    reseller_mpn: str


def make_company(
    number: int,
    *,
    seed: int,
    home: str,
    reseller_mpns: tuple[str, ...],
    hostile: int | None,
) -> tuple[Company, Random]:
    """Invent customer `number`; `hostile` picks one of the hurtful names, None a believable one.

    Returns the company and the source of chance that goes on to make its resource.
    """
    rng = source(f"{seed}/customer/{number}")
    market = _choose_market(home, rng)
    word = stem(number, seed=seed)
    trade = rng.choice(market.trades)
    name = f"{word} {trade}" if rng.random() < 0.8 else word
    legal_name = f"{name} {rng.choice(market.legal_forms)}"
    prefix = word.lower() + (ascii_slug(trade) if rng.random() < 0.4 else "")
    vanity = ""
    if rng.random() < 0.55:
        label = rng.choice((word.lower(), f"{word.lower()}-{ascii_slug(trade)}"))
        vanity = f"{label}.{market.top_level}"
    shown = legal_name if rng.random() < 0.6 else name
    if hostile is not None:
        shown = legal_name = hostile_name(hostile, word)
    company = Company(
        id=random_id(rng),
        number=number,
        market=market,
        name=shown,
        legal_name=legal_name,
        domain=f"{prefix[:27]}.onmicrosoft.com",
        vanity=vanity,
        reseller_mpn=rng.choice(reseller_mpns) if reseller_mpns else "",
    )
    return company, rng


def default_domain(company: Company) -> str:
    """Return the domain Partner Center shows: every third owner of a domain has made it default."""
    return company.vanity if company.vanity and company.number % 3 == 0 else company.domain


def customer_resource(company: Company, rng: Random) -> dict[str, Any]:
    """Return the full Customer resource.

    About one customer in twenty grants no delegated access: then the company's address, e-mail
    and domains are absent, as in Microsoft's page "Get a customer by ID". Some numbers are marked
    by keys that only the world knows, so that every world of some size has one of each: customers
    from before the customer agreement, one under review, and relationships that are not active.
    """
    address = _address(company.market, rng)
    resource: dict[str, Any] = {
        "id": company.id,
        "commerceId": random_id(rng),
        "companyProfile": _company_profile(company, address, rng),
        "billingProfile": _billing_profile(company, address, rng),
        "relationshipToPartner": "reseller",
        "allowDelegatedAccess": rng.random() < 0.95,
        "customDomains": [company.domain, company.vanity] if company.vanity else [company.domain],
        "links": _self_link(f"/customers/{company.id}"),
        "attributes": {"objectType": "Customer"},
    }
    if company.reseller_mpn:
        resource["associatedPartnerId"] = company.reseller_mpn
    resource |= _marks(company.number)
    if not resource["allowDelegatedAccess"]:
        del resource["customDomains"]
        del resource["companyProfile"]["address"]
        del resource["companyProfile"]["email"]
    return resource


def _marks(number: int) -> dict[str, Any]:
    marks: dict[str, Any] = {}
    if number == _UNDER_REVIEW:
        marks["accountStatus"] = "UnderReview"
    if number % 20 == 11:
        marks["agreementAccepted"] = False
    relationship = _RELATIONSHIPS.get(number % 25)
    if relationship is not None:
        marks |= {"allowDelegatedAccess": False, "delegatedRelationship": dict(relationship)}
    return marks


def _choose_market(home: str, rng: Random) -> Market:
    # A reseller sells mostly at home; the rest of its customers are spread over its neighbours.
    if rng.random() < 0.6:
        return MARKET_OF[home]
    return rng.choices(MARKETS, weights=[market.share for market in MARKETS])[0]


def _company_profile(company: Company, address: dict[str, str], rng: Random) -> dict[str, Any]:
    market = company.market
    profile: dict[str, Any] = {
        "tenantId": company.id,
        "domain": default_domain(company),
        "companyName": company.name,
        "address": address,
        "email": f"{rng.choice(('info', 'office', 'it'))}@{company.vanity or company.domain}",
        "links": _self_link(f"/customers/{company.id}/profiles/company"),
        "attributes": {"objectType": "CustomerCompanyProfile"},
    }
    if market.country in _NUMBER_REQUIRED or rng.random() < 0.6:
        profile["organizationRegistrationNumber"] = registration_number(market.country, rng)
    return profile


def _billing_profile(company: Company, address: dict[str, str], rng: Random) -> dict[str, Any]:
    market = company.market
    first, last = rng.choice(market.first_names), rng.choice(market.last_names)
    mailbox = f"{ascii_slug(first)}.{ascii_slug(last)}"
    if rng.random() < 0.15:
        address = _address(market, rng)  # the bill goes to another office
    return {
        "id": random_id(rng),
        "firstName": first,
        "lastName": last,
        "email": f"{mailbox}@{company.vanity or company.domain}",
        "culture": market.culture,
        "language": market.language,
        "companyName": company.legal_name,
        "defaultAddress": {**address, "firstName": first, "lastName": last},
        "links": _self_link(f"/customers/{company.id}/profiles/billing"),
        "attributes": {
            "etag": str(rng.getrandbits(64) - (1 << 63)),
            "objectType": "CustomerBillingProfile",
        },
    }


def _address(market: Market, rng: Random) -> dict[str, str]:
    city = rng.choice(market.cities)
    street = market.street.format(street=rng.choice(market.streets), number=rng.randrange(1, 240))
    address = {
        "country": market.country,
        "city": city.name,
        "addressLine1": street,
        "postalCode": filled(city.postal_code, rng),
        "phoneNumber": filled(city.phone, rng),
    }
    if city.state:
        address["state"] = city.state
    return address


def _self_link(uri: str) -> dict[str, Any]:
    return {"self": {"uri": uri, "method": "GET", "headers": []}}
