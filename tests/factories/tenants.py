"""Connections and tenants for tests."""

import itertools
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from portal.core.access import acting, system_actor
from portal.core.encryption import seal
from portal.core.identity.models import Reseller
from tenants.connections.models import Connection
from tenants.discovery.models import Tenant

SECRET = "demo-secret-of-the-tests"
_numbers = itertools.count(1)


def make_connection(
    reseller: Reseller,
    *,
    name: str = "",
    program: str = Connection.Program.DIRECT_BILL,
    cloud: str = "simulator",
    partner_tenant: str = "",
    client_id: str = "demo",
    secret: str = SECRET,
    state: str = Connection.State.WORKING,
) -> Connection:
    """Add a connection that worked when it was last used; its tenants may be linked."""
    row = Connection(
        reseller_id=reseller.pk,
        name=name or f"Connection {next(_numbers)}",
        program=program,
        cloud=cloud,
        partner_tenant=partner_tenant or str(uuid4()),
        client_id=client_id,
        state=state,
    )
    row.secret_sealed = seal(secret, row.secret_seal())
    with acting(system_actor(reseller.pk, "tests")), transaction.atomic():
        row.save(force_insert=True)
    return row


def make_tenant(
    connection: Connection,
    *,
    name: str = "",
    domain: str | None = None,
    microsoft_id: UUID | None = None,
    status: str = Tenant.Status.ACTIVE,
    is_linked: bool = False,
    country: str = "",
    registration_number: str = "",
    billed_amount: Decimal | None = None,
    billed_currency: str = "",
    billed_month: date | None = None,
) -> Tenant:
    """Add a tenant as discovery leaves it; linking keeps ``is_linked`` true, so link through it."""
    count, now = next(_numbers), timezone.now()
    with acting(system_actor(connection.reseller_id, "tests")), transaction.atomic():
        mark_discovered(connection)
        return Tenant.objects.create(
            reseller_id=connection.reseller_id,
            connection=connection,
            microsoft_id=microsoft_id or uuid4(),
            name=name or f"Tenant {count}",
            domain=f"tenant{count}.onmicrosoft.com" if domain is None else domain,
            relationship="reseller",
            status=status,
            is_linked=is_linked,
            first_seen_at=now,
            changed_at=now,
            missing_since=now if status == Tenant.Status.MISSING else None,
            country=country,
            registration_number=registration_number,
            billed_amount=billed_amount,
            billed_currency=billed_currency,
            billed_month=billed_month,
        )


def make_tenants(connection: Connection, count: int, *, name: str = "Tenant") -> list[Tenant]:
    """Add many unlinked tenants in one statement."""
    now = timezone.now()
    rows = [
        Tenant(
            reseller_id=connection.reseller_id,
            connection=connection,
            microsoft_id=uuid4(),
            name=f"{name} {number:05}",
            domain=f"{name.lower()}{number:05}.onmicrosoft.com".replace(" ", ""),
            relationship="reseller",
            first_seen_at=now,
            changed_at=now,
        )
        for number in range(1, count + 1)
    ]
    with acting(system_actor(connection.reseller_id, "tests")), transaction.atomic():
        mark_discovered(connection)
        return Tenant.objects.bulk_create(rows, batch_size=2_000)


def mark_discovered(connection: Connection) -> None:
    """Let a connection have been discovered once, as one with tenants has (in a transaction)."""
    if connection.discovered_at is None:
        connection.discovered_at = timezone.now()
        connection.save(update_fields=["discovered_at"])
