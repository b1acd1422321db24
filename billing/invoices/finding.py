"""How the field that finds anything finds invoices: by their number or their month."""

from datetime import date, datetime

from django.db.models import Q
from django.urls import reverse

from billing.invoices.queries import invoices
from portal.core.access import Actor
from portal.web.finding.queries import Finder, Found, register_finder
from portal.web.wording import write_money, write_month

MONTH_FORMATS = ("%Y-%m", "%B %Y", "%b %Y", "%m/%Y")


def find_invoices(actor: Actor, words: str, limit: int) -> list[Found]:
    """Return published invoices, newest first (1 query)."""
    wanted = Q(number__icontains=words)
    if month := _month(words):
        wanted |= Q(month=month)
    return [
        Found(
            label=f"Invoice {invoice.number}",
            detail=f"{write_month(invoice.month)} · {write_money(invoice.total, invoice.currency)}",
            url=reverse("invoices:invoice_detail", args=[invoice.pk]),
        )
        for invoice in invoices(actor).filter(wanted)[:limit]
    ]


def _month(words: str) -> date | None:
    """Return the first day of the month that is written, such as 2026-10 or October 2026."""
    for written in MONTH_FORMATS:
        try:
            return datetime.strptime(words, written).date()
        except ValueError:
            continue
    return None


register_finder(Finder("Invoice", "Invoices", "invoices.view", find_invoices, position=3))
