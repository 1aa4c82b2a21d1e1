"""How the risk of an engagement moved, why, and what comes if nobody does anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from flask import render_template, request, url_for

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.core.db import reading
from riskapp.core.errors import NotFound
from riskapp.scoring.current import terms_now
from riskapp.scoring.outlook import Outlook, months_later, outlook
from riskapp.scoring.queries import Score, basis, score
from riskapp.scoring.rules import shown
from riskapp.scoring.track import PAGE, Behind, MarkRow, TrackRow, marks, releases_asked, track
from riskapp.vendors.queries import EngagementRow, engagement
from riskapp.web.chart import Chart, Drawn, chart
from riskapp.web.desk.blueprint import blueprint
from riskapp.web.desk.common import cursor, existing, now, number, time_cursor
from riskapp.web.desk.risk_words import Told, Wording, tier_title
from riskapp.web.guard import requires
from riskapp.web.ports import ports
from riskapp.web.words import written_date


@dataclass(frozen=True, slots=True)
class Change:
    """A receipt, the one before it if there is one, and what lies between them."""

    row: TrackRow
    before: TrackRow | None
    why: Sequence[Told]
    note: str


@blueprint.route("/engagements/<engagement_id>/risk", methods=["GET"])
@requires(Permission.ASSESSMENT_READ)
def risk(person: SignedIn, engagement_id: str) -> str:  # noqa: ARG001 - all are somebody's
    session, row = reading(), existing(engagement(reading(), engagement_id))
    behind = _behind(request.args.get("before"))
    rows = track(session, row.id, behind=behind, limit=PAGE + 1)
    wording = Wording(releases_asked(session, ports().library, row.id))
    end = rows[PAGE - 1] if len(rows) > PAGE else None
    return render_template(
        "desk/risk.html",
        engagement=row,
        changes=_changes(rows, wording),
        older=behind is not None,
        next_href=end
        and url_for(
            "desk.risk",
            engagement_id=row.id,
            before=cursor(end.created_at, f"{end.cycle}.{end.number}"),
        ),
        **(_picture(row, rows[0], wording) if rows and behind is None else {}),
    )


def _behind(written: str | None) -> Behind | None:
    """Where the page before ended. Raises NotFound for what no page wrote."""
    found = time_cursor(written)
    if found is None:
        return None
    cycle, _, receipt = found[1].partition(".")
    numbers = number(cycle), number(receipt)
    if numbers[0] is None or numbers[1] is None:
        raise NotFound
    return found[0], numbers[0], numbers[1]


def _changes(rows: Sequence[TrackRow], wording: Wording) -> list[Change]:
    """A page of receipts; a row beyond it is only what its last one is compared with."""
    befores = [*rows[1:], None]
    return [
        Change(row, before, wording.moves(row.moved), _note(row, before))
        for row, before in zip(rows[:PAGE], befores, strict=False)
    ]


def _note(row: TrackRow, before: TrackRow | None) -> str:
    """What is said where a receipt has no list of causes."""
    if row.moved:
        return ""
    if before is None:
        return "The first score."
    if before.assessment_id != row.assessment_id:
        return f"The first score of cycle {row.cycle}."
    return "Nothing moved the score." if before.shown == row.shown else "The causes were not kept."


def _picture(row: EngagementRow, newest: TrackRow, wording: Wording) -> dict[str, Any]:
    """The curve and what comes, of the assessment that the engagement is scored by."""
    session, today = reading(), now().date()
    live = row.scored_by or newest.assessment_id
    past = marks(session, row.id)
    # What it is scored by may be erased by the rules of retention, and an older cycle held.
    scored = existing(score(session, live) or score(session, newest.assessment_id))
    rests_on = basis(session, live) if row.ended_at is None else None
    ahead = None if rests_on is None else outlook(rests_on, terms_now(session), today)
    return {
        "today": today,
        "chart": _chart(past, ahead, scored, today),
        "ahead": ahead,
        "months": ahead and _months(ahead, today),
        "coming": ahead and wording.coming(ahead),
        "smaller": ahead and wording.smaller(ahead),
        "lead": ahead and wording.lead(ahead),
    }


def _months(ahead: Outlook, today: date) -> list[tuple[date, str, str]]:
    """The score today and a month apart: day, tier, number."""
    days = [months_later(today, month) for month in range(13)]
    return [(day, ahead.on(day).tier, shown(ahead.on(day).score)) for day in days]


def _point(mark: MarkRow) -> str:
    return f"{written_date(mark.as_of)} ({mark.shown}, {mark.tier})"


def _chart(past: Sequence[MarkRow], ahead: Outlook | None, newest: Score, today: date) -> Chart:
    said = [f"From {_point(past[0])} to {_point(past[-1])}."]
    told = []
    if ahead is not None:
        last = ahead.points[-1]
        said.append(f"Foreseen for {written_date(last.day)}: {shown(last.score)}, {last.tier}.")
        told = [
            (
                rise.day,
                ahead.on(rise.day).score,
                f"{tier_title(rise.after)} from {rise.day.day} {rise.day:%b %Y}",
                str(rise.after),
            )
            for rise in ahead.rises
        ]
    return chart(
        Drawn(
            past=[(one.as_of, Fraction(one.shown)) for one in past],
            ahead=[(point.day, point.score) for point in ahead.points] if ahead else [],
            today=today,
            bounds=newest.sheet.constants.bounds,
            told=told,
            title="Residual risk through time",
            description=" ".join(said),
        )
    )
