"""Billing exports that were asked for, by the id of their operation and of their manifest.

An export remembers what it was asked and the number of its effect; its rows are looked up when they
are read. What is charged after that number is not in it, so a later download brings the same rows.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from partnercenter.simulator.ledger import Effect, Ledger

_MANIFESTS = uuid.uuid5(uuid.NAMESPACE_DNS, "manifests.simulator.partnercenter")


@dataclass(frozen=True, slots=True)
class Export:
    """One export: billed when it names an invoice, unbilled otherwise.

    `dataset` is reconciliation or usage, `period` current or last, `attribute_set` full or basic.
    The rest is how the switches stood, so that turning one changes no file already promised.
    """

    id: str
    sequence: int
    created: datetime
    dataset: str
    attribute_set: str
    invoice: str
    currency: str
    period: str
    blob_rows: int
    unknown_columns: bool
    numbers_as_text: bool
    invoice_day: int

    @property
    def manifest_id(self) -> str:
        return str(uuid.uuid5(_MANIFESTS, self.id))


class ExportStore:
    """Exports, and which of them were seen running."""

    def __init__(self, ledger: Ledger) -> None:
        self._exports: dict[str, Export] = {}
        self._by_manifest: dict[str, Export] = {}
        self._polled: dict[str, datetime] = {}
        ledger.on("export_requested", self._apply_requested)
        ledger.on("export_seen_running", self._apply_seen)

    def get(self, export_id: str) -> Export | None:
        """Return an export by the id of its operation, or None."""
        return self._exports.get(export_id.lower())

    def of_manifest(self, manifest_id: str) -> Export | None:
        """Return an export by the id of its manifest, or None."""
        return self._by_manifest.get(manifest_id.lower())

    def seen_running(self, export: Export) -> datetime | None:
        """Return when an export was first seen running, or None."""
        return self._polled.get(export.id)

    def reset(self) -> None:
        """Forget all exports."""
        self._exports.clear()
        self._by_manifest.clear()
        self._polled.clear()

    def _apply_requested(self, effect: Effect) -> None:
        export = Export(
            id=effect.subject,
            sequence=effect.sequence,
            created=datetime.fromisoformat(effect.time),
            **effect.data,
        )
        self._exports[export.id] = export
        self._by_manifest[export.manifest_id] = export

    def _apply_seen(self, effect: Effect) -> None:
        self._polled.setdefault(effect.subject, datetime.fromisoformat(effect.time))
