"""The alert in words: pure text, so that every page, mail and test says the same."""

from dataclasses import dataclass

from organizations.linking.alert import UnlinkedAlert
from portal.web.wording import write_count, write_money


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
    if alert.oldest is None or not alert.oldest_days:
        return ""
    return f"{alert.oldest.name} has waited longest: {write_count(alert.oldest_days, 'day')}."


def _join(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
