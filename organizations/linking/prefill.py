"""What Partner Center knows of a tenant, as the first draft of an organization.

Values go into the draft as they are where a person will look at them: a telephone number Partner
Center has wrongly is better corrected on the form than silently left out. Only the billing address,
which no form of linking shows, keeps to what the account takes.
"""

from collections.abc import Mapping
from typing import Any

from organizations.directory.details import AccountDetails
from organizations.directory.forms import known_country
from tenants.discovery.models import Tenant

ADDRESS_LENGTHS = {
    "address_line1": 200,
    "address_line2": 200,
    "city": 100,
    "state": 60,
    "postal_code": 20,
}


def draft_organization(tenant: Tenant) -> dict[str, str]:
    """Return the fields of an organization out of what is stored of a tenant (no query)."""
    return {
        "name": tenant.name,
        "primary_domain": tenant.domain,
        "registration_number": tenant.registration_number,
        "country": known_country(tenant.country),
        "notification_email": tenant.email,
        "contact_phone": tenant.phone,
    }


def billing_address(tenant: Tenant) -> AccountDetails:
    """Return the account's address as far as it fits; what does not is left empty, never cut."""
    address: Mapping[str, Any] = tenant.address or {}
    lines = {
        name: str(address.get(name) or "")
        for name, length in ADDRESS_LENGTHS.items()
        if len(str(address.get(name) or "")) <= length
    }
    return AccountDetails(country=known_country(tenant.country), **lines)
