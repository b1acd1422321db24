"""The indirect resellers of the calling provider: those of the world, and those made in a sandbox.

A reseller's record is what `/relationships` answers; it may also hold two marks no answer shows:

    mpaSigned: false     it has not signed the partner agreement
    cspAccount: false    its MPN id has no account in the reseller programme
"""

from collections.abc import Iterator
from typing import Any

from partnercenter.simulator.ledger import Effect, Ledger
from partnercenter.simulator.worlds import Collection

Reseller = dict[str, Any]


class ResellerStore:
    """Indirect resellers, the world's first."""

    def __init__(self, base: Collection, ledger: Ledger) -> None:
        self._base = base
        self._created: dict[str, Reseller] = {}
        self._deleted: set[str] = set()
        ledger.on("indirect_reseller_created", self._apply_created)
        ledger.on("indirect_reseller_deleted", self._apply_deleted)

    def __iter__(self) -> Iterator[Reseller]:
        """Yield every reseller; one with several MPN ids comes several times."""
        for reseller in (*self._base, *self._created.values()):
            if str(reseller.get("id", "")).lower() not in self._deleted:
                yield reseller

    def of_mpn(self, mpn_id: object) -> Reseller | None:
        """Return the reseller with an MPN id, or None."""
        wanted = str(mpn_id)
        return next((one for one in self if str(one.get("mpnId")) == wanted), None)

    def of_tenant(self, tenant_id: str) -> Reseller | None:
        """Return a reseller by its tenant id, or None."""
        wanted = tenant_id.lower()
        return next((one for one in self if str(one.get("id", "")).lower() == wanted), None)

    def reset(self) -> None:
        """Return to the resellers of the world."""
        self._created.clear()
        self._deleted.clear()

    def _apply_created(self, effect: Effect) -> None:
        self._created[effect.subject.lower()] = dict(effect.data["reseller"])

    def _apply_deleted(self, effect: Effect) -> None:
        self._deleted.add(effect.subject.lower())
