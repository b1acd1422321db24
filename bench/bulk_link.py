"""Linking very many tenants at once, with one audit event each, the way people do it.

A preview is stored, a worker carries it out step by step with a result per tenant, and another
takes the whole back. Against copying the rows of the links, ready made, into a plain table.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from django.db import transaction

from bench.floor import columns_of, copy_in, copy_out, make_table, names_in
from bench.ground import Ground
from bench.jobs import JobRun, run_apart
from bench.results import BenchError, Check, Result
from bench.seeding import Reseller, add_organizations, add_tenants, make_reseller, settle
from bench.timing import seconds_of
from organizations.bulk.models import BulkLink
from organizations.bulk.operations import preview_rows, run_bulk, undo_bulk
from organizations.bulk.plans import FileRow
from organizations.directory.models import Organization
from organizations.linking.models import Link
from portal.core.access import acting
from portal.core.audit.models import AuditEvent
from tenants.discovery.models import Tenant

LEAST_PER_SECOND = 3_000
MEMORY_MEGABYTES = 16
"""By how much ten times the tenants may raise the peak before it is no longer called flat."""
LINKS = Link._meta.db_table


@dataclass(frozen=True, slots=True)
class Went:
    """One bulk link: seconds of the preview, and how its job went."""

    preview: float
    job: JobRun


def measure(ground: Ground) -> Result:
    """Measure small bulk links and a large one; the large one is undone too."""
    small, large = ground.sizes.links
    small_runs = [_link(ground, small)[1] for _ in range(ground.sizes.repeats)]
    reseller, large_run = _link(ground, large)
    undo = _undo(reseller, large)
    seconds = median(run.job.seconds for run in small_runs)
    growth = median(run.job.growth for run in small_runs)
    copied = median(_copies(ground, reseller, small, times=max(ground.sizes.repeats, 2)))
    return Result(
        name="bulk_link",
        n=small,
        seconds=seconds,
        reference="the same rows copied into a plain table",
        reference_seconds=copied,
        checks=(
            Check("links a second", small / seconds, LEAST_PER_SECOND, at_least=True),
            Check(
                f"links a second of {large:,}",
                large / large_run.job.seconds,
                LEAST_PER_SECOND,
                at_least=True,
            ),
            Check(
                f"more megabytes for {large:,} than for {small:,}",
                large_run.job.growth - growth,
                MEMORY_MEGABYTES,
            ),
        ),
        more={
            "links_per_second": small / seconds,
            "large": large,
            "large_seconds": large_run.job.seconds,
            "large_links_per_second": large / large_run.job.seconds,
            "preview_seconds": median(run.preview for run in small_runs),
            "large_preview_seconds": large_run.preview,
            "large_undo_seconds": undo.seconds,
            "memory_growth_mb": {str(small): growth, str(large): large_run.job.growth},
            "copied_per_second": small / copied,
        },
    )


def _link(ground: Ground, links: int) -> tuple[Reseller, Went]:
    """Give a new reseller tenants and organizations, and link them all to organizations in turn."""
    reseller = make_reseller()
    add_organizations(ground, reseller, max(links // 5, 1))
    add_tenants(ground, reseller, links)
    settle(ground)
    actor = reseller.actor
    drafts = []

    def preview() -> None:
        with acting(actor):
            drafts.append(preview_rows(_rows(reseller, links), actor=actor, source="bench.csv"))

    seconds = seconds_of(preview)
    with acting(actor):
        bulk = run_bulk(drafts[-1], actor=actor)
    if bulk.job is None:
        raise BenchError("A bulk link was asked for and has no job.")
    job = run_apart(bulk.job.pk, actor=actor)
    _prove(reseller, links, action="organizations.tenant_linked", live=links)
    return reseller, Went(seconds, job)


def _rows(reseller: Reseller, links: int) -> Iterator[FileRow]:
    """Yield unlinked tenants, each with an organization, as lines of a file."""
    rows = Organization.objects.visible_to(reseller.actor).values_list("pk", flat=True)
    organizations = list(rows)
    tenants = Tenant.objects.visible_to(reseller.actor).filter(is_linked=False)
    keys = tenants.order_by("microsoft_id").values_list("pk", flat=True)[:links]
    for at, tenant in enumerate(keys.iterator(chunk_size=2_000)):
        yield FileRow(at + 2, tenant, organizations[at % len(organizations)])


def _undo(reseller: Reseller, links: int) -> JobRun:
    """Take the latest bulk link of a reseller back."""
    actor = reseller.actor
    with acting(actor), transaction.atomic():
        bulk: BulkLink = BulkLink.objects.visible_to(actor).latest("created_at")
    with acting(actor):
        asked = undo_bulk(bulk, actor=actor, reason="Measured")
    if asked.undo_job is None:
        raise BenchError("An undo was asked for and has no job.")
    job = run_apart(asked.undo_job.pk, actor=actor)
    _prove(reseller, links, action="organizations.link_undone", live=0)
    return job


def _prove(reseller: Reseller, links: int, *, action: str, live: int) -> None:
    """Make sure that the audit tells of so many links, and that so many hold now."""
    with acting(reseller.actor), transaction.atomic():
        hold = Link.objects.visible_to(reseller.actor).filter(ends_at=None).count()
        told = AuditEvent.objects.filter(action=action).count()
    if (hold, told) != (live, links):
        raise BenchError(f"Of {links:,} links {hold:,} hold and the audit tells of {told:,}.")


def _copies(ground: Ground, reseller: Reseller, links: int, *, times: int) -> list[float]:
    with ground.admin() as admin, ground.floor() as floor:
        columns = columns_of(admin, LINKS)
        query = f"SELECT {names_in(columns)} FROM {LINKS}"
        rows = copy_out(admin, f"{query} WHERE reseller_id = {reseller.id} LIMIT {links}")
        make_table(floor, "links", columns)
        return [seconds_of(lambda: copy_in(floor, "links", rows)) for _ in range(times)]
