"""Importing organizations from a file, all of it or nothing.

Everything happens in one transaction that is taken back at its end if a row was wrong or nobody
meant it (``dry_run``), so a dry run finds exactly what the import would. The file is read twice:
first the rows with a number of their own, then those that get the next one, so that no number is
handed out that a later row of the file claims. Existing organizations are never changed: the file
may be a year old. The end of the audit chain is locked last, when every row is in.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import TextField, Value
from django.db.models.functions import Lower
from django.utils import timezone

from organizations.directory.details import (
    LABELS,
    REQUIRED_BY_IMPORT,
    OrganizationDetails,
    check_number,
    check_organization,
)
from organizations.directory.models import Account, Organization
from organizations.directory.numbering import take_numbers
from organizations.directory.operations import ONE_PER_NUMBER, organization_facts
from organizations.directory.organization_file import Remark, Row
from organizations.directory.queries import organizations
from portal.core import audit
from portal.core.access import Actor
from portal.core.errors import Conflict, InvalidInput
from portal.core.identity.models import Reseller

STEP = 2_000
ID_BYTES = 16


@dataclass(slots=True)
class ImportReport:
    """What an import did, or would have done. ``missing``: rows that leave a field empty."""

    created: int = 0
    unchanged: int = 0
    kept: int = 0
    bad_rows: int = 0
    incomplete: int = 0
    missing: dict[str, int] = field(default_factory=dict)
    written: bool = False


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A checked row."""

    line: int
    number: str
    details: OrganizationDetails


def import_organizations(
    read: Callable[[], Iterable[Row | Remark]],
    *,
    actor: Actor,
    tell: Callable[[Remark], None],
    reason: str = "",
    dry_run: bool = False,
    skip_bad_rows: bool = False,
) -> ImportReport:
    """Create an organization with its primary account for every row that is not there yet.

    ``read`` opens the rows anew; it is called twice. ``tell`` hears of every row that is wrong, and
    of every one that exists with other values and therefore stays as it is. Needs no transaction of
    its own, but joins one.

    Raises:
        InvalidInput: the file cannot be read on; nothing is written then.
        Conflict: somebody created an organization with one of the numbers meanwhile.
    """
    actor.require("organizations.create")
    with transaction.atomic():
        work = _Import(actor, tell)
        for step in _steps(read()):
            work.add_numbered(step)
        for step in _steps(read()):
            work.add_unnumbered(step)
        report = work.report
        report.written = not dry_run and (skip_bad_rows or not report.bad_rows)
        if report.written:
            work.record(reason)
        else:
            transaction.set_rollback(True)
    return report


