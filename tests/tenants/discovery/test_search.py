"""Finding tenants by a text, through the index and inside the reseller."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, transaction
from django.db import connection as database
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.core.access import Actor, acting, system_actor
from portal.core.database.scope import scope
from portal.core.identity.models import Reseller
from tenants.connections.models import Connection
from tenants.discovery.models import Tenant
from tenants.discovery.queries import SEARCHABLE, search_tenants
from tests.factories.core import make_reseller
from tests.factories.tenants import make_connection, make_tenant, make_tenants

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection() -> Connection:
    return make_connection(make_reseller())


@pytest.fixture
def actor(connection: Connection) -> Iterator[Actor]:
    system = system_actor(connection.reseller_id, "tests")
    with acting(system):
        yield system


def found(actor: Actor, term: str) -> set[str]:
    rows = search_tenants(Tenant.objects.visible_to(actor), term, actor=actor)
    return {row.name for row in rows}


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("harbour", {"Harbour Logistics", "New harbour"}),
        ("HARBOUR LOG", {"Harbour Logistics"}),
        ("  harbour   log ", {"Harbour Logistics"}),
        ("quay.example", {"Harbour Logistics"}),
        ("arbou", {"Harbour Logistics", "New harbour"}),
        ("h", {"Harbour Logistics", "New harbour"}),
        ("ne", {"New harbour"}),
        ("ar", set()),
        ("qu", {"Harbour Logistics"}),
        ("100%", {"100% Green_Energy"}),
        ("%", set()),
        ("n_e", {"100% Green_Energy"}),
        ("green-energy", set()),
        ("\\", set()),
        ("' OR 1=1 --", set()),
        ("ÜBER", {"Über Bücher"}),
        ("", {"Harbour Logistics", "New harbour", "100% Green_Energy", "Über Bücher"}),
        ("\x00", {"Harbour Logistics", "New harbour", "100% Green_Energy", "Über Bücher"}),
        ("x" * 5_000, set()),
    ],
)
def test_term_finds(actor: Actor, connection: Connection, term: str, expected: set[str]) -> None:
    make_tenant(connection, name="Harbour Logistics", domain="quay.example")
    make_tenant(connection, name="New harbour", domain="")
    make_tenant(connection, name="100% Green_Energy", domain="")
    make_tenant(connection, name="Über Bücher", domain="")
    assert found(actor, term) == expected


def test_fragment_of_an_id_finds(actor: Actor, connection: Connection) -> None:
    known = UUID("7e57ab1e-0000-4000-8000-00000000beef")
    make_tenant(connection, name="Known", microsoft_id=known)
    make_tenant(connection, name="Other")
    for term in (str(known), str(known).upper(), f"{{{known}}}", "7e57ab1e-0000", "00000000beef"):
        assert found(actor, term) == {"Known"}


def test_search_keeps_filters_order_and_paging(actor: Actor, connection: Connection) -> None:
    make_tenants(connection, 12, name="Common")
    make_tenant(connection, name="Common and linked", is_linked=True)
    rows = Tenant.objects.visible_to(actor).filter(is_linked=False).order_by("-name")
    page = search_tenants(rows, "common", actor=actor)
    assert [row.name for row in page[2:5]] == ["Common 00010", "Common 00009", "Common 00008"]
    assert page.count() == 12
    assert rows.count() == 12


def test_search_never_shows_another_reseller(actor: Actor, connection: Connection) -> None:
    make_tenant(make_connection(make_reseller()), name="Common secret")
    make_tenant(connection, name="Common")
    assert found(actor, "common") == {"Common"}
    rows = search_tenants(Tenant.objects.all(), "common", actor=actor)
    assert [row.name for row in rows] == ["Common"]


def test_searchable_view_has_every_column_of_the_table() -> None:
    with acting(system_actor(make_reseller().pk, "tests")), database.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {SEARCHABLE} LIMIT 0")
        columns = {column.name for column in cursor.description}
    assert columns == {field.column for field in Tenant._meta.concrete_fields}


@pytest.mark.django_db(transaction=True)
def test_searchable_view_is_closed_without_a_reseller(reseller: Reseller) -> None:
    make_tenants(make_connection(reseller), 1)
    with (
        scope(None),
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        database.cursor() as cursor,
    ):
        cursor.execute(f"SELECT count(*) FROM {SEARCHABLE}")


@pytest.mark.django_db(transaction=True)
def test_rare_term_is_found_by_the_index_and_common_one_in_the_order_of_the_list(
    reseller: Reseller,
) -> None:
    connection = make_connection(reseller)
    make_tenants(connection, 6_000, name="Common")
    make_tenant(connection, name="Needle in the hay")
    system = system_actor(reseller.pk, "tests")
    with acting(system), transaction.atomic(), database.cursor() as cursor:
        cursor.execute("SELECT tenants_settle()")
    with acting(system), transaction.atomic(), database.cursor() as cursor:
        cursor.execute("SELECT set_config('enable_seqscan', 'off', true)")
        rows = Tenant.objects.visible_to(system).order_by("name", "id")
        rare = search_tenants(rows, "needle", actor=system)[:50].explain()
        common = search_tenants(rows, "common", actor=system)[:50].explain()
        below_policy = rows.filter(search__contains="needle")[:50].explain()
    assert "tenants_tenant_search" in rare
    assert "tenants_tenant_search" not in below_policy
    assert "tenants_tenant_by_name" in common
    assert "Sort" not in common


@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(term=st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
def test_any_term_is_answered(actor: Actor, connection: Connection, term: str) -> None:
    found(actor, term)


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_every_part_of_a_name_of_three_letters_or_more_finds_it(
    actor: Actor, connection: Connection, data: st.DataObject
) -> None:
    name = data.draw(st.text("abc%_\\'é ", min_size=5, max_size=15).filter(str.strip))
    row = make_tenant(connection, name=name, microsoft_id=uuid4())
    text = " ".join(name.split())
    if text != name or len(text) < 3:
        return
    start = data.draw(st.integers(0, len(text) - 3))
    part = text[start : start + 3]
    if part == part.strip():
        rows = search_tenants(Tenant.objects.visible_to(actor), part.upper(), actor=actor)
        assert row.pk in {found.pk for found in rows}
