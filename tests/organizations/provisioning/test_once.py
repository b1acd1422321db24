"""One wish, one effect: F06, G07, G14, G16, and who may do what when."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connections, transaction
from django.test import Client

from organizations.files.models import UploadedFile
from organizations.provisioning.models import (
    MOVES,
    OPEN,
    STEP_MOVES,
    ProvisioningRequest,
    ProvisioningStep,
)
from organizations.provisioning.steering import (
    cancel_provisioning,
    resume_provisioning,
    retry_provisioning,
)
from organizations.provisioning.telling import look_after
from portal.core.access import Role, acting, system_actor
from portal.core.errors import Conflict, InvalidInput
from portal.core.jobs.models import Job
from portal.core.jobs.worker import run_job
from portal.notify.models import Delivery
from tests.database import administrator
from tests.environment import DATABASE
from tests.factories.core import make_person
from tests.organizations.provisioning.scene import Scene, account_of, fill_in

Record = Callable[[str, Any], None]
API = "/api/v1/provisioning-requests/"
AT_ONCE = 50


def body(north: Scene, **changes: Any) -> dict[str, Any]:
    return {
        "account": str(north.account.pk),
        "connection": str(north.connection.pk),
        "username": "admin",
        "domain": "northbakery",
    } | changes


def post(client: Client, content: dict[str, Any], key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return client.post(API, content, content_type="application/json", headers=headers)


def count(north: Scene) -> int:
    with acting(system_actor(north.reseller.pk, "tests")), transaction.atomic():
        return int(ProvisioningRequest.objects.count())


def at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Make calls side by side, each with a connection of its own."""

    def alone(call: Callable[[], Any]) -> Any:
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=8) as pool:
        return list(pool.map(alone, calls))


def test_f06_one_key_fifty_times_is_one_request(north: Scene, record_property: Record) -> None:
    client = north.operator.api()
    answers = at_once([lambda: post(client, body(north), "order-1") for _ in range(AT_ONCE)])
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert count(north) == 1
    other = post(client, body(north, domain="another"), "order-1")
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    done = north.finish(ProvisioningRequest(pk=answers[0].json()["id"]))
    assert done.state == "done"
    assert len(north.effects("customer_created")) == 1
    record_property("figure", f"F06: 1 of {AT_ONCE} with one key; another body 422")


def test_nobody_has_agreed_on_a_day_that_is_to_come(north: Scene) -> None:
    said = {"first_name": "Anna", "last_name": "Baker", "email": "anna@bakery.example"}
    wish = body(north, agreement=said | {"agreed_on": "2999-01-01"})
    answer = post(north.operator.api(), wish)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["agreed_on"])
    assert count(north) == 0


def test_f06_another_users_same_key_is_another_key(north: Scene) -> None:
    first = post(north.operator.api(), body(north), "order-1")
    other = account_of(north.organization("Other BV"), email="o@other.example")
    somebody = make_person(north.reseller, Role.OPERATOR)
    content = body(north, account=str(other.pk), domain="otherx")
    second = post(somebody.api(), content, "order-1")
    assert (first.status_code, second.status_code) == (202, 202)
    assert count(north) == 2


def test_f06_one_form_sent_fifty_times_is_one_request(north: Scene) -> None:
    page = north.operator.client()
    shown = page.get("/provisioning/new/")
    token = shown.context["form"].initial["token"]
    form = {
        "number": north.account.organization.number,
        "connection": str(north.connection.pk),
        "username": "admin",
        "domain": "northbakery",
        "token": token,
    }
    answers = at_once([lambda: page.post("/provisioning/new/", form) for _ in range(AT_ONCE)])
    assert {answer.status_code for answer in answers} == {302}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert count(north) == 1


def test_g16_the_same_wish_by_api_page_and_uploaded_file_has_one_effect(
    north: Scene, record_property: Record
) -> None:
    api, page = north.operator.api(), north.operator.client()
    form = {
        "number": north.account.organization.number,
        "connection": str(north.connection.pk),
        "username": "admin",
        "domain": "northbakery",
    }
    rows = f"number,username,domain_prefix\n{form['number']},admin,northbakery\n"
    files = [
        upload_on_page(north, page, rows, name=f"customers{number}.csv") for number in range(5)
    ]

    def by_file(file_id: str) -> None:
        assert api.post(f"/api/v1/imports/{file_id}/run/").status_code in (200, 202)
        run_job(file_job(north, file_id))

    calls: list[Callable[[], Any]] = []
    for number, file_id in enumerate(files):
        calls += [
            lambda number=number: post(api, body(north), f"key-{number}"),  # type: ignore[misc]
            lambda number=number: page.post(  # type: ignore[misc]
                "/provisioning/new/", form | {"token": f"form-{number}"}
            ),
            lambda file_id=file_id: by_file(file_id),  # type: ignore[misc]
        ]
    at_once(calls)
    assert count(north) == 1
    with acting(system_actor(north.reseller.pk, "tests")), transaction.atomic():
        row = ProvisioningRequest.objects.get()
        ended = list(UploadedFile.objects.values_list("state", "counts"))
    assert {state for state, _ in ended} == {"done"}, ended
    asked_by_files = sum(counts.get("provisioned", 0) for _, counts in ended)
    assert asked_by_files <= 1, "a file says that it asked only where it did"
    done = north.finish(row)
    assert done.state == "done"
    assert north.ask().pk == done.pk, "the same wish after its end is the same request"
    assert len(north.effects("customer_created")) == 1
    record_property(
        "figure", f"G16: 1 effect of {len(calls)} by API, page and {len(files)} uploaded files"
    )