class _Import:
    """One run over a file."""

    def __init__(self, actor: Actor, tell: Callable[[Remark], None]) -> None:
        self.actor = actor
        self.report = ImportReport()
        self._tell = tell
        self._currency = Reseller.objects.values_list("currency", flat=True).get(
            pk=actor.reseller_id
        )
        self._created = bytearray()  # ids end to end: sixteen megabytes for a million
        self._started = timezone.now()

    def add_numbered(self, step: list[Row | Remark]) -> None:
        """Create the rows that bring their number, and speak of rows that fit no column."""
        for remark in step:
            if isinstance(remark, Remark):
                self._refuse(remark)
        candidates = self._checked(step, numbered=True)
        rows = organizations(self.actor).filter(
            number__in=[candidate.number for candidate in candidates]
        )
        there = {row.number: row for row in rows}
        fresh: dict[str, _Candidate] = {}
        for candidate in candidates:
            number = candidate.number
            if number in fresh or (number in there and self._is_own(there[number])):
                self._refuse(
                    Remark(candidate.line, f"{number} stands on an earlier line already", "number")
                )
            elif number in there:
                self._meet(candidate, there[number])
            else:
                fresh[number] = candidate
        self._create(list(fresh.values()))

    def add_unnumbered(self, step: list[Row | Remark]) -> None:
        """Create the rows without a number, unless an organization is there that they describe."""
        candidates = self._checked(step, numbered=False)
        names = {candidate.details.name for candidate in candidates}
        keys = [Lower(Value(name, TextField())) for name in names]
        there: dict[str, list[OrganizationDetails]] = {}
        for row in organizations(self.actor).filter(name_key__in=keys) if keys else ():
            there.setdefault(row.name.casefold(), []).append(_details_of(row))
        fresh = []
        for candidate in candidates:
            alike = there.setdefault(candidate.details.name.casefold(), [])
            if any(_describes(candidate.details, known) for known in alike):
                self.report.unchanged += 1
                continue
            alike.append(candidate.details)
            fresh.append(candidate)
        numbers = take_numbers(len(fresh), actor=self.actor)
        self._create(
            [
                replace(candidate, number=number)
                for candidate, number in zip(fresh, numbers, strict=True)
            ]
        )

    def record(self, reason: str) -> None:
        """Write the audit of everything that was created, in the order of the file's passes."""
        for start in range(0, len(self._created), STEP * ID_BYTES):
            chunk = bytes(self._created[start : start + STEP * ID_BYTES])
            ids = [UUID(bytes=chunk[at : at + ID_BYTES]) for at in range(0, len(chunk), ID_BYTES)]
            rows = organizations(self.actor).in_bulk(ids)
            entries = [
                audit.Entry.of(rows[pk], after=organization_facts(rows[pk]), organization_id=pk)
                for pk in ids
            ]
            audit.record_many(
                self.actor, "organizations.organization_created", entries, reason=reason
            )

    def _checked(self, step: list[Row | Remark], *, numbered: bool) -> list[_Candidate]:
        """Return the rows with or without a number that hold what they should."""
        candidates = []
        for row in step:
            if not isinstance(row, Row) or bool(row.values.get("number")) != numbered:
                continue
            try:
                number = check_number(row.values.get("number", ""))
                details = check_organization(row.values, required=REQUIRED_BY_IMPORT)
            except InvalidInput as error:
                self.report.bad_rows += 1
                for name, texts in error.fields.items():
                    for text in texts:
                        self._tell(Remark(row.line, text, name))
                continue
            candidates.append(_Candidate(row.line, number, details))
        return candidates

    def _create(self, candidates: list[_Candidate]) -> None:
        reseller_id = self.actor.reseller_id
        rows = [
            Organization(
                reseller_id=reseller_id, number=candidate.number, **asdict(candidate.details)
            )
            for candidate in candidates
        ]
        accounts = [
            Account(
                reseller_id=reseller_id,
                organization=row,
                name=row.name,
                email=row.notification_email,
                phone=row.contact_phone,
                country=row.country,
                currency=self._currency,
            )
            for row in rows
        ]
        try:
            Organization.objects.bulk_create(rows, batch_size=STEP)
        except IntegrityError as error:
            if ONE_PER_NUMBER not in str(error):
                raise
            raise Conflict(
                "Somebody gave one of the file's numbers away while it was imported."
                " Import it again."
            ) from error
        Account.objects.bulk_create(accounts, batch_size=STEP)
        for row in rows:
            self._created += row.pk.bytes
            self.report.created += 1
            self.report.incomplete += bool(row.missing_fields)
            for name in row.missing_fields:
                self.report.missing[name] = self.report.missing.get(name, 0) + 1

    def _is_own(self, row: Organization) -> bool:
        """Tell whether this import created the row: nobody else's is visible and that new."""
        return row.created_at >= self._started

    def _meet(self, candidate: _Candidate, row: Organization) -> None:
        """Leave an organization that has the number as it is; say so if the file knows better."""
        given = {name: text for name, text in asdict(candidate.details).items() if text}
        differing = [name for name, text in given.items() if getattr(row, name) != text]
        if not differing:
            self.report.unchanged += 1
            return
        self.report.kept += 1
        names = ", ".join(LABELS[name].lower() for name in differing)
        self._tell(
            Remark(
                candidate.line,
                f"{candidate.number} exists with another {names} and stays as it is;"
                " change it on its page",
                "number",
            )
        )

    def _refuse(self, remark: Remark) -> None:
        self.report.bad_rows += 1
        self._tell(remark)


def _describes(row: OrganizationDetails, known: OrganizationDetails) -> bool:
    """Tell whether a row of the same name says nothing that contradicts what is known."""
    return (not row.primary_domain or row.primary_domain == known.primary_domain) and (
        not row.registration_number
        or _bare(row.registration_number) == _bare(known.registration_number)
    )


def _bare(registration_number: str) -> str:
    return "".join(filter(str.isalnum, registration_number)).casefold()


def _details_of(row: Organization) -> OrganizationDetails:
    return OrganizationDetails(
        name=row.name,
        primary_domain=row.primary_domain,
        registration_number=row.registration_number,
    )


def _steps(rows: Iterable[Row | Remark]) -> Iterator[list[Row | Remark]]:
    waiting = iter(rows)
    while step := list(islice(waiting, STEP)):
        yield step
