"""The client and the simulator together: the way every floor above will use them."""

from pathlib import Path

import pytest
import requests

from partnercenter import errors
from partnercenter.client import AppCredentials, Endpoints, PartnerCenter
from partnercenter.simulator import Simulator, Switches
from partnercenter.simulator.worlds import World, open_world
from partnercenter.wsgi_adapter import WSGIAdapter

BASE = "http://127.0.0.1:8001"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    cache: Path = tmp_path_factory.mktemp("worlds")
    return open_world("small", cache=cache)


def _client(world: World, *, secret: str = "demo", **switches: object) -> PartnerCenter:
    session = requests.Session()
    simulator = Simulator(world, switches=Switches().changed(switches))
    session.mount("http://", WSGIAdapter(simulator.wsgi))
    return PartnerCenter(
        endpoints=Endpoints(api=BASE, authority=BASE, graph=BASE, storage=BASE),
        credentials=AppCredentials(world.partner.tenant_id, "demo", secret),
        session=session,
        sleep=lambda _: None,
    )


@pytest.fixture
def client(world: World) -> PartnerCenter:
    return _client(world)


def test_access_is_proved_or_its_lack_explained(world: World, client: PartnerCenter) -> None:
    client.check_access()
    with pytest.raises(errors.SecretRefused):
        _client(world, secret="wrong").check_access()


@pytest.mark.parametrize("size", [1, 7, 500])
def test_every_customer_is_listed_whatever_the_page_size(
    world: World, client: PartnerCenter, size: int
) -> None:
    listed = [customer.id for customer in client.customers.list(size=size)]
    assert len(listed) == len(set(listed)) == len(world.collection("customers"))


def test_a_listed_customer_is_found_by_id_and_by_name(client: PartnerCenter) -> None:
    first = next(client.customers.list())
    assert client.customers.get(first.id).domain == first.domain
    assert first.id in {
        found.id for found in client.customers.search("CompanyName", first.company_name.upper())
    }
    assert client.domains.is_taken(first.domain)


def test_lines_of_every_invoice_add_up_to_its_total(client: PartnerCenter) -> None:
    invoices = list(client.invoices.list(size=2))
    assert {invoice.is_new_commerce for invoice in invoices} == {True, False}
    for invoice in invoices:
        total = sum(
            line.total
            for detail in invoice.details
            for page in client.invoices.line_items(
                invoice.id, detail.provider, detail.line_item_type, 50, currency=invoice.currency
            )
            for line in page.items
        )
        assert total == invoice.total


@pytest.mark.parametrize("manifest", ["inline", "link", "string"])
def test_the_export_of_every_new_invoice_adds_up_to_its_total(world: World, manifest: str) -> None:
    client = _client(world, manifest=manifest, blob_rows=40, unknown_columns=True, bom=True)
    export = client.billing_export
    for invoice in client.invoices.list():
        asked = export.request_billed(invoice.id)
        states = [export.operation(asked.place)]
        while not states[-1].is_done:
            assert states[-1].retry_after
            states.append(export.operation(asked.place))
        if not invoice.is_new_commerce:
            assert states[-1].has_no_data
            continue
        found = export.manifest(states[-1], partner_tenant=world.partner.tenant_id)
        assert len(found.blobs) > 1
        lines = list(export.lines(found, invoice_id=invoice.id))
        assert sum(line.total for line in lines) == invoice.total
        assert {line.currency for line in lines} == {invoice.currency}
    missing = export.request_billed("G999999999")
    assert [export.operation(missing.place).is_done for _ in range(2)] == [False, True]
    assert export.operation(missing.place).has_no_data


def test_what_needs_a_person_says_so(client: PartnerCenter) -> None:
    with pytest.raises(errors.AppOnlyRefused):
        client.profiles.mpn()
