"""Microsoft Cloud Services as a provisioning system: every Partner Center connection is a door."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from organizations.directory.models import Account
from organizations.fields.models import FieldDefinition
from organizations.fields.specs import FieldSpec
from organizations.synchronizing.options import GROUP, microsoft_fields
from organizations.synchronizing.systems import Door, ProvisioningSystem, register_system
from portal.core.access import Actor
from portal.core.errors import NotReady
from tenants.connections.models import Connection
from tenants.connections.queries import connections


class MicrosoftCloudServices(ProvisioningSystem):
    """Tenants of Microsoft, created and linked through Partner Center."""

    name = "microsoft"
    label = "Microsoft Cloud Services"
    group = GROUP

    def definitions(self, connection: Connection) -> Sequence[FieldSpec]:
        return microsoft_fields(connection)

    def doors(self, account: Account, *, actor: Actor) -> list[Door]:
        """Return one line for each connection (2 queries)."""
        rows = list(connections(actor))
        defined = set(
            FieldDefinition.objects.visible_to(actor)
            .filter(connection__in=[row.pk for row in rows], vendor_key="username")
            .values_list("connection_id", flat=True)
        )
        return [
            Door(
                self.label,
                row,
                reverse("synchronizing:sync_options", args=[account.pk, row.pk]),
                "Sync options" if row.pk in defined else "Services definitions missing",
                "good" if row.pk in defined else "idle",
                row.pk in defined,
            )
            for row in rows
        ]

    def request(
        self, account: Account, *, actor: Actor, connection: Connection, options: Any, key: str = ""
    ) -> Any:
        raise NotReady("Provisioning is not part of this installation yet.")


MICROSOFT = MicrosoftCloudServices()
register_system(MICROSOFT)
