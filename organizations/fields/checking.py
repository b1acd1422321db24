"""What a custom field and its values may be: pure rules, the same for pages, API and files."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError

from organizations.directory.fields import clean_text, shorten
from organizations.fields.models import (
    GROUP_LENGTH,
    HELP_LENGTH,
    KEY,
    KEY_LENGTH,
    LABEL_LENGTH,
    VALUE_LENGTH,
    EditedBy,
    Entity,
    Kind,
    SeenBy,
)
from portal.core.errors import InvalidInput

NOT_VALID = "Some fields are not valid."
MOST_CHOICES = 100
DIGITS, PLACES = 18, 6
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)\Z", re.ASCII)
DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class FieldDetails:
    """What people say of a field, checked. ``entity`` and ``key`` never change afterwards."""

    entity: str
    key: str
    label: str
    help: str = ""
    kind: str = Kind.TEXT
    choices: tuple[str, ...] = ()
    default: str = ""
    group: str = ""
    seen_by: str = SeenBy.STAFF
    edited_by: str = EditedBy.STAFF


DETAILS = tuple(field.name for field in fields(FieldDetails))


def clean_value(text: str, *, kind: str, choices: Sequence[str] = ()) -> str:
    """Return what is kept of what somebody entered; "" stays "". Done twice it changes nothing.

    A number is written without sign of plus, blanks and superfluous zeros; a day as 2026-03-31.

    Raises:
        ValidationError: the text is nothing such a field can hold.
    """
    line = clean_text(text, label="The value", length=VALUE_LENGTH)
    return _RULES[Kind(kind)](line, choices) if line else ""


def key_from(label: str) -> str:
    """Return the key a label suggests: ``Cost centre`` gives ``cost_centre``; "" where none."""
    words = re.findall(r"[a-z0-9]+", label.casefold())
    key = "_".join(words).lstrip("0123456789_")
    return key[:KEY_LENGTH].rstrip("_")


def check_details(values: Mapping[str, Any]) -> FieldDetails:
    """Check everything that is said of a field; without a key it gets the one its label suggests.

    Raises:
        InvalidInput: with every field that is wrong.
    """
    wrong: dict[str, list[str]] = {}

    def checked(name: str, rule: Callable[[], Any], fallback: Any) -> Any:
        try:
            return rule()
        except ValidationError as error:
            wrong[name] = error.messages
            return fallback

    def text(name: str) -> str:
        return str(values.get(name) or "")

    label = checked("label", lambda: _label(text("label")), "")
    kind = checked("kind", lambda: _one_of(text("kind") or Kind.TEXT, Kind.values), Kind.TEXT)
    choices = checked("choices", lambda: _choices(values.get("choices") or (), kind), ())
    details = FieldDetails(
        entity=checked("entity", lambda: _one_of(text("entity"), Entity.values), ""),
        key=checked("key", lambda: _key(text("key") or key_from(label)), ""),
        label=label,
        help=checked("help", lambda: _line(text("help"), "The help", HELP_LENGTH), ""),
        kind=kind,
        choices=choices,
        default=checked(
            "default",
            lambda: clean_value(text("default"), kind=kind, choices=choices),
            "",
        ),
        group=checked("group", lambda: _line(text("group"), "The group", GROUP_LENGTH), ""),
        seen_by=checked(
            "seen_by", lambda: _one_of(text("seen_by") or SeenBy.STAFF, SeenBy.values), ""
        ),
        edited_by=checked(
            "edited_by", lambda: _one_of(text("edited_by") or EditedBy.STAFF, EditedBy.values), ""
        ),
    )
    if details.seen_by == SeenBy.ADMINS and details.edited_by != EditedBy.ADMINS:
        wrong.setdefault("edited_by", ["Who edits a field must see it: choose administrators."])
    if "label" in wrong and not text("key"):
        wrong.pop("key", None)
    if wrong:
        raise InvalidInput(NOT_VALID, fields=wrong)
    return details


def _label(value: str) -> str:
    label = _line(value, "The label", LABEL_LENGTH)
    if not label:
        raise ValidationError("This field is required.")
    return label


def _line(value: str, label: str, length: int) -> str:
    return clean_text(value, label=label, length=length)


def _key(value: str) -> str:
    if not re.fullmatch(KEY.strip("^$"), value):
        raise ValidationError(
            "Use small letters a to z, digits and underscores, beginning with a letter;"
            f" at most {KEY_LENGTH} characters."
        )
    return value


def _one_of(value: str, offered: Iterable[str]) -> str:
    names = [str(name) for name in offered]
    if value not in names:
        raise ValidationError(f"Use one of: {', '.join(names)}.")
    return str(value)


def _choices(given: Iterable[Any], kind: str) -> tuple[str, ...]:
    """Return the choices in their order, each once; only a choice has any, and it needs one."""
    if isinstance(given, str):
        given = given.splitlines()
    lines = [_line(str(line), "A choice", LABEL_LENGTH) for line in given]
    found = tuple(dict.fromkeys(line for line in lines if line))
    if kind != Kind.CHOICE and found:
        raise ValidationError("Only a field of the kind choice has choices.")
    if kind == Kind.CHOICE and not found:
        raise ValidationError("Give at least one choice.")
    if len(found) > MOST_CHOICES:
        raise ValidationError(f"A field has at most {MOST_CHOICES} choices.")
    return found


def _text(text: str, _choices: Sequence[str]) -> str:
    return text


def _number(text: str, _choices: Sequence[str]) -> str:
    bare = text.replace(" ", "")
    if not NUMBER.match(bare):
        raise ValidationError(f"“{shorten(text)}” is no number; write it like this: 1234.5.")
    try:
        number = Decimal(bare)
    except InvalidOperation:
        raise ValidationError(f"“{shorten(text)}” is no number.") from None
    whole, _, places = format(number.copy_abs(), "f").partition(".")
    places = places.rstrip("0")
    whole = whole.lstrip("0") or "0"
    if len(whole) > DIGITS or len(places) > PLACES:
        raise ValidationError(
            f"A number has at most {DIGITS} digits before the point and {PLACES} after it."
        )
    written = f"{whole}.{places}" if places else whole
    return f"-{written}" if number < 0 else written


def _date(text: str, _choices: Sequence[str]) -> str:
    try:
        if DAY.match(text):
            return date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise ValidationError(f"“{shorten(text)}” is no day; write it like this: 2026-03-31.")


def _choice(text: str, choices: Sequence[str]) -> str:
    if text not in choices:
        raise ValidationError(f"“{shorten(text)}” is not among the choices: {', '.join(choices)}.")
    return text


_RULES: dict[Kind, Callable[[str, Sequence[str]], str]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.CHOICE: _choice,
}
