"""Suggestions of the cast."""

from collections.abc import Sequence

from django.utils import timezone

from organizations.directory.models import Organization
from organizations.suggestions.models import Level, LinkSuggestion
from tenants.discovery.models import Tenant


def make_suggestions(
    tenant: Tenant, organizations: Sequence[Organization], *, canary: str
) -> tuple[LinkSuggestion, LinkSuggestion]:
    """Add one that is open and one that was dismissed, both for the same tenant."""
    now = timezone.now()
    first, second = organizations
    reasons = [{"code": "name", "text": f"{canary} reason"}]
    common = {
        "reseller_id": tenant.reseller_id,
        "tenant": tenant,
        "reasons": reasons,
        "made_at": now,
    }
    return (
        LinkSuggestion.objects.create(
            **common, organization=first, score="0.98", level=Level.CERTAIN, rank=1
        ),
        LinkSuggestion.objects.create(
            **common,
            organization=second,
            score="0.7",
            level=Level.LIKELY,
            rank=2,
            state=LinkSuggestion.State.DISMISSED,
            decided_at=now,
            decided_by=f"{canary} person",
            why=f"{canary} why",
        ),
    )
