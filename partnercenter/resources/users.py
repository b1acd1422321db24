"""Users of a customer; all of it needs a signed-in user with delegated administration."""

import json
from collections.abc import Iterator, Mapping

from partnercenter.continuation import Continuation
from partnercenter.errors import InvalidRequest, MalformedAnswer
from partnercenter.paging import Listing, Page, read_pages
from partnercenter.resources.asking import ask, check_about, write, write_and_look
from partnercenter.resources.customers import customer_path
from partnercenter.schemas.fields import as_guid
from partnercenter.schemas.users import NewUser, User, password_profile, read_user
from partnercenter.secrecy import Secret
from partnercenter.transport import Transport

PAGE_SIZE = 500
_DELETED = json.dumps({"Field": "UserStatus", "Value": "Inactive", "Operator": "equals"})
_CHANGEABLE = {
    "principal_name": "userPrincipalName",
    "first_name": "firstName",
    "last_name": "lastName",
    "display_name": "displayName",
    "usage_location": "usageLocation",
}


class Users:
    """Users in customers' directories."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def pages(
        self, customer_id: str, size: int = PAGE_SIZE, after: Continuation | None = None
    ) -> Iterator[Page[User]]:
        """Yield a customer's users page by page; go on at ``after`` when it is given.

        Raises: PagingError rather than end early, CustomerNotFound, AppOnlyRefused.
        """
        listing = _listing(customer_id, {}, size)
        return read_pages(self._transport, listing, after=after)

    def list(self, customer_id: str, size: int = PAGE_SIZE) -> Iterator[User]:
        """Yield a customer's users. Raises: as ``pages``."""
        for page in self.pages(customer_id, size):
            yield from page.items

    def deleted(self, customer_id: str, size: int = PAGE_SIZE) -> Iterator[User]:
        """Yield users that were deleted and can be restored, for thirty days.

        Raises: PagingError when users come that are not deleted: the filter was not understood.
        """
        for page in read_pages(self._transport, _listing(customer_id, {"filter": _DELETED}, size)):
            yield from page.items

    def get(self, customer_id: str, user_id: str) -> User:
        """Return one user. Raises: NotFound, MixedUpAnswer."""
        return ask(
            self._transport,
            user_path(customer_id, user_id),
            read=lambda body: _read_one(body, user_id),
        )

    def create(self, customer_id: str, user: NewUser, *, request_id: str) -> User:
        """Create a user; the name's domain must not be federated.

        Not repeated by itself. Raises: CustomerNotFound, InvalidRequest, MixedUpAnswer.
        """

        def read(body: object) -> User:
            created = read_user(body)
            check_about(created.principal_name, user.principal_name, "user")
            return created

        return write(
            self._transport,
            "POST",
            customer_path(customer_id, "users"),
            request_id=request_id,
            body=user.body(),
            # Microsoft repeats the password in its answer.
            read=read,
            secret=True,
        )

    def update(
        self, customer_id: str, user_id: str, changes: Mapping[str, str], *, request_id: str
    ) -> User:
        """Change some of principal_name, first_name, last_name, display_name, usage_location.

        Raises: InvalidRequest for other names or none, NotFound, MixedUpAnswer.
        """
        if not changes or not changes.keys() <= _CHANGEABLE.keys():
            raise InvalidRequest("Of a user only names and the usage location can be changed.")
        body = {_CHANGEABLE[name]: value for name, value in changes.items()}
        return self._patch(customer_id, user_id, body, request_id)

    def reset_password(
        self, customer_id: str, user_id: str, password: Secret, *, change: bool, request_id: str
    ) -> User:
        """Give a user another password, to be changed at the next sign-in or not."""
        body = {"passwordProfile": password_profile(password, change=change)}
        return self._patch(customer_id, user_id, body, request_id, "resetpassword")

    def delete(self, customer_id: str, user_id: str, *, request_id: str) -> None:
        """Delete a user, who can be restored for thirty days. Raises: NotFound."""
        write_and_look(
            self._transport,
            "DELETE",
            user_path(customer_id, user_id),
            request_id=request_id,
            read=lambda _: None,
        )

    def restore(self, customer_id: str, user_id: str, *, request_id: str) -> User:
        """Make a deleted user active again. Raises: NotFound, MixedUpAnswer."""
        return self._patch(customer_id, user_id, {"state": "active"}, request_id)

    def _patch(
        self,
        customer_id: str,
        user_id: str,
        body: Mapping[str, object],
        request_id: str,
        *rest: str,
    ) -> User:
        return write(
            self._transport,
            "PATCH",
            user_path(customer_id, user_id, *rest),
            request_id=request_id,
            body=body,
            read=lambda answered: _read_one(answered, user_id),
            secret=True,
        )


def user_path(customer_id: str, user_id: str, *rest: str) -> str:
    """Return the path of a user, or below it. Raises: InvalidRequest when one is no GUID."""
    identity = as_guid(user_id)
    if identity is None:
        raise InvalidRequest("A user is named by an object id.")
    return customer_path(customer_id, "users", identity, *rest)


def _read_one(body: object, user_id: str) -> User:
    user = read_user(body)
    check_about(user.id, user_id, "user")
    return user


def _read_deleted(row: object) -> User:
    user = read_user(row)
    if user.state != "inactive":
        raise MalformedAnswer("A user who is not deleted is among the deleted.")
    return user


def _listing(customer_id: str, params: Mapping[str, str], size: int) -> Listing[User]:
    if size < 1:
        raise InvalidRequest("A page has at least one user.")
    return Listing(
        path=customer_path(customer_id, "users"),
        params=params,
        size=size,
        read=_read_deleted if params else read_user,
        identity=lambda user: user.id,
    )
