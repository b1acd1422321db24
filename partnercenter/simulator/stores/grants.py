"""Authorization codes and the life of refresh tokens.

A refresh token is a signed text that carries the number of the ledger's latest effect. Revoking is
one effect that ends every token issued before it, as a changed password does, without a list of
tokens.
"""

import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from partnercenter.simulator.ledger import Effect, Ledger

CODE_LIFE = timedelta(minutes=10)
REFRESH_LIFE = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Consent:
    """What a user agreed to; the code for it is good for ten minutes and one redemption."""

    user: str
    tenant_id: str
    methods: tuple[str, ...]
    redirect_uri: str
    challenge: str
    nonce: str
    at: datetime


class GrantStore:
    """Codes waiting to be redeemed, and what became of refresh tokens."""

    def __init__(self, ledger: Ledger) -> None:
        self._codes: dict[str, Consent] = {}
        self._spent: set[str] = set()
        self._last_used: dict[str, datetime] = {}
        self._revoked_through = 0
        self._revocation_code = 50173
        self._lock = threading.Lock()
        ledger.on("token_issued", self._apply_issued)
        ledger.on("refresh_tokens_revoked", self._apply_revoked)

    def add_consent(self, consent: Consent) -> str:
        """Keep a consent and return the authorization code for it."""
        code = secrets.token_urlsafe(32)
        with self._lock:
            self._codes[code] = consent
        return code

    def take_consent(self, code: str) -> Consent | None:
        """Return the consent of a code, once; None for an unknown or spent code."""
        with self._lock:
            consent = self._codes.pop(code, None)
            if consent is not None:
                self._spent.add(code)
        return consent

    def is_spent(self, code: str) -> bool:
        """Tell whether a code was redeemed before."""
        return code in self._spent

    def refusal(
        self, *, token_id: str, sequence: int, issued: datetime, now: datetime
    ) -> int | None:
        """Return the AADSTS code that refuses a refresh token; None when it is good."""
        if sequence < self._revoked_through:
            return self._revocation_code
        if now - self._last_used.get(token_id, issued) > REFRESH_LIFE:
            return 700082
        return None

    def reset(self) -> None:
        """Forget codes and revocations; refresh tokens in use stay good."""
        with self._lock:
            self._codes.clear()
            self._spent.clear()
            self._last_used.clear()
            self._revoked_through = 0

    def _apply_issued(self, effect: Effect) -> None:
        redeemed = effect.data.get("redeemed")
        if redeemed:
            self._last_used[redeemed] = datetime.fromisoformat(effect.time)

    def _apply_revoked(self, effect: Effect) -> None:
        self._revoked_through = effect.sequence
        self._revocation_code = int(effect.data["code"])
