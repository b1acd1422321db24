"""Changing organizations that are there already, where an import was told to.

A row changes what it names: an empty cell leaves what is known. The changes of a step are one
statement.
"""

from dataclasses import asdict

from django.db import IntegrityError
from django.utils import timezone

from organizations.directory.details import ORGANIZATION_FIELDS, OrganizationDetails
from organizations.directory.importing.columns import PARTNER_COLUMNS, PartnerDetails
from organizations.directory.importing.partners import refuse_taken
from organizations.directory.importing.waiting import STEP, WaitingAudit
from organizations.directory.models import Organization


def differing(
    details: OrganizationDetails, partner: PartnerDetails, row: Organization
) -> dict[str, object]:
    """Return what a row of the file says otherwise than is known, by field."""
    given = {name: value for name, value in (asdict(details) | asdict(partner)).items() if value}
    return {name: value for name, value in given.items() if getattr(row, name) != value}


class Changes:
    """The changes of one import."""

    def __init__(self, audit: WaitingAudit) -> None:
        self._audit = audit
        self._rows: list[Organization] = []

    def add(self, row: Organization, values: dict[str, object]) -> None:
        """Give a row new values; `write` saves them."""
        before = {name: getattr(row, name) for name in values}
        for name, value in values.items():
            setattr(row, name, value)
        self._audit.add("organizations.organization_changed", row, before=before, after=values)
        self._rows.append(row)

    def write(self) -> None:
        """Save what was added since the last time (1 statement)."""
        now = timezone.now()
        for row in self._rows:
            row.changed_at = now
        if self._rows:
            fields = [*ORGANIZATION_FIELDS, *PARTNER_COLUMNS, "changed_at"]
            try:
                Organization.objects.bulk_update(self._rows, fields, batch_size=STEP)
            except IntegrityError as error:
                refuse_taken(error)
                raise
        self._rows = []
