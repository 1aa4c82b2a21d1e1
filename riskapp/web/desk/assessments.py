"""All assessments at a glance, and one of them with everything that can be done to it."""

from collections.abc import Sequence

from flask import render_template, request, url_for

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.answers.queries import answers, values
from riskapp.assessments.queries import (
    PAGE,
    AssessmentRow,
    Filter,
    assessments,
    counts,
    grants_of_vendor,
    releases,
)
from riskapp.assessments.requests import count_waiting
from riskapp.assessments.rules import ENDED, REVIEWABLE, WITH_VENDOR, State
from riskapp.catalogue.model import Release
from riskapp.core.db import reading
from riskapp.core.errors import NotFound
from riskapp.custody.retention import erased
from riskapp.invites.queries import invitations
from riskapp.packs.queries import made
from riskapp.reviews.queries import decision
from riskapp.scoring.queries import receipts, score
from riskapp.submissions.queries import SubmissionRow, asked_questions, submissions
from riskapp.vendors.queries import contacts
from riskapp.vendors.rules import Tier
from riskapp.web.desk.blueprint import blueprint
from riskapp.web.desk.common import Errors, cursor, known_assessment, last, now, time_cursor
from riskapp.web.desk.forms import DueForm, EmailForm, ReasonForm
from riskapp.web.guard import requires
from riskapp.web.ports import ports
from riskapp.web.scorecard import Card, card, submitted

NEWEST_PACKS = 5
"""So many stand on the page of an assessment; a page of their own lists all."""
Typed = DueForm | EmailForm | ReasonForm


@blueprint.route("/assessments", methods=["GET"], endpoint="assessments")
@requires(Permission.ASSESSMENT_READ)
def listing(person: SignedIn) -> str:  # noqa: ARG001 - every view of the desk is somebody's
    chosen = _filter()
    by_state, by_tier = counts(reading())
    rows = assessments(reading(), chosen, before=time_cursor(request.args.get("before")))
    end = last(rows, PAGE)
    return render_template(
        "desk/assessments.html",
        rows=rows,
        chosen=chosen,
        by_state={state: by_state.get(state, 0) for state in State},
        by_tier={tier: by_tier.get(tier, 0) for tier in Tier},
        total=sum(by_state.values()),
        today=now().date(),
        waiting=count_waiting(reading()),
        next_href=end
        and url_for(
            "desk.assessments",
            state=chosen.state,
            tier=chosen.tier,
            before=cursor(end.created_at, end.id),
        ),
    )


def _filter() -> Filter:
    """What the URL asks for. Raises NotFound for a state or tier that there is not."""
    state, tier = request.args.get("state"), request.args.get("tier")
    try:
        return Filter(State(state) if state else None, Tier(tier).value if tier else None)
    except ValueError:
        raise NotFound from None


@blueprint.route("/assessments/<assessment_id>", methods=["GET"], endpoint="assessment")
@requires(Permission.ASSESSMENT_READ)
def one(person: SignedIn, assessment_id: str) -> str:  # noqa: ARG001 - as above
    return overview(assessment_id)


def overview(assessment_id: str, errors: Errors | None = None, **typed: Typed) -> str:
    """An assessment's page; `typed` are forms that were refused, by name. Raises NotFound."""
    row = known_assessment(assessment_id)
    session = reading()
    sent = releases(session, ports().library, row.id)
    given = answers(session, row.id)
    asked = asked_questions(sent, row.facts, values(given))
    known = contacts(session, row.vendor_id)
    today = now().date()
    fresh: dict[str, Typed] = {
        "issue": EmailForm(
            formdata=None, prefix="issue", data={"email": known[0].email if known else ""}
        ),
        "link": EmailForm(formdata=None, prefix="link"),
        "extend": DueForm(formdata=None, prefix="extend", data={"due": row.due}),
        "cancel": ReasonForm(formdata=None, prefix="cancel"),
        "back": DueForm(formdata=None, prefix="back", data={"due": max(row.due, today)}),
    }
    came = submissions(session, row.id)
    return render_template(
        "desk/assessment.html",
        assessment=row,
        releases=sent,
        asked=len(asked),
        answered=sum(
            1 for _, _, one in asked if (answer := given.get(one.id)) is not None and answer.given
        ),
        asked_back=[name for name, answer in given.items() if answer.asked_back],
        invitations=invitations(session, row.id),
        contacts=known,
        submissions=came,
        receipts=receipts(session, row.id),
        packs=made(session, row.vendor_id, row.id, limit=NEWEST_PACKS),
        card=_card(row, sent, came),
        decision=decision(session, row.id),
        erased=erased(session, row.id),
        grants=[
            grant
            for grant in grants_of_vendor(session, row.vendor_id, today=today)
            if grant.assessment_id in (None, row.id)
        ],
        with_vendor=row.state in WITH_VENDOR,
        reviewable=row.state in REVIEWABLE,
        ended=row.state in ENDED,
        today=today,
        errors=errors or {},
        forms=fresh | typed,
    )


def _card(
    row: AssessmentRow, sent: Sequence[Release], came: Sequence[SubmissionRow]
) -> Card | None:
    found = score(reading(), row.id)
    if found is None:
        return None
    then = submitted(reading(), row.id, came, found.row.submission)
    return card(
        found, sent, {name: one.value for name, one in then.items() if one.value is not None}
    )
