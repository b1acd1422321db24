"""One discovery: the whole list of a connection, page by page, or a clear failure.

Each page is one fenced transaction that also says where the next one is, so a run that was killed
goes on from there, and a worker that stalled can write nothing more. Only a list that was read to
its end says who is gone, and if it says that of too many at once, a person is asked first: an
outage that answers an empty list looks exactly like every customer leaving.
"""

from contextlib import closing

from django.db import transaction
from django.utils import timezone

from partnercenter.continuation import Continuation
from partnercenter.errors import InvalidRequest, PagingError, PartnerCenterError
from partnercenter.paging import Page
from partnercenter.readahead import read_ahead
from partnercenter.schemas.customers import CustomerSummary
from portal.core import audit
from portal.core.access import Actor
from portal.core.errors import PortalError, Unavailable
from portal.core.jobs.models import Job
from portal.core.jobs.operations import finish
from portal.core.jobs.running import RunningJob
from tenants.connections.claims import prove_partner
from tenants.connections.clients import partner_center_for
from tenants.connections.failures import OF_THE_CONNECTION, as_portal_error
from tenants.connections.models import Connection
from tenants.connections.operations import note_failure, note_success
from tenants.connections.queries import connection_with_secret
from tenants.discovery.following import tell_followers
from tenants.discovery.listing import listed
from tenants.discovery.models import DiscoveryRun
from tenants.discovery.partners import associate_tenants
from tenants.discovery.queries import tally_of
from tenants.discovery.storing import (
    are_related_otherwise,
    count_absent,
    forget_sightings,
    mark_absent,
    settle,
    sight_page,
    store_tenants,
)

FEW = 5
MASS_SHARE = 10
"""More than ``FEW`` tenants and more than one in ``MASS_SHARE`` gone at once: a person looks."""

MANY = 1_000
COUNTS = ("found", "created", "updated", "returned", "mended", "missing", "known", "held", "pages")


def discover(running: RunningJob) -> None:
    """Carry out the run a job is about; called again, it goes on where it was.

    Raises:
        PortalError: Partner Center failed; what was read is kept and nobody is marked missing.
        LeaseLost: another worker has the job now.
    """
    running.actor.require("discovery.run")
    run, connection = _load(running)
    if run.completed_at is not None:
        return
    if run.held or not run.pages:
        _begin(running, run)
    try:
        if not run.pages or run.continuation is not None:
            _read(running, run, connection)
    except (PartnerCenterError, PortalError) as error:
        raise _write_failure(running, run, connection, error) from None
    if connection.shows_reseller_mpn:
        run.updated += associate_tenants(running, connection, partner_center_for(connection))
    _conclude(running, run, connection)


def is_mass_disappearance(*, absent: int, known: int) -> bool:
    """Tell whether so many of the known tenants are gone that a person has to look first."""
    return absent > FEW and absent * MASS_SHARE > known


def complete(run: DiscoveryRun, *, actor: Actor, reason: str = "") -> None:
    """Mark who is absent, close the run and record it; inside the caller's transaction."""
    run.missing = mark_absent(run)
    run.completed_at = timezone.now()
    run.save(update_fields=[*COUNTS, "completed_at"])
    forget_sightings(run)
    Connection.objects.filter(pk=run.connection_id).update(discovered_at=run.completed_at)
    after = {name: getattr(run, name) for name in COUNTS}
    audit.record(actor, "tenants.discovery_completed", run.connection, after=after, reason=reason)
    if run.created or run.updated or run.returned:
        tell_followers(actor)


def held_sentence(run: DiscoveryRun) -> str:
    """Return why a run waits for a person."""
    return (
        f"{run.held:,} of the {run.known:,} active tenants of {run.connection.name} are not in the"
        " list Partner Center gave. That many are not marked as missing without a person: look"
        " whether Partner Center shows them, then discover again or mark them missing."
    )


