"""Recordings of the partner programme: agreements, relationships, qualifications, MPN profiles."""

import copy
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.partnercenter.simulator.replay.stage import Stage, customer_in_path
from tests.partnercenter.simulator.sample_worlds import make_customer

_IDS = ("MS-RequestId", "MS-CorrelationId")


def stage_agreements(stage: Stage) -> None:
    if not stage.request["path"].startswith("/v1/customers"):
        return
    customer = make_customer(1, id=customer_in_path(stage), agreementAccepted=False)
    if stage.request["method"] == "GET":
        customer["agreements"] = copy.deepcopy(stage.body["items"])
    elif stage.recording["response"]["status"] == 400:
        customer["agreements"] = [copy.deepcopy(stage.request["body"])]
    stage.world["customers"] = [customer]


def stage_relationships(stage: Stage) -> None:
    name = stage.recording["name"]
    path = stage.request["path"]
    if name.startswith("verify-indirect-reseller-mpa-status"):
        stage_agreement_status(stage)
    elif name.startswith("delete-indirect-reseller"):
        stage.world["indirect_resellers"] = [{"id": path.rsplit("/", 1)[1], "mpnId": "7000002"}]
        # The page shows the ids of the call in its answer only.
        ids = {name: stage.recording["response"]["headers"][name] for name in _IDS}
        stage.prepare = lambda simulator, caller, headers: headers.update(ids)
    elif path.endswith("relationshiprequests"):
        # A sandbox cannot invite customers; the recordings come from a partner in production.
        stage.world["partner"] = {"sandbox": False}
    elif path.endswith("relationships"):
        reseller = dict(stage.body["items"][0])
        linked = {"id": customer_in_path(stage), "associatedPartnerId": reseller["mpnId"]}
        stage.world["customers"] = [make_customer(1, **linked)]
        stage.world["indirect_resellers"] = [reseller | {"state": "Active", "location": "US"}]
    elif "relationship_type" in path:
        stage.world["indirect_resellers"] = copy.deepcopy(stage.body["items"])
    elif stage.request["method"] == "PATCH":
        stage.world["customers"] = [make_customer(1, id=customer_in_path(stage))]


def stage_agreement_status(stage: Stage) -> None:
    query = parse_qs(urlsplit(stage.request["path"]).query)
    reseller: dict[str, Any] = {"id": "5e110000-0000-4000-8000-00000000000b", "mpnId": "7000002"}
    if stage.body["code"] == 2206:
        reseller |= {"id": query["tenantId"][0], "mpaSigned": False}
    elif stage.body["code"] == 2201:
        reseller |= {"mpnId": query["mpnid"][0], "location": "IN"}
    stage.world["indirect_resellers"] = [reseller]


def stage_qualifications(stage: Stage) -> None:
    customer = make_customer(1, id=customer_in_path(stage))
    if isinstance(stage.body, list):
        customer["qualifications"] = copy.deepcopy(stage.body)
    elif stage.recording["response"]["status"] == 200:
        customer["accountStatus"] = {
            key: value for key, value in stage.body.items() if key != "type"
        }
    stage.world["customers"] = [customer]


def stage_mpn_profile(stage: Stage) -> None:
    if stage.recording["response"]["status"] == 200:
        stage.world["partner"] = {"mpnId": stage.body["mpnId"]}


STAGES: dict[str, Callable[[Stage], None]] = {
    "agreements": stage_agreements,
    "relationships": stage_relationships,
    "qualifications": stage_qualifications,
    "mpn-profile": stage_mpn_profile,
}
DIFFERENCES: dict[str, dict[str, str]] = {}
