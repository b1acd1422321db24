"""A partner's office: a simulator, and the client calling it as an application and as a person.

Which methods of the client a story has used is written down by the clients themselves, so that a
method nobody calls is noticed.
"""

import inspect
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import requests

from partnercenter.client import AppCredentials, Endpoints, PartnerCenter, RetryPolicy
from partnercenter.simulator import Simulator, Switches
from partnercenter.simulator.worlds import World
from partnercenter.transport import TokenSource
from partnercenter.wsgi_adapter import WSGIAdapter
from tests.partnercenter.simulator.calls import Clock, sign_in
from tests.partnercenter.simulator.sample_catalogue import catalogue, promotion
from tests.partnercenter.simulator.sample_worlds import RESELLER, make_customer, write_world

BASE = "http://127.0.0.1:8001"
_RESOURCES = "partnercenter.resources."


@dataclass
class Signed:
    """A token of a person, as a source of tokens."""

    held: str

    def token(self) -> str:
        """Return the token."""
        return self.held

    def renewed(self, refused: str) -> str:
        """Return the same token: a person is not signed in again by a test."""
        return refused


@dataclass
class Consent:
    """A person who signs in to a simulator, as the client knows one; `query` as for `sign_in`."""

    simulator: Simulator
    query: dict[str, str]

    def for_audience(self, audience: str) -> TokenSource:
        """Sign in for one service and return its token."""
        return Signed(sign_in(self.simulator, resource=audience, **self.query)["access_token"])


class Office:
    """One simulated partner with its clients.

    `used` holds the methods that answered, `turned` the switches that were chosen.
    """

    def __init__(self, world: World, **switches: Any) -> None:
        self.clock = Clock()
        turned = {"access_token_seconds": 10**8, **switches}
        switched = Switches().changed(turned)
        self.simulator = Simulator(world, clock=self.clock, switches=switched)
        self.turned = frozenset(switches)
        self.used: set[str] = set()
        self.app = self._client()
        self.person = self._person()

    def sign_in(self, **query: str) -> PartnerCenter:
        """Have the person sign in again, otherwise than usual when so asked."""
        self.person = self._person(**query)
        return self.person

    def advance(self, **duration: float) -> None:
        """Let simulated time pass, in the units of `timedelta`."""
        self.simulator.advance(timedelta(**duration))

    def _person(self, **query: str) -> PartnerCenter:
        return self._client(Consent(self.simulator, query))

    def _client(self, user: Consent | None = None) -> PartnerCenter:
        partner = self.simulator.site.world.partner
        session = requests.Session()
        session.mount("http://", WSGIAdapter(self.simulator.wsgi))
        client = PartnerCenter(
            endpoints=Endpoints(api=BASE, authority=BASE, graph=BASE, storage=BASE),
            credentials=AppCredentials(partner.tenant_id, partner.client_id, partner.client_secret),
            session=session,
            policy=RetryPolicy(tries=1),
            user=user,
            sleep=lambda _: None,
        )
        for name, value in vars(client).items():
            if is_resource(value):
                setattr(client, name, _Noted(value, self.used))
        return client


OpenOffice = Callable[..., Office]
Story = Callable[[OpenOffice], None]


def office_opener(folder: Path) -> OpenOffice:
    """Return a maker of offices; files of the world by name, all but `switches`.

    Without files it is an indirect provider's sandbox with five customers and a small catalogue.
    """
    opened = iter(range(1000))

    def open_office(
        *, switches: dict[str, Any] | None = None, world: World | None = None, **files: Any
    ) -> Office:
        if world is None:
            files.setdefault("customers", [make_customer(number) for number in range(1, 6)])
            files.setdefault("indirect_resellers", [RESELLER])
            files.setdefault("catalog", [*catalogue(), promotion()])
            world = write_world(folder / f"world{next(opened)}", **files)
        return Office(world, **(switches or {}))

    return open_office


def key() -> str:
    """Return a new request id, as the caller of a write stores it before."""
    return str(uuid.uuid4())


def is_resource(value: object) -> bool:
    """Say whether a value is one of the client's resources."""
    return inspect.isclass(type(value)) and type(value).__module__.startswith(_RESOURCES)


def public_methods(resource: type) -> set[str]:
    """Return the names of a resource's public methods, as `Class.method`."""
    return {
        f"{resource.__name__}.{name}"
        for name, value in vars(resource).items()
        if inspect.isfunction(value) and not name.startswith("_")
    }


class _Noted:
    """A resource that writes down which of its methods answered without an error."""

    def __init__(self, resource: object, used: set[str]) -> None:
        self._resource = resource
        self._used = used

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._resource, name)
        noted = f"{type(self._resource).__name__}.{name}"

        def call(*args: Any, **named: Any) -> Any:
            result = method(*args, **named)
            if isinstance(result, Iterator):
                return self._noted_items(result, noted)
            self._used.add(noted)
            return _Noted(result, self._used) if _is_part(result) else result

        return call

    def _noted_items(self, items: Iterator[Any], noted: str) -> Iterator[Any]:
        # A generator has asked nothing before its first item is taken.
        for item in items:
            self._used.add(noted)
            yield item


def _is_part(value: object) -> bool:
    """Say whether what a method returned has methods of its own to be called."""
    return is_resource(value) and bool(public_methods(type(value)))