def _load(running: RunningJob) -> tuple[DiscoveryRun, Connection]:
    with transaction.atomic():
        run: DiscoveryRun = DiscoveryRun.objects.get_visible(running.actor, pk=running.subject_id)
        connection = connection_with_secret(run.connection, actor=running.actor)
    run.connection = connection
    return run, connection


def _begin(running: RunningJob, run: DiscoveryRun) -> None:
    """Start from the first page, with nothing seen yet, and nothing left of earlier runs."""
    run.pages = run.found = run.mended = run.held = 0
    run.continuation = None
    with transaction.atomic():
        expected = tally_of(running.actor, connection=run.connection).active
    with running.step(done=0, total=expected or None, note="Signing in to Partner Center"):
        forget_sightings(run)
        run.save(update_fields=["pages", "found", "mended", "held", "continuation"])


def _read(running: RunningJob, run: DiscoveryRun, connection: Connection) -> None:
    """Store every page from where the run is to the end of the list."""
    place = None if run.continuation is None else Continuation.from_dict(run.continuation)
    center = partner_center_for(connection)
    if connection.state != Connection.State.WORKING:
        prove_partner(connection, center)
    pages = center.customers.pages(after=place)
    with closing(read_ahead(pages)) as coming:
        for page in coming:
            _store(running, run, connection, page)


def _store(
    running: RunningJob, run: DiscoveryRun, connection: Connection, page: Page[CustomerSummary]
) -> None:
    """Write one page and where the next one is, in one fenced transaction."""
    customers = listed(page.items)
    with running.step(done=run.found + len(customers), note=f"Page {page.number}"):
        if seen := sight_page(run, customers):
            if not are_related_otherwise(run, customers, seen):
                raise PagingError("A customer came twice in one list.", page=page.number)
            customers = customers.without(seen)
        stored = store_tenants(connection, customers)
        run.pages, run.found = page.number, run.found + len(customers)
        run.created += stored.created
        run.updated += stored.updated
        run.returned += stored.returned
        run.mended += customers.mended
        run.continuation = page.after.to_dict() if page.after else None
        run.save(update_fields=[*COUNTS, "continuation"])
        if connection.state != Connection.State.WORKING and note_success(connection):
            connection.state = Connection.State.WORKING


def _conclude(running: RunningJob, run: DiscoveryRun, connection: Connection) -> None:
    """Mark who is gone and close the run, or hand a mass disappearance to a person."""
    if run.created >= MANY:
        settle()
    with running.step(done=run.found, total=run.found, note="Comparing with what was known"):
        note_success(connection)
        run.known = tally_of(running.actor, connection=connection).active
        absent = count_absent(run)
        if not is_mass_disappearance(absent=absent, known=run.known):
            complete(run, actor=running.actor)
            return
        run.held = absent
        run.save(update_fields=[*COUNTS])
        finish(
            running.job,
            state=Job.State.NEEDS_PERSON,
            error_code="mass_disappearance",
            error=held_sentence(run),
        )


def _write_failure(
    running: RunningJob, run: DiscoveryRun, connection: Connection, error: Exception
) -> PortalError:
    """Return the error to fail the job with, after writing down what it says of the connection.

    A list that turned out not to be whole cannot be gone on with: what it held so far may be wrong
    about who is absent. Nor can one whose continuation Partner Center no longer takes. Both are
    read again from the first page; what the pages said of tenants stays.
    """
    failure = as_portal_error(error)
    expired = isinstance(error, InvalidRequest) and run.continuation is not None
    with running.step():
        if isinstance(error, (*OF_THE_CONNECTION, PortalError)):
            note_failure(connection, failure)
        if expired or isinstance(error, PagingError):
            run.pages = 0
            run.continuation = None
            run.save(update_fields=["pages", "continuation"])
    if expired:
        return Unavailable(
            "Partner Center no longer knows the place in its list where this discovery was; the"
            f" list is read again from the start. {failure.detail}",
            code="place_lost",
        )
    return failure
