"""Reading what only a customer's own page at Partner Center shows: contact and billing address.

The list has a name and a domain; a hundred thousand further calls for the rest would meet
Microsoft's limits, so one tenant is read when a person is about to make an organization of it.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone

from partnercenter.errors import PartnerCenterError
from partnercenter.schemas.customers import Customer
from partnercenter.schemas.profiles import Address
from portal.core import audit
from portal.core.access import Actor
from portal.core.errors import NotFound, PortalError, Unavailable
from tenants.connections.clients import partner_center_for
from tenants.connections.failures import OF_THE_CONNECTION, as_portal_error
from tenants.connections.models import Connection
from tenants.connections.operations import note_failure
from tenants.discovery.listing import DOMAIN_LENGTH, PARTNER_LENGTH, storable
from tenants.discovery.models import Tenant

EMAIL_LENGTH = 320
SHORT_LENGTH = 60
ADDRESS_LENGTH = 500


def read_details(tenant: Tenant, *, actor: Actor) -> Tenant:
    """Ask Partner Center for one customer and store e-mail, telephone, country and address.

    What Partner Center leaves out keeps its stored value. Calls Partner Center, so no transaction
    may be open.

    Raises:
        Unavailable: Partner Center did not answer, or refused; show what is known.
        NotFound: the tenant is not the actor's to see.
    """
    actor.require("tenants.link")
    with transaction.atomic():
        row: Tenant = Tenant.objects.select_related("connection").get_visible(actor, pk=tenant.pk)
    try:
        customer = partner_center_for(row.connection).customers.get(str(row.microsoft_id))
    except (PartnerCenterError, PortalError) as error:
        raise _write_failure(row.connection, error) from None
    with transaction.atomic():
        locked: Tenant | None = (
            Tenant.objects.visible_to(actor)
            .select_for_update(of=("self",), no_key=True)
            .filter(pk=row.pk)
            .first()
        )
        if locked is None:
            raise NotFound
        changed = _changes(locked, details_of(customer))
        for name, (_, value) in changed.items():
            setattr(locked, name, value)
        locked.details_at = timezone.now()
        locked.save(update_fields=[*changed, "details_at"])
        if changed:
            audit.record(
                actor,
                "tenants.tenant_refreshed",
                locked,
                before={name: before for name, (before, _) in changed.items()},
                after={name: after for name, (_, after) in changed.items()},
            )
    return locked


def store_partner(tenant: Tenant, customer: Customer, *, actor: Actor) -> Tenant:
    """Write down through whom Partner Center says a tenant was sold; in the caller's transaction.

    For who has the full resource at hand and may not read all of it; nothing said changes nothing.
    """
    rows = Tenant.objects.select_for_update(of=("self",), no_key=True)
    row: Tenant = rows.get_visible(actor, pk=tenant.pk)
    said = details_of(customer).get("associated_partner", "")
    if said and said != row.associated_partner:
        row.associated_partner = said
        row.save(update_fields=["associated_partner"])
    return row


def details_of(customer: Customer) -> dict[str, Any]:
    """Return the columns of a tenant that a customer's full resource fills, and only those."""
    billing, company = customer.billing_profile, customer.company_profile
    addresses = [profile.address for profile in (billing, company) if profile]
    address = next((found for found in addresses if found), None)
    emails = [profile.email for profile in (billing, company) if profile]
    texts = {
        "email": storable(next(filter(None, emails), ""), EMAIL_LENGTH),
        "domain": storable(customer.domain, DOMAIN_LENGTH),
        "registration_number": storable(customer.registration_number, SHORT_LENGTH),
        "phone": storable(address.phone_number, SHORT_LENGTH) if address else "",
        "country": storable(address.country, SHORT_LENGTH) if address else "",
        "associated_partner": storable(customer.associated_partner_id, PARTNER_LENGTH),
    }
    if len(texts["country"]) != 2:
        texts["country"] = ""
    details: dict[str, Any] = {name: text for name, text in texts.items() if text}
    if address:
        details["address"] = _address(address)
    return details


def _address(address: Address) -> dict[str, str]:
    """Return the address under the names an account has for its parts."""
    parts = {
        "address_line1": address.address_line1,
        "address_line2": address.address_line2,
        "address_line3": address.address_line3,
        "district": address.district,
        "city": address.city,
        "state": address.state,
        "postal_code": address.postal_code,
        "country": address.country,
        "first_name": address.first_name,
        "last_name": address.last_name,
    }
    return {name: storable(text, ADDRESS_LENGTH) for name, text in parts.items() if text}


def _changes(row: Tenant, details: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {
        name: (getattr(row, name), value)
        for name, value in details.items()
        if getattr(row, name) != value
    }


def _write_failure(connection: Connection, error: Exception) -> Unavailable:
    """Return one kind of error for every reason, after noting it if the connection is to blame."""
    failure = as_portal_error(error)
    if isinstance(error, (*OF_THE_CONNECTION, PortalError)):
        with transaction.atomic():
            note_failure(connection, failure)
    return Unavailable(failure.detail, transient=failure.transient, code=failure.code)
