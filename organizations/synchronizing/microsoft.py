"""Microsoft Cloud Services as a provisioning system: every Partner Center connection is a door."""

from collections.abc import Sequence

from django.urls import reverse

from organizations.directory.models import Account
from organizations.fields.models import FieldDefinition
from organizations.fields.specs import FieldSpec
from organizations.provisioning.models import ProvisioningRequest
from organizations.provisioning.operations import request_provisioning
from organizations.readiness.checking import check_readiness
from organizations.synchronizing.options import (
    GROUP,
    SyncOptions,
    microsoft_fields,
    read_options,
)
from organizations.synchronizing.systems import Door, ProvisioningSystem, register_system
from portal.core.access import Actor
from portal.core.errors import InvalidInput
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
        """Return one line for each connection (2 queries, and up to 9 for each that is set up)."""
        rows = list(connections(actor))
        defined = set(
            FieldDefinition.objects.visible_to(actor)
            .filter(connection__in=[row.pk for row in rows], vendor_key="username")
            .values_list("connection_id", flat=True)
        )
        return [self._door(account, row, actor=actor, is_defined=row.pk in defined) for row in rows]

    def _door(
        self, account: Account, connection: Connection, *, actor: Actor, is_defined: bool
    ) -> Door:
        options, readiness = SyncOptions(), None
        if is_defined:
            options = read_options(account, actor=actor, connection=connection)
            readiness = check_readiness(
                account, actor=actor, connection=connection, options=options
            )
        address = reverse("synchronizing:sync_options", args=[account.pk, connection.pk])
        return Door(self.label, connection, address, options, readiness)

    def request(
        self,
        account: Account,
        *,
        actor: Actor,
        connection: Connection,
        options: SyncOptions,
        key: str = "",
    ) -> ProvisioningRequest:
        """Ask for the tenant; the journal begins with the request that is returned.

        Raises:
            InvalidInput: with everything Microsoft would refuse, by field.
        """
        readiness = check_readiness(account, actor=actor, connection=connection, options=options)
        if not readiness.ready:
            raise InvalidInput(
                f"This account is not ready yet: {readiness.done} of {readiness.total}.",
                code="not_ready",
                fields=readiness.refusals,
            )
        return request_provisioning(
            account,
            actor=actor,
            connection=connection,
            username=options.username,
            domain=options.domain_prefix,
            reseller_mpn_id=options.reseller_mpn_id,
            key=key,
        )


MICROSOFT = MicrosoftCloudServices()
register_system(MICROSOFT)
