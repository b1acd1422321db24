"""Bodies nobody meant to send are refused, never answered with a crash."""

import re
from typing import Any

import pytest

from partnercenter.simulator.routes import (
    addresses,
    agreements,
    customer_writes,
    domains,
    licences,
    roles,
    sandbox_resellers,
    users,
    vetting,
)
from tests.partnercenter.simulator.calls import Caller
from tests.partnercenter.simulator.sample_directories import PERSON
from tests.partnercenter.simulator.sample_worlds import customer_id

MODULES = (
    addresses,
    agreements,
    customer_writes,
    domains,
    licences,
    roles,
    sandbox_resellers,
    users,
    vetting,
)
WRITES = [
    (route.method, route.path)
    for module in MODULES
    for route in module.ROUTES
    if route.method in ("POST", "PATCH")
]
KEYS = [
    "country",
    "state",
    "city",
    "addressLine1",
    "addressLine2",
    "postalCode",
    "templateId",
    "type",
    "dateAgreed",
    "name",
    "domain",
    "primaryContact",
    "licensesToAssign",
    "licensesToRemove",
    "id",
    "mpnId",
    "tenant",
    "legalBusinessProfile",
    "usageLocation",
    "userPrincipalName",
    "firstName",
    "lastName",
    "displayName",
    "passwordProfile",
    "state",
    "qualification",
    "educationSegment",
    "validationCode",
    "website",
    "companyProfile",
    "billingProfile",
]
ODD: list[Any] = [None, 0, True, "", "x" * 300, "\ud83d", [], [[]], {}, {"name": []}]
ODD += [[{"skuId": 1, "excludedPlans": 1}], {"firstName": "A", "lastName": [], "email": {}}]


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_odd_bodies_are_refused_or_taken_but_never_crash(
    user: Caller, method: str, path: str
) -> None:
    person = user.post(f"/v1/customers/{customer_id(1)}/users", PERSON).json()["id"]
    known = {"customer": customer_id(1), "user": person}
    known |= {"role": "62e90394-69f5-4237-9190-012177145e10"}
    target = "/v1" + re.sub(r"\{(\w+)\}", lambda match: known[match.group(1)], path)
    bodies = [b"", b"{", b"[]", b"1", *(dict.fromkeys(KEYS, odd) for odd in ODD)]
    bodies += [{**PERSON, key: odd} for key in KEYS for odd in ODD]
    for body in bodies:
        assert user.send(method, target, body=body).status < 500, body
