"""Vera's browser over a real socket: what she sends, she streams; what breaks, she notices."""

import http.client
import json
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from riskapp.web.guard import RESPONDENT_COOKIE
from tests.serving import Served

Connection = http.client.HTTPConnection
LOST = (OSError, http.client.HTTPException)
"""What a client sees of a server that is killed"""
QUESTION = "GDP-02"
"""A question with files, in every link that these tests give"""
HEAD = b"%PDF-1.7\n"
PIECE = 64 * 1024
WITHIN = 120.0
BOUNDARY = f"----riskapp{secrets.token_hex(8)}"


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


def in_pieces(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), PIECE):
        yield content[start : start + PIECE]


def send_all(connection: Connection, body: Iterable[bytes]) -> None:
    """Sends until the server takes no more: then it has refused, and its answer can be read."""
    with suppress(BrokenPipeError, ConnectionResetError):
        for piece in body:
            connection.send(piece)


class Respondent:
    """One browser in which Start was pressed. Every request has a connection of its own."""

    def __init__(self, served: Served, invitation_id: str, session: str) -> None:
        self._served = served
        self.here = f"/p/{invitation_id}"
        self._cookies = {RESPONDENT_COOKIE: session}
        self._csrf = ""

    def look(self) -> "Respondent":
        """Opens the first page, from which the form's token comes."""
        page = self.get(f"/evidence/{QUESTION}")
        found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert page.status == 200, page.text
        assert found is not None
        self._csrf = found[1]
        return self

    def get(self, path: str) -> Reply:
        return self._exchange("GET", path, (), {})

    def post(self, path: str, fields: Mapping[str, str]) -> Reply:
        body = urlencode({"csrf_token": self._csrf, **fields}).encode()
        kind = "application/x-www-form-urlencoded"
        return self._exchange("POST", path, [body], self._about(len(body), kind))

    def save(self, question_id: str, comment: str, base: int) -> Reply:
        """A yes with a comment, by the script's way."""
        name = f"q-{question_id}"
        fields = {f"{name}-value": "yes", f"{name}-comment": comment, f"{name}-rev": str(base)}
        return self.post(f"/answers/{question_id}", fields)

    def submit(self) -> Reply:
        return self.post("/submit", {"name": "Vera Vogt", "role": "Security lead"})

    def upload(
        self, question_id: str, content: Iterable[bytes], size: int, *, replaces: str = ""
    ) -> Reply:
        """Streams a file of `size` bytes; memory here does not grow with it."""
        before, after = self.around()
        body = (piece for part in ([before], content, [after]) for piece in part)
        headers = self._about(len(before) + size + len(after), self.upload_type)
        query = f"?replaces={replaces}" if replaces else ""
        return self._exchange("POST", f"/evidence/{question_id}{query}", body, headers)

    def around(self) -> tuple[bytes, bytes]:
        """What stands before and behind the file in the form."""
        today = datetime.now(UTC).date().isoformat()
        fields = {"csrf_token": self._csrf, "issued_on": today}
        before = "".join(
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
            for name, text in fields.items()
        )
        before += (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="proof.pdf"\r\n'
            "Content-Type: application/pdf\r\n\r\n"
        )
        return before.encode(), f"\r\n--{BOUNDARY}--\r\n".encode()

    upload_type = f"multipart/form-data; boundary={BOUNDARY}"

    def begin_upload(self, announced: int | None) -> Connection:
        """An upload of which only the head was sent; without a length, it will be chunked."""
        length = {"Transfer-Encoding": "chunked"}
        if announced is not None:
            length = {"Content-Length": str(announced)}
        headers = {"Content-Type": self.upload_type, **length}
        connection = self._connection()
        self._send_head(connection, "POST", f"/evidence/{QUESTION}", headers)
        return connection

    def _about(self, length: int, kind: str) -> dict[str, str]:
        return {"Content-Length": str(length), "Content-Type": kind}

    def _connection(self) -> Connection:
        return Connection("127.0.0.1", self._served.port, timeout=WITHIN)

    def _send_head(
        self,
        connection: Connection,
        method: str,
        path: str,
        headers: Mapping[str, str],
    ) -> None:
        connection.putrequest(method, self.here + path)
        cookies = "; ".join(f"{name}={text}" for name, text in self._cookies.items())
        for name, text in {"Cookie": cookies, "Connection": "close", **headers}.items():
            connection.putheader(name, text)
        connection.endheaders()

    def _exchange(
        self, method: str, path: str, body: Iterable[bytes], headers: Mapping[str, str]
    ) -> Reply:
        connection = self._connection()
        try:
            self._send_head(connection, method, path, headers)
            send_all(connection, body)
            return self.reply(connection)
        finally:
            connection.close()

    def reply(self, connection: Connection) -> Reply:
        response = connection.getresponse()
        body = response.read()
        self._keep_cookies(response.headers.get_all("Set-Cookie") or ())
        return Reply(response.status, dict(response.headers.items()), body)

    def _keep_cookies(self, lines: Sequence[str]) -> None:
        for line in lines:
            name, _, text = line.partition(";")[0].partition("=")
            self._cookies[name] = text
