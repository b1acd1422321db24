"""The checklist of a tenant that leaves, read from what is known here and at Microsoft."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.urls import reverse
from django.utils import timezone

from organizations.ignoring.models import IgnoredTenant
from organizations.ignoring.queries import live_ignores
from organizations.linking.models import Link
from organizations.linking.queries import link_history, live_links
from organizations.offboarding.models import OffboardingStep
from portal.core.access import Actor
from portal.web.wording import write_count, write_exact, write_money, write_month
from tenants.discovery.models import Tenant
from tenants.discovery.remains import LivingSubscription, Remains

NAMED = 10
NCE = (
    "New commerce subscriptions must be cancelled before the relationship can go, and suspended"
    " ones keep billing."
)


class State(StrEnum):
    """How far an item is; ``unknown`` where nobody could be asked."""

    DONE = "done"
    OPEN = "open"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to see to. ``details`` name what is meant; ``url`` leads to where it is done."""

    key: str
    title: str
    state: State
    text: str
    details: tuple[str, ...] = ()
    action: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Tick:
    """A step that a person knows of; ``done`` is who ticked it, None while it is open."""

    step: str
    title: str
    done: OffboardingStep | None


@dataclass(frozen=True, slots=True)
class Checklist:
    """Everything there is to see to before a tenant is gone."""

    items: tuple[Item, ...]
    ticks: tuple[Tick, ...]

    @property
    def open_count(self) -> int:
        return sum(item.state != State.DONE for item in self.items) + sum(
            tick.done is None for tick in self.ticks
        )

    @property
    def count(self) -> int:
        return len(self.items) + len(self.ticks)


def checklist_of(tenant: Tenant, remains: Remains, *, actor: Actor) -> Checklist:
    """Return the checklist, with what Microsoft still has as it was just read (4 queries)."""
    links = link_history(tenant, actor=actor)
    ticked = {
        row.step: row for row in OffboardingStep.objects.visible_to(actor).filter(tenant=tenant)
    }
    items = (
        subscriptions_item(remains),
        relationship_item(tenant),
        privileges_item(remains),
        invoice_item(tenant, remains, today=timezone.localdate(), actor=actor),
        _link_item(tenant, links),
        _organization_item(links, actor=actor),
        _ignore_item(tenant, actor=actor),
    )
    ticks = tuple(
        Tick(step.value, str(step.label), ticked.get(step.value)) for step in OffboardingStep.Step
    )
    return Checklist(items, ticks)


def subscriptions_item(remains: Remains) -> Item:
    """Return what has to be cancelled (pure)."""
    title = "Subscriptions are cancelled"
    if remains.subscriptions_failure:
        text = f"They could not be read: {remains.subscriptions_failure} {NCE}"
        return Item("subscriptions", title, State.UNKNOWN, text)
    if not remains.subscriptions:
        return Item("subscriptions", title, State.DONE, "Partner Center has none that is billed.")
    count = write_count(len(remains.subscriptions), "subscription")
    verb = "is" if len(remains.subscriptions) == 1 else "are"
    details = tuple(_of_subscription(row) for row in remains.subscriptions[:NAMED])
    if left := len(remains.subscriptions) - NAMED:
        details += (f"and {write_count(left, 'other')}",) if left > 0 else ()
    text = f"{count} {verb} billed still. {NCE} Cancel them in Partner Center."
    return Item("subscriptions", title, State.OPEN, text, details)


def relationship_item(tenant: Tenant) -> Item:
    """Return whether Partner Center still lists the customer (pure)."""
    title = "The reseller relationship is removed"
    if tenant.status == Tenant.Status.MISSING and tenant.missing_since:
        since = write_exact(timezone.localtime(tenant.missing_since).date())
        text = f"Partner Center has not listed it since {since}."
        return Item("relationship", title, State.DONE, text)
    named = f" ({tenant.relationship})" if tenant.relationship else ""
    text = (
        f"Partner Center lists it as a customer{named}. Remove the relationship there once the"
        " subscriptions are cancelled; the next discovery notices."
    )
    return Item("relationship", title, State.OPEN, text)


