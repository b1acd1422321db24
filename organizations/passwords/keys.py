"""Keys of one-time links and the codes beside them: derived from the row, stored nowhere.

Whoever reads the whole database finds a digest and a count. A letter that is sent a second time
carries the same key, because it is derived again.
"""

import hashlib
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.debug import sensitive_variables

from organizations.passwords.models import PasswordLink

CODE_DIGITS: Final = 8
CODE_MINUTES: Final = 15
CODE_TRIES: Final = 5
MOST_CODES: Final = 20
"""Codes that are mailed for one link; who needs more asks for another letter."""


@sensitive_variables()
def link_key(link: PasswordLink) -> str:
    """Return the key in a link's address: 256 bits."""
    return _derived("link", f"{link.pk}:{link.number}")


@sensitive_variables()
def key_digest(key: str) -> str:
    """Return what is stored of a key. Nobody can guess 256 bits, so a plain hash suffices."""
    return hashlib.sha256(key.encode()).hexdigest()


@sensitive_variables()
def link_url(link: PasswordLink) -> str:
    """Return the address that a letter carries."""
    return settings.BASE_URL.rstrip("/") + reverse("welcome:open", args=[link_key(link)])


@sensitive_variables()
def code_of(link: PasswordLink) -> str:
    """Return the code that was mailed last for a link."""
    number = int(_derived("code", f"{link.pk}:{link.number}:{link.codes}"), 16)
    return f"{number % 10**CODE_DIGITS:0{CODE_DIGITS}}"


@sensitive_variables()
def is_code(link: PasswordLink, text: str) -> bool:
    """Tell whether a text is the code, blanks aside, in a time that tells nothing of it."""
    given = "".join(character for character in text if not character.isspace())
    return constant_time_compare(code_of(link), given)


@sensitive_variables()
def _derived(what: str, row: str) -> str:
    salt = f"organizations.passwords.{what}"
    return salted_hmac(salt, row, algorithm="sha256").hexdigest()
