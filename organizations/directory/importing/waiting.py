"""What the audit has to know of an import waits in a file until the import's end.

Whoever writes audit holds the end of its chain, and an import may take minutes.
"""

import json
import tempfile
from collections.abc import Mapping
from itertools import groupby, islice
from typing import Any
from uuid import UUID

from organizations.directory.models import Account, Organization
from portal.core import audit
from portal.core.access import Actor

STEP = 2_000
IN_MEMORY = 1_000_000
"""Bytes of waiting audit that are kept in memory; the rest goes to disk."""


class WaitingAudit:
    """Events of one import, in the order in which they happened."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(  # noqa: SIM115  (closed by `close`)
            max_size=IN_MEMORY, mode="w+", encoding="utf-8"
        )

    def add(
        self,
        action: str,
        owner: Organization | Account,
        *,
        before: Mapping[str, Any],
        after: Mapping[str, Any],
    ) -> None:
        """Keep one event; ids among the values become text."""
        entry = {
            "action": action,
            "type": owner._meta.label_lower,
            "id": str(owner.pk),
            "label": str(owner)[:300],
            "before": _plain(before),
            "after": _plain(after),
            "organization": str(organization_of(owner)),
        }
        self._file.write(f"{json.dumps(entry)}\n")

    def record(self, actor: Actor, reason: str) -> None:
        """Write them all into the audit."""
        self._file.seek(0)
        told = (json.loads(line) for line in self._file)
        for action, same in groupby(told, key=lambda entry: str(entry["action"])):
            while step := list(islice(same, STEP)):
                entries = [_entry(each) for each in step]
                audit.record_many(actor, action, entries, reason=reason)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def organization_of(owner: Organization | Account) -> UUID:
    """Return the id of the organization an owner is, or belongs to."""
    return owner.organization_id if isinstance(owner, Account) else owner.pk


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: str(value) if isinstance(value, UUID) else value for name, value in values.items()
    }


def _entry(told: Mapping[str, Any]) -> audit.Entry:
    return audit.Entry(
        subject_type=told["type"],
        subject_id=told["id"],
        subject_label=told["label"],
        before=told["before"],
        after=told["after"],
        organization_id=UUID(told["organization"]),
    )
