"""N02: in production no process starts on settings that are unsafe, and each says which."""

import os
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from psycopg2 import sql

from tests.database import administrator
from tests.environment import ADMIN_URL, DATABASE, MIGRATE_PASSWORD, database_url
from tests.procs import free_port, running
from tests.secrets.conftest import Figure
from tests.secrets.production import (
    CHECK,
    HOST,
    NOWHERE,
    SAFE,
    WITH_DATABASE,
    ended,
    environment,
    gunicorn,
    programs,
    start,
)

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

ADMIN = urlsplit(os.environ[ADMIN_URL])
FAR = "postgres://app_web:w@db.example.com/tenantry"
NAMED = {
    "debugging": {"PORTAL_DEBUG": "on"},
    "default key": {"PORTAL_SECRET_KEY": "stand-in-" * 6},
    "every host": {"PORTAL_ALLOWED_HOSTS": "*"},
    "superuser": {"DATABASE_URL": ADMIN._replace(scheme="postgres", path=f"/{DATABASE}").geturl()},
    "no TLS to the database": {"DATABASE_URL": FAR},
}
"""The five that the threat model names."""
PROVIDER = {"PORTAL_MAIL_PROVIDER": "postmark", "PORTAL_MAIL_API_KEY": "k" * 30}
OTHERS = [
    {"PORTAL_ALLOWED_HOSTS": ""},
    {"PORTAL_BASE_URL": f"http://{HOST}"},
    {"PORTAL_SECRET_KEY": ""},
    {"PORTAL_SECRET_KEY": "short"},
    {"PORTAL_SECRET_KEY": "django-insecure-" + "x1y2z3" * 8},
    {"PORTAL_SECRET_KEY": "ab" * 30},
    {"PORTAL_AUDIT_KEY": ""},
    {"PORTAL_AUDIT_KEY": "short"},
    {"PORTAL_AUDIT_KEY": "stand-in-audit-key"},
    {"PORTAL_AUDIT_KEY": SAFE["PORTAL_SECRET_KEY"]},
    {"PORTAL_ENCRYPTION_KEYS": "stand-in:" + "A" * 43 + "="},
    {"PARTNERCENTER_SIMULATORS": "play=https://127.0.0.1:9443"},
    {"DATABASE_URL": f"{FAR}?sslmode=prefer"},
    {"DATABASE_MIGRATE_URL": FAR.replace("app_web", "app_migrate")},
    {"REDIS_URL": "redis://:password@broker.example.com/0"},
    {"REDIS_URL": "rediss://broker.example.com/0"},
    {"REDIS_URL": "redis://broker/0", "PORTAL_PRIVATE_NETWORK": "true"},
    {"REDIS_URL": "rediss://:password@broker.example.com/0?ssl_cert_reqs=none"},
    {"CACHE_URL": "redis://:password@cache.example.com/0"},
    {"EMAIL_URL": ""},
    {"EMAIL_URL": "consolemail://"},
    {"EMAIL_URL": "filemail:///tmp"},
    {"EMAIL_URL": "smtp://portal:password@mail.example.com:25"},
    {"PORTAL_MAIL_PROVIDER": "pigeon", "PORTAL_MAIL_API_KEY": "k" * 30},
    {"PORTAL_MAIL_API_KEY": "", "PORTAL_MAIL_PROVIDER": "postmark"},
    {"PORTAL_MAIL_API_SECRET": "", "PORTAL_MAIL_PROVIDER": "mailjet", "PORTAL_MAIL_API_KEY": "k"},
    {"PORTAL_MAIL_API_URL": "http://mail.example.com/", **PROVIDER},
    {"PORTAL_ENV": "staging"},
]


def check(*options: str, **settings: str) -> tuple[int, str]:
    process = start([*CHECK, *options], **settings)
    said = ended(process)
    return process.returncode, said


@pytest.mark.parametrize("case", NAMED)
def test_n02_each_of_the_five_stops_every_process_and_is_named(
    case: str, tmp_path: Path, figure: Figure
) -> None:
    unsafe = NAMED[case]
    commands = programs(tmp_path)
    if case == "superuser":
        commands["check"] += WITH_DATABASE
    started = {name: start(program, **unsafe) for name, program in commands.items()}
    said = {name: ended(process) for name, process in started.items()}
    refused = [
        name
        for name, process in started.items()
        if process.returncode != 0 and all(setting in said[name] for setting in unsafe)
    ]
    figure(f"N02 {case}: {len(refused)} of {len(started)} processes refuse and name it")
    assert set(refused) == set(started), said
    password = f":{ADMIN.password}@"
    assert not any(SAFE["PORTAL_SECRET_KEY"] in text or password in text for text in said.values())


