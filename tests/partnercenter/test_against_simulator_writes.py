"""The client writes to the simulator: customers and profiles, with the simulator's own rules."""

import time
import uuid
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from partnercenter import errors
from partnercenter.client import AppCredentials, Endpoints, Limits, PartnerCenter, RetryPolicy
from partnercenter.resources.customers import Customers
from partnercenter.resources.profiles import Profiles
from partnercenter.schemas import Address, NewCustomer
from partnercenter.simulator import Simulator, Switches
from partnercenter.transport import Transport
from partnercenter.wire import Wire
from partnercenter.wsgi_adapter import WSGIAdapter
from tests.partnercenter.simulator.calls import sign_in
from tests.partnercenter.simulator.sample_worlds import (
    RESELLER,
    customer_id,
    make_customer,
    write_world,
)

BASE = "http://127.0.0.1:8001"
NEW = NewCustomer(
    domain="newharbour.onmicrosoft.com",
    company_name="New Harbour",
    email="accounts@newharbour.example",
    culture="en-US",
    language="en",
    address=Address(
        country="US",
        city="Tacoma",
        state="WA",
        postal_code="98402",
        address_line1="2 Dock Street",
        phone_number="2535550101",
    ),
)


@dataclass
class Signed:
    """A token of a person, as a source of tokens."""

    held: str

    def token(self) -> str:
        return self.held

    def renewed(self, refused: str) -> str:
        return refused


def _simulator(folder: Path, **switches: Any) -> Simulator:
    files: dict[str, Any] = {
        "customers": [make_customer(number) for number in range(1, 6)],
        "indirect_resellers": [RESELLER],
    }
    world = write_world(folder / "world", **files)
    return Simulator(world, switches=Switches().changed(switches))


def _session(simulator: Simulator) -> requests.Session:
    session = requests.Session()
    session.mount("http://", WSGIAdapter(simulator.wsgi))
    return session


def _client(simulator: Simulator) -> PartnerCenter:
    partner = simulator.site.world.partner
    return PartnerCenter(
        endpoints=Endpoints(api=BASE, authority=BASE, graph=BASE),
        credentials=AppCredentials(partner.tenant_id, partner.client_id, partner.client_secret),
        session=_session(simulator),
        sleep=lambda _: None,
    )


def _as_person(simulator: Simulator) -> Transport:
    wire = Wire(_session(simulator), ca_bundle=None, limits=Limits(), clock=time.monotonic)
    tokens = Signed(sign_in(simulator)["access_token"])
    return Transport(wire, base=BASE, tokens=tokens, policy=RetryPolicy())


@pytest.fixture
def simulator(tmp_path: Path) -> Simulator:
    return _simulator(tmp_path)


def test_customer_is_created_once_and_shows_its_password_once(simulator: Simulator) -> None:
    client = _client(simulator)
    request_id = str(uuid.uuid4())
    created = client.customers.create(NEW, request_id=request_id)
    assert len(created.password) >= 12
    assert created.admin_upn == f"admin@{NEW.domain}"
    again = client.customers.create(NEW, request_id=request_id)
    assert again.customer.id == created.customer.id
    found = client.customers.get(created.customer.id)
    assert found.company_name == "New Harbour"
    assert created.password not in str(found.raw)
    assert len(list(client.customers.list())) == 6


def test_repeated_answer_without_the_password_is_read(tmp_path: Path) -> None:
    client = _client(_simulator(tmp_path, replay_password=False))
    request_id = str(uuid.uuid4())
    assert client.customers.create(NEW, request_id=request_id).password
    assert client.customers.create(NEW, request_id=request_id).password == ""


@pytest.mark.parametrize("status", [400, 409])
def test_taken_domain_is_told_whatever_the_answer(tmp_path: Path, status: int) -> None:
    client = _client(_simulator(tmp_path, taken_domain_status=status, taken_domain_code=800002))
    client.customers.create(NEW, request_id=str(uuid.uuid4()))
    with pytest.raises(errors.DomainTaken) as caught:
        client.customers.create(NEW, request_id=str(uuid.uuid4()))
    assert caught.value.status == status


def test_deleted_customer_is_gone_and_its_domain_free(simulator: Simulator) -> None:
    client = _client(simulator)
    created = client.customers.create(NEW, request_id=str(uuid.uuid4()))
    client.customers.delete(created.customer.id)
    with pytest.raises(errors.RequestRefused):
        client.customers.get(created.customer.id)
    assert not client.domains.is_taken(NEW.domain)


def test_relationship_is_ended_by_a_person_only(simulator: Simulator) -> None:
    customer = customer_id(1)
    with pytest.raises(errors.AppOnlyRefused):
        _client(simulator).customers.end_relationship(customer)
    Customers(_as_person(simulator)).end_relationship(customer)
    assert customer not in {listed.id for listed in _client(simulator).customers.list()}


def test_billing_profile_is_written_over_the_state_that_was_read(simulator: Simulator) -> None:
    client = _client(simulator)
    customer = customer_id(1)
    current = client.profiles.customer_billing(customer)
    changes = {"firstName": "Ann"}
    written = client.profiles.change_customer_billing(customer, current, changes)
    assert written.first_name == "Ann"
    assert written.etag != current.etag
    with pytest.raises(errors.RequestRefused) as caught:
        client.profiles.change_customer_billing(customer, current, {"firstName": "Bob"})
    assert isinstance(caught.value, errors.PreconditionFailed)
    assert client.profiles.customer_billing(customer).first_name == "Ann"


def test_own_profiles_are_read_and_written_by_a_person(simulator: Simulator) -> None:
    profiles = Profiles(_as_person(simulator))
    organization = profiles.organization()
    assert profiles.change_organization(organization, {}).tenant_id == organization.tenant_id
    support = profiles.support()
    assert profiles.change_support(support, {"telephone": "4255550101"}).telephone == "4255550101"
    assert profiles.mpn().mpn_id


def test_simulators_clock_does_not_disturb_the_client(simulator: Simulator) -> None:
    client = _client(simulator)
    client.check_access()
    simulator.advance(timedelta(hours=2))
    # The token has ended by the simulator's clock, and by ours it has not.
    assert len(list(client.customers.list())) == 5
