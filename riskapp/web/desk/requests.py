"""What auditors ask to see beside what is granted, and the officers' answers."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.accounts.queries import person as person_by_id
from riskapp.assessments.errors import AlreadyAnswered
from riskapp.assessments.grants import LONGEST_PURPOSE
from riskapp.assessments.queries import AssessmentRow, Filter, assessments
from riskapp.assessments.requests import (
    LONGEST_ANSWER,
    PAGE,
    RequestRow,
    answer_request,
    count_waiting,
    grant_request,
    request_by_id,
    requests,
)
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused
from riskapp.web.desk.blueprint import blueprint
from riskapp.web.desk.common import (
    Errors,
    actor,
    cursor,
    existing,
    last,
    now,
    refused,
    text,
    time_cursor,
)
from riskapp.web.desk.forms import AnswerForm, RequestGrantForm
from riskapp.web.desk.grants import fresh, told, wished
from riskapp.web.desk.mailing import mail_answered
from riskapp.web.guard import requires
from riskapp.web.posting import Delivery

IN_WORDS = "words"
"""The prefix of the form that answers without granting anything."""

MAILED = {
    Delivery.SENT: "The auditor was told by mail.",
    Delivery.FAILED: "The mail server did not take the mail to the auditor.",
    Delivery.NO_SERVER: "The auditor reads the answer when signing in.",
}


@blueprint.route("/requests", methods=["GET"], endpoint="requests")
@requires(Permission.GRANT_GIVE)
def listing(person: SignedIn) -> str:  # noqa: ARG001 - every view of the desk is somebody's
    answered = request.args.get("show") == "answered"
    before = time_cursor(request.args.get("before"))
    rows = requests(reading(), answered=answered, before=before)
    end = last(rows, PAGE)
    return render_template(
        "desk/requests.html",
        rows=rows,
        answered=answered,
        waiting=count_waiting(reading()),
        next_href=end
        and url_for(
            "desk.requests",
            show="answered" if answered else None,
            before=cursor(end.asked_at, end.id),
        ),
    )


@blueprint.route("/requests/<request_id>", methods=["GET"], endpoint="request")
@requires(Permission.GRANT_GIVE)
def one(person: SignedIn, request_id: str) -> str:  # noqa: ARG001 - as above
    return _page(request_id)


def _page(
    request_id: str,
    errors: Errors | None = None,
    *,
    grant: RequestGrantForm | None = None,
    words: AnswerForm | None = None,
) -> str:
    row = existing(request_by_id(reading(), request_id))
    return render_template(
        "desk/request.html",
        row=row,
        assessments=_of_vendor(row),
        errors=errors or {},
        grant=grant or RequestGrantForm(formdata=None, data=_proposed(row)),
        words=words or AnswerForm(formdata=None, prefix=IN_WORDS),
        today=now().date(),
        longest=LONGEST_ANSWER,
    )


def _of_vendor(row: RequestRow) -> Sequence[AssessmentRow]:
    """What of the vendor can be granted by itself: the newest, and what was asked for."""
    if row.vendor_id is None or row.answered_at is not None:
        return ()
    return assessments(reading(), Filter(vendor_id=row.vendor_id))


def _proposed(row: RequestRow) -> dict[str, object]:
    """The request as a grant, for the officer to narrow."""
    purpose = " ".join(row.wish.split())[:LONGEST_PURPOSE]
    return {**fresh(), "assessment": row.assessment_id or "", "purpose": purpose}


@blueprint.route("/requests/<request_id>/grant", methods=["POST"], endpoint="grant_request")
@requires(Permission.GRANT_GIVE)
def grant_it(person: SignedIn, request_id: str) -> Response | tuple[str, int]:
    row, form = existing(request_by_id(reading(), request_id)), RequestGrantForm()
    try:
        wish = wished(form, row.person_id, row.vendor_id)
        grant_request(request_id, wish, text(form.answer), actor=actor(person), now=now())
    except FieldRefused as error:
        return _page(request_id, refused(error), grant=form), 422
    except AlreadyAnswered:
        return _too_late(request_id)
    flash(f"{told(wish)} {_mailed(row)}", "success")
    return redirect(url_for("desk.request", request_id=request_id), 303)


@blueprint.route("/requests/<request_id>/answer", methods=["POST"], endpoint="answer_request")
@requires(Permission.GRANT_GIVE)
def answer_in_words(person: SignedIn, request_id: str) -> Response | tuple[str, int]:
    row = existing(request_by_id(reading(), request_id))
    form = AnswerForm(prefix=IN_WORDS)
    try:
        answer_request(request_id, text(form.answer), actor=actor(person), now=now())
    except FieldRefused as error:
        return _page(request_id, refused(error, f"{IN_WORDS}-"), words=form), 422
    except AlreadyAnswered:
        return _too_late(request_id)
    flash(f"The request is answered. {_mailed(row)}", "success")
    return redirect(url_for("desk.request", request_id=request_id), 303)


def _too_late(request_id: str) -> Response:
    flash(
        "Nothing was changed: this request was answered already. The form was sent twice, or a "
        "colleague was faster; the answer stands below.",
        "error",
    )
    return redirect(url_for("desk.request", request_id=request_id), 303)


def _mailed(row: RequestRow) -> str:
    auditor = person_by_id(reading(), row.person_id)
    if auditor is None or not auditor.active:
        return "The auditor's account is closed."
    return MAILED[mail_answered(auditor.email)]
