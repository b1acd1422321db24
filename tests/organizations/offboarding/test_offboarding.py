"""The checklist of a tenant that leaves: read from what is known, ticked where only people know."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from organizations.ignoring.operations import ignore_tenant
from organizations.linking.operations import unlink_tenant
from organizations.offboarding.queries import (
    State,
    invoice_item,
    privileges_item,
    subscriptions_item,
)
from partnercenter.client import RetryPolicy
from portal.core.access import Role, acting
from tenants.connections import clients
from tenants.connections.models import Connection
from tenants.discovery.models import Tenant
from tenants.discovery.remains import LivingRelationship, LivingSubscription, Remains
from tests.factories.core import Person, make_person, make_reseller
from tests.factories.organizations import make_organization
from tests.factories.tenants import make_tenant
from tests.organizations.ignoring.ignoring import days
from tests.organizations.linking.calls import get, post, text_of
from tests.organizations.linking.scene import Scene, make_scene
from tests.tenants.integration.accounts import Account, open_account
from tests.tenants.simulated import CLOUD

pytestmark = pytest.mark.django_db
OWNER = re.compile(r"/customers/([0-9a-f-]{36})/subscriptions")
SEATS = LivingSubscription("Seats", 5, "active", True, date(2027, 3, 31))
SLEEPING = LivingSubscription("Sleeping", 1, "suspended", False, None)


@dataclass(frozen=True, slots=True)
class Leaving:
    """A tenant of a simulated account, and who sees it off."""

    account: Account
    scene: Scene
    tenant: Tenant

    @property
    def page(self) -> str:
        return f"/tenants/{self.tenant.pk}/offboarding/"

    @property
    def api(self) -> str:
        return f"/api/v1{self.page}"


@pytest.fixture
def leaving(
    transactional_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> Leaving:
    account = open_account(tmp_path, customers=6, lines=60)
    settings.PARTNERCENTER_CLOUDS = {**settings.PARTNERCENTER_CLOUDS, "simulator": CLOUD}
    monkeypatch.setattr(clients, "session_factory", account.session)
    monkeypatch.setattr(clients, "retry_policy", RetryPolicy(first_wait=0.0))
    reseller = make_reseller(name="North")
    connection: Connection = account.connect(reseller)
    operator: Person = make_person(reseller, Role.OPERATOR, name="Olga of North")
    tenant = make_tenant(connection, name="Old Customer", microsoft_id=most_subscribed(account))
    organization = make_organization(reseller, name="Old Customer BV")
    return Leaving(account, Scene(reseller, operator, connection, tenant, organization), tenant)


def most_subscribed(account: Account) -> UUID:
    """Return the customer of the account that has the most subscriptions."""
    (folder,) = account.folder.glob("account-*")
    owners = OWNER.findall((folder / "subscriptions.jsonl").read_text())
    return UUID(Counter(owners).most_common(1)[0][0])


def items(leaving: Leaving) -> dict[str, dict[str, Any]]:
    found = get(leaving.scene.operator.api(), leaving.api)
    return {item["key"]: item for item in found["items"]}


def test_the_checklist_reads_what_microsoft_still_has(leaving: Leaving) -> None:
    leaving.scene.link()
    found = items(leaving)
    assert found["subscriptions"]["state"] == "open"
    assert "suspended ones keep billing" in found["subscriptions"]["text"]
    assert found["subscriptions"]["details"]
    assert found["relationship"]["state"] == "open"
    assert found["link"]["text"].startswith("It is linked to Old Customer BV")
    assert found["organization"]["text"].startswith("Old Customer BV has no other tenant")
    assert found["ignored"]["state"] == "open"
    words = text_of(leaving.scene.operator.client(), leaving.page)
    assert "Nothing here changes anything at Microsoft" in words
    assert f'href="/tenants/{leaving.tenant.pk}/unlink/"' in words
    changing = [call for call in leaving.account.calls if not call.startswith("GET ")]
    assert all(call.endswith("/token") for call in changing), changing


def test_without_an_answer_the_rest_is_there_all_the_same(leaving: Leaving) -> None:
    leaving.account.fail({"action": "status", "status": 503, "path": ".*", "every": 1})
    found = items(leaving)
    assert found["subscriptions"]["state"] == found["privileges"]["state"] == "unknown"
    assert "could not be read" in found["subscriptions"]["text"]
    assert found["link"]["state"] == "done"
    assert "Not known" in text_of(leaving.scene.operator.client(), leaving.page)


def test_what_is_done_here_is_done_on_the_list(leaving: Leaving) -> None:
    scene = leaving.scene
    scene.link()
    with acting(scene.operator.actor) as actor:
        unlink_tenant(leaving.tenant, actor=actor, reason="they left")
        ignore_tenant(
            leaving.tenant, actor=actor, kind="lost", reason="They left us", until=days(300)
        )
    found = items(leaving)
    assert found["link"]["state"] == found["ignored"]["state"] == "done"
    assert "They left us" in found["ignored"]["text"]


def test_steps_are_ticked_by_people_with_their_name(leaving: Leaving) -> None:
    visitor, program = leaving.scene.operator.client(), leaving.scene.operator.api()
    before = get(program, leaving.api)["open"]
    done = visitor.post(leaving.page, {"step": "told", "done": "true", "note": "By letter"})
    assert done.status_code == 302
    words = text_of(visitor, leaving.page)
    assert "By letter" in words and "Olga of North" in words
    ticked = get(program, leaving.api)
    assert ticked["open"] == before - 1
    told = next(tick for tick in ticked["ticks"] if tick["step"] == "told")
    assert (told["done_by"], told["note"]) == ("Olga of North", "By letter")
    assert post(program, leaving.api, step="told").json()["note"] == "By letter"
    assert post(program, leaving.api, step="told", done=False).json()["done_by"] is None
    assert get(program, leaving.api)["open"] == before
    assert post(program, leaving.api, step="nonsense").status_code == 400
    assert visitor.post(leaving.page, {"step": "nonsense"}).status_code == 400


def test_only_who_unlinks_sees_somebody_off(leaving: Leaving) -> None:
    for role in (Role.FINANCE, Role.AUDITOR):
        assert leaving.scene.person(role).client().get(leaving.page).status_code == 403
    south = make_scene("South").operator
    assert south.client().get(leaving.page).status_code == 404


def test_subscriptions_are_named_with_what_ends_when() -> None:
    assert subscriptions_item(Remains()).state == State.DONE
    item = subscriptions_item(Remains(subscriptions=(SEATS, SLEEPING)))
    assert item.state == State.OPEN
    assert item.details == (
        "5 × Seats, active, renews after 31 March 2027",
        "1 × Sleeping, suspended",
    )
    many = subscriptions_item(Remains(subscriptions=(SEATS,) * 12))
    assert many.details[-1] == "and 2 others"


def test_privileges_that_hold_are_named() -> None:
    assert privileges_item(Remains()).state == State.DONE
    held = LivingRelationship("Support", "active", date(2027, 1, 2))
    item = privileges_item(Remains(relationships=(held,)))
    assert (item.state, item.details) == (State.OPEN, ("Support: active, until 2 January 2027",))


@pytest.mark.parametrize(
    ("billed", "today", "living", "state"),
    [
        (date(2026, 9, 1), date(2026, 11, 30), (), State.OPEN),
        (date(2026, 9, 1), date(2026, 12, 1), (), State.DONE),
        (date(2026, 9, 1), date(2026, 12, 1), (SEATS,), State.OPEN),
        (None, date(2026, 12, 1), (), State.DONE),
        (None, date(2026, 12, 1), (SEATS,), State.OPEN),
    ],
)
def test_a_last_invoice_is_waited_for_long_enough(
    billed: date | None, today: date, living: tuple[LivingSubscription, ...], state: State
) -> None:
    scene = make_scene()
    tenant = Tenant(
        pk=uuid4(),
        name="Old Customer",
        billed_month=billed,
        billed_amount=Decimal(12) if billed else None,
        billed_currency="EUR",
    )
    remains = Remains(subscriptions=living)
    assert invoice_item(tenant, remains, today=today, actor=scene.operator.actor).state == state
