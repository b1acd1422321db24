"""Who acts, and what that person may do.

Rights are a fixed set of capabilities per role, written here and nowhere else. They are read from
the database at every request and every run of a job, so a removed member is out at once. There is
no operation without an actor: work nobody asked for is done by a named system actor.

While nothing may be changed, because the reseller is suspended or the whole installation is
read-only, every actor is left with what `READING` lists. Nothing else has to know: operations
refuse, pages show no buttons, and jobs wait, because all of them ask the actor.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import models

from portal.core.database.scope import (
    CUSTOMER_ROLE,
    RESELLER_ROLE,
    SUB_RESELLER_ROLE,
    Scope,
    scope,
)
from portal.core.errors import NotAllowed

if TYPE_CHECKING:
    from portal.core.identity.models import Membership, Reseller


class Role(models.TextChoices):
    """What a membership makes of a person."""

    ADMIN = "admin", "Reseller administrator"
    OPERATOR = "operator", "Operator"
    FINANCE = "finance", "Finance"
    AUDITOR = "auditor", "Auditor"
    SUB_RESELLER_ADMIN = "sub_reseller_admin", "Sub-reseller administrator"
    SUB_RESELLER = "sub_reseller", "Sub-reseller"
    CUSTOMER_ADMIN = "customer_admin", "Customer administrator"
    CUSTOMER_VIEWER = "customer_viewer", "Customer viewer"

    @property
    def has_organization(self) -> bool:
        """Whether its people belong to one organization rather than to the reseller's staff."""
        return self in CUSTOMER_ROLES | SUB_RESELLER_ROLES


CUSTOMER_ROLES = frozenset({Role.CUSTOMER_ADMIN, Role.CUSTOMER_VIEWER})
SUB_RESELLER_ROLES = frozenset({Role.SUB_RESELLER_ADMIN, Role.SUB_RESELLER})


READ = frozenset(
    {
        "start.view",
        "tenants.view",
        "organizations.view",
        "connections.view",
        "discovery.view",
        "jobs.view",
        "suggestions.view",
        "alerts.view",
        "fields.view",
        "provisioning.view",
    }
)
FINANCE_READ = frozenset({"invoices.view", "reports.view", "reports.export"})
OVERSIGHT = frozenset({"audit.view", "members.view"})
LINKING = frozenset(
    {
        "tenants.link",
        "tenants.unlink",
        "tenants.ignore",
        "organizations.create",
        "organizations.change",
    }
)
ALERTING = frozenset({"alerts.manage"})
FILLING = frozenset({"fields.fill"})
PROVISIONING = frozenset({"tenants.provision"})
AGREEING = frozenset({"agreements.confirm"})
PASSWORDS = frozenset({"passwords.view", "passwords.send"})
HANDING = frozenset({"handing.view"})
OWN = frozenset({"profile.view", "tokens.manage", "views.manage"})
CUSTOMER = frozenset({"start.view", "tenants.view", "organizations.view"}) | OWN
SUB_RESELLER = (
    CUSTOMER | {"organizations.create", "organizations.change", "provisioning.view"} | PROVISIONING
)

CAPABILITIES: dict[str, frozenset[str]] = {
    Role.ADMIN: READ
    | FINANCE_READ
    | OVERSIGHT
    | LINKING
    | OWN
    | {"letters.manage", "messages.view", "organizations.merge", "webhooks.manage"}
    | ALERTING
    | FILLING
    | PROVISIONING
    | AGREEING
    | PASSWORDS
    | HANDING
    | {"fields.manage", "passwords.manage"}
    | {"connections.manage", "discovery.run", "invoices.import", "jobs.retry", "members.manage"}
    | {"months.close", "suggestions.manage"},
    Role.OPERATOR: READ
    | LINKING
    | OWN
    | ALERTING
    | FILLING
    | PROVISIONING
    | AGREEING
    | PASSWORDS
    | HANDING
    | {"discovery.run", "jobs.retry", "members.view"},
    Role.FINANCE: READ
    | FINANCE_READ
    | OWN
    | ALERTING
    | FILLING
    | {"invoices.import", "members.view", "months.close"},
    Role.AUDITOR: READ | FINANCE_READ | OVERSIGHT | {"profile.view", "views.manage"},
    Role.SUB_RESELLER_ADMIN: SUB_RESELLER | PASSWORDS | {"members.view"},
    Role.SUB_RESELLER: SUB_RESELLER,
    Role.CUSTOMER_ADMIN: CUSTOMER | {"members.view"},
    Role.CUSTOMER_VIEWER: CUSTOMER,
}
ALL_CAPABILITIES = frozenset().union(*CAPABILITIES.values())
READING = frozenset(
    {
        "alerts.view",
        "audit.view",
        "connections.view",
        "discovery.view",
        "fields.view",
        "handing.view",
        "invoices.view",
        "jobs.view",
        "members.view",
        "messages.view",
        "organizations.view",
        "passwords.view",
        "profile.view",
        "provisioning.view",
        "reports.export",
        "reports.view",
        "start.view",
        "suggestions.view",
        "tenants.view",
    }
)
"""What is left while nothing may be changed. A capability that is not listed here is a writing one,
so a new one is refused until somebody has thought about it."""
INSTALLATION_READ_ONLY = (
    "This portal is read-only. Everything can be read, nothing can be changed, and no mail is sent,"
    " until its operator ends that."
)


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody, or a named part of the system, who works for one reseller."""

    reseller_id: int
    label: str
    capabilities: frozenset[str]
    role: str = ""
    organization_id: UUID | None = None
    membership_id: UUID | None = None
    kind: str = "person"
    read_only: str = ""
    """Why nothing may be changed and until when, in a sentence for people; empty when it may."""

    def may(self, capability: str) -> bool:
        """Tell whether the actor has the right; an unknown name is a programming error."""
        if capability not in ALL_CAPABILITIES:
            raise LookupError(f"No capability is called {capability!r}.")
        return capability in self.capabilities

    def require(self, capability: str) -> None:
        """Raise `NotAllowed` unless the actor has the right: every operation's first line."""
        if not self.may(capability):
            if self.read_only and capability in CAPABILITIES.get(self.role, ALL_CAPABILITIES):
                raise NotAllowed(self.read_only, code="read_only", data={"needs": capability})
            raise NotAllowed(
                f"{self.role_label} may not do this ({capability}).", data={"needs": capability}
            )

    @property
    def role_label(self) -> str:
        return Role(self.role).label if self.role else self.label

    @property
    def is_staff(self) -> bool:
        """Whether everything of the reseller is the actor's: its own people, and the system."""
        return self.organization_id is None

    @property
    def is_sub_reseller(self) -> bool:
        """Whether the actor works for a sub-reseller: sees it and what is below it in the tree."""
        return not self.is_staff and self.role in SUB_RESELLER_ROLES

    @property
    def is_customer(self) -> bool:
        """Whether the actor sees one organization alone."""
        return not self.is_staff and self.role not in SUB_RESELLER_ROLES

    def scope(self) -> Scope:
        """Return what the database shows this actor."""
        if self.is_staff:
            return Scope(RESELLER_ROLE, self.reseller_id)
        role = SUB_RESELLER_ROLE if self.is_sub_reseller else CUSTOMER_ROLE
        return Scope(role, self.reseller_id, self.organization_id)


