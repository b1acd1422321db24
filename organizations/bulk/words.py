"""Bulk links in words: why tenants are skipped, how far the work is, and what it is worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from organizations.bulk.models import BulkLink
from portal.web.wording import write_count, write_exact, write_money

REASONS = {
    "ambiguous": "more than one certain suggestion",
    "below_level": "only a weaker suggestion",
    "connection_undiscovered": "not discovered to the end yet",
    "connection_untested": "connection not tested yet",
    "ignored": "ignored on purpose",
    "like_another": "like another tenant of this list",
    "linked_already": "linked there already",
    "linked_elsewhere": "linked to another organization",
    "name_not_valid": "a name no organization can have",
    "no_suggestion": "no suggestion",
    "organization_merged": "organization merged into another",
    "possible_duplicate": "like an existing organization",
    "repeated": "on an earlier line already",
    "unknown_organization": "no such organization",
    "unknown_tenant": "no such tenant",
}
TONES = {
    BulkLink.State.DRAFT: "idle",
    BulkLink.State.RUNNING: "work",
    BulkLink.State.DONE: "good",
    BulkLink.State.UNDOING: "work",
    BulkLink.State.UNDONE: "idle",
}


@dataclass(frozen=True, slots=True)
class Share:
    """So many tenants, and what is the matter with them."""

    number: int
    words: str


def skipped_shares(bulk: BulkLink) -> Sequence[Share]:
    """Return why tenants are skipped, the commonest reason first."""
    counts = sorted(bulk.skipped.items(), key=lambda item: (-item[1], item[0]))
    return [Share(number, REASONS.get(code, code.replace("_", " "))) for code, number in counts]


def write_sums(bulk: BulkLink) -> list[str]:
    """Return what the tenants that are not skipped were last billed, a sum per currency."""
    return [write_money(Decimal(one["amount"]), one["currency"]) for one in bulk.money]


def run_label(bulk: BulkLink) -> str:
    """Say on the button what it does, and to how many."""
    many = write_count(bulk.planned, "tenant")
    if bulk.kind == BulkLink.Kind.CREATE:
        return f"Create {write_count(bulk.planned, 'organization')} and link"
    if bulk.organization:
        return f"Link {many} to {bulk.organization.name}"
    return f"Link {many}"


def write_progress(bulk: BulkLink) -> str:
    """Say how many are done, not possible, and left; of an undo how many links are taken back."""
    if bulk.state in (BulkLink.State.UNDOING, BulkLink.State.UNDONE):
        return f"{write_count(bulk.undone, 'link')} taken back"
    parts = [f"{write_count(bulk.succeeded + bulk.unchanged, 'tenant')} done"]
    if bulk.unsuccessful:
        parts.append(f"{bulk.unsuccessful:,} not possible")
    if bulk.left:
        parts.append(f"{bulk.left:,} left")
    return " · ".join(parts)


def write_undone(bulk: BulkLink) -> str:
    """Say by whom a bulk link was taken back, why, and what stayed; "" while it was not."""
    if bulk.undone_at is None:
        return ""
    said = f"By {bulk.undone_by}, at {write_exact(timezone.localtime(bulk.undone_at))}:"
    stayed = f" {write_count(bulk.succeeded, 'link')} stayed." if bulk.succeeded else ""
    return f"{said} {bulk.undo_reason}. {write_count(bulk.undone, 'link')} taken back.{stayed}"
