"""Getting a vendor's services definitions: the custom fields its options are kept in."""

from django.db import transaction

from organizations.directory.models import Account
from organizations.fields.models import FieldDefinition
from organizations.fields.operations import ensure_fields
from organizations.synchronizing.systems import provisioning_systems
from portal.core.access import Actor
from tenants.connections.models import Connection
from tenants.connections.queries import connections
from tenants.countries.operations import want_countries
from tenants.indirect.operations import request_resellers


def get_services_definitions(connection: Connection, *, actor: Actor) -> list[FieldDefinition]:
    """Create the custom fields of a connection that are missing; returns its whole set.

    One set per connection, and what a reseller edited stays (ACC-04). Also asks for what readiness
    goes by: the rules of the countries accounts are in, and the indirect resellers.

    Raises:
        NotFound: the connection is not the actor's.
    """
    actor.require("fields.manage")
    with transaction.atomic():
        row: Connection = connections(actor).get_visible(actor, pk=connection.pk)
        found = [
            field
            for system in provisioning_systems()
            for field in ensure_fields(
                actor=actor, connection=row, group=system.group, specs=system.definitions(row)
            )
        ]
        countries = Account.objects.visible_to(actor).exclude(country="").order_by()
        want_countries(
            countries.values_list("country", flat=True).distinct(), actor=actor, connection=row
        )
        request_resellers(row, actor=actor)
        return found
