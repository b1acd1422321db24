"""Clients of connections never work while a transaction is open (gate A04)."""

import logging
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from portal.core.access import acting, system_actor
from portal.core.identity.models import Reseller
from portal.settings import simulated_clouds
from tenants.connections.clients import RemoteCallInTransaction, partner_center_for
from tests.tenants.simulated import SECRET, PartnerCenterInProcess, customers
from tests.tenants.steps import discovered


def test_client_is_not_handed_out_in_a_transaction(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    connection = partner.connect(reseller)
    with (
        acting(system_actor(reseller.pk, "tests")),
        transaction.atomic(),
        pytest.raises(RemoteCallInTransaction),
    ):
        partner_center_for(connection)


def test_client_made_before_refuses_to_send_in_a_transaction(
    partner: PartnerCenterInProcess, reseller: Reseller
) -> None:
    partner.lists(customers(1))
    client = partner_center_for(partner.connect(reseller))
    client.check_access()
    before = len(partner.calls)
    with (
        acting(system_actor(reseller.pk, "tests")),
        transaction.atomic(),
        pytest.raises(RemoteCallInTransaction),
    ):
        client.check_access()
    assert len(partner.calls) == before


def test_secret_is_in_no_client_and_no_log(
    partner: PartnerCenterInProcess, reseller: Reseller, caplog: pytest.LogCaptureFixture
) -> None:
    partner.lists(customers(2))
    connection = partner.connect(reseller)
    with caplog.at_level(logging.DEBUG):
        client = partner_center_for(connection)
        discovered(connection)
        partner.fail({"action": "status", "status": 401})
        discovered(connection)
    assert SECRET not in repr(client)
    assert SECRET not in repr(vars(client))
    assert SECRET not in caplog.text


def test_simulators_are_read_with_one_bundle_or_one_each() -> None:
    text = "simulator=https://localhost:8101, simulator-2=https://localhost:8102"
    one = simulated_clouds(text, ["/ca.pem"])
    assert [cloud["CA_BUNDLE"] for cloud in one.values()] == ["/ca.pem", "/ca.pem"]
    each = simulated_clouds(text, ["/one.pem", "/two.pem"])
    assert each["simulator-2"] == {
        "API": "https://localhost:8102",
        "AUTHORITY": "https://localhost:8102",
        "GRAPH": "https://localhost:8102",
        "CA_BUNDLE": "/two.pem",
    }
    assert simulated_clouds("", []) == {}


@pytest.mark.parametrize(
    "text",
    ["simulator", "=https://localhost", "global=https://localhost", "a=https://x,a=https://y"],
)
def test_simulators_that_make_no_sense_stop_the_start(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="PARTNERCENTER_SIMULATORS"):
        simulated_clouds(text, [])


def test_production_refuses_simulators(settings: Any) -> None:
    settings.PRODUCTION = True
    settings.BASE_URL = "https://portal.example"
    clouds = settings.PARTNERCENTER_CLOUDS
    settings.PARTNERCENTER_CLOUDS = {"global": clouds["global"]}
    assert "core.E004" not in {error.id for error in run_checks(tags=["security"])}
    settings.PARTNERCENTER_CLOUDS |= {"simulator": {}}
    assert "core.E004" in {error.id for error in run_checks(tags=["security"])}
