"""The command: one ready line, a quick end on a signal, and exit status 2 for wrong input."""

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.partnercenter.simulator.calls import COMMERCE
from tests.partnercenter.simulator.sample_worlds import PARTNER, make_customer, write_world

ROOT = Path(__file__).resolve().parents[3]

pytestmark = pytest.mark.processes


@pytest.fixture
def world(tmp_path: Path) -> Path:
    folder = tmp_path / "world"
    write_world(folder, customers=[make_customer(1)])
    return folder


def start(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "manage.py", "partnercenter_simulator", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def running(*arguments: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    process = start("--port", "0", *arguments)
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline()
    finally:
        process.kill()
        process.communicate()


def token_from(base: str, **more: object) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": str(PARTNER["clientId"]),
        "client_secret": str(PARTNER["clientSecret"]),
        "resource": COMMERCE,
    }
    url = f"{base}/{PARTNER['tenantId']}/oauth2/token"
    answer = requests.post(url, data=form, timeout=10, **more)  # type: ignore[arg-type]
    return str(answer.json()["access_token"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ready_line_names_addresses_that_answer_and_a_signal_ends_it(
    world: Path, number: signal.Signals
) -> None:
    with running("--world", str(world)) as (process, line):
        found = re.search(r"(http://\S+) and (https://localhost:\d+), .*trust (\S+)$", line.strip())
        assert found, line
        plain, secure, authority = found.groups()
        headers = {"Authorization": f"Bearer {token_from(secure, verify=authority)}"}
        session = requests.Session()
        assert session.get(f"{plain}/v1/customers", headers=headers, timeout=10).ok
        # The idle connection of the session must not hold the process up.
        process.send_signal(number)
        assert process.wait(timeout=20) == 0


def test_signal_ends_it_while_it_still_makes_its_world(tmp_path: Path) -> None:
    state = tmp_path / "state"
    process = start("--port", "0", "--world", "large", "--state", str(state))
    deadline = time.monotonic() + 60
    while not (state / "worlds").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=20)
    assert (process.returncode, output) == (0, "")


def test_state_folder_keeps_effects_and_certificate(world: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    arguments = ("--world", str(world), "--state", str(state))
    with running(*arguments) as (_, line):
        base = line.split()[4]
        headers = {"Authorization": f"Bearer {token_from(base)}"}
        target = f"/v1/customers/{make_customer(1)['id']}"
        assert requests.delete(base + target, headers=headers, timeout=10).status_code == 204
    authority = (state / "certificates" / "ca.pem").read_bytes()
    with running(*arguments) as (_, line):
        again = requests.get(line.split()[4] + target, headers=headers, timeout=10)
        assert again.status_code == 404
    assert (state / "certificates" / "ca.pem").read_bytes() == authority


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--world", "nowhere"), "nowhere"),
        (("--world", "{world}", "--state", "{file}"), "State folder"),
        (("--world", "{world}", "--certificate-folder", "{file}/x"), "Certificate folder"),
        (("--world", "{world}", "--host", "256.0.0.1"), "256.0.0.1"),
    ],
)
def test_wrong_input_ends_with_status_2_and_a_message(
    world: Path, tmp_path: Path, arguments: tuple[str, ...], named: str
) -> None:
    (tmp_path / "file").write_text("")
    places = {"world": world, "file": tmp_path / "file"}
    process = start("--port", "0", *(argument.format(**places) for argument in arguments))
    _, message = process.communicate(timeout=60)
    assert process.returncode == 2
    assert named in message
    assert "Traceback" not in message


def test_busy_port_ends_with_status_2_and_names_it(world: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        process = start("--world", str(world), "--port", port)
        _, message = process.communicate(timeout=60)
    assert process.returncode == 2
    assert port in message
    assert "Traceback" not in message


def test_faulty_faults_end_with_status_2(world: Path) -> None:
    (world / "faults.json").write_text('[{"action": "explode"}]')
    process = start("--world", str(world), "--port", "0")
    _, message = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "explode" in message


def test_a_made_world_is_served_and_the_same_seed_makes_the_same(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    sizes = ("--customers", "40", "--lines", "300", "--seed", "5", "--program", "indirectProvider")
    for folder in folders:
        process = start("--make-world", str(folder), *sizes)
        told, message = process.communicate(timeout=60)
        assert process.returncode == 0, message
        assert "40 customers, 300 invoice rows" in told
    written = [
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.jsonl")}
        for folder in folders
    ]
    assert written[0] == written[1]
    assert len(written[0][Path("customers.jsonl")].splitlines()) == 40
    with running("--world", str(folders[0])) as (_, line):
        assert line.startswith("Partner Center simulator ready")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--make-world", "{file}"), "not empty"),
        (("--make-world", "{new}", "--customers", "-1"), "-1 customers"),
        (("--make-world", "{new}", "--home", "XX"), "XX"),
        (("--world", "small"), "--port"),
    ],
)
def test_a_world_that_cannot_be_made_ends_with_status_2(
    tmp_path: Path, arguments: tuple[str, ...], named: str
) -> None:
    (tmp_path / "file").write_text("")
    places = {"file": tmp_path / "file", "new": tmp_path / "new"}
    process = start(*(argument.format(**places) for argument in arguments))
    _, message = process.communicate(timeout=60)
    assert process.returncode == 2
    assert named in message
    assert "Traceback" not in message
    assert not (tmp_path / "new").exists()
