"""A keep-alive HTTP client that costs next to nothing, so that the server is what is measured."""

import socket
from dataclasses import dataclass
from types import TracebackType
from typing import Self

END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    head: bytes
    body: bytes


class Wire:
    """One connection to a server on this machine."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes, *pieces: bytes) -> Reply:
        self._socket.sendall(request)
        for piece in pieces:
            self._socket.sendall(piece)
        return self._reply()

    def take(self, request: bytes, into: bytearray) -> tuple[int, int]:
        """Status and length of a reply whose body is let go of, as it comes, by way of `into`."""
        self._socket.sendall(request)
        head, length, body = self._head()
        left = length - len(body)
        while left:
            read = self._socket.recv_into(into, min(left, len(into)))
            if not read:
                raise ConnectionError("the server closed the connection")
            left -= read
        return int(head[9:12]), length

    def _reply(self) -> Reply:
        head, length, body = self._head()
        while len(body) < length:
            body += self._more()
        return Reply(int(head[9:12]), head, body)

    def _head(self) -> tuple[bytes, int, bytes]:
        """The head, the announced length, and what of the body came along."""
        received = b""
        while END not in received:
            received += self._more()
        head, _, body = received.partition(END)
        length = next(
            int(line[15:])
            for line in head.split(b"\r\n")
            if line[:15].lower() == b"content-length:"
        )
        return head, length, body

    def _more(self) -> bytes:
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionError("the server closed the connection")
        return data

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._socket.close()
