"""Mail as a port. Sent after the change is committed, by the request that caused it.

The link's token is known only in that moment and is nowhere stored, so that a queue of mails would
be a table of secrets. A mail that could not be sent is said to the officer, who holds the link.
"""

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.message import EmailMessage
from typing import Protocol

from riskapp.core.errors import Refusal

TIMEOUT_SECONDS = 10


class MailNotSent(Refusal):
    """The mail server did not take the mail."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a mail."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    to: str
    subject: str
    text: str
    attachments: Sequence[Attachment] = ()


class Mailer(Protocol):
    """Hands a mail over, or raises MailNotSent."""

    def send(self, mail: Mail) -> None: ...


def _address_to(message: EmailMessage, to: str) -> None:
    """Raises MailNotSent for what a mail's head would read as another address, or as several."""
    try:
        message["To"] = to
        read = [one.addr_spec for one in message["To"].addresses]
    except (ValueError, IndexError, AttributeError, HeaderParseError) as error:
        raise MailNotSent("the address cannot be read") from error  # so the library's parser fails
    if read != [to]:
        raise MailNotSent("the address would be read as another")


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """Mail by SMTP; with `starttls` only to a server that proves its name."""

    host: str
    port: int
    user: str | None
    password: str | None
    starttls: bool
    sender: str

    def send(self, mail: Mail) -> None:
        message = EmailMessage()
        message["From"], message["Subject"] = self.sender, mail.subject
        _address_to(message, mail.to)
        message.set_content(mail.text)
        for one in mail.attachments:
            kind, _, subtype = one.media_type.partition("/")
            message.add_attachment(one.data, maintype=kind, subtype=subtype, filename=one.name)
        try:
            with smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_SECONDS) as server:
                if self.starttls:
                    server.starttls(context=ssl.create_default_context())
                if self.user is not None:
                    server.login(self.user, self.password or "")
                server.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            raise MailNotSent(str(type(error).__name__)) from error
