"""Every place where a person's word took the place of a rule, across the portfolio, in one list."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, render_template, request, url_for
from sqlalchemy.orm import Session

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn, people
from riskapp.audit.history import Entry, Wanted, entries
from riskapp.audit.queries import PAGE
from riskapp.core.db import reading
from riskapp.core.errors import NotFound
from riskapp.reviews.in_force import Override, Standing, standings
from riskapp.web.desk.blueprint import blueprint
from riskapp.web.desk.common import now
from riskapp.web.desk.history import MOST_PEOPLE, Asked, narrowed, read_asked
from riskapp.web.desk.history_tables import rows_behind, table
from riskapp.web.desk.telling import Told, tell
from riskapp.web.guard import requires
from riskapp.web.paging import last, number

KINDS = {
    "not-applicable": ("Not applicable", ("review:approve-na", "review:refuse-na")),
    "compensating": ("Compensating control", ("review:compensate",)),
    "independent": ("Evidence taken as independent", ("review:evidence-independent",)),
    "undone": ("Review undone", ("review:undo",)),
    "conditions": ("Approved with conditions", ("decision:make",)),
    "chosen": ("Asked otherwise than proposed", ("assessment:draft",)),
    "adequacy": ("Adequacy", ("transfer-override:make", "transfer-override:withdraw")),
    "scheme": ("Scoring scheme", ("scheme:adopt",)),
}
"""What a person can override, in words, and the events that do it."""

ONLY_WHERE = {
    "decision:make": '"outcome":"approve-with-conditions"',
    "assessment:draft": '"reason":"',
}
"""Other decisions follow the rules; other assessments ask what was proposed."""

STANDINGS = {
    Standing.STANDS: "In force",
    Standing.UNDONE: "Undone",
    Standing.REPLACED: "Replaced by a later word",
    Standing.OVERTAKEN: "Overtaken: what it was about is another one now",
    Standing.CANCELLED: "Cancelled with its assessment",
    Standing.ERASED: "Not known: its review was erased",
    Standing.PASSING: "Done",
}

COLUMNS = (
    "event",
    "number",
    "time_utc",
    "kind",
    "actor_id",
    "actor",
    "vendor_id",
    "vendor",
    "assessment_id",
    "assessment",
    "question",
    "in_words",
    "words",
    "standing",
)


@dataclass(frozen=True, slots=True)
class Listed:
    told: Told
    kind: str
    standing: Standing

    @property
    def stands(self) -> str:
        return STANDINGS[self.standing]


@blueprint.route("/overrides", methods=["GET"])
@requires(Permission.ASSESSMENT_READ)
def overrides(person: SignedIn) -> str | tuple[str, int]:  # noqa: ARG001 - all are somebody's
    session, asked = reading(), read_asked(KINDS)
    errors, before = asked.errors(), number(request.args.get("before"))
    found = [] if errors else entries(session, _wanted(asked), before=before)
    end, parameters = last(found, PAGE), asked.parameters()
    page = render_template(
        "desk/overrides.html",
        rows=_listed(session, found),
        asked=asked,
        errors=errors,
        kinds=[(kind, words) for kind, (words, _) in KINDS.items()],
        actors=[(one.id, one.name) for one in people(session, limit=MOST_PEOPLE)],
        today=now().date(),
        table_href=None if errors else url_for("desk.overrides_table", **parameters),  # type: ignore[arg-type]  # parts of an address
        newest_href=url_for("desk.overrides", **parameters) if before else None,  # type: ignore[arg-type]  # as above
        next_href=end and url_for("desk.overrides", **parameters, before=end.id),  # type: ignore[arg-type]  # as above
    )
    return (page, 422) if errors else page


@blueprint.route("/overrides.csv", methods=["GET"])
@requires(Permission.ASSESSMENT_READ)
def overrides_table(person: SignedIn) -> Response:  # noqa: ARG001 - as above
    asked = read_asked(KINDS)
    if asked.errors():
        raise NotFound
    rows = rows_behind(_wanted(asked), _rows)
    return table(f"overrides-{now():%Y-%m-%d}.csv", COLUMNS, rows)


def _wanted(asked: Asked) -> Wanted:
    chosen = [KINDS[asked.kind]] if asked.kind else KINDS.values()
    types = [one for _, some in chosen for one in some]
    only_where = {one: piece for one, piece in ONLY_WHERE.items() if one in types}
    return narrowed(Wanted(types=types, only_where=only_where), asked, types)


def _listed(session: Session, found: Sequence[Entry]) -> list[Listed]:
    told = tell(session, found, vendors=True)
    standing = standings(session, [_override(entry) for entry in found])
    return [
        Listed(one, _kind(one.entry.type), stands)
        for one, stands in zip(told, standing, strict=True)
    ]


def _override(entry: Entry) -> Override:
    body = json.loads(entry.body)
    return Override(
        entry.type,
        entry.object_id,
        entry.assessment_id,
        body.get("question"),
        body.get("entry"),
        body.get("number"),
    )


def _kind(event_type: str) -> str:
    return next(words for words, types in KINDS.values() if event_type in types)


def _rows(found: Sequence[Entry]) -> list[Sequence[object]]:
    return [_row(one) for one in _listed(reading(), found)]


def _row(listed: Listed) -> Sequence[object]:
    told = listed.told
    entry = told.entry
    return (
        entry.id,
        entry.number,
        entry.at.isoformat(),
        listed.kind,
        entry.actor_id,
        told.who,
        entry.vendor_id,
        told.vendor,
        entry.assessment_id,
        told.assessment,
        told.question,
        told.sentence,
        told.words,
        listed.stands,
    )
