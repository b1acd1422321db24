"""Real processes with production settings: what each is given, and the five that make a portal."""

import base64
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from portal.demo.programs import PROJECT
from tests.environment import DATABASE, WEB_PASSWORD, database_url
from tests.procs import free_port

SECONDS = 60
HOST = "portal.example.com"
SECRET_KEY = "aGVyZS1pcy1hLWtleS1mb3ItdGhlLXByb2R1Y3Rpb24tdGVzdHM"
SAFE = {
    "PORTAL_ENV": "production",
    "PORTAL_SECRET_KEY": SECRET_KEY,
    "PORTAL_AUDIT_KEY": SECRET_KEY[::-1],
    "PORTAL_ENCRYPTION_KEYS": "one:" + base64.b64encode(bytes(range(32))).decode(),
    "PORTAL_BASE_URL": f"https://{HOST}",
    "PORTAL_ALLOWED_HOSTS": HOST,
    "EMAIL_URL": "smtp+tls://portal:password@mail.example.com:587",
    "DATABASE_URL": database_url("app_web", WEB_PASSWORD, DATABASE),
    "REDIS_URL": os.environ["REDIS_URL"],
}
"""With this everything starts."""
NOWHERE = "postgres://app_web@127.0.0.1:1/tenantry"
"""A database that is away."""
CHECK = ["manage.py", "check", "--deploy"]
WITH_DATABASE = ["--database", "default"]
PASSED_ON = {"PATH", "HOME", "LANG", "VIRTUAL_ENV"}


def environment(**settings: str) -> dict[str, str]:
    """Return what a process is started with: nothing of the tests' own settings."""
    kept = {name: value for name, value in os.environ.items() if name in PASSED_ON}
    return kept | SAFE | settings


def gunicorn(port: int) -> list[str]:
    """Return the web as docker-compose.yml starts it, with one worker."""
    bind = f"--bind=127.0.0.1:{port}"
    return ["-m", "gunicorn", "portal.wsgi", bind]


def programs(folder: Path) -> dict[str, list[str]]:
    """Return the command lines of what has to refuse an unsafe start.

    Beat keeps its schedule in ``folder``. It deletes a schedule file that it cannot read, whatever
    that is, so it must never be given anything but a file of its own.
    """
    celery = ["-m", "celery", "--app", "portal"]
    return {
        "web": gunicorn(free_port()),
        "worker": [*celery, "worker", "--concurrency=1", "--queues=none", "--without-mingle"],
        "beat": [*celery, "beat", f"--schedule={folder / 'schedule'}", "--pidfile="],
        "relay": ["manage.py", "relay", "--once"],
        "check": [*CHECK],
    }


def start(arguments: Sequence[str], **settings: str) -> subprocess.Popen[str]:
    """Start a program with `SAFE` and ``settings``; its output is in ``stdout``."""
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", *arguments],
        cwd=PROJECT,
        env=environment(**settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> str:
    """Wait until a program has ended by itself and return what it said; one that runs on fails."""
    try:
        said, _ = process.communicate(timeout=SECONDS)
    finally:
        process.kill()
    return said
