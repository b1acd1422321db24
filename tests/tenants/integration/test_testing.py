"""The scripted run: what each step sees, and that one that fails stops only those that need it."""

from portal.core.access import Role
from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from tests.factories.core import make_person
from tests.tenants.integration.accounts import (
    Account,
    effects,
    run_through,
    seen,
    steps,
)


def test_run_reads_the_account_and_adds_up_its_newest_invoice(
    account: Account, reseller: Reseller
) -> None:
    test = run_through(account.connect(reseller))
    assert test.job.state == Job.State.DONE, test.job.error
    rows = steps(test)
    told = {name: (row.state, row.reason, row.seen) for name, row in rows.items()}
    assert {name: row.state for name, row in rows.items()} == {
        "application": "passed",
        "person": "skipped",
        "customers": "passed",
        "subscriptions": "passed",
        "invoices": "passed",
        "totals": "passed",
        "webhook": "skipped",
        "sandbox": "skipped",
    }, told
    assert seen(rows["customers"])["Customers"] == 6
    totals = seen(rows["totals"])
    assert totals["Sum of lines"] == totals["Total of header"]
    assert totals["Lines"] > 0
    assert (test.passed, test.failed, test.skipped) == (5, 0, 3)
    assert all(row.seconds is not None for row in rows.values())
    assert all(row.correlation_id for row in rows.values())


def test_sandbox_customer_is_made_and_deleted(account: Account, reseller: Reseller) -> None:
    account.opens(customers=3, sandbox=True)
    admin = make_person(reseller, Role.ADMIN)
    test = run_through(account.connect(reseller), actor=admin.actor, is_sandbox=True)
    row = steps(test)["sandbox"]
    assert row.state == "passed", (row.reason, row.advice)
    made = effects(account, "customer_created")
    assert len(made) == 1
    assert effects(account, "customer_deleted") == made
    assert seen(row)["Customer made and deleted"] == made[0]
