"""Uploading a file: a preview that a worker makes, one run, and everything it says of the rows."""

import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any, cast

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse

import organizations.tasks
from organizations.directory.models import Organization
from organizations.directory.queries import organizations as organizations_of
from organizations.files.models import FilePart, UploadedFile
from organizations.files.operations import forget_files, run_file
from organizations.linking.operations import link_tenant
from organizations.merging.operations import merge_organizations
from portal.core.access import Role, acting, system_actor
from portal.core.errors import Conflict
from portal.core.jobs import operations as job_operations
from portal.core.jobs.models import Job
from portal.core.jobs.worker import run_job
from portal.web.server import Arrival, Refused
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_tenant
from tests.organizations.linking.scene import Scene, make_scene

assert organizations.tasks  # registers what does the jobs
pytestmark = pytest.mark.django_db(transaction=True)

ROWS = "number,name,colour\nA1,Contoso B.V.,red\nA2,Fabrikam,blue\n"
Upload = Callable[..., UploadedFile]


@pytest.fixture
def north(monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setattr(job_operations, "ring", lambda *_: True)
    return make_scene()


@pytest.fixture
def visitor(north: Scene) -> Client:
    return north.operator.client()


@pytest.fixture
def upload(north: Scene, visitor: Client) -> Upload:
    """Return a call that uploads a file on its page, is the worker, and answers the file."""

    def upload_file(content: str | bytes, **fields: Any) -> UploadedFile:
        data = content if isinstance(content, bytes) else content.encode()
        answer = visitor.post(
            reverse("files:file_create"),
            {
                "kind": "organizations",
                "file": SimpleUploadedFile("new.csv", data, "text/csv"),
                **fields,
            },
        )
        assert answer.status_code == 302, answer.content.decode()
        return work_off(north, fresh(north))

    return upload_file


def fresh(scene: Scene, file: UploadedFile | None = None) -> UploadedFile:
    """Return a file as it is stored, the newest if none is given."""
    with acting(system_actor(scene.reseller.pk, "tests")), transaction.atomic():
        rows = UploadedFile.objects.select_related("job", "bulk", "bulk__job")
        found = rows.get(pk=file.pk) if file else rows.order_by("created_at").last()
        assert found is not None
        return found


def work_off(scene: Scene, file: UploadedFile) -> UploadedFile:
    """Be the worker that does what a file waits for."""
    job = file.bulk.job if file.bulk and file.bulk.job else file.job
    assert job is not None
    run_job(job.pk)
    with acting(system_actor(scene.reseller.pk, "tests")), transaction.atomic():
        done = Job.objects.get(pk=job.pk)
    assert done.state == Job.State.DONE, done.error
    return fresh(scene, file)


def page(visitor: Client, file: UploadedFile) -> str:
    answer = visitor.get(reverse("files:file_detail", args=[file.pk]))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def names(scene: Scene) -> set[str]:
    with acting(system_actor(scene.reseller.pk, "tests")) as actor, transaction.atomic():
        return {row.name for row in organizations_of(actor)} - {scene.organization.name}


def parts(scene: Scene) -> int:
    with acting(system_actor(scene.reseller.pk, "tests")) as actor, transaction.atomic():
        return FilePart.objects.visible_to(actor).count()


def test_a_file_is_shown_before_anything_is_done_and_then_runs_once(
    north: Scene, visitor: Client, upload: Upload
) -> None:
    file = upload(ROWS)
    assert file.state == UploadedFile.State.CHECKED
    assert (file.counts["created"], file.bad_rows, names(north)) == (2, 0, set())
    shown = page(visitor, file)
    assert "Create 2 organizations" in shown
    assert "passed over" in shown and "colour" in shown
    answer = visitor.post(reverse("files:file_run", args=[file.pk]))
    assert answer.status_code == 302
    done = work_off(north, fresh(north, file))
    assert done.state == UploadedFile.State.DONE
    assert names(north) == {"Contoso B.V.", "Fabrikam"}
    assert parts(north) == 0
    again = visitor.post(reverse("files:file_run", args=[file.pk]))
    assert again.status_code == 422
    assert "only a preview can be run" in again.content.decode()
    second = upload(ROWS)
    assert (second.counts["created"], second.counts["unchanged"]) == (0, 2)
    assert "Everything in this file" not in page(visitor, second)
    assert "There already" in page(visitor, second)


def test_bad_rows_are_told_with_line_and_column_and_left_out_only_when_that_is_said(
    north: Scene, visitor: Client, upload: Upload
) -> None:
    make_organization(north.reseller, number="0012", name="Zeros")
    file = upload("number;name;country\nA1;Contoso;XX\n12;Zeros Ltd;\n1.2E+7;Far;\nA2;Good;NL\n")
    assert (file.bad_rows, file.counts["created"]) == (3, 1)
    shown = page(visitor, file)
    assert "XX” is no country" in shown
    assert "There is no 12, but 0012" in shown
    assert "1.2E+7 is how a spreadsheet rounds" in shown
    refused = visitor.post(reverse("files:file_run", args=[file.pk]))
    assert refused.status_code == 422
    assert "Tick this to leave them out." in refused.content.decode()
    table = visitor.get(reverse("files:remark_export", args=[file.pk]))
    lines = table.getvalue().decode("utf-8-sig").splitlines()
    assert lines[0] == "line,column,is_error,text"
    assert [line.split(",")[:3] for line in lines[1:-1]] == [
        ["2", "country", "error"],
        ["3", "number", "error"],
        ["4", "number", "error"],
    ]
    visitor.post(reverse("files:file_run", args=[file.pk]), {"skip_bad_rows": "on"})
    assert work_off(north, fresh(north, file)).state == UploadedFile.State.DONE
    assert names(north) == {"Zeros", "Good"}


def test_what_is_there_is_changed_only_when_that_is_said(
    north: Scene, visitor: Client, upload: Upload
) -> None:
    kept = make_organization(north.reseller, number="A1", name="Old name", country="NL")
    content = "number,name,country,contact_phone\nA1,New name,,+31 20 765 4321\n"
    file = upload(content)
    assert (file.counts["kept"], file.counts["changed"]) == (1, 0)
    assert "another name, contact phone and stays as it is" in page(visitor, file)
    file = upload(content, change_existing="on")
    assert "Change 1 organization" in page(visitor, file)
    visitor.post(reverse("files:file_run", args=[file.pk]))
    work_off(north, fresh(north, file))
    with acting(system_actor(north.reseller.pk, "tests")), transaction.atomic():
        row = Organization.objects.get(pk=kept.pk)
    assert (row.name, row.country, row.contact_phone) == ("New name", "NL", "+31 20 765 4321")
    assert upload(content, change_existing="on").counts["unchanged"] == 1


def test_a_file_that_is_no_table_says_why(north: Scene, visitor: Client, upload: Upload) -> None:
    file = upload(b"PK\x03\x04 and the rest of a workbook")
    assert file.state == UploadedFile.State.REFUSED
    assert "workbook (XLSX or ODS)" in page(visitor, file)
    assert parts(north) == 0
    visitor.post(reverse("files:file_discard", args=[file.pk]))
    assert "No file was imported yet" in visitor.get(reverse("files:file_list")).content.decode()


def test_a_guessed_encoding_is_shown_with_words_to_judge_it_by(
    visitor: Client, upload: Upload
) -> None:
    content = "name\nMüller & Søn\n".encode("cp1252")
    assert "“Müller”" in page(visitor, upload(content))
    told = upload(content, encoding="windows-1252")
    assert told.guess == ""


def test_links_of_a_file_are_previewed_run_and_left_alone_the_second_time(
    north: Scene, visitor: Client, upload: Upload
) -> None:
    tenants = [
        make_tenant(north.connection, billed_amount=Decimal("12.50"), billed_currency="EUR")
        for _ in range(3)
    ]
    number = north.organization.number
    lines = "".join(f"{tenant.microsoft_id};{number}\n" for tenant in tenants)
    content = f"Tenant ID;Organization number\n{lines}nonsense;{number}\n"
    file = upload(content, kind="links")
    assert (file.counts["linked"], file.bad_rows) == (3, 1)
    assert "Link 3 tenants" in page(visitor, file)
    assert "€37.50" in page(visitor, file)
    with acting(north.operator.actor):
        link_tenant(tenants[0], actor=north.operator.actor, organization=north.organization)
    visitor.post(reverse("files:file_run", args=[file.pk]), {"skip_bad_rows": "on"})
    done = work_off(north, fresh(north, file))
    assert len(north.live_links()) == 3
    shown = page(visitor, done)
    assert "Done" in shown
    assert done.bulk is not None and (done.bulk.linked, done.bulk.unchanged) == (2, 1)
    second = upload(content, kind="links")
    assert second.counts == {"linked": 0, "moved": 0, "unchanged": 3}
    assert len(north.live_links()) == 3


def test_a_line_that_follows_a_merger_says_so_and_is_no_bad_row(
    north: Scene, visitor: Client, upload: Upload
) -> None:
    gone = make_organization(north.reseller, number="0012", name="Gone Company")
    admin = north.person(Role.ADMIN).actor
    with acting(admin):
        merge_organizations(gone, actor=admin, into=north.organization, reason="one company")
    lines = f"{north.tenant.microsoft_id};0012\n"
    file = upload(f"Tenant ID;Organization number\n{lines}", kind="links")
    assert (file.counts["linked"], file.bad_rows, file.remarks) == (1, 0, 1)
    assert "0012 was merged into North Bakery BV" in page(visitor, file)


def test_a_worker_that_is_killed_leaves_nothing_and_the_next_one_does_it(
    north: Scene, visitor: Client, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = upload(ROWS)
    visitor.post(reverse("files:file_run", args=[file.pk]))
    job = fresh(north, file).job
    assert job is not None

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("organizations.files.running._conclude", die)
        with pytest.raises(KeyboardInterrupt):
            run_job(job.pk)
    assert names(north) == set()
    with acting(system_actor(north.reseller.pk, "tests")), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(lease_until="2026-01-01T00:00Z")
    assert work_off(north, fresh(north, file)).state == UploadedFile.State.DONE
    assert names(north) == {"Contoso B.V.", "Fabrikam"}


def test_a_file_beyond_the_limit_and_none_at_all_are_told_beside_the_field(
    visitor: Client,
) -> None:
    address = reverse("files:file_create")
    with override_settings(UPLOAD_BYTES=10):
        answer = visitor.post(
            address, {"kind": "links", "file": io.BytesIO(b"microsoft_id,organization_number\n")}
        )
    assert answer.status_code == 422
    assert "Split it, or import it with manage.py import_links" in answer.content.decode()
    nothing = visitor.post(address, {"kind": "links"})
    assert nothing.status_code == 422
    assert "Choose a file, or paste its rows." in nothing.content.decode()


def test_the_api_does_what_the_page_does(north: Scene) -> None:
    program = north.operator.api()
    address = reverse("api:imports-list")
    made = program.post(
        address, {"kind": "organizations", "content": ROWS}, content_type="application/json"
    )
    assert made.status_code == 201, made.content
    file = work_off(north, fresh(north))
    detail = f"{address}{file.pk}/"
    assert program.get(detail).json()["counts"]["created"] == 2
    assert program.get(f"{detail}remarks/").json()["results"] == []
    assert program.post(f"{detail}run/", {}, content_type="application/json").status_code == 200
    work_off(north, fresh(north, file))
    assert program.get(detail).json()["state"] == "done"
    form = program.post(address, {"kind": "links", "file": io.BytesIO(b"x")})
    assert form.status_code == 201
    refused = work_off(north, fresh(north))
    assert "column microsoft_id and organization_number is missing" in refused.refusal
    assert program.delete(f"{address}{refused.pk}/").status_code == 204


def test_a_preview_of_yesterday_is_not_run_and_is_forgotten(north: Scene, upload: Upload) -> None:
    file = upload(ROWS)
    with acting(north.operator.actor) as actor:
        with transaction.atomic():
            UploadedFile.objects.filter(pk=file.pk).update(created_at="2026-01-01T00:00Z")
        with pytest.raises(Conflict, match="older than a day"):
            run_file(file, actor=actor)
        assert forget_files(actor=actor) == 1
    assert parts(north) == 0


def test_those_who_may_not_link_read_what_was_imported_and_import_nothing(north: Scene) -> None:
    auditor = north.person(Role.AUDITOR).client()
    answer = auditor.get(reverse("files:file_list"))
    assert answer.status_code == 200
    assert reverse("files:file_create") not in answer.content.decode()
    assert auditor.get(reverse("files:file_create")).status_code == 403


def test_the_server_takes_long_bodies_where_files_are_uploaded_and_nowhere_else() -> None:
    header = "{} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n"

    def takes(line: str, length: int) -> bool:
        arrival = Arrival(cast(Any, None), header.format(line, length).encode())
        try:
            return not arrival.is_whole()
        except Refused as refusal:
            assert refusal.status == 413
            return False

    longest = settings.UPLOAD_BYTES + 100_000
    assert takes("POST /imports/new/", longest)
    assert takes("POST /api/v1/imports/", longest)
    assert not takes("POST /imports/new/", 2 * longest)
    assert not takes("POST /members/new/", longest)
    assert not takes("GET /imports/new/", longest)
