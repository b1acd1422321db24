"""G01, G02, G03, G06, G12: dying at every named place, with answers cut and request ids forgotten.

A death is an exception nothing catches, at the place a worker would be killed; whatever it had not
committed is gone, and its lease runs out. Real processes die in `tests/torture`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from organizations.provisioning import following
from organizations.provisioning.steering import resume_provisioning
from portal.core import failpoints
from portal.core.access import acting
from portal.core.jobs.worker import JobBroke
from tests.organizations.provisioning.scene import AGREED, DOMAIN, Scene, account_of
from tests.repetitions import TIMES
from tests.tenants.consents import change_consent
from tests.torture.test_failpoints import failpoints_in_the_code

POINTS = [name for name in failpoints_in_the_code() if name.startswith("provisioning.")]
CORE = ("lease.taken", "step.before_commit", "step.committed", "outcome.before_commit")
MANY = ("provisioning.before_commit", "provisioning.committed", "step.committed")
"""Places passed many times: before, right after and a little after each commit."""
COMMITS = 24
CREATE = {"method": "POST", "path": "/v1/customers"}
MODES: dict[str, dict[str, Any]] = {
    "kill": {},
    "answer cut": {"fault": {"action": "drop_after"}},
    "500 after commit": {"fault": {"action": "fail_after", "status": 502}},
    "torn": {"fault": {"action": "torn"}},
    "cut, forgotten": {"fault": {"action": "drop_after"}, "forgets": True},
    "cut, no password again": {"fault": {"action": "drop_after"}, "silent": True},
}
Record = Callable[[str, Any], None]


class Death(BaseException):
    """What no worker survives."""


@contextmanager
def dying_at(point: str, nth: int = 1) -> Iterator[list[str]]:
    """Die the n-th time the process comes past a place, once."""
    passed: list[str] = []

    def reached(name: str) -> None:
        if name == point:
            passed.append(name)
            if len(passed) == nth:
                raise Death(name)

    before = failpoints.reached
    failpoints.reached = reached
    try:
        yield passed
    finally:
        failpoints.reached = before


def set_mode(
    north: Scene, *, fault: Any = None, forgets: bool = False, silent: bool = False
) -> None:
    simulator = north.partner.simulator
    if fault:
        north.partner.fail({**CREATE, **fault, "times": 1})
    if silent:
        simulator.site.switches = simulator.site.switches.changed({"replay_password": False})
    if forgets:
        forget(north)


def forget(north: Scene) -> None:
    """Let Microsoft remember no request id from now on."""
    north.partner.simulator.site.answers.find = lambda *_args, **_more: None  # type: ignore[method-assign]


def survive(north: Scene, number: int, point: str, nth: int) -> bool:
    """Provision one account with a death on the way; returns whether it was met."""
    organization = north.organization(f"Customer {number} BV")
    account = account_of(organization, email="anna@bakery.example")
    domain = f"customer{number}x"
    asked = north.ask(account=account, domain=domain, agreed=AGREED)
    died = False
    with dying_at(point, nth):
        try:
            north.work(asked)
        except (Death, JobBroke):
            died = True
    done = north.finish(asked) if north.look(asked).is_moving else north.look(asked)
    assert done.state == "done", (point, nth, north.journal(done), done.error)
    made = [
        row
        for row in north.partner.simulator.ledger.find(kind="customer_created")
        if row.data["customer"]["companyProfile"]["domain"] == f"{domain}.onmicrosoft.com"
    ]
    assert len(made) == 1, (point, nth)
    assert str(done.microsoft_id) == made[0].subject
    assert [link.account for link in north.live_links() if link.tenant.pk == done.tenant_id] == [
        account
    ]
    resets = north.effects("user_password_reset")
    if done.has_password and not resets:
        assert north.password(done) == made[0].data["credentials"]["password"]
    return died


def places(mode: str) -> Iterator[tuple[str, range]]:
    """Yield where to die, and the how manieth times there.

    Each commit is died at: before it, right after or a little later by turns, or (in ``make
    torture``) each of these. What is far from a lost answer is tried with one way of losing it.
    """
    by_turns = list(MODES).index(mode)
    for number, point in enumerate([*POINTS, *CORE]):
        if mode == "kill" and point in MANY:
            first, step = (1, 1) if TIMES > 1 else (1 + MANY.index(point), len(MANY))
            yield point, range(first, COMMITS + 1, step)
        elif mode == "kill" or TIMES > 1 or point.startswith(NEAR) or not (number - by_turns) % 5:
            yield point, range(1, 2)


NEAR = ("provisioning.create.", "provisioning.password.", "provisioning.looked")
"""Places beside the call whose answer is lost."""


@pytest.mark.timeout(900)
@pytest.mark.parametrize("mode", MODES)
def test_g01_g02_g03_one_tenant_whatever_dies_where(
    north: Scene, mode: str, record_property: Record
) -> None:
    deaths = cases = 0
    for point, times in places(mode):
        for nth in times:
            north.partner.fail()
            set_mode(north, **MODES[mode])
            cases += 1
            died = survive(north, cases, point, nth)
            deaths += died
            if not died:
                break
    assert len(set(north.effects("customer_created"))) == cases
    record_property(
        "figure",
        f"G01/G02/G03 {mode}: {deaths} deaths in {cases} provisionings at {len(POINTS)} places,"
        f" tenants {cases} of {cases}, doubled 0, lost 0, passwords lost 0",
    )


LOST = ("create.looked", "create.before_repeat", "create.refused", "password.")
"""Places that are passed only after a lost answer."""


@pytest.mark.timeout(600)
def test_a08_every_place_is_met_and_survived(
    north: Scene, monkeypatch: pytest.MonkeyPatch, record_property: Record
) -> None:
    met = []
    for number, point in enumerate(POINTS, start=1):
        north.partner.fail()
        if any(part in point for part in LOST):
            set_mode(north, **MODES["cut, no password again"])
        with monkeypatch.context() as patch:
            if "profile." in point:
                patch.setattr(
                    following, "billing_changes", lambda *_: {"email": "billing@bakery.example"}
                )
            if survive(north, number, point, 1):
                met.append(point)
    assert met == POINTS
    record_property("figure", f"A08: {len(met)} of {len(POINTS)} places of provisioning met")


@pytest.mark.parametrize("forgets", [False, True])
@pytest.mark.parametrize("silent", [False, True])
def test_g12_a_lost_answer_never_loses_the_way_in(
    north: Scene, forgets: bool, silent: bool
) -> None:
    set_mode(north, fault={"action": "drop_after"}, forgets=forgets, silent=silent)
    done = north.run()
    assert (done.state, done.outcome) == ("done", "adopted"), north.journal(done)
    assert len(north.effects("customer_created")) == 1
    resets = north.partner.simulator.ledger.find(kind="user_password_reset")
    assert len(resets) == int(forgets or silent)
    assert done.has_password
    if not resets:
        assert north.password(done) == north.set_password()


def test_g12_without_a_signed_in_user_a_person_is_asked_and_can_go_on(north: Scene) -> None:
    set_mode(north, fault={"action": "drop_after"}, forgets=True)
    change_consent(north.connection, state="lost", lost_because="Revoked.")
    stuck = north.run()
    assert stuck.state == "person"
    assert (stuck.outcome, stuck.has_password) == ("adopted", False)
    assert north.live_links(), "the tenant is linked all the same"
    change_consent(north.connection, state="active", lost_because="")
    with acting(north.operator.actor):
        resume_provisioning(stuck, actor=north.operator.actor)
    done = north.finish(stuck)
    assert done.state == "done", north.journal(done)
    assert len(north.effects("user_password_reset")) == 1
    assert north.look(done).domain == DOMAIN
