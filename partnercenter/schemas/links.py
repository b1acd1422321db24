"""Addresses in answers that people are given to open; we never open them ourselves."""

import html
from urllib.parse import urlsplit

LONGEST_LINK = 4_096


def web_link(value: object) -> str:
    """Return an address that is safe to offer as a link, empty when it is none.

    Some routes write ``&amp;`` where a query has ``&``.
    """
    if not isinstance(value, str) or len(value) > LONGEST_LINK:
        return ""
    text = html.unescape(value).strip()
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return ""
    clean = text.isprintable() and not any(character in text for character in "\\ <>\"'")
    if parts.scheme != "https" or not host or parts.username is not None or not clean:
        return ""
    return text
