"""The partner of a made world and, in the indirect programme, the partners on the other side."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from partnercenter.simulator.worlds.chance import random_id, source
from partnercenter.simulator.worlds.folder import PARTNER_KEYS, Partner
from partnercenter.simulator.worlds.names import ascii_slug, stem

_RESELLERS = 4


def make_partner(
    *, seed: int, home: str, program: str, company_name: str, sandbox: bool
) -> Partner:
    """Invent a partner that signs in as client demo with secret demo, as every made world does."""
    rng = source(f"{seed}/partner")
    return Partner(
        tenant_id=random_id(rng),
        company_name=company_name,
        country=home,
        domain=f"{ascii_slug(company_name)[:27]}.onmicrosoft.com",
        program=program,
        mpn_id=str(rng.randrange(4_000_000, 6_900_000)),
        client_id="demo",
        client_secret="demo",  # noqa: S106 - a published sign-in, nothing real behind it
        sandbox=sandbox,
    )


def make_resellers(home: str, *, seed: int) -> list[dict[str, Any]]:
    """Invent the indirect resellers as PartnerRelationship resources."""
    rng = source(f"{seed}/resellers")
    return [
        {
            "id": random_id(rng),
            "name": f"{stem(rng.randrange(1000), seed=seed + 500 + at)} IT Services",
            "relationshipType": "is_indirect_cloud_solution_provider_of",
            "state": "Active",
            "mpnId": str(6_900_000 + rng.randrange(10_000) * _RESELLERS + at),
            "location": home,
            "attributes": {"objectType": "PartnerRelationship"},
        }
        for at in range(_RESELLERS)
    ]


def make_provider(home: str, *, seed: int) -> dict[str, Any]:
    """Invent the provider an indirect reseller buys from, as a PartnerRelationship resource."""
    rng = source(f"{seed}/provider")
    return {
        "id": random_id(rng),
        "name": f"{stem(rng.randrange(1000), seed=seed + 900)} Distribution",
        "relationshipType": "is_indirect_reseller_of",
        "state": "Active",
        "mpnId": str(rng.randrange(3_000_000, 4_000_000)),
        "location": home,
        "attributes": {"objectType": "PartnerRelationship"},
    }


def partner_content(partner: Partner) -> dict[str, Any]:
    """Return the content of partner.json."""
    values = asdict(partner)
    return {key: values[name] for key, name in PARTNER_KEYS.items()}
