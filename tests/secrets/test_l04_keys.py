"""L04: without the right key nothing starts and nothing opens, and nothing is stored in clear."""

import base64
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.core.encryption import SealBroken, seal, unseal
from portal.core.identity.models import Reseller
from tenants.connections.models import Connection
from tests.factories.core import make_reseller
from tests.secrets.conftest import Figure
from tests.secrets.production import CHECK, SAFE, WITH_DATABASE, ended, programs, start
from tests.secrets.sealed import key, make_connections, opens, secret_of, stored

pytestmark = pytest.mark.django_db(transaction=True)

GOOD = SAFE["PORTAL_ENCRYPTION_KEYS"].partition(":")[2]
BAD = {
    "missing": "",
    "only commas": ",,",
    "no id": GOOD,
    "empty id": f":{GOOD}",
    "short": "one:" + base64.b64encode(bytes(range(16))).decode(),
    "long": "one:" + base64.b64encode(bytes(range(48))).decode(),
    "not base64": f"one:{GOOD[:-2]}!=",
    "a password": "one:correct horse battery staple",
    "two of one id": f"one:{GOOD},one:{GOOD}",
    "an id with a dollar": f"o$e:{GOOD}",
    "the second is short": f"one:{GOOD},two:c2hvcnQ=",
    "all zero": "one:" + base64.b64encode(bytes(32)).decode(),
}


@pytest.fixture
def reseller() -> Reseller:
    return make_reseller()


@pytest.mark.processes
def test_l04_no_process_starts_without_a_proper_key(tmp_path: Path, figure: Figure) -> None:
    """Every process without a key, and one with each kind of bad key."""
    refused = tried = 0
    for case, keys in BAD.items():
        wanted = programs(tmp_path) if case == "missing" else {"": CHECK}
        started = [start(program, PORTAL_ENCRYPTION_KEYS=keys) for program in wanted.values()]
        for process in started:
            said = ended(process)
            refused += process.returncode != 0 and "PORTAL_ENCRYPTION_KEYS" in said
            tried += 1
            assert GOOD not in said
    figure(f"L04: missing, short or bad key: {refused} of {tried} starts refused")
    assert (refused, tried) == (tried, 5 + len(BAD) - 1)


@pytest.mark.processes
def test_l04_a_wrong_key_is_reported_by_the_deploy_check(reseller: Reseller, settings: Any) -> None:
    settings.ENCRYPTION_KEYS = key("one")  # the right id, and another key than the process has
    make_connections(reseller, 3)
    process = start([*CHECK, *WITH_DATABASE])
    said = ended(process)
    assert process.returncode != 0
    assert "PORTAL_ENCRYPTION_KEYS does not open 3 stored secrets" in said


def test_l04_a_wrong_key_opens_nothing(reseller: Reseller, settings: Any, figure: Figure) -> None:
    settings.ENCRYPTION_KEYS = key("one")
    make_connections(reseller, 50)
    wrong = [key("one"), key("two"), f"{key('two')},{key('one')}"]
    opened = 0
    for settings.ENCRYPTION_KEYS in wrong:
        opened += sum(map(opens, stored([reseller])))
    figure(f"L04: with a wrong key {opened} of {50 * len(wrong)} secrets open")
    assert opened == 0


@pytest.mark.parametrize("case", sorted(BAD.keys() - {"all zero"}))
def test_l04_without_a_key_nothing_is_stored_in_clear(
    case: str, reseller: Reseller, settings: Any
) -> None:
    settings.ENCRYPTION_KEYS = BAD[case]
    row = Connection(reseller_id=reseller.pk)
    with pytest.raises(ImproperlyConfigured) as refused:
        seal(secret_of(row), row.secret_seal())
    assert GOOD not in str(refused.value)
    with pytest.raises((ImproperlyConfigured, SealBroken)):
        unseal(secret_of(row), row.secret_seal())


def test_l04_no_sealed_value_holds_its_text(reseller: Reseller) -> None:
    rows = make_connections(reseller, 20)
    for row in rows:
        raw = base64.b64decode(row.secret_sealed.partition("$")[2])
        assert b"SECRET-CANARY" not in raw
    assert len({row.secret_sealed.partition("$")[2][:16] for row in rows}) == len(rows)
