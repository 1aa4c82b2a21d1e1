"""Logs: one JSON object a line on standard error. Ids and routes only, never what people wrote."""

import logging
import sys
import traceback
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
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    return structlog.get_logger()


def fault(error: BaseException) -> dict[str, object]:
    """What broke and where, for a line of the log: types and places in the code.

    Without messages: a database's repeats what was to be stored, addresses and answers.
    """
    chain: list[BaseException] = []
    follows: BaseException | None = error
    while follows is not None and follows not in chain:
        chain.append(follows)
        hidden = follows.__suppress_context__
        follows = follows.__cause__ or (None if hidden else follows.__context__)
    return {
        "error": [type(one).__qualname__ for one in chain],
        "where": [
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        ],
    }


log = Log()
