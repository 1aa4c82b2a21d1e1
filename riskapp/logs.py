"""Logs: one JSON object a line on standard error. Ids and routes only, never what people wrote."""

import logging
import sys

import structlog


def set_up_logs() -> None:
    """Joins structlog and the standard library's loggers into one stream."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
