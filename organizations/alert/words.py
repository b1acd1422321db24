"""The alert in words: pure text, so that every page, mail and test says the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from organizations.alert.queries import UnlinkedAlert
from portal.core.money import Money
from portal.web.wording import write_count, write_money, write_number


@dataclass(frozen=True, slots=True)
class AlertWords:
    """A notice: ``level`` as `components/alert.html` takes it."""

    level: str
    title: str
    text: str


def describe_alert(alert: UnlinkedAlert) -> AlertWords | None:
    """Write the alert; None while no tenant is known, because then nothing can be said."""
    if not alert.known:
        return None
    if not alert.count and alert.ignored:
        return AlertWords(
            "success",
            "No tenant waits for a link",
            "Every tenant belongs to an organization, except"
            f" {write_count(alert.ignored, 'tenant')} that somebody ignored; what Microsoft bills"
            " for those stays in Unassigned.",
        )
    if not alert.count:
        return AlertWords(
            "success",
            "All tenants are linked",
            "Every tenant belongs to an organization, so nothing is missing from the billing"
            " report. Next: test the integration and look at the report.",
        )
    verb = "is" if alert.count == 1 else "are"
    return AlertWords(
        "warning",
        f"{write_count(alert.count, 'tenant')} {verb} not linked to an organization",
        " ".join(part for part in (_money(alert), _age(alert)) if part),
    )


def _money(alert: UnlinkedAlert) -> str:
    if not alert.unassigned:
        return "What Microsoft bills for them will be charged to nobody until they are linked."
    sums = [write_money(money.amount, money.currency) for money in alert.unassigned]
    return f"{_join(sums)} of what Microsoft last billed is charged to nobody."


def _age(alert: UnlinkedAlert) -> str:
    if not alert.oldest_name or not alert.oldest_days:
        return ""
    return f"{alert.oldest_name} has waited longest: {write_count(alert.oldest_days, 'day')}."


def describe_start(alert: UnlinkedAlert) -> AlertWords | None:
    """Write the alert for the start page: what to do about it now, in one line.

    What was acknowledged is only counted. None while no tenant is known.
    """
    if not alert.count or not alert.known:
        return describe_alert(alert)
    if not alert.due:
        return AlertWords(
            "success",
            "Nothing needs you",
            f"{write_count(alert.acknowledged, 'tenant')} not linked and acknowledged for now.",
        )
    verb = "is" if alert.due == 1 else "are"
    return AlertWords(
        "warning",
        f"{write_count(alert.due, 'tenant')} {verb} not linked to an organization",
        " · ".join(alert_parts(alert)),
    )


def alert_sentence(alert: UnlinkedAlert) -> str:
    """Write the whole alert in one line: ``3 tenants unlinked · €412.10 on the … invoice``."""
    return " · ".join((f"{write_count(alert.due, 'tenant')} unlinked", *alert_parts(alert)))


def alert_parts(alert: UnlinkedAlert) -> list[str]:
    """Return what follows the number: the invoice, what is not billed yet, age, owner, the rest."""
    parts = []
    if billed := write_sums(alert.due_unassigned):
        parts.append(f"{billed} {write_invoice(alert.month)}")
    if unbilled := write_sums(alert.due_unbilled):
        parts.append(f"{unbilled} unbilled")
    if alert.oldest_days:
        parts.append(f"oldest {write_count(alert.oldest_days, 'day')}")
    parts.append(_owners(alert))
    if alert.acknowledged:
        parts.append(f"{write_number(alert.acknowledged)} acknowledged")
    return parts


def write_sums(sums: Iterable[Money]) -> str:
    """Write amounts of several currencies beside each other; nothing for none."""
    words = [write_money(money.amount, money.currency) for money in sums]
    return _join(words) if words else ""


def write_invoice(month: date | None) -> str:
    """Write on which invoice: that of a month, or each one's last."""
    return f"on the {month:%B} invoice" if month else "on the last invoices"


def _owners(alert: UnlinkedAlert) -> str:
    names = [owner.name for owner in alert.owners]
    if not names:
        return "no owner"
    return f"owner {names[0]}" + (f" and {len(names) - 1} more" if len(names) > 1 else "")


def _join(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
