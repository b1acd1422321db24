"""The ``state`` that goes to Microsoft with a sign-in and comes back, and whose sign-in that is.

It is signed and ends after ten minutes, and it leads to a row that is taken once. It carries no
secret: the verifier of PKCE stays in that row. The host is in it because Microsoft leads back to
one registered address of the installation, while the session that began lives on the reseller's
own host (CON-05).
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http.request import validate_host

from portal.core.errors import InvalidInput

LIFE = timedelta(minutes=10)
_SALT = "tenants.connections.consent"
_NOT_OURS = (
    "This sign-in was not begun here by you, was used already, or took longer than ten minutes."
    " Begin again on the connection's page."
)


@dataclass(frozen=True, slots=True)
class ConsentState:
    """Whose sign-in comes back, and on which host it was begun."""

    reseller_id: int
    request_id: UUID
    host: str

    def signed(self) -> str:
        """Return it as the text that travels."""
        told = {"r": self.reseller_id, "q": str(self.request_id), "h": self.host}
        return signing.dumps(told, salt=_SALT)


def read_state(text: str) -> ConsentState:
    """Return what a state says.

    Raises:
        InvalidInput: it is missing, not ours, altered, or older than ten minutes.
    """
    try:
        told = signing.loads(text[:2_000], salt=_SALT, max_age=LIFE)
        state = ConsentState(int(told["r"]), UUID(told["q"]), str(told["h"]))
    except (signing.BadSignature, ValueError, KeyError, TypeError):
        raise not_ours() from None
    if not validate_host(state.host.rpartition(":")[0] or state.host, settings.ALLOWED_HOSTS):
        raise not_ours()
    return state


def not_ours() -> InvalidInput:
    """Refuse a sign-in alike for every reason: what is wrong with it is nobody's business."""
    return InvalidInput(_NOT_OURS, code="consent_state")


def digest_of_session(session_key: str | None) -> str:
    """Return what binds a sign-in to a browser session without keeping its key."""
    return hashlib.sha256(session_key.encode()).hexdigest() if session_key else ""
