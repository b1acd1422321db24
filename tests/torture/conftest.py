"""The rig, and the oracles asserted at the end of every test that uses it (A07)."""

import dataclasses
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from portal.core.database.security import secure_table
from portal.demo.servers import RunningServer, start_valkey
from tests import oracles, work
from tests.database import administrator
from tests.environment import DATABASE
from tests.factories.core import make_person, make_reseller
from tests.torture.rig import LEASE_SECONDS, Rig

LEDGER = f"""
    CREATE TABLE {work.TABLE} (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        reseller_id bigint NOT NULL,
        job uuid NOT NULL,
        at timestamptz NOT NULL DEFAULT now())
"""
"""Without a unique key on the job: a doubled effect has to show, not to be refused."""


@pytest.fixture
def rig(
    tmp_path: Path, transactional_db: None, record_property: Callable[[str, Any], None]
) -> Iterator[Rig]:
    """Give a rig with two resellers, and ask the oracles when the test is over."""
    people = [
        make_person(make_reseller(name=f"CANARY-{name} Cloud"), name=f"CANARY-{name} Admin")
        for name in ("NORTH", "SOUTH")
    ]
    with administrator(DATABASE) as database, database.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {work.TABLE}")
        cursor.execute(LEDGER)
        for operation in secure_table(work.TABLE):
            cursor.execute(str(operation.sql))
    with ExitStack() as stack:
        rig = Rig(tmp_path, people, stack)
        rig.env["PORTAL_JOB_LEASE_SECONDS"] = str(LEASE_SECONDS)
        stack.callback(_drop_ledger)
        try:
            yield rig
        finally:
            rig.stop_all()
        found = ask_oracles(rig)
        rig.tally.lost, rig.tally.doubled = len(found.lost), len(found.doubled)
        rig.tally.leaked += len(found.leaked)
        record_property("torture", json.dumps(dataclasses.asdict(rig.tally)))
        assert not found, found


@pytest.fixture
def broker(rig: Rig) -> Iterator[RunningServer]:
    """Give the rig a Valkey of its own, which may be emptied, filled and killed."""
    server = start_valkey(rig.folder, durable=False)
    rig.env |= {"REDIS_URL": server.url, "CACHE_URL": server.url}
    yield server
    server.stop()


def ask_oracles(rig: Rig) -> oracles.Findings:
    """Return what the four oracles find once every program is gone."""
    found = oracles.Findings()
    asked = [job for (job,) in rig.sql("SELECT id FROM core_job WHERE kind LIKE 'tests.%'")]
    oracles.ledger(asked, rig.effects(asked), found)
    oracles.isolation(rig.people, found)
    said = {program.log.name: program.said() for program in rig.programs}
    oracles.secrecy(said, settings.REDIS_URL, found)
    oracles.cents(found)
    return found


def _drop_ledger() -> None:
    with administrator(DATABASE) as database, database.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {work.TABLE}")
