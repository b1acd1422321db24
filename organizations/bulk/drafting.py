"""What Partner Center knows of a tenant, made into an organization with nobody at the form.

On a form a wrong telephone number is kept for the person to correct. Here nobody looks at each, so
a value that does not hold is left out and told, and the organization is incomplete without it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from organizations.directory.details import (
    LABELS,
    REQUIRED_BY_IMPORT,
    OrganizationDetails,
    check_organization,
)
from organizations.directory.models import Organization
from organizations.linking.prefill import draft_organization
from portal.core.errors import InvalidInput
from tenants.discovery.models import Tenant


@dataclass(frozen=True, slots=True)
class Drafted:
    """The organization to be, None where its name does not hold; and what there is to say."""

    details: OrganizationDetails | None
    detail: str = ""


def draft_details(tenant: Tenant) -> Drafted:
    """Return the organization that a tenant would become."""
    values, left_out = dict(draft_organization(tenant)), dict[str, str]()
    while True:
        try:
            details = check_organization(values, required=REQUIRED_BY_IMPORT)
        except InvalidInput as error:
            if "name" in error.fields:
                return Drafted(None, " ".join(error.fields["name"]))
            left_out |= {name: " ".join(texts) for name, texts in error.fields.items()}
            values |= dict.fromkeys(error.fields, "")
        else:
            return Drafted(details, _write_gaps(details, left_out))


def _write_gaps(details: OrganizationDetails, left_out: Mapping[str, str]) -> str:
    """Say what the organization will lack, and why where Partner Center had something else."""
    missing = [
        LABELS[name].lower()
        for name in Organization.REQUIRED
        if not getattr(details, name) and name not in left_out
    ]
    said = [f"{LABELS[name]} is left out: {text}" for name, text in left_out.items()]
    if missing:
        said.append(f"Incomplete: {', '.join(missing)} not known.")
    return " ".join(said)
