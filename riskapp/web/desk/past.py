"""An assessment as it stood at the end of a past day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import render_template, request

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn, names
from riskapp.assessments.queries import releases
from riskapp.catalogue.answers import in_words
from riskapp.catalogue.model import Question, Release
from riskapp.core.db import reading
from riskapp.reviews.past import AnswerPast, FilePast, Past, assessment_as_of
from riskapp.web.desk.blueprint import blueprint
from riskapp.web.desk.common import Errors, known_assessment, now
from riskapp.web.guard import requires
from riskapp.web.ports import ports


@dataclass(frozen=True, slots=True)
class Line:
    """One question with what stood on it."""

    question: Question
    answer: AnswerPast | None
    words: str
    """The value in words; empty where there is none, or none that may be read."""
    files: Sequence[FilePast]


@blueprint.route("/assessments/<assessment_id>/as-of", methods=["GET"])
@requires(Permission.ASSESSMENT_READ)
def as_of(person: SignedIn, assessment_id: str) -> str | tuple[str, int]:  # noqa: ARG001 - all are somebody's
    row = known_assessment(assessment_id)
    session, today = reading(), now().date()
    written = request.args.get("day", today.isoformat())
    day, errors = _day(written, today)
    past = None if day is None else assessment_as_of(session, assessment_id, day)
    parts = [] if past is None else _parts(past, releases(session, ports().library, row.id))
    page = render_template(
        "desk/as_of.html",
        assessment=row,
        written=written,
        day=day,
        today=today,
        errors=errors,
        past=past,
        parts=parts,
        approvers=_approvers(past),
        unread=_unread(past),
    )
    return (page, 422) if errors else page


def _day(written: str, today: date) -> tuple[date | None, Errors]:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None, {"day": "Enter the day as a date, like 2027-03-31."}
    if day > today:
        return None, {"day": "This day has not come yet. Choose today or an earlier one."}
    return day, {}


def _parts(
    past: Past, sent: Sequence[Release]
) -> list[tuple[Release, list[tuple[str, list[Line]]]]]:
    """What was said, in the order in which it is asked; sections without anything are left out."""
    files: dict[str, list[FilePast]] = {}
    for file in past.files:
        files.setdefault(file.then.question_id, []).append(file)
    found = []
    for release in sent:
        sections = [
            (
                section.title,
                [
                    _line(past, question, files.get(question.id, ()))
                    for question in section.questions
                    if question.id in past.answers or question.id in files
                ],
            )
            for section in release.sections
        ]
        found.append((release, [(title, lines) for title, lines in sections if lines]))
    return found


def _line(past: Past, question: Question, files: Sequence[FilePast]) -> Line:
    answer = past.answers.get(question.id)
    said = answer.said if answer else None
    words = "" if said is None or said.value is None else in_words(question, said.value)
    return Line(question, answer, words, files)


def _approvers(past: Past | None) -> dict[str, str]:
    if past is None:
        return {}
    ids = {one for answer in past.answers.values() for one in answer.then.review.na_approvals}
    return dict(names(reading(), ids))


def _unread(past: Past | None) -> int:
    """How many answers stood there whose words are not ours to read, or are erased."""
    return 0 if past is None else sum(one.said is None for one in past.answers.values())