def upload_on_page(north: Scene, page: Client, rows: str, *, name: str) -> str:
    """Upload a file on its page and be the worker that previews it; return its id."""
    file = SimpleUploadedFile(name, rows.encode(), "text/csv")
    answer = page.post("/imports/new/", {"kind": "provisioning", "file": file})
    assert answer.status_code == 302, answer.content
    file_id = answer.headers["Location"].rstrip("/").rpartition("/")[2]
    run_job(file_job(north, file_id))
    return file_id


def file_job(north: Scene, file_id: str) -> UUID:
    with acting(system_actor(north.reseller.pk, "tests")), transaction.atomic():
        job_id: UUID = UploadedFile.objects.get(pk=file_id).job_id
        return job_id


def test_g07_taken_between_check_and_create_is_told_once(
    north: Scene, record_property: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = north.partner.simulator.site.customers
    fresh = taken.domain_taken
    asked: list[str] = []

    def later(domain: str) -> bool:
        asked.append(domain)
        return len(asked) > 1 or fresh(domain)

    monkeypatch.setattr(taken, "domain_taken", later)
    refused = north.run()
    assert (refused.state, refused.outcome) == ("failed", "refused")
    assert "taken by somebody else" in refused.errors["domain"][0]
    posts = [call for call in north.partner.calls if call == "POST /v1/customers"]
    assert len(posts) == 1
    assert north.effects("customer_created") == []
    assert north.live_links() == []
    monkeypatch.undo()
    record_property("figure", "G07: definite failure, 0 retries, nothing made")


def test_a_taken_prefix_makes_way_for_another(north: Scene) -> None:
    north.partner.fail(
        {
            "method": "POST",
            "path": "^/v1/customers$",
            "times": 1,
            "action": "status",
            "status": 400,
            "body": {"code": 600050, "description": "The number has not the form."},
        }
    )
    refused = north.run()
    assert refused.state == "failed"
    assert list(refused.errors) == ["registration_number"]
    done = north.run(domain="northbakerytwo")
    assert done.state == "done"
    assert north.look(refused).state == "cancelled"


def test_a_refused_request_is_tried_again_with_what_the_account_says_now(north: Scene) -> None:
    north.partner.fail(
        {
            "method": "POST",
            "path": "^/v1/customers$",
            "times": 1,
            "action": "status",
            "status": 400,
            "body": {"code": 800002, "description": "defaultAddress.postalCode is wrong."},
        }
    )
    refused = north.run()
    assert list(refused.errors) == ["postal_code"]
    page = north.operator.client().get(f"/provisioning/{refused.pk}/").content.decode()
    assert f'href="/organizations/accounts/{north.account.pk}/edit/#id_postal_code"' in page
    fill_in(north.account, postal_code="1012 AC")
    with acting(north.operator.actor):
        retry_provisioning(refused, actor=north.operator.actor)
    done = north.finish(refused)
    assert done.state == "done", north.journal(done)
    assert done.request_id != refused.request_id
    (made,) = north.partner.simulator.ledger.find(kind="customer_created")
    assert made.data["customer"]["billingProfile"]["defaultAddress"]["postalCode"] == "1012 AC"


def test_passing_failures_are_tried_again_by_themselves(north: Scene) -> None:
    north.partner.fail(
        {"method": "HEAD", "path": "/domains/", "times": 5, "action": "html", "status": 503},
        {"method": "POST", "path": "^/v1/customers$", "times": 2, "action": "throttle"},
    )
    done = north.run()
    assert done.state == "done", north.journal(done)
    assert len(north.effects("customer_created")) == 1


def test_what_was_sent_and_not_answered_cannot_be_cancelled(north: Scene, settings: Any) -> None:
    settings.PROVISIONING_SETTLE_SECONDS = 600
    north.partner.fail({"method": "POST", "path": "^/v1/customers$", "action": "drop"})
    asked = north.work(north.ask())
    assert (asked.state, asked.outcome) == ("running", "sent")
    with acting(north.operator.actor), pytest.raises(Conflict) as refused:
        cancel_provisioning(asked, actor=north.operator.actor)
    assert refused.value.code == "in_doubt"
    north.work(asked)
    posts = [call for call in north.partner.calls if call == "POST /v1/customers"]
    assert len(posts) == 1, "nothing is sent again before the settling time"


@pytest.mark.parametrize("hours", [-2, 2])
def test_a_wrong_clock_neither_hurries_nor_holds_up_a_lost_create(
    north: Scene, settings: Any, hours: int
) -> None:
    settings.PROVISIONING_SETTLE_SECONDS = 600
    north.partner.fail({"method": "POST", "path": "^/v1/customers$", "action": "drop", "times": 1})
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=hours), tick=True):
        asked = north.work(north.ask())
    assert (asked.state, asked.outcome) == ("running", "sent")
    asked = north.work(asked)
    with time_machine.travel(datetime.now(UTC) - timedelta(hours=hours), tick=True):
        asked = north.work(asked)
    posts = [call for call in north.partner.calls if call == "POST /v1/customers"]
    assert len(posts) == 1, "no worker's clock says that the settling time is over"
    settings.PROVISIONING_SETTLE_SECONDS = 0
    done = north.finish(asked)
    assert done.state == "done", north.journal(done)
    assert len(north.effects("customer_created")) == 1


