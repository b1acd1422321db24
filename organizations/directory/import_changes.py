"""Changing organizations that are there already, where an import was told to.

A row changes what it names: an empty cell leaves what is known. The changes of a step are one
statement. What the audit has to know of them waits in a file until the import's end, because
whoever writes audit holds the end of its chain.
"""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from typing import Any
from uuid import UUID

from django.utils import timezone

from organizations.directory.details import ORGANIZATION_FIELDS, OrganizationDetails
from organizations.directory.models import Organization
from portal.core import audit
from portal.core.access import Actor

STEP = 2_000
IN_MEMORY = 1_000_000
"""Bytes of waiting audit that are kept in memory; the rest goes to disk."""


def differing(details: OrganizationDetails, row: Organization) -> list[str]:
    """Return the fields a row of the file gives another value than is known."""
    given = {name: text for name, text in asdict(details).items() if text}
    return [name for name, text in given.items() if getattr(row, name) != text]


class Changes:
    """The changes of one import."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor
        self._rows: list[Organization] = []
        self._waiting = tempfile.SpooledTemporaryFile(  # noqa: SIM115  (closed by `close`)
            max_size=IN_MEMORY, mode="w+", encoding="utf-8"
        )

    def add(self, row: Organization, details: OrganizationDetails, names: list[str]) -> None:
        """Give a row new values; `write` saves them."""
        before = {name: getattr(row, name) for name in names}
        for name in names:
            setattr(row, name, getattr(details, name))
        after = {name: getattr(row, name) for name in names}
        entry = {"id": str(row.pk), "label": str(row), "before": before, "after": after}
        self._waiting.write(f"{json.dumps(entry)}\n")
        self._rows.append(row)

    def write(self) -> None:
        """Save what was added since the last time (1 statement)."""
        now = timezone.now()
        for row in self._rows:
            row.changed_at = now
        if self._rows:
            fields = [*ORGANIZATION_FIELDS, "changed_at"]
            Organization.objects.bulk_update(self._rows, fields, batch_size=STEP)
        self._rows = []

    def record(self, reason: str) -> None:
        """Write the audit of all changes, in their order."""
        self._waiting.seek(0)
        entries = self._entries(self._waiting)
        while step := list(islice(entries, STEP)):
            audit.record_many(
                self._actor, "organizations.organization_changed", step, reason=reason
            )

    def close(self) -> None:
        """Let go of the file."""
        self._waiting.close()

    @staticmethod
    def _entries(waiting: Any) -> Iterator[audit.Entry]:
        for line in waiting:
            entry = json.loads(line)
            yield audit.Entry(
                subject_type=Organization._meta.label_lower,
                subject_id=entry["id"],
                subject_label=entry["label"][:300],
                before=entry["before"],
                after=entry["after"],
                organization_id=UUID(entry["id"]),
            )
