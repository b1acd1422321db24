"""What a person asks for: which tenants, and what shall be done with them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from organizations.directory.models import Organization


@dataclass(frozen=True, slots=True)
class TheseTenants:
    """Tenants named one by one; an id twice counts once."""

    ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class AllTenants:
    """All that a list holds, in its order.

    ``expected``: how many the person was told there are; a list that holds another number by now is
    refused. None: nobody was told. ``query``: the list's own words, kept to be shown.
    """

    rows: QuerySet[Any]
    expected: int | None
    query: str = ""


@dataclass(frozen=True, slots=True)
class LinkTo:
    """Link every tenant to the primary account of one organization."""

    organization: Organization


@dataclass(frozen=True, slots=True)
class AcceptSuggestions:
    """Link each tenant to its best open suggestion, if that is at least of this level."""

    level: str


@dataclass(frozen=True, slots=True)
class CreateOrganizations:
    """Create an organization out of each tenant that resembles none, and link it."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """One line of a file of links, as its reader understood it.

    ``tenant_id`` and ``organization_id`` are of rows of this reseller, None where the line names
    none that is known. ``code`` and ``detail`` say what is wrong with the line itself; such a line
    is skipped. ``followed`` says that the organization the line names was merged, and into which
    one; that is the one meant. ``line`` counts from 1; ``tenant_name`` is what the preview calls a
    line without a tenant. ``how`` and ``why`` are kept with the link; None, they are those of the
    whole.
    """

    line: int
    tenant_id: UUID | None = None
    organization_id: UUID | None = None
    tenant_name: str = ""
    code: str = ""
    detail: str = ""
    how: str | None = None
    why: str | None = None
    followed: str = ""


Choice = TheseTenants | AllTenants
Plan = LinkTo | AcceptSuggestions | CreateOrganizations
