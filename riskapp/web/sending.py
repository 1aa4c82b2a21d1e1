"""Sealed files as HTTP answers: never shown by the browser as a page, whole or a range of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from flask import Response, request

from riskapp.core.db import reading
from riskapp.evidence.sniff import KINDS
from riskapp.web.streams import begun

ALLOWED = frozenset(kind.media_type for kind in KINDS.values())
SEALED_OFF = "sandbox; default-src 'none'"
"""Even if a browser showed the file, nothing in it could run or reach us."""
OK, PARTIAL, NOT_MODIFIED, UNSATISFIABLE = 200, 206, 304, 416


class Sealed(Protocol):
    """What an answer says of a file before it is opened. `size` is of the plaintext, in bytes."""

    @property
    def name(self) -> str: ...
    @property
    def media_type(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def sha256(self) -> str: ...


class Openable(Protocol):
    """A file that was opened, of which any part can be had."""

    def pieces(self, start: int = 0, length: int | None = None) -> Iterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class Part:
    """What of a file was asked for: `length` bytes from `start` on."""

    start: int
    length: int
    status: int

    @property
    def continues(self) -> bool:
        """Whether it goes on with what was begun before."""
        return self.start > 0


def send(file: Sealed, opening: Callable[[Part], Openable], **what: object) -> Response:
    """The answer to a request for `file`: all of it, one range, or that nothing need be sent.

    `opening` is called where bytes are sent, and only there; `what` names the file in the log.
    Only the range is unsealed. Raises what opening raises.
    """
    part = asked_for(file)
    if part.length == 0 or request.method == "HEAD":
        response = Response(status=part.status)
    else:
        opened = opening(part)
        reading().rollback()  # no transaction stays open while the file is sent
        response = Response(begun(opened.pieces(part.start, part.length), **what), part.status)
    return _described(response, file, part)


def asked_for(file: Sealed) -> Part:
    """What the request's headers ask for.

    Several ranges at once, and what is no range of bytes, come to the whole file (RFC 9110, 14.2).
    """
    if request.if_none_match.contains(file.sha256):
        return Part(0, 0, NOT_MODIFIED)
    whole = Part(0, file.size, OK)
    condition = request.headers.get("If-Range")
    if request.method != "GET" or condition not in {None, f'"{file.sha256}"'}:
        return whole
    asked = request.range
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return whole
    start, end = asked.ranges[0]  # the end exclusive or None; a start below 0: so many at the end
    start = start if start >= 0 else max(0, file.size + start)
    if start >= file.size:
        return Part(0, 0, UNSATISFIABLE)
    return Part(start, min(end or file.size, file.size) - start, PARTIAL)


def _described(response: Response, file: Sealed, part: Part) -> Response:
    headers = response.headers
    headers["ETag"] = f'"{file.sha256}"'
    headers["Accept-Ranges"] = "bytes"
    headers["Content-Security-Policy"] = SEALED_OFF
    if part.status == NOT_MODIFIED:
        del headers["Content-Type"]
        return response
    if part.status == UNSATISFIABLE:
        headers["Content-Range"] = f"bytes */{file.size}"
        return response
    allowed = file.media_type in ALLOWED
    response.content_type = file.media_type if allowed else "application/octet-stream"
    headers["Content-Disposition"] = disposition(file.name)
    headers["Content-Length"] = str(part.length)
    if part.status == PARTIAL:
        end = part.start + part.length - 1
        headers["Content-Range"] = f"bytes {part.start}-{end}/{file.size}"
    return response


def disposition(name: str) -> str:
    """A download under this name: plain for old clients, exact (RFC 5987) for all others."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_. ") else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
