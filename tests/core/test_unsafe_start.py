"""N02: in production neither web nor commands start on settings that are unsafe."""

import os
import subprocess
import sys

import pytest

from portal.demo.programs import PROJECT

SAFE = {
    "PORTAL_ENV": "production",
    "PORTAL_SECRET_KEY": "s" * 50,
    "PORTAL_AUDIT_KEY": "a" * 50,
    "PORTAL_ENCRYPTION_KEYS": "one:" + "A" * 43 + "=",
    "PORTAL_BASE_URL": "https://portal.example.com",
    "PORTAL_ALLOWED_HOSTS": "portal.example.com",
    "DATABASE_URL": "postgres://app_web@127.0.0.1:1/tenantry",
    "REDIS_URL": "redis://127.0.0.1:1/0",
}
WEB = ("-c", "import portal.wsgi")
RELAY = ("manage.py", "relay", "--once")


def start(*program: str, **settings: str) -> subprocess.CompletedProcess[str]:
    kept = {"PATH", "HOME", "LANG", "VIRTUAL_ENV"}
    environment = {name: value for name, value in os.environ.items() if name in kept}
    return subprocess.run(
        [sys.executable, "-W", "ignore", *program],
        cwd=PROJECT,
        env=environment | SAFE | settings,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_web_starts_on_safe_settings() -> None:
    assert start(*WEB).returncode == 0


@pytest.mark.parametrize("program", [WEB, RELAY], ids=["web", "relay"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORTAL_DEBUG", "on"),
        ("PORTAL_ALLOWED_HOSTS", "*"),
        ("PORTAL_ALLOWED_HOSTS", ""),
        ("PORTAL_BASE_URL", "http://portal.example.com"),
        ("PORTAL_SECRET_KEY", ""),
        ("PORTAL_SECRET_KEY", "short"),
        ("PORTAL_AUDIT_KEY", "short"),
        ("PORTAL_ENCRYPTION_KEYS", "one:c2hvcnQ="),
        ("PARTNERCENTER_SIMULATORS", "play=https://127.0.0.1:9443"),
    ],
)
def test_n02_an_unsafe_setting_stops_the_start_and_is_named(
    name: str, value: str, program: tuple[str, ...]
) -> None:
    outcome = start(*program, **{name: value})
    assert outcome.returncode != 0
    assert name in outcome.stderr
    assert SAFE["PORTAL_SECRET_KEY"] not in outcome.stderr
