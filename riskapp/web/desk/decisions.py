"""Ending an assessment with a decision, and taking the pack away."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.assessments.rules import REVIEWABLE
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused
from riskapp.reviews.errors import AskedBackPending, LegalBlock
from riskapp.reviews.queries import decision as made
from riskapp.reviews.rules import Outcome
from riskapp.reviews.service import decide
from riskapp.web.desk.answers import came_in
from riskapp.web.desk.blueprint import blueprint
from riskapp.web.desk.common import Errors, known_assessment, refused, reviewer, text
from riskapp.web.desk.forms import DecisionForm
from riskapp.web.guard import requires
from riskapp.web.words import OUTCOMES

Page = str | Response | tuple[str, int]


@blueprint.route("/assessments/<assessment_id>/decision", methods=["GET", "POST"])
@requires(Permission.ASSESSMENT_DECIDE)
def decision(person: SignedIn, assessment_id: str) -> Page:
    form = DecisionForm()
    if request.method == "GET":
        return _page(assessment_id, form, {})
    try:
        outcome = _outcome(form)
        decide(
            assessment_id,
            outcome,
            reviewer(person),
            reasons=text(form.reasons),
            conditions=text(form.conditions),
        )
    except FieldRefused as error:
        return _page(assessment_id, form, refused(error)), 422
    except LegalBlock as error:
        return _page(assessment_id, form, {"outcome": _blocked(error)}), 409
    except AskedBackPending as error:
        return _page(assessment_id, form, {"": _pending(error)}), 409
    flash(f"The assessment is decided: {OUTCOMES[outcome].lower()}.", "success")
    return redirect(url_for("desk.assessment", assessment_id=assessment_id), 303)


def _outcome(form: DecisionForm) -> Outcome:
    if text(form.outcome) not in set(Outcome):
        raise FieldRefused("outcome", "Choose one of the decisions.")
    return Outcome(text(form.outcome))


def _blocked(error: LegalBlock) -> str:
    return (
        f"It cannot be approved while {', '.join(error.items)} fails: the law requires it. "
        "Reject, or ask the vendor back."
    )


def _pending(error: AskedBackPending) -> str:
    return (
        f"Nothing was decided: {', '.join(error.questions)} is marked to be asked back, and not "
        "sent. Send the questions back, or undo the marks first."
    )


def _page(assessment_id: str, form: DecisionForm, errors: Errors) -> str:
    came = came_in(known_assessment(assessment_id))
    return render_template(
        "desk/decision.html",
        assessment=came.row,
        card=came.card,
        decision=made(reading(), assessment_id),
        reviewable=came.row.state in REVIEWABLE,
        asked_back=sorted(name for name, one in came.answers.items() if one.asked_back),
        outcomes=[
            (outcome.value, OUTCOMES[outcome])
            for outcome in Outcome
            if outcome is Outcome.REJECT or not (came.card and came.card.blocked)
        ],
        form=form,
        errors=errors,
    )
