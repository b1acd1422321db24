"""Recordings of users, roles, licences and their use."""

import copy
from collections.abc import Callable
from typing import Any

from tests.partnercenter.simulator.replay.stage import Stage, customer_in_path
from tests.partnercenter.simulator.sample_worlds import make_customer

DOMAIN = "example.onmicrosoft.com"
# Deleted users of the recordings are of 2017; what is kept for thirty days is dated later.
DELETED = "2026-11-20T00:33:34Z"


def stage_directory(stage: Stage) -> None:
    path = stage.request["path"]
    if "/analytics/" in path:
        stage_analytics(stage)
        return
    customer = make_customer(1, id=customer_in_path(stage))
    customer["companyProfile"]["domain"] = DOMAIN
    if "subscribedskus" in path:
        customer["subscribedSkus"] = copy.deepcopy(stage.body["items"])
    elif "/licenses" in path:
        skus = [sku_of(item) for item in stage.body["items"]]
        customer["subscribedSkus"] = skus
        licenses = [sku["productSku"]["id"] for sku in skus]
        customer["users"] = [make_user(user_in_path(path), licenses=licenses)]
    elif "directoryroles" in path:
        stage_roles(stage, customer)
    elif stage.request["method"] == "POST":
        customer["users"] = []
    else:
        stage_users(stage, customer)
    stage.world["customers"] = [customer]


def stage_users(stage: Stage, customer: dict[str, Any]) -> None:
    body = stage.body
    if isinstance(body, dict) and "items" in body:
        customer["users"] = copy.deepcopy(body["items"])
        for user in customer["users"]:
            if "softDeletionTime" in user:
                user["softDeletionTime"] = DELETED
    elif stage.recording["name"].startswith("restore"):
        deleted = {"state": "inactive", "softDeletionTime": DELETED}
        customer["users"] = [{**copy.deepcopy(body), **deleted}]
    else:
        customer["users"] = [make_user(user_in_path(stage.request["path"]))]


def stage_roles(stage: Stage, customer: dict[str, Any]) -> None:
    path, body = stage.request["path"], stage.body
    user_id = user_in_path(path)
    if stage.request["method"] == "DELETE":
        role = path.split("/directoryroles/")[1].split("/")[0]
        customer["users"] = [make_user(user_id, roles=[role])]
    elif "/users/" in path:
        customer["users"] = [make_user(user_id, roles=[item["id"] for item in body["items"]])]
    elif stage.request["method"] == "POST":
        customer["users"] = [make_user(body["id"])]
    elif path.endswith("usermembers"):
        members = [make_user(item["id"], roles=[item["roleId"]]) for item in body["items"]]
        customer["users"] = members


def stage_analytics(stage: Stage) -> None:
    names = ["Dynamics 365 Sales", "Exchange Online (Plan 1)", "Microsoft 365 Business Basic"]
    if stage.request["path"].startswith("/v1/customers"):
        identity = customer_in_path(stage)
        stage.world["customers"] = [make_customer(1, id=identity)]
        # The recorded products are all of one service.
        del names[0]
    else:
        identity = "c0000000-0000-4000-8000-000000000001"
    stage.world["subscriptions"] = [
        {
            "id": f"50000000-0000-4000-8000-{number:012d}",
            "offerName": name,
            "quantity": 5,
            "billingType": "license",
            "status": "active",
            "links": {"self": {"uri": f"/customers/{identity}/subscriptions/{number}"}},
        }
        for number, name in enumerate(names)
    ]


def make_user(user_id: str, **marks: Any) -> dict[str, Any]:
    return {
        "usageLocation": "US",
        "id": user_id,
        "userPrincipalName": f"user1@{DOMAIN}",
        "firstName": "First",
        "lastName": "Last",
        "displayName": "First Last",
        "userDomainType": "none",
        "state": "active",
        "attributes": {"objectType": "CustomerUser"},
        **marks,
    }


def sku_of(licence: dict[str, Any]) -> dict[str, Any]:
    return {
        "totalUnits": 5,
        "activeUnits": 5,
        "availableUnits": 4,
        "consumedUnits": 1,
        "suspendedUnits": 0,
        "warningUnits": 0,
        "productSku": licence["productSku"] | {"targetType": "User"},
        "servicePlans": licence["servicePlans"],
        "capabilityStatus": "Enabled",
        "attributes": {"objectType": "SubscribedSku"},
    }


def user_in_path(path: str) -> str:
    parts = path.partition("?")[0].replace("%20", "").split("/")
    for name in ("users", "usermembers"):
        if name in parts[:-1]:
            return parts[parts.index(name) + 1]
    return ""


STAGES: dict[str, Callable[[Stage], None]] = {"users-licenses": stage_directory}
DIFFERENCES = {
    # Properties that are null are left out (rule 11), as they are in the other recordings of users.
    "create-user-accounts-for-a-customer-1": {
        "lastDirectorySyncTime": "-",
        "softDeletionTime": "-",
    },
    "reset-user-password-for-a-customer-1": {
        "lastDirectorySyncTime": "-",
        "softDeletionTime": "-",
    },
}
