"""Sending an assessment out: what is asked, by when, and whose link it is."""

from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.assessments.errors import IntakeMissing
from riskapp.assessments.queries import next_cycle
from riskapp.assessments.service import Plan, cancel, draft, extend
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused
from riskapp.invites.service import Issued, issue, issue_another, revoke
from riskapp.invites.service import issue_draft as send_draft
from riskapp.vendors.errors import EngagementEnded
from riskapp.vendors.intake import facts
from riskapp.vendors.queries import EngagementRow, contacts, engagement, intake
from riskapp.web.desk.assessments import overview
from riskapp.web.desk.blueprint import blueprint
from riskapp.web.desk.choosing import Choice, choice
from riskapp.web.desk.common import (
    Errors,
    actor,
    day,
    existing,
    known_assessment,
    now,
    refused,
    text,
)
from riskapp.web.desk.forms import DueForm, EmailForm, IssueForm, ReasonForm
from riskapp.web.desk.mailing import link_of, mail_link
from riskapp.web.guard import requires
from riskapp.web.ports import ports

LONGEST_CYCLE = 9
USUAL_DUE = timedelta(days=21)
COUNT = "count"
"""The button that only tells what the choice comes to."""

Page = str | Response | tuple[str, int]


@blueprint.route("/engagements/<engagement_id>/assessments/new", methods=["GET", "POST"])
@requires(Permission.ASSESSMENT_ISSUE)
def new_assessment(person: SignedIn, engagement_id: str) -> Page:
    row = existing(engagement(reading(), engagement_id))
    if row.ended_at is not None:
        raise EngagementEnded(engagement_id)
    known = _facts(row)
    if request.method == "GET":
        return _form_page(row, choice(known), IssueForm(data=_usual(row)), {})
    form, chosen = IssueForm(), choice(known)
    library, by = ports().library, actor(person)
    try:
        chosen = choice(known, request.form)
        if text(form.then) == COUNT:
            return _form_page(row, chosen, form, {})
        plan = Plan(
            chosen.releases,
            day(form.due, "the due date"),
            text(form.reason),
            _cycle(form),
            chosen.questions,
        )
        if text(form.then) == "draft":
            made = draft(library, engagement_id, plan, actor=by, now=now())
            flash("The assessment is saved as a draft. Nobody was told.", "success")
            return redirect(url_for("desk.assessment", assessment_id=made), 303)
        issued = issue(library, engagement_id, plan, email=text(form.email), actor=by, now=now())
    except FieldRefused as error:
        return _form_page(row, chosen, form, refused(error)), 422
    return _link_page(issued)


def _cycle(form: IssueForm) -> int | None:
    """The cycle that the form was made for, so that sending it twice draws up one assessment."""
    written = text(form.cycle)
    return int(written) if written.isdecimal() and len(written) < LONGEST_CYCLE else None


def _facts(row: EngagementRow) -> dict[str, Any]:
    answered = intake(reading(), row.id)
    if answered is None:
        raise IntakeMissing(row.id)
    return facts(ports().library.intake(answered.release_sha256), answered.answers)


def _usual(row: EngagementRow) -> dict[str, object]:
    known = contacts(reading(), row.vendor_id)
    return {
        "due": now().date() + USUAL_DUE,
        "email": known[0].email if known else "",
        "cycle": next_cycle(reading(), row.id),
    }


def _form_page(row: EngagementRow, chosen: Choice, form: IssueForm, errors: Errors) -> str:
    return render_template(
        "desk/issue.html",
        engagement=row,
        form=form,
        errors=errors,
        choice=chosen,
        contacts=contacts(reading(), row.vendor_id),
        today=now().date(),
    )


def _link_page(issued: Issued) -> str:
    """The only page that ever shows this link; it is the answer to the POST that made it."""
    row = known_assessment(issued.assessment_id)
    delivery = mail_link(issued, row)
    return render_template(
        "desk/link.html",
        assessment=row,
        email=issued.email,
        link=link_of(issued),
        delivery=delivery,
    )


@blueprint.route("/assessments/<assessment_id>/issue", methods=["POST"])
@requires(Permission.ASSESSMENT_ISSUE)
def issue_draft(person: SignedIn, assessment_id: str) -> Page:
    form = EmailForm(prefix="issue")
    try:
        issued = send_draft(assessment_id, email=text(form.email), actor=actor(person), now=now())
    except FieldRefused as error:
        prefix = "extend-" if error.field == "due" else "issue-"  # a draft's day may have passed
        return overview(assessment_id, refused(error, prefix), issue=form), 422
    return _link_page(issued)


@blueprint.route("/assessments/<assessment_id>/links", methods=["POST"])
@requires(Permission.ASSESSMENT_ISSUE)
def another_link(person: SignedIn, assessment_id: str) -> Page:
    form = EmailForm(prefix="link")
    try:
        issued = issue_another(
            assessment_id,
            email=text(form.email),
            replace=text(form.replace) == "yes",
            actor=actor(person),
            now=now(),
        )
    except FieldRefused as error:
        return overview(assessment_id, refused(error, "link-"), link=form), 422
    return _link_page(issued)


@blueprint.route("/assessments/<assessment_id>/links/<invitation_id>/revoke", methods=["POST"])
@requires(Permission.ASSESSMENT_ISSUE)
def revoke_link(person: SignedIn, assessment_id: str, invitation_id: str) -> Response:
    revoke(invitation_id, assessment_id=assessment_id, actor=actor(person), now=now())
    flash("The link is revoked. It opens nothing any more, nor does any browser that used it.")
    return redirect(url_for("desk.assessment", assessment_id=assessment_id), 303)


@blueprint.route("/assessments/<assessment_id>/extend", methods=["POST"])
@requires(Permission.ASSESSMENT_ISSUE)
def extend_due(person: SignedIn, assessment_id: str) -> Page:
    form = DueForm(prefix="extend")
    try:
        due = day(form.due, "the new due date")
        extend(assessment_id, due, actor=actor(person), now=now())
    except FieldRefused as error:
        return overview(assessment_id, refused(error, "extend-"), extend=form), 422
    flash("The due date is changed. The links stay the same.", "success")
    return redirect(url_for("desk.assessment", assessment_id=assessment_id), 303)


@blueprint.route("/assessments/<assessment_id>/cancel", methods=["POST"])
@requires(Permission.ASSESSMENT_ISSUE)
def cancel_assessment(person: SignedIn, assessment_id: str) -> Page:
    form = ReasonForm(prefix="cancel")
    try:
        cancel(assessment_id, text(form.reason), actor=actor(person), now=now())
    except FieldRefused as error:
        return overview(assessment_id, refused(error, "cancel-"), cancel=form), 422
    flash("The assessment is cancelled. Its links open nothing any more.")
    return redirect(url_for("desk.assessment", assessment_id=assessment_id), 303)
