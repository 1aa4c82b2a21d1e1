"""For how long records are kept: the rules, and beforehand what they will erase.

An administrator sees no vendor: numbers, days and ids say enough to look before erasing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import StringField

from riskapp.accounts.permissions import Permission
from riskapp.accounts.queries import SignedIn
from riskapp.audit.service import Actor
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.custody.due import Due, ahead_of, by_day, due
from riskapp.custody.retention import LONGEST_REASON, RuleRow, checked, rules, set_rule
from riskapp.custody.rules import AHEAD, LIMITS, RecordClass, Rule
from riskapp.web.admin.retention_words import WORDS, ClassWords, counted
from riskapp.web.guard import requires
from riskapp.web.ports import ports

blueprint = Blueprint("retention", __name__, url_prefix="/admin/retention")

SAVE, EDIT = "save", "edit"
MOST_IDS = 100
"""So many ids stand on a page; the command line prints them all."""
MOST_DIGITS = 9

Page = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a rule erases from a day on: `days` with their numbers, and the ids of the first ones.

    `now` counts what is due today already, `next` what falls due tomorrow; `held` what legal holds
    keep meanwhile.
    """

    now: int
    next: int
    all: int
    held: int
    days: Sequence[tuple[date, int]]
    ids: Sequence[tuple[date, str]]


class RuleForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    days = StringField()
    reason = StringField()
    then = StringField()


@blueprint.route("", methods=["GET"])
@requires(Permission.RETENTION_MANAGE)
def overview(person: SignedIn) -> str:  # noqa: ARG001 - every view is somebody's
    known = rules(reading())
    return render_template(
        "admin/retention.html",
        classes=[_class(kind, known.get(kind)) for kind in RecordClass],
        until=_last_day(),
        counted=counted,
    )


def _class(
    kind: RecordClass, row: RuleRow | None
) -> tuple[RecordClass, ClassWords, RuleRow | None, int, Ahead | None]:
    rule = None if row is None else row.rule
    ahead = None if rule is None else _ahead(kind, rule)
    return kind, WORDS[kind], row, LIMITS[kind].proposed, ahead


def _ahead(kind: RecordClass, rule: Rule) -> Ahead:
    found = due(reading(), kind, rule, through=_last_day())
    free, today = [one for one in found if not one.held], _today()
    return Ahead(
        now=sum(1 for one in free if one.day <= today),
        next=sum(1 for one in free if one.day == ahead_of(today, 1)),
        all=len(free),
        held=len(found) - len(free),
        days=by_day(free),
        ids=_ids(free)[:MOST_IDS],
    )


def _ids(found: Sequence[Due]) -> list[tuple[date, str]]:
    """Which records, by day: links by the assessment that they belong to, each once."""
    return list(dict.fromkeys((one.day, one.assessment_id or one.id) for one in found))


def _today() -> date:
    return ports().clock.now().date()


def _last_day() -> date:
    return ahead_of(_today(), AHEAD)


@blueprint.route("/<kind>", methods=["GET", "POST"])
@requires(Permission.RETENTION_MANAGE)
def rule(person: SignedIn, kind: str) -> Page:
    """The form; then what would come of it; then that it was kept."""
    about = _known(kind)
    form = RuleForm()
    if not form.is_submitted():
        return _form_page(about, _as_it_is(about))
    if form.then.data == EDIT:
        return _form_page(about, form)
    errors, days, reason = _read(about, form)
    if errors:
        return _form_page(about, form, errors), 422
    if form.then.data == SAVE:
        try:
            return _kept(person, about, days, reason)
        except FieldRefused as refused:  # the rule is so already
            return _form_page(about, form, {refused.field: refused.message}), 422
    return _preview_page(about, days, reason)


def _read(about: RecordClass, form: RuleForm) -> tuple[dict[str, str], int | None, str]:
    """What is wrong with each field; the days and the reason where nothing is."""
    errors, days, reason = {}, None, ""
    try:
        days = _days(form)
    except FieldRefused as refused:
        errors[refused.field] = refused.message
    try:
        reason = checked(about, days, form.reason.data or "")
    except FieldRefused as refused:
        errors[refused.field] = refused.message
    return errors, days, reason


def _known(kind: str) -> RecordClass:
    try:
        return RecordClass(kind)
    except ValueError:
        raise NotFound from None


def _as_it_is(about: RecordClass) -> RuleForm:
    row = rules(reading()).get(about)
    days = LIMITS[about].proposed if row is None else row.days
    return RuleForm(formdata=None, data={"days": "" if days is None else str(days)})


def _days(form: RuleForm) -> int | None:
    """None for an empty field: for good. Raises FieldRefused."""
    written = (form.days.data or "").strip()
    if not written:
        return None
    if not (written.isascii() and written.isdigit() and len(written) <= MOST_DIGITS):
        raise FieldRefused("days", "Enter a number of days, like 365, or nothing: for good.")
    return int(written)


def _form_page(about: RecordClass, form: RuleForm, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "admin/retention_rule.html",
        kind=about,
        words=WORDS[about],
        limit=LIMITS[about],
        form=form,
        errors=errors or {},
        longest_reason=LONGEST_REASON,
    )


def _preview_page(about: RecordClass, days: int | None, reason: str) -> str:
    wanted = None if days is None else Rule(days, _today())
    return render_template(
        "admin/retention_preview.html",
        kind=about,
        words=WORDS[about],
        days=days,
        reason=reason,
        before=rules(reading()).get(about),
        ahead=wanted and _ahead(about, wanted),
        first=ahead_of(_today(), 1),
        until=_last_day(),
        counted=counted,
    )


def _kept(person: SignedIn, about: RecordClass, days: int | None, reason: str) -> Response:
    now = ports().clock.now()
    set_rule(about, days, reason, actor=Actor("person", person.id), now=now)
    flash(f"The rule is set: {WORDS[about].title.lower()}, {counted(days)}.", "success")
    return redirect(url_for("retention.overview"), 303)
