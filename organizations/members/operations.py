"""Giving people a role, and taking it away.

Nobody is sent a password, and nobody chooses one for somebody else: a person who is new here sets
one through the page for forgotten passwords, which proves the address on the way.
"""

from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from organizations.directory.fields import NAME_LENGTH, clean_email, clean_text
from organizations.directory.holding import hold_organizations
from organizations.directory.models import Organization
from organizations.directory.queries import get_organization
from portal.core.access import SUB_RESELLER_ROLES, Actor, Role
from portal.core.errors import InvalidInput, NotFound
from portal.core.identity import operations as identity
from portal.core.identity.models import Membership, Reseller


def invite_member(
    *, actor: Actor, email: str, full_name: str, role: str, organization_id: UUID | None = None
) -> Membership:
    """Give the person with this address a role; a person who is new here is made, without password.

    Raises:
        InvalidInput: with every field that is wrong; ``organization`` also when it is not visible.
        Conflict: the person has a role there already, or the organization was merged into another.
    """
    actor.require("members.manage")
    wrong: dict[str, list[str]] = {}
    try:
        email = clean_email(email)
        if not email:
            wrong["email"] = ["This field is required."]
    except ValidationError as error:
        wrong["email"] = error.messages
    try:
        full_name = clean_text(full_name, label="The name", length=NAME_LENGTH)
    except ValidationError as error:
        wrong["full_name"] = error.messages
    if role not in Role.values:
        wrong["role"] = [f"Use one of: {', '.join(Role.values)}."]
    organization = _find(organization_id, actor) if organization_id is not None else None
    if organization_id is not None and organization is None:
        wrong["organization"] = ["There is no organization with this id."]
    elif organization and role in SUB_RESELLER_ROLES and not organization.is_sub_reseller:
        wrong["organization"] = [f"{organization} is no sub-reseller."]
    if wrong:
        raise InvalidInput("Some fields are not valid.", fields=wrong)
    with transaction.atomic():
        if organization_id is not None:
            hold_organizations([organization_id], actor=actor)
            get_organization(actor, organization_id)
        return identity.add_member(
            Reseller.objects.get(pk=actor.reseller_id),
            actor=actor,
            email=email,
            full_name=full_name,
            role=Role(role),
            organization_id=organization_id,
        )


def remove_member(membership: Membership, *, actor: Actor) -> Membership:
    """Take a role away at once: the person's next request, with session or token, is refused.

    Raises:
        Conflict: it is the reseller's last administrator.
    """
    return identity.remove_member(membership, actor=actor)


def _find(organization_id: UUID, actor: Actor) -> Organization | None:
    try:
        return get_organization(actor, organization_id)
    except NotFound:
        return None
