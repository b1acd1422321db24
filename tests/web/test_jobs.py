"""The jobs pages and API: what runs, waits, failed and why, and who may try again."""

from collections.abc import Callable

import pytest
from django.db import transaction

from portal.core.access import Role, acting
from portal.core.errors import InvalidInput, Unavailable
from portal.core.jobs import kinds, operations, worker
from portal.core.jobs.models import Job
from portal.core.jobs.running import RunningJob
from tests.core.test_jobs import KIND, admin, age, ask, read, rung
from tests.factories.core import Person, make_person

pytestmark = pytest.mark.django_db(transaction=True)
assert admin and rung  # fixtures


@pytest.fixture
def job(
    admin: Person, rung: list[object], monkeypatch: pytest.MonkeyPatch
) -> Callable[[Exception], Job]:
    """Return a function that makes a job which ends with an error, and tries it once."""

    def fail_with(error: Exception) -> Job:
        def runner(running: RunningJob) -> None:
            raise error

        monkeypatch.setitem(kinds._runners, KIND.name, runner)
        asked = ask(admin)
        worker.run_job(asked.pk)
        return read(admin, asked)

    return fail_with


def test_a_job_that_waits_says_when_and_why(admin: Person, job: Callable[[Exception], Job]) -> None:
    waiting = job(Unavailable("Partner Center did not answer."))
    browser = admin.client()
    for path in ("/jobs/", f"/jobs/{waiting.pk}/"):
        page = browser.get(path).content.decode()
        assert "Partner Center did not answer." in page
        assert "Tries again" in page
    assert "1 of 3" in page
    assert "What went wrong last" in page
    answer = admin.api().get(f"/api/v1/jobs/{waiting.pk}/").json()
    assert (answer["state"], answer["attempts"], answer["max_attempts"]) == ("waiting", 1, 3)
    assert answer["next_try"]


def test_a_job_whose_worker_is_gone_says_so(admin: Person, rung: list[object]) -> None:
    asked = ask(admin)
    with acting(admin.actor):
        assert operations.claim(asked.pk)
    age(asked, "lease_until", 5)
    assert "another takes it" in admin.client().get("/jobs/").content.decode()


def test_a_failed_job_is_tried_again_by_those_who_may(
    admin: Person, job: Callable[[Exception], Job]
) -> None:
    failed = job(InvalidInput("There is no such month."))
    with_right = admin.client()
    with acting(admin.actor), transaction.atomic():
        reseller = admin.membership.reseller
    auditor = make_person(reseller, Role.AUDITOR).client()
    path = f"/jobs/{failed.pk}/"
    assert "Why it stopped" in auditor.get(path).content.decode()
    assert f"{path}retry/" not in auditor.get(path).content.decode()
    assert auditor.post(f"{path}retry/").status_code == 403
    assert f"{path}retry/" in with_right.get(path).content.decode()
    assert with_right.post(f"{path}retry/").status_code == 302
    assert read(admin, failed).state == "waiting"
