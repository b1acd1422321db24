"""L03: a rotation of keys, under load and killed five times, leaves every secret readable."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connections

from portal.core.access import acting, system_actor
from portal.core.encryption import key_id_of
from portal.core.identity.models import Reseller
from tenants.connections.models import AccessToken, ConsentRequest
from tenants.connections.operations import change_connection
from tenants.connections.queries import SEALED
from tests.database import PROJECT, administrator
from tests.environment import DATABASE
from tests.factories.core import make_reseller
from tests.secrets.conftest import Figure
from tests.secrets.sealed import key, make_connections, opens, secret_of, stored

pytestmark = pytest.mark.django_db(transaction=True)

SHORT_LIVED = {(AccessToken, "token_sealed"), (ConsentRequest, "verifier_sealed")}
"""Good for an hour, or ten minutes: one that no longer opens is made anew, or begun again."""
SECRETS = 10_000
KILLS = 5
READER_RESTS = 1.0
AT_LEAST = 1_000
"""How many secrets a rotation gets done before it is killed."""


def rotate(keys: str, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "manage.py", "rotate_keys", *options],
        cwd=PROJECT,
        env=os.environ | {"PORTAL_ENCRYPTION_KEYS": keys},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def sealed_with(key_id: str) -> int:
    with administrator(DATABASE) as database, database.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM tenants_connection WHERE secret_sealed LIKE %s", [f"{key_id}$%"]
        )
        ((count,),) = cursor.fetchall()
    return int(count)


def suspend(reseller: Reseller) -> None:
    with administrator(DATABASE) as database, database.cursor() as cursor:
        cursor.execute(
            "UPDATE core_reseller SET suspended_at = now(), suspended_because = 'A test.'"
            " WHERE id = %s",
            [reseller.pk],
        )


class Users:
    """Threads that read every secret over and over, and one that replaces some."""

    def __init__(self, resellers: list[Reseller], *, readers: int = 1) -> None:
        self._resellers = resellers
        self._over = threading.Event()
        self.read: Counter[bool] = Counter()
        self.replaced = 0
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._read) for _ in range(readers)]
        self._threads.append(threading.Thread(target=self._replace))

    def __enter__(self) -> "Users":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _read(self) -> None:
        while not self._over.is_set():
            found = Counter(opens(row) for row in stored(self._resellers))
            with self._lock:
                self.read += found
            # Reading all of them is work for seconds, which the rotation is to get on beside.
            time.sleep(READER_RESTS)
        connections.close_all()

    def _replace(self) -> None:
        """Give connections new secrets, as an administrator would, while theirs are rotated."""
        reseller = self._resellers[0]
        rows = stored([reseller])
        with acting(system_actor(reseller.pk, "tests")) as actor:
            while not self._over.is_set() and self.replaced < len(rows):
                row = rows[self.replaced]
                row.secret_version += 1
                change_connection(row, actor=actor, secret=secret_of(row))
                self.replaced += 1
                time.sleep(0.02)
        connections.close_all()


@pytest.mark.processes
@pytest.mark.timeout(280)
def test_l03_keys_are_rotated_under_load_and_killed_five_times(
    settings: Any, figure: Figure
) -> None:
    old, new = key("old"), key("new")
    settings.ENCRYPTION_KEYS = old
    resellers = [make_reseller() for _ in range(3)]
    for reseller, count in zip(resellers, (4_000, 4_000, 2_000), strict=True):
        make_connections(reseller, count)
    suspend(resellers[2])
    ring = settings.ENCRYPTION_KEYS = f"{new},{old}"

    readable_after_kill = []
    with Users(resellers) as users:
        for _ in range(KILLS):
            before = sealed_with("new")
            process = rotate(ring, "--batch", "50")
            while process.poll() is None and sealed_with("new") < before + AT_LEAST:
                time.sleep(0.1)
            assert process.poll() is None, "ended before it was killed"
            process.send_signal(signal.SIGKILL)
            process.communicate()
            readable_after_kill.append(sum(map(opens, stored(resellers))))
            counted, _ = rotate(ring, "--count").communicate()
            assert "may be removed" not in counted
            assert f"key old: {SECRETS - sealed_with('new')} (keep it)" in counted
        process = rotate(ring)
        said, _ = process.communicate()
    assert process.returncode == 0, said
    assert "key old: 0 (may be removed" in said

    settings.ENCRYPTION_KEYS = new
    with_new_alone = sum(map(opens, stored(resellers)))
    figure(
        f"L03: killed {KILLS} times, readable {min(readable_after_kill):,} of {SECRETS:,} each"
        f" time; {users.read[True]:,} of {users.read.total():,} reads meanwhile opened, while"
        f" {users.replaced} secrets were replaced; with the new key alone {with_new_alone:,} of"
        f" {SECRETS:,}"
    )
    assert readable_after_kill == [SECRETS] * KILLS
    assert users.read[False] == 0 and users.read[True] > SECRETS
    assert users.replaced
    assert with_new_alone == SECRETS


def test_l03_a_secret_that_no_key_opens_is_left_and_named(settings: Any, capsys: Any) -> None:
    settings.ENCRYPTION_KEYS = key("lost")
    reseller = make_reseller()
    make_connections(reseller, 3)
    old = settings.ENCRYPTION_KEYS = key("old")
    other = make_reseller()
    make_connections(other, 3)
    settings.ENCRYPTION_KEYS = f"{key('new')},{old}"
    with pytest.raises(CommandError, match=f"{reseller.slug}: Connection 00000"):
        call_command("rotate_keys", "--batch", "2")
    said = capsys.readouterr().out
    assert "key lost: 3 (not in PORTAL_ENCRYPTION_KEYS" in said
    assert "key old: 0 (may be removed" in said
    assert {key_id_of(row.secret_sealed) for row in stored([reseller])} == {"lost"}
    assert all(map(opens, stored([other])))


def test_l03_whatever_is_sealed_is_rotated() -> None:
    """A new sealed column is forgotten by the rotation until it is written down here and there."""
    sealed = {
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.fields
        if field.name.endswith("_sealed")
    }
    rotated = {(kind.model, kind.column) for kind in SEALED}
    assert sealed == rotated | SHORT_LIVED
