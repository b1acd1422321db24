"""A check of ``check --deploy --database default``: the keys at hand open what is stored.

Not at the start of a process: whoever has lost a key has to be able to start the portal, because
its pages are where the secrets are entered again.
"""

from typing import Any

from django.core.checks import Error, Tags, register
from django.db import DEFAULT_DB_ALIAS, connections

from portal.core.database.checks import strengths
from tenants.connections.rotation import unopened_secrets


@register(Tags.database, deploy=True)
def check_stored_secrets(app_configs: Any, databases: Any = None, **kwargs: Any) -> list[Error]:
    """Report stored secrets that do not open: a wrong key, or one removed too early."""
    # A login that may not enter the portal's roles reads nothing; the check of it names the cause.
    if DEFAULT_DB_ALIAS not in (databases or []) or strengths(connections[DEFAULT_DB_ALIAS]):
        return []
    unopened = unopened_secrets()
    if not unopened:
        return []
    return [
        Error(
            f"PORTAL_ENCRYPTION_KEYS does not open {len(unopened)} stored secrets, such as the one"
            f" of {unopened[0]}.",
            id="tenants.E001",
        )
    ]
