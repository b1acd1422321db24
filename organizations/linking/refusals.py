"""Why a tenant cannot be linked, in sentences that say who, when and what to do.

One place, so that a page, the API, a batch and the loser of a race all read the same words.
"""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from organizations.linking.models import Link
from portal.core.errors import Conflict, NotReady
from portal.web.wording import write_exact
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
