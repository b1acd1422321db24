"""Closing a month: what it needs, what it freezes, and how it is opened again."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from billing.closing.models import ClosedMonth
from billing.closing.operations import close_month, reopen_month
from billing.invoices.models import Invoice
from organizations.linking.operations import move_tenant, undo_link
from portal.core.access import Role, acting
from portal.core.audit.models import AuditEvent
from portal.core.books import closed_until
from portal.core.errors import Conflict, InvalidInput, NotAllowed, NotFound, NotReady
from tests.billing.closing.conftest import AUGUST, OCTOBER, SEPTEMBER, Ledger
from tests.billing.ownership import link, unlink
from tests.factories.billing import Charge, make_invoice
from tests.factories.core import Person, make_person
from tests.factories.tenants import make_tenant

pytestmark = pytest.mark.django_db
NOVEMBER = date(2026, 11, 1)


def close(person: Person, month: date, **options: Any) -> ClosedMonth:
    with acting(person.actor):
        return close_month(month, actor=person.actor, **options)


def reopen(person: Person, month: date, reason: str = "Microsoft sent a correction") -> ClosedMonth:
    with acting(person.actor):
        return reopen_month(month, actor=person.actor, reason=reason)


def first_open_day(person: Person) -> date | None:
    with acting(person.actor), transaction.atomic():
        return closed_until(person.actor)


def test_a_month_is_closed_with_its_figures(ledger: Ledger, admin: Person, finance: Person) -> None:
    link(ledger.tenant, ledger.bakery, admin)
    closing = close(finance, AUGUST)
    assert (closing.version, closing.closed_by) == (1, finance.actor.label)
    (total,) = closing.figures
    assert total.currency == "EUR"
    assert total.invoice_total == total.assigned == 10
    assert first_open_day(finance) == SEPTEMBER
    with acting(finance.actor), transaction.atomic():
        event = AuditEvent.objects.filter(reseller=ledger.reseller).latest("sequence")
    assert event.action == "billing.month_closed"
    assert event.after["totals"][0]["assigned"] == "10.00"


def test_k12_relinking_after_the_close_leaves_the_month_and_moves_what_is_open(
    ledger: Ledger, admin: Person, record_property: Callable[[str, object], None]
) -> None:
    """Nothing is billed twice and nothing to nobody, closed, open or from a date."""
    link(ledger.tenant, ledger.bakery, admin)
    close(admin, AUGUST)
    closed = ledger.owners(admin, AUGUST)
    with acting(admin.actor), transaction.atomic():
        moved = move_tenant(
            ledger.tenant, actor=admin.actor, organization=ledger.mill, starts_on=OCTOBER
        )
    by_date = [ledger.owners(admin, month) for month in (AUGUST, SEPTEMBER, OCTOBER)]
    assert by_date == [{"Bakery": 10}, {"Bakery": 20}, {"Mill": 30}]
    with acting(admin.actor), transaction.atomic():
        undo_link(moved, actor=admin.actor)
        move_tenant(
            ledger.tenant,
            actor=admin.actor,
            organization=ledger.mill,
            starts_on=date(2026, 9, 15),
        )
    assert ledger.owners(admin, SEPTEMBER) == {"Bakery": 20}
    unlink(ledger.tenant, admin)
    link(ledger.tenant, ledger.bakery, admin)
    unlink(ledger.tenant, admin)
    link(ledger.tenant, ledger.mill, admin)
    after = [ledger.owners(admin, month) for month in (AUGUST, SEPTEMBER, OCTOBER)]
    assert after[0] == closed == {"Bakery": 10}
    owned = sum((sum(owners.values()) for owners in after), Decimal(0))
    assert owned == 60
    assert not any("" in owners for owners in after)
    record_property(
        "figure",
        "K12: a closed month unchanged by 7 changes of owner; open months follow the date; double"
        f" billed 0, unbilled {60 - owned:.2f}",
    )


def test_months_are_closed_in_their_order(ledger: Ledger, admin: Person) -> None:
    link(ledger.tenant, ledger.bakery, admin)
    with pytest.raises(NotReady) as refusal:
        close(admin, OCTOBER)
    assert "Close August 2026 first" in refusal.value.detail
    for month in (AUGUST, SEPTEMBER, OCTOBER):
        close(admin, month)
    assert first_open_day(admin) == NOVEMBER


def test_a_month_that_has_not_ended_stays_open(ledger: Ledger, admin: Person) -> None:
    link(ledger.tenant, ledger.bakery, admin)
    for month in (AUGUST, SEPTEMBER, OCTOBER):
        close(admin, month)
    make_invoice(ledger.source, [Charge(ledger.tenant.microsoft_id, Decimal(1))], month=NOVEMBER)
    with pytest.raises(NotReady, match="November 2026 has not ended"):
        close(admin, NOVEMBER)


def test_unassigned_money_needs_a_yes_and_a_reason(ledger: Ledger, admin: Person) -> None:
    with pytest.raises(NotReady, match=r"1 tenant with €10\.00 in Unassigned"):
        close(admin, AUGUST)
    with pytest.raises(InvalidInput) as refusal:
        close(admin, AUGUST, accept_unassigned=True)
    assert "reason" in refusal.value.fields
    closing = close(admin, AUGUST, accept_unassigned=True, reason="Goodwill")
    assert closing.unassigned_because == "Goodwill"
    link(ledger.tenant, ledger.bakery, admin)
    assert ledger.owners(admin, AUGUST) == {"": 10}
    assert ledger.owners(admin, SEPTEMBER) == {"Bakery": 20}


def test_a_month_is_closed_once(ledger: Ledger, admin: Person) -> None:
    link(ledger.tenant, ledger.bakery, admin)
    close(admin, AUGUST)
    with pytest.raises(Conflict, match="was closed by"):
        close(admin, AUGUST)


def test_a_month_without_invoices_cannot_be_closed(admin: Person) -> None:
    with pytest.raises(NotFound):
        close(admin, date(2026, 3, 1))


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR])
def test_only_finance_and_administrators_close(ledger: Ledger, role: Role) -> None:
    person = make_person(ledger.reseller, role)
    with pytest.raises(NotAllowed):
        close(person, AUGUST)
    with pytest.raises(NotAllowed):
        reopen(person, AUGUST)


def test_the_last_month_is_reopened_and_closed_as_the_next_version(
    ledger: Ledger, admin: Person, finance: Person
) -> None:
    link(ledger.tenant, ledger.bakery, admin)
    close(admin, AUGUST)
    close(admin, SEPTEMBER)
    with pytest.raises(Conflict, match="September 2026 was closed after August 2026"):
        reopen(admin, AUGUST)
    with pytest.raises(InvalidInput):
        reopen(admin, SEPTEMBER, reason=" ")
    reopened = reopen(finance, SEPTEMBER)
    assert (reopened.reopened_by, reopened.holds) == (finance.actor.label, False)
    assert first_open_day(admin) == SEPTEMBER
    assert close(admin, SEPTEMBER).version == 2
    reopen(admin, SEPTEMBER)
    reopen(admin, AUGUST)
    assert first_open_day(admin) is None
    with pytest.raises(Conflict, match="is not closed"):
        reopen(admin, AUGUST)


def test_a_link_made_after_the_close_reaches_the_month_once_it_is_open_again(
    ledger: Ledger, admin: Person
) -> None:
    close(admin, AUGUST, accept_unassigned=True, reason="Goodwill")
    made = link(ledger.tenant, ledger.bakery, admin)
    assert made.owned_from == SEPTEMBER
    reopen(admin, AUGUST)
    assert ledger.owners(admin, AUGUST) == {"Bakery": 10}


def test_reopening_leaves_a_move_where_it_was(ledger: Ledger, admin: Person) -> None:
    link(ledger.tenant, ledger.bakery, admin)
    close(admin, AUGUST)
    with acting(admin.actor), transaction.atomic():
        move_tenant(ledger.tenant, actor=admin.actor, organization=ledger.mill)
    reopen(admin, AUGUST)
    assert ledger.owners(admin, AUGUST) == {"Bakery": 10}
    assert ledger.owners(admin, SEPTEMBER) == {"Mill": 20}


def test_the_database_keeps_the_invoices_of_a_closed_month(ledger: Ledger, admin: Person) -> None:
    link(ledger.tenant, ledger.bakery, admin)
    close(admin, AUGUST)
    with acting(admin.actor), transaction.atomic(), pytest.raises(IntegrityError) as refusal:
        Invoice.objects.filter(month=AUGUST).update(state=Invoice.State.SUPERSEDED)
    assert "The month of an invoice is closed" in str(refusal.value)


def test_no_invoice_is_published_into_a_closed_month(ledger: Ledger, admin: Person) -> None:
    link(ledger.tenant, ledger.bakery, admin)
    close(admin, AUGUST)
    other = make_tenant(ledger.source)
    with pytest.raises(Conflict) as refusal:
        make_invoice(ledger.source, [Charge(other.microsoft_id, Decimal(5))], month=AUGUST)
    assert refusal.value.code == "month_closed"
    assert "Reopen August 2026 on its report" in refusal.value.detail
    assert ledger.owners(admin, AUGUST) == {"Bakery": 10}
