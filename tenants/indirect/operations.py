"""Reading a provider's indirect resellers from Partner Center, and whether each signed."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.utils import timezone

from partnercenter.client import PartnerCenter
from partnercenter.errors import PartnerAgreementMissing, PartnerCenterError
from partnercenter.schemas.relationships import PartnerRelationship
from portal.core.access import Actor
from portal.core.errors import Conflict, NotFound
from portal.core.jobs.kinds import JobKind
from portal.core.jobs.operations import enqueue
from portal.core.jobs.running import RunningJob
from tenants.connections.clients import partner_center_for
from tenants.connections.failures import OF_THE_CONNECTION, as_portal_error, sentence_of
from tenants.connections.models import Connection
from tenants.connections.queries import connection_with_secret
from tenants.indirect.models import IndirectReseller

READ_RESELLERS = JobKind("tenants.read_indirect_resellers", "sync", max_attempts=5)
MOST: Final = 5_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What Microsoft says of a reseller's agreement; None with a reason where it would not say."""

    has_signed: bool | None
    reason: str = ""


def request_resellers(connection: Connection, *, actor: Actor) -> bool:
    """Ask for the list to be read anew, if the connection has one; False where it has none."""
    if not connection.shows_reseller_mpn:
        return False
    with suppress(Conflict), transaction.atomic():
        enqueue(
            READ_RESELLERS,
            actor=actor,
            title=f"Read the indirect resellers of {connection.name}",
            subject_id=connection.pk,
            dedupe_key=str(connection.pk),
        )
    return True


def request_all_resellers(*, actor: Actor) -> int:
    """Ask for the lists of all connections that were read once; returns how many."""
    with transaction.atomic():
        read = IndirectReseller.objects.visible_to(actor).values("connection_id")
        rows = Connection.objects.visible_to(actor).filter(pk__in=read).defer("secret_sealed")
        return sum(request_resellers(row, actor=actor) for row in rows.order_by("pk"))


def read_resellers(running: RunningJob) -> None:
    """Carry out the reading of a connection's list; what is no longer on it goes.

    Raises:
        PortalError: nobody signed in for the connection, or Microsoft could not be asked.
    """
    actor = running.actor
    with transaction.atomic():
        found = Connection.objects.visible_to(actor).filter(pk=running.subject_id).first()
        if found is None:
            raise NotFound("The connection is gone.")
        connection = connection_with_secret(found, actor=actor)
    center = partner_center_for(connection, need_user=True)
    try:
        listed = [row for row in center.relationships.indirect_resellers() if row.mpn_id][:MOST]
        verdicts = {mpn: _ask(center, mpn) for mpn in {row.mpn_id[:40] for row in listed}}
    except PartnerCenterError as error:
        raise as_portal_error(error) from None
    with running.step(done=len(listed), total=len(listed)):
        _store(connection, listed, verdicts)


def _ask(center: PartnerCenter, mpn_id: str) -> Verdict:
    try:
        return Verdict(center.relationships.has_signed(mpn_id=mpn_id))
    except PartnerAgreementMissing:
        return Verdict(False)
    except PartnerCenterError as error:
        if isinstance(error, OF_THE_CONNECTION):
            raise
        return Verdict(None, sentence_of(error))


def _store(
    connection: Connection, listed: list[PartnerRelationship], verdicts: dict[str, Verdict]
) -> None:
    now = timezone.now()
    rows = {
        row.mpn_id[:40]: IndirectReseller(
            reseller_id=connection.reseller_id,
            connection=connection,
            mpn_id=row.mpn_id[:40],
            partner_tenant=row.id[:64],
            name=row.name[:200] or row.mpn_id[:40],
            location=row.location[:10],
            state=row.state[:40],
            has_signed=verdicts[row.mpn_id[:40]].has_signed,
            reason=verdicts[row.mpn_id[:40]].reason,
            checked_at=now,
        )
        for row in listed
    }
    own = IndirectReseller.objects.filter(
        reseller_id=connection.reseller_id, connection_id=connection.pk
    )
    own.exclude(mpn_id__in=list(rows)).delete()
    IndirectReseller.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["reseller", "connection", "mpn_id"],
        update_fields=[
            "partner_tenant", "name", "location", "state", "has_signed", "reason", "checked_at",
        ],
    )  # fmt: skip
