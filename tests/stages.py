"""Brings an assessment to any stage of its life, through the services."""

import zlib
from collections.abc import Mapping
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from riskapp.answers.queries import answers, values
from riskapp.answers.service import Given, Saving, save
from riskapp.assessments.queries import assessment, releases
from riskapp.assessments.service import Plan
from riskapp.catalogue.model import (
    Choice,
    Countries,
    Date,
    Maturity,
    Multiple,
    Number,
    Question,
    Table,
    Text,
    YesNo,
    YesPartlyNo,
)
from riskapp.core.crypto.sealed import SEAL_BYTES, Sealer, new_key
from riskapp.core.crypto.sealed import context as seal_context
from riskapp.core.db import reading
from riskapp.core.ids import new_id
from riskapp.evidence.removals import unlink_removed
from riskapp.evidence.scans import Scan
from riskapp.evidence.service import Dates, Place, SealedFile, keep, seat
from riskapp.evidence.sniff import KINDS
from riskapp.invites.queries import OpenedInvitation, by_token
from riskapp.invites.service import Issued, issue, start
from riskapp.reviews.rules import Action, Outcome
from riskapp.reviews.service import Reviewer, decide, review_answer
from riskapp.reviews.sharing import Shown, share
from riskapp.submissions.queries import asked_questions
from riskapp.submissions.service import Signatory, submit
from riskapp.web.ports import ports
from tests.cast import Member, Provider

QUESTIONNAIRES = ("iso-27001", "gdpr-processor")
REASON = "These are what we have."
PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


def good_answer(question: Question) -> Any:
    """An answer that is worth full credit, or any valid one where nothing is scored."""
    match question.answer:
        case YesNo(good=good):
            return good
        case YesPartlyNo():
            return "yes"
        case Choice(options=options):
            return max(options, key=lambda option: option.credit or 0).id
        case Multiple(options=options):
            return [option.id for option in options]
        case Maturity():
            return 4
        case Number(bands=bands):
            first = bands[0] if bands else None
            limit = first and (first.at_most if first.at_most is not None else first.at_least)
            return str(limit if limit is not None else 1)
        case Date():
            return "2027-06-30"
        case Text():
            return "As agreed in the contract."
        case Countries():
            return ["DE"]
        case Table() as table:
            return [] if table.min_rows == 0 else [_row(table)]
    raise TypeError(question.answer)


def _row(table: Table) -> dict[str, str]:
    row = {}
    for column in table.columns:
        if column.type == "choice":
            row[column.id] = max(column.options, key=lambda option: option.credit or 0).id
        else:
            row[column.id] = {"country": "DE", "date": "2026-01-01"}.get(column.type, "Words")
    return row


def issued(
    provider: Provider, by: Member, *, due: date | None = None, only: tuple[str, ...] = ()
) -> Issued:
    """A link was issued; nobody has opened it."""
    parts = ports()
    now = parts.clock.now()
    chosen = [parts.library.current.latest(name) for name in only or QUESTIONNAIRES]
    return issue(
        parts.library,
        provider.engagement_id,
        Plan(chosen, due or now.date() + timedelta(days=21), REASON),
        email=provider.email,
        actor=by.actor,
        now=now,
    )


def opened(token: str) -> OpenedInvitation:
    found = by_token(reading(), token)
    assert found is not None
    return found


def started(provider: Provider, by: Member, **how: Any) -> tuple[Issued, OpenedInvitation]:
    link = issued(provider, by, **how)
    start(link.invitation_id, now=ports().clock.now())
    return link, opened(link.token)


def saving(invitation: OpenedInvitation, base: int = 0) -> Saving:
    return Saving(invitation.assessment_id, invitation.vendor_id, invitation.id, base)


def question(invitation: OpenedInvitation, question_id: str) -> Question:
    for release in releases(reading(), ports().library, invitation.assessment_id):
        if question_id in release.questions:
            return release.questions[question_id]
    raise KeyError(question_id)


