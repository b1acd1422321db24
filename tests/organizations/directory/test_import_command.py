"""``import_organizations``: all of a file or nothing, and never twice."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from organizations.directory.models import Account, Numbering, Organization
from organizations.directory.queries import organizations
from portal.core.access import acting, system_actor
from portal.core.audit.models import AuditEvent
from portal.core.audit.operations import first_broken_event
from portal.core.identity.models import Reseller
from tests.factories.core import make_reseller
from tests.factories.organizations import make_organization

pytestmark = pytest.mark.django_db
HEADER = "number,name,primary_domain,registration_number,country,notification_email,contact_phone\n"
GOOD = (
    HEADER
    + "A1,Contoso B.V.,https://www.contoso.nl/,KvK 1,NL,it@contoso.nl,020 123 4567\n"
    + ",Fabrikam,,,,,\n"
    + "A3,Northwind,northwind.de,,DE,,\n"
)
Import = Callable[..., tuple[str, str]]


@pytest.fixture
def reseller() -> Reseller:
    return make_reseller()


@pytest.fixture
def run(reseller: Reseller, tmp_path: Path) -> Import:
    """Return a call that imports a text and answers what was printed."""

    def run_import(content: str, *flags: str, to: Reseller = reseller) -> tuple[str, str]:
        path = tmp_path / "organizations.csv"
        path.write_text(content, encoding="utf-8")
        out, err = StringIO(), StringIO()
        try:
            call_command(
                "import_organizations",
                str(path),
                "--reseller",
                to.slug,
                *flags,
                stdout=out,
                stderr=err,
            )
        except CommandError as error:
            return out.getvalue(), f"{err.getvalue()}FAILED {error}"
        return out.getvalue(), err.getvalue()

    return run_import


def found(reseller: Reseller) -> dict[str, Organization]:
    with acting(system_actor(reseller.pk, "tests")) as actor, transaction.atomic():
        return {row.name: row for row in organizations(actor)}


def test_every_good_row_becomes_an_organization_with_account_and_audit(
    run: Import, reseller: Reseller
) -> None:
    out, err = run(GOOD)
    assert err == ""
    assert out.splitlines() == [
        "3 created",
        "2 incomplete: without notification e-mail address 2, contact phone 2, primary domain 1",
    ]
    rows = found(reseller)
    assert (rows["Contoso B.V."].number, rows["Contoso B.V."].primary_domain) == (
        "A1",
        "contoso.nl",
    )
    assert rows["Contoso B.V."].contact_phone == "+31 20 123 4567"
    assert (rows["Fabrikam"].number, rows["Northwind"].number) == ("10001", "A3")
    assert rows["Northwind"].missing_fields == ("notification_email", "contact_phone")
    with acting(system_actor(reseller.pk, "tests")) as actor, transaction.atomic():
        accounts = Account.objects.visible_to(actor).filter(is_primary=True)
        assert {account.name for account in accounts} == set(rows)
        events = AuditEvent.objects.visible_to(actor).filter(
            action="organizations.organization_created"
        )
        assert {event.organization_id for event in events} == {row.pk for row in rows.values()}
        assert {event.reason for event in events} == {"Imported from organizations.csv"}
        assert first_broken_event(actor) is None


def test_importing_the_same_file_again_changes_nothing(run: Import, reseller: Reseller) -> None:
    run(GOOD)
    before = {name: row.changed_at for name, row in found(reseller).items()}
    out, err = run(GOOD)
    assert (out, err) == ("0 created; 3 there already\n", "")
    assert {name: row.changed_at for name, row in found(reseller).items()} == before
    with acting(system_actor(reseller.pk, "tests")), transaction.atomic():
        assert Numbering.objects.get().next_number == 10_002


def test_an_existing_number_is_never_overwritten(run: Import, reseller: Reseller) -> None:
    make_organization(reseller, number="A1", name="Kept Ltd", primary_domain="kept.com")
    out, err = run(GOOD)
    assert "2 created; 1 there already with other values, left as they are" in out
    assert "line 2, number: A1 exists with another name, primary domain" in err
    assert found(reseller)["Kept Ltd"].primary_domain == "kept.com"
    assert "Contoso B.V." not in found(reseller)


def test_one_bad_row_keeps_every_row_out(run: Import, reseller: Reseller) -> None:
    bad = GOOD + "A4,,contoso,,XX,it,1\nA1,Twice,,,,,\nA5,Too,many,,,,,,x\n"
    out, err = run(bad)
    assert found(reseller) == {}
    told = err.splitlines()
    assert {line.split(":")[0] for line in told[:-1]} == {
        "line 5, name",
        "line 5, primary_domain",
        "line 5, country",
        "line 5, notification_email",
        "line 5, contact_phone",
        "line 6, number",
        "line 7",
    }
    assert told[-1].startswith("FAILED 3 bad rows, so nothing was written.")
    assert "3 would be created; 3 bad rows" in out


def test_the_good_rows_are_imported_when_bad_ones_may_be_skipped(
    run: Import, reseller: Reseller
) -> None:
    out, err = run(GOOD + "A4,,,,,,\n", "--skip-bad-rows")
    assert "3 created; 1 bad rows" in out
    assert "line 5, name" in err
    assert "FAILED" not in err
    assert len(found(reseller)) == 3


def test_a_dry_run_finds_the_same_and_writes_nothing(run: Import, reseller: Reseller) -> None:
    out, _ = run(GOOD, "--dry-run")
    assert out.startswith("3 would be created; nothing written (dry run)\n")
    assert found(reseller) == {}
    with acting(system_actor(reseller.pk, "tests")) as actor, transaction.atomic():
        assert not AuditEvent.objects.visible_to(actor).exists()
        assert not Numbering.objects.exists()


def test_a_number_the_file_claims_later_is_not_handed_out(run: Import, reseller: Reseller) -> None:
    run("number,name\n,First\n10001,Second\n,Third\n")
    numbers = {name: row.number for name, row in found(reseller).items()}
    assert numbers == {"First": "10002", "Second": "10001", "Third": "10003"}


def test_rows_without_a_number_that_say_the_same_are_one_organization(
    run: Import, reseller: Reseller
) -> None:
    content = (
        "name,primary_domain,registration_number\n"
        "Contoso,contoso.nl,KvK 1\nCONTOSO,,kvk-1\nContoso,contoso.be,\n"
    )
    assert run(content)[0].startswith("2 created; 1 there already")
    assert run(content)[0].startswith("0 created; 3 there already")


def test_a_file_is_imported_for_one_reseller_only(run: Import, reseller: Reseller) -> None:
    other = make_reseller()
    run(GOOD)
    assert run(GOOD, to=other)[0].startswith("3 created")
    assert {row.reseller_id for row in found(other).values()} == {other.pk}


@pytest.mark.parametrize(
    ("content", "says"),
    [("", "The file is empty"), ("name,colour\n", "no column colour"), ('name\n"x\n', "Line 2")],
)
def test_a_file_that_cannot_be_read_fails_with_the_place(
    run: Import, reseller: Reseller, content: str, says: str
) -> None:
    _, err = run(content)
    assert "FAILED organizations.csv: " in err
    assert says in err
    assert found(reseller) == {}


def test_a_torn_file_leaves_nothing_behind(run: Import, reseller: Reseller) -> None:
    rows = "".join(f"B{count},Company {count}\n" for count in range(2_500))
    _, err = run(f'number,name\n{rows}B9999,"Torn')
    assert "FAILED" in err
    assert found(reseller) == {}


def test_an_unknown_reseller_and_a_missing_file_are_named(
    reseller: Reseller, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match="no reseller “nobody”"):
        call_command("import_organizations", str(tmp_path), "--reseller", "nobody")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_organizations", str(tmp_path / "none"), "--reseller", reseller.slug)
