"""The permission matrix: for every route and verb, which roles may, and on which object.

It is an independent statement. Roles are written out here and in the two files of rows; nothing is
read from the code's own table of capabilities, so that a right given there by mistake is found.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from portal.core.access import Role

ADMIN, OPERATOR, FINANCE, AUDITOR = Role.ADMIN, Role.OPERATOR, Role.FINANCE, Role.AUDITOR
CUSTOMER_ADMIN, CUSTOMER_VIEWER = Role.CUSTOMER_ADMIN, Role.CUSTOMER_VIEWER

SUB_RESELLER_ADMIN, SUB_RESELLER = Role.SUB_RESELLER_ADMIN, Role.SUB_RESELLER

Roles = frozenset[Role]
STAFF: Roles = frozenset({ADMIN, OPERATOR, FINANCE, AUDITOR})
CUSTOMERS: Roles = frozenset({CUSTOMER_ADMIN, CUSTOMER_VIEWER})
SUB_RESELLERS: Roles = frozenset({SUB_RESELLER_ADMIN, SUB_RESELLER})
EVERYBODY: Roles = STAFF | SUB_RESELLERS | CUSTOMERS
LINKERS: Roles = frozenset({ADMIN, OPERATOR})
KEEPERS: Roles = LINKERS | SUB_RESELLERS
"""Who keeps organizations and their accounts."""
TRADERS: Roles = STAFF | SUB_RESELLERS
"""Who follows what becomes of accounts at Microsoft."""
PROVISIONERS: Roles = LINKERS | SUB_RESELLERS
PASSWORD_KEEPERS: Roles = LINKERS | {SUB_RESELLER_ADMIN}
DISCOVERERS: Roles = frozenset({ADMIN, OPERATOR})
RETRIERS: Roles = frozenset({ADMIN, OPERATOR})
ACCOUNTANTS: Roles = frozenset({ADMIN, FINANCE, AUDITOR})
IMPORTERS: Roles = frozenset({ADMIN, FINANCE})
CLOSERS: Roles = frozenset({ADMIN, FINANCE})
OVERSEERS: Roles = frozenset({ADMIN, AUDITOR})
MEMBER_READERS: Roles = STAFF | {SUB_RESELLER_ADMIN, CUSTOMER_ADMIN}
ALERT_MANAGERS: Roles = frozenset({ADMIN, OPERATOR, FINANCE})
TOKEN_OWNERS: Roles = frozenset({ADMIN, OPERATOR, FINANCE}) | SUB_RESELLERS | CUSTOMERS
FIELD_FILLERS: Roles = frozenset({ADMIN, OPERATOR, FINANCE})
ADMINS: Roles = frozenset({ADMIN})
NOBODY: Roles = frozenset()

IN_A_WEEK = (date.today() + timedelta(days=7)).isoformat()
API_PREFIXES = ("api:", "schema", "docs")
REFERENCE = "$"
"""A value such as ``$organization`` stands for the id of that object of the cast."""


@dataclass(frozen=True, slots=True)
class Row:
    """One verb of one route.

    ``on`` is the object in the address, in the words of the cast; "" where the address has none or
    its parameter says it. ``sends`` is a valid body, ``also`` are others that name objects in other
    fields. ``is_open``: for strangers too. ``calls_out``: Partner Center may be called, so no
    transaction can be open around the request.
    """

    route: str
    verb: str
    roles: Roles
    on: str = ""
    sends: Mapping[str, Any] = field(default_factory=dict)
    is_open: bool = False
    calls_out: bool = False
    also: tuple[Mapping[str, Any], ...] = ()

    def __str__(self) -> str:
        return f"{self.verb.upper()} {self.route}"

    @property
    def is_api(self) -> bool:
        return self.route.startswith(API_PREFIXES)

    @property
    def bodies(self) -> tuple[Mapping[str, Any], ...]:
        return (self.sends, *self.also)

    def body(self, objects: Mapping[str, str]) -> dict[str, Any]:
        """Return the body with ids in the place of references."""
        return filled(self.sends, objects)


def references_of(body: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields of a body that name another object, with the name of that object."""
    singles = {name: _single(value) for name, value in body.items()}
    return {
        name: value.removeprefix(REFERENCE)
        for name, value in singles.items()
        if isinstance(value, str) and value.startswith(REFERENCE)
    }


def filled(body: Mapping[str, Any], objects: Mapping[str, str]) -> dict[str, Any]:
    """Return a body with the ids of ``objects`` in the place of its references."""
    filled_in = {name: objects[of] for name, of in references_of(body).items()}
    return {
        **body,
        **{
            name: [value] if isinstance(body[name], list) else value
            for name, value in filled_in.items()
        },
    }


def _single(value: Any) -> Any:
    """Return the one reference of a list of one, and anything else as it is."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def route(
    name: str,
    *,
    on: str = "",
    is_open: bool = False,
    calls_out: bool = False,
    sends: Mapping[str, Any] | None = None,
    also: tuple[Mapping[str, Any], ...] = (),
    **verbs: Roles,
) -> Iterator[Row]:
    """Yield a row per verb; ``sends`` and ``also`` are what verbs that change something carry."""
    for verb, roles in verbs.items():
        carried = (dict(sends or {}), also) if verb != "get" else ({}, ())
        yield Row(name, verb, roles, on, carried[0], is_open, calls_out, carried[1])
