"""What is not billed yet, as people and programs see it: the alert, its list and its numbers."""

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone

import organizations.tasks
from billing.invoices.operations import import_invoices
from organizations.alert.models import Condition
from portal.core.access import Role, acting, system_actor
from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from portal.core.jobs.worker import run_job
from tenants.connections.models import Connection
from tenants.discovery.models import Tenant
from tests.billing.conftest import Show
from tests.billing.ownership import link
from tests.billing.unbilled.worlds import ask, carry_out
from tests.billing.unbilled.worlds import show as show_unbilled
from tests.billing.worlds import Center, customer, line
from tests.factories.billing import Charge, make_invoice
from tests.factories.core import Person, make_person, make_reseller
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_connection, make_tenant

assert organizations.tasks

pytestmark = pytest.mark.django_db(transaction=True)
ALERT = "/api/v1/alerts/unlinked-tenants/"


@pytest.fixture
def operator(reseller: Reseller) -> Person:
    return make_person(reseller, Role.OPERATOR, name="Olga")


@pytest.fixture
def tenants(source: Connection) -> list[Tenant]:
    return [
        make_tenant(source, name=f"Tenant {number}", microsoft_id=UUID(customer(number)))
        for number in (1, 2, 3)
    ]


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def read(source: Connection, center: Center, folder: Path, rows: list[dict[str, Any]]) -> None:
    """Let Partner Center have these lines and read them, as the night does."""
    show_unbilled(center, folder, rows)
    job = carry_out(ask(source))
    assert (job.state, job.error) == (Job.State.DONE, "")


def said(person: Person) -> Any:
    """Return the unbilled amounts as the API says them."""
    return person.api().get(ALERT).json()["unbilled"]


def euros(amount: str) -> list[dict[str, str]]:
    return [{"currency": "EUR", "amount": f"{Decimal(amount):.6f}"}]


def test_amounts_stand_beside_each_other_per_currency(
    center: Center,
    source: Connection,
    tenants: list[Tenant],
    operator: Person,
    tmp_path: Path,
) -> None:
    for currency in ("EUR", "NOK"):
        make_invoice(source, [Charge(None, Decimal(1))], currency=currency)
    rows = [
        line(1, subtotal="60.25"),
        line(2, subtotal="38.15", customerId=customer(2)),
        line(3, subtotal="1234.50", customerId=customer(3), currency="NOK"),
    ]
    read(source, center, tmp_path, rows)
    assert said(operator) == [
        {"currency": "EUR", "amount": "98.400000"},
        {"currency": "NOK", "amount": "1234.500000"},
    ]
    browser = operator.client()
    assert "€98.40 and NOK1,234.50 unbilled" in text_of(browser.get("/").text)
    listed = text_of(browser.get("/alerts/").text)
    # The only amount in its currency is the sum above the list, too.
    for amount, times in (("€60.25", 1), ("€38.15", 1), ("NOK1,234.50", 2)):
        assert listed.count(amount) == times, amount
    assert listed.count("as of") == 3, "each figure has its date"
    rows = operator.api().get("/api/v1/alerts/conditions/?ordering=-unbilled_amount").json()
    assert [
        (row["label"], row["unbilled_amount"], row["unbilled_currency"]) for row in rows["results"]
    ] == [
        ("Tenant 3", "1234.500000", "NOK"),
        ("Tenant 1", "60.250000", "EUR"),
        ("Tenant 2", "38.150000", "EUR"),
    ]


