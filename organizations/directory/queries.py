"""Reading organizations and accounts.

Searching goes through functions of the database: row-level security lets only comparisons that
cannot leak use an index, and LIKE is none of them, so a plain search would read every organization
of the reseller. The functions compare the reseller themselves and serve staff only; a customer sees
one organization and needs no index.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, Q, TextField, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Lower
from django.utils import timezone

from organizations.directory.models import Account, Organization, registration_key
from portal.core.access import Actor
from portal.core.errors import Conflict
from portal.core.rows import ScopedQuerySet
from tenants.discovery.partners import Partner

OPTIONS = 20
TERM_LENGTH = 200
RESEMBLANCES = 5

SHORT_TERM = 2

BEGINS_WITH = (
    "organizations_organization.name_key ~>=~ lower(%s)"
    " AND organizations_organization.name_key ~<~ (lower(%s) || chr(1114111))"
)
"""LIKE with a wildcard at its end, written in comparisons that cannot leak."""
MATCHING_IDS = "SELECT organizations_matching(%s)"
CLOSEST_IDS = "SELECT id, is_guess FROM organizations_closest(%s, %s)"


@dataclass(frozen=True, slots=True)
class OrganizationOption:
    """One line of the combobox. ``is_guess``: nothing fits, but this comes near."""

    value: UUID
    label: str
    detail: str
    is_guess: bool = False


@dataclass(frozen=True, slots=True)
class Resemblance:
    """An organization that a new one may be a duplicate of, and why."""

    organization: Organization
    reason: str

    @property
    def label(self) -> str:
        return f"{self.organization.name} ({self.organization.number})"


def organizations(actor: Actor) -> "ScopedQuerySet[Organization]":
    """Return what the actor may see: staff every organization of the reseller, customers theirs.

    Those that were merged into another are not among them.
    """
    rows: ScopedQuerySet[Organization] = Organization.objects.visible_to(actor)
    return rows.filter(merged_into=None)


def get_organization(actor: Actor, organization_id: UUID) -> Organization:
    """Return one organization, or raise `NotFound` alike for foreign and unknown ones.

    Raises:
        Conflict: ``organization_merged``; it was merged into another, which ``data`` names.
    """
    row: Organization = Organization.objects.get_visible(actor, pk=organization_id)
    if row.is_merged:
        raise merged_away(row, heir_of(row, actor=actor))
    return row


def organization_or_tombstone(actor: Actor, organization_id: UUID) -> Organization:
    """Return one organization, also if it was merged into another; for what leads on to it."""
    row: Organization = Organization.objects.get_visible(actor, pk=organization_id)
    return row


def merged_into(organization: Organization, actor: Actor) -> "ScopedQuerySet[Organization]":
    """Return the organizations that were merged into one, newest first."""
    rows: ScopedQuerySet[Organization] = Organization.objects.visible_to(actor)
    return rows.filter(merged_into=organization).order_by("-merged_at", "id")


def heir_of(organization: Organization, *, actor: Actor) -> Organization:
    """Return the living organization at the end of the mergers (1 query for each; none if alive).

    Only what lives is merged, and only into what lives, so there is an end.
    """
    row = organization
    while row.merged_into_id:
        row = Organization.objects.get_visible(actor, pk=row.merged_into_id)
    return row


def heirs_of(rows: Iterable[Organization], *, actor: Actor) -> dict[UUID, Organization]:
    """Return for each organization that was merged the living one at the end of the mergers.

    For staff. As many queries as mergers came one after the other, however many organizations.
    """
    ends = {row.pk: row for row in rows if row.merged_into_id}
    while going := {row.merged_into_id for row in ends.values() if row.merged_into_id}:
        nearer = Organization.objects.visible_to(actor).in_bulk(list(going))
        ends = {
            pk: nearer[row.merged_into_id] if row.merged_into_id else row
            for pk, row in ends.items()
        }
    return ends


def mergers_of(ids: Collection[UUID], *, actor: Actor) -> dict[UUID, Conflict]:
    """Return for those of the organizations that were merged the refusal to work with them.

    No query where none is named, and one where none was merged.
    """
    if not ids:
        return {}
    gone = Organization.objects.visible_to(actor).filter(pk__in=ids, merged_into__isnull=False)
    rows = list(gone)
    heirs = heirs_of(rows, actor=actor)
    return {row.pk: merged_away(row, heirs[row.pk]) for row in rows}


def merged_away(organization: Organization, heir: Organization) -> Conflict:
    """Return the refusal to work with an organization that was merged: into which, since when."""
    at = timezone.localtime(organization.merged_at) if organization.merged_at else None
    since = f" on {at:%-d %B %Y}" if at else ""
    return Conflict(
        f"{organization.name} ({organization.number}) was merged into {heir.name} ({heir.number})"
        f"{since}. Use that one.",
        code="organization_merged",
        data={"merged_into": str(heir.pk), "merged_into_number": heir.number},
    )


def tree_of(roots: Iterable[UUID], *, actor: Actor) -> set[UUID]:
    """Return organizations with everything below them (1 query a level, of which there are few)."""
    found: set[UUID] = set()
    level = set(organizations(actor).filter(pk__in=list(roots)).values_list("pk", flat=True))
    while level:
        found |= level
        below = organizations(actor).filter(parent__in=level).values_list("pk", flat=True)
        level = set(below) - found
    return found


def accounts(actor: Actor) -> "ScopedQuerySet[Account]":
    """Return the accounts the actor may see, each with its organization."""
    rows: ScopedQuerySet[Account] = Account.objects.visible_to(actor)
    return rows.select_related("organization")


def accounts_of(organization: Organization, actor: Actor) -> "ScopedQuerySet[Account]":
    """Return the accounts of one organization, the primary one first."""
    return accounts(actor).filter(organization=organization).order_by("-is_primary", "name", "id")


def get_account(actor: Actor, account_id: UUID) -> Account:
    """Return one account with its organization, or raise `NotFound`."""
    rows: ScopedQuerySet[Account] = Account.objects.select_related("organization")
    return rows.get_visible(actor, pk=account_id)


def matching(
    rows: "ScopedQuerySet[Organization]", term: str, *, actor: Actor
) -> "ScopedQuerySet[Organization]":
    """Keep the organizations whose name, number or domain contains ``term``.

    One or two letters are in almost every name: they match its beginning only.
    """
    term = _tidy(term)
    if not term:
        return rows
    if not actor.is_staff:
        return rows.filter(search__contains=Lower(Value(term, TextField())))
    if len(term) <= SHORT_TERM:
        begins = RawSQL(BEGINS_WITH, [term, term], BooleanField())  # noqa: S611
        return rows.filter(begins)
    return rows.filter(pk__in=RawSQL(MATCHING_IDS, [term]))  # noqa: S611


def organization_options(actor: Actor, term: str, limit: int = OPTIONS) -> list[OrganizationOption]:
    """Return what a combobox offers for what was typed so far, best first (2 queries).

    Nothing typed: the first by name. When nothing fits, the nearest are offered as guesses.
    """
    term = _tidy(term)
    if not term or not actor.is_staff:
        rows = matching(organizations(actor), term, actor=actor).order_by("name", "id")
        return [_option(row) for row in rows[:limit]]
    with connection.cursor() as cursor:
        cursor.execute(CLOSEST_IDS, [term, limit])
        guesses: dict[UUID, bool] = dict(cursor.fetchall())
    found = {row.pk: row for row in organizations(actor).filter(pk__in=list(guesses))}
    return [_option(found[pk], is_guess=guess) for pk, guess in guesses.items() if pk in found]


def similar_organizations(
    actor: Actor,
    *,
    name: str = "",
    primary_domain: str = "",
    registration_number: str = "",
    exclude: UUID | None = None,
) -> list[Resemblance]:
    """Return organizations that share the domain, the registration number or the name (1 query).

    Names are compared without regard to case, registration numbers by their letters and digits.
    ``exclude`` leaves out the organization that is being changed.
    """
    bare = "".join(filter(str.isalnum, registration_number))
    alike: dict[str, Q] = {
        "same primary domain": Q(primary_domain=primary_domain) if primary_domain else Q(),
        "same registration number": Q(registration_key=_key_of(registration_number))
        if bare
        else Q(),
        "same name": Q(name_key=Lower(Value(name, TextField()))) if name else Q(),
    }
    asked = {reason: condition for reason, condition in alike.items() if condition}
    if not asked:
        return []
    anything = Q()
    for condition in asked.values():
        anything |= condition
    rows = organizations(actor).filter(anything).order_by("name", "id")
    if exclude:
        rows = rows.exclude(pk=exclude)
    return [Resemblance(row, _reason(row, name, primary_domain)) for row in rows[:RESEMBLANCES]]


def sub_resellers(actor: Actor) -> "ScopedQuerySet[Organization]":
    """Return the organizations that others may belong to, by name."""
    rows = organizations(actor).filter(kind=Organization.Kind.SUB_RESELLER)
    return rows.order_by("name", "id")


def sub_reseller_of(organization: Organization) -> UUID | None:
    """Return the id of the nearest sub-reseller: itself, or whose customer it is; None: nobody's.

    The database works it out when the row is written, so a new row knows it once it is read again.
    """
    if organization.is_sub_reseller:
        return organization.pk
    return organization.parent_id


def known_partners(actor: Actor) -> list[Partner]:
    """Return the sub-resellers with the ids Microsoft knows them by, for discoveries (1 query)."""
    rows = sub_resellers(actor).exclude(mpn_id="").filter(microsoft_partner_id__isnull=False)
    return [Partner(str(row.microsoft_partner_id), (row.mpn_id,)) for row in rows]


def children_of(organization: Organization, actor: Actor) -> "ScopedQuerySet[Organization]":
    """Return the organizations that belong to a sub-reseller, by name."""
    return organizations(actor).filter(parent=organization).order_by("name", "id")


def _reason(row: Organization, name: str, primary_domain: str) -> str:
    if primary_domain and row.primary_domain == primary_domain:
        return "same primary domain"
    if name and row.name.casefold() == name.casefold():
        return "same name"
    return "same registration number"


def _key_of(registration_number: str) -> Any:
    return registration_key(Value(registration_number, TextField()))


def _option(row: Organization, *, is_guess: bool = False) -> OrganizationOption:
    detail = " · ".join(part for part in (row.number, row.primary_domain, row.country) if part)
    return OrganizationOption(
        value=row.pk,
        label=row.name,
        detail=f"Did you mean this? {detail}" if is_guess else detail,
        is_guess=is_guess,
    )


def _tidy(term: str) -> str:
    """Return a search term composed and spaced as names are; the database minds its case."""
    return " ".join(normalize("NFC", term.replace("\x00", "")).split())[:TERM_LENGTH]
