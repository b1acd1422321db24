"""The component gallery: the page on which every part of the look can be seen and tried.

Tests walk it with axe in both themes, so a part that is not shown here is not checked. It needs no
database: its dialog, combobox and progress answer from the address alone (``?part=``).
"""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone

from portal.core.money import Money
from portal.web.charts import Bar, BarChart, Segment, stacked_bars
from portal.web.chips import Chip
from portal.web.dialogs import render_dialog
from portal.web.listparts import BulkAction, TabLink
from portal.web.paging import Page
from portal.web.sorting import HeadCell, head_cell
from portal.web.wording import write_money

NAMES = (
    ("Terra Alpine Design", "terra-alpine.example", "18f2f09b-4c5e-4f0a-9a1e-6f1d2b7c8d90", 38),
    ("Beacon Legal", "beacon-legal.example", "661ee18c-0d3c-4b8e-8f57-1f0a9be2c3d4", 11),
    (
        "Summit Cobalt Analytics",
        "summit-cobalt.example",
        "81417726-93aa-4d6e-b1c0-77e2f5a41b06",
        1284,
    ),
    ("Fjord Aurora Foods", "fjord-aurora.example", "f6de7df2-5a5b-4f5e-a7a9-0e6a2c9d1f38", 16),
)


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(help_text="As it stands on the invoice.")
    domain = forms.CharField(label="Primary domain", help_text="Without https:// and www.")
    country = forms.ChoiceField(choices=[("NO", "Norway"), ("SE", "Sweden")])
    note = forms.CharField(widget=forms.Textarea({"rows": 3}), required=False)
    kind = forms.ChoiceField(
        choices=[("customer", "Customer"), ("reseller", "Sub-reseller")], widget=forms.RadioSelect
    )
    notify = forms.BooleanField(label="Send notifications", required=False)


class SampleLinkForm(forms.Form):
    """What the sample dialog asks for."""

    organization_id = forms.CharField(required=False)
    reason = forms.CharField(max_length=200)


def gallery_page(request: HttpRequest) -> HttpResponse:
    """Answer the gallery, or the part of it that a component asks for."""
    part = request.GET.get("part")
    if part == "dialog":
        return _dialog(request)
    if part == "options":
        query = request.GET.get("q", "")
        context = {"options": _options(query), "query": query}
        return render(request, "components/combobox_options.html", context)
    if part == "progress":
        return render(request, "components/progress.html", _progress(request.GET))
    return render(request, "components/gallery.html", gallery_context(request.GET))


def _dialog(request: HttpRequest) -> HttpResponse:
    form = SampleLinkForm(request.POST or None)
    invalid = request.method == "POST" and not form.is_valid()
    return render_dialog(
        request,
        "components/gallery_dialog.html",
        {"form": form, "unlinked_count": 7},
        title="Link tenant to an organization",
        invalid=invalid,
    )


def _options(query: str) -> list[SimpleNamespace]:
    words = query.casefold()
    return [
        SimpleNamespace(value=str(number), label=name, detail=f"{number} · {domain}")
        for number, (name, domain, _id, _count) in enumerate(NAMES, 105331)
        if words in name.casefold()
    ]


def _progress(query: QueryDict) -> dict[str, Any]:
    asked = str(query.get("done", ""))
    done = int(asked) if asked.isdecimal() else 0
    return {
        "id": "sample-progress",
        "title": "Linking 3 tenants",
        "text": f"{done} of 3 done",
        "done": done,
        "total": 3,
        "finished": done >= 3,
        "tone": "good",
        "url": f"?part=progress&done={done + 1}",
    }


def gallery_context(query: QueryDict) -> dict[str, Any]:
    """Return everything components/gallery.html shows."""
    now = timezone.now()
    return {
        "title": "Component gallery",
        "unlinked_count": 7,
        "rows": _rows(now),
        "page": Page(
            rows=NAMES,
            first="?page=first",
            previous="?page=previous",
            next="?page=next",
            last=None,
            start=51,
            count=1284,
        ),
        "sizes": [(25, "?size=25", True), (50, "?size=50", False), (100, "?size=100", False)],
        "head": _head(query),
        "tab_links": [
            TabLink("All", "?", True, 1284, ""),
            TabLink("Not linked", "?tab=unlinked", False, 7, "warn"),
            TabLink("Ignored", "?tab=ignored", False, None, ""),
        ],
        "chips": [Chip("Country", "Norway, Sweden", "?"), Chip("State", "Active", "?")],
        "bulk_actions": (
            BulkAction("Accept suggestions", "#", primary=True, icon_name="sparkles"),
            BulkAction("Ignore", "#"),
        ),
        "form": SampleForm({"name": "Terra Alpine Design", "kind": "customer"}),
        "blank_form": SampleForm(prefix="blank"),
        "chart": sample_chart(),
        "chart_series": ("Assigned", "Unassigned"),
        "chart_rows": SAMPLE_MONTHS,
        "amount": Money(Decimal("1284.505"), "EUR"),
        "debt": Money(Decimal("-98"), "JPY"),
        "progress": _progress(query),
        "crumbs": [("Tenants", "#"), ("Terra Alpine Design", "#")],
        "entries": [
            SimpleNamespace(label="Open in Partner Center", url="#", icon_name="external-link"),
            SimpleNamespace(label="Ignore", url="#", icon_name="ban"),
        ],
        "today": date(2026, 7, 1),
        "now": now,
        "earlier": now - timedelta(hours=3),
        "long_ago": now - timedelta(days=90),
    }


SAMPLE_MONTHS = tuple(
    (month, Money(Decimal(assigned), "EUR"), Money(Decimal(unassigned), "EUR"))
    for month, assigned, unassigned in (
        ("Jun", "31200.10", "0"),
        ("Jul", "32650.75", "410.20"),
        ("Aug", "30120.00", "2210.90"),
        ("Sep", "35480.30", "5120.00"),
        ("Oct", "36900.00", "3300.55"),
        ("Nov", "38250.45", "1284.50"),
    )
)


def sample_chart() -> BarChart:
    """Lay out the sample months as a report would."""
    return stacked_bars(
        [
            Bar(
                month,
                (
                    Segment(1, assigned.amount, f"assigned {_words(assigned)}"),
                    Segment(2, unassigned.amount, f"unassigned {_words(unassigned)}"),
                ),
            )
            for month, assigned, unassigned in SAMPLE_MONTHS
        ]
    )


def _words(money: Money) -> str:
    return write_money(money.amount, money.currency)


def _head(query: QueryDict) -> list[HeadCell]:
    return [
        head_cell(query, field="name", label="Tenant", current=query.get("sort", "name")),
        HeadCell("Status"),
        HeadCell("Organization"),
        HeadCell("Subscriptions", numeric=True),
        HeadCell("Last seen"),
        HeadCell("Actions", hidden_label=True),
    ]


def _rows(now: Any) -> list[SimpleNamespace]:
    return [
        SimpleNamespace(
            pk=index,
            name=name,
            domain=domain,
            microsoft_id=microsoft_id,
            count=count,
            linked=index % 2 == 1,
            seen_at=now - timedelta(hours=7 * index, minutes=4),
        )
        for index, (name, domain, microsoft_id, count) in enumerate(NAMES)
    ]
