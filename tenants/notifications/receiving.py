"""Taking in an event: proved first, read afterwards, and believed in nothing (DEC8).

What is stored is that an event came and what it is about, by id. The tenant is what Partner Center
answers when a worker asks for it a moment later.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection as database
from django.db import transaction
from django.utils import timezone
from structlog import get_logger

from partnercenter.decoding import decode_json
from partnercenter.event_subjects import AUDIT_RECORD, CUSTOMER, TEST, EventSubject, subject_of
from partnercenter.schemas.webhooks import WebhookEvent, read_webhook_event
from partnercenter.webhook_signatures import (
    CertificateRefused,
    CertificateUnavailable,
    Claim,
    SignatureMismatch,
    Trust,
    certificate_fetcher,
    check_certificate,
    read_certificates,
    read_claim,
    verify,
)
from portal.core.access import Actor, acting, system_actor
from tenants.connections import clients
from tenants.connections.clouds import endpoints_of
from tenants.connections.models import Connection
from tenants.discovery.listing import storable
from tenants.discovery.models import Source
from tenants.notifications.certificates import (
    DOWNLOAD_SECONDS,
    keep_certificate,
    kept_certificate,
    take_download,
)
from tenants.notifications.looks import AUDIT, wish
from tenants.notifications.models import WebhookRegistration
from tenants.notifications.operations import request_looks
from tenants.notifications.trust import hosts_of, trust_of

NAME_LENGTH = 80
LOOKED_AT = (CUSTOMER, AUDIT_RECORD)
RELATIONSHIPS = ("dap-admin-relationship-", "granular-admin-relationship-")
"""Events that may name neither the customer nor a record."""
log = get_logger(__name__)

STORE = """
    INSERT INTO tenants_receivedevent
        (id, reseller_id, connection_id, body_hash, name, subject_kind, subject_id, received_at)
    VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, %s, now())
    ON CONFLICT (reseller_id, connection_id, body_hash) DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Receipt:
    """An event that was taken in; ``is_new`` unless the same came before."""

    name: str
    is_new: bool


def receive(
    registration: WebhookRegistration, *, headers: Mapping[str, str], body: bytes
) -> Receipt:
    """Prove an event, take it in and have a worker look at what it is about.

    May download a certificate, so no transaction may be open.

    Raises:
        SignatureRefused: nobody we trust has signed it; `CertificateUnavailable` passes.
        MalformedAnswer: what was signed is no event.
    """
    clients.refuse_in_transaction()
    actor = system_actor(registration.reseller_id, "events")
    with acting(actor):
        with transaction.atomic():
            connection: Connection = Connection.objects.defer("secret_sealed").get_visible(
                actor, pk=registration.connection_id
            )
        trust = trust_of(connection.cloud)
        claim = read_claim(headers, trust=trust)
        _prove(registration, connection, claim, body, trust=trust)
        event = read_webhook_event(decode_json(body))
        subject = subject_of(event, hosts=hosts_of(connection.cloud))
        with transaction.atomic():
            is_new = _store(registration, connection, event, subject, body, actor=actor)
    log.info(
        "event_received",
        reseller=registration.reseller_id,
        connection=str(connection.pk),
        event_name=storable(event.name, NAME_LENGTH),
        repeated=not is_new,
    )
    return Receipt(event.name, is_new)


def _prove(
    registration: WebhookRegistration,
    connection: Connection,
    claim: Claim,
    body: bytes,
    *,
    trust: Trust,
) -> None:
    """Return if the claim is true, with the certificate we remember or a fresh one.

    A renewed certificate may lie at the old address, so one that does not fit is asked for again,
    as seldom as any.
    """
    now = timezone.now()
    kept = kept_certificate(claim.certificate_url)
    if kept is not None:
        try:
            verify(claim, body, certificates=kept.content, trust=trust, now=now)
        except (CertificateRefused, SignatureMismatch):
            if kept.seconds < DOWNLOAD_SECONDS or not take_download(registration):
                raise
        else:
            return
    elif not take_download(registration):
        raise CertificateUnavailable("The certificate of the event is not asked for yet again.")
    with clients.session_factory() as session:
        fetch = certificate_fetcher(
            clients.guarded(session), ca_bundle=endpoints_of(connection.cloud).ca_bundle
        )
        content = fetch(claim.certificate_url)
    signer, others = read_certificates(content)
    check_certificate(signer, others, trust=trust, now=now)
    keep_certificate(claim.certificate_url, content)
    verify(claim, body, certificates=content, trust=trust, now=now)


def _store(
    registration: WebhookRegistration,
    connection: Connection,
    event: WebhookEvent,
    subject: EventSubject | None,
    body: bytes,
    *,
    actor: Actor,
) -> bool:
    values: list[Any] = [
        connection.reseller_id,
        connection.pk,
        hashlib.sha256(body).hexdigest(),
        storable(event.name, NAME_LENGTH),
        subject.kind if subject else "",
        subject.id if subject else "",
    ]
    with database.cursor() as cursor:
        cursor.execute(STORE, values)
        if cursor.rowcount != 1:
            return False
    noted: dict[str, Any] = {"last_event_at": timezone.now()}
    if subject and subject.kind == TEST:
        noted |= {"seen_test": subject.id, "seen_test_at": timezone.now()}
    WebhookRegistration.objects.visible_to(actor).filter(pk=registration.pk).update(**noted)
    wanted = subject if subject and subject.kind in LOOKED_AT else None
    if subject is None and event.name.startswith(RELATIONSHIPS):
        wanted = AUDIT
    if wanted is not None:
        wish(connection, [wanted], source=Source.WEBHOOK)
        request_looks(connection, actor=actor)
    return True
