"""Directory roles of a customer and who has them; needs a signed-in user."""

from collections.abc import Iterator

from partnercenter.errors import CustomerNotFound, InvalidRequest, MixedUpAnswer
from partnercenter.paging import Listing, read_pages
from partnercenter.resources.asking import ask, check_about, whole, write, write_and_look
from partnercenter.resources.customers import customer_path
from partnercenter.resources.users import user_path
from partnercenter.schemas.fields import as_guid
from partnercenter.schemas.users import Role, RoleMember, User, read_role, read_role_member
from partnercenter.transport import Transport

COMPANY_ADMINISTRATOR = "62e90394-69f5-4237-9190-012177145e10"
PAGE_SIZE = 500


class Roles:
    """Roles in customers' directories."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def list(self, customer_id: str) -> tuple[Role, ...]:
        """Return the roles of a customer's directory. Raises: CustomerNotFound, AppOnlyRefused."""
        return ask(
            self._transport,
            customer_path(customer_id, "directoryroles"),
            read=_read_roles,
            missing=CustomerNotFound,
        )

    def of_user(self, customer_id: str, user_id: str) -> tuple[Role, ...]:
        """Return the roles a user has. Raises: NotFound."""
        path = user_path(customer_id, user_id, "directoryroles")
        return ask(self._transport, path, read=_read_roles)

    def members(self, customer_id: str, role_id: str) -> Iterator[RoleMember]:
        """Yield who has a role. Raises: PagingError rather than end early, NotFound."""

        def read(row: object) -> RoleMember:
            member = read_role_member(row)
            check_about(member.role_id, role_id, "role")
            return member

        listing = Listing(
            path=_members_path(customer_id, role_id),
            params={},
            size=PAGE_SIZE,
            read=read,
            identity=lambda member: member.id,
        )
        for page in read_pages(self._transport, listing):
            yield from page.items

    def add(self, customer_id: str, role_id: str, user: User, *, request_id: str) -> RoleMember:
        """Give a user a role. Raises: NotFound, MixedUpAnswer."""

        def read(body: object) -> RoleMember:
            member = read_role_member(body)
            check_about(member.role_id, role_id, "role")
            if member.id != user.id:
                raise MixedUpAnswer("The answer is about another user.")
            return member

        return write(
            self._transport,
            "POST",
            _members_path(customer_id, role_id),
            request_id=request_id,
            body={
                "id": user.id,
                "displayName": user.display_name,
                "userPrincipalName": user.principal_name,
            },
            read=read,
        )

    def remove(self, customer_id: str, role_id: str, user_id: str, *, request_id: str) -> None:
        """Take a role from a user. Raises: NotFound."""
        write_and_look(
            self._transport,
            "DELETE",
            _members_path(customer_id, role_id, _guid(user_id)),
            request_id=request_id,
            read=lambda _: None,
        )


def _members_path(customer_id: str, role_id: str, *rest: str) -> str:
    return customer_path(customer_id, "directoryroles", _guid(role_id), "usermembers", *rest)


def _guid(value: str) -> str:
    identity = as_guid(value)
    if identity is None:
        raise InvalidRequest("Roles and users are named by object ids.")
    return identity


def _read_roles(body: object) -> tuple[Role, ...]:
    return whole(body, read=read_role, identity=lambda role: role.id)
