"""Importing organizations from a file, all of it or nothing.

Everything happens in one transaction that is taken back at its end if a row was wrong or nobody
meant it (``dry_run``), so a dry run finds exactly what the import would. The file is read twice:
first the rows with a number of their own, then those that get the next one, so that no number is
handed out that a later row of the file claims. Existing organizations are not changed unless it is
asked for (``update``): the file may be a year old. The end of the audit chain is locked last, when
every row is in.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import islice

from django.db import transaction
from django.db.models import TextField, Value
from django.db.models.functions import Lower

from organizations.directory.details import (
    LABELS,
    PARTNER_LABELS,
    REQUIRED_BY_IMPORT,
    OrganizationDetails,
    check_number,
    check_organization,
)
from organizations.directory.importing.changes import Changes, differing
from organizations.directory.importing.columns import check_partner
from organizations.directory.importing.creating import Creator
from organizations.directory.importing.extras import Besides, Extras
from organizations.directory.importing.likeness import describes, details_of, with_zeros
from organizations.directory.importing.numbers import MetNumbers
from organizations.directory.importing.partners import partner_refusals
from organizations.directory.importing.report import Candidate, ImportReport, Tell
from organizations.directory.importing.waiting import STEP, WaitingAudit
from organizations.directory.models import Organization
from organizations.directory.numbering import take_numbers
from organizations.directory.queries import heir_of, organizations
from organizations.fields.setting import NOT_YOURS
from organizations.suggestions.asking import ask_for_suggestions
from portal.core.access import Actor
from portal.core.errors import InvalidInput
from portal.web.sheets.reading import Remark, Row

CALLED = {**LABELS, **PARTNER_LABELS, "kind": "Kind"}
STAYS = "is there; its account, partner ids and custom fields stay. Give its number to change them."


def import_organizations(
    read: Callable[[], Iterable[Row | Remark]],
    *,
    actor: Actor,
    tell: Tell,
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
        Conflict: somebody gave one of the file's numbers or partner ids away meanwhile.
    """
    actor.require("organizations.create")
    if update:
        actor.require("organizations.change")
    with (
        transaction.atomic(),
        closing(WaitingAudit()) as changed,
        closing(WaitingAudit()) as besides,
    ):
        changes = Changes(changed) if update else None
        work = _Import(actor, tell, changes, Extras(actor, besides))
        for step in _steps(read()):
            work.add_numbered(step)
        for step in _steps(read()):
            work.add_unnumbered(step)
        report = work.report
        report.written = not dry_run and (skip_bad_rows or not report.bad_rows)
        if report.written:
            changed.record(actor, reason)
            work.record(reason)
            besides.record(actor, reason)
            if report.created or report.changed:
                ask_for_suggestions(actor)
        else:
            transaction.set_rollback(True)
    return report


class _Import:
    """One run over a file."""

    def __init__(self, actor: Actor, tell: Tell, changes: Changes | None, extras: Extras) -> None:
        self.actor = actor
        self.report = ImportReport()
        self._changes = changes
        self._extras = extras
        self._met = MetNumbers()
        self._tell = tell
        self._creator = Creator(actor, report=self.report, tell=tell, extras=extras)

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
        refusals = self._partner_refusals(candidates, there)
        fresh: dict[str, Candidate] = {}
        for candidate in candidates:
            number, line = candidate.number, candidate.line
            if number in met:
                self._refuse(Remark(line, f"{number} stands on an earlier line already", "number"))
            elif line in refusals:
                self._refuse(*refusals[line])
            elif number in there:
                self._meet(candidate, there[number], besides.get(there[number].pk, Besides()))
            elif number in full and full[number] not in met:
                self._refuse(_without_zeros(candidate, full[number]))
            elif not self._keeps_out(line, self._extras.kept_from(candidate.extra)):
                fresh[number] = candidate
            met.add(number)
        self._met.add(numbers)
        if self._changes:
            self._changes.write()
        self._extras.write(meant=self._changes is not None)
        self._creator.create(list(fresh.values()))

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
                if candidate.says_more:
                    self._tell(Remark(candidate.line, STAYS, is_error=False))
                continue
            if self._keeps_out(candidate.line, self._extras.kept_from(candidate.extra)):
                continue
            alike.append(candidate.details)
            fresh.append(candidate)
        refusals = self._partner_refusals(fresh, {})
        for refused in refusals.values():
            self._refuse(*refused)
        fresh = [candidate for candidate in fresh if candidate.line not in refusals]
        numbers = take_numbers(len(fresh), actor=self.actor)
        self._creator.create(
            [
                replace(candidate, number=number)
                for candidate, number in zip(fresh, numbers, strict=True)
            ]
        )

    def record(self, reason: str) -> None:
        """Write the audit of everything that was created."""
        self._creator.record(reason)

    def _checked(self, step: list[Row | Remark], *, numbered: bool) -> list[Candidate]:
        """Return the rows with or without a number that hold what they should."""
        candidates = []
        for row in step:
            if not isinstance(row, Row) or bool(row.values.get("number")) != numbered:
                continue
            try:
                number = check_number(row.values.get("number", ""))
                details = check_organization(row.values, required=REQUIRED_BY_IMPORT)
                partner = check_partner(row.values)
                extra = self._extras.check(row.values, details)
            except InvalidInput as error:
                self._refuse(
                    *(
                        Remark(row.line, text, name)
                        for name, texts in error.fields.items()
                        for text in texts
                    )
                )
                continue
            candidates.append(Candidate(row.line, number, details, partner, extra))
        return candidates

    def _partner_refusals(
        self, candidates: Sequence[Candidate], there: dict[str, Organization]
    ) -> dict[int, list[Remark]]:
        meant = self._changes is not None
        return partner_refusals(candidates, there, actor=self.actor, meant=meant)

    def _meet(self, candidate: Candidate, row: Organization, besides: Besides) -> None:
        """Change an organization that has the number, or leave it and say what the file has."""
        if row.is_merged:
            heir = heir_of(row, actor=self.actor)
            said = (
                f"{candidate.number} was merged into {heir.name} ({heir.number}); change that one"
            )
            self._tell(Remark(candidate.line, said, "number"))
            return
        values = differing(candidate.details, candidate.partner, row)
        if self._keeps_out(candidate.line, besides.kept_from):
            return
        if not values and not besides.columns:
            self.report.unchanged += 1
            return
        if self._changes:
            self.report.changed += 1
            if values:
                self._changes.add(row, values)
            return
        self.report.kept += 1
        written = ", ".join([*(_in_words(name) for name in values), *besides.columns])
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

    def _refuse(self, *remarks: Remark) -> None:
        """Leave a row out, and say all that is wrong with it."""
        self.report.bad_rows += 1
        for remark in remarks:
            self._tell(remark)


def _in_words(column: str) -> str:
    name = CALLED[column]
    return name[0].lower() + name[1:]


def _without_zeros(candidate: Candidate, full: str) -> Remark:
    return Remark(
        candidate.line,
        f"there is no {candidate.number}, but {full}; a spreadsheet drops zeros in front."
        " Write the number in full",
        "number",
    )


def _steps(rows: Iterable[Row | Remark]) -> Iterator[list[Row | Remark]]:
    waiting = iter(rows)
    while step := list(islice(waiting, STEP)):
        yield step
