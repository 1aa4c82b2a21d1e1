"""What goes with a mail arrives as the bytes that it was."""

import socketserver
import threading
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default

import pytest

from riskapp.core.mail import Attachment, Mail, SmtpMailer


class Server(socketserver.TCPServer):
    """Takes one mail, as a mail server would."""

    mail = b""


class Session(socketserver.StreamRequestHandler):
    server: Server

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            if line.upper().startswith(b"DATA"):
                self.wfile.write(b"354 go on\r\n")
                while (part := self.rfile.readline()) != b".\r\n":
                    self.server.mail += part.removeprefix(b".")
            self.wfile.write(
                b"221 bye\r\n" if line.upper().startswith(b"QUIT") else b"250 taken\r\n"
            )


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Session) as listening:
        thread = threading.Thread(target=listening.handle_request)
        thread.start()
        yield listening
        thread.join(10)


def test_attachments_arrive_with_name_kind_and_every_byte(server: Server) -> None:
    signature = bytes(range(256))
    port = server.server_address[1]
    mailer = SmtpMailer("127.0.0.1", port, None, None, starttls=False, sender="r@example.org")
    mailer.send(
        Mail(
            "vera@example.org",
            "Certificate",
            "Guten Tag, größte Grüße\n.\n",
            [
                Attachment("certificate.json", "application/json", b'{"a":"\xc3\xa4"}'),
                Attachment("certificate.json.sig", "application/octet-stream", signature),
            ],
        )
    )
    found = message_from_bytes(server.mail, policy=default)
    body, *attached = found.iter_parts()
    assert body.get_content().splitlines() == ["Guten Tag, größte Grüße", "."]
    assert [(one.get_filename(), one.get_content_type()) for one in attached] == [
        ("certificate.json", "application/json"),
        ("certificate.json.sig", "application/octet-stream"),
    ]
    assert attached[0].get_payload(decode=True) == b'{"a":"\xc3\xa4"}'
    assert attached[1].get_payload(decode=True) == signature