def answer_all(invitation: OpenedInvitation, instead: Mapping[str, Given] | None = None) -> None:
    """Answers everything that is asked and open; `instead` says what is not answered well.

    What is given nothing there is left out.
    """
    parts, chosen = ports(), dict(instead or {})
    left_out = {name for name, said in chosen.items() if said == Given()}
    row = assessment(reading(), invitation.assessment_id)
    assert row is not None
    sent = releases(reading(), parts.library, row.id)
    while True:
        given = answers(reading(), row.id)
        todo = [
            one
            for _, _, one in asked_questions(sent, row.facts, values(given))
            if one.id not in given and one.id not in left_out
        ]
        if not todo:
            return
        for one in todo:
            said = chosen.get(one.id) or Given(good_answer(one))
            save(one, said, saving(invitation), now=parts.clock.now())


def attach(
    invitation: OpenedInvitation,
    question_id: str,
    content: bytes = PDF,
    *,
    name: str = "certificate.pdf",
    issued_on: date = date(2026, 10, 1),
    valid_until: date | None = None,
    replaces: str | None = None,
    quota: int | None = None,
) -> SealedFile:
    """Seals a small file and makes it evidence, as the upload does."""
    parts = ports()
    where = Place(invitation.assessment_id, invitation.vendor_id, invitation.id, question_id)
    spot, key = seat(reading(), where, replaces), new_key()
    reading().rollback()
    sealer = Sealer(key, seal_context(invitation.vendor_id, spot.evidence_id, spot.version))
    sealed = sealer.write(content) + sealer.finish()
    blob = new_id()
    with parts.blobs.create(blob) as writer:
        writer.write(sealed)
        writer.finish()
        writer.settle()
    file = SealedFile(
        evidence_id=spot.evidence_id,
        version=spot.version,
        blob=blob,
        key=key,
        name=name,
        media_type=KINDS[name.rpartition(".")[2]].media_type,
        size=len(content),
        sha256=sha256(content).hexdigest(),
        crc32=zlib.crc32(content),
        sealed_size=len(sealed),
        seal=sealed[:SEAL_BYTES].hex(),
        scan=Scan.UNSCANNED,
    )
    keep(
        file,
        Dates(issued_on, valid_until),
        where,
        replaces=replaces,
        quota=quota or parts.settings.vendor_quota,
        keyring=parts.keyring,
        now=parts.clock.now(),
    )
    unlink_removed(parts.blobs)
    return file


def submitted(
    provider: Provider, by: Member, *, instead: Mapping[str, Given] | None = None, **how: Any
) -> tuple[Issued, OpenedInvitation]:
    """Everything was answered, one certificate attached, and submitted."""
    link, invitation = started(provider, by, **how)
    answer_all(invitation, instead)
    attach(invitation, "ISM-01" if "gdpr-processor" not in how.get("only", ()) else "GDP-02")
    send_in(invitation)
    return link, opened(link.token)


def send_in(invitation: OpenedInvitation) -> int:
    parts = ports()
    return submit(
        parts.library,
        invitation,
        Signatory("Vera Vogt", "Security lead"),
        organisation=parts.settings.organisation,
        now=parts.clock.now(),
    )


def reviewer(member: Member) -> Reviewer:
    return Reviewer(member.id, ports().clock.now(), ports().library)


def share_newest(assessment_id: str, level: Shown | None, by: Reviewer) -> None:
    """The officer, who looks at the newest receipt, chooses what the vendor sees of it."""
    reading().rollback()
    row = assessment(reading(), assessment_id)
    share(assessment_id, level, by, receipt=None if row is None else row.receipts)


def confirm_empty(invitation: OpenedInvitation, by: Member) -> None:
    """The officer agrees that there is nothing to list where the vendor listed nothing."""
    given = answers(reading(), invitation.assessment_id)
    for name in [name for name, row in given.items() if row.value == []]:
        review_answer(invitation.assessment_id, name, Action.CONFIRM, reviewer(by))


def decided(
    provider: Provider, by: Member, *, outcome: Outcome = Outcome.APPROVE, **how: Any
) -> tuple[Issued, OpenedInvitation]:
    link, invitation = submitted(provider, by, **how)
    confirm_empty(invitation, by)
    decide(invitation.assessment_id, outcome, reviewer(by), reasons="Sound throughout.")
    return link, opened(link.token)
