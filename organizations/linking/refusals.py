"""Why a tenant cannot be linked, in sentences that say who, when and what to do.

One place, so that a page, the API, a batch and the loser of a race all read the same words.
"""

from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from organizations.ignoring.models import IgnoredTenant
from organizations.linking.models import Link
from portal.core.books import month_before
from portal.core.errors import Conflict, NotReady
from portal.web.wording import write_exact, write_month
from tenants.connections.models import Connection
from tenants.discovery.models import Tenant


def linked_elsewhere(tenant_name: str, link: Link) -> Conflict:
    """Refuse a tenant whose live link leads to another account: to whom, by whom, when."""
    return Conflict(
        f"{tenant_name} is linked to {_named(link)} by {link.linked_by} at"
        f" {_write(link.begins_at)}. Unlink it there first if that is wrong.",
        code="linked_elsewhere",
        data=_facts(link),
    )


def left_out(tenant_name: str, ignore: IgnoredTenant) -> Conflict:
    """Refuse a tenant that somebody left out: who, when, why.

    Linking one tenant by itself ends that; what links many does so only if somebody saw it.
    """
    return Conflict(
        f"{say_left_out(tenant_name, ignore)} Bring it back first, or link it by itself.",
        code="ignored",
    )


def say_left_out(tenant_name: str, ignore: IgnoredTenant) -> str:
    """Say who left a tenant out, when and why."""
    since = _write(ignore.begins_at)
    reason = ignore.reason.rstrip(".")
    return f"{tenant_name} is ignored by {ignore.ignored_by} since {since}: {reason}."


def not_linked(tenant: Tenant) -> Conflict:
    """Refuse to unlink what has no live link."""
    return Conflict(f"{tenant.name} is not linked to an organization.", code="not_linked")


def already_ended(tenant: Tenant, link: Link) -> Conflict:
    """Refuse to take back a link that somebody ended before."""
    at = _write(link.ends_at) if link.ends_at else ""
    return Conflict(
        f"The link of {tenant.name} to {_named(link)} was ended by {link.ended_by} at {at};"
        " there is nothing to undo.",
        code="link_ended",
        data=_facts(link),
    )


def moved_meanwhile(tenant: Tenant, link: Link) -> Conflict:
    """Refuse to move a tenant that somebody moved since it was looked at: to whom, who, when."""
    return Conflict(
        f"{tenant.name} was linked to {_named(link)} by {link.linked_by} at"
        f" {_write(link.begins_at)}, after you looked. Look again, then move it if that is wrong.",
        code="moved_meanwhile",
        data=_facts(link),
    )


def closed_since(tenant: Tenant, link: Link, closed: date) -> Conflict:
    """Refuse to take back a link under which a month was closed; ``closed``: first open day."""
    return Conflict(
        f"{write_month(month_before(closed))} was closed since {tenant.name} was linked to"
        f" {_named(link)}, so the link stays in the books. Move or unlink the tenant instead: what"
        " is closed stays, what is open follows.",
        code="month_closed",
        data=_facts(link) | {"closed_until": closed.isoformat()},
    )


def is_incomplete(connection: Connection) -> bool:
    """Tell whether a connection's set-up is not done (CON-01): it was never proved or discovered.

    New credentials do not undo an older proof.
    """
    return connection.discovered_at is None or _never_worked(connection)


def connection_incomplete(connection: Connection) -> NotReady:
    """Refuse tenants of a connection whose set-up is not done, and say what is left and where."""
    address = reverse("connections:connection_detail", args=[connection.pk])
    data = {"connection": str(connection.pk), "address": address}
    if _never_worked(connection):
        return NotReady(
            f"The connection {connection.name} has not worked yet. Test it at {address},"
            " then link.",
            code="connection_untested",
            data=data,
        )
    return NotReady(
        f"The tenants of {connection.name} were not discovered to the end yet. Discover them at"
        f" {address}, then link.",
        code="connection_undiscovered",
        data=data,
    )


def _never_worked(connection: Connection) -> bool:
    return connection.state == Connection.State.NEW and connection.last_success_at is None


def _named(link: Link) -> str:
    return f"{link.organization.name} ({link.organization.number})"


def _facts(link: Link) -> dict[str, Any]:
    return {
        "organization": str(link.organization_id),
        "organization_number": link.organization.number,
        "linked_by": link.linked_by,
        "linked_at": link.begins_at.isoformat(),
    }


def _write(moment: datetime) -> str:
    return write_exact(timezone.localtime(moment))
