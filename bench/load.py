"""Eight clients at once on a real gunicorn: the tenants page and its API list, for many resellers.

Each is measured twice: with the server's threads connected to PostgreSQL themselves, and through
PgBouncer in transaction mode, where every transaction may get another connection. Both servers run
side by side and are asked in turns. An answer with somebody else's row ends the run.
"""

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass
from functools import cache
from statistics import quantiles

from bench.bare import ROWS
from bench.clients import Order, Outcome, Seat
from bench.ground import SEED, Ground
from bench.results import BenchError, Check, NotMeasured, Result
from bench.seeding import Reseller, add_organizations, add_tenants, make_reseller, settle
from bench.tenant_api import ADDRESS as API
from bench.tenant_list import ADDRESS as PAGE
from bench.tenant_list import TENANTS_PER_ORGANIZATION
from bench.timing import ROUNDS
from portal.demo.programs import PROJECT
from portal.demo.servers.folder import free_port
from tests.pgbouncer import pgbouncer, pgbouncer_program

CLIENTS = 8
WORKERS = 2
THREADS = 4
POOL_SIZE = 8
WARM_REQUESTS = 40
LIVE = "/health/live/"
"""A page that reads nothing: what a request costs before any of it is the portal's own work."""
MOST_MILLISECONDS = 300
NO_PGBOUNCER = "there is no PgBouncer on this machine: install it, or set PGBOUNCER to its path"


@dataclass(frozen=True, slots=True)
class Crowd:
    """One person of each reseller, signed in with a browser and holding a token."""

    browsers: list[Seat]
    programs: list[Seat]


@dataclass(frozen=True, slots=True)
class Servers:
    """The ports of two gunicorns; ``pooled`` is None without PgBouncer."""

    direct: int
    pooled: int | None


@dataclass(frozen=True, slots=True)
class Runs:
    """The same number of requests for one address, each way, and for a page that reads nothing."""

    direct: Outcome
    pooled: Outcome
    bare: Outcome


def page_direct(ground: Ground) -> Result:
    """Measure the tenants page of people who are signed in."""
    return _direct(ground, "load_tenant_page_direct", PAGE)


def page_pgbouncer(ground: Ground) -> Result | NotMeasured:
    """Measure the tenants page through PgBouncer."""
    return _pooled(ground, "load_tenant_page_pgbouncer", PAGE)


def api_direct(ground: Ground) -> Result:
    """Measure the API's list of tenants, with tokens."""
    return _direct(ground, "load_tenant_api_direct", API)


def api_pgbouncer(ground: Ground) -> Result | NotMeasured:
    """Measure the API's list of tenants through PgBouncer."""
    return _pooled(ground, "load_tenant_api_pgbouncer", API)


def _direct(ground: Ground, name: str, address: str) -> Result:
    runs = _runs(ground, address)
    if runs.bare.errors:
        raise BenchError(f"{name}: {LIVE} failed. The first time: {runs.bare.errors[0]}")
    return _result(ground, name, runs.direct, "as many of a page that reads nothing", runs.bare)


def _pooled(ground: Ground, name: str, address: str) -> Result | NotMeasured:
    if pgbouncer_program() is None:
        return NotMeasured(name, NO_PGBOUNCER)
    runs = _runs(ground, address)
    return _result(ground, name, runs.pooled, "the same without PgBouncer", runs.direct)


