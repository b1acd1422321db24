"""Access tokens of a consent, shared by every process of the installation.

Twenty workers that find the token expired make one request: the first takes a lease on the consent,
the others look until the token is there. The lease is a column and no lock, because no transaction
may be open while Microsoft is asked, and a lock of a session would not survive a pooler. What comes
back is stored before it is used, under the lease's fence, so the newest refresh token stays.

Refresh tokens are opened here, and the secrets of applications in `clients`; nowhere else.
"""

import random
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from partnercenter.errors import MalformedAnswer, ReconnectNeeded
from partnercenter.held_token import usable_seconds
from partnercenter.secrecy import Secret
from partnercenter.user_auth import UserGrant, UserSignIn
from portal.core.encryption import SealBroken, seal, unseal
from portal.core.errors import Unavailable
from tenants.connections.losing import consent_paused, lose_consent
from tenants.connections.models import AccessToken, Consent

LEASE_SECONDS: Final = 60
WAIT_SECONDS: Final = 90.0
LOOK_SECONDS: Final = 0.1


class SharedTokens:
    """The tokens of one consent, one source for each service."""

    def __init__(
        self, consent: Consent, sign_in: UserSignIn, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._consent = consent
        self._sign_in = sign_in
        self._sleep = sleep

    def for_audience(self, audience: str) -> "SharedToken":
        """Return where tokens for one service come from; nothing is called yet."""
        return SharedToken(self._consent, self._sign_in, audience.rstrip("/"), self._sleep)


class SharedToken:
    """A token for one service, from the database or, when that is over, from Microsoft."""

    def __init__(
        self,
        consent: Consent,
        sign_in: UserSignIn,
        audience: str,
        sleep: Callable[[float], None],
    ) -> None:
        self._consent = consent
        self._sign_in = sign_in
        self.audience = audience
        self._sleep = sleep

    def token(self) -> Secret:
        """Return a token that is still good.

        Raises:
            NotReady: the consent is lost.
            Unavailable: another worker renews it and does not come to an end.
            PartnerCenterError: Microsoft refused to renew it, or did not answer.
        """
        return self._obtain(refused="")

    def renewed(self, refused: str) -> Secret:
        """Return another token than ``refused``; one that somebody fetched meanwhile will do."""
        return self._obtain(refused=refused)

    def _obtain(self, *, refused: str) -> Secret:
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            token = stored_token(self._consent, self.audience)
            if token and token != refused:
                return token
            held = take_lease(self._consent)
            if held is not None:
                return self._renew(held, refused=refused)
            if time.monotonic() > deadline:
                raise Unavailable(
                    "The sign-in is being renewed elsewhere and does not come to an end.",
                    code="sign_in_busy",
                )
            self._sleep(LOOK_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311  (jitter)

    @sensitive_variables()
    def _renew(self, held: Consent, *, refused: str) -> Secret:
        """Ask Microsoft under the lease; whoever had it a moment ago may have done so already."""
        try:
            token = stored_token(held, self.audience)
            if token and token != refused:
                return token
            grant = self._sign_in.refresh(
                unseal(held.refresh_sealed, held.refresh_seal()),
                audience=self.audience,
                keep=partial(keep_grant, held),
            )
        except ReconnectNeeded as error:
            lose_consent(held, error)
            raise
        except SealBroken:
            broken = lose_consent(held, None)
        else:
            return grant.access_token
        finally:
            release_lease(held)
        raise broken


@sensitive_variables()
def stored_token(consent: Consent, audience: str) -> Secret | None:
    """Return the token at hand for a service, None if there is none that is good (1 query)."""
    with transaction.atomic():
        row = AccessToken.objects.filter(
            consent_id=consent.pk, audience=audience, good_until__gt=timezone.now()
        ).first()
    try:
        return Secret(unseal(row.token_sealed, row.seal())) if row else None
    except SealBroken:
        return None


def take_lease(consent: Consent) -> Consent | None:
    """Take the right to renew a consent; None while somebody else has it.

    Raises:
        NotReady: it is lost.
    """
    with transaction.atomic():
        free = Q(lease_until=None) | Q(lease_until__lt=Now())
        taken = Consent.objects.filter(free, pk=consent.pk, state=Consent.State.ACTIVE).update(
            lease_until=Now() + timedelta(seconds=LEASE_SECONDS), fence=F("fence") + 1
        )
        row: Consent = Consent.objects.select_related("connection").get(pk=consent.pk)
    if row.state != Consent.State.ACTIVE:
        raise consent_paused(row)
    return row if taken else None


def release_lease(held: Consent) -> None:
    """Let others renew at once; does nothing once the lease has passed on."""
    with transaction.atomic():
        Consent.objects.filter(pk=held.pk, fence=held.fence).update(lease_until=None)


@sensitive_variables()
def keep_grant(held: Consent, grant: UserGrant) -> None:
    """Store a newer refresh token, if there is one, and the access token; under the fence.

    Raises:
        MalformedAnswer: the token is of another tenant or another person.
    """
    told = grant.claims
    if told.tenant_id and told.tenant_id != str(held.microsoft_tenant):
        raise MalformedAnswer("Signing in got a token of another tenant.")
    if told.object_id and held.user_object_id and told.object_id != held.user_object_id:
        raise MalformedAnswer("Signing in got a token of another person.")
    with transaction.atomic():
        rows = Consent.objects.select_for_update(of=("self",), no_key=True)
        row: Consent | None = rows.filter(pk=held.pk, fence=held.fence).first()
        if row is None:
            # The lease ran out and somebody else renewed: his refresh token is the newest.
            return
        store_grant(row, grant)
        row.save(
            update_fields=[
                "refresh_sealed",
                "refresh_version",
                "renewed_at",
                "last_used_at",
                "mfa_seen",
                "warned_days",
            ]
        )


@sensitive_variables()
def store_grant(row: Consent, grant: UserGrant) -> None:
    """Put a grant's tokens on a locked consent (its row is saved by the caller)."""
    now = timezone.now()
    if grant.refresh_token:
        row.refresh_version += 1
        row.refresh_sealed = seal(grant.refresh_token, row.refresh_seal())
        row.renewed_at, row.warned_days = now, None
    if grant.claims.mfa is not None:
        row.mfa_seen = grant.claims.mfa
    row.last_used_at = now
    found = AccessToken.objects.filter(consent_id=row.pk, audience=grant.audience).first()
    token: AccessToken = found or AccessToken(
        reseller_id=row.reseller_id, consent=row, audience=grant.audience, version=0
    )
    token.version += 1
    token.token_sealed = seal(grant.access_token, token.seal())
    token.good_until = now + timedelta(seconds=usable_seconds(grant.seconds))
    token.save()