def privileges_item(remains: Remains) -> Item:
    """Return whether delegated admin privileges hold (pure)."""
    title = "Delegated admin privileges are ended"
    if remains.relationships_failure:
        text = f"They could not be read: {remains.relationships_failure}"
        return Item("privileges", title, State.UNKNOWN, text)
    if not remains.relationships:
        return Item("privileges", title, State.DONE, "Microsoft knows of none that holds.")
    details = tuple(
        f"{row.name}: {row.status}" + (f", until {write_exact(row.ends)}" if row.ends else "")
        for row in remains.relationships[:NAMED]
    )
    count = write_count(len(remains.relationships), "relationship")
    text = f"{count} give{'s' if len(remains.relationships) == 1 else ''} us access still."
    return Item("privileges", title, State.OPEN, text, details)


def invoice_item(tenant: Tenant, remains: Remains, *, today: date, actor: Actor) -> Item:
    """Return whether a last invoice may still come (no query).

    Microsoft bills a month in the month after it. So it is over when nothing is subscribed and the
    month in which the one after the last would have been billed is over too.
    """
    title = "The last invoice is in"
    if tenant.billed_month is None or tenant.billed_amount is None:
        last = "No invoice here has named it so far."
        behind = 0
    else:
        amount = write_money(tenant.billed_amount, tenant.billed_currency)
        last = f"Last billed: {amount} for {write_month(tenant.billed_month)}."
        behind = _months(today) - _months(tenant.billed_month)
    living = remains.subscriptions or remains.subscriptions_failure
    never = tenant.billed_month is None and not living
    if never or (behind > 2 and not living):
        return Item("invoice", title, State.DONE, last)
    may_see = actor.may("reports.view")
    return Item(
        "invoice",
        title,
        State.OPEN,
        f"{last} A later month may still be billed, so leave the link until it is in.",
        action="Open the report" if may_see else "",
        url=reverse("reports:report_list") if may_see else "",
    )


def _of_subscription(row: LivingSubscription) -> str:
    parts = [f"{row.quantity} × {row.name}", row.status]
    if row.last_day:
        word = "renews after" if row.auto_renew else "ends on"
        parts.append(f"{word} {write_exact(row.last_day)}")
    return ", ".join(parts)


def _months(day: date) -> int:
    return day.year * 12 + day.month


def _link_item(tenant: Tenant, links: list[Link]) -> Item:
    title = "The link has ended"
    live = next((link for link in links if link.is_live), None)
    if live is None:
        last = links[0] if links else None
        text = "It was never linked."
        if last and last.ends_at:
            ended = write_exact(timezone.localtime(last.ends_at).date())
            text = f"The link to {last.organization.name} ended on {ended}."
        return Item("link", title, State.DONE, text)
    return Item(
        "link",
        title,
        State.OPEN,
        f"It is linked to {live.organization.name}. Unlink it when the last invoice is in: what"
        " comes later belongs to nobody.",
        action="Unlink",
        url=reverse("linking:tenant_unlink", args=[tenant.pk]),
    )


def _organization_item(links: list[Link], *, actor: Actor) -> Item:
    title = "Its organization has been looked at"
    if not links:
        return Item("organization", title, State.DONE, "It belongs to no organization.")
    link = links[0]
    address = reverse("directory:organization_detail", args=[link.organization_id])
    rows = live_links(actor).filter(organization_id=link.organization_id)
    others = rows.exclude(tenant_id=link.tenant_id).count()
    if others:
        text = f"{link.organization.name} keeps {write_count(others, 'other tenant')}."
        return Item("organization", title, State.DONE, text, action="Show it", url=address)
    return Item(
        "organization",
        title,
        State.OPEN,
        f"{link.organization.name} has no other tenant. See whether its accounts and people are"
        " needed still.",
        action="Show it",
        url=address,
    )


def _ignore_item(tenant: Tenant, *, actor: Actor) -> Item:
    title = "The tenant is ignored as a lost customer"
    live = live_ignores(actor).filter(tenant=tenant).first()
    if live is not None and live.kind == IgnoredTenant.Kind.LOST:
        until = f" until {write_exact(live.until)}" if live.until else ""
        return Item("ignored", title, State.DONE, f"By {live.ignored_by}{until}: {live.reason}")
    if tenant.is_linked:
        text = "Ignore it once it is unlinked, or it stays on the alert."
        return Item("ignored", title, State.OPEN, text)
    return Item(
        "ignored",
        title,
        State.OPEN,
        "Until then it stays on the alert. If Microsoft bills it again, it comes back by itself.",
        action="Ignore",
        url=reverse("ignoring:tenant_ignore", args=[tenant.pk]),
    )
