"""One section: its questions in one form, which works without JavaScript."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission
from riskapp.core.db import reading
from riskapp.core.sentences import counted
from riskapp.invites.queries import OpenedInvitation
from riskapp.web.guard import requires
from riskapp.web.languages import chosen_now
from riskapp.web.portal.blueprint import blueprint
from riskapp.web.portal.given import CHOOSE, KEEP, Outcome, save_all
from riskapp.web.portal.page import page
from riskapp.web.portal.work import Work, load
from riskapp.web.ports import ports
from riskapp.web.questions import (
    Fields,
    Filled,
    Item,
    Part,
    countries_for,
    fields_by_question,
    filled,
    form_name,
)
from riskapp.web.words import say

Page = str | Response | tuple[str, int]
EVIDENCE = "evidence:"


@dataclass(frozen=True, slots=True)
class Entry:
    """A question in the form, with what stands in its fields; not `open`: to be read only."""

    item: Item
    filled: Filled
    open: bool
    note: str


@blueprint.route("/p/<invitation_id>/<questionnaire>/<section>", methods=["GET"])
@requires(Permission.RESPONDENT)
def section(invitation: OpenedInvitation, questionnaire: str, section: str) -> str:
    work = load(reading(), ports().library, invitation)
    return _page(work, work.part(questionnaire, section), Outcome())


@blueprint.route("/p/<invitation_id>/<questionnaire>/<section>", methods=["POST"])
@requires(Permission.RESPONDENT)
def save_section(invitation: OpenedInvitation, questionnaire: str, section: str) -> Page:
    work = load(reading(), ports().library, invitation)
    return save_form(work, work.part(questionnaire, section), request.form.get("next", "stay"))


def save_form(work: Work, part: Part, after: str) -> Page:
    """Saves what the form brings, then goes where the pressed button leads."""
    outcome = save_all(work, fields_by_question(request.form), ports().clock.now())
    fresh = load(reading(), ports().library, work.invitation)
    part = fresh.part(part.release.id, part.section.id)
    if outcome.conflicts:
        return _conflict_page(fresh, part, outcome)
    if outcome.errors:
        return _page(fresh, part, outcome), 422
    return _go_on(work, fresh, part, outcome, after)


def _page(work: Work, part: Part, outcome: Outcome) -> str:
    entries = [
        Entry(
            item,
            filled(item.question, outcome.refused[item.question.id])
            if item.question.id in outcome.refused
            else item.filled,
            work.changeable(item.question),
            work.notes.get(item.question.id, "") if work.changeable(item.question) else "",
        )
        for item in part.items
    ]
    return page(
        "portal/section.html",
        work.invitation,
        work=work,
        part=part,
        entries=entries,
        following=work.following(part),
        errors=outcome.errors,
        saved=outcome.saved,
        countries=countries_for(item.question for item in part.items),
    )


def _conflict_page(work: Work, part: Part, outcome: Outcome) -> tuple[str, int]:
    """Both versions of each; all that was typed and is not saved goes along in hidden fields."""
    hidden = [
        pair
        for conflict in outcome.conflicts
        for pair in _hidden(
            conflict.question.id,
            {**conflict.fields, "rev": [str(conflict.theirs.revision)], CHOOSE: ["yes"]},
        )
    ]
    for question_id, fields in outcome.refused.items():
        hidden += _hidden(question_id, fields)
    missing = [error for error in outcome.errors if error[0].endswith(f"-{KEEP}")]
    if chosen_now() is not None:  # the language was pressed: nobody has failed to choose yet
        missing = []
    status = 422 if missing else 409
    values = {"part": part, "conflicts": outcome.conflicts, "hidden": hidden, "errors": missing}
    return page("portal/conflict.html", work.invitation, **values, saved=outcome.saved), status


def _hidden(question_id: str, fields: Fields | Mapping[str, list[str]]) -> list[tuple[str, str]]:
    return [
        (form_name(question_id, name), text)
        for name, texts in fields.items()
        if name != KEEP
        for text in texts
    ]


def _go_on(work: Work, fresh: Work, part: Part, outcome: Outcome, after: str) -> Response:
    if outcome.saved:
        flash(_saved_words(outcome.saved), "success")
    before = {item.question.id for item in work.asked}
    opened = [item.question.id for item in part.asked if item.question.id not in before]
    if after.startswith(EVIDENCE):
        question = fresh.item(after.removeprefix(EVIDENCE)).question
        return redirect(
            url_for("portal.evidence", invitation_id=work.invitation.id, question_id=question.id)
        )
    if opened:
        more = counted(
            "What you answered leads to one more question in this section.",
            "What you answered leads to {count} more questions in this section.",
            len(opened),
        )
        flash(say(more))
        return redirect(section_url(fresh, part, opened[0]))
    if after != "continue":
        return redirect(section_url(fresh, part, after if after in before else None))
    following = fresh.following(part)
    if following is None:
        return redirect(url_for("portal.tasks", invitation_id=work.invitation.id))
    return redirect(section_url(fresh, following))


def _saved_words(ids: list[str]) -> str:
    return say("Saved: {questions}.", questions=", ".join(ids))


def section_url(work: Work, part: Part, anchor: str | None = None) -> str:
    return url_for(
        "portal.section",
        invitation_id=work.invitation.id,
        questionnaire=part.release.id,
        section=part.section.id,
        _anchor=anchor,
    )
