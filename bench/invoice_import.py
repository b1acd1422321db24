"""Importing invoices: every line over HTTP, checked, kept whole, summed and published.

Against copying the very rows it leaves, ready made, into a plain table. What lies between the two
is told as well: the same pages fetched raw and copied, and the same rows copied into a table with
the keys and indexes of ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median

from django.db import transaction

from bench.floor import as_rows, columns_of, copy_in, copy_out, make_table, names_in
from bench.ground import Center, Ground
from bench.jobs import JobRun, run_apart
from bench.raw import RawCenter
from bench.results import BenchError, Check, Result
from bench.seeding import Reseller, make_reseller
from bench.timing import seconds_of
from billing.invoices.models import InvoiceLine
from billing.invoices.operations import import_invoices
from portal.core.access import acting

LEAST_OF_COPY = 0.4
MEMORY_MEGABYTES = 16
"""By how much ten times the lines may raise the peak before it is no longer called flat."""
LINES = InvoiceLine._meta.db_table


@dataclass(frozen=True, slots=True)
class Imported:
    """Resellers that have imported the large world, and how long each took."""

    resellers: Sequence[Reseller]
    runs: Sequence[JobRun]
    raw_seconds: Sequence[float]


@cache
def imported(ground: Ground) -> Imported:
    """Import the large world as often as it is measured, the first time it is asked for."""
    center = ground.center("lines")
    RawCenter(center).warm()
    resellers, runs, raw = [], [], []
    for _ in range(ground.sizes.repeats):
        raw.append(seconds_of(lambda: _raw(ground, center)))
        reseller = make_reseller(center)
        runs.append(_import(reseller, lines=ground.sizes.lines[1]))
        resellers.append(reseller)
    return Imported(resellers, runs, raw)


def measure(ground: Ground) -> Result:
    """Measure first imports of all invoices there are."""
    small, large = ground.sizes.lines
    small_run = _import(make_reseller(ground.center("small")), lines=small)
    done = imported(ground)
    seconds = median(run.seconds for run in done.runs)
    growth = median(run.growth for run in done.runs)
    plain, like_ours = _copies(ground, done.resellers[-1])
    return Result(
        name="invoice_import",
        n=large,
        seconds=seconds,
        reference="the same rows copied into a plain table",
        reference_seconds=plain,
        checks=(
            Check("of the speed of a bare copy", plain / seconds, LEAST_OF_COPY, at_least=True),
            Check(
                f"more megabytes for {large:,} than for {small:,}",
                growth - small_run.growth,
                MEMORY_MEGABYTES,
            ),
        ),
        more={
            "lines_per_second": large / seconds,
            "raw_fetch_and_copy_seconds": median(done.raw_seconds),
            "copy_with_our_indexes_seconds": like_ours,
            "memory_growth_mb": {str(small): small_run.growth, str(large): growth},
        },
    )


def _import(reseller: Reseller, *, lines: int) -> JobRun:
    with acting(reseller.actor):
        job = import_invoices(reseller.connection, actor=reseller.actor)
    went = run_apart(job.pk, actor=reseller.actor)
    with acting(reseller.actor), transaction.atomic():
        kept = InvoiceLine.objects.visible_to(reseller.actor).count()
    if kept != lines:
        raise BenchError(f"Of {lines:,} lines {kept:,} were kept.")
    return went


def _raw(ground: Ground, center: Center) -> None:
    with ground.floor() as floor:
        make_table(floor, "raw_lines", "customer text, product text, total numeric, currency text")
        for page in RawCenter(center).lines():
            copy_in(
                floor,
                "raw_lines",
                as_rows(
                    (
                        line.get("customerId"),
                        line.get("productName", line.get("offerName")),
                        line["totalForCustomer"],
                        line.get("currency"),
                    )
                    for line in page
                ),
            )


def _copies(ground: Ground, reseller: Reseller) -> tuple[float, float]:
    """Return the seconds to copy a reseller's lines into a plain table, and into one like ours."""
    with ground.admin() as admin, ground.floor() as floor:
        columns = columns_of(admin, LINES)
        query = f"SELECT {names_in(columns)} FROM {LINES} WHERE reseller_id = {reseller.id}"
        rows = copy_out(admin, query)
        plain = []
        for _ in range(max(ground.sizes.repeats, 2)):
            make_table(floor, "lines", columns)
            plain.append(seconds_of(lambda: copy_in(floor, "lines", rows)))
        with admin.cursor() as cursor:
            cursor.execute("CREATE SCHEMA bench")
            cursor.execute(f"CREATE TABLE bench.lines (LIKE {LINES} INCLUDING ALL)")
            like_ours = seconds_of(
                lambda: copy_in(admin, f"bench.lines ({names_in(columns)})", rows)
            )
            cursor.execute("DROP SCHEMA bench CASCADE")
    return median(plain), like_ours
