"""N07: with PORTAL_READ_ONLY a restored portal serves pages, runs nothing and sends nothing."""

import json
import re
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
import requests
from django.core.mail import EmailMessage
from django.db import transaction
from pytest_django import Settings

from partnercenter.simulator.worlds import make_world
from portal.core.access import ALL_CAPABILITIES, READING, acting, system_actor
from portal.core.errors import NotAllowed
from portal.core.identity.queries import active_resellers
from portal.core.jobs.models import Job
from portal.core.mail import HeldBack
from tenants.discovery.operations import request_discovery
from tests import procs
from tests.factories.core import PASSWORD, Person, make_person, make_reseller
from tests.factories.tenants import make_connection
from tests.limits.web import RunningWeb, web

pytestmark = pytest.mark.django_db(transaction=True)

WAIT_SECONDS = 60
PAGES = ("/", "/tenants/", "/organizations/", "/connections/", "/jobs/", "/audit/", "/me/")
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
BANNER = "Nothing can be changed for now"


@pytest.fixture
def admin() -> Person:
    return make_person(make_reseller(), password=PASSWORD)


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[procs.RunningSimulator]:
    make_world(tmp_path / "world", customers=3, lines=5, seed=7, hostile=0)
    with procs.simulator(str(tmp_path / "world"), tmp_path / "state") as simulator:
        yield simulator


def environment(cloud: procs.RunningSimulator, mails: Path, *, read_only: bool) -> dict[str, str]:
    return {
        "PARTNERCENTER_SIMULATORS": f"simulator={cloud.url}",
        "PARTNERCENTER_CA_BUNDLE": str(cloud.certificate),
        "PORTAL_READ_ONLY": str(read_only).lower(),
        "PORTAL_BASE_URL": "http://127.0.0.1",
        "EMAIL_URL": f"filemail://{mails}",
    }


def effects(cloud: procs.RunningSimulator) -> int:
    """Return how many effects the simulated Microsoft has seen."""
    answer = requests.get(
        f"{cloud.url}/_simulator/ledger", verify=str(cloud.certificate), timeout=30
    )
    return int(answer.json()["count"])


def state_of(job: Job) -> tuple[str, int]:
    with acting(system_actor(job.reseller_id, "tests")), transaction.atomic():
        row = Job.objects.get(pk=job.pk)
        return row.state, row.attempts


def wait_until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def signed_in(running: RunningWeb, person: Person) -> requests.Session:
    browser = requests.Session()
    page = browser.get(f"{running.url}/auth/login/", timeout=30).text
    browser.post(
        f"{running.url}/auth/login/",
        {
            "login": person.membership.email,
            "password": PASSWORD,
            "csrfmiddlewaretoken": CSRF.findall(page)[0],
        },
        timeout=30,
    )
    return browser


@pytest.mark.processes
def test_n07_pages_work_while_nothing_is_changed_run_or_sent(
    admin: Person,
    cloud: procs.RunningSimulator,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    partner = json.loads((tmp_path / "world" / "partner.json").read_text())
    connection = make_connection(
        admin.membership.reseller, partner_tenant=partner["tenantId"], secret="demo"
    )
    with acting(admin.actor):
        job = request_discovery(connection, actor=admin.actor).job
    token, mails = {"Authorization": f"Bearer {admin.token()}"}, tmp_path / "mails"
    mails.mkdir()
    started = effects(cloud)
    env = environment(cloud, mails, read_only=True)
    with web(tmp_path, env) as running, procs.worker(tmp_path, env):
        log = tmp_path / "worker.log"
        wait_until(lambda: "job_held" in log.read_text(), "the worker never saw the job")
        browser = signed_in(running, admin)
        answers = [browser.get(running.url + page, timeout=30) for page in PAGES]
        served = [a for a in answers if a.status_code == HTTPStatus.OK and BANNER in a.text]
        refused = [
            requests.post(f"{running.url}/api/v1/{path}", json={}, headers=token, timeout=30)
            for path in (
                f"connections/{connection.pk}/test/",
                f"connections/{connection.pk}/discover/",
                "organizations/",
            )
        ]
        page = browser.get(f"{running.url}/me/", timeout=30)
        form = {"csrfmiddlewaretoken": browser.cookies["csrftoken"], "name": "x"}
        refused.append(browser.post(f"{running.url}/me/tokens/", form, timeout=30))
        forgotten = requests.get(f"{running.url}/auth/password/reset/", timeout=30)
        out = browser.post(f"{running.url}/auth/logout/", form, timeout=30)
        assert page.ok and out.ok
    assert state_of(job) == ("waiting", 0)
    assert [a.status_code for a in refused] == [HTTPStatus.FORBIDDEN] * len(refused)
    assert all("read-only" in a.text for a in refused)
    assert (forgotten.status_code, "sends no mail" in forgotten.text) == (503, True)
    record_property(
        "figure",
        f"N07: {effects(cloud) - started} effects at Microsoft, {len([*mails.iterdir()])} mails,"
        f" {len(served)} of {len(PAGES)} pages with the banner, {len(refused)} changes refused",
    )
    assert effects(cloud) == started
    assert [*mails.iterdir()] == []
    assert len(served) == len(PAGES)
    with procs.worker(tmp_path, environment(cloud, mails, read_only=False)):
        with acting(system_actor(job.reseller_id, "tests")), transaction.atomic():
            Job.objects.filter(pk=job.pk).update(publish_at=job.created_at)
        wait_until(lambda: state_of(job)[0] == "done", "the job did not go on after release")


def test_n07_no_actor_has_a_writing_right_and_the_schedule_asks_for_nothing(
    admin: Person, settings: Settings
) -> None:
    settings.READ_ONLY = True
    system = system_actor(admin.actor.reseller_id, "tests")
    assert system.capabilities == READING
    assert active_resellers() == []
    for capability in ALL_CAPABILITIES - READING:
        with pytest.raises(NotAllowed, match="read-only") as refused:
            system.require(capability)
        assert refused.value.code == "read_only"


def test_n07_mail_is_held_back() -> None:
    assert HeldBack().send_messages([EmailMessage("subject", "body", to=["a@example.com"])]) == 0


def test_n07_what_is_left_are_rights_that_exist() -> None:
    assert READING <= ALL_CAPABILITIES
