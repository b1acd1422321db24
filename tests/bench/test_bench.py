"""The benchmark itself, on very few rows: what it writes, and what it leaves behind.

Its figures are not looked at, because they depend on the machine.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg2
import pytest

from bench.results import NAMES, Check, Result, table, write_results
from tests.database import PROJECT
from tests.environment import ADMIN_URL, MIGRATE_PASSWORD, WEB_PASSWORD

FIXED = {"n": int, "seconds": float, "reference_seconds": float, "ratio": float}
OTHER_REDIS_NUMBER = "/15"


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
    out = tmp_path / "results.json"
    outcome = bench("--scale", "0.001", "--out", str(out))
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    written: dict[str, Any] = json.loads(out.read_text())
    assert list(written) == list(NAMES)
    for name, found in written.items():
        for key, kind in FIXED.items():
            assert isinstance(found[key], kind) and found[key] > 0, (name, key)
        assert found["met"] is all(check["met"] for check in found["checks"])
        assert all(check["what"] in found["goal"] for check in found["checks"])
        assert name in outcome.stdout
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
