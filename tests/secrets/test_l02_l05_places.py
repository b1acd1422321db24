"""L02, L05: a sealed value opens at its place, in its version and its installation only (DEC4)."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction

from portal.core.access import acting, system_actor
from portal.core.encryption import Seal, SealBroken, key_id_of, seal, unseal
from portal.core.errors import NotReady
from portal.core.identity.models import Reseller
from tenants.connections.clients import partner_center_for
from tenants.connections.models import Connection
from tenants.connections.operations import change_connection
from tests.database import administrator
from tests.environment import DATABASE
from tests.factories.core import make_reseller
from tests.secrets.conftest import Figure
from tests.secrets.sealed import key, make_connections, stored

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 12
VERSIONS = 8


@pytest.fixture
def resellers(settings: Any) -> list[Reseller]:
    settings.PARTNERCENTER_CLOUDS = {
        "global": {
            "API": "https://partner.test",
            "AUTHORITY": "https://partner.test",
            "GRAPH": "https://partner.test",
            "CA_BUNDLE": "",
        }
    }
    found = [make_reseller(), make_reseller()]
    for reseller in found:
        make_connections(reseller, ROWS // 2)
    return found


def put(row: Connection, sealed: str) -> None:
    """Write a value into the row past the portal, as somebody with the database would."""
    with administrator(DATABASE) as database, database.cursor() as cursor:
        cursor.execute(
            "UPDATE tenants_connection SET secret_sealed = %s WHERE id = %s", [sealed, str(row.pk)]
        )


def opens(row: Connection) -> bool:
    """Make a client of the row as it now is in the database, as all work does."""
    with acting(system_actor(row.reseller_id, "tests")):
        with transaction.atomic():
            now = Connection.objects.get(pk=row.pk)
        try:
            partner_center_for(now)
        except NotReady as refused:
            assert refused.code == "secret_lost"
            assert "SECRET-CANARY" not in str(refused)
            return False
    return True


def unseals(sealed: str, where: Seal) -> bool:
    try:
        unseal(sealed, where)
    except SealBroken:
        return False
    return True


def test_l02_values_swapped_between_rows_are_refused(
    resellers: list[Reseller], figure: Figure
) -> None:
    rows = stored(resellers)
    assert all(map(opens, rows))
    accepted = tried = 0
    for row in rows:
        for other in rows:
            if other.pk != row.pk:
                put(row, other.secret_sealed)
                accepted += opens(row)
                tried += 1
        put(row, row.secret_sealed)
    figure(f"L02: values swapped between rows, two resellers: accepted {accepted} of {tried}")
    assert all(map(opens, rows))
    assert (accepted, tried) == (0, ROWS * (ROWS - 1))


def test_l02_values_of_other_columns_tables_and_installations_are_refused(
    resellers: list[Reseller], settings: Any, figure: Figure
) -> None:
    rows = stored(resellers)
    foreign: list[tuple[str, Seal]] = []
    for row in rows:
        here = row.secret_seal()
        foreign += [
            (seal("SECRET-CANARY", replace(here, field="webhook")), here),
            (seal("SECRET-CANARY", replace(here, table="core_webhook")), here),
            # Parts that run together as text must not run together in the seal.
            (
                seal("SECRET-CANARY", replace(here, table="tenants", row=f"connection{row.pk}")),
                here,
            ),
        ]
    ours = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = key(key_id_of(rows[0].secret_sealed))
    elsewhere = [(seal("SECRET-CANARY", row.secret_seal()), row.secret_seal()) for row in rows]
    taken_away = [(row.secret_sealed, row.secret_seal()) for row in rows]
    accepted = sum(unseals(*value) for value in taken_away)
    settings.ENCRYPTION_KEYS = ours
    accepted += sum(unseals(*value) for value in [*foreign, *elsewhere])
    tried = len(foreign) + len(elsewhere) + len(taken_away)
    figure(f"L02: of other columns, tables and installations: accepted {accepted} of {tried}")
    assert accepted == 0


def test_l02_what_never_was_sealed_is_not_taken_for_a_secret(resellers: list[Reseller]) -> None:
    row = stored(resellers)[0]
    for text in (
        "",
        "SECRET-CANARY",
        "$",
        "stand-in$",
        "stand-in$SECRET-CANARY",
        "old$" + "A" * 40,
    ):
        put(row, text)
        assert not opens(row)


def test_l05_an_old_value_restored_over_a_newer_one_is_refused(
    resellers: list[Reseller], figure: Figure
) -> None:
    accepted = tried = 0
    for row in stored(resellers)[:3]:
        earlier = []
        with acting(system_actor(row.reseller_id, "tests")) as actor:
            for version in range(VERSIONS):
                earlier.append(row.secret_sealed)
                row = change_connection(row, actor=actor, secret=f"SECRET-CANARY-{version}")
        newest = row.secret_sealed
        for old in earlier:
            put(row, old)
            accepted += opens(row)
            tried += 1
        put(row, newest)
        assert opens(row)
    figure(f"L05: old values restored over newer ones: accepted {accepted} of {tried}")
    assert (accepted, tried) == (0, 3 * VERSIONS)
