"""Every way out of the portal, opened as wide as it goes: what came out of each, by its name."""

import base64
import io
import json
import logging
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import redis
from django.conf import settings
from django.test import Client

from portal.core import logs
from tests.core.test_backup import pg_dump
from tests.database import administrator
from tests.environment import BACKUP_PASSWORD, DATABASE, database_url

LIBRARIES = ("urllib3", "requests", "msal", "kombu", "amqp", "celery", "redis", "django", "")
"""Loggers whose own levels are lowered; the last is the root."""


@contextmanager
def every_log_at_debug(*, plain: bool) -> Iterator[io.StringIO]:
    """Collect what the portal's own formatter makes of every record of every library."""
    written = io.StringIO()
    logs.configure({"level": "DEBUG", "plain": plain})
    root = logging.getLogger()
    ours = root.handlers[-1]
    assert isinstance(ours, logging.StreamHandler)
    former = ours.setStream(written)
    levels = {name: logging.getLogger(name).level for name in LIBRARIES}
    for name in LIBRARIES:
        logging.getLogger(name).setLevel(logging.DEBUG)
    try:
        yield written
    finally:
        ours.setStream(former)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        logs.configure(settings.LOGGING)


def database_as_text() -> str:
    """Return a dump of the whole database, by the login made for dumps.

    Without the table in which tests of jobs write what was done: it is not the portal's.
    """
    with administrator(DATABASE) as connection, connection.cursor() as cursor:
        cursor.execute("ALTER ROLE app_backup PASSWORD %s", [BACKUP_PASSWORD])
    done = subprocess.run(
        [
            pg_dump(),
            "--exclude-table=tests_effect*",
            database_url("app_backup", BACKUP_PASSWORD, DATABASE),
        ],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.decode(errors="replace")


def tables_of(dump: str) -> dict[str, str]:
    """Return the rows of each table in a dump."""
    found: dict[str, str] = {}
    for part in dump.split("\nCOPY public.")[1:]:
        head, _, rows = part.partition("\n")
        found[head.split()[0].strip('"')] = rows.partition("\n\\.\n")[0]
    return found


def redis_as_text() -> str:
    """Return every key of the run's Redis number with its value, whatever its kind."""
    server: Any = redis.Redis.from_url(settings.REDIS_URL)
    readers: dict[bytes, Callable[[bytes], object]] = {
        b"string": server.get,
        b"list": lambda key: server.lrange(key, 0, -1),
        b"set": server.smembers,
        b"hash": server.hgetall,
        b"zset": lambda key: server.zrange(key, 0, -1, withscores=True),
        b"stream": server.xrange,
    }
    found = [f"{key!r} = {readers[server.type(key)](key)!r}" for key in server.scan_iter()]
    server.close()
    return "\n".join(found)


def messages_as_text(queues: tuple[str, ...] = ("sync", "invoice", "money", "default")) -> str:
    """Return what lies in the broker's queues, bodies decoded."""
    server: Any = redis.Redis.from_url(settings.REDIS_URL)
    found = []
    for queue in queues:
        for raw in server.lrange(queue, 0, -1):
            message = json.loads(raw)
            found.append(f"{raw!r} {base64.b64decode(message['body'])!r}")
    server.close()
    return "\n".join(found)


def answers_of(client: Client, addresses: list[str]) -> tuple[str, str]:
    """Return the bodies of a client's answers, and their headers and cookies."""
    bodies, heads = [], []
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        bodies.append(answer.getvalue().decode("utf-8-sig"))
        heads.append(f"{dict(answer.headers)} {answer.cookies.output()}")
    return "\n".join(bodies), "\n".join(heads)
