"""Recordings of users, roles, licences, qualifications and usage."""

from decimal import Decimal
from typing import Any

from partnercenter import errors
from partnercenter.client import PartnerCenter
from partnercenter.schemas.users import NewUser, User
from partnercenter.secrecy import Secret
from tests.partnercenter.fake_service import REQUEST_ID
from tests.partnercenter.recorded_calls.calling import Routes, send

AREAS = ("users-licenses", "qualifications", "usage")

REFUSED: dict[str, type[errors.PartnerCenterError]] = {
    "validation-status-not-found-600074": errors.NotVetted,
    # The ids in their addresses are placeholders, so the answers are about somebody else.
    "get-a-customer-usage-summary-1": errors.MixedUpAnswer,
    "get-a-customer-usage-summary-2": errors.MixedUpAnswer,
    "get-a-customer-subscription-usage-summary-1": errors.MixedUpAnswer,
}

_CUSTOMER = r"/v1/customers/(?P<customer>[^/]+)"
_USER = _CUSTOMER + r"/users/(?P<user>[^/]+)"
_ROLE = _CUSTOMER + r"/directoryroles/(?P<role>[^/]+)"
_SUBSCRIPTION = _CUSTOMER + r"/subscriptions/(?P<id>[^/]+)"


def _users(client: PartnerCenter, request: dict[str, Any], match: Any) -> Any:
    ask = client.users.deleted if "Inactive" in request["path"] else client.users.list
    return list(ask(match["customer"]))


def _create_user(client: PartnerCenter, request: dict[str, Any], match: Any) -> Any:
    body = request["body"]
    user = NewUser(
        principal_name=body["userPrincipalName"],
        first_name=body["firstName"],
        last_name=body["lastName"],
        display_name=body["displayName"],
        usage_location=body["usageLocation"],
        password=Secret("Pa55word"),
    )
    return client.users.create(match["customer"], user, request_id=REQUEST_ID)


def _change_user(client: PartnerCenter, request: dict[str, Any], match: Any) -> Any:
    customer, user = match["customer"], match["user"]
    if "State" in request["body"]:
        return client.users.restore(customer, user, request_id=REQUEST_ID)
    changes = {"usage_location": request["body"]["usageLocation"]}
    return client.users.update(customer, user, changes, request_id=REQUEST_ID)


def _add_member(client: PartnerCenter, request: dict[str, Any], match: Any) -> Any:
    body = {key.lower(): value for key, value in request["body"].items()}
    user = User(
        id=body["id"],
        principal_name=body["userprincipalname"],
        display_name=body["displayname"],
        first_name="",
        last_name="",
        usage_location="",
        state="active",
        deleted=None,
        last_synchronized=None,
        raw={},
    )
    return client.roles.add(match["customer"], match["role"], user, request_id=REQUEST_ID)


def _ask_for_education(client: PartnerCenter, request: dict[str, Any], match: Any) -> Any:
    body = request["body"]
    return client.qualifications.ask_for_education(
        match["customer"],
        body["educationSegment"],
        website=body["website"],
        request_id=REQUEST_ID,
    )


def _set_budget(client: PartnerCenter, request: dict[str, Any], match: Any) -> Any:
    amount = Decimal(request["body"]["amount"])
    return client.usage.set_budget(match["customer"], amount, request_id=REQUEST_ID)


ROUTES: Routes = [
    (f"GET {_CUSTOMER}/users", _users),
    (f"POST {_CUSTOMER}/users", _create_user),
    (f"GET {_USER}", lambda client, _, match: client.users.get(match["customer"], match["user"])),
    (f"PATCH {_USER}", _change_user),
    (
        f"PATCH {_USER}/resetpassword",
        lambda client, _, match: client.users.reset_password(
            match["customer"],
            match["user"],
            Secret("Pa55word"),
            change=True,
            request_id=REQUEST_ID,
        ),
    ),
    (
        f"DELETE {_USER}",
        lambda client, _, match: client.users.delete(
            match["customer"], match["user"], request_id=REQUEST_ID
        ),
    ),
    (
        f"GET {_USER}/directoryroles",
        lambda client, _, match: client.roles.of_user(match["customer"], match["user"]),
    ),
    (
        f"GET {_USER}/licenses",
        lambda client, _, match: client.licences.of_user(match["customer"], match["user"]),
    ),
    (
        f"GET {_CUSTOMER}/directoryroles",
        lambda client, _, match: client.roles.list(match["customer"]),
    ),
    (
        f"GET {_ROLE}/usermembers",
        lambda client, _, match: list(client.roles.members(match["customer"], match["role"])),
    ),
    (f"POST {_ROLE}/usermembers", _add_member),
    (
        f"DELETE {_ROLE}/usermembers/(?P<user>[0-9a-f-]+)(?:%20)?",
        lambda client, _, match: client.roles.remove(
            match["customer"], match["role"], match["user"], request_id=REQUEST_ID
        ),
    ),
    (
        f"GET {_CUSTOMER}/subscribedskus",
        lambda client, _, match: client.licences.subscribed(match["customer"]),
    ),
    (
        f"GET {_CUSTOMER}/qualifications",
        lambda client, _, match: client.qualifications.list(match["customer"]),
    ),
    (f"POST {_CUSTOMER}/qualifications", _ask_for_education),
    (r"GET /v1/customers/usagerecords", lambda client, _, match: client.usage.customers()),
    (
        f"GET {_CUSTOMER}/usagesummary",
        lambda client, _, match: client.usage.customer(match["customer"]),
    ),
    (
        f"GET {_CUSTOMER}/subscriptions/usagerecords",
        lambda client, _, match: client.usage.subscriptions(match["customer"]),
    ),
    (
        f"GET {_SUBSCRIPTION}/usagesummary",
        lambda client, _, match: client.usage.subscription(match["customer"], match["id"]),
    ),
    (
        f"GET {_SUBSCRIPTION}/usagerecords/resources",
        lambda client, _, match: client.usage.resources(match["customer"], match["id"]),
    ),
    (
        f"GET {_CUSTOMER}/usagebudget",
        lambda client, _, match: client.usage.budget(match["customer"]),
    ),
    (f"PATCH {_CUSTOMER}/usagebudget", _set_budget),
    # Without methods of their own: insights, utilizations, meters, entitlements, rate cards.
    (
        f"GET (?:{_CUSTOMER}|/v1)/"
        "(?:analytics|artifacts|entitlements|ratecards|validationStatus).*",
        send(lambda body: body),
    ),
    (f"GET {_SUBSCRIPTION}/(?:utilizations/azure|meterusagerecords)", send(lambda body: body)),
]
