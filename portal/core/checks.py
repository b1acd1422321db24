"""System checks: what must not be combined when the portal starts for customers."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register, run_checks
from django.core.exceptions import ImproperlyConfigured

from portal.core.encryption import parse_key_ring

SHORTEST_KEY = 32


def refuse_unsafe_start() -> None:
    """Stop a process that Django's commands do not check, such as the web's.

    Raises:
        ImproperlyConfigured: names everything that is unsafe.
    """
    found = [error.msg for error in run_checks(tags=[Tags.security]) if error.is_serious()]
    if found:
        raise ImproperlyConfigured(" ".join(found))


@register(Tags.security)
def check_production_settings(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Refuse what would be unsafe in production; the demo and the tests are left alone."""
    parse_key_ring(settings.ENCRYPTION_KEYS)
    if not settings.PRODUCTION:
        return []
    errors = []
    if settings.DEBUG:
        errors.append(Error("PORTAL_DEBUG is on in production.", id="core.E001"))
    if "*" in settings.ALLOWED_HOSTS or not settings.ALLOWED_HOSTS:
        errors.append(Error("PORTAL_ALLOWED_HOSTS must name the portal's hosts.", id="core.E002"))
    if not settings.BASE_URL.startswith("https://"):
        errors.append(Error("PORTAL_BASE_URL must be an https:// address.", id="core.E003"))
    for name, value in (
        ("PORTAL_SECRET_KEY", settings.SECRET_KEY),
        ("PORTAL_AUDIT_KEY", settings.AUDIT_KEY),
    ):
        if len(value) < SHORTEST_KEY:
            errors.append(
                Error(f"{name} is shorter than {SHORTEST_KEY} characters.", id="core.E005")
            )
    for cloud in sorted({*settings.PARTNERCENTER_CLOUDS} - {"global"}):
        errors.append(
            Error(
                f"PARTNERCENTER_SIMULATORS names a simulator ({cloud}); production has none.",
                id="core.E004",
            )
        )
    return errors
