"""Notes of the live fleet's watches, which go to standard error as those of any command."""

from __future__ import annotations

import logging
import sys

import structlog


def log_to_stderr() -> None:
    """Send the reflectors' warnings to standard error, as plain lines."""
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
