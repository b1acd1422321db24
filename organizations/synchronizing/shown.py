"""What the account page shows of synchronization: the status, and the way on from it."""

from django.urls import reverse

from organizations.directory.account_parts import AccountPart
from organizations.directory.models import Account
from organizations.provisioning.queries import NOT_ASKED, latest_request, status_of
from portal.core.access import Actor

TONES = {"Synchronized": "good", NOT_ASKED: "idle"}


def sync_status_part(account: Account, actor: Actor) -> AccountPart | None:
    """Return *Provisioning sync status* with its link (2 or 3 queries; none for customers)."""
    if not actor.may("provisioning.view"):
        return None
    status = status_of(account, actor=actor)
    latest = latest_request(account, actor=actor)
    return AccountPart(
        "synchronizing/_status.html",
        {
            "status": status,
            "tone": TONES.get(status, "work"),
            "systems_url": reverse("synchronizing:system_list", args=[account.pk]),
            "request_url": reverse("provisioning:request_detail", args=[latest.pk])
            if latest
            else "",
        },
    )
