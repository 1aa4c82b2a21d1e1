"""Time stamps by an authority that is asked over HTTP (RFC 3161)."""

import base64
import hashlib
import queue
import secrets
import threading
import time
from datetime import timedelta
from http.client import HTTPResponse
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from riskapp.core.tst import Refused, answer, question
from riskapp.logs import fault, log

PATIENCE = timedelta(seconds=10)
"""Whoever asks waits no longer, whatever the authority does."""
MOST_AT_ONCE = 4
"""So many questions are under way; an authority that hangs holds no more threads than these."""
LARGEST = 64 * 1024
"""Bytes of a response; with a chain of certificates it has about 6,000."""
_PIECE = 8192
_REPLY = "application/timestamp-reply"


class NotStamped(Exception):  # noqa: N818 - says what came of it
    """The authority gave no time stamp over what was sent; the message says why, to operators."""


class TimeStampingAuthority:
    """The authority at an address, which may hold a name and a password.

    http will do where an authority has no https: what it answers is signed, and what it is sent is
    a digest. A `Stamper`. Raises ValueError for what is no address.
    """

    def __init__(self, url: str, *, patience: timedelta = PATIENCE) -> None:
        place = urlsplit(url)
        if place.scheme not in {"http", "https"} or not place.hostname or place.fragment:
            raise ValueError("write it like https://tsa.example.org/tsr")
        _ = place.port  # ValueError where it is no number
        self._host = place.hostname
        self._url = place._replace(netloc=place.netloc.rpartition("@")[2]).geturl()
        self._headers = {"Content-Type": "application/timestamp-query", "Accept": _REPLY}
        if place.username is not None:
            pair = f"{unquote(place.username)}:{unquote(place.password or '')}"
            encoded = base64.b64encode(pair.encode()).decode()
            self._headers["Authorization"] = f"Basic {encoded}"
        self._patience = patience.total_seconds()
        self._free = threading.BoundedSemaphore(MOST_AT_ONCE)

    def stamp(self, data: bytes) -> bytes | None:
        """The response (DER), or None and a line in the log. Waits 10 s at the most."""
        try:
            return self._asked(data)
        except NotStamped as why:
            log.warning("no time stamp", authority=self._host, why=str(why))
        except Exception as error:  # noqa: BLE001 - a time stamp is never worth a failure
            log.warning("no time stamp", authority=self._host, **fault(error))
        return None

    def _asked(self, data: bytes) -> bytes:
        digest, nonce = hashlib.sha256(data).digest(), secrets.randbits(63)
        response = self._in_time(question(digest, nonce))
        _check(response, digest, nonce)
        return response

    def _in_time(self, question: bytes) -> bytes:
        """In a thread, for nothing else bounds looking up a name and an answer that drips."""
        if not self._free.acquire(blocking=False):
            raise NotStamped("it has not answered what it was asked before")
        answer: queue.SimpleQueue[bytes | Exception] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answer.put(self._fetched(question))
            except Exception as error:  # noqa: BLE001 - handed over to whoever waits
                answer.put(error)
            finally:
                self._free.release()

        threading.Thread(target=ask, name="time stamp", daemon=True).start()
        try:
            found = answer.get(timeout=self._patience)
        except queue.Empty:
            raise NotStamped(f"it did not answer within {self._patience:g} s") from None
        if isinstance(found, Exception):
            raise found
        return found

    def _fetched(self, question: bytes) -> bytes:
        request = Request(self._url, question, self._headers)  # noqa: S310 - http(s) alone
        try:
            with build_opener(_NoRedirects).open(request, timeout=self._patience) as response:
                return self._read(response)
        except HTTPError as error:
            with error:
                raise NotStamped(f"it answered with status {error.code}") from None
        except (URLError, TimeoutError) as error:
            why = getattr(error, "reason", error)
            raise NotStamped(f"it cannot be reached ({type(why).__name__})") from None

    def _read(self, response: HTTPResponse) -> bytes:
        until = time.monotonic() + self._patience
        kind = response.headers.get_content_type()
        if kind != _REPLY:
            raise NotStamped(f"it answered with {kind[:60]}")
        read = bytearray()
        while piece := response.read1(_PIECE):
            read += piece
            if len(read) > LARGEST:
                raise NotStamped(f"its answer has more than {LARGEST} bytes")
            if time.monotonic() > until:
                raise NotStamped("its answer took too long")
        return bytes(read)


class _NoRedirects(HTTPRedirectHandler):
    """The authority is where the operator says, and nowhere else."""

    def redirect_request(self, *_args: Any, **_named: Any) -> None:  # noqa: ANN401 - as inherited
        return None


def _check(response: bytes, digest: bytes, nonce: int) -> None:
    """Raises NotStamped unless it is a time stamp over this digest, and for this question.

    Who signed it is left to whoever relies on it, with `openssl ts -verify` and the authority's
    certificates.
    """
    try:
        found = answer(response)
    except Refused as refused:
        raise NotStamped(f"it refused, with status {refused.status}") from None
    except ValueError:
        raise NotStamped("its answer is not a response of RFC 3161") from None
    if found.sha256 != digest:
        raise NotStamped("its time stamp is over something else")
    if found.nonce != nonce:
        raise NotStamped("its time stamp is for another question")
