"""Accepting, rejecting, asking back, and taking it back; the score follows every action."""

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.assessments.queries import AssessmentRow
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.evidence.queries import of_assessment
from riskapp.invites.queries import invitations
from riskapp.reviews.queries import thread
from riskapp.reviews.rules import EVIDENCE_LEVEL, Action
from riskapp.reviews.service import review_answer, review_evidence, send_back
from riskapp.reviews.service import undo as undo_entry
from riskapp.web.desk.answers import question_page
from riskapp.web.desk.assessments import overview
from riskapp.web.desk.blueprint import blueprint
from riskapp.web.desk.common import (
    day,
    day_or_none,
    known_assessment,
    refused,
    reviewer,
    text,
)
from riskapp.web.desk.forms import DueForm, EvidenceForm, ReviewForm, UndoForm
from riskapp.web.desk.mailing import mail_returned
from riskapp.web.guard import requires
from riskapp.web.posting import Delivery

Page = Response | tuple[str, int]

_DONE = {
    Action.ACCEPT: "is accepted",
    Action.REJECT: "is rejected; it counts as not answered",
    Action.ASK_BACK: "is marked to be asked back; send it back when you are done",
    Action.APPROVE_NA: "has your approval that it does not apply",
    Action.REFUSE_NA: "is refused as not applicable",
    Action.CONFIRM: "is confirmed",
    Action.COMPENSATE: "has the credit of a compensating control",
}


@blueprint.route("/assessments/<assessment_id>/questions/<question_id>/review", methods=["POST"])
@requires(Permission.ASSESSMENT_REVIEW)
def review(person: SignedIn, assessment_id: str, question_id: str) -> Page:
    form = ReviewForm()
    try:
        action = _action(form)
        review_answer(
            assessment_id,
            question_id,
            action,
            reviewer(person),
            note=text(form.note),
            compensation=text(form.compensation),
        )
    except FieldRefused as error:
        return question_page(assessment_id, question_id, refused(error), review=form), 422
    flash(f"{question_id} {_DONE[action]}. {_score(assessment_id)}", "success")
    if text(form.back) != "answers":
        return _to_question(assessment_id, question_id)
    show = text(form.show) or None
    back = url_for(
        "desk.answers", assessment_id=assessment_id, show=show, _anchor=f"q-{question_id}"
    )
    return redirect(back, 303)


def _action(form: ReviewForm) -> Action:
    if text(form.action) not in set(_DONE):
        raise FieldRefused("note", "Choose what to do with this answer.")
    return Action(text(form.action))


def _score(assessment_id: str) -> str:
    row = known_assessment(assessment_id)
    return f"The score is {row.shown}, {row.tier}." if row.shown else ""


def _belongs(named: str, here: set[str]) -> None:
    """Raises NotFound for what the address puts on another question than its own."""
    if named not in here:
        raise NotFound


def _to_question(assessment_id: str, question_id: str) -> Response:
    here = url_for("desk.question", assessment_id=assessment_id, question_id=question_id)
    return redirect(here, 303)


@blueprint.route(
    "/assessments/<assessment_id>/questions/<question_id>/evidence/<use_id>/review",
    methods=["POST"],
    endpoint="review_evidence",
)
@requires(Permission.ASSESSMENT_REVIEW)
def review_file(person: SignedIn, assessment_id: str, question_id: str, use_id: str) -> Page:
    files = of_assessment(reading(), assessment_id)
    _belongs(use_id, {file.use_id for file in files if file.question_id == question_id})
    form = EvidenceForm(prefix=use_id)
    try:
        review_evidence(
            assessment_id,
            use_id,
            _level(form),
            reviewer(person),
            issued_on=day_or_none(form.issued_on, "the day of issue"),
            valid_until=day_or_none(form.valid_until, "the last day on which it is valid"),
            note=text(form.note),
        )
    except FieldRefused as error:
        errors = refused(error, f"{use_id}-")
        return question_page(assessment_id, question_id, errors, typed={use_id: form}), 422
    flash(f"The file's review is saved. {_score(assessment_id)}", "success")
    return _to_question(assessment_id, question_id)


def _level(form: EvidenceForm) -> Action:
    if text(form.action) not in set(EVIDENCE_LEVEL):
        raise FieldRefused("action", "Choose how far this file can be relied on.")
    return Action(text(form.action))


@blueprint.route(
    "/assessments/<assessment_id>/questions/<question_id>/entries/<entry_id>/undo",
    methods=["POST"],
)
@requires(Permission.ASSESSMENT_REVIEW)
def undo(person: SignedIn, assessment_id: str, question_id: str, entry_id: str) -> Page:
    done = thread(reading(), assessment_id, question_id)
    _belongs(entry_id, {entry.id for entry in done})
    form = UndoForm(prefix=entry_id)
    try:
        undo_entry(assessment_id, entry_id, reviewer(person), note=text(form.note))
    except FieldRefused as error:
        errors = refused(error, f"{entry_id}-")
        return question_page(assessment_id, question_id, errors, typed={entry_id: form}), 422
    flash(f"It is undone; both stay in the thread. {_score(assessment_id)}", "success")
    return _to_question(assessment_id, question_id)


@blueprint.route("/assessments/<assessment_id>/return", methods=["POST"], endpoint="send_back")
@requires(Permission.ASSESSMENT_REVIEW)
def back_to_vendor(person: SignedIn, assessment_id: str) -> Page:
    form = DueForm(prefix="back")
    try:
        due = day(form.due, "the day by which you need the replies")
        questions = send_back(assessment_id, due, reviewer(person))
    except FieldRefused as error:
        return overview(assessment_id, refused(error, "back-"), back=form), 422
    row = known_assessment(assessment_id)
    sent = mail_returned(row, invitations(reading(), assessment_id), questions, due)
    count = "One question is" if len(questions) == 1 else f"{len(questions)} questions are"
    flash(f"{count} open to the vendor again, by the same link. {_told(row, sent)}", "success")
    return redirect(url_for("desk.assessment", assessment_id=assessment_id), 303)


def _told(row: AssessmentRow, sent: dict[str, Delivery]) -> str:
    """Who was told by mail, and whom the officer has to tell."""
    if not sent:
        return "No live link is left: give another one below."
    if set(sent.values()) == {Delivery.NO_SERVER}:
        return f"No mail server is set: tell {row.vendor_name} to use the link that they have."
    failed = [email for email, delivery in sent.items() if delivery is not Delivery.SENT]
    if failed:
        return f"The mail server did not take the mail to {', '.join(failed)}: tell them yourself."
    return f"Mail went to {', '.join(sent)}."
