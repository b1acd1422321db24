"""Row-level security of messages, wishes and webhooks. Customers are shown none of it."""

from django.db import migrations

from portal.core.database.security import composite_key, secure_table


class Migration(migrations.Migration):
    dependencies = [("notify", "0001_initial"), ("core", "0002_security")]

    operations = [
        *secure_table("notify_preference"),
        composite_key(
            "notify_preference", "membership_id", "core_membership", on_delete="CASCADE"
        ),
        *secure_table("notify_webhook"),
        *secure_table("notify_webhooksecret"),
        composite_key(
            "notify_webhooksecret", "webhook_id", "notify_webhook", on_delete="CASCADE"
        ),
        *secure_table("notify_delivery"),
        composite_key(
            "notify_delivery", "membership_id", "core_membership",
            on_delete="SET NULL (membership_id)",
        ),
        composite_key(
            "notify_delivery", "webhook_id", "notify_webhook", on_delete="SET NULL (webhook_id)"
        ),
    ]
