"""Saving one answer by fetch: the hottest path of all, hence no template and no spare statement."""

from typing import Any

from flask import jsonify, request, url_for
from flask.wrappers import Response

from riskapp.accounts.permissions import Permission
from riskapp.answers.errors import AnswerClosed, NewerAnswer
from riskapp.answers.queries import answers, values
from riskapp.answers.service import save
from riskapp.assessments.queries import releases
from riskapp.assessments.rules import State
from riskapp.catalogue.answers import VALUE, AnswerRefused
from riskapp.catalogue.conditions import questions_named
from riskapp.catalogue.model import Question, Release
from riskapp.catalogue.visible import applicable, asked
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.invites.queries import OpenedInvitation
from riskapp.web.guard import requires
from riskapp.web.portal.blueprint import blueprint
from riskapp.web.portal.given import CLOSED, error_field, given_in, saving
from riskapp.web.portal.page import refusal_json
from riskapp.web.portal.work import load, progress_words
from riskapp.web.ports import ports
from riskapp.web.questions import fields_by_question, revision

Reply = Response | tuple[Response, int]


@blueprint.route("/p/<invitation_id>/answers/<question_id>", methods=["POST"])
@requires(Permission.RESPONDENT)
def save_answer(invitation: OpenedInvitation, question_id: str) -> Reply:
    sent = releases(reading(), ports().library, invitation.assessment_id)
    question = _question(sent, invitation, question_id)
    fields = fields_by_question(request.form).get(question_id, {})
    base = saving(invitation, revision(fields))
    try:
        number = save(question, given_in(question, fields), base, now=ports().clock.now())
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
            "status": "Saved",
            "revision": number,
            "errors": [],
            "conflict": None,
            **_consequences(sent, invitation, question),
        }
    )


def _refused(question: Question, field: str, words: str) -> Reply:
    reply = refusal_json(words, error_field(question, field))
    return jsonify(reply | {"status": "Not saved. See what to change above."}), 422


def _question(sent: list[Release], invitation: OpenedInvitation, question_id: str) -> Question:
    for release in sent:
        question = release.questions.get(question_id)
        if question is not None and question in applicable(release, invitation.facts):
            return question
    raise NotFound


def _consequences(
    sent: list[Release], invitation: OpenedInvitation, question: Question
) -> dict[str, Any]:
    """How far the vendor is now, and what is asked now where this answer decides about it."""
    if invitation.state is State.RETURNED:
        work = load(reading(), ports().library, invitation)
        return {
            "visible": [item.question.id for item in work.asked],
            "progress": work.progress,
        }
    given = answers(reading(), invitation.assessment_id)
    known = values(given)
    shown = [one for release in sent for one in asked(release, invitation.facts, known)]
    needed = [one.id for one in shown if one.required]
    done = sum(1 for name in needed if name in given and given[name].given)
    decides = any(_named(release, question.id) for release in sent)
    return {
        "visible": [one.id for one in shown] if decides else None,
        "progress": progress_words(done, len(needed)),
    }


def _named(release: Release, question_id: str) -> bool:
    return any(
        question.asked_when is not None and question_id in questions_named(question.asked_when)
        for question in release.questions.values()
    )
