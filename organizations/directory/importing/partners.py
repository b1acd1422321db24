"""Which rows of a file may not have the partner ids they name, and why.

Each id belongs to one living organization of the reseller, and to a sub-reseller only. The file
counts as read from top to bottom: an id that an earlier line gives away is free only once that file
is in.
"""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db.models import Q

from organizations.directory.importing.columns import PARTNER_COLUMNS, SAY_SUB_RESELLER
from organizations.directory.importing.report import SUB_RESELLER, Candidate
from organizations.directory.models import Organization
from organizations.directory.operations import ONE_PER_PARTNER
from organizations.directory.queries import organizations
from portal.core.access import Actor
from portal.core.errors import Conflict
from portal.web.sheets.reading import Remark

IDS = ("mpn_id", "microsoft_partner_id")
CALLED = {"mpn_id": "partner id", "microsoft_partner_id": "partner tenant"}


def partner_refusals(
    candidates: Sequence[Candidate],
    there: Mapping[str, Organization],
    *,
    actor: Actor,
    meant: bool,
) -> dict[int, list[Remark]]:
    """Return, by line, what is wrong with the partner ids of rows that would be written (1 query).

    ``there`` has the organizations that exist by number; ``meant`` tells whether they are to be
    changed. No query where no row names an id.
    """
    asked = [
        each
        for each in candidates
        if (each.partner.has_id or each.partner.kind)
        and (each.number not in there or (meant and not there[each.number].is_merged))
    ]
    holders = _holders(asked, actor=actor)
    claimed: dict[object, int] = {}
    told: dict[int, list[Remark]] = {}
    for each in asked:
        row = there.get(each.number)
        said = [*_of_its_kind(each, row, actor=actor)]
        for name in IDS:
            value = getattr(each.partner, name)
            if not value:
                continue
            holder = holders.get(value)
            if holder is not None and (row is None or holder.pk != row.pk):
                said.append((name, f"{holder} ({holder.number}) has this {CALLED[name]} already."))
            elif value in claimed:
                said.append((name, f"Line {claimed[value]} has this {CALLED[name]} already."))
            claimed.setdefault(value, each.line)
        if said:
            told[each.line] = [Remark(each.line, text, name) for name, text in said]
    return told


def refuse_taken(error: Exception) -> None:
    """Say that somebody took a partner id while a file was imported, if that is what happened.

    Raises:
        Conflict: that is what happened.
    """
    if any(name in str(error) for name in ONE_PER_PARTNER):
        raise Conflict(
            "Another sub-reseller got one of the file's partner ids while it was imported."
            " Import it again."
        ) from error


def _of_its_kind(
    each: Candidate, row: Organization | None, *, actor: Actor
) -> Iterable[tuple[str, str]]:
    """Yield what does not go with the kind of the organization."""
    partner = each.partner
    if actor.is_sub_reseller:
        for name in PARTNER_COLUMNS:
            if getattr(partner, name):
                yield name, "Only your provider can set this."
        return
    if row is None:
        return
    if row.is_sub_reseller and partner.kind == Organization.Kind.CUSTOMER:
        yield "kind", f"{row} is a sub-reseller; only its page makes a customer of it."
    if not row.is_sub_reseller and partner.has_id and partner.kind != SUB_RESELLER:
        name = next(name for name in IDS if getattr(partner, name))
        yield name, f"{row} is a customer, and only a sub-reseller has one. {SAY_SUB_RESELLER}"


def _holders(asked: Sequence[Candidate], *, actor: Actor) -> dict[object, Organization]:
    mpn_ids = [each.partner.mpn_id for each in asked if each.partner.mpn_id]
    tenants: list[UUID] = [
        each.partner.microsoft_partner_id for each in asked if each.partner.microsoft_partner_id
    ]
    if not mpn_ids and not tenants:
        return {}
    rows = organizations(actor).filter(
        Q(mpn_id__in=mpn_ids) | Q(microsoft_partner_id__in=tenants), kind=SUB_RESELLER
    )
    found: dict[object, Organization] = {}
    for row in rows:
        found |= {value: row for value in (row.mpn_id, row.microsoft_partner_id) if value}
    return found
