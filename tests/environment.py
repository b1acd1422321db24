"""Loaded by pytest before Django's settings: starts the run's servers and names them.

Settings are read once, when Django is first imported, so addresses must be known by then. Every
process of the run has its own database, cloned from one migrated template, and Redis number.
"""

import os
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from tests.servers import servers

WEB_PASSWORD = "web-for-tests"
MIGRATE_PASSWORD = "migrate-for-tests"
BACKUP_PASSWORD = "backup-for-tests"
TEMPLATE = "tenantry_template"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
DATABASE = f"tenantry_{WORKER}"
REDIS_NUMBER = 1 + int(WORKER.removeprefix("gw")) if WORKER.startswith("gw") else 0
ADMIN_URL = "DATABASE_ADMIN_URL"
UNREACHED = "1000000"
"""A limit that a run counts against and never comes to."""


def database_url(login: str, password: str, name: str) -> str:
    """Return the address of database ``name`` on the run's server for one login."""
    parts = urlsplit(os.environ[ADMIN_URL])
    return f"postgres://{login}:{password}@{parts.hostname}:{parts.port}/{name}"


def keep_bytecode() -> None:
    """Let the run's hundreds of programs be compiled once where nothing is kept beside the code.

    Where Python is told to keep no bytecode, as in many containers, each start compiles the whole
    portal anew. The run's folder is gone when the run is.
    """
    folder = Path(tempfile.gettempdir()) / f"tenantry-tests-{os.environ['TENANTRY_TEST_RUN']}"
    if os.environ.get("PYTHONDONTWRITEBYTECODE") and folder.is_dir():
        del os.environ["PYTHONDONTWRITEBYTECODE"]
        os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")


def name_servers() -> None:
    """Start the servers and write their addresses where the settings look for them."""
    run = servers()
    keep_bytecode()
    redis = urlsplit(run.redis_url)._replace(path=f"/{REDIS_NUMBER}").geturl()
    os.environ[ADMIN_URL] = run.admin_database_url
    os.environ.update(
        PORTAL_ENV="test",
        PORTAL_BASE_URL="http://testserver",
        PORTAL_ALLOWED_HOSTS="testserver,127.0.0.1,localhost",
        PORTAL_DB_WEB_PASSWORD=WEB_PASSWORD,
        PORTAL_DB_MIGRATE_PASSWORD=MIGRATE_PASSWORD,
        PORTAL_DB_BACKUP_PASSWORD=BACKUP_PASSWORD,
        REDIS_URL=redis,
        CACHE_URL=redis,
        EMAIL_URL="memorymail://",
        PORTAL_LIMIT_USER=UNREACHED,
        PORTAL_LIMIT_TOKEN=UNREACHED,
        PORTAL_LIMIT_RESELLER=UNREACHED,
        PORTAL_LIMIT_ADDRESS=UNREACHED,
        PARTNERCENTER_CALLS_A_MINUTE="0",
        DATABASE_URL=database_url("app_web", WEB_PASSWORD, DATABASE),
        DATABASE_MIGRATE_URL=database_url("app_migrate", MIGRATE_PASSWORD, DATABASE),
    )


if not {"--help", "-h", "--version", "-V"} & set(sys.argv):
    name_servers()
