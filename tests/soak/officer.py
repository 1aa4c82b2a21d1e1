"""Oskar's browser over a real socket: what he is sent, he reads in pieces."""

import hashlib
import http.client
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import urlencode

from riskapp.web.guard import SESSION_COOKIE
from tests.serving import Served
from tests.soak.respondent import WITHIN, Reply

PIECE = 1024 * 1024


class Officer:
    """One browser in which an officer is signed in. Every request has a connection of its own."""

    def __init__(self, served: Served, session: str) -> None:
        self._served = served
        self._cookies = {SESSION_COOKIE: session}

    def range(self, path: str, start: int, length: int) -> bytes:
        """A part of a file, asked for and got."""
        end = start + length - 1
        with self._asked("GET", path, {"Range": f"bytes={start}-{end}"}) as response:
            body = response.read()
            assert response.status == 206, body
            assert (response.headers["Content-Range"] or "").startswith(f"bytes {start}-{end}/")
        return body

    def digest(self, path: str) -> str:
        """SHA-256 of a whole file."""
        sha256 = hashlib.sha256()
        with self._asked("GET", path, {}) as response:
            assert response.status == 200, (response.status, response.headers["Location"])
            while piece := response.read(PIECE):
                sha256.update(piece)
        return sha256.hexdigest()

    def post(self, page: str, path: str, fields: Mapping[str, str]) -> Reply:
        """Sends a form that stands on `page`."""
        with self._asked("GET", page, {}) as response:
            token = re.search(r'name="csrf_token" value="([^"]+)"', response.read().decode())
        assert token is not None, page
        body = urlencode({"csrf_token": token[1], **fields})
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        with self._asked("POST", path, kind, body) as response:
            return Reply(response.status, dict(response.headers.items()), response.read())

    @contextmanager
    def _asked(
        self, method: str, path: str, headers: Mapping[str, str], body: str | None = None
    ) -> Iterator[http.client.HTTPResponse]:
        connection = http.client.HTTPConnection("127.0.0.1", self._served.port, timeout=WITHIN)
        cookies = "; ".join(f"{name}={text}" for name, text in self._cookies.items())
        try:
            connection.request(method, path, body, {"Cookie": cookies, **headers})
            response = connection.getresponse()
            for line in response.headers.get_all("Set-Cookie") or ():
                name, _, text = line.partition(";")[0].partition("=")
                self._cookies[name] = text
            yield response
        finally:
            connection.close()
