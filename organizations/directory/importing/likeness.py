"""Whether a row of a file is an organization that is there already, though not by its number."""

from collections.abc import Iterable

from organizations.directory.details import OrganizationDetails
from organizations.directory.models import Organization
from organizations.directory.queries import organizations
from portal.core.access import Actor

LONGEST_PADDED = 12
"""How long a number with zeros in front is at most, for those whose zeros may be lost."""


def with_zeros(numbers: Iterable[str], *, actor: Actor) -> dict[str, str]:
    """Return for each number of digits one that exists and differs by zeros in front (1 query)."""
    asked = {
        number.zfill(length): number
        for number in numbers
        if number.isdecimal() and number.isascii()
        for length in range(len(number) + 1, LONGEST_PADDED + 1)
    }
    if not asked:
        return {}
    rows = organizations(actor).filter(number__in=list(asked))
    return {asked[number]: number for number in rows.values_list("number", flat=True)}


def describes(row: OrganizationDetails, known: OrganizationDetails) -> bool:
    """Tell whether a row of the same name says nothing that contradicts what is known."""
    return (not row.primary_domain or row.primary_domain == known.primary_domain) and (
        not row.registration_number
        or bare_key(row.registration_number) == bare_key(known.registration_number)
    )


def details_of(row: Organization) -> OrganizationDetails:
    """Return what `describes` compares of an organization that exists."""
    return OrganizationDetails(
        name=row.name,
        primary_domain=row.primary_domain,
        registration_number=row.registration_number,
    )


def bare_key(registration_number: str) -> str:
    """Return a registration number's letters and digits, by which it is compared."""
    return "".join(filter(str.isalnum, registration_number)).casefold()
