"""Rows of the cast for what is told to people and programs, and for the alert it is about."""

from dataclasses import dataclass
from uuid import uuid4

from django.utils import timezone

from organizations.alert.models import Condition
from portal.core.encryption import seal
from portal.core.identity.models import Membership
from portal.notify.models import Delivery, Preference, Webhook, WebhookSecret
from tenants.discovery.models import Tenant, UnbilledSum


@dataclass(frozen=True, slots=True)
class Tellings:
    """An alert, a webhook, and a message that failed."""

    condition: Condition
    webhook: Webhook
    delivery: Delivery
    owner: Membership

    def ids(self) -> dict[str, str]:
        return {
            "condition": str(self.condition.pk),
            "webhook": str(self.webhook.pk),
            "delivery": str(self.delivery.pk),
            "owner": str(self.owner.pk),
        }


def make_tellings(spare: Tenant, *, canary: str, owner: Membership) -> Tellings:
    """Add one of each (inside a transaction of the reseller); unlinking has made the alert."""
    own = {"reseller_id": spare.reseller_id}
    now = timezone.now()
    condition: Condition = Condition.objects.get(tenant=spare)
    Condition.objects.filter(pk=condition.pk).update(assignee=owner)
    webhook = Webhook.objects.create(
        **own,
        url=f"https://{canary}.example.com/hook",
        events=["alert.digest"],
        created_by=f"{canary} person",
    )
    secret = WebhookSecret(**own, webhook=webhook)
    secret.secret_sealed = seal(f"{canary} webhook secret", secret.seal())
    secret.save(force_insert=True)
    Preference.objects.create(**own, membership=owner, time_zone="Europe/Amsterdam")
    delivery = Delivery.objects.create(
        **own,
        channel=Delivery.Channel.WEBHOOK,
        topic="alert.digest",
        webhook=webhook,
        membership=owner,
        recipient=f"https://{canary}.example.com/hook",
        dedupe_key=f"{canary} {uuid4()}",
        facts={"since": now.isoformat(), "until": now.isoformat()},
        state=Delivery.State.FAILED,
        due_at=now,
        last_error=f"{canary} error",
    )
    UnbilledSum.objects.create(
        **own,
        connection=spare.connection,
        currency="EUR",
        microsoft_id=spare.microsoft_id,
        amount=1,
    )
    return Tellings(condition, webhook, delivery, owner)
