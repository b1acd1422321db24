"""The papers kept beside subscriptions: transitions, migrations, transfers, contacts and the like.

They are all alike: a resource of a customer, written whole and read by its id. One store keeps them
by kind, so that a new one needs an effect and no store of its own.
"""

from typing import Any

from partnercenter.simulator.ledger import Effect, Ledger

Paper = dict[str, Any]

KINDS = (
    "transition",
    "migration",
    "migration_schedule",
    "transfer",
    "support_contact",
    "overage",
    "registration",
    "azure_entitlement",
    "product_upgrade",
)


class PaperStore:
    """Papers by kind, customer and id, in the order they were first written.

    The effect of a kind is its name with `_written`: subject the id, data `customer` and `paper`.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._papers: dict[str, dict[tuple[str, str], Paper]] = {kind: {} for kind in KINDS}
        for kind in KINDS:
            ledger.on(f"{kind}_written", self._apply_written)

    def get(self, kind: str, customer_id: str, paper_id: str) -> Paper | None:
        """Return one paper of a customer, or None."""
        return self._papers[kind].get((customer_id.lower(), paper_id.lower()))

    def of_customer(self, kind: str, customer_id: str) -> list[Paper]:
        """Return the papers of one kind that a customer has, oldest first."""
        owner = customer_id.lower()
        return [paper for (at, _), paper in self._papers[kind].items() if at == owner]

    def reset(self) -> None:
        """Forget all papers."""
        for papers in self._papers.values():
            papers.clear()

    def _apply_written(self, effect: Effect) -> None:
        owner = str(effect.data["customer"]).lower()
        papers = self._papers[effect.kind.removesuffix("_written")]
        papers[owner, effect.subject.lower()] = dict(effect.data["paper"])
