"""The audit trail of an assessment, in words."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn, names
from riskapp.audit.queries import PAGE, EventRow, of_assessment
from riskapp.core.db import reading
from riskapp.invites.queries import invitations
from riskapp.web.desk.blueprint import blueprint
from riskapp.web.desk.common import known_assessment, last, number
from riskapp.web.desk.words import event_in_words
from riskapp.web.guard import requires
from riskapp.web.words import written_time


@dataclass(frozen=True, slots=True)
class Told:
    """One event as the timeline shows it."""

    what: str
    who: str
    when: str
    iso: str


@blueprint.route("/assessments/<assessment_id>/history", methods=["GET"])
@requires(Permission.ASSESSMENT_READ)
def history(person: SignedIn, assessment_id: str) -> str:  # noqa: ARG001 - all are somebody's
    session, row = reading(), known_assessment(assessment_id)
    events = of_assessment(session, assessment_id, before=number(request.args.get("before")))
    people = names(session, {_id(event) for event in events if event.actor_kind == "person"})
    links = {one.id: one.email for one in invitations(session, assessment_id)}
    end = last(events, PAGE)
    return render_template(
        "desk/history.html",
        assessment=row,
        events=_told(events, people, links),
        next_href=end and url_for("desk.history", assessment_id=assessment_id, before=end.id),
    )


def _id(event: EventRow) -> str:
    return event.actor_id or ""


def _told(
    events: Sequence[EventRow], people: Mapping[str, str], links: Mapping[str, str]
) -> list[Told]:
    found = []
    for event in events:
        body: dict[str, Any] = json.loads(event.body)
        who = {
            "person": people.get(_id(event), "somebody who is gone"),
            "respondent": f"the respondent at {links.get(_id(event)) or 'an older link'}",
        }.get(event.actor_kind, "riskapp")
        found.append(
            Told(
                event_in_words(event.type, body), who, written_time(event.at), event.at.isoformat()
            )
        )
    return found
