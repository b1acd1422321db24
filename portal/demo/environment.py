"""The demo's choices, its secrets, and the environment its programs run with.

Everything a program needs reaches it as the same variables a production installation sets, so the
demo exercises the real configuration. Secrets are made once per state folder and kept with mode
0600; the superuser's address is given to the one step that needs it and to nothing else.
"""

import base64
import secrets
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from portal.demo.errors import DemoError
from portal.demo.private_files import kept_secret, write_private
from portal.demo.programs import PROJECT
from portal.demo.servers.account import OWNER_ONLY, make_folder

HOST = "127.0.0.1"
_DATABASE = "tenantry"
_MAINTENANCE_DATABASES = {"", "postgres", "template1"}
_ADDRESS_VARIABLES = ("DATABASE_URL", "REDIS_URL")


@dataclass(frozen=True, slots=True)
class DemoSettings:
    """What the person starting the demo chose.

    `world` is a named world or the absolute path of a folder. `database_url` and `redis_url` are
    None where the demo runs a server of its own; a given `database_url` is an administrator's.
    """

    state: Path
    port: int
    world: str
    database_url: str | None
    redis_url: str | None

    @property
    def base_url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def logs(self) -> Path:
        return self.state / "logs"


@dataclass(frozen=True, slots=True)
class SimulatedCloud:
    """One simulated Partner Center: its name in the portal, what it serves, and where.

    `folder` holds its effects and caches, and in `certificates` the authority to trust.
    """

    name: str
    world: str
    port: int
    folder: Path

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.port}"

    @property
    def certificates(self) -> Path:
        return self.folder / "certificates"


def read_settings(environ: Mapping[str, str]) -> DemoSettings:
    """Read the choices from the environment. Raises DemoError naming a bad variable."""
    state = Path(environ.get("PORTAL_STATE_DIR") or PROJECT / ".demo").expanduser().absolute()
    if "," in str(state):
        raise DemoError(f"PORTAL_STATE_DIR is {str(state)!r}; commas separate addresses in lists.")
    text = environ.get("PORTAL_PORT") or "8000"
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise DemoError(f"PORTAL_PORT is {text!r}; give a port number from 1 to 65535.")
    world = environ.get("PARTNERCENTER_WORLD") or "small"
    folder = Path(world).expanduser()
    if folder.is_dir():
        world = str(folder.absolute())
    elif len(folder.parts) > 1:
        raise DemoError(f"PARTNERCENTER_WORLD is {world!r}, but there is no such folder.")
    for name in _ADDRESS_VARIABLES:
        if environ.get(name) and not urlsplit(environ[name]).hostname:
            raise DemoError(f"{name} is not an address of the form scheme://user:password@host/.")
    return DemoSettings(
        state=state,
        port=int(text),
        world=world,
        database_url=environ.get("DATABASE_URL") or None,
        redis_url=environ.get("REDIS_URL") or None,
    )


def preparation_environment(
    surroundings: Mapping[str, str], state: Path, *, admin_url: str
) -> dict[str, str]:
    """Return the environment of `prepare_database`: the only step that sees the superuser."""
    return {
        **surroundings,
        "PORTAL_ENV": "demo",
        "DATABASE_ADMIN_URL": admin_url,
        "PORTAL_DB_WEB_PASSWORD": _secret(state, "web-password"),
        "PORTAL_DB_MIGRATE_PASSWORD": _secret(state, "migrate-password"),
    }


def portal_environment(
    settings: DemoSettings, *, admin_url: str, redis_url: str, clouds: Sequence[SimulatedCloud]
) -> dict[str, str]:
    """Return the variables of the running portal, secrets included, without the surroundings."""
    state = settings.state
    web, migrate = _secret(state, "web-password"), _secret(state, "migrate-password")
    return {
        "PORTAL_ENV": "demo",
        "PORTAL_SECRET_KEY": _secret(state, "secret-key"),
        "PORTAL_ENCRYPTION_KEYS": _secret(state, "encryption-keys", _key_ring),
        "PORTAL_AUDIT_KEY": _secret(state, "audit-key"),
        "PORTAL_ALLOWED_HOSTS": f"{HOST},localhost",
        "PORTAL_BASE_URL": settings.base_url,
        "DATABASE_URL": runtime_url(admin_url, user="app_web", password=web),
        "DATABASE_MIGRATE_URL": runtime_url(admin_url, user="app_migrate", password=migrate),
        "REDIS_URL": redis_url,
        "PARTNERCENTER_SIMULATORS": ",".join(f"{cloud.name}={cloud.url}" for cloud in clouds),
        "PARTNERCENTER_CA_BUNDLE": ",".join(str(cloud.certificates / "ca.pem") for cloud in clouds),
        # Mail of the demo is written where it can be read, and never leaves the machine.
        "EMAIL_URL": f"filemail://{quote(str(state / 'mail'))}",
        "PORTAL_STATE_DIR": str(state),
    }


def write_environment_file(path: Path, variables: Mapping[str, str]) -> None:
    """Write `KEY=value` lines, mode 0600; a value the shell would misread is quoted."""
    write_private(path, "".join(f"{key}={shlex.quote(text)}\n" for key, text in variables.items()))


def database_name(admin_url: str) -> str:
    """Return the portal's database on a server: the one the address names, else `tenantry`."""
    named = urlsplit(admin_url).path.strip("/")
    return _DATABASE if named in _MAINTENANCE_DATABASES else named


def runtime_url(admin_url: str, *, user: str, password: str) -> str:
    """Return an administrator's address with another login and the portal's database."""
    parts = urlsplit(admin_url)
    # The host part is taken as written: brackets of IPv6 and a missing port stay as they are.
    host = parts.netloc.rpartition("@")[2]
    login = f"{quote(user, safe='')}:{quote(password, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{login}@{host}", path=f"/{database_name(admin_url)}"))


def _secret(state: Path, name: str, make: Callable[[], str] | None = None) -> str:
    folder = state / "secrets"
    make_folder(folder, OWNER_ONLY)
    return kept_secret(folder / name, make or (lambda: secrets.token_urlsafe(48)))


def _key_ring() -> str:
    return f"demo:{base64.b64encode(secrets.token_bytes(32)).decode()}"
