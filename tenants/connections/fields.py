"""What may be entered for a connection, decided without the database."""

import re

from django.conf import settings

from partnercenter.secrecy import Secret
from portal.core.errors import InvalidInput
from tenants.connections.models import Connection

NAME_LENGTH = 120
SECRET_LENGTH = 512
_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_DOMAIN = re.compile(r"(?=.{4,64}\Z)(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
_CLIENT_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

LABELS = {
    "name": "the name",
    "program": "the programme",
    "cloud": "the cloud",
    "partner_tenant": "the partner tenant",
    "client_id": "the client ID",
    "secret": "the client secret",
}


def cleaned(values: dict[str, str]) -> dict[str, str]:
    """Return the values as they are stored: trimmed, GUIDs and domains in lower case.

    Raises:
        InvalidInput: with a sentence beside each field that cannot be used.
    """
    kept = {name: value.strip() for name, value in values.items()}
    for name in ("partner_tenant",):
        if name in kept:
            kept[name] = kept[name].strip("{}").lower()
    if "secret" in kept:
        kept["secret"] = Secret(kept["secret"])
    problems = {
        name: [problem] for name, value in kept.items() if (problem := _problem(name, value))
    }
    if problems:
        named = ", ".join(LABELS[name] for name in problems)
        raise InvalidInput(f"The connection cannot be saved: check {named}.", fields=problems)
    return kept


def _problem(name: str, value: str) -> str:
    if not value:
        return f"Enter {LABELS[name]}."
    return {
        "name": _name_problem,
        "program": _program_problem,
        "cloud": _cloud_problem,
        "partner_tenant": _partner_tenant_problem,
        "client_id": _client_id_problem,
        "secret": _secret_problem,
    }[name](value)


def _name_problem(value: str) -> str:
    if len(value) > NAME_LENGTH:
        return f"Use at most {NAME_LENGTH} characters."
    return "" if value.isprintable() else "Use characters that can be printed."


def _program_problem(value: str) -> str:
    return "" if value in Connection.Program.values else "Choose one of the programmes."


def _cloud_problem(value: str) -> str:
    if value in settings.PARTNERCENTER_CLOUDS:
        return ""
    return f"Choose one of: {', '.join(settings.PARTNERCENTER_CLOUDS)}."


def _partner_tenant_problem(value: str) -> str:
    if _GUID.fullmatch(value) or _DOMAIN.fullmatch(value):
        return ""
    return "Enter the tenant ID (a GUID) or a domain, such as contoso.onmicrosoft.com."


def _client_id_problem(value: str) -> str:
    if _CLIENT_ID.fullmatch(value):
        return ""
    return "Enter the application's ID as the registration shows it."


def _secret_problem(value: str) -> str:
    if len(value) > SECRET_LENGTH or not value.isprintable():
        return "This is no client secret: it is too long or has characters no secret has."
    return ""
