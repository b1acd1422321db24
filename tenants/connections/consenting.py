"""A person signs in for a connection: sending off, and believing what comes back.

Nothing is activated unless Microsoft led back the one who was sent, the tenant is the declared one,
multi-factor authentication was used and Partner Center lets the account in. Everything else ends as
a refused request with its reason, and what worked before goes on working.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from partnercenter.errors import MfaRequired, NotFound, PartnerCenterError, PermissionRefused
from partnercenter.refusals import plain_text
from partnercenter.schemas.fields import as_guid
from partnercenter.secrecy import Secret
from partnercenter.user_auth import UserClaims, UserGrant, new_verifier
from portal.core import audit
from portal.core.access import Actor
from portal.core.encryption import SealBroken, seal, unseal
from portal.core.errors import NotAllowed, PortalError
from tenants.connections.claims import claim_partner
from tenants.connections.clients import client_as, refuse_in_transaction, user_sign_in_for
from tenants.connections.consent_states import LIFE, ConsentState, not_ours
from tenants.connections.failures import as_portal_error
from tenants.connections.losing import resume_paused
from tenants.connections.models import AccessToken, Connection, Consent, ConsentRequest
from tenants.connections.operations import note_success
from tenants.connections.queries import connection_with_secret
from tenants.connections.user_tokens import store_grant

PROOF = "/v1/profiles/organization"
"""Cheap, and answered to nobody but a signed-in user with a role in Partner Center."""
Outcome = ConsentRequest.Outcome


class ConsentRefused(PortalError):
    """What came back from Microsoft is not what a connection may work with."""

    status = 409


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that was begun, and the address at Microsoft that leads on."""

    request: ConsentRequest
    address: str

    @property
    def ends_at(self) -> datetime:
        """When it is too late to come back."""
        return self.request.created_at + LIFE


@dataclass(frozen=True, slots=True)
class CameBack:
    """What Microsoft put into the address it led back to."""

    code: str = ""
    error: str = ""
    description: str = ""

    def __repr__(self) -> str:
        return f"CameBack(code='***', error={self.error!r})"


class _JustSignedIn:
    """The token of a grant that is not stored yet, for the one call that proves it."""

    def __init__(self, token: Secret) -> None:
        self._token = token

    def for_audience(self, audience: str) -> "_JustSignedIn":
        return self

    def token(self) -> Secret:
        return self._token

    def renewed(self, refused: str) -> Secret:
        return self._token


def begin_consent(
    connection: Connection, *, actor: Actor, host: str, session_digest: str = ""
) -> Begun:
    """Write down that somebody is sent to sign in, and return where to.

    ``host`` is where the person's browser is, with its port. With ``session_digest`` only that
    browser session can finish. Call outside any transaction.

    Raises:
        NotAllowed: the actor is no person, so nobody could come back.
        NotReady: the connection's secret or cloud cannot be used.
    """
    actor.require("connections.manage")
    if actor.membership_id is None:
        raise NotAllowed("Only a person can sign in to Microsoft.")
    with transaction.atomic():
        row = connection_with_secret(connection, actor=actor)
    sign_in = user_sign_in_for(row)
    verifier = new_verifier()
    request = ConsentRequest(
        reseller_id=actor.reseller_id,
        connection=row,
        membership_id=actor.membership_id,
        started_by=actor.label[:250],
        session_digest=session_digest,
        nonce=secrets.token_urlsafe(24),
        redirect_uri=redirect_uri(),
        created_at=timezone.now(),
    )
    request.verifier_sealed = seal(verifier, request.verifier_seal())
    with transaction.atomic():
        request.save(force_insert=True)
    state = ConsentState(actor.reseller_id, request.pk, host)
    address = sign_in.authorize_url(
        redirect_uri=request.redirect_uri,
        state=state.signed(),
        nonce=request.nonce,
        verifier=verifier,
    )
    return Begun(request, address)


def redirect_uri() -> str:
    """Return the one address Microsoft leads back to, as registered with the application."""
    return settings.BASE_URL.rstrip("/") + reverse("connections:consent_callback")


def finish_consent(
    state: ConsentState, came_back: CameBack, *, actor: Actor, session_digest: str = ""
) -> ConsentRequest:
    """Take a sign-in that came back, and activate the connection if everything about it is right.

    The row returned says how it ended. Calls Microsoft, so no transaction may be open.

    Raises:
        InvalidInput: the state is another person's, another session's, used or too old.
    """
    actor.require("connections.manage")
    refuse_in_transaction()
    request = _take(state, actor=actor, session_digest=session_digest)
    try:
        grant = _redeem(request, came_back)
        _prove(request.connection, grant)
    except (PartnerCenterError, PortalError) as error:
        return _refuse(request, as_portal_error(error), actor=actor)
    _activate(request, grant, actor=actor)
    return request


def _take(state: ConsentState, *, actor: Actor, session_digest: str) -> ConsentRequest:
    """Take the request, once; whatever happens next, its state is spent."""
    if state.reseller_id != actor.reseller_id:
        raise not_ours()
    with transaction.atomic():
        rows = ConsentRequest.objects.visible_to(actor).select_for_update(of=("self",))
        row: ConsentRequest | None = rows.filter(
            pk=state.request_id,
            membership_id=actor.membership_id,
            taken_at=None,
            created_at__gt=timezone.now() - LIFE,
        ).first()
        if row is None or (row.session_digest and row.session_digest != session_digest):
            raise not_ours()
        row.taken_at = timezone.now()
        row.save(update_fields=["taken_at"])
        row.connection = connection_with_secret(row.connection, actor=actor)
    return row


