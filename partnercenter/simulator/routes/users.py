"""Users of a customer's directory: list, create, change, delete, restore."""

import re
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from partnercenter.simulator.directory import Directory, User, shown_user
from partnercenter.simulator.errors import Problem
from partnercenter.simulator.fields import fold, read_count, read_object, without_nulls
from partnercenter.simulator.filters import read_filter
from partnercenter.simulator.paging import Mark, Row, collection, cut_page, read_mark
from partnercenter.simulator.routes.customers import find_customer, require_delegated_access
from partnercenter.simulator.routing import Access, Route
from partnercenter.simulator.site import Call
from partnercenter.simulator.wire import PageMark, Response

_REQUIRED = ("usageLocation", "userPrincipalName", "firstName", "lastName", "displayName")
_CHANGEABLE = (*_REQUIRED, "immutableId")
_PRINCIPAL = re.compile(r"[^@\s]+@([^@\s]+)")
_SHORTEST_PASSWORD = 8


class _Rows:
    """Rows in memory, for the cutting of pages."""

    def __init__(self, rows: Sequence[Row | None]) -> None:
        self._rows = rows

    def page(self, offset: int, limit: int) -> Sequence[Row | None]:
        return self._rows[offset : offset + limit]


def open_directory(call: Call) -> Directory:
    """Return the directory of the customer in the path.

    Raises Problem 404/60003 for an unknown customer or a tenant that is not ready yet, and
    403/900308 without delegated access.
    """
    customer = find_customer(call)
    require_delegated_access(call, customer)
    site = call.site
    delay = timedelta(seconds=site.switches.new_tenant_seconds)
    if delay:
        for effect in site.ledger.find(kind="customer_created", subject=customer["id"]):
            if site.clock() < datetime.fromisoformat(effect.time) + delay:
                raise Problem(404, 60003, f"Tenant {customer['id']} was not found.")
    rows = site.subscriptions.of_customer(customer["id"])
    world = site.world.collection("subscriptions")
    found = (world.get(str(row["id"])) for row in rows)
    return Directory(
        customer,
        subscriptions=rows,
        original=[row for row in found if row is not None],
        changes=site.directories.of_customer(customer["id"]),
        now=site.clock(),
    )


def find_user(call: Call, directory: Directory, *, state: str = "active") -> User:
    """Return the user in the path. Raises Problem 404/60002 when there is none of this state."""
    user = directory.user(call.params["user"], state=state)
    if user is None:
        raise Problem(404, 60002, f"User {call.params['user'].strip()} was not found.")
    return user


def answer_page(call: Call, rows: Sequence[Row | None], *, path: str) -> Response:
    """Answer one page of rows by seek paging; without a size, all of them."""
    query = call.request.query
    size = read_count(query.get("size"), name="size", default=0)
    scope = f"{path} {query.get('filter', '')}"
    site = call.site
    mark = read_mark(
        call.request, site.continuation, scope=scope, size=size, size_given="size" in query
    )
    page = cut_page(_Rows(rows), mark, lambda row: row)
    links = {"self": call.link(f"{path}?{call.request.raw_query}".rstrip("?"))}
    uri = f"{path}?size={mark.size}&seekOperation=Next"
    filtered = re.search(r"(?i)(?:^|&)(filter=[^&]*)", call.request.raw_query)
    if filtered:
        uri += f"&{filtered.group(1)}"
    if page.next_position is not None:
        token = site.continuation.issue(Mark(page.next_position, mark.size), scope=scope)
        links["next"] = call.link(uri, token=token)
    here = site.continuation.issue(mark, scope=scope)
    start = site.continuation.issue(Mark(0, mark.size), scope=scope)
    return Response(
        body=collection(page.items, links), page=PageMark(uri=uri, here=here, start=start)
    )


def list_users(call: Call) -> Response:
    """Answer the active users or, by the filter for inactive ones, those deleted lately."""
    directory = open_directory(call)
    state = _read_state(call.request.query.get("filter"))
    rows = [user and _linked(call, user) for user in directory.users(state=state)]
    return answer_page(call, rows, path=f"/customers/{_customer_id(call)}/users")


def create_user(call: Call) -> Response:
    """Create a user and answer 200, as the live service does, with the password this once.

    Raises Problem 400/60000 for what is missing, a domain that is not the customer's or is
    federated, and a principal name that is taken.
    """
    directory = open_directory(call)
    body = without_nulls(read_object(call.request.json()))
    missing = [name for name in _REQUIRED if not body.get(name)]
    if missing:
        raise Problem(400, 60000, "Required properties are missing.", data=missing)
    password = _read_password(body)
    _check_principal(call, directory, str(body["userPrincipalName"]))
    user: User = {
        "usageLocation": body["usageLocation"],
        "id": str(uuid.uuid4()),
        **{name: body[name] for name in _CHANGEABLE[1:] if body.get(name)},
        "userDomainType": "none",
        "state": "active",
        "attributes": {"objectType": "CustomerUser"},
    }
    _record(call, "user_created", user)
    return Response(body=user | {"passwordProfile": password})


