"""Recordings of customers, their domains and profiles."""

import copy
import json
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from tests.partnercenter.simulator.replay.stage import Stage, customer_in_path
from tests.partnercenter.simulator.sample_worlds import make_customer


def stage_customers(stage: Stage) -> None:
    name = stage.recording["name"]
    if name.startswith("create"):
        stage.world["customers"] = []
    elif isinstance(stage.body, dict) and "items" in stage.body:
        stage.world["customers"] = copy.deepcopy(stage.body["items"])
        filter_text = parse_qs(urlsplit(stage.request["path"]).query).get("filter")
        if filter_text:
            reseller = json.loads(filter_text[0])["Value"]
            stage.world["indirect_resellers"] = [{"id": reseller, "mpnId": "7000002"}]
            for customer in stage.world["customers"]:
                customer["associatedPartnerId"] = "7000002"
    elif isinstance(stage.body, dict):
        stage.world["customers"] = [stage.body]
    else:
        customer = make_customer(1, id=customer_in_path(stage))
        address = {"country": "US", "state": "WA", "city": "Redmond", "postalCode": "98052"}
        customer["billingProfile"]["defaultAddress"] = address | {"addressLine1": "1 Dock Street"}
        if name.startswith("get-customer-custom-domain"):
            customer["customDomains"] = stage.body
        stage.world["customers"] = [customer]


def stage_domains(stage: Stage) -> None:
    domain = stage.request["path"].rsplit("/", 1)[1]
    stage.world["customers"] = [make_customer(1, companyProfile={"domain": domain})]


def stage_profiles(stage: Stage) -> None:
    path = stage.request["path"]
    if not path.startswith("/v1/customers"):
        return
    customer = make_customer(1, id=customer_in_path(stage))
    part = "companyProfile" if path.endswith("company") else "billingProfile"
    customer[part] = copy.deepcopy(stage.body)
    stage.world["customers"] = [customer]
    if stage.request["method"] == "PUT":
        # The page shows no If-Match, which the same page says is required.
        etag = stage.body["attributes"]["etag"]
        stage.prepare = lambda simulator, caller, headers: headers.update({"If-Match": f'"{etag}"'})


STAGES: dict[str, Callable[[Stage], None]] = {
    "customers": stage_customers,
    "domains": stage_domains,
    "profiles": stage_profiles,
}
DIFFERENCES = {
    # The file is the body of a create filed under a read; a read shows no password (rule 23).
    "spring-customer-customer": {"userCredentials": "-"},
}
