"""Changing who there is: resellers, members and tokens."""

import secrets
from datetime import datetime
from uuid import UUID

from babel import localedata
from babel.numbers import list_currencies
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from portal.core import audit
from portal.core.access import Actor, Role, acting, system_actor
from portal.core.database.scope import IDENTITY, scope
from portal.core.errors import Conflict, InvalidInput, NotFound
from portal.core.identity.models import ApiToken, Membership, Reseller, User
from portal.core.identity.queries import token_digest
from portal.core.zones import time_zones

TOKEN_PREFIX = "tnt_"  # noqa: S105  (a mark for scanners, not a secret)


def create_reseller(
    *, name: str, slug: str, currency: str, locale: str, time_zone: str
) -> Reseller:
    """Add a reseller to the installation.

    Raises:
        InvalidInput: with every field that is wrong.
        Conflict: the slug is taken.
    """
    wrong = _wrong_ways(currency=currency, locale=locale, time_zone=time_zone)
    with scope(IDENTITY), transaction.atomic():
        if Reseller.objects.filter(slug=slug).exists():
            raise Conflict(f"A reseller with the short name {slug!r} exists already.")
        reseller = Reseller(
            name=name, slug=slug, currency=currency, locale=locale, time_zone=time_zone
        )
        try:
            reseller.full_clean()
        except ValidationError as error:
            wrong |= error.message_dict
        if wrong:
            said = " ".join(f"{name}: {' '.join(messages)}" for name, messages in wrong.items())
            raise InvalidInput(f"The reseller cannot be made so. {said}", fields=wrong)
        reseller.save()
        return reseller


def add_member(
    reseller: Reseller,
    *,
    actor: Actor,
    email: str,
    full_name: str,
    role: Role,
    organization_id: UUID | None = None,
    password: str | None = None,
) -> Membership:
    """Give a person a role, making the person if the address is new (then with ``password``).

    A password is never changed for somebody who can already sign in.

    Raises:
        InvalidInput: a role that belongs to an organization without one, or a staff role with one.
        Conflict: the person has a role there already.
    """
    actor.require("members.manage")
    if role.has_organization != (organization_id is not None):
        raise InvalidInput(
            f"{role.label} {'cannot have' if organization_id else 'needs'} an organization.",
            fields={
                "organization": [
                    "Choose an organization for roles of customers and sub-resellers, and only for"
                    " them."
                ]
            },
        )
    email = email.strip().lower()
    with transaction.atomic():
        with scope(None):
            user = User.objects.filter(email=email).first()
            if user is None:
                user = User.objects.create_user(email, password, full_name=full_name)
        rows = Membership.objects.visible_to(actor)
        if rows.filter(user_id=user.pk, organization_id=organization_id).exists():
            raise Conflict(f"{email} has a role there already.")
        membership = Membership.objects.create(
            reseller=reseller,
            user_id=user.pk,
            role=role,
            organization_id=organization_id,
            email=email,
            full_name=full_name,
        )
        audit.record(
            actor,
            "core.member_added",
            membership,
            after={"email": email, "role": role.value},
            organization_id=organization_id,
        )
        return membership


def remove_member(membership: Membership, *, actor: Actor) -> Membership:
    """Take a role away; sessions, tokens and running jobs of it stop working at their next step.

    Raises:
        Conflict: it is the reseller's last administrator.
    """
    actor.require("members.manage")
    with transaction.atomic():
        row = _lock(membership.pk, actor)
        admins = Membership.objects.visible_to(actor).filter(role=Role.ADMIN)
        if row.role == Role.ADMIN and admins.exclude(pk=row.pk).first() is None:
            raise Conflict("A reseller keeps at least one administrator.")
        audit.record(
            actor,
            "core.member_removed",
            row,
            before={"email": row.email, "role": row.role},
            organization_id=row.organization_id,
        )
        ApiToken.objects.visible_to(actor).filter(membership=row).delete()
        Membership.objects.visible_to(actor).filter(pk=row.pk).delete()
        return row


