"""Importing organizations from a file, all of it or nothing.

Everything happens in one transaction that is taken back at its end if a row was wrong or nobody
meant it (``dry_run``), so a dry run finds exactly what the import would. The file is read twice:
first the rows with a number of their own, then those that get the next one, so that no number is
handed out that a later row of the file claims. Existing organizations are not changed unless it is
asked for (``update``): the file may be a year old. The end of the audit chain is locked last, when
every row is in.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import TextField, Value
from django.db.models.functions import Lower

from organizations.directory.details import (
    LABELS,
    REQUIRED_BY_IMPORT,
    OrganizationDetails,
    check_number,
    check_organization,
)
from organizations.directory.import_changes import Changes, differing
from organizations.directory.import_extras import Besides, Extra, Extras, account_of
from organizations.directory.import_likeness import describes, details_of, with_zeros
from organizations.directory.import_numbers import MetNumbers
from organizations.directory.models import Account, Organization
from organizations.directory.numbering import take_numbers
from organizations.directory.operations import ONE_PER_NUMBER, organization_facts
from organizations.directory.queries import heir_of, organizations
from organizations.directory.resembling import resemblances
from organizations.fields.setting import NOT_YOURS
from organizations.suggestions.asking import ask_for_suggestions
from portal.core import audit
from portal.core.access import Actor
from portal.core.errors import Conflict, InvalidInput
from portal.core.identity.models import Reseller
from portal.web.sheets.reading import Remark, Row

STEP = 2_000
ID_BYTES = 16


@dataclass(slots=True)
class ImportReport:
    """What an import did, or would have done.

    ``kept``: they exist with other values and stay; ``alike``: created although they resemble one
    that exists; ``missing``: rows that leave a field empty.
    """

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    kept: int = 0
    alike: int = 0
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
    extra: Extra


def import_organizations(
    read: Callable[[], Iterable[Row | Remark]],
    *,
    actor: Actor,
    tell: Callable[[Remark], None],
    reason: str = "",
    dry_run: bool = False,
    skip_bad_rows: bool = False,
    update: bool = False,
) -> ImportReport:
    """Create an organization with its primary account for every row that is not there yet.

    ``read`` opens the rows anew; it is called twice. ``tell`` hears of every row that is wrong, of
    every one that exists with other values and therefore stays as it is, and of every one that is
    created although another resembles it. With ``update`` what exists under the same number gets
    the values the file gives; an empty cell changes nothing. Needs no transaction of its own, but
    joins one.

    Raises:
        InvalidInput: the file cannot be read on; nothing is written then.
        Conflict: somebody created an organization with one of the numbers meanwhile.
    """
    actor.require("organizations.create")
    if update:
        actor.require("organizations.change")
    with (
        transaction.atomic(),
        closing(Changes(actor)) as changes,
        closing(Extras(actor)) as extras,
    ):
        work = _Import(actor, tell, changes if update else None, extras)
        for step in _steps(read()):
            work.add_numbered(step)
        for step in _steps(read()):
            work.add_unnumbered(step)
        report = work.report
        report.written = not dry_run and (skip_bad_rows or not report.bad_rows)
        if report.written:
            changes.record(reason)
            work.record(reason)
            extras.record(reason)
            if report.created or report.changed:
                ask_for_suggestions(actor)
        else:
            transaction.set_rollback(True)
    return report


class _Import:
    """One run over a file."""

    def __init__(
        self,
        actor: Actor,
        tell: Callable[[Remark], None],
        changes: Changes | None,
        extras: Extras,
    ) -> None:
        self.actor = actor
        self.report = ImportReport()
        self._changes = changes
        self._extras = extras
        self._met = MetNumbers()
        self._tell = tell
        self._currency = Reseller.objects.values_list("currency", flat=True).get(
            pk=actor.reseller_id
        )
        self._created = bytearray()  # ids end to end: sixteen megabytes for a million

    def add_numbered(self, step: list[Row | Remark]) -> None:
        """Create the rows that bring their number, and speak of rows that fit no column."""
        for remark in step:
            if isinstance(remark, Remark) and remark.is_error:
                self._refuse(remark)
            elif isinstance(remark, Remark):
                self._tell(remark)
        candidates = self._checked(step, numbered=True)
        # Tombstones too: a number that was given away stays given away.
        rows = Organization.objects.visible_to(self.actor).filter(
            number__in=[candidate.number for candidate in candidates]
        )
        there = {row.number: row for row in rows}
        numbers = {candidate.number for candidate in candidates}
        full = with_zeros(numbers - set(there), actor=self.actor)
        met = self._met.among(numbers | set(full.values()))
        besides = self._extras.differing(
            [
                (there[each.number], each.extra)
                for each in candidates
                if each.number in there and not there[each.number].is_merged
            ]
        )
        fresh: dict[str, _Candidate] = {}
        for candidate in candidates:
            number = candidate.number
            if number in met:
                self._refuse(
                    Remark(candidate.line, f"{number} stands on an earlier line already", "number")
                )
            elif number in there:
                self._meet(candidate, there[number], besides.get(there[number].pk, Besides()))
            elif number in full and full[number] not in met:
                self._refuse(
                    Remark(
                        candidate.line,
                        f"there is no {number}, but {full[number]}; a spreadsheet drops zeros in"
                        " front. Write the number in full",
                        "number",
                    )
                )
            elif not self._keeps_out(candidate.line, self._extras.kept_from(candidate.extra)):
                fresh[number] = candidate
            met.add(number)
        self._met.add(numbers)
        if self._changes:
            self._changes.write()
        self._extras.write(meant=self._changes is not None)
        self._create(list(fresh.values()))

    def add_unnumbered(self, step: list[Row | Remark]) -> None:
        """Create the rows without a number, unless an organization is there that they describe."""
        candidates = self._checked(step, numbered=False)
        names = {candidate.details.name for candidate in candidates}
        keys = [Lower(Value(name, TextField())) for name in names]
        there: dict[str, list[OrganizationDetails]] = {}
        for row in organizations(self.actor).filter(name_key__in=keys) if keys else ():
            there.setdefault(row.name.casefold(), []).append(details_of(row))
        fresh = []
        for candidate in candidates:
            alike = there.setdefault(candidate.details.name.casefold(), [])
            if any(describes(candidate.details, known) for known in alike):
                self.report.unchanged += 1
                if candidate.extra:
                    said = "is there; its account and custom fields stay. Give its number to change"
                    self._tell(Remark(candidate.line, f"{said} them.", is_error=False))
                continue
            if self._keeps_out(candidate.line, self._extras.kept_from(candidate.extra)):
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
                extra = self._extras.check(row.values, details)
            except InvalidInput as error:
                self.report.bad_rows += 1
                for name, texts in error.fields.items():
                    for text in texts:
                        self._tell(Remark(row.line, text, name))
                continue
            candidates.append(_Candidate(row.line, number, details, extra))
        return candidates

    def _create(self, candidates: list[_Candidate]) -> None:
        self._tell_likeness(candidates)
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
                **account_of(row, candidate.extra, currency=self._currency),
            )
            for row, candidate in zip(rows, candidates, strict=True)
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
        self._extras.created(
            [
                (row, account, candidate.extra)
                for row, account, candidate in zip(rows, accounts, candidates, strict=True)
                if candidate.extra
            ]
        )
        for row in rows:
            self._created += row.pk.bytes
            self.report.created += 1
            self.report.incomplete += bool(row.missing_fields)
            for name in row.missing_fields:
                self.report.missing[name] = self.report.missing.get(name, 0) + 1

    def _tell_likeness(self, candidates: list[_Candidate]) -> None:
        """Say which rows resemble what is there. An import cannot ask, and keeps none out."""
        alike = resemblances([candidate.details for candidate in candidates], actor=self.actor)
        for place, found in sorted(alike.items()):
            self.report.alike += 1
            text = f"like {found.label}: {found.reason}; another one is created"
            self._tell(Remark(candidates[place].line, text, is_error=False))

    def _meet(self, candidate: _Candidate, row: Organization, besides: Besides) -> None:
        """Change an organization that has the number, or leave it and say what the file has."""
        if row.is_merged:
            heir = heir_of(row, actor=self.actor)
            said = (
                f"{candidate.number} was merged into {heir.name} ({heir.number}); change that one"
            )
            self._tell(Remark(candidate.line, said, "number"))
            return
        names = differing(candidate.details, row)
        if self._keeps_out(candidate.line, besides.kept_from):
            return
        if not names and not besides.columns:
            self.report.unchanged += 1
            return
        if self._changes:
            self.report.changed += 1
            if names:
                self._changes.add(row, candidate.details, names)
            return
        self.report.kept += 1
        written = ", ".join([*(LABELS[name].lower() for name in names), *besides.columns])
        self._tell(
            Remark(
                candidate.line,
                f"{candidate.number} exists with another {written} and stays as it is;"
                " change it on its page",
                "number",
                is_error=False,
            )
        )

    def _keeps_out(self, line: int, columns: list[str]) -> bool:
        """Refuse a row with fields that are not the actor's to change; tell whether it has any."""
        for name in columns:
            self._tell(Remark(line, NOT_YOURS, name))
        self.report.bad_rows += bool(columns)
        return bool(columns)

    def _refuse(self, remark: Remark) -> None:
        self.report.bad_rows += 1
        self._tell(remark)


def _steps(rows: Iterable[Row | Remark]) -> Iterator[list[Row | Remark]]:
    waiting = iter(rows)
    while step := list(islice(waiting, STEP)):
        yield step
