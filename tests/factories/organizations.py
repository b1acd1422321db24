"""Organizations and accounts for tests."""

import itertools
from uuid import UUID

from django.db import transaction

from organizations.directory.models import Account, Organization
from portal.core.access import acting, system_actor
from portal.core.identity.models import Reseller

_numbers = itertools.count(1)


def make_organization(
    reseller: Reseller,
    *,
    name: str = "",
    number: str = "",
    primary_domain: str | None = None,
    registration_number: str = "",
    country: str = "NL",
    notification_email: str = "it@example.com",
    contact_phone: str = "+31 20 123 4567",
    kind: str = Organization.Kind.CUSTOMER,
    parent: Organization | None = None,
    mpn_id: str = "",
    microsoft_partner_id: UUID | None = None,
) -> Organization:
    """Add a complete organization with its primary account; pass "" for what shall be missing."""
    count = next(_numbers)
    with acting(system_actor(reseller.pk, "tests")), transaction.atomic():
        organization = Organization.objects.create(
            reseller_id=reseller.pk,
            number=number or f"T{count:05}",
            name=name or f"Organization {count}",
            kind=kind,
            parent=parent,
            primary_domain=f"organization-{count}.com"
            if primary_domain is None
            else primary_domain,
            registration_number=registration_number,
            country=country,
            notification_email=notification_email,
            contact_phone=contact_phone,
            mpn_id=mpn_id,
            microsoft_partner_id=microsoft_partner_id,
        )
        _add_account(organization, is_primary=True, currency=reseller.currency)
        return organization


def make_account(
    organization: Organization, *, name: str = "", currency: str = "EUR", is_primary: bool = False
) -> Account:
    """Add one more account; every organization made here has its primary one already."""
    with acting(system_actor(organization.reseller_id, "tests")), transaction.atomic():
        return _add_account(
            organization, is_primary=is_primary, currency=currency, name=name or "Second account"
        )


def _add_account(
    organization: Organization, *, is_primary: bool, currency: str, name: str = ""
) -> Account:
    return Account.objects.create(
        reseller_id=organization.reseller_id,
        organization=organization,
        name=name or organization.name,
        is_primary=is_primary,
        email=organization.notification_email,
        phone=organization.contact_phone,
        currency=currency,
        country=organization.country,
    )
