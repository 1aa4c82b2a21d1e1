"""Saving one answer: the hottest path, hence statements that are built once.

Measured: the ORM costs three times what these statements cost. A revision goes to PostgreSQL in one
statement with its event, so that the trail adds no trip of its own.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from riskapp.answers.errors import AnswerClosed, NewerAnswer, Saved
from riskapp.answers.models import Answer
from riskapp.answers.rules import open_to_vendor
from riskapp.assessments.models import Assessment
from riskapp.assessments.rules import State
from riskapp.audit.service import STORED_AT, About, Actor, Along, record_along
from riskapp.catalogue.answers import canonical_value
from riskapp.catalogue.model import Question
from riskapp.core.canonical import digest
from riskapp.core.db import plain_transaction
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.core.sentences import Sentence

LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Given:
    """What a vendor says to one question: a value, or a reason why it does not apply, and words."""

    value: Any = None
    na_reason: str | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Saving:
    """Which answer is saved, by whose link, over which revision (0: the first)."""

    assessment_id: str
    vendor_id: str
    invitation_id: str
    base: int


_ANSWER = Answer.__table__

_CURRENT = (
    select(
        Assessment.state,
        Answer.revision,
        Answer.value,
        Answer.na_reason,
        Answer.comment,
        Answer.saved_at,
        Answer.asked_back,
        Assessment.returned_at,
    )
    .select_from(Assessment)
    .outerjoin(
        Answer,
        and_(
            Answer.assessment_id == Assessment.id,
            Answer.question_id == bindparam("question"),
        ),
    )
    .where(Assessment.id == bindparam("assessment"))
    .with_for_update(read=True, of=Assessment)
)
_FRESH = {
    "standing": "open",
    "na_approvals": [],
    "na_refused": False,
    "confirmed": False,
    "compensating": None,
}
_UPDATE = (
    update(_ANSWER)  # type: ignore[arg-type]  # declared as FromClause, is a Table
    .where(
        _ANSWER.c.assessment_id == bindparam("assessment"),
        _ANSWER.c.question_id == bindparam("question"),
        _ANSWER.c.revision == bindparam("base"),
    )
    .values(
        revision=bindparam("new_revision"),
        value=bindparam("new_value", type_=_ANSWER.c.value.type),
        na_reason=bindparam("new_na"),
        comment=bindparam("new_comment"),
        saved_at=bindparam("new_time", type_=_ANSWER.c.saved_at.type),
        **_FRESH,
    )
)
_INSERT = insert(_ANSWER)  # type: ignore[arg-type]  # as above
_REVISION = (
    "INSERT INTO answer_revision (assessment_id, question_id, revision, value, na_reason, comment, "
    "invitation_id, saved_at) VALUES"
)
_REVISION_ON_SQLITE = f"{_REVISION} (?, ?, ?, ?, ?, ?, ?, ?)"
_REVISION_ON_POSTGRESQL = f"{_REVISION} (%s, %s, %s, %s::json, %s, %s, %s, %s)"


def checked(question: Question, given: Given) -> Given:
    """The answer in canonical form. Raises AnswerRefused, FieldRefused."""
    comment = _words("comment", given.comment, Sentence("the remark"))
    if given.na_reason is not None:
        return Given(None, _na_reason(question, given.na_reason), comment)
    value = None if given.value is None else canonical_value(question, given.value)
    return Given(value, None, comment)


def _na_reason(question: Question, reason: str) -> str:
    if question.gate:
        raise FieldRefused(
            "na",
            Sentence(
                "What else is asked depends on this answer, so that it always applies. "
                "Please answer."
            ),
        )
    if question.knockout is not None and question.knockout.level == "legal":
        raise FieldRefused(
            "na",
            Sentence(
                "The law asks this of every provider, so that it always applies. Please answer."
            ),
        )
    reason = _words("na-reason", reason, Sentence("the reason"))
    if not reason:
        raise FieldRefused("na-reason", Sentence("Say why the question does not apply to you."))
    return reason


def _words(field: str, text: str, what: Sentence) -> str:
    text = text.strip()
    if len(text) > LONGEST:
        excess = Sentence("Use at most {longest} characters for {what}.")
        raise FieldRefused(field, excess.of(longest=LONGEST, what=what))
    if "\0" in text or not _encodable(text):
        strange = Sentence("There is a character in {what} that is no text; type it anew.")
        raise FieldRefused(field, strange.of(what=what))
    return text


def _encodable(text: str) -> bool:
    """Whether it is text throughout: half of a surrogate pair is none."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def save(question: Question, given: Given, saving: Saving, *, now: datetime) -> int:
    """Saves one answer and returns its revision; saving what stands already changes nothing.

    Raises AnswerRefused and FieldRefused for what cannot be taken, NewerAnswer when another tab
    or person saved first, AnswerClosed, NotFound.
    """
    given = checked(question, given)
    try:
        with plain_transaction() as connection:
            return _save(connection, question, given, saving, now)
    except IntegrityError:
        # Two first saves at once on PostgreSQL: the other one stands now, so look again.
        with plain_transaction() as connection:
            return _save(connection, question, given, saving, now)


