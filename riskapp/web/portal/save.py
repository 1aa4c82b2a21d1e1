"""Saving one answer by fetch: the hottest path of all, hence no template and no spare statement."""

from dataclasses import dataclass
from typing import Any, Self

from flask import jsonify, request, url_for
from flask.wrappers import Response

from riskapp.accounts.permissions import Permission
from riskapp.answers.errors import AnswerClosed, NewerAnswer
from riskapp.answers.queries import said
from riskapp.answers.service import Given, checked, save
from riskapp.assessments.queries import releases
from riskapp.assessments.rules import State
from riskapp.catalogue.answers import VALUE, AnswerRefused
from riskapp.catalogue.model import Question
from riskapp.catalogue.visible import applicable, asked_of
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.invites.queries import OpenedInvitation
from riskapp.web.guard import requires
from riskapp.web.languages import settle
from riskapp.web.portal.blueprint import blueprint
from riskapp.web.portal.given import CLOSED, saving
from riskapp.web.portal.page import refusal_json
from riskapp.web.portal.work import load, progress_words
from riskapp.web.ports import ports
from riskapp.web.questions import fields_by_question, revision
from riskapp.web.typed import error_field, given_in
from riskapp.web.words import say


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What a save's reply is made from, read once and before the save.

    Reading it after the save would take another connection and another BEGIN. What a colleague
    saves in the same moment is missing either way, and comes with the next save.
    """

    invitation: OpenedInvitation
    applying: list[list[Question]]
    """The applicable questions of each release sent."""
    deciding: frozenset[str]
    given: set[str]
    known: dict[str, Any]

    @classmethod
    def read(cls, invitation: OpenedInvitation) -> Self:
        library = ports().library
        sent = settle(library, releases(reading(), library, invitation.assessment_id))
        deciding = frozenset[str]().union(*(release.deciding for release in sent))
        given, known = said(reading(), invitation.assessment_id, deciding)
        applying = [applicable(release, invitation.facts) for release in sent]
        return cls(invitation, applying, deciding, given, known)

    def question(self, question_id: str) -> Question:
        """Raises NotFound for what was not sent or does not apply."""
        for questions in self.applying:
            for question in questions:
                if question.id == question_id:
                    return question
        raise NotFound

    def note(self, question_id: str, answer: Given) -> None:
        """Takes what was just saved in."""
        self.given.discard(question_id)
        self.known.pop(question_id, None)
        if answer.value is not None or answer.na_reason is not None:
            self.given.add(question_id)
        if answer.value is not None:
            self.known[question_id] = answer.value

    def asked(self) -> list[Question]:
        return [
            question
            for questions in self.applying
            for question in asked_of(questions, self.invitation.facts, self.known)
        ]


Reply = Response | tuple[Response, int]


@blueprint.route("/p/<invitation_id>/answers/<question_id>", methods=["POST"])
@requires(Permission.RESPONDENT)
def save_answer(invitation: OpenedInvitation, question_id: str) -> Reply:
    sheet = _Sheet.read(invitation)
    question = sheet.question(question_id)
    fields = fields_by_question(request.form).get(question_id, {})
    base = saving(invitation, revision(fields))
    try:
        given = checked(question, given_in(question, fields))
        number = save(question, given, base, now=ports().clock.now())
    except AnswerRefused as refused:
        return _refused(question, refused.field, refused.problem)
    except FieldRefused as refused:
        return _refused(question, refused.field, refused.message)
    except AnswerClosed:
        return _refused(question, VALUE, CLOSED)
    except NewerAnswer:
        href = url_for("portal.conflict", invitation_id=invitation.id, question_id=question_id)
        return jsonify({"conflict": {"href": href}}), 409
    return jsonify(
        {
            "status": say("Saved"),
            "revision": number,
            "errors": [],
            "conflict": None,
            **_consequences(sheet, question, given),
        }
    )


def _refused(question: Question, field: str, words: str) -> Reply:
    reply = refusal_json(say(words), error_field(question, field))
    return jsonify(reply | {"status": say("Not saved. See what to change above.")}), 422


def _consequences(sheet: _Sheet, question: Question, given: Given) -> dict[str, Any]:
    """How far the vendor is now, and what is asked now where this answer decides about it."""
    if sheet.invitation.state is State.RETURNED:
        work = load(reading(), ports().library, sheet.invitation)
        return {
            "visible": [item.question.id for item in work.asked],
            "progress": work.progress,
        }
    sheet.note(question.id, given)
    shown = sheet.asked()
    needed = [one.id for one in shown if one.required]
    done = sum(1 for name in needed if name in sheet.given)
    return {
        "visible": [one.id for one in shown] if question.id in sheet.deciding else None,
        "progress": progress_words(done, len(needed)),
    }
