"""Time stamps of an authority outside (RFC 3161): that something was there at a time."""

from typing import Protocol


class Stamper(Protocol):
    def stamp(self, data: bytes) -> bytes | None:
        """The authority's response (DER) over the SHA-256 of `data`; None where there is none.

        An authority that does not answer must not keep anything from being written: it is logged.
        Waits for seconds, so never within a transaction.
        """
        ...
