"""Choosing what to be told about: the ids of connections and groups are looked up on this floor."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from organizations.directory.queries import organizations
from portal.core.access import Actor
from portal.core.identity.models import Membership
from portal.notify.models import Preference
from portal.notify.operations import Wishes, set_preferences
from tenants.connections.queries import connections


def choose_preferences(member: Membership, *, actor: Actor, wishes: Wishes) -> Preference:
    """Write down what a member wants to hear, and of which connections and organizations.

    Raises:
        InvalidInput: with every field that is wrong, ids that the actor cannot see among them.
    """
    wrong = {}
    if _unknown(wishes.connections, connections(actor).values_list("pk", flat=True)):
        wrong["connections"] = ["One of these connections does not exist."]
    chosen = organizations(actor).filter(pk__in=wishes.organizations)
    if _unknown(wishes.organizations, chosen.values_list("pk", flat=True)):
        wrong["organizations"] = ["One of these organizations does not exist."]
    return set_preferences(member, actor=actor, wishes=replace(wishes, wrong=wrong))


def _unknown(wanted: Iterable[UUID | str], known: Iterable[UUID]) -> set[str]:
    return {str(one) for one in wanted} - {str(one) for one in known}
