"""The lists the weights are set on, and how they are divided for a fair trial."""

import csv
from pathlib import Path
from uuid import NAMESPACE_OID, UUID, uuid5

from organizations.suggestions.matching import OrganizationFacts, TenantFacts
from tests.shared_material import shared_folder
from tools.matching.blur import blur
from tools.matching.invent import Case, invent

SAMPLE_STRENGTHS = (0.5, 1.0, 1.5)
INVENTED_STRENGTHS = (1.0, 2.0, 3.0)
INVENTED = 2_400
SEED = 41


def read_sample(folder: Path) -> Case:
    """Read a folder with ``organizations.csv``, ``tenants.csv`` and ``truth.csv``."""
    organizations = tuple(
        OrganizationFacts(
            key=uuid5(NAMESPACE_OID, row["ref"]),
            number=row["ref"],
            name=row["name"],
            domain=row["primary_domain"],
            registration_number=row["registration_number"],
            country=row["country"],
            email=row["notification_email"],
        )
        for row in _rows(folder / "organizations.csv")
    )
    tenants = tuple(
        TenantFacts(
            key=UUID(row["id"]),
            name=row["company_name"],
            domain=row["domain"],
            country=row["country"],
            email=row["email"],
            registration_number=row["registration_number"],
        )
        for row in _rows(folder / "tenants.csv")
    )
    truth = {
        UUID(row["tenant_id"]): uuid5(NAMESPACE_OID, ref)
        if (ref := row["organization_ref"])
        else None
        for row in _rows(folder / "truth.csv")
        for owner in [row["organization_ref"]]
    }
    return Case("sample", organizations, tenants, truth)


def shared_sample() -> Path | None:
    """Return the folder of a list of real names, where the tests look for such, or None."""
    folder = shared_folder()
    found = folder / "matching" / "sample" if folder else None
    return found if found and found.is_dir() else None


def lists(sample: Case | None, *, seed: int = SEED) -> list[Case]:
    """Return the sample, if it is there, and invented lists, each also untidier."""
    found = []
    if sample:
        found.append(sample)
        for at, strength in enumerate(SAMPLE_STRENGTHS):
            found.append(blur(sample, strength=strength, seed=seed + at))
    invented = invent(INVENTED, seed=seed)
    for at, strength in enumerate(INVENTED_STRENGTHS):
        found.append(blur(invented, strength=strength, seed=seed + 10 + at))
    return found


def in_half(owner: UUID, which: int) -> bool:
    """Tell whether an organization, and so its tenants, belongs to this half of a list."""
    return owner.int // 7 % 2 == which


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
