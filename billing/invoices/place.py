"""How far the import of an invoice has come, kept in the job so that a killed one goes on there.

It is written in the transaction that stores the lines it counts, so the two never part.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from billing.invoices.copying import DIGEST_SIZE, Batch
from partnercenter.continuation import Continuation

KEY = "place"


@dataclass(frozen=True, slots=True)
class Place:
    """The staged invoice, the kind of lines being read, the page to go on with, and what is in."""

    invoice_id: str
    kind: int = 0
    after: Continuation | None = None
    lines: int = 0
    digest: int = 0

    def passed(self, batch: Batch, *, kind: int, after: Continuation | None) -> Self:
        """Return the place behind one more page; without a next one, the next kind follows."""
        return replace(
            self,
            kind=kind if after else kind + 1,
            after=after,
            lines=self.lines + batch.count,
            digest=(self.digest + batch.digest) % DIGEST_SIZE,
        )

    def to_dict(self) -> dict[str, Any]:
        return {
            "invoice": self.invoice_id,
            "kind": self.kind,
            "after": self.after.to_dict() if self.after else None,
            "lines": self.lines,
            "digest": f"{self.digest:032x}",
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        after = stored["after"]
        return cls(
            invoice_id=stored["invoice"],
            kind=stored["kind"],
            after=Continuation.from_dict(after) if after else None,
            lines=stored["lines"],
            digest=int(stored["digest"], 16),
        )