def move_members(
    actor: Actor, *, from_organization: UUID, to_organization: UUID
) -> tuple[list[Membership], list[Membership]]:
    """Let the people of one organization belong to another; returns who moved, and who was there.

    For merging organizations, inside its transaction. Roles and tokens stay. Somebody who has a
    role at both keeps that of the second one, and the tokens of the first become its own.
    """
    actor.require("organizations.merge")
    rows = Membership.objects.visible_to(actor).order_by("pk")
    locked = rows.select_for_update(of=("self",))
    leaving = list(locked.filter(organization_id=from_organization))
    there = {row.user_id: row for row in locked.filter(organization_id=to_organization)}
    doubled = [row for row in leaving if row.user_id in there]
    moved = [row for row in leaving if row.user_id not in there]
    for row in doubled:
        tokens = ApiToken.objects.visible_to(actor).filter(membership=row)
        tokens.update(membership=there[row.user_id])
    Membership.objects.visible_to(actor).filter(pk__in=[row.pk for row in doubled]).delete()
    Membership.objects.visible_to(actor).filter(pk__in=[row.pk for row in moved]).update(
        organization_id=to_organization
    )
    for action, people in (("core.member_moved", moved), ("core.member_removed", doubled)):
        entries = [
            audit.Entry.of(
                row,
                before={"email": row.email, "role": row.role},
                after={"organization": str(to_organization)} if row in moved else {},
                organization_id=to_organization,
            )
            for row in people
        ]
        audit.record_many(actor, action, entries)
    return moved, doubled


def create_token(
    membership: Membership, *, actor: Actor, name: str, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """Make an API token for a membership; the text in the answer is never shown again."""
    actor.require("tokens.manage")
    text = TOKEN_PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            reseller_id=actor.reseller_id,
            membership_id=membership.pk,
            name=name,
            digest=token_digest(text),
            hint=text[: len(TOKEN_PREFIX) + 4],
            expires_at=expires_at,
        )
        audit.record(
            actor,
            "core.token_created",
            token,
            after={"name": name},
            organization_id=membership.organization_id,
        )
    return token, text


def revoke_token(token: ApiToken, *, actor: Actor) -> ApiToken:
    """End a token of the actor's own membership at once; ending it twice is no error."""
    actor.require("tokens.manage")
    with transaction.atomic():
        own = ApiToken.objects.visible_to(actor).filter(membership_id=actor.membership_id)
        row = own.select_for_update(of=("self",)).filter(pk=token.pk).first()
        if row is None:
            raise NotFound
        if row.revoked_at is None:
            row.revoked_at = timezone.now()
            row.save(update_fields=["revoked_at"])
            audit.record(
                actor,
                "core.token_revoked",
                row,
                before={"name": row.name},
                organization_id=actor.organization_id,
            )
        return row


def _wrong_ways(*, currency: str, locale: str, time_zone: str) -> dict[str, list[str]]:
    """Return what is wrong with the ways a reseller writes money, numbers and times."""
    wrong = {}
    if currency not in list_currencies():
        wrong["currency"] = [f"“{currency}” is no currency; use a code such as EUR."]
    if not localedata.exists(locale):
        wrong["locale"] = [f"“{locale}” is no locale; use one such as nl_NL."]
    if time_zone not in time_zones():
        wrong["time_zone"] = [f"“{time_zone}” is no time zone; use one such as Europe/Amsterdam."]
    return wrong


def found_reseller(
    *,
    name: str,
    slug: str,
    currency: str,
    locale: str,
    time_zone: str,
    admin_email: str,
    admin_name: str,
) -> tuple[Reseller, Membership]:
    """Add a reseller together with its first administrator, who asks for a password by mail.

    Raises what `create_reseller` raises.
    """
    with transaction.atomic():
        reseller = create_reseller(
            name=name, slug=slug, currency=currency, locale=locale, time_zone=time_zone
        )
        founder = system_actor(reseller.pk, "installation")
        with acting(founder):
            membership = add_member(
                reseller,
                actor=founder,
                email=admin_email,
                full_name=admin_name,
                role=Role.ADMIN,
            )
    return reseller, membership


def _lock(membership_id: UUID, actor: Actor) -> Membership:
    rows = Membership.objects.visible_to(actor).select_for_update(of=("self",))
    row = rows.filter(pk=membership_id).first()
    if row is None:
        raise NotFound
    return row
