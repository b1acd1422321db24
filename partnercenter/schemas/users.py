"""Users of a customer's directory, and roles."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from partnercenter.schemas.fields import Fields
from partnercenter.schemas.strict import required_guid, word
from partnercenter.secrecy import Secret

Raw = Mapping[str, Any]
# The answer to creating a user repeats the password; it is never kept.
_PASSWORD = "passwordprofile"  # noqa: S105 - the name of a field


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user; ``state`` is ``active`` or ``inactive``, with ``deleted`` saying since when."""

    id: str
    principal_name: str
    first_name: str
    last_name: str
    display_name: str
    usage_location: str
    state: str
    deleted: datetime | None
    last_synchronized: datetime | None
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """A user to create; licences need ``usage_location``, a two-letter country."""

    principal_name: str
    first_name: str
    last_name: str
    display_name: str
    usage_location: str
    password: Secret = field(repr=False)
    change_password: bool = True

    def body(self) -> dict[str, Any]:
        """Return it as the wire has it."""
        return {
            "userPrincipalName": self.principal_name,
            "firstName": self.first_name,
            "lastName": self.last_name,
            "displayName": self.display_name,
            "usageLocation": self.usage_location,
            "passwordProfile": password_profile(self.password, change=self.change_password),
        }


@dataclass(frozen=True, slots=True)
class Role:
    """A directory role."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleMember:
    """A user who has a role."""

    id: str
    role_id: str
    principal_name: str
    display_name: str
    raw: Raw = field(repr=False)


def password_profile(password: Secret, *, change: bool) -> dict[str, Any]:
    """Return a password as the wire has it; it stays secret to whatever prints it."""
    return {"password": Secret(password), "forceChangePassword": change}


def read_user(row: object) -> User:
    """Return a user, without any password. Raises: MalformedAnswer without id."""
    fields = Fields(row)
    return User(
        id=required_guid(fields, "a user", "id"),
        principal_name=fields.text("userprincipalname"),
        first_name=fields.text("firstname"),
        last_name=fields.text("lastname"),
        display_name=fields.text("displayname"),
        usage_location=fields.text("usagelocation"),
        state=word(fields.text("state")),
        deleted=fields.moment("softdeletiontime"),
        last_synchronized=fields.moment("lastdirectorysynctime"),
        raw={key: value for key, value in fields.raw.items() if key.lower() != _PASSWORD},
    )


def read_role(row: object) -> Role:
    """Return a role. Raises: MalformedAnswer without id."""
    fields = Fields(row)
    return Role(id=required_guid(fields, "a role", "id"), name=fields.text("name"))


def read_role_member(row: object) -> RoleMember:
    """Return a member of a role. Raises: MalformedAnswer without id."""
    fields = Fields(row)
    return RoleMember(
        id=required_guid(fields, "a member", "id"),
        role_id=fields.text("roleid").lower(),
        principal_name=fields.text("userprincipalname"),
        display_name=fields.text("displayname"),
        raw=fields.raw,
    )
