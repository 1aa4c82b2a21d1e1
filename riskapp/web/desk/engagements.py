"""What is bought, the intake's ten questions about it, and the risk that they give."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn, names
from riskapp.assessments.queries import AssessmentRow, Filter, assessments
from riskapp.assessments.rules import ENDED
from riskapp.catalogue.answers import AnswerRefused, in_words, read_form
from riskapp.catalogue.model import Release
from riskapp.core import countries
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused
from riskapp.scoring.adopting import scheme_now
from riskapp.scoring.intakes import answer_intake
from riskapp.scoring.rules import shown
from riskapp.vendors.intake import SERVICES, UNKNOWN, factors, facts
from riskapp.vendors.queries import IntakeRow, engagement, intake, vendor
from riskapp.vendors.rules import INHERENT_BOUNDS, contributions, inherent_score
from riskapp.vendors.service import (
    SERVICE_TYPES,
    EngagementDetails,
    add_engagement,
    edit_engagement,
    end_engagement,
    resume_engagement,
)
from riskapp.web.desk.blueprint import blueprint
from riskapp.web.desk.choosing import proposed, said
from riskapp.web.desk.common import Errors, actor, existing, now, refused, text
from riskapp.web.desk.forms import EngagementForm
from riskapp.web.desk.reassessing import again, overtaken
from riskapp.web.guard import requires
from riskapp.web.ports import ports
from riskapp.web.scorecard import edges

Page = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Contribution:
    """One intake answer: in words, the points it adds (0…100), and the floor it holds."""

    id: str
    text: str
    answer: str
    points: str
    floor: str


@blueprint.route("/vendors/<vendor_id>/engagements/new", methods=["GET", "POST"])
@requires(Permission.VENDOR_EDIT)
def new_engagement(person: SignedIn, vendor_id: str) -> Page:
    row = existing(vendor(reading(), vendor_id))
    form = EngagementForm()
    if request.method == "GET":
        return _form_page(form, {}, vendor_id=vendor_id, vendor_name=row.name)
    try:
        made = add_engagement(vendor_id, _details(form), actor=actor(person), now=now())
    except FieldRefused as error:
        page = _form_page(form, refused(error), vendor_id=vendor_id, vendor_name=row.name)
        return page, 422
    flash("The engagement is registered. Next: the ten questions of the intake.", "success")
    return redirect(url_for("desk.intake", engagement_id=made), 303)


@blueprint.route(
    "/engagements/<engagement_id>/edit", methods=["GET", "POST"], endpoint="edit_engagement"
)
@requires(Permission.VENDOR_EDIT)
def edit(person: SignedIn, engagement_id: str) -> Page:
    row = existing(engagement(reading(), engagement_id))
    more = {"vendor_id": row.vendor_id, "vendor_name": row.vendor_name, "engagement": row}
    fields = ("title", "description", "services", "delivered_from")
    form = EngagementForm(data={name: getattr(row, name) for name in fields})
    if request.method == "GET":
        return _form_page(form, {}, **more)
    try:
        edit_engagement(engagement_id, _details(form), actor=actor(person), now=now())
    except FieldRefused as error:
        return _form_page(form, refused(error), **more), 422
    flash("The engagement's details are saved.", "success")
    return redirect(url_for("desk.engagement", engagement_id=engagement_id), 303)


def _details(form: EngagementForm) -> EngagementDetails:
    return EngagementDetails(
        text(form.title),
        text(form.description),
        form.services.data or [],
        [code for code in form.delivered_from.data or [] if code],
    )


def _form_page(form: EngagementForm, errors: Errors, **more: object) -> str:
    return render_template(
        "desk/engagement_form.html",
        form=form,
        errors=errors,
        countries=countries.all_countries(),
        service_types=SERVICE_TYPES,
        **more,
    )


@blueprint.route("/engagements/<engagement_id>", methods=["GET"], endpoint="engagement")
@requires(Permission.VENDOR_READ)
def one(person: SignedIn, engagement_id: str) -> str:  # noqa: ARG001 - every view is somebody's
    session = reading()
    row = existing(engagement(session, engagement_id))
    answered = intake(session, engagement_id)
    by = names(session, {answered.saved_by} if answered and answered.saved_by else set())
    asked = assessments(session, Filter(engagement_id=engagement_id))
    scheme, today = scheme_now(session), now().date()
    return render_template(
        "desk/engagement.html",
        engagement=row,
        residual_bounds=edges(scheme.constants.bounds),
        again=again(row, scheme, today),
        open_cycles=[one for one in asked if one.state not in ENDED],
        intake=answered,
        saved_by=by.get((answered and answered.saved_by) or "", "the command line"),
        bounds=edges(INHERENT_BOUNDS),
        **(_rated(answered, asked) if answered else {}),
        assessments=asked,
        today=today,
    )


def _rated(answered: IntakeRow, asked: Sequence[AssessmentRow]) -> dict[str, Any]:
    """How the answers add up, and what they call for."""
    release = ports().library.intake(answered.release_sha256)
    known = facts(release, answered.answers)
    found = factors(release, answered.answers)
    points = contributions(found)
    floors = {name: factor.floor for name, factor in found.items() if factor.floor is not None}
    total = sum(points.values(), Fraction(0))
    return {
        "lines": [
            Contribution(
                question.id,
                question.text,
                in_words(question, answered.answers.get(question.id, UNKNOWN)),
                shown(points[question.id]) if question.id in points else "",
                shown(floors[question.id]) if question.id in floors else "",
            )
            for question in release.questions.values()
        ],
        "sum_shown": shown(total),
        "score_shown": shown(inherent_score(found)),
        "held_by": [name for name, floor in floors.items() if floor > total],
        "proposed": proposed(known),
        "overtaken": overtaken(asked, known),
        "said": said,
    }


@blueprint.route("/engagements/<engagement_id>/end", methods=["POST"], endpoint="end_engagement")
@requires(Permission.VENDOR_EDIT)
def end(person: SignedIn, engagement_id: str) -> Response:
    end_engagement(engagement_id, actor=actor(person), now=now())
    flash("The engagement has ended. It counts no more for the vendor.", "success")
    return redirect(url_for("desk.engagement", engagement_id=engagement_id), 303)


@blueprint.route(
    "/engagements/<engagement_id>/resume", methods=["POST"], endpoint="resume_engagement"
)
@requires(Permission.VENDOR_EDIT)
def resume(person: SignedIn, engagement_id: str) -> Response:
    resume_engagement(engagement_id, actor=actor(person), now=now())
    flash("The engagement goes on. It counts for the vendor as it was scored last.", "success")
    return redirect(url_for("desk.engagement", engagement_id=engagement_id), 303)


@blueprint.route("/engagements/<engagement_id>/intake", methods=["GET", "POST"], endpoint="intake")
@requires(Permission.VENDOR_EDIT)
def fill_in_intake(person: SignedIn, engagement_id: str) -> Page:
    row = existing(engagement(reading(), engagement_id))
    library = ports().library
    release = library.current.intake
    if request.method == "GET":
        before = intake(reading(), engagement_id)
        values = before.answers if before else {SERVICES: row.services}
        return render_template(
            "desk/intake.html", engagement=row, release=release, values=values, errors={}
        )
    values, errors = _read(release, request.form.to_dict(flat=False))
    if not errors:
        try:
            answer_intake(library, engagement_id, values, actor=actor(person), now=now())
        except FieldRefused as error:
            errors = {f"q-{error.field}-value": error.message}
    if errors:
        page = render_template(
            "desk/intake.html", engagement=row, release=release, values=values, errors=errors
        )
        return page, 422
    flash("The intake is saved. Below: the inherent risk, and what it calls for.", "success")
    return redirect(url_for("desk.engagement", engagement_id=engagement_id), 303)


def _read(release: Release, fields: Mapping[str, Sequence[str]]) -> tuple[dict[str, Any], Errors]:
    """The form's answers, and what is wrong or open, all of it at once."""
    values: dict[str, Any] = {}
    errors: Errors = {}
    for question in release.questions.values():
        at = f"q-{question.id}-"
        own = {
            name.removeprefix(at): texts for name, texts in fields.items() if name.startswith(at)
        }
        try:
            values[question.id] = read_form(question, own)
        except AnswerRefused as error:
            errors[f"{at}value"] = error.problem
            continue
        if values[question.id] in (None, []):
            way_out = ", or choose “Not known”" if question.factor is not None else ""
            errors[f"{at}value"] = f"Answer {question.id}{way_out}."
    return values, errors
