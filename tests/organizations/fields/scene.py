"""A reseller with two connections, an organization with its account, and people of every kind."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from organizations.directory.models import Account, Organization
from organizations.directory.queries import accounts
from organizations.fields.models import FieldDefinition
from organizations.fields.operations import create_field, set_values
from organizations.fields.queries import Owner, values_of
from portal.core.access import Actor, Role, acting, system_actor
from portal.core.identity.models import Reseller
from tenants.connections.models import Connection
from tests.factories.core import Person, make_person, make_reseller
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_connection


@dataclass(frozen=True, slots=True)
class Scene:
    """What the tests of custom fields work on."""

    reseller: Reseller
    people: dict[Role, Person]
    organization: Organization
    account: Account
    connection: Connection
    other_connection: Connection

    def actor(self, role: Role = Role.ADMIN) -> Actor:
        return self.people[role].actor

    def field(self, **values: Any) -> FieldDefinition:
        """Add a field of accounts; ``values`` say what differs."""
        values = {"entity": "account", "label": "Cost centre", **values}
        with at_work(self.actor()) as actor:
            return create_field(actor=actor, **values)

    def put(self, owner: Owner | None = None, role: Role = Role.ADMIN, **values: Any) -> None:
        with at_work(self.actor(role)) as actor:
            set_values(owner or self.account, actor=actor, values=values)

    def values(self, owner: Owner | None = None, role: Role = Role.ADMIN) -> dict[str, str]:
        with at_work(self.actor(role)) as actor:
            return values_of(owner or self.account, actor=actor)


def make_scene(name: str = "North") -> Scene:
    """Make a reseller with everything."""
    reseller = make_reseller(name=name)
    organization = make_organization(reseller, name=f"{name} Contoso")
    people = {
        role: make_person(
            reseller,
            role,
            organization_id=organization.pk if role.startswith("customer") else None,
        )
        for role in (
            Role.ADMIN,
            Role.OPERATOR,
            Role.FINANCE,
            Role.AUDITOR,
            Role.CUSTOMER_ADMIN,
            Role.CUSTOMER_VIEWER,
        )
    }
    with at_work(system_actor(reseller.pk, "tests")) as system:
        account = accounts(system).get(organization=organization)
    return Scene(
        reseller,
        people,
        organization,
        account,
        make_connection(reseller, name=f"{name} NL"),
        make_connection(reseller, name=f"{name} BE"),
    )


@contextmanager
def at_work(actor: Actor) -> Iterator[Actor]:
    """Open the actor's scope with a transaction, as a request does."""
    with acting(actor), transaction.atomic():
        yield actor
