"""What the portal asks of its broker beside the queue: that it evicts nothing, and its memory."""

from typing import Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from redis import Redis

MARK: Final = "tenantry.broker_remembers"
SECONDS: Final = 3.0


def refuse_evicting_broker() -> None:
    """Stop a process whose queue is on a server that drops what was used least when it is full.

    A broker that is away is no reason to stop: whoever needs it waits for it.

    Raises:
        ImproperlyConfigured: names the policy and what it should be.
        RedisError, OSError: it cannot be asked.
    """
    policy = eviction_policy()
    if policy != "noeviction":
        raise ImproperlyConfigured(
            f"REDIS_URL is a server with maxmemory-policy {policy}: when full it would drop jobs'"
            " messages without a word. Set it to noeviction and give the cache a server of its own."
        )


def eviction_policy() -> str:
    """Return what the broker does when it is full, such as ``noeviction``."""
    with _client() as client:
        return str(client.info("memory")["maxmemory_policy"])


def has_forgotten() -> bool:
    """Tell, once, that the broker was emptied or started anew since it was last asked."""
    with _client() as client:
        return bool(client.set(MARK, "1", nx=True))


def _client() -> Redis:
    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=SECONDS, socket_connect_timeout=SECONDS
    )
