"""Resellers and people for tests."""

import itertools
from dataclasses import dataclass
from uuid import UUID

from django.test import Client

from portal.core.access import Actor, Role, acting, member_actor, system_actor
from portal.core.database.scope import scope
from portal.core.identity.models import Membership, Reseller, User
from portal.core.identity.operations import add_member, create_reseller, create_token
from portal.web.actors import SESSION_KEY

PASSWORD = "correct horse battery staple"
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Person:
    """A member with the actor it is; ``client()`` is a signed-in browser, ``token`` a program's."""

    membership: Membership
    actor: Actor
    user: User

    def client(self) -> Client:
        client = Client()
        client.force_login(self.user)
        session = client.session
        session[SESSION_KEY] = str(self.membership.pk)
        session.save()
        return client

    def token(self) -> str:
        system = system_actor(self.actor.reseller_id, "tests")
        with acting(system):
            return create_token(self.membership, actor=system, name="test")[1]

    def api(self) -> Client:
        """Return a client that calls the API with a token."""
        return Client(headers={"authorization": f"Bearer {self.token()}"})


def make_reseller(*, name: str = "", currency: str = "EUR") -> Reseller:
    number = next(_numbers)
    return create_reseller(
        name=name or f"Reseller {number}",
        slug=f"reseller-{number}",
        currency=currency,
        locale="en_GB",
        time_zone="Europe/Amsterdam",
    )


def make_person(
    reseller: Reseller,
    role: Role = Role.ADMIN,
    *,
    organization_id: UUID | None = None,
    email: str = "",
    name: str = "",
    password: str | None = None,
) -> Person:
    """Add a member; without a password nobody can sign in as it by form."""
    number = next(_numbers)
    system = system_actor(reseller.pk, "tests")
    email = email or f"{role.value}-{number}@example.com"
    with acting(system):
        membership = add_member(
            reseller,
            actor=system,
            email=email,
            full_name=name or f"{role.label} {number}",
            role=role,
            organization_id=organization_id,
            password=password,
        )
    with scope(None):
        user = User.objects.get(pk=membership.user_id)
    return Person(membership, member_actor(membership), user)
