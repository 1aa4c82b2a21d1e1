"""Mail to vendors, and to whoever had evidence erased.

Sent after the change is committed; the officer is told what became of it.
"""

from collections.abc import Sequence
from datetime import date

from flask import render_template

from riskapp.assessments.queries import AssessmentRow
from riskapp.core.mail import Attachment
from riskapp.custody.certificates import (
    DOCUMENT,
    SIGNATURE,
    SIGNERS,
    allowed_signers,
    in_words,
)
from riskapp.invites.queries import InvitationRow
from riskapp.invites.service import Issued, mailed
from riskapp.web.desk.common import now
from riskapp.web.ports import ports
from riskapp.web.posting import Delivery, post


def link_of(issued: Issued) -> str:
    """The address that opens the vendor's pages. Shown once: only its hash is stored."""
    return f"{ports().settings.base_url.rstrip('/')}/i/{issued.token}"


def mail_link(issued: Issued, row: AssessmentRow) -> Delivery:
    """Sends a fresh link to its recipient, and notes that the mail server took it."""
    body = render_template(
        "desk/mail_link.txt", link=link_of(issued), assessment=row, settings=ports().settings
    )
    delivery = post(issued.email, f"{_asker()} asks about {row.engagement_title}", body)
    if delivery is Delivery.SENT:
        mailed(issued.invitation_id, now=now())
    return delivery


def mail_returned(
    row: AssessmentRow, invitations: Sequence[InvitationRow], questions: Sequence[str], due: date
) -> dict[str, Delivery]:
    """Tells everybody who holds a live link that questions came back; gives what became of it.

    The mail carries no link: the token is known to nobody but them.
    """
    body = render_template(
        "desk/mail_returned.txt",
        assessment=row,
        questions=questions,
        due=due,
        settings=ports().settings,
    )
    subject = f"{_asker()} has a question about your answers on {row.engagement_title}"
    live = dict.fromkeys(one.email for one in invitations if one.revoked_at is None)
    return {email: post(email, subject, body) for email in live}


def mail_certificate(to: str, certificate: str, signature: str) -> Delivery:
    """Sends an erasure certificate to whoever asked; the address is stored nowhere.

    In words in the mail, and attached as it was signed, with what it takes to check the signature.
    """
    attached = [
        Attachment(DOCUMENT, "application/json", certificate.encode()),
        Attachment(SIGNATURE, "application/octet-stream", signature.encode()),
        Attachment(SIGNERS, "application/octet-stream", allowed_signers(certificate).encode()),
    ]
    subject = f"{_asker()} has erased evidence: the certificate"
    return post(to, subject, in_words(certificate), attached)


def _asker() -> str:
    return ports().settings.organisation


def mail_answered(to: str) -> Delivery:
    """Tells an auditor that a request is answered; what was asked and answered is not in it."""
    body = render_template("desk/mail_answered.txt", settings=ports().settings)
    return post(to, f"{_asker()} has answered your request to see more", body)