def member_actor(membership: "Membership", *, kind: str = "person") -> Actor:
    """Return the actor a membership makes of its person (``kind``: person or token).

    The membership comes with its reseller, whose suspension takes the writing rights away.
    """
    why = why_read_only(membership.reseller, of_customer=membership.organization_id is not None)
    return Actor(
        reseller_id=membership.reseller_id,
        label=membership.label,
        capabilities=_left_of(CAPABILITIES[membership.role], why),
        role=membership.role,
        organization_id=membership.organization_id,
        membership_id=membership.pk,
        kind=kind,
        read_only=why,
    )


def system_actor(reseller_id: int, name: str) -> Actor:
    """Return the actor for work nobody asked for, such as the nightly discovery.

    Whose reseller is suspended is not looked up here: what goes round resellers leaves those out,
    and their jobs do not run.
    """
    why = INSTALLATION_READ_ONLY if settings.READ_ONLY else ""
    return Actor(
        reseller_id=reseller_id,
        label=f"Tenantry ({name})",
        capabilities=_left_of(ALL_CAPABILITIES, why),
        kind="system",
        read_only=why,
    )


def why_read_only(reseller: "Reseller", *, of_customer: bool = False) -> str:
    """Return why nothing of a reseller may be changed now and until when; "" if it may.

    Customers are not told what is between the reseller and the installation's operator.
    """
    if settings.READ_ONLY:
        return INSTALLATION_READ_ONLY
    if reseller.suspended_at is None:
        return ""
    if of_customer:
        return f"{reseller.name} is read-only for now. You can read everything and change nothing."
    return (
        f"{reseller.name} has been suspended since {reseller.suspended_at:%Y-%m-%d}:"
        f" {reseller.suspended_because} Everything can be read, nothing can be changed, and no job"
        " runs, until the operator of this installation ends that."
    )


def _left_of(capabilities: frozenset[str], why: str) -> frozenset[str]:
    return capabilities & READING if why else capabilities


@contextmanager
def for_everybody(actor: Actor, name: str) -> Iterator[Actor]:
    """Work for a block as whoever sees the whole reseller: staff themselves, else the system.

    For what is one for all and would come out wrong where only a part is seen: the numbers of
    organizations, the job that looks for suggestions. Nothing of it may reach the actor's answer.
    """
    if actor.is_staff:
        yield actor
        return
    with acting(system_actor(actor.reseller_id, name)) as system:
        yield system


def standing_in(actor: Actor, rights: Iterable[str] = ()) -> Actor:
    """Return who does what somebody outside the staff may ask for: in that person's name, with the
    whole reseller in sight, and with what ``rights`` it takes besides. Staff do it themselves.
    """
    if actor.is_staff:
        return actor
    besides = _left_of(frozenset(rights), actor.read_only)
    return replace(actor, role="", organization_id=None, capabilities=actor.capabilities | besides)


@contextmanager
def past_scope(actor: Actor, *rights: str) -> Iterator[Actor]:
    """Work for a block as the actor's `standing_in`, for what its own scope has no place for.

    Only after the actor's own sight has decided that the thing is its own. Unlike `for_everybody`
    the audit names the person. Nothing that is somebody else's may reach the actor's answer.
    """
    if actor.is_staff:
        yield actor
        return
    with acting(standing_in(actor, rights)) as stand_in:
        yield stand_in


@contextmanager
def acting(actor: Actor) -> Iterator[Actor]:
    """Open the actor's scope for a block: requests, jobs, commands and tests all pass through."""
    with scope(actor.scope()):
        yield actor
