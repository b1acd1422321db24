"""What readiness goes by, for the cast: definitions, country rules, an indirect reseller."""

from django.utils import timezone

from organizations.fields.operations import ensure_fields
from organizations.synchronizing.options import GROUP, microsoft_fields
from portal.core.access import Actor
from tenants.connections.models import Connection
from tenants.countries.models import CountryRuleSet
from tenants.indirect.models import IndirectReseller


def make_synchronizable(connection: Connection, *, actor: Actor, canary: str) -> IndirectReseller:
    """Let the accounts of a reseller have sync options for a connection; asks for no job."""
    ensure_fields(
        actor=actor, connection=connection, group=GROUP, specs=microsoft_fields(connection)
    )
    CountryRuleSet.objects.create(
        reseller_id=actor.reseller_id,
        connection=connection,
        country="NL",
        tried_at=timezone.now(),
        failure=f"{canary} failure",
    )
    row: IndirectReseller = IndirectReseller.objects.create(
        reseller_id=actor.reseller_id,
        connection=connection,
        mpn_id="5000001",
        partner_tenant=f"{canary} partner",
        name=f"{canary} indirect",
        state="active",
        has_signed=True,
        checked_at=timezone.now(),
    )
    return row