@sensitive_variables()
def _redeem(request: ConsentRequest, came_back: CameBack) -> UserGrant:
    if came_back.error:
        if came_back.error in ("access_denied", "consent_required"):
            raise ConsentRefused(
                "The sign-in was cancelled, or the permissions were not accepted.",
                code="consent_declined",
            )
        said = plain_text(came_back.description or came_back.error)
        raise ConsentRefused(f"Microsoft refused the sign-in: {said}", code="sign_in_refused")
    try:
        verifier = Secret(unseal(request.verifier_sealed, request.verifier_seal()))
    except SealBroken:
        raise not_ours() from None
    return user_sign_in_for(request.connection).redeem(
        came_back.code,
        redirect_uri=request.redirect_uri,
        verifier=verifier,
        nonce=request.nonce,
    )


def _prove(connection: Connection, grant: UserGrant) -> None:
    """Compare a grant with what was declared, and have Partner Center let it in.

    Raises:
        ConsentRefused: wrong tenant, no multi-factor authentication, or no role.
        Conflict: the partner tenant is connected elsewhere.
        PartnerCenterError: Partner Center could not be asked.
    """
    refuse_claims(connection, grant.claims)
    who = grant.claims.user or "This account"
    center = client_as(connection, _JustSignedIn(grant.access_token))
    try:
        answer = center.transport.call("GET", PROOF, headers={"ValidateMfa": "true"})
    except MfaRequired:
        raise mfa_missing(who) from None
    except PermissionRefused as error:
        raise ConsentRefused(
            f"{who} may not use Partner Center: {as_portal_error(error).detail} Sign in with an"
            " account that is in the Admin agents group.",
            code="role_missing",
        ) from None
    except NotFound:
        # Let in, and there is no profile to show, as in some sandboxes.
        pass
    else:
        if answer.headers.get("isMfaCompliant", "").lower() == "false":
            raise mfa_missing(who)
    claim_partner(connection, [connection.partner_tenant, grant.claims.tenant_id])


def refuse_claims(connection: Connection, claims: UserClaims) -> None:
    """Refuse what the tokens themselves tell. Raises: ConsentRefused."""
    declared = as_guid(connection.partner_tenant)
    if declared and claims.tenant_id != declared:
        raise ConsentRefused(
            f"{claims.user or 'The account'} belongs to the tenant {claims.tenant_id}; this"
            f" connection is for {declared}. Sign in with an account of that tenant.",
            code="wrong_tenant",
        )
    if claims.mfa is False:
        raise mfa_missing(claims.user or "This account")


def mfa_missing(who: str) -> ConsentRefused:
    """Refuse a sign-in without a second factor, which Partner Center would not take."""
    return ConsentRefused(
        f"{who} signed in without multi-factor authentication, which Partner Center requires. Turn"
        " it on for the account in Microsoft Entra, then sign in again.",
        code="mfa_missing",
    )


def _refuse(request: ConsentRequest, error: PortalError, *, actor: Actor) -> ConsentRequest:
    request.outcome, request.code = Outcome.REFUSED, error.code[:60]
    request.reason = error.detail
    with transaction.atomic():
        request.save(update_fields=["outcome", "code", "reason"])
        audit.record(
            actor,
            "tenants.consent_refused",
            request.connection,
            after={"code": request.code},
            reason=request.reason[:500],
        )
    return request


@sensitive_variables()
def _activate(request: ConsentRequest, grant: UserGrant, *, actor: Actor) -> None:
    """Store what was granted in place of what was there, and let waiting work go on."""
    claims, connection, now = grant.claims, request.connection, timezone.now()
    with transaction.atomic():
        rows = Consent.objects.visible_to(actor).select_for_update(of=("self",))
        former: Consent | None = rows.filter(connection_id=connection.pk).first()
        # A fresh fence, so that whoever still renews the former one writes nothing more.
        row = Consent(
            reseller_id=actor.reseller_id,
            connection=connection,
            refresh_version=former.refresh_version if former else 0,
            fence=former.fence + 1 if former else 0,
            noticed_at=former.noticed_at if former else None,
            microsoft_tenant=claims.tenant_id,
            user_name=claims.user,
            user_object_id=claims.object_id,
            mfa_seen=claims.mfa is not False,
            scopes=list(claims.scopes),
            roles=list(claims.roles),
            obtained_at=now,
            renewed_at=now,
            started_by=request.started_by,
        )
        if former:
            row.pk = former.pk
            AccessToken.objects.filter(consent_id=former.pk).delete()
        row.refresh_version += 1
        row.refresh_sealed = seal(grant.refresh_token, row.refresh_seal())
        row.save(force_insert=former is None, force_update=former is not None)
        store_grant(row, replace(grant, refresh_token=Secret()))
        row.save(update_fields=["last_used_at", "mfa_seen"])
        request.outcome = Outcome.GRANTED
        request.user_name, request.mfa_seen = claims.user, row.mfa_seen
        request.save(update_fields=["outcome", "user_name", "mfa_seen"])
        told = {"user": claims.user, "mfa": row.mfa_seen, "scopes": row.scopes}
        audit.record(actor, "tenants.consent_given", connection, after=told)
    note_success(connection)
    resume_paused(connection, since_loss=former)
