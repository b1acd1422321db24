"""The people of the demo: one login per persona, and the file that tells them.

Passwords and tokens are made on the first start and written, once, where only the person who
started the demo can read them. A second start finds the file and changes nothing.
"""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from organizations.directory.models import Organization
from portal.core.access import Role, acting, system_actor
from portal.core.database.scope import scope
from portal.core.identity.models import Membership, Reseller, User
from portal.core.identity.operations import add_member, create_token
from portal.demo.private_files import write_private

DOMAIN = "demo.example"


@dataclass(frozen=True, slots=True)
class Persona:
    """A name others know it by, what it may do, and whom the screens show."""

    name: str
    role: Role
    person: str


FIRST = (
    Persona("reseller-admin", Role.ADMIN, "Noor de Wit"),
    Persona("operator", Role.OPERATOR, "Jonas Lindqvist"),
    Persona("finance", Role.FINANCE, "Maud Bakker"),
    Persona("auditor", Role.AUDITOR, "Ines Costa"),
    Persona("customer-admin", Role.CUSTOMER_ADMIN, "Petra Vos"),
    Persona("customer-viewer", Role.CUSTOMER_VIEWER, "Sam Okafor"),
)
SECOND = (Persona("second-reseller-admin", Role.ADMIN, "Grace Hollis"),)
SUB_RESELLER = Persona("sub-reseller-admin", Role.SUB_RESELLER_ADMIN, "Owen Pryce")
"""Sells through the second reseller, an indirect provider."""


@dataclass(frozen=True, slots=True)
class Login:
    """One line of ``credentials.json``; the token is for the API."""

    persona: str
    email: str
    password: str
    reseller: str
    organization: str | None
    token: str


def add_persona(persona: Persona, reseller: Reseller, organization: Organization | None) -> Login:
    """Give a persona its membership, a password and an API token."""
    system = system_actor(reseller.pk, "demo")
    password = secrets.token_urlsafe(12)
    own = organization if persona.role.has_organization else None
    email = f"{persona.name}@{DOMAIN}"
    with acting(system):
        with transaction.atomic():
            membership = Membership.objects.visible_to(system).filter(email=email).first()
        membership = membership or add_member(
            reseller,
            actor=system,
            email=email,
            full_name=persona.person,
            role=persona.role,
            organization_id=own.pk if own else None,
        )
        _set_password(email, password)
        _, token = create_token(membership, actor=system, name="demo")
    return Login(
        persona=persona.name,
        email=membership.email,
        password=password,
        reseller=reseller.slug,
        organization=str(own.pk) if own else None,
        token=token,
    )


def _set_password(email: str, password: str) -> None:
    """Set it also for somebody an interrupted first start left behind without telling anybody."""
    with scope(None), transaction.atomic():
        user = User.objects.get(email=email)
        user.set_password(password)
        user.save(update_fields=["password"])


def write_credentials(path: Path, *, base_url: str, logins: list[Login]) -> None:
    """Write ``credentials.json``, readable by its owner only."""
    users = [
        {
            "persona": login.persona,
            "email": login.email,
            "password": login.password,
            "reseller": login.reseller,
            "organization": login.organization,
            "token": login.token,
        }
        for login in logins
    ]
    write_private(path, json.dumps({"base_url": base_url, "users": users}, indent=2) + "\n")
