"""Who agreed to the Microsoft Customer Agreement, read from text: all of it, or nothing.

The limits are Microsoft's for the contact of an agreement (CreateAgreement, "primaryContact").
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from django.core.exceptions import ValidationError

from organizations.directory.fields import clean_email, clean_text
from organizations.provisioning.asking import TO_COME, Agreed, is_to_come
from portal.core.errors import InvalidInput

COLUMNS: Final = (
    "agreed_first_name",
    "agreed_last_name",
    "agreed_email",
    "agreed_phone",
    "agreed_on",
)
OPTIONAL: Final = ("agreed_phone",)
NAME_LENGTH, PHONE_LENGTH = 50, 40
_Rule = Callable[[str], str]


def read_agreed(values: Mapping[str, str]) -> Agreed | None:
    """Return who agreed and when, as `COLUMNS` name it; None where all of it is empty.

    Raises:
        InvalidInput: with every column that is wrong or missing.
    """
    given = {name: values.get(name, "").strip() for name in COLUMNS}
    if not any(given.values()):
        return None
    wrong: dict[str, list[str]] = {}
    for name, rule in _RULES.items():
        try:
            given[name] = rule(given[name])
        except ValidationError as error:
            wrong[name] = error.messages
        else:
            if not given[name] and name not in OPTIONAL:
                wrong[name] = ["Say this too, or leave all of who agreed empty."]
    if wrong:
        raise InvalidInput("Some fields are not valid.", fields=wrong)
    return Agreed(
        first_name=given["agreed_first_name"],
        last_name=given["agreed_last_name"],
        email=given["agreed_email"],
        phone_number=given["agreed_phone"],
        agreed_on=date.fromisoformat(given["agreed_on"]),
    )


def _clean_date(value: str) -> str:
    if not value:
        return ""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise ValidationError(f"“{value[:40]}” is no date; write it as 2026-11-30.") from None
    if is_to_come(day):
        raise ValidationError(TO_COME)
    return day.isoformat()


def _line(label: str, length: int) -> _Rule:
    """Return the rule of a line of text."""

    def clean_line(value: str) -> str:
        return clean_text(value, label=label, length=length)

    return clean_line


_RULES: Final[dict[str, _Rule]] = {
    "agreed_first_name": _line("The first name", NAME_LENGTH),
    "agreed_last_name": _line("The last name", NAME_LENGTH),
    "agreed_email": clean_email,
    "agreed_phone": _line("The phone number", PHONE_LENGTH),
    "agreed_on": _clean_date,
}
