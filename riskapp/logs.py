"""Logs: one JSON object a line on standard error. Ids and routes only, never what people wrote."""

import logging
import sys
from typing import Any


class Log:
    """structlog, imported at the first line: a start that has nothing to say does without it."""

    def info(self, event: str, **said: object) -> None:
        _logger().info(event, **said)

    def warning(self, event: str, **said: object) -> None:
        _logger().warning(event, **said)

    def error(self, event: str, **said: object) -> None:
        _logger().error(event, **said)


def _logger() -> Any:  # noqa: ANN401 - structlog's own is lazily typed
    import structlog  # noqa: PLC0415 - see above

    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    return structlog.get_logger()


log = Log()
