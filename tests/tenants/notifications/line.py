"""The line between a simulated Partner Center and the portal's receiver, as tests use it."""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpResponse
from django.test import Client

from portal.core.access import acting, system_actor
from portal.core.identity.models import Reseller
from portal.core.jobs.models import Job
from portal.core.jobs.worker import run_job
from tenants.connections.models import Connection
from tenants.discovery.models import DiscoveryRun
from tenants.notifications.models import Look, ReceivedEvent, WebhookRegistration
from tenants.notifications.operations import request_audit_poll, request_looks
from tenants.notifications.queries import receiver_url
from tenants.notifications.registering import register_webhook
from tests.partnercenter.simulator.calls import Caller
from tests.partnercenter.simulator.receivers import Arrival, Receiver, attach, fire
from tests.tenants.simulated import CLOUD, PartnerCenterInProcess

CERTIFICATES = "/webhooks/certificates"


class Line:
    """A connection, its registration, and the events on their way."""

    def __init__(
        self,
        partner: PartnerCenterInProcess,
        reseller: Reseller,
        browser: Client,
        *,
        folder: Path,
        number: int = 0,
    ) -> None:
        self.partner, self.reseller, self.browser = partner, reseller, browser
        self.folder = folder
        self.trust()
        self.connection = partner.connect(reseller)
        self.actor = system_actor(reseller.pk, "tests")
        cache.clear()
        with acting(self.actor):
            self.registration = register_webhook(self.connection, actor=self.actor)
            self.path = urlsplit(receiver_url(self.registration)).path
        self.receiver: Receiver = attach(partner.simulator)

    def trust(self) -> None:
        """Trust the authority that this partner's events are signed under."""
        roots = self.folder / f"authority-{len(list(self.folder.glob('authority-*')))}.pem"
        roots.write_bytes(self.partner.simulator.site.event_signer.authority)
        settings.PARTNERCENTER_CLOUDS = {
            **settings.PARTNERCENTER_CLOUDS,
            "simulator": {**CLOUD, "CA_BUNDLE": str(roots)},
        }

    def trust_again(self) -> None:
        """Register anew at a partner whose world was replaced, and with it all it knew."""
        self.trust()
        with acting(self.actor):
            register_webhook(self.connection, actor=self.actor)
        self.receiver = attach(self.partner.simulator)
        self.partner.calls.clear()

    def history(self) -> list[DiscoveryRun]:
        """Return what was found and by what, newest first."""
        with acting(self.actor), transaction.atomic():
            return list(DiscoveryRun.objects.order_by("-created_at"))

    def control(self, path: str, body: Mapping[str, Any]) -> Any:
        """Let the outside world move."""
        answer = Caller(self.partner.simulator).post(f"/_simulator/{path}", dict(body))
        assert answer.status < 300, answer.body
        return answer

    def fire(self, event: str, **ids: str) -> Arrival:
        """Have an event sent and return it as it arrives."""
        fire(self.partner.simulator, event, **ids)
        return self.arrivals()[-1]

    def arrivals(self) -> list[Arrival]:
        """Return what Partner Center sends, in its order."""
        before = len(self.receiver.arrivals)
        self.partner.simulator.courier.deliver_due()
        return self.receiver.arrivals[before:]

    def deliver(self, arrival: Arrival, *, path: str = "", **changed: str) -> HttpResponse:
        """Post an event to the portal; ``changed`` are headers with underscores, "" for none."""
        headers = dict(arrival.headers)
        for name, value in changed.items():
            headers[name.replace("_", "-")] = value
        sent = {name: value for name, value in headers.items() if value}
        kind = sent.pop("Content-Type", "application/json")
        return cast(
            HttpResponse,
            self.browser.post(
                path or self.path, data=arrival.body, content_type=kind, headers=sent
            ),
        )

    def work(self) -> list[Job]:
        """Let a worker do what is due of looks and polls; return the jobs as they are then."""
        with acting(self.actor), transaction.atomic():
            waiting = list(
                Job.objects.filter(state=Job.State.WAITING, kind__startswith="tenants.")
                .order_by("created_at")
                .values_list("pk", flat=True)
            )
            Job.objects.filter(pk__in=waiting).update(due_at=Now())
        for job_id in waiting:
            run_job(job_id)
        with acting(self.actor), transaction.atomic():
            return list(Job.objects.filter(pk__in=waiting).order_by("created_at"))

    def a_minute_later(self) -> list[Job]:
        """Let a minute pass for everything that was looked at, and the clock ask for it."""
        with acting(self.actor), transaction.atomic():
            minute = timedelta(seconds=61)
            for row in Look.objects.all():
                row.looked_at = row.looked_at and row.looked_at - minute
                row.due_at = row.due_at and row.due_at - minute
                row.save()
            request_looks(self.connection, actor=self.actor)
        return self.work()

    def poll(self) -> list[Job]:
        """Read the audit as the clock has it read."""
        with acting(self.actor), transaction.atomic():
            request_audit_poll(self.connection, actor=self.actor)
        return self.work()

    def gets(self, what: str = "/v1/customers/") -> list[str]:
        """Return the calls Partner Center was asked for since the last time this was asked."""
        found = [call for call in self.partner.calls if call.startswith(f"GET {what}")]
        self.partner.calls.clear()
        return found

    def events(self) -> list[ReceivedEvent]:
        with acting(self.actor), transaction.atomic():
            return list(ReceivedEvent.objects.order_by("received_at", "id"))

    def looks(self) -> list[Look]:
        with acting(self.actor), transaction.atomic():
            return list(Look.objects.order_by("subject_kind", "subject_id"))

    def registered(self) -> WebhookRegistration:
        with acting(self.actor), transaction.atomic():
            row: WebhookRegistration = WebhookRegistration.objects.get()
            return row

    def seen(self) -> Connection:
        with acting(self.actor), transaction.atomic():
            row: Connection = Connection.objects.get(pk=self.connection.pk)
            return row


def signed(partner: PartnerCenterInProcess, body: bytes | Mapping[str, Any]) -> Arrival:
    """Return an event with any content that Partner Center's own key has signed."""
    content = body if isinstance(body, bytes) else json.dumps(dict(body)).encode()
    signer = partner.simulator.site.event_signer
    host = urlsplit(partner.address).netloc
    headers = {
        "Authorization": f"Signature {signer.sign(content)}",
        "X-MS-Certificate-Url": f"https://{host}{CERTIFICATES}/{signer.certificate_name}",
        "X-MS-Signature-Algorithm": "rsa-sha256",
        "Content-Type": "application/json; charset=utf-8",
    }
    return Arrival("", content, headers)
