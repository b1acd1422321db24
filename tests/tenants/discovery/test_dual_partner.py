"""A partner with two roles sees no customer twice (IND-10).

Its list has a customer once for each relationship. That is one tenant; the same relationship twice
still is a list that shifted while it was read.
"""

import json
from typing import Any

import pytest

from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from tests.tenants.simulated import PartnerCenterInProcess, customer
from tests.tenants.steps import discovered, tenants

OTHER = "advisor"
TOKEN = "c2Vjb25kLXBhZ2U="


def answers(path: str, rows: list[dict[str, Any]], *, leads_on: bool = False) -> dict[str, Any]:
    """Return the fault that answers a list with these rows."""
    body: dict[str, Any] = {"totalCount": len(rows), "items": rows}
    if leads_on:
        header = {"key": "MS-ContinuationToken", "value": TOKEN}
        body["links"] = {"next": {"uri": "/v1/customers?size=500", "headers": [header]}}
        body["continuationToken"] = TOKEN
    return {
        "path": path,
        "every": 1,
        "action": "status",
        "status": 200,
        "body": json.dumps(body),
        "headers": {"Content-Type": "application/json"},
    }


def both_ways(number: int) -> list[dict[str, Any]]:
    return [customer(number), customer(number, relationshipToPartner=OTHER)]


def test_a_customer_with_two_relationships_on_one_page_is_one_tenant(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.fail(answers("^/v1/customers", [*both_ways(1), customer(2)]))
    connection = partner.connect(reseller)
    run = discovered(connection)
    assert (run.job.state, run.found, run.created) == (Job.State.DONE, 2, 2)
    assert len(tenants(connection)) == 2
    again = discovered(connection)
    assert (again.found, again.created, again.missing) == (2, 0, 0)


def test_on_two_pages_as_well(partner: PartnerCenterInProcess, reseller: Reseller) -> None:
    first, second = both_ways(1)
    partner.fail(
        answers("^/v1/customers.*seekOperation", [second, customer(3)]),
        answers("^/v1/customers", [first, customer(2)], leads_on=True),
    )
    connection = partner.connect(reseller)
    run = discovered(connection)
    assert (run.job.state, run.pages, run.found, run.created) == (Job.State.DONE, 2, 3, 3)
    assert len(tenants(connection)) == 3


@pytest.mark.parametrize("pages", [1, 2])
def test_the_same_relationship_twice_is_no_whole_list(
    partner: PartnerCenterInProcess, reseller: Reseller, pages: int
) -> None:
    if pages == 1:
        partner.fail(answers("^/v1/customers", [customer(1), customer(1)]))
    else:
        partner.fail(
            answers("^/v1/customers.*seekOperation", [customer(1)]),
            answers("^/v1/customers", [customer(1), customer(2)], leads_on=True),
        )
    run = discovered(partner.connect(reseller))
    assert run.completed_at is None
    assert run.job.state != Job.State.DONE
