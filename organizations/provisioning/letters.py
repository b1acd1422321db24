"""The letters about a request: that its tenant is ready, and that it waits for somebody.

Each is asked for in the transaction that writes the end or the stop down, under a key of its own,
so it goes out once for each. Requests of a file send none: its page says of all of them what became
of them, and those that stopped are told of together (`telling`).
"""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from organizations.passwords.recipients import EMAIL, PARENT_EMAIL, own_address, parent_address
from organizations.provisioning.models import ProvisioningRequest
from organizations.provisioning.queries import requests, state_of
from organizations.provisioning.texts import DONE_TEXT, DONE_TEXTS, STOPPED_TEXT, STOPPED_TEXTS
from portal.core.access import Actor, acting, system_actor
from portal.core.identity.models import Membership, Reseller
from portal.notify.letters.addresses import joined, resolve_to
from portal.notify.letters.kinds import Choice, LetterKind, MergeField, Values
from portal.notify.letters.operations import send_letter
from portal.notify.letters.queries import get_kind, text_for
from portal.notify.queries import preferences_of

DONE, STOPPED = "provisioning.done", "provisioning.waits"
TOPIC: Final = "provisioning.stopped"
"""Who does not want to be told of what stopped gets no letter of it either."""
QUESTION: Final = "A tenant with this domain exists; confirm that it is meant."
CHOICES: Final = 50
NAME, RESELLER, DOMAIN = "Accounts.Name", "Reseller.Name", "Tenant.Domain"
STATE, REASON, LINK = "Provisioning.State", "Provisioning.Reason", "Provisioning.Link"
ASKED_BY, ASKER = "Provisioning.AskedBy", "Provisioning.AskedByEmail"
State = ProvisioningRequest.State
WAITING: Final = (State.ASKING, State.FAILED, State.PERSON)


def reason_of(row: ProvisioningRequest) -> str:
    """Say why a request waits for somebody."""
    return row.error or QUESTION


def link_of(row: ProvisioningRequest) -> str:
    """Return the address of a request's page."""
    return f"{settings.BASE_URL}{reverse('provisioning:request_detail', args=[row.pk])}"


def write_about(row: ProvisioningRequest, *, actor: Actor) -> None:
    """Have the letter sent that tells how a request ended or why it waits; in its transaction."""
    if row.source:
        return
    with acting(system_actor(actor.reseller_id, "letters about provisioning")) as system:
        kind = get_kind(DONE if row.state == State.DONE else STOPPED)
        values = _values(row, actor=system)
        to = text_for(kind, "", actor=system).to
        found = resolve_to(to, values, kind.offered(system))
        wanted = _who_wants(found.addresses, kind, actor=system)
        if found.addresses and not wanted:
            return
        since = row.stopped_at.isoformat() if row.stopped_at else ""
        send_letter(
            kind.name,
            actor=system,
            subject_id=row.pk,
            recipient=joined(wanted),
            key=f"{row.pk}:{row.state}:{since}",
            held_because=found.held_because,
        )


def done_values(request_id: UUID, *, actor: Actor) -> Values | None:
    """Return what the letter of a finished request says."""
    row = requests(actor).filter(pk=request_id, state=State.DONE).first()
    return _values(row, actor=actor) if row else None


def stopped_values(request_id: UUID, *, actor: Actor) -> Values | None:
    """Return what the letter of a request that waits says; None once it does not any more."""
    row = requests(actor).filter(pk=request_id, state__in=WAITING).first()
    return _values(row, actor=actor) if row else None


def sample(request_id: UUID, *, actor: Actor) -> Values:
    """Return what a letter would say of a request."""
    return _values(requests(actor).get_visible(actor, pk=request_id), actor=actor)


def choices(actor: Actor) -> Sequence[Choice]:
    """Return the requests that a letter can be looked at with, the newest first (1 query)."""
    rows = requests(actor).order_by("-created_at", "id")[:CHOICES]
    return [Choice(row.pk, f"{row.domain} for {row.account.name}") for row in rows]


def _values(row: ProvisioningRequest, *, actor: Actor) -> Mapping[str, str]:
    account = row.account
    parent = parent_address(account, actor=actor).address
    return {
        NAME: account.name,
        EMAIL: own_address(account).address,
        PARENT_EMAIL: parent,
        RESELLER: Reseller.objects.values_list("name", flat=True).get(pk=actor.reseller_id),
        DOMAIN: row.domain,
        STATE: state_of(row),
        REASON: reason_of(row) if row.state in WAITING else "",
        LINK: link_of(row),
        ASKED_BY: row.asked_by,
        ASKER: _asker(row, actor=actor) or parent,
    }


def _asker(row: ProvisioningRequest, *, actor: Actor) -> str:
    members = Membership.objects.visible_to(actor).filter(pk=row.membership_id)
    found: str | None = members.values_list("email", flat=True).first()
    return found or ""


def _who_wants(addresses: Sequence[str], kind: LetterKind, *, actor: Actor) -> tuple[str, ...]:
    """Leave out members who do not want to be told of what stopped."""
    if kind.name != STOPPED:
        return tuple(addresses)
    members = Membership.objects.visible_to(actor).filter(email__in=addresses)
    wishes = preferences_of(members, actor=actor)
    unwanted = {it.email for it in members if TOPIC in wishes[it.pk].muted}
    return tuple(address for address in addresses if address not in unwanted)


_FIELDS = (
    MergeField(NAME, "The account's name", "Contoso GmbH"),
    MergeField(EMAIL, "The account's corporate e-mail", "it@contoso.example", is_address=True),
    MergeField(
        PARENT_EMAIL,
        "The e-mail of the account's reseller: that of its sub-reseller, else your own",
        "partner@reseller.example",
        is_address=True,
    ),
    MergeField(RESELLER, "Your own name", "Lantern Cloud"),
    MergeField(DOMAIN, "The domain that was asked for", "contoso.onmicrosoft.com"),
    MergeField(LINK, "The page of the request", "https://portal.example.com/…", is_link=True),
    MergeField(ASKED_BY, "Who asked for it", "Olga Operator"),
    MergeField(
        ASKER,
        "The e-mail of who asked for it; that of the reseller where a program did",
        "olga@reseller.example",
        is_address=True,
    ),
)
_WHY = (
    MergeField(STATE, "How far it is", "Needs a person"),
    MergeField(REASON, "Why it waits", "The domain is taken by somebody else."),
)
DONE_LETTER = LetterKind(
    name=DONE,
    label="Provisioning done",
    description="Sent when the tenant of a request is there and linked to its account.",
    fields=_FIELDS,
    values=done_values,
    default_to=f"{{#{ASKER}#}}",
    default_subject=DONE_TEXT[0],
    default_body=DONE_TEXT[1],
    translations=DONE_TEXTS,
    choices=choices,
    sample=sample,
)
STOPPED_LETTER = LetterKind(
    name=STOPPED,
    label="Provisioning failed or needs a person",
    description="Sent when a request is refused, asks a question or cannot go on by itself.",
    fields=(*_FIELDS, *_WHY),
    values=stopped_values,
    default_to=f"{{#{ASKER}#}}",
    default_subject=STOPPED_TEXT[0],
    default_body=STOPPED_TEXT[1],
    translations=STOPPED_TEXTS,
    choices=choices,
    sample=sample,
)
LETTERS: Final = (DONE_LETTER, STOPPED_LETTER)
