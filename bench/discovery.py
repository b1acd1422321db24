"""Discovery: the whole customer list over HTTP into the table of tenants.

Against the same pages fetched raw and copied into a plain table, and against the loop one would
write first, `update_or_create` per customer, of which only the database's part is counted.
"""

from statistics import median

from django.db import transaction
from django.utils import timezone

from bench.floor import as_rows, copy_in, make_table
from bench.ground import Center, Ground
from bench.jobs import JobRun, run_apart
from bench.raw import RawCenter
from bench.results import BenchError, Check, Result
from bench.seeding import Reseller, make_reseller
from bench.timing import seconds_of
from portal.core.access import acting
from tenants.discovery.models import DiscoveryRun, Tenant
from tenants.discovery.operations import request_discovery
from tenants.discovery.queries import tally_of

MOST_OF_RAW = 3
LEAST_OF_LOOP = 30
MEMORY_MEGABYTES = 16
"""By how much ten times the customers may raise the peak before it is no longer called flat."""


def measure(ground: Ground) -> Result:
    """Measure first discoveries, and one that finds nothing new."""
    small, large = ground.sizes.customers
    small_run = _discover(make_reseller(ground.center("small")), customers=small)
    center = ground.center("customers")
    RawCenter(center).warm()
    raw, runs = [], []
    for _ in range(ground.sizes.repeats):
        raw.append(seconds_of(lambda: _raw(ground, center)))
        reseller = make_reseller(center)
        runs.append(_discover(reseller, customers=large))
    again = _discover(reseller, customers=large)
    seconds, growth = median(run.seconds for run in runs), median(run.growth for run in runs)
    loop = seconds_of(lambda: _loop(ground, center)) / ground.sizes.sample
    return Result(
        name="discovery",
        n=large,
        seconds=seconds,
        reference="the same pages fetched raw and copied in",
        reference_seconds=median(raw),
        checks=(
            Check("times the raw copy", seconds / median(raw), MOST_OF_RAW),
            Check(
                "times the speed of an update_or_create loop",
                loop * large / seconds,
                LEAST_OF_LOOP,
                at_least=True,
            ),
            Check(
                f"more megabytes for {large:,} than for {small:,}",
                growth - small_run.growth,
                MEMORY_MEGABYTES,
            ),
        ),
        more={
            "rows_per_second": large / seconds,
            "again_seconds": again.seconds,
            "loop_sample": ground.sizes.sample,
            "loop_seconds_per_row": loop,
            "memory_growth_mb": {str(small): small_run.growth, str(large): growth},
        },
    )


def _discover(reseller: Reseller, *, customers: int) -> JobRun:
    with acting(reseller.actor):
        run = request_discovery(reseller.connection, actor=reseller.actor)
    went = run_apart(run.job_id, actor=reseller.actor)
    with acting(reseller.actor), transaction.atomic():
        known = tally_of(reseller.actor).total
        found = DiscoveryRun.objects.get_visible(reseller.actor, pk=run.pk).found
    if (known, found) != (customers, customers):
        raise BenchError(f"Of {customers:,} customers {found:,} were found and {known:,} kept.")
    return went


def _raw(ground: Ground, center: Center) -> None:
    with ground.floor() as floor:
        make_table(floor, "customers", "id uuid, name text, domain text, relationship text")
        for page in RawCenter(center).customers():
            copy_in(
                floor,
                "customers",
                as_rows(
                    (
                        customer["id"],
                        customer["companyProfile"]["companyName"],
                        customer["companyProfile"].get("domain"),
                        customer.get("relationshipToPartner"),
                    )
                    for customer in page
                ),
            )


def _loop(ground: Ground, center: Center) -> None:
    """Do what discovery does for some customers, one by one, all in one transaction."""
    reseller = make_reseller(center)
    with ground.floor() as floor, floor.cursor() as cursor:
        cursor.execute("SELECT * FROM customers LIMIT %s", [ground.sizes.sample])
        sample = cursor.fetchall()
    with acting(reseller.actor), transaction.atomic():
        for microsoft_id, name, domain, relationship in sample:
            now = timezone.now()
            seen = {"name": name, "domain": domain or "", "relationship": relationship or ""}
            Tenant.objects.update_or_create(
                reseller_id=reseller.id,
                microsoft_id=microsoft_id,
                defaults={**seen, "connection": reseller.connection, "changed_at": now},
                create_defaults={
                    **seen,
                    "connection": reseller.connection,
                    "first_seen_at": now,
                    "changed_at": now,
                },
            )
