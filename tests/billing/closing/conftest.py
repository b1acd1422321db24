"""Two months of one tenant's invoices, on a day in November 2026."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.db import transaction

from billing.reports.queries import organizations_of, unassigned_of
from organizations.directory.models import Organization
from portal.core.access import acting
from portal.core.identity.models import Reseller
from tenants.connections.models import Connection
from tenants.discovery.models import Tenant
from tests.factories.billing import Charge, make_invoice
from tests.factories.core import Person
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_connection, make_tenant

AUGUST, SEPTEMBER, OCTOBER = date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)
MONTHS = (AUGUST, SEPTEMBER, OCTOBER)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel("2026-11-21T12:00:00Z", tick=True):
        yield


@dataclass(frozen=True, slots=True)
class Ledger:
    """A reseller with a tenant that is billed 10 in August, 20 in September, 30 in October."""

    reseller: Reseller
    source: Connection
    tenant: Tenant
    bakery: Organization
    mill: Organization

    def owners(self, person: Person, month: date) -> dict[str, Decimal]:
        """Return what each organization has in a month, as the report says; "" is Unassigned."""
        with acting(person.actor), transaction.atomic():
            found = {
                line.name if line.currency == "EUR" else f"{line.name} {line.currency}": line.total
                for line in organizations_of(person.actor, month).lines
            }
            nobodys = [line.total for line in unassigned_of(person.actor, month).lines]
        return found | ({"": sum(nobodys, Decimal(0))} if nobodys else {})


@pytest.fixture
def ledger(reseller: Reseller) -> Ledger:
    source = make_connection(reseller)
    tenant = make_tenant(source, name="Harbour Bakery")
    for at, month in enumerate(MONTHS, start=1):
        make_invoice(source, [Charge(tenant.microsoft_id, Decimal(10 * at))], month=month)
    return Ledger(
        reseller,
        source,
        tenant,
        make_organization(reseller, name="Bakery"),
        make_organization(reseller, name="Mill"),
    )
