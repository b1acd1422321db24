"""A simulated Partner Center to torture provisionings at, and the oracle of their outcome."""

import json
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import UUID

import requests
from django.db import transaction

from organizations.provisioning.asking import Agreed
from organizations.provisioning.models import ProvisioningRequest
from organizations.provisioning.operations import request_provisioning
from partnercenter.simulator.worlds import make_world
from portal.core.access import acting, system_actor
from tenants.connections.claims import release_partner
from tenants.connections.models import Connection
from tests import faults, procs
from tests.factories.core import Person
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_connection, mark_discovered
from tests.organizations.provisioning.scene import AGREED, account_of
from tests.tenants.consents import consent
from tests.torture.rig import LEASE_SECONDS, Rig, wait_until
from tests.torture.test_failpoints import failpoints_in_the_code

OWN = tuple(name for name in failpoints_in_the_code() if name.startswith("provisioning."))
POINTS = (
    *OWN,
    "step.before_commit",
    "step.committed",
    "outcome.before_commit",
    "outcome.committed",
    "audit.before_insert",
    "audit.inserted",
)
"""Every place that a worker comes past with a provisioning in its hands."""
ANSWERED, REFUSED = "provisioning.create.answered", "provisioning.create.refused"
LOST = tuple(
    name
    for name in OWN
    if name.startswith(("provisioning.create.looked", "provisioning.create.before_repeat"))
    or ".password." in name
)
"""Places passed only after the create's answer was lost, and its password with it."""
MANY = {"provisioning.before_commit": 9, "provisioning.committed": 8, "step.committed": 12}
"""Places passed many times: somewhere in the middle, for one that meets nothing else."""
CREATE = {"method": "POST", "path": "^/v1/customers$"}
SETTLE_SECONDS = 2
QUEUE = ("money",)
Plans = Sequence[tuple[str, str, int]]
"""A place, what happens there, and the how manieth time."""
Record = Callable[[str, Any], None]


@dataclass(frozen=True, slots=True)
class Partner:
    """A simulated Partner Center in a process of its own, and the ways to harm its answers."""

    world: dict[str, Any]
    url: str
    certificate: str

    @property
    def env(self) -> dict[str, str]:
        return {
            "PARTNERCENTER_SIMULATORS": f"simulator={self.url}",
            "PARTNERCENTER_CA_BUNDLE": self.certificate,
            "PARTNERCENTER_CALLS_A_MINUTE": "0",
            "PORTAL_JOB_BACKOFF_SECONDS": "1",
            "PROVISIONING_SETTLE_SECONDS": str(SETTLE_SECONDS),
        }

    @property
    def cloud(self) -> dict[str, str]:
        """Where the simulator is, as a setting."""
        return {
            "API": self.url,
            "AUTHORITY": self.url,
            "GRAPH": self.url,
            "CA_BUNDLE": self.certificate,
        }

    def session(self) -> requests.Session:
        """Return a browser's session, for signing in."""
        session = requests.Session()
        session.trust_env, session.verify = False, self.certificate
        return session

    def control(self, name: str, body: Any) -> None:
        answer = requests.post(
            f"{self.url}/_simulator/{name}", json=body, verify=self.certificate, timeout=30
        )
        assert answer.status_code < 300, answer.text

    def no_faults(self) -> None:
        """End the faults in force."""
        address = f"{self.url}/_simulator/faults"
        requests.delete(address, verify=self.certificate, timeout=30)

    def fired(self, name: str) -> int:
        """Return how often a fault of that name was met."""
        answer = requests.get(
            f"{self.url}/_simulator/faults", verify=self.certificate, timeout=30
        ).json()
        return sum(rule["fired"] for rule in answer["items"] if rule.get("name") == name)

    @contextmanager
    def says_passwords_once(self) -> Iterator[None]:
        """Let it repeat no password with the answer to a request id that it remembers."""
        self.control("switches", {"replay_password": False})
        try:
            yield
        finally:
            self.control("switches", {"replay_password": True})

    def effects(self, kind: str) -> list[dict[str, Any]]:
        """Return what the ledger says of a kind of effect."""
        answer = requests.get(
            f"{self.url}/_simulator/ledger",
            params={"kind": kind},
            verify=self.certificate,
            timeout=30,
        )
        rows: list[dict[str, Any]] = answer.json()["items"]
        return rows

    def created(self) -> list[str]:
        """Return the domains that were created, each as often as it was."""
        made = self.effects("customer_created")
        return [row["data"]["customer"]["companyProfile"]["domain"] for row in made]


@contextmanager
def running_partner(folder: Path) -> Iterator[Partner]:
    """Run a Partner Center with twenty customers."""
    make_world(folder / "world", customers=20, lines=20, seed=5, hostile=0)
    with procs.simulator(str(folder / "world"), folder / "state") as simulator:
        world = json.loads((folder / "world" / "partner.json").read_text())
        yield Partner(world, simulator.url, str(simulator.certificate))


