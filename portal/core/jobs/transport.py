"""How the portal's processes hold on to the broker: guarded against its content, steady without it.

The classes are named where Celery is configured; nothing else of Celery's or kombu's is changed.
"""

from typing import Any, Final

from celery.app.amqp import AMQP
from kombu.connection import Connection
from kombu.transport import redis as kombu_redis
from kombu.transport import virtual
from redis import Redis
from redis.exceptions import RedisError
from structlog import get_logger

from portal.core.jobs.messages import fault_of

ASIDE_KEY: Final = "tenantry.messages_put_aside"
ASIDE_KEPT: Final = 1_000
ASIDE_BYTES: Final = 4_096
RECONNECT_SECONDS: Final = 3
log = get_logger(__name__)


class GuardedRedis(Redis):
    """A Redis client whose blocking pop hands out well-formed messages only."""

    def parse_response(self, connection: Any, command_name: Any, **options: Any) -> Any:
        """Return the reply; for a pop that brought something malformed, as if it brought none."""
        reply = super().parse_response(connection, command_name, **options)
        if command_name != "BRPOP" or not reply:
            return reply
        queue, raw = reply
        fault = fault_of(raw)
        if fault is None:
            return reply
        log.error("message_put_aside", queue=_text(queue), fault=fault, size=len(raw))
        with self.pipeline(transaction=False) as pipe:
            pipe.lpush(ASIDE_KEY, raw[:ASIDE_BYTES])
            pipe.ltrim(ASIDE_KEY, 0, ASIDE_KEPT - 1)
            pipe.execute()
        return None


class ForgettingQoS(kombu_redis.QoS):
    """The messages a worker holds; one whose acknowledgement does not get through is let go.

    kombu would count it as held for ever. A worker all of whose places are taken so asks the broker
    for nothing more, and never notices that the line is dead. The message comes again one day, for
    a job that is done by then.
    """

    def ack(self, delivery_tag: str) -> None:
        """Acknowledge a message; where the broker cannot be told, forget it."""
        try:
            super().ack(delivery_tag)
        except (RedisError, OSError) as error:
            log.warning("message_not_acknowledged", reason=type(error).__name__)
            virtual.QoS.ack(self, delivery_tag)


class GuardedChannel(kombu_redis.Channel):
    """Celery's Redis channel with the guarded client."""

    QoS = ForgettingQoS

    def _get_client(self) -> type[Redis]:
        super()._get_client()  # checks versions
        return GuardedRedis


class GuardedTransport(kombu_redis.Transport):
    """Celery's Redis transport with the guard in front; named in the settings."""

    Channel = GuardedChannel


class SteadyConnection(Connection):
    """A connection that, once lost, is tried for every few seconds and not ever more seldom."""

    def ensure_connection(self, *args: Any, **options: Any) -> Any:
        """Connect, however long it takes, looking at least every `RECONNECT_SECONDS`."""
        return super().ensure_connection(*args, **{"interval_max": RECONNECT_SECONDS} | options)


class SteadyAMQP(AMQP):
    """Makes Celery use `SteadyConnection`; named where the app is made."""

    Connection = SteadyConnection


def _text(value: bytes | str) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value
