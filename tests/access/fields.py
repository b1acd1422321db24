"""Custom fields of the cast: what a reseller keeps besides, and what everybody has in it."""

from collections.abc import Iterable

from organizations.directory.models import Organization
from organizations.directory.queries import accounts
from organizations.fields.models import FieldDefinition
from organizations.fields.operations import create_field, ensure_fields, set_values
from organizations.fields.specs import FieldSpec
from portal.core.access import Actor
from portal.core.identity.models import Membership
from tenants.connections.models import Connection


def make_fields(
    actor: Actor,
    organizations: Iterable[Organization],
    *,
    canary: str,
    connection: Connection,
    owner: Membership,
) -> FieldDefinition:
    """Add fields that staff and that everybody sees; return one that nobody has anything in."""
    kept = {"entity": "account", "default": f"{canary} default", "group": f"{canary} folder"}
    spare = create_field(actor=actor, label=f"{canary} spare", key="spare", **kept)
    create_field(actor=actor, label=f"{canary} note", key="note", **kept)
    create_field(actor=actor, entity="account", label="Prefix", key="prefix", seen_by="everybody")
    create_field(actor=actor, entity="organization", label=f"{canary} sector", key="sector")
    create_field(actor=actor, entity="organization", label="Open", key="open", seen_by="everybody")
    create_field(actor=actor, entity="user", label=f"{canary} desk", key="desk")
    set_values(owner, actor=actor, values={"desk": f"{canary} desk"})
    ensure_fields(
        actor=actor,
        connection=connection,
        group="Services",
        specs=[FieldSpec("user", "alias", "Alias")],
    )
    for organization in organizations:
        own = organization.name.rsplit(" ", 1)[0]
        set_values(
            organization, actor=actor, values={"sector": f"{canary} sector", "open": f"{own} open"}
        )
        for account in accounts(actor).filter(organization=organization):
            values = {"note": f"{canary} note", "prefix": f"{own} prefix"}
            set_values(account, actor=actor, values=values)
    return spare