def _save(
    connection: Connection, question: Question, given: Given, saving: Saving, now: datetime
) -> int:
    saved, takes = _current(connection, saving.assessment_id, question)
    if not takes:
        raise AnswerClosed(question.id)
    if (saved.value, saved.na_reason, saved.comment) == (
        given.value,
        given.na_reason,
        given.comment,
    ):
        return saved.revision
    if saved.revision != saving.base:
        raise NewerAnswer(question.id, saved)
    revision = saved.revision + 1
    _write(connection, question, given, saving, revision, now)
    on_sqlite = connection.dialect.name == "sqlite"
    value = None if given.value is None else json.dumps(given.value)
    beside = Along(
        _REVISION_ON_SQLITE,
        _REVISION_ON_POSTGRESQL,
        (
            saving.assessment_id,
            question.id,
            revision,
            value,
            given.na_reason,
            given.comment,
            saving.invitation_id,
            now.astimezone(UTC).strftime(STORED_AT) if on_sqlite else now,
        ),
    )
    record_along(
        connection,
        beside,
        "answer:save",
        About(f"{saving.assessment_id}/{question.id}", saving.vendor_id, saving.assessment_id),
        actor=Actor("respondent", saving.invitation_id),
        now=now,
        private={"answer": answer_digest(given)},
        question=question.id,
        revision=revision,
    )
    return revision


def _current(connection: Connection, assessment_id: str, question: Question) -> tuple[Saved, bool]:
    """The answer as it stands, and whether it can be changed now."""
    row = connection.execute(
        _CURRENT, {"assessment": assessment_id, "question": question.id}
    ).first()
    if row is None:
        raise NotFound
    saved = Saved(row[1] or 0, row[2], row[3], row[4] or "", row[5])
    takes = open_to_vendor(
        State(row[0]),
        asked_back=bool(row[6]),
        # An optional question without an answer was left so: only required ones come up later.
        given=saved.value is not None or saved.na_reason is not None or not question.required,
        saved_at=saved.saved_at,
        returned_at=row[7],
    )
    return saved, takes


def _write(
    connection: Connection,
    question: Question,
    given: Given,
    saving: Saving,
    revision: int,
    now: datetime,
) -> None:
    if revision == 1:
        connection.execute(
            _INSERT,
            {
                "assessment_id": saving.assessment_id,
                "question_id": question.id,
                "revision": 1,
                "value": given.value,
                "na_reason": given.na_reason,
                "comment": given.comment,
                "saved_at": now,
                "asked_back": False,
                **_FRESH,
            },
        )
    else:
        changed = connection.execute(
            _UPDATE,
            {
                "assessment": saving.assessment_id,
                "question": question.id,
                "base": revision - 1,
                "new_revision": revision,
                "new_value": given.value,
                "new_na": given.na_reason,
                "new_comment": given.comment,
                "new_time": now,
            },
        )
        if changed.rowcount == 0:
            # Somebody was faster between our reading and our writing (PostgreSQL only).
            saved, _ = _current(connection, saving.assessment_id, question)
            raise NewerAnswer(question.id, saved)


def answer_digest(given: Given) -> str:
    """SHA-256 of the canonical JSON of an answer; stands in events and acknowledgements."""
    return digest({"value": given.value, "na_reason": given.na_reason, "comment": given.comment})
