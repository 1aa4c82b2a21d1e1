"""What a service would not do, said in words on the page where the officer can go on.

Mostly two officers at work on one assessment, or a page that stood open while things moved on.
"""

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from riskapp.assessments.errors import AlreadyDrawnUp, AnswersErased, IntakeMissing, WrongState
from riskapp.reviews.errors import CannotUndo, NothingToReview, SameOfficer
from riskapp.vendors.errors import EngagementEnded, EngagementLive
from riskapp.web.desk.blueprint import blueprint
from riskapp.web.words import STATES

_WANTED = {
    "reviewing": "Answers are reviewed after the vendor submitted and before the decision.",
    "another link": "Links are given while the assessment is with the vendor.",
    "sharing the score": "What was cancelled is not shown to the vendor.",
    "another due date": "An assessment that has ended has no due date any more.",
}
_FITS = {
    "approve-na": "The vendor does not say that this question does not apply.",
    "refuse-na": "The vendor does not say that this question does not apply.",
    "confirm": "There is nothing here to confirm: it is neither an answer that decides what else "
    "is asked, nor an empty list.",
    "compensate": "No compensating control can make up for this question.",
    "sending back": "No question is marked to be asked back. Mark at least one first.",
}


def wrong_state(error: WrongState) -> Response:
    why = _WANTED.get(error.wanted, "")
    state = STATES[error.state].lower()
    return _told(f"Nothing was changed: the assessment is now “{state}”. {why}".strip())


def answers_erased(_error: AnswersErased) -> Response:
    return _told("There is no pack any more: the answers and receipts were erased.")


def nothing_to_review(error: NothingToReview) -> Response:
    return _told(f"Nothing was changed. {_FITS.get(error.action, 'The answer has changed.')}")


def same_officer(_error: SameOfficer) -> Response:
    return _told(
        "You have approved this already. A question that must not fail needs a second officer to "
        "approve that it does not apply."
    )


def cannot_undo(_error: CannotUndo) -> Response:
    return _told(
        "This cannot be undone now: something later rests on it, it was undone already, or the "
        "vendor has answered again. Undo the newest action first."
    )


def already_drawn_up(error: AlreadyDrawnUp) -> Response:
    flash(
        "This assessment was drawn up already: the form was sent twice, or a colleague was faster. "
        "Nothing was sent a second time. If its link is lost, give another one.",
        "error",
    )
    return redirect(url_for("desk.assessment", assessment_id=error.assessment_id), 303)


def intake_missing(error: IntakeMissing) -> Response:
    flash("Answer the intake first: it decides what the vendor is asked.", "error")
    return redirect(url_for("desk.intake", engagement_id=error.engagement_id), 303)


def engagement_ended(error: EngagementEnded) -> Response:
    flash(
        "Nothing was changed: this engagement has ended, and no new assessment is drawn up for it. "
        "If it goes on after all, say so here first.",
        "error",
    )
    return redirect(url_for("desk.engagement", engagement_id=error.engagement_id), 303)


def engagement_live(error: EngagementLive) -> Response:
    flash("Nothing was changed: this engagement goes on already.", "error")
    return redirect(url_for("desk.engagement", engagement_id=error.engagement_id), 303)


def _told(words: str) -> Response:
    flash(words, "error")
    place = request.view_args or {}
    here, question = place["assessment_id"], place.get("question_id")
    if question is None:
        return redirect(url_for("desk.assessment", assessment_id=here), 303)
    return redirect(url_for("desk.question", assessment_id=here, question_id=question), 303)


_HANDLERS: tuple[tuple[type[Exception], Callable[..., Response]], ...] = (
    (WrongState, wrong_state),
    (AnswersErased, answers_erased),
    (NothingToReview, nothing_to_review),
    (SameOfficer, same_officer),
    (CannotUndo, cannot_undo),
    (AlreadyDrawnUp, already_drawn_up),
    (IntakeMissing, intake_missing),
    (EngagementEnded, engagement_ended),
    (EngagementLive, engagement_live),
)
for _refusal, _handler in _HANDLERS:
    blueprint.register_error_handler(_refusal, _handler)
