"""Which connections leave this machine unprotected, read from the settings alone.

Passwords, sessions and the rows of every reseller pass through them, so they have to be encrypted
wherever others may listen. Only a person can know that a network is private, as Compose's own is;
``PORTAL_PRIVATE_NETWORK`` says so.
"""

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings

ENCRYPTED = frozenset({"require", "verify-ca", "verify-full"})
DATABASE_VARIABLES = {"default": "DATABASE_URL", "migrate": "DATABASE_MIGRATE_URL"}


def unprotected_connections() -> Iterator[str]:
    """Yield one sentence per address that is plain across hosts, or open to whoever finds it."""
    for alias, database in settings.DATABASES.items():
        yield from _database(DATABASE_VARIABLES.get(alias, alias), database)
    yield from _redis("REDIS_URL", settings.REDIS_URL)
    if settings.CACHES["default"]["LOCATION"] != settings.REDIS_URL:
        yield from _redis("CACHE_URL", settings.CACHES["default"]["LOCATION"])
    yield from _mail()


def is_local(host: str) -> bool:
    """Tell whether a host is this machine: a loopback address, or the path of a socket."""
    try:
        return not host or host[0] in "/@" or host == "localhost" or _is_loopback(host)
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    return ipaddress.ip_address(host.strip("[]")).is_loopback


def _database(name: str, config: Mapping[str, Any]) -> Iterator[str]:
    options = config["OPTIONS"]
    hosts = f"{config['HOST']},{options.get('hostaddr', '')},{options.get('service', '')}"
    plain = options.get("sslmode") not in ENCRYPTED
    if plain and not all(map(is_local, hosts.split(","))) and not settings.PRIVATE_NETWORK:
        yield (
            f"{name} leads to another machine without TLS; add ?sslmode=verify-full, or set"
            " PORTAL_PRIVATE_NETWORK where nobody else is on the network."
        )


def _redis(name: str, url: str) -> Iterator[str]:
    parts = urlsplit(url)
    if parts.scheme == "unix" or is_local(parts.hostname or ""):
        return
    if not parts.password:
        yield f"{name} leads to another machine without a password."
    encrypted = parts.scheme == "rediss" and "none" not in parse_qs(parts.query).get(
        "ssl_cert_reqs", []
    )
    if not encrypted and not settings.PRIVATE_NETWORK:
        yield (
            f"{name} leads to another machine without TLS; use rediss://, or set"
            " PORTAL_PRIVATE_NETWORK where nobody else is on the network."
        )


def _mail() -> Iterator[str]:
    if settings.MAIL_PROVIDER:
        return
    encrypted = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    if settings.EMAIL_HOST_PASSWORD and not (encrypted or is_local(settings.EMAIL_HOST)):
        yield "EMAIL_URL sends its password to another machine without TLS; use smtp+tls://."
