"""Connections in numbers, each with a secret of its own that says whose it is."""

import base64
import os
from collections.abc import Iterable
from uuid import uuid4

from django.db import transaction

from portal.core.access import acting, system_actor
from portal.core.encryption import SealBroken, seal, unseal
from portal.core.identity.models import Reseller
from tenants.connections.models import Connection


def key(key_id: str) -> str:
    """Return a fresh key as PORTAL_ENCRYPTION_KEYS holds it."""
    return f"{key_id}:{base64.b64encode(os.urandom(32)).decode()}"


def secret_of(row: Connection) -> str:
    """Return what a connection made here has for a secret, in its given version."""
    return f"SECRET-CANARY-{row.pk}-{row.secret_version}"


def make_connections(reseller: Reseller, count: int) -> list[Connection]:
    """Add connections sealed with the current key."""
    rows = [
        Connection(
            reseller_id=reseller.pk,
            name=f"Connection {number:05}",
            partner_tenant=str(uuid4()),
            client_id="demo",
        )
        for number in range(count)
    ]
    for row in rows:
        row.secret_sealed = seal(secret_of(row), row.secret_seal())
    with acting(system_actor(reseller.pk, "tests")), transaction.atomic():
        Connection.objects.bulk_create(rows, batch_size=1_000)
    return rows


def stored(resellers: Iterable[Reseller]) -> list[Connection]:
    """Read all connections as they are now."""
    rows: list[Connection] = []
    for reseller in resellers:
        with acting(system_actor(reseller.pk, "tests")), transaction.atomic():
            rows += Connection.objects.all()
    return rows


def opens(row: Connection) -> bool:
    """Tell whether a connection's secret opens and is the right one."""
    try:
        return unseal(row.secret_sealed, row.secret_seal()) == secret_of(row)
    except SealBroken:
        return False
