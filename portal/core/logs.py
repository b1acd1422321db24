"""Logs: one JSON object a line, with the correlation id on each and secrets masked (DEC14)."""

import logging
import logging.config
import re
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

MASK = "***"
SECRET_NAMES = re.compile(r"password|secret|token|authorization|api_?key|sig\b", re.IGNORECASE)
SECRET_SHAPES = re.compile(
    r"tnt_[A-Za-z0-9_-]{8,}"  # our API tokens
    r"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.?[A-Za-z0-9_-]*"  # JSON web tokens
    r"|(?<=[?&]sig=)[^&\s]+"  # shared access signatures
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"  # user and password in an address
    r"|(?<=Bearer )\S+"
)
QUIET = ("urllib3", "requests", "msal", "kombu", "amqp")
"""Loggers that print addresses with their queries below WARNING."""


def mask_secrets(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    """Replace what has a secret's name or shape, however deep it lies."""
    return {key: _masked(key, value) for key, value in event.items()}


def configure(options: Mapping[str, Any]) -> None:
    """Send every logger of the process through structlog (``level``, ``plain`` for a terminal)."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask_secrets,
    ]
    structlog.configure(
        processors=[*shared[:4], structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Any = structlog.processors.JSONRenderer()
    if options["plain"]:
        renderer = structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"])
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "lines": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        *shared[4:],
                        renderer,
                    ],
                    "foreign_pre_chain": shared[:4],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "lines"}},
            "root": {"handlers": ["stderr"], "level": options["level"]},
            "loggers": {name: {"level": "WARNING"} for name in QUIET},
        }
    )


def _masked(key: str, value: Any) -> Any:
    if isinstance(value, str):
        return MASK if SECRET_NAMES.search(key) else SECRET_SHAPES.sub(MASK, value)
    if isinstance(value, Mapping):
        return {name: _masked(str(name), inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(key, inner) for inner in value]
    return value