def get_user(call: Call) -> Response:
    """Answer an active user."""
    return Response(body=_linked(call, find_user(call, open_directory(call))))


def change_user(call: Call) -> Response:
    """Change the properties that are given, or bring back a deleted user by `state: active`.

    A restored user gets back the licences there are units left of.
    """
    directory = open_directory(call)
    body = without_nulls(read_object(call.request.json()))
    deleted = directory.user(call.params["user"], state="inactive")
    if deleted is not None and fold(body.get("state")) == "active":
        return _restore(call, directory, deleted)
    user = find_user(call, directory)
    if "state" in body and fold(body["state"]) != "active":
        raise Problem(400, 60000, "A user becomes inactive by being deleted.")
    before = str(user.get("userPrincipalName") or "")
    principal = str(body.get("userPrincipalName") or before)
    if principal.lower() != before.lower():
        _check_principal(call, directory, principal)
    changed = user | {name: body[name] for name in _CHANGEABLE if body.get(name)}
    _record(call, "user_changed", changed)
    return Response(body=_linked(call, changed))


def delete_user(call: Call) -> Response:
    """Delete a user, who can be restored for thirty days."""
    user = find_user(call, open_directory(call))
    now = call.site.clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    _record(call, "user_deleted", user | {"state": "inactive", "softDeletionTime": now})
    return Response(status=204)


def reset_password(call: Call) -> Response:
    """Give a user a new password, which the answer repeats this once."""
    user = find_user(call, open_directory(call))
    password = _read_password(without_nulls(read_object(call.request.json())))
    _record(call, "user_password_reset", user)
    return Response(body=_linked(call, user) | {"passwordProfile": password})


def _restore(call: Call, directory: Directory, user: User) -> Response:
    left = {sku["productSku"]["id"]: sku["availableUnits"] for sku in directory.skus()}
    lost = [sku for sku in directory.licences_of(user) if left.get(sku, 0) < 1]
    restored = {key: value for key, value in user.items() if key != "softDeletionTime"}
    restored["state"] = "active"
    _record(call, "user_restored", restored)
    if lost:
        call.record(
            "licences_changed", user["id"], customer=_customer_id(call), assigned={}, removed=lost
        )
    return Response(body=_linked(call, restored))


def _record(call: Call, kind: str, user: User) -> None:
    call.record(kind, user["id"], customer=_customer_id(call), user=user)


def _linked(call: Call, user: User) -> User:
    uri = f"/customers/{_customer_id(call)}/users/{user['id']}"
    shown = shown_user(user)
    attributes = shown.pop("attributes", None) or {"objectType": "CustomerUser"}
    return shown | {"links": {"self": call.link(uri)}, "attributes": attributes}


def _read_state(text: str | None) -> str:
    if not text:
        return "active"
    content = read_filter(text)
    # The page about deleted users calls the field UserState, the SDK UserStatus.
    known = fold(content.get("field")) in ("userstatus", "userstate")
    if not known or fold(content.get("operator")) != "equals":
        raise Problem(400, 800002, "Users can only be filtered by UserStatus equals Inactive.")
    if fold(content.get("value")) != "inactive":
        raise Problem(400, 800002, "Users can only be filtered by the status Inactive.")
    return "inactive"


def _read_password(body: dict[str, Any]) -> dict[str, Any]:
    profile = body.get("passwordProfile")
    password = profile.get("password") if isinstance(profile, dict) else None
    if not isinstance(password, str) or len(password) < _SHORTEST_PASSWORD:
        raise Problem(
            400, 60000, f"passwordProfile needs a password of {_SHORTEST_PASSWORD} characters."
        )
    forced = profile.get("forceChangePassword") is not False if profile else True
    return {"forceChangePassword": forced, "password": password}


def _check_principal(call: Call, directory: Directory, principal: str) -> None:
    customer = find_customer(call)
    own = {(customer.get("companyProfile") or {}).get("domain"), *customer.get("customDomains", ())}
    match = _PRINCIPAL.fullmatch(principal)
    domain = match.group(1).lower() if match else ""
    if domain not in {str(name).lower() for name in own if name}:
        raise Problem(400, 60000, "userPrincipalName must end with a domain of the customer.")
    if domain in {str(name).lower() for name in customer.get("federatedDomains", ())}:
        raise Problem(400, 60000, f"The domain {domain} is federated.")
    if any(directory.user(principal, state=state) for state in ("active", "inactive")):
        raise Problem(400, 60000, "Another user has this userPrincipalName.")


def _customer_id(call: Call) -> str:
    return str(find_customer(call)["id"])


_USERS = "/customers/{customer}/users"
ROUTES = [
    Route("GET", _USERS, list_users, Access.USER),
    Route("POST", _USERS, create_user, Access.USER),
    Route("GET", _USERS + "/{user}", get_user, Access.USER),
    Route("PATCH", _USERS + "/{user}", change_user, Access.USER),
    Route("DELETE", _USERS + "/{user}", delete_user, Access.USER),
    Route("PATCH", _USERS + "/{user}/resetpassword", reset_password, Access.USER),
]
