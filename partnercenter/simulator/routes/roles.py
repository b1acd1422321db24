"""Directory roles and who has them."""

from typing import Any

from partnercenter.simulator.directory import ROLES, Directory, User
from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import read_object
from partnercenter.simulator.paging import collection
from partnercenter.simulator.routes.customers import find_customer
from partnercenter.simulator.routes.users import answer_page, find_user, open_directory
from partnercenter.simulator.routing import Access, Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.wire import Response


def list_roles(call: Call) -> Response:
    """Answer the roles a customer's directory has."""
    open_directory(call)
    return Response(body=collection([_role(role) for role in ROLES]))


def list_roles_of_user(call: Call) -> Response:
    """Answer the roles of a user."""
    directory = open_directory(call)
    roles = directory.roles_of(find_user(call, directory))
    return Response(body=collection([_role(role) for role in roles]))


def list_members(call: Call) -> Response:
    """Answer the users who have a role, page by page."""
    directory, role = open_directory(call), _find_role(call)
    rows = [
        _member(user, role) if user and role in directory.roles_of(user) else None
        for user in directory.users(state="active")
    ]
    path = f"/customers/{find_customer(call)['id']}/directoryroles/{role}/usermembers"
    return answer_page(call, rows, path=path)


def add_member(call: Call) -> Response:
    """Give a user a role; one who has it already keeps it.

    Raises Problem 404/60002 for an unknown user.
    """
    directory, role = open_directory(call), _find_role(call)
    user = directory.user(str(read_object(call.request.json()).get("id") or ""))
    if user is None:
        raise Problem(404, 60002, "The user was not found.")
    _record(call, "role_member_added", user, role)
    return Response(status=201, body=_member(user, role))


def remove_member(call: Call) -> Response:
    """Take a role from a user. Raises Problem 404/60002 for a user who does not have it."""
    directory, role = open_directory(call), _find_role(call)
    user = _holder(call, directory, role)
    _record(call, "role_member_removed", user, role)
    return Response(status=204)


def _holder(call: Call, directory: Directory, role: str) -> User:
    user = find_user(call, directory)
    if role not in directory.roles_of(user):
        raise Problem(404, 60002, f"User {user['id']} does not have this role.")
    return user


def _find_role(call: Call) -> str:
    role = call.params["role"].lower()
    if role not in ROLES:
        raise Problem(404, 1000, f"There is no directory role {role}.")
    return role


def _record(call: Call, kind: str, user: User, role: str) -> None:
    call.record(kind, user["id"], customer=find_customer(call)["id"], role=role)


def _role(role: str) -> dict[str, Any]:
    return {"name": ROLES[role], "id": role, "attributes": {"objectType": "DirectoryRole"}}


def _member(user: User, role: str) -> dict[str, Any]:
    return {
        "displayName": user.get("displayName"),
        "userPrincipalName": user.get("userPrincipalName"),
        "roleId": role,
        "id": user["id"],
        "attributes": {"objectType": "UserMember"},
    }


_CUSTOMER = "/customers/{customer}"
_MEMBERS = _CUSTOMER + "/directoryroles/{role}/usermembers"
ROUTES = [
    Route("GET", f"{_CUSTOMER}/directoryroles", list_roles, Access.USER),
    Route("GET", _MEMBERS, list_members, Access.USER),
    Route("POST", _MEMBERS, add_member, Access.USER),
    Route("DELETE", _MEMBERS + "/{user}", remove_member, Access.USER),
    Route("GET", _CUSTOMER + "/users/{user}/directoryroles", list_roles_of_user, Access.USER),
]
