"""D07 for organizations: what is exported, imported elsewhere and exported again is the same."""

import io
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from organizations.directory.details import (
    REQUIRED_BY_IMPORT,
    check_number,
    check_organization,
)
from organizations.directory.importing import ImportReport, import_organizations
from organizations.directory.organization_file import COLUMNS, LAYOUT, organization_rows
from portal.core.access import Actor, acting, system_actor
from portal.core.errors import InvalidInput
from portal.web.exports import write_table
from portal.web.sheets.reading import Remark, Table
from tests.access.calls import undone
from tests.factories.core import make_reseller
from tests.factories.organizations import make_organization
from tests.repetitions import TIMES

pytestmark = pytest.mark.django_db
Record = Callable[[str, object], None]
Drawn = tuple[str, dict[str, Any]]

BEGINNINGS = ["", "=", "'", "''=", "+", "-", "@", "＝", "'0", '="', "# 1 rows", "sep=;", '"', ";"]
LINES = st.builds(
    "{}{}".format,
    st.sampled_from(BEGINNINGS),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12),
)
NUMBERS = LINES | st.sampled_from(
    ["12", "0012", "1E+5", "12.0", "1-Feb", "#N/A", "'0012", "-12.50"]
)


MPN_IDS = st.just("") | st.integers(0, 99_999_999).map(str) | st.sampled_from(["0", "007"])
PARTNER_TENANTS = st.none() | st.uuids()


@st.composite
def partner(draw: st.DrawFn) -> dict[str, Any]:
    """Draw what an organization is to Microsoft: only a sub-reseller has ids."""
    if draw(st.booleans()):
        return {"kind": "customer"}
    ids = {"mpn_id": draw(MPN_IDS), "microsoft_partner_id": draw(PARTNER_TENANTS)}
    return {"kind": "sub_reseller", **ids}


@st.composite
def organization(draw: st.DrawFn) -> Drawn:
    """Draw an organization as it could be stored: its values are what the rules make of them."""
    values = {
        "name": draw(LINES),
        "primary_domain": draw(st.sampled_from(["", "contoso.com", "müller.de"])),
        "registration_number": draw(NUMBERS),
        "country": draw(st.sampled_from(["", "NL", "DE"])),
        "notification_email": draw(st.sampled_from(["", "it@contoso.com", "+x@contoso.com"])),
        "contact_phone": draw(st.sampled_from(["", "+31 20 123 4567"])),
    }
    try:
        number = check_number(draw(NUMBERS))
        details = check_organization(values, required=REQUIRED_BY_IMPORT)
    except InvalidInput:
        assume(False)
        raise
    assume(number)
    return number, asdict(details) | draw(partner())


def has_one_id_each(rows: list[Drawn]) -> bool:
    """Tell whether no two sub-resellers have one id, which nothing that is stored has."""
    ids = [
        values[name]
        for _, values in rows
        for name in ("mpn_id", "microsoft_partner_id")
        if values.get(name)
    ]
    return len(ids) == len(set(ids))


def export(actor: Actor) -> bytes:
    file = io.BytesIO()
    write_table(file, COLUMNS, organization_rows(actor), as_format="csv")
    return file.getvalue()


def take_in(
    content: bytes, actor: Actor, tell: Callable[[Remark], None], *, update: bool = False
) -> ImportReport:
    return import_organizations(
        Table(lambda: io.BytesIO(content), LAYOUT).rows, actor=actor, tell=tell, update=update
    )


@settings(max_examples=25 * TIMES, suppress_health_check=list(HealthCheck))
@given(
    st.lists(organization(), min_size=1, max_size=6, unique_by=lambda drawn: drawn[0]).filter(
        has_one_id_each
    )
)
def test_d07_export_import_export_is_the_same_to_the_byte(rows: list[Drawn]) -> None:
    with undone():
        reseller, other = make_reseller(), make_reseller()
        one, two = (system_actor(row.pk, "tests") for row in (reseller, other))
        for number, values in rows:
            make_organization(reseller, number=number, **values)
        with acting(one), transaction.atomic():
            first = export(one)
        with acting(two), transaction.atomic():
            told: list[Remark] = []
            report = take_in(first, two, told.append)
            assert [str(remark) for remark in told if remark.is_error] == []
            assert report.created == len(rows)
            assert export(two) == first
            again = take_in(first, two, told.append)
            assert (again.created, again.changed, again.unchanged) == (0, 0, len(rows))
            meant = take_in(first, two, told.append, update=True)
            assert (meant.created, meant.changed, meant.unchanged) == (0, 0, len(rows))
            assert export(two) == first


def test_the_command_writes_what_the_import_reads(tmp_path: Path, record_property: Record) -> None:
    reseller, other = make_reseller(), make_reseller()
    for count in range(300):
        make_organization(reseller, name=f"=Contoso {count}", number=f"{count:04}")
    path, again = tmp_path / "organizations.csv", tmp_path / "again.csv"
    call_command(
        "export_organizations", str(path), "--reseller", reseller.slug, stderr=io.StringIO()
    )
    out = io.StringIO()
    call_command("import_organizations", str(path), "--reseller", other.slug, stdout=out)
    assert out.getvalue() == "300 created\n"
    call_command("export_organizations", str(again), "--reseller", other.slug, stderr=io.StringIO())
    assert path.read_bytes() == again.read_bytes()
    record_property("figure", f"D07: {len(path.read_bytes()):,} bytes exported alike twice")