def test_customers_and_other_resellers_see_none_of_it(
    center: Center,
    reseller: Reseller,
    source: Connection,
    tenants: list[Tenant],
    admin: Person,
    tmp_path: Path,
) -> None:
    organization = make_organization(reseller, name="Sail and Rope")
    link(tenants[0], organization, admin)
    read(
        source,
        center,
        tmp_path,
        [line(1, subtotal="777.77"), line(2, subtotal="888.88", customerId=customer(2))],
    )
    for role in (Role.CUSTOMER_ADMIN, Role.CUSTOMER_VIEWER):
        person = make_person(reseller, role, organization_id=organization.pk)
        browser, program = person.client(), person.api()
        seen = ["/", "/tenants/", f"/tenants/{tenants[0].pk}/"]
        for path in seen:
            answer = browser.get(path)
            assert answer.status_code == 200, path
            assert "77.77" not in answer.text and "88.88" not in answer.text, path
            assert "unbilled" not in answer.text.lower(), path
        asked = program.get(f"/api/v1/tenants/{tenants[0].pk}/")
        assert asked.status_code == 200
        assert "777.77" not in asked.text and "unbilled" not in asked.text
        assert browser.get("/alerts/").status_code == 403
        assert program.get(ALERT).status_code == 403
        assert program.get("/api/v1/alerts/conditions/").status_code == 403
    other = make_reseller(name="Elsewhere")
    make_tenant(make_connection(other), name="Theirs")
    stranger = make_person(other, Role.ADMIN)
    assert said(stranger) == []
    assert "88.88" not in stranger.client().get("/").text
    assert said(admin) == euros("888.88"), "and what is linked belongs to somebody"


def test_nothing_counts_twice(
    center: Center,
    reseller: Reseller,
    source: Connection,
    tenants: list[Tenant],
    admin: Person,
    tmp_path: Path,
) -> None:
    rows = [line(1, subtotal="10"), line(2, subtotal="5"), line(3, customerId=customer(2))]
    for _ in range(2):
        read(source, center, tmp_path, rows)
        assert said(admin) == euros("25"), "a second reading replaces the first"
    browser = admin.client()
    with acting(system_actor(source.reseller_id, "tests")), transaction.atomic():
        one = Condition.objects.get(tenant=tenants[1])
    until = (timezone.now() + timedelta(days=9)).date().isoformat()
    browser.post(
        "/alerts/acknowledge/", {"selected": one.pk, "sure": "1", "until": until, "reason": "known"}
    )
    assert "€15.00 unbilled" in text_of(browser.get("/").text), "what may wait is not in the line"
    link(tenants[1], make_organization(reseller, name="Known"), admin)
    assert said(admin) == euros("15")
    assert "€15.00 unbilled" in text_of(browser.get("/").text), "and is not taken off twice"


def test_what_an_invoice_brought_is_read_again(
    source: Connection,
    tenants: list[Tenant],
    admin: Person,
    center: Center,
    tmp_path: Path,
    show: Show,
) -> None:
    read(source, center, tmp_path, [line(1, subtotal="10")])
    show({"G000000001": [line(1, subtotal="10")]})

    def import_all() -> list[Job]:
        with acting(admin.actor):
            run_job(import_invoices(source, actor=admin.actor).pk)
        with acting(admin.actor), transaction.atomic():
            return list(Job.objects.filter(kind="billing.read_unbilled").order_by("created_at"))

    asked = import_all()
    assert len(asked) == 2 and asked[-1].is_open
    assert carry_out(asked[-1]).state == Job.State.DONE
    told = text_of(admin.client().get("/").text)
    assert "€10.00 on the September invoice" in told and "unbilled" not in told
    assert len(import_all()) == 2, "an import that changed nothing asks nothing"


def test_without_any_the_line_does_without_it(
    center: Center,
    source: Connection,
    tenants: list[Tenant],
    operator: Person,
    tmp_path: Path,
) -> None:
    read(source, center, tmp_path, [])
    assert said(operator) == []
    browser = operator.client()
    told = text_of(browser.get("/").text)
    assert "3 tenants are not linked to an organization" in told and "unbilled" not in told
    assert "as of" not in text_of(browser.get("/alerts/").text)
    read(source, center, tmp_path, [line(1, subtotal="4"), line(2, subtotal="-4")])
    assert said(operator) == [], "charges and credits that cancel out leave nothing to say"
