"""``import_links`` and ``export_links``: a preview of every line, one run, and never twice."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from organizations.bulk.models import BulkLink
from organizations.directory.models import Organization
from organizations.linking.models import Link
from organizations.linking.operations import link_tenant
from organizations.linking.queries import live_links
from organizations.merging.operations import merge_organizations
from portal.core.access import acting, system_actor
from portal.core.identity.models import Reseller
from tenants.discovery.models import Tenant
from tests.factories.core import make_reseller
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_connection, make_tenant, make_tenants

pytestmark = pytest.mark.django_db(transaction=True)
HEADER = "microsoft_id,organization_number,why\n"
Run = Callable[..., tuple[str, str]]


@pytest.fixture
def reseller() -> Reseller:
    return make_reseller()


@pytest.fixture
def run(reseller: Reseller, tmp_path: Path) -> Run:
    """Return a call that imports a text and answers what was printed."""

    def run_import(content: str | bytes, *flags: str) -> tuple[str, str]:
        path = tmp_path / "links.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        out, err = StringIO(), StringIO()
        given = ["import_links", str(path), "--reseller", reseller.slug, *flags]
        try:
            call_command(*given, stdout=out, stderr=err)
        except CommandError as error:
            return out.getvalue(), f"{err.getvalue()}FAILED {error}"
        return out.getvalue(), err.getvalue()

    return run_import


@pytest.fixture
def tenant(reseller: Reseller) -> Tenant:
    return make_tenant(make_connection(reseller), name="Contoso")


@pytest.fixture
def organization(reseller: Reseller) -> Organization:
    return make_organization(reseller, number="0012", name="Contoso B.V.")


def links(reseller: Reseller) -> list[Link]:
    with acting(system_actor(reseller.pk, "tests")) as actor, transaction.atomic():
        return list(live_links(actor).order_by("begins_at"))


def export(reseller: Reseller, path: Path) -> bytes:
    call_command("export_links", str(path), "--reseller", reseller.slug, stderr=StringIO())
    return path.read_bytes()


def test_a_line_links_and_the_same_file_again_changes_nothing(
    run: Run, reseller: Reseller, tenant: Tenant, organization: Organization
) -> None:
    content = f"{HEADER}{tenant.microsoft_id},0012,=as agreed\n"
    assert run(content) == ("1 linked\n", "")
    (link,) = links(reseller)
    assert (link.organization_id, link.how, link.why) == (organization.pk, "bulk", "=as agreed")
    assert run(content) == ("0 linked; 1 there already\n", "")
    assert [again.pk for again in links(reseller)] == [link.pk]


def test_a_dry_run_says_the_same_and_leaves_nothing(
    run: Run, reseller: Reseller, tenant: Tenant, organization: Organization
) -> None:
    out, err = run(f"{HEADER}{tenant.microsoft_id},0012,\n", "--dry-run")
    assert (out, err) == ("1 would be linked; nothing written (dry run)\n", "")
    assert links(reseller) == []
    with acting(system_actor(reseller.pk, "tests")) as actor, transaction.atomic():
        assert not BulkLink.objects.visible_to(actor).exists()


def test_every_line_that_cannot_be_used_is_named_and_keeps_all_out(
    run: Run, reseller: Reseller, tenant: Tenant, organization: Organization
) -> None:
    taken = make_tenant(make_connection(reseller), name="Taken")
    other = make_organization(reseller, number="other", name="Other")
    foreign = make_tenant(make_connection(make_reseller()), name="Foreign")
    with acting(system_actor(reseller.pk, "tests")) as actor:
        link_tenant(taken, actor=actor, organization=other)
    lines = [
        f"{tenant.microsoft_id},0012,",
        f"{foreign.microsoft_id},0012,",
        f"{uuid4()},0012,",
        "not-a-guid,0012,",
        f"{taken.microsoft_id},0012,",
        f"{tenant.microsoft_id},other,",
        f"{tenant.microsoft_id},12,",
        f"{tenant.microsoft_id},1.23E+11,",
        f"{tenant.microsoft_id},nobody,",
        f"{tenant.microsoft_id},,",
        "one,two,three,four",
    ]
    out, err = run(HEADER + "\n".join(lines))
    told = dict(line.split(", ", 1) for line in err.splitlines()[:-1])
    assert told.keys() == {f"line {number}" for number in (3, 4, 5, 6, 7, 8, 9, 10, 12)}
    assert "microsoft_id: there is no tenant" in told["line 3"]
    assert told["line 3"].replace(str(foreign.microsoft_id), "") == told["line 4"].replace(
        told["line 4"].split("tenant ")[1].split(" ")[0], ""
    )
    assert "“not-a-guid” is no Microsoft tenant id" in told["line 5"]
    assert "Taken is linked to Other (other) by Tenantry (tests)" in told["line 6"]
    assert "line 2 already" in told["line 7"]
    assert "organization_number: there is no organization 12, but 0012" in told["line 8"]
    assert "1.23E+11 is how a spreadsheet rounds" in told["line 9"]
    assert "no organization nobody" in told["line 10"]
    assert err.splitlines()[-1].startswith("FAILED 9 bad rows, so nothing was written.")
    assert out == "1 would be linked; 9 bad rows\n"
    assert len(links(reseller)) == 1
    out, err = run(HEADER + "\n".join(lines), "--skip-bad-rows")
    assert (out, "FAILED" in err) == ("1 linked\n", False)
    assert len(links(reseller)) == 2


def test_a_number_that_was_merged_away_leads_to_the_organization_it_was_merged_into(
    run: Run, reseller: Reseller, tenant: Tenant, organization: Organization
) -> None:
    heir = make_organization(reseller, number="0077", name="Heir B.V.")
    with acting(system_actor(reseller.pk, "tests")) as actor:
        merge_organizations(organization, actor=actor, into=heir, reason="one company")
    content = f"{HEADER}{tenant.microsoft_id},0012,\n"
    said = "line 2, 0012 was merged into Heir B.V. (0077); the tenant goes to that one.\n"
    assert run(content) == ("1 linked\n", said)
    assert [link.organization_id for link in links(reseller)] == [heir.pk]
    assert run(content) == ("0 linked; 1 there already\n", "")


def test_a_guessed_encoding_is_shown_and_has_to_be_told(
    run: Run, tenant: Tenant, organization: Organization
) -> None:
    content = f"{HEADER}{tenant.microsoft_id},0012,für Müller\n".encode("cp1252")
    out, err = run(content, "--dry-run")
    assert "“für”" in err
    assert "1 would be linked" in out
    _, err = run(content)
    assert "FAILED" in err
    assert "--encoding windows-1252" in err
    assert run(content, "--encoding", "windows-1252") == ("1 linked\n", "")


def test_the_export_is_what_an_import_reads_and_an_export_of_that_is_the_same(
    run: Run, reseller: Reseller, organization: Organization, tmp_path: Path
) -> None:
    """D07 for links: into a reseller without links, byte by byte."""
    whys = ["", "=cmd|' /C calc'!A0", "'=x", "“why”, with; all\nof it", "'0012", "＝x", "# 1 rows"]
    tenants = make_tenants(make_connection(reseller), len(whys), name="=Tenant")
    with acting(system_actor(reseller.pk, "tests")) as actor:
        made = [
            link_tenant(tenant, actor=actor, organization=organization, why=why)
            for tenant, why in zip(tenants, whys, strict=True)
        ]
    first = export(reseller, tmp_path / "first.csv")
    assert first.decode("utf-8-sig").splitlines()[-1] == f"# {len(whys)} rows"
    assert b",=" not in first
    assert b'"=' not in first
    assert run(first) == (f"0 linked; {len(whys)} there already\n", "")
    with acting(system_actor(reseller.pk, "tests")), transaction.atomic():
        Link.objects.filter(pk__in=[link.pk for link in made]).delete()
        Tenant.objects.all().update(is_linked=False)
    assert run(first) == (f"{len(whys)} linked\n", "")
    assert export(reseller, tmp_path / "second.csv") == first


def test_an_export_that_fails_leaves_no_half_file(reseller: Reseller, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_links", str(tmp_path / "no" / "x.csv"), "--reseller", reseller.slug)
    assert list(tmp_path.iterdir()) == []
