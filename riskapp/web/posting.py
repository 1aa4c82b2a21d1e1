"""Mail, sent by the request that caused it, after its change is committed."""

from collections.abc import Sequence
from enum import StrEnum

from riskapp.core.db import reading
from riskapp.core.mail import Attachment, Mail, MailNotSent
from riskapp.logs import log
from riskapp.web.ports import ports


class Delivery(StrEnum):
    """What became of a mail."""

    SENT = "sent"
    FAILED = "failed"
    NO_SERVER = "no-server"


def post(to: str, subject: str, body: str, attached: Sequence[Attachment] = ()) -> Delivery:
    mailer = ports().mailer
    if mailer is None:
        return Delivery.NO_SERVER
    reading().rollback()  # nothing of the database waits for a mail server
    try:
        mailer.send(Mail(to, " ".join(subject.split()), body, attached))
    except MailNotSent as error:
        log.warning("mail not sent", why=str(error))
        return Delivery.FAILED
    return Delivery.SENT
