"""Structured logs: JSON lines on standard output, or plain text on a terminal."""

from __future__ import annotations

import logging
import sys

import structlog

# Libraries that repeat at INFO what the operator's own lines already say.
_QUIET_LOGGERS = ("kopf", "aiohttp", "urllib3", "kubernetes", "asyncio")


def configure_logs(level: str, log_format: str) -> None:
    """Send structlog's and the standard library's records to standard output.

    Args:
        level: debug, info, warning or error.
        log_format: json, text, or auto (text on a terminal, JSON otherwise).
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    as_text = log_format == "text" or (log_format == "auto" and sys.stdout.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if as_text
        else structlog.processors.JSONRenderer()
    )
    # Local variables of a traceback may hold credentials.
    without_locals = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    exceptions = [] if as_text else [structlog.processors.ExceptionRenderer(without_locals)]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *exceptions, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(number)
    for name in _QUIET_LOGGERS:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))
