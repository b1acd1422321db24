"""The order of a list as the address says it: ``?sort=name`` upwards, ``?sort=-name`` downwards.

Only fields a page names can be asked for, so an address never reaches another column. A head cell
is a real link: it can be opened in a new tab, shared, and works without JavaScript.
"""

from dataclasses import dataclass

from django.http import QueryDict

SORT = "sort"
PAGE = "page"


@dataclass(frozen=True, slots=True)
class HeadCell:
    """One column head. ``url`` None: not sortable; ``aria_sort`` empty: sortable, not sorted by."""

    label: str
    url: str | None = None
    aria_sort: str = ""
    numeric: bool = False
    hidden_label: bool = False
    css_class: str = ""


def head_cell(
    query: QueryDict,
    *,
    field: str,
    label: str,
    current: str,
    numeric: bool = False,
    css_class: str = "",
    default: str = "",
) -> HeadCell:
    """Build a sortable column's head: its link starts upwards, then downwards, then clears.

    ``current`` is the order the list is in, such as ``-billed_at``, and ``default`` the one it has
    when nothing is asked for, which is what clearing goes back to; without one the link only turns
    the order round.
    """
    downwards = current == f"-{field}"
    upwards = current == field
    if upwards:
        asked: str | None = f"-{field}"
    elif downwards and default not in ("", f"-{field}"):
        asked = None
    else:
        asked = field
    aria_sort = "ascending" if upwards else "descending" if downwards else "none"
    return HeadCell(
        label=label,
        url=link_with(query, **{SORT: asked, PAGE: None}),
        aria_sort=aria_sort,
        numeric=numeric,
        css_class=css_class,
    )


def link_with(query: QueryDict, **changes: str | None) -> str:
    """Return the query string of a link with some parameters replaced, or taken out by None."""
    changed = query.copy()
    for name, value in changes.items():
        if value is None:
            changed.pop(name, None)
        else:
            changed[name] = value
    return f"?{changed.urlencode()}"