@pytest.mark.parametrize("unsafe", OTHERS, ids=lambda unsafe: "-".join(unsafe))
def test_n02_every_other_unsafe_setting_is_refused(unsafe: dict[str, str]) -> None:
    status, said = check(**unsafe)
    assert status != 0
    assert next(iter(unsafe)) in said


@pytest.mark.parametrize(
    "safe",
    [
        {"DATABASE_MIGRATE_URL": f"{FAR}?sslmode=verify-full"},
        {"DATABASE_MIGRATE_URL": FAR, "PORTAL_PRIVATE_NETWORK": "true"},
        {"CACHE_URL": "rediss://:password@cache.example.com/0"},
        {"CACHE_URL": "redis://:password@cache/0", "PORTAL_PRIVATE_NETWORK": "true"},
        {"EMAIL_URL": "smtp://127.0.0.1:25"},
        {"EMAIL_URL": "", **PROVIDER},
        {"PORTAL_READ_ONLY": "on"},
        {"PORTAL_HSTS_PRELOAD": "on"},
    ],
    ids=lambda safe: "-".join(safe),
)
def test_n02_what_is_safe_is_let_through(safe: dict[str, str]) -> None:
    assert check(**safe)[0] == 0


@pytest.fixture
def owning_login() -> Iterator[str]:
    """Make a login that bypasses nothing but may become the tables' owner."""
    name = sql.Identifier(f"owner_{DATABASE}")
    with administrator(DATABASE) as database, database.cursor() as cursor:
        cursor.execute(sql.SQL("CREATE ROLE {} LOGIN NOINHERIT PASSWORD 'p'").format(name))
        cursor.execute(sql.SQL("GRANT app_owner TO {}").format(name))
        cursor.execute(
            sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(DATABASE), name)
        )
        yield f"owner_{DATABASE}"
        cursor.execute(sql.SQL("DROP OWNED BY {}").format(name))
        cursor.execute(sql.SQL("DROP ROLE {}").format(name))


def test_n02_a_login_that_owns_the_tables_is_refused(owning_login: str) -> None:
    status, said = check(*WITH_DATABASE, DATABASE_URL=database_url(owning_login, "p", DATABASE))
    assert status != 0
    assert "DATABASE_URL's login owns the tables" in said


def test_n02_a_login_past_row_level_security_is_refused() -> None:
    status, said = check(
        *WITH_DATABASE, DATABASE_URL=database_url("app_migrate", MIGRATE_PASSWORD, DATABASE)
    )
    assert status != 0
    assert "BYPASSRLS" in said


def test_n02_a_database_that_was_away_is_asked_when_it_is_back() -> None:
    """A start must not wait for the database, and yet no request may use a login too strong."""
    admin = NAMED["superuser"]["DATABASE_URL"]
    program = (
        "import portal.wsgi, environ\n"
        "from django.db import connection\n"
        f"connection.settings_dict |= environ.Env.db_url_config({admin!r}) | "
        "{'ENGINE': 'portal.core.database', 'OPTIONS': {}}\n"
        "connection.cursor().execute('SELECT 1')"
    )
    process = start(["-c", program], DATABASE_URL=NOWHERE)
    said = ended(process)
    assert process.returncode != 0
    assert "database_login_not_checked" in said
    assert "ImproperlyConfigured: DATABASE_URL's login is a superuser's" in said


@pytest.mark.parametrize(
    ("database", "status"), [(SAFE["DATABASE_URL"], 200), (NOWHERE, 503)], ids=["there", "away"]
)
def test_n02_the_web_starts_on_safe_settings_and_says_if_the_database_is_away(
    database: str, status: int, tmp_path: Path
) -> None:
    port = free_port()
    with (
        running(
            gunicorn(port),
            log=tmp_path / "web.log",
            ready=lambda said: "Booting worker" in said,
            env=environment(DATABASE_URL=database, PYTHONWARNINGS="ignore"),
        ),
        closing(HTTPConnection("127.0.0.1", port, timeout=60)) as web,
    ):
        web.request("GET", "/health/ready/", headers={"Host": HOST})
        assert web.getresponse().status == status


def test_n02_beat_and_relay_and_worker_start_on_safe_settings(tmp_path: Path) -> None:
    said = {"worker": "ready", "beat": "Starting"}
    for name, word in said.items():
        with running(
            programs(tmp_path)[name],
            log=tmp_path / f"{name}.log",
            ready=lambda text, word=word: word in text,  # type: ignore[misc]
            env=environment(PYTHONWARNINGS="ignore"),
        ):
            pass
    relay = start(programs(tmp_path)["relay"])
    assert "0 jobs rung" in ended(relay)
