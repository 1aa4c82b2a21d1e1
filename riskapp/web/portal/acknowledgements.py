"""What the vendor keeps: what was submitted and when, with digests; nothing of the score."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

from flask import url_for
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission
from riskapp.core.db import reading
from riskapp.core.errors import NotFound
from riskapp.invites.queries import OpenedInvitation, Standing
from riskapp.reviews.sharing import sharing
from riskapp.submissions.queries import SubmissionRow, submissions
from riskapp.web.guard import LinkClosed, requires
from riskapp.web.portal.blueprint import blueprint
from riskapp.web.portal.page import page, settle_for, today


@blueprint.route("/p/<invitation_id>/acknowledgement", methods=["GET"])
@requires(Permission.SUBMITTED)
def acknowledgement(invitation: OpenedInvitation) -> str:
    not_ended(invitation)
    return acknowledgement_page(
        invitation,
        lambda number: url_for(
            "portal.acknowledgement_file", invitation_id=invitation.id, number=number
        ),
        url_for("portal.result", invitation_id=invitation.id),
    )


@blueprint.route("/p/<invitation_id>/acknowledgement/<int:number>.json", methods=["GET"])
@requires(Permission.SUBMITTED)
def acknowledgement_file(invitation: OpenedInvitation, number: int) -> Response:
    not_ended(invitation)
    return acknowledgement_file_of(invitation, number)


def not_ended(invitation: OpenedInvitation) -> None:
    """Raises LinkClosed where what was sent in is not shown any more."""
    standing = invitation.standing(today())
    if standing in {Standing.REVOKED, Standing.CANCELLED}:
        raise LinkClosed(invitation, standing)


def acknowledgement_page(
    invitation: OpenedInvitation, file_url: Callable[[int], str], result_url: str
) -> str:
    """Every acknowledgement, newest first, and the way to the result where it is shared.

    Raises NotFound before the first submission.
    """
    if invitation.erased_at is not None:
        settle_for(invitation)
        return page("portal/erased.html", invitation)
    rows = submissions(reading(), invitation.assessment_id)
    if not rows:
        raise NotFound
    settle_for(invitation)
    shown = [(row, _contents(row), file_url(row.number)) for row in reversed(rows)]
    is_shared = sharing(reading(), invitation.assessment_id) is not None
    return page(
        "portal/acknowledgement.html",
        invitation,
        acknowledgements=shown,
        result_url=result_url if is_shared else "",
    )


def _contents(row: SubmissionRow) -> dict[str, Any]:
    """What the file says, its days as days."""
    contents: dict[str, Any] = json.loads(row.acknowledgement)
    for file in contents["evidence"]:
        file["issued_on"] = date.fromisoformat(file["issued_on"])
    return contents


def acknowledgement_file_of(invitation: OpenedInvitation, number: int) -> Response:
    """The exact text that was stored, whose digest the page shows. Raises NotFound."""
    for row in submissions(reading(), invitation.assessment_id):
        if row.number == number:
            response = Response(row.acknowledgement, mimetype="application/json")
            response.headers.set(
                "Content-Disposition", "attachment", filename=f"acknowledgement-{number}.json"
            )
            return response
    raise NotFound
