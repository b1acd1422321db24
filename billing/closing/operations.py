"""Closing a month, and opening the last one again.

The books are taken alone, so nothing is linked and no invoice is published while a month is looked
at. Closing writes the figures down and moves the closing day on; reopening moves it back, and lets
links that could not reach the month because it was closed reach it now.
"""

from datetime import date

from django.db import transaction
from django.utils import timezone

from billing.closing.models import ClosedMonth
from billing.closing.queries import closings, hindrances, latest_closing
from billing.invoices.amounts import plain
from billing.reconciliation.reconcile import CurrencyTotal
from billing.reports.queries import month_report
from organizations.linking.reaching import reach_back
from portal.core import audit
from portal.core.access import Actor
from portal.core.books import month_after, take_books
from portal.core.errors import Conflict, InvalidInput, NotReady
from portal.web.wording import write_month

REASON_LENGTH = 500


def close_month(
    month: date, *, actor: Actor, accept_unassigned: bool = False, reason: str = ""
) -> ClosedMonth:
    """Close a month: from now on whose its money is stays as it is. Returns the closing.

    ``accept_unassigned`` closes it although money belongs to nobody, and needs a ``reason``. Months
    without an invoice between the last closed one and this are closed with it.

    Raises:
        NotFound: no invoice of the month is here.
        Conflict: it is closed already; says by whom and when.
        NotReady: something stands in the way; the sentence says all of it, as does
            ``data["hindrances"]``.
        InvalidInput: unassigned money is accepted without a reason, or the reason is too long.
    """
    actor.require("months.close")
    reason = _short_enough(reason.strip())
    with transaction.atomic():
        books = take_books(actor)
        report = month_report(actor, month)
        before = closings(actor).filter(month=month)
        held = before.filter(reopened_at=None).first()
        if held:
            raise Conflict(
                f"{write_month(month)} was closed by {held.closed_by} already.",
                code="month_closed",
                data={"version": held.version},
            )
        if books.closed_until and month < books.closed_until:
            raise Conflict(
                f"{write_month(month)} lies before the last closed month; reopen that first.",
                code="month_closed",
            )
        found = hindrances(
            actor, report, closed=books.closed_until, accept_unassigned=accept_unassigned
        )
        if found:
            raise NotReady(" ".join(found), code="month_not_ready", data={"hindrances": found})
        if report.unassigned_tenants and not reason:
            raise InvalidInput(
                "Say why nobody is charged for what is unassigned.",
                fields={"reason": ["Say why; the closing keeps it."]},
            )
        latest = before.first()
        closing = ClosedMonth.objects.create(
            reseller_id=actor.reseller_id,
            month=month,
            version=latest.version + 1 if latest else 1,
            totals=[_frozen(total) for total in report.totals],
            unassigned_because=reason if report.unassigned_tenants else "",
            closed_at=timezone.now(),
            closed_by=actor.label[:250],
        )
        books.closed_until = month_after(month)
        books.save(update_fields=["closed_until"])
        audit.record(
            actor,
            "billing.month_closed",
            closing,
            after={"version": closing.version, "totals": closing.totals},
            reason=reason,
        )
    return closing


def reopen_month(month: date, *, actor: Actor, reason: str) -> ClosedMonth:
    """Open the month that was closed last; its closing stays as a version. Returns that.

    Raises:
        InvalidInput: the reason is empty or longer than 500 characters.
        Conflict: the month is not closed, or a later one is.
    """
    actor.require("months.close")
    reason = _short_enough(reason.strip())
    if not reason:
        raise InvalidInput(
            "Say why the month is opened again.",
            fields={"reason": ["Say why; the closing keeps it."]},
        )
    with transaction.atomic():
        books = take_books(actor)
        closing = latest_closing(actor)
        if closing is None or closing.month < month:
            raise Conflict(f"{write_month(month)} is not closed.", code="month_open")
        if closing.month > month:
            raise Conflict(
                f"{write_month(closing.month)} was closed after {write_month(month)}. Reopen that"
                " first: months are opened again from the last one back.",
                code="later_month_closed",
            )
        closing.reopened_at = timezone.now()
        closing.reopened_by = actor.label[:250]
        closing.reopened_because = reason
        closing.save(update_fields=["reopened_at", "reopened_by", "reopened_because"])
        earlier = latest_closing(actor, before=month)
        was_closed = books.closed_until
        books.closed_until = month_after(earlier.month) if earlier else None
        books.save(update_fields=["closed_until"])
        if was_closed:
            reach_back(actor=actor, was_closed=was_closed, closed=books.closed_until)
        audit.record(
            actor,
            "billing.month_reopened",
            closing,
            before={"version": closing.version, "totals": closing.totals},
            reason=reason,
        )
    return closing


def _frozen(total: CurrencyTotal) -> dict[str, object]:
    return {
        "currency": total.currency,
        "invoices": total.invoices,
        "invoice_total": plain(total.invoice_total),
        "assigned": plain(total.assigned),
        "unassigned": plain(total.unassigned),
        "adjustments": plain(total.adjustments),
    }


def _short_enough(reason: str) -> str:
    if len(reason) > REASON_LENGTH:
        raise InvalidInput(
            "The reason is too long.",
            fields={"reason": [f"Use at most {REASON_LENGTH} characters."]},
        )
    return reason
