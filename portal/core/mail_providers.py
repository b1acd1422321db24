"""The services that mail can leave by instead of a mail server, and what each wants to be told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True, slots=True)
class Provider:
    """What a service calls its key, a second one where it has two, and the domain it sends from."""

    key: str
    second: str = ""
    domain: str = ""


PROVIDERS: Final[Mapping[str, Provider]] = {
    "brevo": Provider("API_KEY"),
    "mailersend": Provider("API_TOKEN"),
    "mailgun": Provider("API_KEY", domain="SENDER_DOMAIN"),
    "mailjet": Provider("API_KEY", second="SECRET_KEY"),
    "mailtrap": Provider("API_TOKEN"),
    "mandrill": Provider("API_KEY"),
    "postmark": Provider("SERVER_TOKEN"),
    "resend": Provider("API_KEY"),
    "sparkpost": Provider("API_KEY"),
}


def backend_of(name: str) -> str:
    """Return Django's mail backend of a service."""
    return f"anymail.backends.{name}.EmailBackend"


def provider_settings(name: str, *, key: str, second: str, domain: str, url: str) -> dict[str, str]:
    """Return what anymail is told of a service; what is empty is left to the service's default.

    Raises:
        ImproperlyConfigured: naming the variable to mend.
    """
    provider = PROVIDERS.get(name)
    if provider is None:
        raise ImproperlyConfigured(
            f"PORTAL_MAIL_PROVIDER is {name!r}; use one of {', '.join(PROVIDERS)}."
        )
    if not key:
        raise ImproperlyConfigured(f"PORTAL_MAIL_API_KEY is not set; {name} asks for it.")
    if bool(second) != bool(provider.second):
        asks = "asks for it" if provider.second else "has no second key"
        raise ImproperlyConfigured(f"PORTAL_MAIL_API_SECRET: {name} {asks}.")
    if domain and not provider.domain:
        raise ImproperlyConfigured(f"PORTAL_MAIL_DOMAIN: {name} asks for none.")
    told = {
        provider.key: key,
        provider.second: second,
        provider.domain: domain,
        "API_URL": url,
    }
    return {f"{name.upper()}_{what}": value for what, value in told.items() if what and value}
