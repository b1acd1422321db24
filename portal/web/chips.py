"""The filters at work on a list, in words, each with the address of the list without it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.forms import BoundField, Form, ModelChoiceField
from django.http import QueryDict

from portal.web.sorting import link_with
from portal.web.wording import write_exact

RANGE_ENDS = ("", "_min", "_max", "_after", "_before", "_0", "_1")
"""Endings of the parameters that the two fields of a range send."""


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter: what, by what, and how to take it off."""

    label: str
    value: str
    remove_url: str


def filter_chips(form: Form, query: QueryDict, *, without: Iterable[str] = ()) -> list[Chip]:
    """Return a chip for every field of a valid filter form that has a value."""
    hidden = frozenset(without)
    return [
        Chip(
            label=str(field.label),
            value=write_value(field, form.cleaned_data[field.name]),
            remove_url=link_with(query, page=None, **dict.fromkeys(_parameters(field.name))),
        )
        for field in form
        if field.name not in hidden and _is_set(form.cleaned_data.get(field.name))
    ]


def active_names(form: Form) -> list[str]:
    """Return the names of the fields of a valid filter form that have a value."""
    return [name for name, value in form.cleaned_data.items() if _is_set(value)]


def write_value(field: BoundField, value: Any) -> str:
    """Write a chosen value as the form's own choices call it."""
    if isinstance(value, slice):
        ends = [_write_one(field, end) for end in (value.start, value.stop) if end is not None]
        return " – ".join(ends)
    if isinstance(value, str) or not isinstance(value, Iterable):
        return _write_one(field, value)
    return ", ".join(_write_one(field, one) for one in value)


def _write_one(field: BoundField, value: Any) -> str:
    if isinstance(field.field, ModelChoiceField):
        return str(value)
    for key, label in _flat(getattr(field.field, "choices", ())):
        if str(key) == str(value):
            return label
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return write_exact(value) if isinstance(value, date) else str(value)


def _flat(choices: Iterable[tuple[Any, Any]]) -> Iterator[tuple[Any, str]]:
    """Walk choices and the choices inside their groups."""
    for key, label in choices:
        if isinstance(label, list | tuple):
            yield from _flat(label)
        else:
            yield key, str(label)


def _is_set(value: Any) -> bool:
    if value is None or value == "":
        return False
    if isinstance(value, slice):
        return value.start is not None or value.stop is not None
    if isinstance(value, Iterable) and not isinstance(value, str):
        return any(True for _ in value)
    return True


def _parameters(name: str) -> list[str]:
    return [name + end for end in RANGE_ENDS]
