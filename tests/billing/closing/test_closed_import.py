"""An import that would change a closed month ends with what a person has to decide."""

from datetime import date

import pytest
from django.db import transaction

from billing.closing.operations import close_month, reopen_month
from billing.invoices.models import Invoice
from billing.invoices.operations import import_invoices
from portal.core.access import acting
from portal.core.jobs.models import Job
from tenants.connections.models import Connection
from tests.billing.conftest import Show, carry_out
from tests.billing.worlds import line
from tests.factories.core import Person

pytestmark = pytest.mark.django_db(transaction=True)
SEPTEMBER = date(2026, 9, 1)


def run(person: Person, source: Connection) -> Job:
    with acting(person.actor):
        job = import_invoices(source, actor=person.actor, month=SEPTEMBER)
    return carry_out(person, job)


def versions(person: Person) -> list[tuple[int, str]]:
    with acting(person.actor), transaction.atomic():
        return list(Invoice.objects.order_by("version").values_list("version", "state"))


def test_a_correction_of_a_closed_month_waits_for_a_person(
    show: Show, source: Connection, admin: Person
) -> None:
    show({"G1": [line(1, subtotal="10.00")]})
    assert run(admin, source).state == Job.State.DONE
    with acting(admin.actor):
        close_month(SEPTEMBER, actor=admin.actor, accept_unassigned=True, reason="Goodwill")
    unchanged = run(admin, source)
    assert (unchanged.state, unchanged.result) == (Job.State.DONE, {"unchanged": 1})
    show({"G1": [line(1, subtotal="12.00")], "G2": [line(2, subtotal="5.00")]})
    refused = run(admin, source)
    assert refused.state == Job.State.FAILED
    assert "Invoice G1 belongs to September 2026, which is closed" in refused.error
    assert "Invoice G2 belongs to September 2026, which is closed" in refused.error
    assert versions(admin) == [(1, "published")]
    with acting(admin.actor):
        reopen_month(SEPTEMBER, actor=admin.actor, reason="Microsoft's correction")
    taken = run(admin, source)
    assert (taken.state, taken.result) == (Job.State.DONE, {"new_versions": 1, "imported": 1})
    with acting(admin.actor):
        closing = close_month(
            SEPTEMBER, actor=admin.actor, accept_unassigned=True, reason="Goodwill"
        )
    assert closing.version == 2
    assert closing.figures[0].invoice_total == 17
