"""Sending an assessment out: what is asked, by when, and whose link it is."""

from collections.abc import Sequence
from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.assessments.errors import IntakeMissing
from riskapp.assessments.queries import next_cycle
from riskapp.assessments.service import Plan, cancel, draft, extend
from riskapp.catalogue.model import Release
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused
from riskapp.invites.service import Issued, issue, issue_another, revoke
from riskapp.invites.service import issue_draft as send_draft
from riskapp.vendors.intake import facts
from riskapp.vendors.queries import EngagementRow, contacts, engagement, intake
from riskapp.web.desk.assessments import overview
from riskapp.web.desk.blueprint import blueprint
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
from riskapp.web.desk.engagements import Proposed, proposal
from riskapp.web.desk.forms import DueForm, EmailForm, IssueForm, ReasonForm
from riskapp.web.desk.mailing import link_of, mail_link
from riskapp.web.guard import requires
from riskapp.web.ports import ports

LONGEST_CYCLE = 9
USUAL_DUE = timedelta(days=21)

Page = str | Response | tuple[str, int]


@blueprint.route("/engagements/<engagement_id>/assessments/new", methods=["GET", "POST"])
@requires(Permission.ASSESSMENT_ISSUE)
def new_assessment(person: SignedIn, engagement_id: str) -> Page:
    row = existing(engagement(reading(), engagement_id))
    proposed = _proposed(row)
    form = IssueForm(data=_usual(row, proposed) if request.method == "GET" else None)
    if request.method == "GET":
        return _form_page(row, proposed, form, {})
    library, by = ports().library, actor(person)
    try:
        plan = Plan(
            _chosen(form, proposed), day(form.due, "the due date"), text(form.reason), _cycle(form)
        )
        if text(form.then) == "draft":
            made = draft(library, engagement_id, plan, actor=by, now=now())
            flash("The assessment is saved as a draft. Nobody was told.", "success")
            return redirect(url_for("desk.assessment", assessment_id=made), 303)
        issued = issue(library, engagement_id, plan, email=text(form.email), actor=by, now=now())
    except FieldRefused as error:
        return _form_page(row, proposed, form, refused(error)), 422
    return _link_page(issued)


def _cycle(form: IssueForm) -> int | None:
    """The cycle that the form was made for, so that sending it twice draws up one assessment."""
    written = text(form.cycle)
    return int(written) if written.isdecimal() and len(written) < LONGEST_CYCLE else None


def _proposed(row: EngagementRow) -> Sequence[Proposed]:
    answered = intake(reading(), row.id)
    if answered is None:
        raise IntakeMissing(row.id)
    return proposal(facts(ports().library.current.intake, answered.answers))


def _usual(row: EngagementRow, proposed: Sequence[Proposed]) -> dict[str, object]:
    known = contacts(reading(), row.vendor_id)
    return {
        "questionnaires": [one.key for one in proposed if one.key],
        "due": now().date() + USUAL_DUE,
        "email": known[0].email if known else "",
        "cycle": next_cycle(reading(), row.id),
    }


def _offered(proposed: Sequence[Proposed]) -> list[Release]:
    """Every release that a vendor can be asked: the proposed ones first, in their order."""
    found = [one for one in ports().library.current.releases if one.audience == "vendor"]
    newest_first = sorted(found, key=lambda one: one.number, reverse=True)
    order = {one.key: at for at, one in enumerate(proposed)}
    return sorted(newest_first, key=lambda one: (order.get(one.key, len(order)), one.id))


def _chosen(form: IssueForm, proposed: Sequence[Proposed]) -> list[Release]:
    """The ticked releases. Raises FieldRefused for two of one questionnaire, and unknown ones."""
    offered = {release.key: release for release in _offered(proposed)}
    keys = form.questionnaires.data or []
    if not set(keys) <= set(offered):
        raise FieldRefused("questionnaires", "Choose questionnaires from the list.")
    releases = [release for key, release in offered.items() if key in keys]
    if len({release.id for release in releases}) < len(releases):
        raise FieldRefused("questionnaires", "Choose one release of each questionnaire, not two.")
    return releases


def _form_page(
    row: EngagementRow, proposed: Sequence[Proposed], form: IssueForm, errors: Errors
) -> str:
    return render_template(
        "desk/issue.html",
        engagement=row,
        form=form,
        errors=errors,
        offered=_offered(proposed),
        why={one.key: one.why for one in proposed if one.key},
        missing=[one for one in proposed if not one.key],
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
