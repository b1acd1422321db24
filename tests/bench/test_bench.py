"""The benchmark itself, on very few rows: what it writes, and what it leaves behind.

Its figures are not looked at, because they depend on the machine.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest

from bench.clients import Order, Seat, ask_all
from bench.results import NAMES, Check, NotMeasured, Result, table, write_results
from tests.database import PROJECT
from tests.environment import ADMIN_URL, MIGRATE_PASSWORD, WEB_PASSWORD

FIXED = {"n": int, "seconds": float, "reference_seconds": float, "ratio": float}
FEW = ("report", "load_tenant_page_direct")
"""One that is measured in the process and one over HTTP; the smoke run of CI takes them all."""
POOLED = "load_tenant_api_pgbouncer"
"""One that needs a program, which is not there."""
OTHER_REDIS_NUMBER = "/15"


def only(names: Sequence[str]) -> list[str]:
    return [word for name in names for word in ("--only", name)]


def bench(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run it on the servers of this test run, in a database of its own."""
    redis = urlsplit(os.environ["REDIS_URL"])._replace(path=OTHER_REDIS_NUMBER).geturl()
    return subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=PROJECT,
        env=os.environ
        | {
            "DATABASE_URL": os.environ[ADMIN_URL],
            "REDIS_URL": redis,
            "PORTAL_DB_WEB_PASSWORD": WEB_PASSWORD,
            "PORTAL_DB_MIGRATE_PASSWORD": MIGRATE_PASSWORD,
        }
        | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def databases_of_bench() -> list[str]:
    connection = psycopg2.connect(os.environ[ADMIN_URL])
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'tenantry_bench_%'")
        found = [name for (name,) in cursor.fetchall()]
    connection.close()
    return found


@pytest.mark.processes
def test_every_measurement_writes_one_object_of_the_fixed_shape(tmp_path: Path) -> None:
    """Or says why it could not be made. Preparing the database costs far more than measuring."""
    out = tmp_path / "results.json"
    arguments = ("--scale", "0.001", *only([*FEW, POOLED]), "--out", str(out))
    outcome = bench(*arguments, PGBOUNCER=str(tmp_path / "none"))
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    written: dict[str, Any] = json.loads(out.read_text())
    lacking = written.pop(POOLED)
    assert lacking["met"] is False and "no PgBouncer" in lacking["not_measured"]
    assert lacking["not_measured"] in outcome.stdout
    assert list(written) == [name for name in NAMES if name in FEW]
    for name, found in written.items():
        for key, kind in FIXED.items():
            assert isinstance(found[key], kind) and found[key] > 0, (name, key)
        assert found["met"] is all(check["met"] for check in found["checks"])
        assert all(check["what"] in found["goal"] for check in found["checks"])
        assert name in outcome.stdout
        if name.startswith("load_"):
            assert (found["errors"], found["foreign_rows"]) == (0, 0)
            assert 0 < found["p50_ms"] <= found["p95_ms"] <= found["p99_ms"]
    assert databases_of_bench() == []


@pytest.mark.processes
def test_a_server_that_is_not_there_is_named_and_ends_with_an_error(tmp_path: Path) -> None:
    out = tmp_path / "results.json"
    outcome = bench("--out", str(out), DATABASE_URL="postgres://nobody@127.0.0.1:1/postgres")
    assert outcome.returncode == 1
    assert "could not be prepared" in outcome.stderr and "Traceback" not in outcome.stderr
    assert not out.exists()


def result(name: str, value: float = 1.0) -> Result:
    return Result(
        name=name,
        n=10,
        seconds=3.0,
        reference="something",
        reference_seconds=2.0,
        checks=(Check("times something", value, 2), Check("a second", 5.0, 3, at_least=True)),
    )


def test_a_missed_goal_is_written_down_as_missed() -> None:
    assert result("report", 2.0).to_dict()["met"] is True
    missed = result("report", 2.1).to_dict()
    assert missed["met"] is False and missed["ratio"] == 1.5
    assert [check["met"] for check in missed["checks"]] == [False, True]
    assert missed["goal"] == "times something at most 2; a second at least 3"
    assert "MISSED" in table([result("report", 2.1)])


def test_measuring_one_thing_again_leaves_the_others(tmp_path: Path) -> None:
    out = tmp_path / "results.json"
    write_results(out, [result("report"), result("discovery")])
    write_results(out, [result("report", 9.0)])
    written = json.loads(out.read_text())
    assert list(written) == ["discovery", "report"]
    assert written["discovery"]["met"] is True and written["report"]["met"] is False


def test_one_that_could_not_be_made_keeps_its_place(tmp_path: Path) -> None:
    out = tmp_path / "results.json"
    lacking = NotMeasured("load_tenant_page_pgbouncer", "something is not installed")
    write_results(out, [lacking, result("report")])
    assert list(json.loads(out.read_text())) == ["report", lacking.name]
    assert f"{lacking.name} not measured: something" in " ".join(table([lacking]).split())


class Portal(BaseHTTPRequestHandler):
    """Answers each path with as many tenants of as many resellers as stands in it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        tenants, resellers = map(int, self.path.strip("/").split("/"))
        body = " ".join(
            f"tenant{tenant}-of-{reseller}.example"
            for reseller in range(resellers)
            for tenant in range(tenants)
        )
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_arguments: object) -> None: ...


@pytest.fixture
def portal() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Portal) as server:
        threading.Thread(target=server.serve_forever).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize(
    ("path", "good", "foreign"),
    [("/3/1", 10, 0), ("/2/1", 0, 0), ("/3/2", 10, 30)],
    ids=["as it should be", "too few rows", "somebody else's rows"],
)
def test_the_clients_of_a_load_look_at_every_answer(
    portal: int, path: str, good: int, foreign: int
) -> None:
    order = Order(portal, path, 3, [Seat(0, {})], clients=4, requests=10, seed=1)
    found = ask_all(order)
    assert (len(found.milliseconds), len(found.errors)) == (good, 10 - good)
    assert found.foreign == foreign


def test_clients_whose_server_is_gone_count_errors() -> None:
    found = ask_all(Order(1, "/", 0, [Seat(0, {})], clients=2, requests=3, seed=1))
    assert len(found.errors) == 3 and found.milliseconds == []
