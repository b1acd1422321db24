"""What a list page is told about itself: columns, tabs, bulk actions, and its empty state."""

from dataclasses import dataclass

from django.db.models import Q


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``sort``: the field it is ordered by; ``default`` False: only if chosen.

    ``fixed``: shown whatever is chosen. ``exports``: what the column is called in a file, where it
    may be more than one.
    """

    name: str
    label: str
    sort: str = ""
    numeric: bool = False
    default: bool = True
    hidden_on_phone: bool = False
    hidden_label: bool = False
    fixed: bool = False
    exports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tab:
    """A kind of rows; the empty key is the one shown first. ``where`` None: all rows."""

    key: str
    label: str
    where: Q | None = None
    tone: str = ""


@dataclass(frozen=True, slots=True)
class TabLink:
    """A tab as the template shows it; ``count`` None: not counted."""

    label: str
    url: str
    active: bool
    count: int | None
    tone: str


@dataclass(frozen=True, slots=True)
class BulkAction:
    """Something to do with the chosen rows; posts their ids as ``selected``."""

    label: str
    url: str
    primary: bool = False
    icon_name: str = ""


@dataclass(frozen=True, slots=True)
class Empty:
    """What a list says while nothing exists yet: the first step, and where it is taken."""

    title: str
    text: str = ""
    action_label: str = ""
    action_url: str = ""
