"""Logs: one JSON object a line, with the correlation id on each and secrets masked (DEC14)."""

import logging
import logging.config
import re
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

from portal.core.secrecy import MASK, without_secrets

SECRET_NAMES = re.compile(r"password|secret|token|authorization|api_?key|sig\b", re.IGNORECASE)
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
    if value is None or isinstance(value, bool | int | float):
        return value
    if SECRET_NAMES.search(key):
        return MASK
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, Mapping):
        return {name: _masked(str(name), inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(key, inner) for inner in value]
    # Whatever else there is would be printed by the renderer, behind our back.
    return without_secrets(repr(value))
