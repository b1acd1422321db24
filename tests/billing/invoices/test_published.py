"""K07: what is published never changes, whoever asks the database."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from portal.core.access import acting
from portal.core.identity.models import Reseller
from tests.database import administrator
from tests.environment import DATABASE
from tests.factories.billing import Charge, make_invoice
from tests.factories.core import Person
from tests.factories.tenants import make_connection

pytestmark = pytest.mark.django_db(transaction=True)

LINE_COPY = """
    INSERT INTO billing_invoiceline (reseller_id, invoice_id, number, customer_name,
        customer_domain, subscription, product, sku, charge_type, subtotal, tax, total, currency,
        provider, raw)
    SELECT reseller_id, invoice_id, number + 100, customer_name, customer_domain, subscription,
        product, sku, charge_type, subtotal, tax, total, currency, provider, raw
    FROM billing_invoiceline
"""
ATTEMPTS = {
    "a line's money": "UPDATE billing_invoiceline SET total = total + 1",
    "a line taken away": "DELETE FROM billing_invoiceline",
    "a line added": LINE_COPY,
    "a tenant's sum": "UPDATE billing_invoicetenanttotal SET total = 0",
    "a tenant's sum taken away": "DELETE FROM billing_invoicetenanttotal",
    "the invoice's total": "UPDATE billing_invoice SET total = 0, lines_total = 0",
    "the invoice reopened": "UPDATE billing_invoice SET state = 'staged', published_at = NULL",
    "the invoice taken away": "DELETE FROM billing_invoice",
    "everything at once": "TRUNCATE billing_invoice CASCADE",
    "an edit under cover of being replaced": (
        "UPDATE billing_invoice SET state = 'superseded', month = '2026-01-01'"
    ),
    "an invoice that was never proved": (
        "INSERT INTO billing_invoice SELECT (jsonb_populate_record(i, jsonb_build_object("
        "'id', gen_random_uuid(), 'number', 'FORGED'))).* FROM billing_invoice i"
    ),
}


@pytest.fixture
def published(reseller: Reseller) -> None:
    make_invoice(
        make_connection(reseller), [Charge(uuid4(), Decimal("10")), Charge(None, Decimal(1))]
    )


@pytest.mark.parametrize("statement", ATTEMPTS.values(), ids=ATTEMPTS)
def test_the_portal_cannot_change(statement: str, published: None, finance: Person) -> None:
    with (
        acting(finance.actor),
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert counted() == (1, 2, 2, Decimal(11), Decimal(11))


@pytest.mark.parametrize("statement", ATTEMPTS.values(), ids=ATTEMPTS)
def test_the_owner_of_the_tables_cannot_change(statement: str, published: None) -> None:
    with (
        administrator(DATABASE) as database,
        database.cursor() as cursor,
        pytest.raises(Exception, match=r"never (change|edit)"),
    ):
        cursor.execute(statement)
    assert counted() == (1, 2, 2, Decimal(11), Decimal(11))


def test_no_line_can_belong_to_another_resellers_invoice(published: None) -> None:
    with administrator(DATABASE) as database, database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_reseller SELECT (jsonb_populate_record(r,"
            ' \'{"id": 990001, "slug": "other"}\')).* FROM core_reseller r LIMIT 1'
        )
        with pytest.raises(Exception, match=r"never change|foreign key"):
            cursor.execute(LINE_COPY.replace("SELECT reseller_id", "SELECT 990001"))


def counted() -> tuple[object, ...]:
    with administrator(DATABASE) as database, database.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM billing_invoice WHERE state = 'published'),"
            " (SELECT count(*) FROM billing_invoiceline),"
            " (SELECT count(*) FROM billing_invoicetenanttotal),"
            " (SELECT sum(total) FROM billing_invoiceline),"
            " (SELECT sum(total) FROM billing_invoice)"
        )
        return tuple(cursor.fetchone() or ())
