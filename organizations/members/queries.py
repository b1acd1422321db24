"""Who has a role here."""

from django.db.models import OuterRef, Subquery

from organizations.directory.models import Organization
from portal.core.access import Actor
from portal.core.identity.models import Membership
from portal.core.rows import ScopedQuerySet


def members(actor: Actor) -> "ScopedQuerySet[Membership]":
    """Return the people with ``organization_name``; customers see their own colleagues."""
    actor.require("members.view")
    rows: ScopedQuerySet[Membership] = Membership.objects.visible_to(actor)
    own = Organization.objects.visible_to(actor).filter(pk=OuterRef("organization_id"))
    return rows.annotate(organization_name=Subquery(own.values("name"))).order_by("email", "id")
