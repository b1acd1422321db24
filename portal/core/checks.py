"""System checks: what must not be combined when the portal starts for customers (N02).

Each names the environment variable to mend. They run in every command, and through
`refuse_unsafe_start` in the processes Django does not check: web, workers, beat and relay.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register, run_checks
from django.core.exceptions import ImproperlyConfigured
from redis.exceptions import RedisError

from portal.core.connections import unprotected_connections
from portal.core.database.checks import refuse_strong_login
from portal.core.encryption import parse_key_ring
from portal.core.jobs.broker import refuse_evicting_broker

SHORTEST_KEY = 32
FEWEST_CHARACTERS = 5
KNOWN_KEYS = ("stand-in", "django-insecure-", "changeme")
SMTP = "django.core.mail.backends.smtp.EmailBackend"


def refuse_unsafe_start() -> None:
    """Stop a process that Django's commands do not check, such as the web's.

    The database is asked too, whether its login is bound by the policies, and the broker, whether
    it evicts. One that is away is no reason to stop; the database is asked at the first connection.

    Raises:
        ImproperlyConfigured: names everything that is unsafe.
    """
    found = [error.msg for error in run_checks(tags=[Tags.security]) if error.is_serious()]
    if found:
        raise ImproperlyConfigured(" ".join(found))
    if settings.PRODUCTION:
        refuse_strong_login()
    with suppress(RedisError, OSError):
        refuse_evicting_broker()


@register(Tags.security)
def check_production_settings(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Refuse what would be unsafe in production; the demo and the tests are left alone."""
    ring = parse_key_ring(settings.ENCRYPTION_KEYS)
    if not settings.PRODUCTION:
        return []
    texts = {
        "core.E001": _debugging(),
        "core.E002": _hosts(),
        "core.E003": _address(),
        "core.E004": _simulators(),
        "core.E005": _keys(),
        "core.E006": _sealing_keys(ring),
        "core.E007": unprotected_connections(),
        "core.E008": _mail(),
        "core.E009": _webhooks(),
    }
    return [Error(text, id=number) for number, found in texts.items() for text in found]


def _debugging() -> Iterator[str]:
    if settings.DEBUG:
        yield "PORTAL_DEBUG is on in production."


def _hosts() -> Iterator[str]:
    if "*" in settings.ALLOWED_HOSTS or not settings.ALLOWED_HOSTS:
        yield "PORTAL_ALLOWED_HOSTS must name the portal's hosts."


def _address() -> Iterator[str]:
    if not settings.BASE_URL.startswith("https://"):
        yield "PORTAL_BASE_URL must be an https:// address."


def _simulators() -> Iterator[str]:
    for cloud in sorted({*settings.PARTNERCENTER_CLOUDS} - {"global"}):
        yield f"PARTNERCENTER_SIMULATORS names a simulator ({cloud}); production has none."


def _keys() -> Iterator[str]:
    keys = {
        "PORTAL_SECRET_KEY": settings.SECRET_KEY,
        "PORTAL_AUDIT_KEY": settings.AUDIT_KEY.decode(),
    }
    for name, key in keys.items():
        if key.startswith(KNOWN_KEYS):
            yield f"{name} is a default that everybody knows."
        elif len(key) < SHORTEST_KEY:
            yield f"{name} is shorter than {SHORTEST_KEY} characters."
        elif len(set(key)) < FEWEST_CHARACTERS:
            yield f"{name} is made of fewer than {FEWEST_CHARACTERS} different characters."
    if len(set(keys.values())) < len(keys):
        yield f"{' and '.join(keys)} are the same; each guards something else."


def _sealing_keys(ring: dict[str, bytes]) -> Iterator[str]:
    for key_id, key in ring.items():
        if len(set(key)) < FEWEST_CHARACTERS:
            yield f"PORTAL_ENCRYPTION_KEYS: the key {key_id} is a default that everybody knows."


def _mail() -> Iterator[str]:
    # Anything but a mail server writes reset links where others read them: into a log or a file.
    if settings.MAIL_PROVIDER:
        if settings.MAIL_API_URL and not settings.MAIL_API_URL.startswith("https://"):
            yield "PORTAL_MAIL_API_URL must be an https:// address."
    elif settings.EMAIL_CONFIG["EMAIL_BACKEND"] != SMTP or not settings.EMAIL_HOST:
        yield "EMAIL_URL must name a mail server, such as smtp+tls://user:password@host:587."


def _webhooks() -> Iterator[str]:
    if settings.WEBHOOKS_TO_PRIVATE:
        yield "PORTAL_WEBHOOKS_TO_PRIVATE lets webhooks reach this network; production has none."
