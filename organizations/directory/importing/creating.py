"""Adding the organizations of a file that are not there yet, with their accounts and fields."""

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from django.db import IntegrityError

from organizations.directory.importing.extras import Extras, account_of
from organizations.directory.importing.partners import refuse_taken
from organizations.directory.importing.report import SUB_RESELLER, Candidate, ImportReport, Tell
from organizations.directory.importing.waiting import STEP
from organizations.directory.models import Account, Organization
from organizations.directory.operations import ONE_PER_NUMBER, organization_facts
from organizations.directory.queries import organizations
from organizations.directory.resembling import resemblances
from portal.core import audit
from portal.core.access import Actor
from portal.core.errors import Conflict
from portal.core.identity.models import Reseller
from portal.web.sheets.reading import Remark

ID_BYTES = 16


class Creator:
    """What one import creates."""

    def __init__(self, actor: Actor, *, report: ImportReport, tell: Tell, extras: Extras) -> None:
        self._actor = actor
        self._report = report
        self._tell = tell
        self._extras = extras
        self._currency = Reseller.objects.values_list("currency", flat=True).get(
            pk=actor.reseller_id
        )
        self._created = bytearray()  # ids end to end: sixteen megabytes for a million

    def create(self, candidates: Sequence[Candidate]) -> None:
        """Create an organization with its account for each candidate (few statements)."""
        self._tell_likeness(candidates)
        rows = [self._organization(candidate) for candidate in candidates]
        accounts = [
            Account(
                reseller_id=self._actor.reseller_id,
                organization=row,
                **account_of(row, candidate.extra, currency=self._currency),
            )
            for row, candidate in zip(rows, candidates, strict=True)
        ]
        try:
            Organization.objects.bulk_create(rows, batch_size=STEP)
        except IntegrityError as error:
            refuse_taken(error)
            if ONE_PER_NUMBER not in str(error):
                raise
            raise Conflict(
                "Somebody gave one of the file's numbers away while it was imported."
                " Import it again."
            ) from error
        Account.objects.bulk_create(accounts, batch_size=STEP)
        self._extras.created(
            [
                (row, account, candidate.extra)
                for row, account, candidate in zip(rows, accounts, candidates, strict=True)
                if candidate.extra
            ]
        )
        for row in rows:
            self._count(row)

    def record(self, reason: str) -> None:
        """Write the audit of everything that was created, in the order of the file's passes."""
        for start in range(0, len(self._created), STEP * ID_BYTES):
            chunk = bytes(self._created[start : start + STEP * ID_BYTES])
            ids = [UUID(bytes=chunk[at : at + ID_BYTES]) for at in range(0, len(chunk), ID_BYTES)]
            rows = organizations(self._actor).in_bulk(ids)
            entries = [
                audit.Entry.of(rows[pk], after=organization_facts(rows[pk]), organization_id=pk)
                for pk in ids
            ]
            audit.record_many(
                self._actor, "organizations.organization_created", entries, reason=reason
            )

    def _organization(self, candidate: Candidate) -> Organization:
        partner = candidate.partner
        kind = partner.kind or (SUB_RESELLER if partner.has_id else Organization.Kind.CUSTOMER)
        return Organization(
            reseller_id=self._actor.reseller_id,
            number=candidate.number,
            **asdict(candidate.details) | asdict(partner) | {"kind": kind},
        )

    def _count(self, row: Organization) -> None:
        self._created += row.pk.bytes
        self._report.created += 1
        self._report.incomplete += bool(row.missing_fields)
        for name in row.missing_fields:
            self._report.missing[name] = self._report.missing.get(name, 0) + 1

    def _tell_likeness(self, candidates: Sequence[Candidate]) -> None:
        """Say which rows resemble what is there. An import cannot ask, and keeps none out."""
        alike = resemblances([candidate.details for candidate in candidates], actor=self._actor)
        for place, found in sorted(alike.items()):
            self._report.alike += 1
            text = f"like {found.label}: {found.reason}; another one is created"
            self._tell(Remark(candidates[place].line, text, is_error=False))