def _result(ground: Ground, name: str, run: Outcome, reference: str, other: Outcome) -> Result:
    if run.foreign:
        raise BenchError(f"{name}: {run.foreign:,} rows of other resellers were shown.")
    if len(run.milliseconds) < 2:
        raise BenchError(f"{name}: hardly an answer was good. The first: {run.errors[0]}")
    cuts = quantiles(run.milliseconds, n=100, method="inclusive")
    requests = len(run.milliseconds) + len(run.errors)
    per_second, p50, p95, p99 = requests / run.seconds, cuts[49], cuts[94], cuts[98]
    return Result(
        name=name,
        n=requests,
        seconds=run.seconds,
        reference=reference,
        reference_seconds=other.seconds,
        checks=(
            Check("ms for 95 of 100 requests", p95, MOST_MILLISECONDS),
            Check("errors", len(run.errors), 0),
        ),
        more={
            "requests_per_second": per_second,
            "p50_ms": p50,
            "p95_ms": p95,
            "p99_ms": p99,
            "errors": len(run.errors),
            "foreign_rows": run.foreign,
            **({"first_error": run.errors[0]} if run.errors else {}),
            "clients": CLIENTS,
            "tenants": ground.sizes.spread,
            "resellers": ground.sizes.resellers,
        },
        summary=f"{per_second:,.1f} requests/s; ms: p50 {p50:,.0f}, p95 {p95:,.0f}, p99 {p99:,.0f}",
    )


@cache
def _runs(ground: Ground, address: str) -> Runs:
    """Ask for an address each way, in turns, after all workers have answered a few times."""
    crowd, servers = _crowd(ground), _servers(ground)
    seats = crowd.programs if address == API else crowd.browsers
    share = ground.sizes.requests // ROUNDS
    ways = (
        (servers.direct, address, ROWS),
        (servers.pooled, address, ROWS),
        (servers.direct, LIVE, 0),
    )
    found = [Outcome() for _ in ways]
    for turn in range(-1, ROUNDS):
        for outcome, (port, path, rows) in zip(found, ways, strict=True):
            if port is None:
                continue
            requests = WARM_REQUESTS if turn < 0 else share
            run = _ask(Order(port, path, rows, seats, CLIENTS, requests, seed=SEED + turn))
            if turn >= 0:
                outcome.add(run)
    return Runs(*found)


def _ask(order: Order) -> Outcome:
    outcome = subprocess.run(
        [sys.executable, "-m", "bench.clients"],
        cwd=PROJECT,
        input=json.dumps(asdict(order)),
        capture_output=True,
        text=True,
        check=False,
    )
    if outcome.returncode:
        raise BenchError(f"The clients failed:\n{outcome.stderr.strip()}")
    return Outcome(**json.loads(outcome.stdout))


@cache
def _servers(ground: Ground) -> Servers:
    """Start gunicorn as it is installed, once direct and once through PgBouncer."""
    address, pooled = os.environ["DATABASE_URL"], None
    if pgbouncer_program():
        watch = ground.watch(signal.SIGTERM)
        pooler = pgbouncer(address, ground.folder, pool_size=POOL_SIZE, watch=watch)
        pooled = _start(ground, "pooled", database=ground.keep(pooler))
    return Servers(_start(ground, "direct", database=address), pooled)


def _start(ground: Ground, name: str, *, database: str) -> int:
    port = free_port()
    arguments = ["-m", "gunicorn", "portal.wsgi", f"--bind=127.0.0.1:{port}"]
    ground.start(
        f"web-{name}",
        [*arguments, f"--workers={WORKERS}", f"--threads={THREADS}"],
        ready=lambda said: said.count("Booting worker") >= WORKERS,
        DATABASE_URL=database,
        PORTAL_LOG_LEVEL="INFO",
    )
    return port


@cache
def _crowd(ground: Ground) -> Crowd:
    """Make the resellers with their tenants, three of five linked, and sign their people in."""
    sizes = ground.sizes
    tenants = sizes.spread // sizes.resellers
    organizations = max(tenants // TENANTS_PER_ORGANIZATION, 1)
    resellers = [make_reseller() for _ in range(sizes.resellers)]
    for reseller in resellers:
        add_organizations(ground, reseller, organizations)
        add_tenants(ground, reseller, tenants, organizations=organizations)
    settle(ground)
    return Crowd(list(map(_browser, resellers)), list(map(_program, resellers)))


def _browser(reseller: Reseller) -> Seat:
    session = reseller.browser().cookies["sessionid"].value
    return Seat(reseller.id, {"Host": "testserver", "Cookie": f"sessionid={session}"})


def _program(reseller: Reseller) -> Seat:
    token = reseller.token()
    return Seat(reseller.id, {"Host": "testserver", "Authorization": f"Bearer {token}"})
