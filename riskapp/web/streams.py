"""Downloads that are unsealed while they are sent, and may turn out to be broken on the way."""

from collections.abc import Iterator
from itertools import chain, islice

from riskapp.logs import log


def begun(chunks: Iterator[bytes], **what: object) -> Iterator[bytes]:
    """The same chunks, the first of them made: what cannot be opened at all is refused in words.

    What breaks later ends the connection before its announced length: nobody takes it for whole.
    Either way the log names `what` it was; its errors are raised on.
    """
    watched = _watched(chunks, what)
    first = list(islice(watched, 1))
    return chain(first, watched)


def _watched(chunks: Iterator[bytes], what: dict[str, object]) -> Iterator[bytes]:
    try:
        yield from chunks
    except Exception as error:
        log.error("download broken", error=type(error).__name__, **what)
        raise
