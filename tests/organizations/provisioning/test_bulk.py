"""Many accounts from a file: previewed, asked for once, and each with its line and column."""

from typing import Any

from django.db import transaction
from django.test import Client

from organizations.files.models import FileRemark, UploadedFile
from organizations.files.operations import run_file
from organizations.provisioning.models import ProvisioningRequest
from portal.core.access import acting, system_actor
from portal.core.jobs.worker import run_job
from tests.factories.tenants import make_tenant
from tests.organizations.provisioning.scene import Scene, account_of


def upload(client: Client, text: str) -> dict[str, Any]:
    answer = client.post(
        "/api/v1/imports/",
        {"kind": "provisioning", "content": text, "name": "customers.csv"},
        content_type="application/json",
    )
    assert answer.status_code == 201, answer.content
    found: dict[str, Any] = answer.json()
    return found


def look(north: Scene, file_id: str) -> UploadedFile:
    with acting(system_actor(north.reseller.pk, "tests")), transaction.atomic():
        return UploadedFile.objects.select_related("job").get(pk=file_id)


def remarks(north: Scene, file_id: str) -> list[tuple[int, str, bool]]:
    with acting(system_actor(north.reseller.pk, "tests")), transaction.atomic():
        rows = FileRemark.objects.filter(file_id=file_id).order_by("position")
        return [(row.line, row.column, row.is_error) for row in rows]


def asked(north: Scene) -> list[ProvisioningRequest]:
    with acting(system_actor(north.reseller.pk, "tests")), transaction.atomic():
        return list(ProvisioningRequest.objects.order_by("domain"))


def test_a_file_is_previewed_and_each_account_asked_for_once(north: Scene) -> None:
    second = account_of(north.organization("Second BV"), email="b@second.example")
    third = account_of(north.organization("Third BV"), email="c@third.example")
    bad = account_of(north.organization("Bad BV"), email="d@bad.example", postal_code="nonsense")
    make_tenant(north.connection, domain="thirdbv.onmicrosoft.com")
    lines = [
        "Account number,Username,Domain prefix,MPN ID",
        f"{north.account.organization.number},admin,northbakery,",
        f"{second.organization.number},admin2,secondbv,",
        f"{third.organization.number},admin3,thirdbv,",
        f"{bad.organization.number},admin4,badbv,",
        "99999,admin,nobody,",
        f"{second.organization.number},admin5,other,",
    ]
    file_id = upload(north.operator.api(), "\n".join(lines))["id"]
    run_job(look(north, file_id).job_id)  # type: ignore[arg-type]
    seen = look(north, file_id)
    assert seen.state == "checked", seen.refusal
    assert seen.counts == {"provisioned": 2, "asked": 1}
    assert seen.bad_rows == 3
    assert remarks(north, file_id) == [
        (4, "domain_prefix", False),
        (5, "number", True),
        (6, "number", True),
        (7, "number", True),
    ]
    assert asked(north) == [], "a preview asks for nothing"
    shown = north.operator.client().get(f"/imports/{file_id}/").content.decode()
    assert "Bad BV: " in shown, "what an account lacks says whose it is"
    with acting(north.operator.actor):
        run_file(seen, actor=north.operator.actor, skip_bad_rows=True)
    job_id = look(north, file_id).job_id
    assert job_id is not None
    run_job(job_id)
    run_job(job_id)
    done = look(north, file_id)
    assert (done.state, done.counts) == ("done", {"provisioned": 2, "asked": 1})
    rows = asked(north)
    assert [row.domain.partition(".")[0] for row in rows] == ["northbakery", "secondbv", "thirdbv"]
    assert {row.source for row in rows} == {"customers.csv"}
    assert [north.finish(row).state for row in rows[:2]] == ["done", "done"]
    assert len(north.effects("customer_created")) == 2
    page = north.operator.client().get(f"/imports/{file_id}/")
    assert b"Show the requests" in page.content


def test_a_file_that_was_partly_asked_for_goes_on(north: Scene) -> None:
    number = north.account.organization.number
    file_id = upload(
        north.operator.api(), f"number,username,domain_prefix\n{number},admin,northbakery\n"
    )["id"]
    run_job(look(north, file_id).job_id)  # type: ignore[arg-type]
    north.ask()  # by somebody else, meanwhile
    with acting(north.operator.actor):
        run_file(look(north, file_id), actor=north.operator.actor)
    run_job(look(north, file_id).job_id)  # type: ignore[arg-type]
    assert look(north, file_id).counts == {"unchanged": 1}
    assert len(asked(north)) == 1


AGREED_HEADER = (
    "number,username,domain_prefix,agreed_first_name,agreed_last_name,agreed_email,agreed_on\n"
)


def test_a_line_says_who_agreed_and_it_is_confirmed_to_microsoft(north: Scene) -> None:
    number = north.account.organization.number
    text = f"{AGREED_HEADER}{number},admin,northbakery,Anna,de Vries,anna@bakery.example,2026-11-01"
    file_id = upload(north.operator.api(), text)["id"]
    run_job(look(north, file_id).job_id)  # type: ignore[arg-type]
    assert (look(north, file_id).bad_rows, remarks(north, file_id)) == (0, [])
    with acting(north.operator.actor):
        run_file(look(north, file_id), actor=north.operator.actor)
    run_job(look(north, file_id).job_id)  # type: ignore[arg-type]
    (row,) = asked(north)
    done = north.finish(row)
    assert north.journal(done)["agreement"] == ("done", "Anna de Vries agreed on 2026-11-01.")
    assert north.effects("agreement_attested") == [str(done.microsoft_id)]


def test_what_is_wrong_with_who_agreed_is_said_of_its_column(north: Scene) -> None:
    lines = [
        ",,,2026-11-01",
        "Anna,de Vries,nobody,1-11-2026",
        "Anna,de Vries,anna@bakery.example,2199-01-01",
        f"{'A' * 51},de Vries,anna@bakery.example,2026-11-01",
    ]
    text = AGREED_HEADER
    for count, line in enumerate(lines):
        account = account_of(north.organization(f"Bakery {count}"), email=f"b{count}@x.example")
        text += f"{account.organization.number},admin{count},prefix{count},{line}\n"
    file_id = upload(north.operator.api(), text)["id"]
    run_job(look(north, file_id).job_id)  # type: ignore[arg-type]
    seen = look(north, file_id)
    assert (seen.bad_rows, seen.counts) == (4, {})
    assert remarks(north, file_id) == [
        (2, "agreed_first_name", True),
        (2, "agreed_last_name", True),
        (2, "agreed_email", True),
        (3, "agreed_email", True),
        (3, "agreed_on", True),
        (4, "agreed_on", True),
        (5, "agreed_first_name", True),
    ]
