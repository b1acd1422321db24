"""Asking Partner Center about the few things an event or the audit named.

What it answers goes the way a whole list goes. What it says it does not have is asked for once more
a minute later and then marked missing, like a tenant that is not in the list; and as there, too
many at once are not believed: then the whole list is read, whose own rule holds them for a person.
"""

from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from partnercenter.client import PartnerCenter
from partnercenter.errors import (
    CustomerNotFound,
    NoResellerRelationship,
    NotFound,
    PartnerCenterError,
)
from partnercenter.event_subjects import AUDIT_RECORD, CUSTOMER, EventSubject
from partnercenter.schemas.customers import Customer
from portal.core.errors import Conflict, PortalError, Unavailable
from portal.core.jobs.running import RunningJob
from tenants.connections.clients import partner_center_for
from tenants.connections.failures import OF_THE_CONNECTION, as_portal_error, code_of
from tenants.connections.models import Connection
from tenants.connections.operations import note_failure, note_success
from tenants.connections.queries import connection_with_secret
from tenants.discovery.discovering import is_mass_disappearance
from tenants.discovery.listing import listed
from tenants.discovery.models import DiscoveryRun
from tenants.discovery.operations import request_discovery
from tenants.discovery.partners import note_partner
from tenants.discovery.queries import tally_of
from tenants.discovery.storing import mark_missing, store_tenants
from tenants.notifications.auditing import read_audit
from tenants.notifications.looks import AUDIT, Taken, absence_of, end_look, put_off, take_look, wish

COUNTS = ("found", "created", "updated", "returned", "mended", "missing", "failed", "known")


@dataclass(slots=True)
class Looking:
    """A job that looks: for which connection, and the run of each source it has made so far."""

    running: RunningJob
    connection: Connection
    runs: dict[str, DiscoveryRun] = field(default_factory=dict)

    def run_for(self, source: str) -> DiscoveryRun:
        """Return the run in the history, made when there is first something to tell."""
        if source not in self.runs:
            rows = DiscoveryRun.objects.visible_to(self.running.actor)
            self.runs[source], _ = rows.get_or_create(
                reseller_id=self.connection.reseller_id,
                connection_id=self.connection.pk,
                job_id=self.running.job.pk,
                source=source,
            )
        return self.runs[source]


def look(running: RunningJob) -> None:
    """Carry out a job that looks at what is due of a connection.

    Raises:
        PortalError: the connection does not work; what was due is put off by a quarter of an hour.
        LeaseLost: another worker has the job now.
    """
    looking = open_looking(running)
    look_at_all(looking)


def open_looking(running: RunningJob) -> Looking:
    """Return what a job works with. Raises: NotFound when the connection is gone."""
    running.actor.require("discovery.run")
    with transaction.atomic():
        named = Connection.objects.get_visible(running.actor, pk=running.subject_id)
        connection = connection_with_secret(named, actor=running.actor)
    return Looking(running, connection)


def look_at_all(looking: Looking) -> None:
    """Look at everything that is due, one by one, and close the runs. Raises: as `look`."""
    running, connection = looking.running, looking.connection
    looked = running.job.done
    try:
        client = partner_center_for(connection)
        while True:
            with running.step(done=looked):
                taken = take_look(connection)
            if taken is None:
                break
            _look_at(looking, client, taken)
            looked += 1
    except (PartnerCenterError, PortalError) as error:
        raise write_failure(looking, error) from None
    with running.step():
        for run in looking.runs.values():
            run.completed_at = timezone.now()
            run.save(update_fields=["completed_at"])


def write_failure(looking: Looking, error: Exception) -> PortalError:
    """Return the error to fail the job with, after writing down what it says of the connection."""
    failure = as_portal_error(error)
    with looking.running.step():
        note_failure(looking.connection, failure)
        put_off(looking.connection)
    # The clock asks again, so the job itself is not tried again every few seconds.
    return Unavailable(failure.detail, transient=False, code=failure.code)


def _look_at(looking: Looking, client: PartnerCenter, taken: Taken) -> None:
    """Ask for one thing and write what came. Raises: what is wrong with the whole connection."""
    try:
        if taken.subject.kind == CUSTOMER:
            customer = client.customers.get(taken.subject.id)
        elif taken.subject.kind == AUDIT_RECORD:
            _follow_record(looking, client, taken)
            return
        elif taken.subject == AUDIT:
            read_audit(looking.running, looking.connection, client)
            with looking.running.step():
                end_look(looking.connection, taken)
            return
        else:
            with looking.running.step():
                end_look(looking.connection, taken)
            return
    except (NoResellerRelationship, CustomerNotFound):
        _write_absent(looking, taken)
    except OF_THE_CONNECTION:
        raise
    except PartnerCenterError as error:
        with looking.running.step():
            later = error.transient
            end_look(looking.connection, taken, later=later, code=code_of(error))
            run = looking.run_for(taken.source)
            run.failed += 1
            run.save(update_fields=["failed"])
    else:
        _write_found(looking, taken, customer)


def _follow_record(looking: Looking, client: PartnerCenter, taken: Taken) -> None:
    """Look at the customer that a record of the audit is about."""
    try:
        record = client.audit.get(taken.subject.id)
    except NotFound:
        customer_id = ""
    else:
        customer_id = record.customer_id
    with looking.running.step():
        end_look(looking.connection, taken)
        if customer_id:
            wish(looking.connection, [EventSubject(CUSTOMER, customer_id)], source=taken.source)


def _write_found(looking: Looking, taken: Taken, customer: Customer) -> None:
    connection = looking.connection
    page = listed([customer])
    with looking.running.step():
        stored = store_tenants(connection, page)
        if connection.shows_reseller_mpn:
            note_partner(connection, customer)
        run = looking.run_for(taken.source)
        run.found += 1
        run.created += stored.created
        run.updated += stored.updated
        run.returned += stored.returned
        run.mended += page.mended
        run.save(update_fields=COUNTS)
        end_look(connection, taken)
        if connection.state != Connection.State.WORKING and note_success(connection):
            connection.state = Connection.State.WORKING


def _write_absent(looking: Looking, taken: Taken) -> None:
    """Write that Partner Center does not have a customer; only known tenants mind."""
    connection, actor = looking.connection, looking.running.actor
    with looking.running.step():
        absence = absence_of(connection, taken)
        if absence is None or not absence.active:
            end_look(connection, taken)
            return
        run = looking.run_for(taken.source)
        if not absence.confirmed:
            end_look(connection, taken, absent=True, again=True)
            return
        run.known = tally_of(actor, connection=connection).active
        if is_mass_disappearance(absent=absence.others + 1, known=run.known):
            _ask_for_list(looking)
        else:
            run.missing += mark_missing(connection, [taken.subject.id])
        run.save(update_fields=COUNTS)
        end_look(connection, taken, absent=True)


def _ask_for_list(looking: Looking) -> None:
    try:
        request_discovery(looking.connection, actor=looking.running.actor)
    except Conflict:
        return  # one is under way
