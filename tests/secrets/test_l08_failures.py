"""L08: whatever fails in the token and billing code, and wherever, no report tells a secret."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import requests
from django.db import transaction
from django.db.models.functions import Now

import billing.invoices.importing
import partnercenter.auth
import partnercenter.resources.invoices
import partnercenter.token_claims
import partnercenter.transport
import partnercenter.wire
import tenants.connections.clients
from partnercenter.errors import PartnerCenterError
from portal.core import encryption
from portal.core.access import acting, system_actor
from portal.core.jobs.models import Job
from portal.core.jobs.worker import run_job
from tenants.connections.models import Connection
from tests.flows.world import MONTH
from tests.secrets.conftest import Figure
from tests.secrets.reports import reports_of
from tests.secrets.scene import SECRET, Scene

pytestmark = pytest.mark.django_db(transaction=True)

TOKEN_CODE = (
    partnercenter.auth,
    partnercenter.token_claims,
    partnercenter.transport,
    partnercenter.wire,
    partnercenter.resources.invoices,
    tenants.connections.clients,
    encryption,
)
Line = tuple[str, int]


class Injected(Exception):
    """Raised where no error is foreseen."""


@contextmanager
def tracing(files: set[str], at_line: Callable[[Line], None]) -> Iterator[None]:
    """Call ``at_line`` before each line of these files, in every thread begun meanwhile."""

    def trace(frame: FrameType, event: str, _arg: Any) -> Any:
        if frame.f_code.co_filename not in files:
            return None
        if event == "line":
            at_line((frame.f_code.co_filename, frame.f_lineno))
        return trace

    former = sys.gettrace()
    threading.settrace(trace)
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(former)
        threading.settrace(None)


def lines_of(flow: Callable[[], None], files: set[str]) -> list[Line]:
    """Run a flow and return the lines of the files that it passes, in order."""
    passed: dict[Line, None] = {}
    with tracing(files, lambda line: passed.setdefault(line)):
        flow()
    return list(passed)


def fail_at(wanted: Line, flow: Callable[[], None]) -> BaseException | None:
    """Run a flow that fails at a line, once, and return what came out of it."""
    raised: list[Line] = []

    def at_line(line: Line) -> None:
        if line == wanted and not raised:
            raised.append(line)
            raise Injected("not foreseen")

    try:
        with tracing({wanted[0]}, at_line):
            flow()
    except Exception as error:  # noqa: BLE001  (whatever a reporter would be given)
        return error
    return None


def leaks(scene: Scene, texts: dict[str, str], where: object) -> list[str]:
    return [
        f"{where}: {channel}: {found}"
        for channel, text in texts.items()
        for found in scene.found_in(text)
    ]


def end_jobs() -> None:
    """Close what waits to be tried again, so that the next round may ask anew."""
    Job.objects.filter(state__in=Job.OPEN).update(state=Job.State.FAILED, finished_at=Now())


@pytest.fixture
def connection(scene: Scene) -> Connection:
    pk = scene.connect(scene.program())
    with acting(system_actor(scene.reseller.pk, "tests")), transaction.atomic():
        row: Connection = Connection.objects.get(pk=pk)
    return row


@pytest.mark.timeout(280)
def test_l08_no_line_of_the_token_code_can_fail_and_tell(
    scene: Scene, connection: Connection, figure: Figure
) -> None:
    def flow() -> None:
        with acting(system_actor(scene.reseller.pk, "tests")):
            center = tenants.connections.clients.partner_center_for(connection)
            for invoice in center.invoices.list():
                for page in center.invoices.line_items(
                    invoice.id, "one_time", "billing_line_items"
                ):
                    assert page.items is not None

    lines = lines_of(flow, {str(module.__file__) for module in TOKEN_CODE})
    found, failed = [], 0
    for line in lines:
        error = fail_at(line, flow)
        if error is not None:
            failed += 1
            found += leaks(scene, reports_of(error), f"{Path(line[0]).name}:{line[1]}")
    figure(f"L08: token code fails at each of {len(lines)} lines: {len(found)} reports tell")
    assert len(scene.secrets) > 3 and SECRET in scene.secrets
    assert failed > 100
    assert not found, found


BAD_ANSWERS: dict[str, Callable[[str], str]] = {
    "cut short": lambda answer: answer[:-2],
    "two tokens": lambda answer: answer[:-1] + ", " + answer[1:],
    "no object": lambda answer: f"[{answer}]",
    "too deep": lambda answer: answer[:-1] + ', "x": ' + "[" * 40 + "]" * 40 + "}",
    "not text": lambda answer: answer[:-1] + ', "x": "\udc80"}',
    "a page": lambda answer: f"<html>{answer}</html>",
    "no lifetime": lambda answer: answer.replace("expires_in", "expires"),
    "another kind": lambda answer: answer.replace("Bearer", "pop"),
    "a refusal too": lambda answer: answer.replace('"access_token"', '"access_tokens"'),
}


@pytest.mark.parametrize("kind", BAD_ANSWERS)
def test_l08_no_bad_token_answer_is_told(
    kind: str, scene: Scene, connection: Connection, figure: Figure
) -> None:
    with acting(system_actor(scene.reseller.pk, "tests")):
        center = tenants.connections.clients.partner_center_for(connection)
        scene.spoil = BAD_ANSWERS[kind]
        with pytest.raises(PartnerCenterError) as failed:
            center.check_access()
    found = leaks(scene, reports_of(failed.value), kind)
    figure(f"L08: a token answer that is {kind}: {len(found)} reports tell")
    assert len(scene.secrets) > 3
    assert not found, found


@pytest.mark.timeout(280)
def test_l08_no_line_of_the_import_can_fail_and_tell(
    scene: Scene, connection: Connection, figure: Figure, capsys: Any
) -> None:
    client = scene.program()
    body = {"connection": str(connection.pk), "month": MONTH}
    errors: list[str] = []

    def flow() -> None:
        answer = client.post("/api/v1/invoices/", body, content_type="application/json")
        job_id = answer.json().get("id") or answer.json()["job"]
        try:
            run_job(job_id)
        finally:
            with acting(system_actor(scene.reseller.pk, "tests")), transaction.atomic():
                job = Job.objects.get(pk=job_id)
                errors.append(f"{job.error} {job.payload} {job.result} {job.note}")
                end_jobs()

    lines = lines_of(flow, {str(billing.invoices.importing.__file__)})
    found, failed = [], 0
    for line in lines:
        error = fail_at(line, flow)
        texts = {"job": errors[-1]}
        if error is not None:
            failed += 1
            # Reporters print a lazy query by asking it, which is refused outside the scope.
            with acting(system_actor(scene.reseller.pk, "tests")), transaction.atomic():
                texts |= reports_of(error)
        found += leaks(scene, texts, f"{Path(line[0]).name}:{line[1]}")
    said = capsys.readouterr()
    found += leaks(scene, {"log": said.err + said.out}, "all")
    figure(f"L08: the import fails at each of {len(lines)} lines: {len(found)} reports tell")
    assert failed > 20 and "Traceback" not in errors[-1]
    assert not found, found


def _with_everything(request: requests.PreparedRequest) -> str:
    return f"{request.method} {request.url}?sig={SECRET} {dict(request.headers)} {request.body!r}"


FAILURES: dict[str, Callable[[requests.PreparedRequest], Exception]] = {
    "unforeseen": lambda request: AssertionError("not foreseen"),
    "broken off": lambda request: requests.ConnectionError(_with_everything(request)),
    "refused by the library": lambda request: requests.HTTPError(_with_everything(request)),
    "a value": lambda request: ValueError(_with_everything(request)),
    "the system": lambda request: OSError(_with_everything(request)),
}


@pytest.mark.parametrize("kind", FAILURES)
@pytest.mark.parametrize("moment", ["before", "after"])
def test_l08_no_outgoing_call_can_fail_and_tell(
    kind: str, moment: str, scene: Scene, figure: Figure, capsys: Any
) -> None:
    """The n-th call of the whole story fails, for every n; pages, jobs and logs are looked at."""
    client = scene.program()
    connection = scene.play(client)
    calls, found = scene.calls, []
    api = "/api/v1"
    for number in range(1, calls + 1):
        scene.calls = 0

        def fail(request: requests.PreparedRequest, number: int = number) -> None:
            if scene.calls == number:
                raise FAILURES[kind](request)

        setattr(scene, moment, fail)
        texts: dict[str, str] = {}
        for address, body in (
            (f"{api}/connections/{connection}/test/", {}),
            (f"{api}/discovery-runs/", {"connection": connection}),
            (f"{api}/invoices/", {"connection": connection, "month": MONTH}),
        ):
            answer = client.post(address, body, content_type="application/json")
            texts[f"answer of {address}"] = answer.content.decode()
            if answer.status_code == 500:
                texts |= reports_of(answer.exc_info[1])  # type: ignore[attr-defined]
            for job_id in scene.jobs():
                try:
                    run_job(job_id)
                except Exception as error:  # noqa: BLE001  (likewise)
                    texts |= reports_of(error)
        with acting(system_actor(scene.reseller.pk, "tests")), transaction.atomic():
            texts["jobs"] = str(list(Job.objects.values()))
            end_jobs()
        found += leaks(scene, texts, number)
    said = capsys.readouterr()
    found += leaks(scene, {"log": said.err + said.out}, "all")
    figure(f"L08: {kind}, {moment} each of {calls} calls: {len(found)} reports tell")
    assert calls >= 6
    assert not found, found


def test_l08_the_search_would_find_a_secret(scene: Scene) -> None:
    def careless() -> None:
        secret = str(SECRET)
        raise Injected(f"{len(secret)} characters of {secret}")

    with pytest.raises(Injected) as failed:
        careless()
    told = {line.split(": ")[1] for line in leaks(scene, reports_of(failed.value), "here")}
    assert told == {"text of the exception", "traceback", "traceback with variables"}, told
