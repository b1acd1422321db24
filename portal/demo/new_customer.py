"""A new customer of the demo: an account with nothing missing but the press of the button."""

from collections.abc import Callable

from django.db import transaction

from organizations.directory.details import AccountDetails
from organizations.directory.models import Account, Organization
from organizations.directory.operations import create_organization
from organizations.synchronizing.operations import get_services_definitions
from organizations.synchronizing.options import SyncOptions, save_options
from portal.core.access import Actor
from tenants.connections.models import Connection

NAME, DOMAIN = "Zilverduin Kaashandel", "zilverduin-kaas.example.com"
ACCOUNT = AccountDetails(
    customer_number="C-20417",
    address_line1="Kade 14",
    city="Alkmaar",
    postal_code="1811 JH",
    country="NL",
)
OPTIONS = SyncOptions("admin", "zilverduinkaas", "")


def add_new_customer(connection: Connection, *, actor: Actor, say: Callable[[str], None]) -> None:
    """Get the services definitions and add the customer with its options, unless it is there."""
    get_services_definitions(connection, actor=actor)
    with transaction.atomic():
        if Organization.objects.visible_to(actor).filter(name=NAME).exists():
            return
    organization = create_organization(
        actor=actor,
        name=NAME,
        primary_domain=DOMAIN,
        country="NL",
        notification_email=f"office@{DOMAIN}",
        contact_phone="+31 72 555 0140",
        account=ACCOUNT,
    )
    with transaction.atomic():
        account = Account.objects.visible_to(actor).get(organization=organization, is_primary=True)
    save_options(account, actor=actor, connection=connection, options=OPTIONS)
    say(f"  {NAME} waits to become a tenant")
