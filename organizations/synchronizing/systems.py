"""The provisioning systems there are: a small registry, so that one more vendor is one more class.

A system says which custom fields it needs, where its options are changed, and how an account is
handed to it. Nothing else of the portal knows a vendor by name.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from organizations.directory.models import Account
from organizations.fields.specs import FieldSpec
from organizations.readiness.items import Readiness
from organizations.synchronizing.options import SyncOptions
from portal.core.access import Actor
from tenants.connections.models import Connection


@dataclass(frozen=True, slots=True)
class Door:
    """One way into a system for one account: a line of the list of provisioning systems.

    ``readiness`` is None while the services definitions of the connection are missing.
    """

    system: str
    connection: Connection
    address: str
    options: SyncOptions
    readiness: Readiness | None

    @property
    def is_set_up(self) -> bool:
        return self.readiness is not None

    @property
    def status(self) -> str:
        """How far the account is, in words."""
        return self.readiness.sentence if self.readiness else "Services definitions missing"

    @property
    def tone(self) -> str:
        """The colour of the status."""
        if self.readiness is None:
            return "idle"
        return "good" if self.readiness.ready else "warn"


class ProvisioningSystem(ABC):
    """A vendor whose tenants accounts can become. ``group`` is the folder of its custom fields."""

    name: ClassVar[str]
    label: ClassVar[str]
    group: ClassVar[str]

    @abstractmethod
    def definitions(self, connection: Connection) -> Sequence[FieldSpec]:
        """Return the custom fields the system needs through a connection."""

    @abstractmethod
    def doors(self, account: Account, *, actor: Actor) -> list[Door]:
        """Return where the options of an account are, one for each connection."""

    @abstractmethod
    def request(
        self, account: Account, *, actor: Actor, connection: Connection, options: Any, key: str = ""
    ) -> Any:
        """Hand an account over to be provisioned; returns the request's row."""


_systems: dict[str, ProvisioningSystem] = {}


def register_system(system: ProvisioningSystem) -> None:
    """Offer a system; one of each name."""
    if type(_systems.setdefault(system.name, system)) is not type(system):
        raise LookupError(f"Another system is called {system.name!r} already.")


def provisioning_systems() -> tuple[ProvisioningSystem, ...]:
    """Return every system there is, in the order they were registered."""
    return tuple(_systems.values())
