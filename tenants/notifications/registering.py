"""Registering a connection's address for events at Microsoft, and proving that events arrive.

A partner has one registration. If another program holds it, taking it away would silence that
program, so that is only done when a person has said so.
"""

from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from partnercenter.client import PartnerCenter
from partnercenter.errors import Conflict as RegisteredMeanwhile
from partnercenter.errors import PartnerCenterError
from portal.core import audit
from portal.core.access import Actor
from portal.core.errors import Conflict, NotReady, PortalError
from tenants.connections.clients import partner_center_for
from tenants.connections.failures import as_portal_error
from tenants.connections.models import Connection
from tenants.connections.queries import connection_with_secret
from tenants.notifications.models import WebhookRegistration
from tenants.notifications.queries import key_digest, receiver_key, receiver_url

EVENTS = (
    "test-created",
    "reseller-relationship-accepted-by-customer",
    "dap-admin-relationship-terminated",
    "dap-admin-relationship-terminated-by-microsoft",
    "granular-admin-relationship-terminated",
    "granular-admin-relationship-expired",
    "subscription-updated",
    "invoice-ready",
)
"""What we ask to be told, as far as Partner Center offers it."""
TEST_EVENT = "test-created"


def register_webhook(
    connection: Connection, *, actor: Actor, replace_other: bool = False
) -> WebhookRegistration:
    """Have Microsoft send this connection's events here; done again, it brings things up to date.

    Calls Partner Center, so no transaction may be open.

    Raises:
        NotReady: the portal has no public https address.
        Conflict: another program is registered; its host is in ``data``. With ``replace_other``
            it is replaced.
        PortalError: Partner Center failed; that is written on the registration.
    """
    actor.require("connections.manage")
    if not settings.BASE_URL.startswith("https://"):
        raise NotReady(
            "Microsoft sends events to public https addresses only. Set PORTAL_BASE_URL to the"
            " address under which this portal is reached.",
            code="no_public_address",
        )
    with transaction.atomic():
        row = _row_of(connection, actor=actor)
        source = connection_with_secret(connection, actor=actor)
    url = receiver_url(row)
    try:
        events = _register(partner_center_for(source), url, replace_other=replace_other)
    except (PartnerCenterError, PortalError) as error:
        failure = as_portal_error(error)
        _note(
            row,
            actor=actor,
            state=WebhookRegistration.State.FAILING,
            failed_at=Now(),
            failure=failure.detail,
            failure_code=failure.code[:60],
        )
        raise failure from None
    with transaction.atomic():
        _note(
            row,
            actor=actor,
            state=WebhookRegistration.State.REGISTERED,
            digest=key_digest(receiver_key(row)),
            events=events,
            registered_at=Now(),
            failure="",
            failure_code="",
        )
        audit.record(actor, "tenants.webhook_registered", connection, after={"events": events})
        row.refresh_from_db()
    return row


def send_test_event(connection: Connection, *, actor: Actor) -> WebhookRegistration:
    """Ask Microsoft for a test event; when it came in, the registration ``is_tested``.

    Calls Partner Center, so no transaction may be open.

    Raises:
        NotReady: the connection is not registered for events.
        PortalError: Partner Center failed or was asked more than twice in a minute.
    """
    actor.require("connections.manage")
    with transaction.atomic():
        rows = WebhookRegistration.objects.visible_to(actor)
        row: WebhookRegistration | None = rows.filter(
            connection=connection, state=WebhookRegistration.State.REGISTERED
        ).first()
        source = connection_with_secret(connection, actor=actor)
    if row is None:
        raise NotReady(
            f"{connection.name} is not registered for events. Register it first.",
            code="not_registered",
        )
    try:
        test = partner_center_for(source).webhooks.send_test()
    except (PartnerCenterError, PortalError) as error:
        raise as_portal_error(error) from None
    with transaction.atomic():
        _note(row, actor=actor, asked_test=test.lower()[:64], asked_test_at=timezone.now())
        row.refresh_from_db()
    return row


def _register(client: PartnerCenter, url: str, *, replace_other: bool) -> list[str]:
    """Make or replace the registration; returns the events it is for."""
    webhooks = client.webhooks
    offered = set(webhooks.event_names())
    events = [name for name in EVENTS if name in offered]
    found = webhooks.registration()
    if found is not None and not replace_other and not _is_ours(found.url):
        host = urlsplit(found.url).hostname or "another program"
        raise Conflict(
            f"Partner Center sends this partner's events to {host}. Only one program can have them;"
            " replace it only if nobody needs them there.",
            code="registered_elsewhere",
            data={"host": host},
        )
    if found is None:
        try:
            webhooks.register(url, events)
        except RegisteredMeanwhile:
            webhooks.replace(url, events)
    else:
        webhooks.replace(url, events)
    return events


def _is_ours(url: str) -> bool:
    here, there = urlsplit(settings.BASE_URL), urlsplit(url)
    return (here.scheme, here.netloc) == (there.scheme, there.netloc)


def _row_of(connection: Connection, *, actor: Actor) -> WebhookRegistration:
    """Return the connection's registration, made if there is none; its key is valid at once."""
    rows = WebhookRegistration.objects.visible_to(actor)
    new = WebhookRegistration(
        pk=uuid4(), reseller_id=actor.reseller_id, connection_id=connection.pk
    )
    row: WebhookRegistration
    row, _ = rows.get_or_create(
        reseller_id=actor.reseller_id,
        connection_id=connection.pk,
        defaults={"pk": new.pk, "digest": key_digest(receiver_key(new))},
    )
    return row


def _note(row: WebhookRegistration, *, actor: Actor, **fields: Any) -> None:
    with transaction.atomic():
        WebhookRegistration.objects.visible_to(actor).filter(pk=row.pk).update(**fields)
