"""The move page and API: what goes along is said before, and done as it was said (UNL-02)."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import transaction

from billing.closing.operations import close_month
from billing.moving.travel import BEFORE, CLOSED, NOBODYS, Bill, decide, moved
from organizations.linking.models import Link
from portal.core.access import Role, acting
from tests.billing.closing.conftest import AUGUST, OCTOBER, SEPTEMBER, Ledger, ledger
from tests.billing.ownership import link
from tests.factories.billing import Charge, make_invoice
from tests.factories.core import Person, make_person
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_tenant

pytestmark = pytest.mark.django_db
assert ledger
INVOICE = "5a1f0a52-6c1b-4b8e-9a53-0f4e2c6d7b11"


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel("2026-11-21T12:00:00Z", tick=True):
        yield


@pytest.fixture
def operator(ledger: Ledger) -> Person:
    return make_person(ledger.reseller, Role.OPERATOR, name="Olga")


def page_of(ledger: Ledger) -> str:
    return f"/tenants/{ledger.tenant.pk}/move/"


def live_link(ledger: Ledger, person: Person) -> Link:
    with acting(person.actor), transaction.atomic():
        row: Link = Link.objects.select_related("organization").get(
            tenant=ledger.tenant, ends_at=None
        )
        return row


def close(person: Person, month: date) -> None:
    with acting(person.actor):
        close_month(month, actor=person.actor)


def bill(month: date, *, currency: str = "EUR", owner: str = "Bakery", live: bool = True) -> Bill:
    return Bill(month, INVOICE, "G1", currency, 2, Decimal("5.50"), owner, live)  # type: ignore[arg-type]


def test_what_is_closed_before_the_date_or_somebody_elses_stays() -> None:
    bills = [
        bill(OCTOBER),
        bill(SEPTEMBER),
        bill(SEPTEMBER, owner="Mill", live=False),
        bill(SEPTEMBER, owner="", live=False),
        bill(AUGUST),
    ]
    found = decide(bills, day=date(2026, 9, 2), closed=SEPTEMBER)
    assert [it.stays for it in found] == ["", BEFORE, "Belongs to Mill", NOBODYS, CLOSED]
    assert [it.goes for it in decide(bills, day=None, closed=SEPTEMBER)] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_what_goes_along_is_added_up_by_currency() -> None:
    bills = [bill(OCTOBER), bill(OCTOBER, currency="USD"), bill(SEPTEMBER)]
    sums = moved(decide(bills, day=None, closed=None))
    assert [(it.currency, it.lines, it.total) for it in sums] == [
        ("EUR", 4, Decimal("11.00")),
        ("USD", 2, Decimal("5.50")),
    ]


def test_unl02_the_page_says_which_lines_move_and_which_stay(ledger: Ledger, admin: Person) -> None:
    link(ledger.tenant, ledger.bakery, admin)
    close(admin, AUGUST)
    text = admin.client().get(page_of(ledger), {"from": "2026-10-01"}).content.decode()
    assert "1 line with" in text and "€30.00" in text
    assert text.count("Moves along") == 1
    assert text.count("Stays") == 2
    assert CLOSED in text and BEFORE in text
    text = admin.client().get(page_of(ledger)).content.decode()
    assert "2 lines with" in text and "€50.00" in text
    assert "Months before 1 September 2026 are closed and stay." in text


def test_unl02_the_move_does_what_the_page_said(ledger: Ledger, admin: Person) -> None:
    seen = link(ledger.tenant, ledger.bakery, admin)
    close(admin, AUGUST)
    browser = admin.client()
    data = {
        "organization": str(ledger.mill.pk),
        "from": "2026-10-01",
        "reason": "They were sold",
        "link": str(seen.pk),
    }
    answer = browser.post(page_of(ledger), data, follow=True)
    text = answer.content.decode()
    assert "Harbour Bakery is linked to" in text and "Undo" in text
    assert ledger.owners(admin, AUGUST) == {"Bakery": 10}
    assert ledger.owners(admin, SEPTEMBER) == {"Bakery": 20}
    assert ledger.owners(admin, OCTOBER) == {"Mill": 30}
    moved_link = live_link(ledger, admin)
    undo = browser.post(f"/tenants/links/{moved_link.pk}/undo/", follow=True)
    assert undo.status_code == 200
    assert ledger.owners(admin, OCTOBER) == {"Bakery": 30}


def test_without_javascript_the_page_looks_first(ledger: Ledger, admin: Person) -> None:
    link(ledger.tenant, ledger.bakery, admin)
    data = {"organization_text": "Mill", "from": "2026-10-01", "preview": "1"}
    answer = admin.client().post(page_of(ledger), data)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert 'value="Mill"' in text and 'value="2026-10-01"' in text
    assert text.count("Moves along") == 1
    assert live_link(ledger, admin).organization == ledger.bakery


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "Choose the organization"),
        ({"organization_text": "Mill", "from": "2026-08-01"}, "Choose 1 September 2026 or later"),
        ({"organization_text": "Mill", "from": "2027-01-01"}, "Choose 1 December 2026 or earlier"),
        ({"organization_text": "Mill", "from": "soon"}, "Enter a valid date"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(
    ledger: Ledger, admin: Person, data: dict[str, str], said: str
) -> None:
    link(ledger.tenant, ledger.bakery, admin)
    close(admin, AUGUST)
    answer = admin.client().post(page_of(ledger), data)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert live_link(ledger, admin).organization == ledger.bakery


def test_who_comes_second_sees_who_was_quicker(
    ledger: Ledger, admin: Person, operator: Person
) -> None:
    seen = link(ledger.tenant, ledger.bakery, admin)
    first = {"organization": str(ledger.mill.pk), "link": str(seen.pk)}
    assert operator.client().post(page_of(ledger), first).status_code == 302
    other = make_organization(ledger.reseller, name="Dairy")
    second = {"organization": str(other.pk), "link": str(seen.pk)}
    answer = admin.client().post(page_of(ledger), second)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "was linked to Mill" in text and "by Olga" in text


def test_an_operator_moves_without_a_way_to_the_invoices(ledger: Ledger, operator: Person) -> None:
    link(ledger.tenant, ledger.bakery, operator)
    text = operator.client().get(page_of(ledger)).content.decode()
    assert "€60.00" in text
    assert "/invoices/" not in text


def test_a_tenant_without_a_link_has_nothing_to_move(ledger: Ledger, admin: Person) -> None:
    text = admin.client().get(page_of(ledger)).content.decode()
    assert "there is nothing to move" in text


def test_a_tenant_without_invoices_says_so(ledger: Ledger, admin: Person) -> None:
    tenant = make_tenant(ledger.source)
    link(tenant, ledger.bakery, admin)
    text = admin.client().get(f"/tenants/{tenant.pk}/move/").content.decode()
    assert "Nothing was billed for this tenant yet" in text


def test_tenant_page_and_list_lead_to_the_move(ledger: Ledger, admin: Person) -> None:
    link(ledger.tenant, ledger.bakery, admin)
    for address in ("/tenants/", f"/tenants/{ledger.tenant.pk}/", f"{page_of(ledger)[:-5]}link/"):
        assert page_of(ledger) in admin.client().get(address).content.decode()


def test_unlinking_from_a_date_on_the_page(ledger: Ledger, admin: Person) -> None:
    link(ledger.tenant, ledger.bakery, admin)
    address = f"/tenants/{ledger.tenant.pk}/unlink/"
    refused = admin.client().post(address, {"reason": "They left", "from": "2027-03-01"})
    assert refused.status_code == 422
    admin.client().post(address, {"reason": "They left", "from": "2026-10-01"})
    assert ledger.owners(admin, SEPTEMBER) == {"Bakery": 20}
    assert ledger.owners(admin, OCTOBER) == {"": 30}


def post(person: Person, address: str, **data: Any) -> Any:
    return person.api().post(address, data, content_type="application/json")


def test_the_api_says_and_does_the_same(ledger: Ledger, admin: Person) -> None:
    make_invoice(
        ledger.source,
        [Charge(ledger.tenant.microsoft_id, Decimal("7"))],
        month=OCTOBER,
        currency="USD",
    )
    seen = link(ledger.tenant, ledger.bakery, admin)
    close(admin, AUGUST)
    look = admin.api().get(f"/api/v1/moves/{ledger.tenant.pk}/", {"from": "2026-10-01"}).json()
    assert look["goes"] == [
        {"currency": "EUR", "lines": 1, "total": "30.00"},
        {"currency": "USD", "lines": 1, "total": "7.00"},
    ]
    assert [row["stays"] for row in look["invoices"]] == ["", "", BEFORE, CLOSED]
    address = f"/api/v1/tenants/{ledger.tenant.pk}/move/"
    body: dict[str, Any] = {"organization": ledger.mill.number, "link": str(seen.pk)}
    refused = post(admin, address, **body, **{"from": "2026-08-01"})
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["from"])
    done = post(admin, address, **body, **{"from": "2026-10-01"}, reason="Sold").json()
    assert (done["from"], done["until"], done["how"], done["why"]) == (
        "2026-10-01",
        None,
        "moved",
        "Sold",
    )
    assert ledger.owners(admin, OCTOBER) == {"Mill": 30, "Mill USD": 7}
    second = post(admin, address, organization=ledger.bakery.number, link=str(seen.pk))
    assert (second.status_code, second.json()["code"]) == (409, "moved_meanwhile")
    address = f"/api/v1/tenants/{ledger.tenant.pk}/unlink/"
    ended = post(admin, address, reason="They left", **{"from": "2026-11-01"}).json()
    assert (ended["from"], ended["until"], ended["has_effect"]) == (
        "2026-10-01",
        "2026-11-01",
        True,
    )
    assert admin.api().get(f"/api/v1/moves/{ledger.tenant.pk}/?from=x").status_code == 400