def connect(rig: Rig, partner: Partner, person: Person, *, signs_in: bool = False) -> Connection:
    """Connect a person's reseller to the partner, with somebody's sign-in where wanted."""
    rig.env |= partner.env
    with acting(person.actor), transaction.atomic():
        reseller = person.membership.reseller
    connection = make_connection(
        reseller, partner_tenant=partner.world["tenantId"], client_id="demo", secret="demo"
    )
    with acting(system_actor(reseller.pk, "tests")), transaction.atomic():
        mark_discovered(connection)
    if signs_in:
        with acting(person.actor):
            consent(partner, connection, person.actor)
            with transaction.atomic():
                # One simulator plays the partner of each reseller; a claim is one reseller's alone.
                release_partner(connection)
    return connection


@dataclass(slots=True)
class Round:
    """Tenants asked for by several people, with a fault here and there, until each has its end."""

    rig: Rig
    partner: Partner
    planned: Path
    domains: dict[UUID, str] = field(default_factory=dict)
    _stalled: dict[tuple[str, str], float] = field(default_factory=dict)

    def ask(
        self,
        person: Person,
        connection: Connection,
        prefix: str,
        *,
        plans: Plans = (),
        agreed: Agreed | None = AGREED,
    ) -> ProvisioningRequest:
        """Ask for a tenant; its worker meets the planned faults, each once."""
        organization = make_organization(person.membership.reseller, name=f"{prefix} Company")
        account = account_of(organization, email=f"it@{prefix}.example")
        with acting(person.actor), transaction.atomic():
            row = request_provisioning(
                account,
                actor=person.actor,
                connection=connection,
                username="admin",
                domain=prefix,
                agreed=agreed,
            )
            # Planned before the commit: a worker may be at it right after.
            for point, action, nth in plans:
                faults.plan(self.planned, row.job_id, point, action, nth)
        self.domains[row.pk] = row.domain
        self.rig.tally.operations += 1
        return row

    def ask_and_cut(
        self, person: Person, connection: Connection, prefix: str, *, plans: Plans
    ) -> ProvisioningRequest:
        """Ask for a tenant, and let the answer to its create be lost on the way."""
        rule = {**CREATE, "action": "drop_after", "times": 1, "name": prefix}
        self.partner.control("faults", rule)
        row = self.ask(person, connection, prefix, plans=plans)
        wait_until(lambda: self.partner.fired(prefix) == 1, 60)
        return row

    def met(self) -> list[faults.Met]:
        return faults.planned_and_met(self.planned)

    def unmet(self) -> list[str]:
        """Return what was planned and did not come about."""
        return sorted(it.name for it in self.planned.iterdir() if not it.name.endswith(faults.MET))

    def states(self) -> list[str]:
        rows = self.rig.sql(
            "SELECT state FROM organizations_provisioningrequest WHERE id = ANY (%s::uuid[])",
            [str(key) for key in self.domains],
        )
        return [str(state) for (state,) in rows]

    def settled(self) -> bool:
        """Tell whether each has its end; workers that ended or stand still are seen to."""
        self.rig.revive()
        self._wake()
        return not {*self.states()} & {"waiting", "running"}

    def _wake(self) -> None:
        """Let workers that were stopped go on once their leases have run out."""
        now = monotonic()
        for it in self.met():
            if it.action != "stall":
                continue
            if now > self._stalled.setdefault((it.job, it.point), now) + LEASE_SECONDS + 2:
                self._stalled[it.job, it.point] = float("inf")
                with suppress(ProcessLookupError):  # its worker may have ended itself meanwhile
                    os.kill(it.process, signal.SIGCONT)

    def has_woken_all(self) -> bool:
        self._wake()
        return all(at == float("inf") for at in self._stalled.values())

    def prove(self) -> int:
        """Assert one tenant, one link and a kept password each; return how many need a person."""
        created = self.partner.created()
        for domain in self.domains.values():
            assert created.count(domain) == 1, domain
        rows = self.rig.sql(
            "SELECT r.state, r.has_password, r.error, r.link_id IS NOT NULL,"
            " p.password_sealed <> '' FROM organizations_provisioningrequest r"
            " LEFT JOIN organizations_firstpassword p ON p.request_id = r.id"
            " WHERE r.id = ANY (%s::uuid[])",
            [str(key) for key in self.domains],
        )
        for state, has_password, error, linked, kept in rows:
            assert linked, (state, error)
            assert (state == "done" and has_password and kept) or (state == "person" and error)
        links = self.rig.sql(
            "SELECT count(*), count(DISTINCT tenant_id) FROM organizations_link"
            " WHERE ends_at IS NULL"
        )[0]
        assert links[0] == links[1]
        attested = [row["subject"] for row in self.partner.effects("agreement_attested")]
        assert len(attested) == len({*attested}), "no agreement is confirmed twice"
        return sum(state == "person" for state, *_ in rows)