def test_a_wish_is_cancelled_before_anything_is_sent(north: Scene) -> None:
    asked = north.ask()
    with acting(north.operator.actor):
        cancel_provisioning(asked, actor=north.operator.actor)
    assert north.work(asked).state == "cancelled"
    assert "POST /v1/customers" not in north.partner.calls


def test_what_a_worker_gave_up_is_handed_to_a_person_who_is_told_once(north: Scene) -> None:
    system = system_actor(north.reseller.pk, "tests")
    others = [
        account_of(north.organization(f"Many {number} BV"), email="m@many.example")
        for number in range(3)
    ]
    rows = [
        north.ask(account=account, domain=f"many{number}") for number, account in enumerate(others)
    ]
    with acting(system):
        with transaction.atomic():
            for row in rows:
                job = Job.objects.get(pk=row.job_id)
                job.state, job.error, job.finished_at = "needs_person", "Lost.", job.created_at
                job.save()
        assert look_after(actor=system) == 3
        assert look_after(actor=system) == 0
        with transaction.atomic():
            told = list(Delivery.objects.filter(topic="provisioning.stopped"))
    people = {row.membership_id for row in told}
    assert len(told) == len(people) == 2, "one message each for three requests"
    assert {north.look(row).state for row in rows} == {"person"}
    with acting(north.operator.actor):
        resume_provisioning(rows[0], actor=north.operator.actor)
    assert north.finish(rows[0]).state == "done"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"domain": "has space"}, "domain"),
        ({"domain": "a" * 28}, "domain"),
        ({"domain": ""}, "domain"),
        ({"username": "not a name!"}, "username"),
        ({"reseller_mpn_id": "123"}, "reseller_mpn_id"),
    ],
)
def test_bad_values_are_refused_beside_their_field(
    north: Scene, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        north.ask(**changes)
    assert field in refused.value.fields
    assert count(north) == 0


def test_g14_every_forbidden_way_is_refused_by_the_database(
    north: Scene, record_property: Record
) -> None:
    asked = north.ask()
    refused = allowed = 0
    for table, moves in (
        ("organizations_provisioningrequest", MOVES),
        ("organizations_provisioningstep", STEP_MOVES),
    ):
        states = list(moves)
        for before in states:
            for after in states:
                if before == after:
                    continue
                went = goes(north, asked, table, before, after)
                assert went == (after in moves[before]), (table, before, after)
                refused, allowed = refused + (not went), allowed + went
    assert set(OPEN) == {state for state, ways in MOVES.items() if ways}
    record_property("figure", f"G14: {refused} of {refused} forbidden ways refused, {allowed} free")


def goes(north: Scene, asked: ProvisioningRequest, table: str, before: str, after: str) -> bool:
    """Tell whether the database lets a row go from one state to another, and undo it."""
    is_request = table.endswith("request")
    place = "id = %s" if is_request else "provisioning_id = %s AND name = 'create'"
    ended = ", ended_at = now()" if is_request and after in ("done", "cancelled") else ""
    with administrator(DATABASE) as database:
        database.autocommit = False
        with database.cursor() as cursor:
            try:
                cursor.execute("SET session_replication_role = replica")
                if is_request:
                    for name in ("done_has_link", "ended_has_time"):
                        cursor.execute(
                            f"ALTER TABLE {table} DROP CONSTRAINT organizations_provisioning_{name}"
                        )
                cursor.execute(
                    f"UPDATE {table} SET state = %s WHERE {place}", [before, str(asked.pk)]
                )
                cursor.execute("SET session_replication_role = origin")
                cursor.execute(
                    f"UPDATE {table} SET state = %s{ended} WHERE {place}", [after, str(asked.pk)]
                )
            except Exception as error:  # noqa: BLE001  (whatever the driver raises)
                assert "does not go" in str(error) or "is final" in str(error), error
                return False
            else:
                return bool(cursor.rowcount == 1)
            finally:
                database.rollback()


def test_journals_are_not_deleted(north: Scene) -> None:
    asked = north.ask()
    with acting(system_actor(north.reseller.pk, "tests")):
        for rows in (
            ProvisioningStep.objects.filter(provisioning=asked),
            ProvisioningRequest.objects.filter(pk=asked.pk),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                rows._raw_delete("default")
