"""The only tags pages use: icons, states, money, moments, ids, counts, navigation, sorting.

They write their HTML through `format_html`, which escapes every value. Tags rather than included
templates wherever a list repeats a thing per row: a hundred includes cost more than the query.
"""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from django import template
from django.http import QueryDict
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from portal.core.access import Actor
from portal.core.money import Money
from portal.web import wording
from portal.web.addresses import row_url
from portal.web.sorting import SORT, HeadCell, head_cell

register = template.Library()
register.simple_tag(row_url)

NOTHING = format_html('<span class="text-secondary">{}</span>', "–")
TONES = frozenset({"good", "warn", "bad", "info", "work", "idle"})


@register.simple_tag
@lru_cache(maxsize=512)
def icon(name: str, css_class: str = "icon") -> SafeString:
    """Draw an icon of the sprite (`tools/assets/icons.txt` lists them); it is always decoration.

    Kept for the life of the process, like the address of the sprite: rows repeat the same few.
    """
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>',
        css_class,
        static("vendor/icons.svg"),
        name,
    )


@register.simple_tag
@lru_cache(maxsize=512, typed=True)
def status(tone: str, label: str) -> SafeString:
    """Show a state as a word with a dot whose shape, not only colour, differs by tone.

    Kept like the icons: a page says the same few words row after row. By type too, since a string
    marked safe equals one that is not.
    """
    if tone not in TONES:
        raise ValueError(f"A status has one of the tones {', '.join(sorted(TONES))}, not {tone!r}.")
    return format_html('<span class="state state-{}">{}</span>', tone, label)


@register.simple_tag
def money(value: Money | Decimal | None, currency: str = "") -> SafeString:
    """Write a `Money`, or an amount and its currency; None shows a dash."""
    if value is None:
        return NOTHING
    amount, code = (value.amount, value.currency) if isinstance(value, Money) else (value, currency)
    return format_html(
        '<data value="{} {}">{}</data>',
        f"{amount:f}",
        code,
        wording.write_money(amount, code),
    )


@register.simple_tag
def moment(value: datetime | None, empty: str = "–") -> SafeString:
    """Write how long ago something was, with the exact time and its zone on hover."""
    if value is None:
        return format_html('<span class="text-secondary">{}</span>', empty)
    local = timezone.localtime(value)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        wording.write_exact(local),
        wording.write_relative(local, timezone.now().astimezone(local.tzinfo)),
    )


@register.simple_tag
def exact(value: datetime | date | None, empty: str = "–") -> SafeString:
    """Write a moment or a day in full, for detail pages."""
    if value is None:
        return format_html('<span class="text-secondary">{}</span>', empty)
    shown = timezone.localtime(value) if isinstance(value, datetime) else value
    return format_html(
        '<time datetime="{}">{}</time>', shown.isoformat(), wording.write_exact(shown)
    )


@register.filter
def month(value: date) -> str:
    """Write the month of a date: July 2026."""
    return wording.write_month(value)


@register.simple_tag
def short_id(value: UUID | str, label: str = "ID") -> SafeString:
    """Show the start of an id, all of it on hover, with a button that copies all of it.

    Rows repeat this most, so it says nothing twice: the script copies the title.
    """
    short = wording.shorten_id(value)
    return format_html(
        '<span class="short-id"><code title="{}">{}</code>'
        '<button data-copy aria-label="Copy {} {}"></button></span>',
        value,
        short,
        label,
        short,
    )


@register.simple_tag
def number(value: int | Decimal | None) -> SafeString:
    """Write a number with the locale's grouping; None shows a dash."""
    if value is None:
        return NOTHING
    return format_html('<span class="tabular">{}</span>', wording.write_number(value))


@register.simple_tag
def number_text(value: int | Decimal) -> str:
    """Write a number as `number` does, without any HTML, for attributes."""
    return wording.write_number(value)


@register.simple_tag
def counted(count: int, one: str, many: str = "") -> str:
    """Write a count with its noun in the right number: 1 tenant, 1,284 tenants."""
    return wording.write_count(count, one, many)


@register.filter
def initials(name: str) -> str:
    """Return up to two capitals of a name."""
    return wording.initials(str(name))


@register.inclusion_tag("components/head_cell.html", takes_context=True)
def sortable_header(
    context: template.Context, field: str, label: str, default: str = "", numeric: bool = False
) -> dict[str, HeadCell]:
    """Write a table head cell that is a real link and carries ``aria-sort``.

    ``default`` is the order shown when the address names none, such as ``-billed_at``.
    """
    query: QueryDict = context["request"].GET
    current = query.get(SORT) or default
    return {"cell": head_cell(query, field=field, label=label, current=current, numeric=numeric)}


@register.simple_tag(takes_context=True)
def nav_item(
    context: template.Context,
    url_name: str,
    label: str,
    icon_name: str,
    needs: str = "",
    badge: int | None = None,
    badge_label: str = "",
    also: str = "",
) -> SafeString | str:
    """Write one entry of the navigation, or nothing if the actor lacks the right ``needs``.

    ``also`` names other parts, with spaces between, whose pages lie below this entry.
    """
    actor: Actor | None = context.get("actor")
    if needs and (actor is None or needs not in actor.capabilities):
        return ""
    here = _is_current(context, url_name, also.split())
    return format_html(
        '<li><a class="side-link" href="{}"{}>{}<span class="side-label">{}</span>{}</a></li>',
        reverse(url_name),
        format_html_join("", ' aria-current="{}"', [["page"]] if here else []),
        icon(icon_name),
        label,
        _badge(badge, badge_label),
    )


def _is_current(context: template.Context, url_name: str, also: list[str]) -> bool:
    """Tell whether the page lies in the part of the portal that ``url_name`` opens."""
    match: Any = getattr(context.get("request"), "resolver_match", None)
    if match is None:
        return False
    namespace, colon, _ = url_name.rpartition(":")
    if not colon:
        return bool(match.view_name == url_name)
    return match.namespace in (namespace, *also)


def _badge(count: int | None, label: str) -> SafeString | str:
    if not count:
        return ""
    return format_html(
        '<span class="side-badge">{}<span class="visually-hidden"> {}</span></span>',
        wording.write_number(count),
        label,
    )
