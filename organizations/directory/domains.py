"""The primary domain of an organization, out of whatever people paste.

An address copied from a browser, a trailing dot or capitals are taken off quietly; what is then no
domain somebody can register is refused, because a wrong domain links the wrong tenant. The list of
public suffixes is the one that comes with the library: nothing is fetched at run time.
"""

import re
import unicodedata

import idna
from django.core.exceptions import ValidationError
from tldextract import TLDExtract

from organizations.directory.fields import clean_text, shorten

DOMAIN_LENGTH = 253
PASTED_LENGTH = 2_000
EXAMPLE = "contoso.com"
MICROSOFT_DOMAIN = "onmicrosoft.com"
"""Not a public suffix, yet each name in front of it is a tenant's own."""

_SCHEME = re.compile(r"^(?:https?:/*|(?:[a-z][a-z0-9+.-]*:)?/{2,})", re.IGNORECASE)
_PATH = re.compile(r"[/?#\\].*\Z", re.DOTALL)
_PORT = re.compile(r":\d*\Z")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_IP_ADDRESS = re.compile(r"[\d.]+|\[?[0-9a-f]*:[0-9a-f:.]*\]?")
_split = TLDExtract(suffix_list_urls=(), cache_dir=None, fallback_to_snapshot=True)


def clean_domain(value: str) -> str:
    """Return a registrable domain in lower-case ASCII (punycode), without ``www.``; "" stays "".

    Raises:
        ValidationError: nothing registrable is left; the sentence says why.
    """
    pasted = clean_text(value, label="The primary domain", length=PASTED_LENGTH)
    if not pasted:
        return ""
    if " " in pasted:
        raise ValidationError(f"Enter one domain without spaces, such as {EXAMPLE}.")
    host = _host(pasted)
    if "@" in host:
        raise ValidationError(
            f"“{shorten(pasted)}” is an e-mail address; enter only its domain, such as {EXAMPLE}."
        )
    if _IP_ADDRESS.fullmatch(host):
        raise ValidationError(
            f"“{shorten(pasted)}” is a network address; enter a domain such as {EXAMPLE}."
        )
    host = _ascii(host, pasted)
    while host.startswith("www.") and is_registrable(host.removeprefix("www.")):
        host = host.removeprefix("www.")
    _require_registrable(host, pasted)
    return host


def is_registrable(host: str) -> bool:
    """Tell whether ``host`` has an owner: a name in front of a public suffix."""
    parts = _split(host)
    return bool(parts.domain and parts.suffix) and host != MICROSOFT_DOMAIN


def readable_domain(host: str) -> str:
    """Return a domain as people write it: punycode turned back, unreadable labels left alone."""
    if "xn--" not in host:
        return host
    try:
        return idna.decode(host)
    except UnicodeError:
        return host


def _host(pasted: str) -> str:
    """Take off what surrounds the host in an address of the web."""
    text = unicodedata.normalize("NFKC", pasted)
    text = _SCHEME.sub("", text, count=1)
    text = _PATH.sub("", text)
    return _PORT.sub("", text).strip(". ").lower()


def _ascii(host: str, pasted: str) -> str:
    """Return ``host`` in ASCII with every label checked."""
    refusal = ValidationError(f"“{shorten(pasted)}” is no domain; it should look like {EXAMPLE}.")
    try:
        if not host.isascii():
            host = idna.encode(host, uts46=True).decode("ascii").strip(".")
        elif "xn--" in host:
            idna.decode(host)
    except UnicodeError:
        raise refusal from None
    if len(host) > DOMAIN_LENGTH:
        raise ValidationError(f"The primary domain is longer than {DOMAIN_LENGTH} characters.")
    if not all(_LABEL.fullmatch(label) for label in host.split(".")):
        raise refusal
    return host


def _require_registrable(host: str, pasted: str) -> None:
    if is_registrable(host):
        return
    if host == MICROSOFT_DOMAIN:
        raise ValidationError(
            f"{MICROSOFT_DOMAIN} belongs to Microsoft; put the tenant's own name in front of it,"
            f" such as contoso.{MICROSOFT_DOMAIN}."
        )
    if "." not in host:
        raise ValidationError(
            f"“{shorten(pasted)}” lacks its ending; write the whole domain, such as {EXAMPLE}."
        )
    if _split(host).suffix:
        raise ValidationError(
            f"“{shorten(pasted)}” is only an ending under which others register;"
            " write the customer's own domain."
        )
    raise ValidationError(
        f"“{shorten(pasted)}” ends in no known top-level domain; it should look like {EXAMPLE}."
    )
