"""An administrator's own word on a country: looked at first, then kept.

The first submit shows what it would move, the second keeps it and computes every score anew. An
officer may look as well, and keeps nothing.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import DateField, StringField

from riskapp.accounts.permissions import Permission, may
from riskapp.accounts.queries import SignedIn
from riskapp.audit.service import Actor
from riskapp.core import countries
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.scoring.adequacy import Coverage, shipped
from riskapp.scoring.current import terms_now
from riskapp.scoring.overrides import (
    LONGEST_CONDITION,
    LONGEST_REASON,
    NotOverridden,
    OverrideRow,
    Word,
    checked,
    checked_country,
    checked_reason,
    decision_of,
    overriding,
    table_with,
)
from riskapp.scoring.overrides import override as keep
from riskapp.scoring.overrides import withdraw as take_back
from riskapp.scoring.rescoring import preview
from riskapp.scoring.terms import Terms
from riskapp.web.guard import requires
from riskapp.web.ports import ports
from riskapp.web.scoring.blueprint import blueprint
from riskapp.web.scoring.moving import in_words, scored_anew, tally
from riskapp.web.scoring.transfers import name_of, today_utc

SAVE, EDIT = "save", "edit"
ASKED = "What if"
"""Stands for the reason of an officer, who is asked for none."""


Page = str | Response | tuple[str, int]


class OverrideForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is untyped
    """Its CSRF field is not used: every POST is checked before a view is called."""

    class Meta:
        csrf = False

    country = StringField()
    coverage = StringField()
    valid_from = DateField()
    valid_to = DateField()
    suspended = StringField()
    condition = StringField()
    reason = StringField()
    then = StringField()


@blueprint.route("/transfers/override", methods=["GET", "POST"])
@requires(Permission.SCORING_MANAGE)
def override(person: SignedIn) -> Page:
    return _asked(person, saves=True)


@blueprint.route("/transfers/what-if", methods=["GET", "POST"])
@requires(Permission.SCORING_READ)
def what_if(person: SignedIn) -> Page:
    """What another decision would move. Keeps nothing."""
    return _asked(person, saves=False)


def _asked(person: SignedIn, *, saves: bool) -> Page:
    """The form; then what would come of it; then, where it `saves`, that it was kept."""
    fixed = _fixed_country()
    if request.method == "GET":
        return _form_page(OverrideForm(data=_as_it_is(fixed)), fixed, saves=saves)
    form = OverrideForm()
    if form.then.data == EDIT:
        return _form_page(form, fixed, saves=saves)
    try:
        code, word = checked(fixed or form.country.data or "", _word(form, saves=saves))
        if saves and form.then.data == SAVE:
            return _kept(person, code, word)
    except FieldRefused as refused:
        return _form_page(form, fixed, {refused.field: refused.message}, saves=saves), 422
    return _preview_page(person, form, code, word, saves=saves)


def _fixed_country() -> str | None:
    """The country that the address names. Raises NotFound for one that can have no decision."""
    written = request.args.get("country")
    return None if written is None else _checked(written)


def _checked(written: str) -> str:
    """The code of a country that can have a decision. Raises NotFound for any other."""
    try:
        return checked_country(written)
    except FieldRefused as refused:
        raise NotFound from refused


def _as_it_is(code: str | None) -> dict[str, Any]:
    """What counts for a country now, as the form has it."""
    found = table_with(overriding(reading())).of(code or "")
    if not found:
        return {}
    one = found[0]
    none = one.coverage is Coverage.NONE
    return {
        "coverage": one.coverage,
        "valid_from": None if none else one.valid_from,
        "valid_to": one.valid_to,
        "suspended": "yes" if one.suspended else "",
        "condition": one.condition,
    }


def _word(form: OverrideForm, *, saves: bool) -> Word:
    return Word(
        coverage=form.coverage.data or "",
        valid_from=_day(form.valid_from),
        valid_to=_day(form.valid_to),
        suspended=bool(form.suspended.data),
        condition=form.condition.data or "",
        reason=(form.reason.data or "") if saves else ASKED,
    )


def _day(field: DateField) -> date | None:
    """Raises FieldRefused for what is no day."""
    if field.data is None and any(field.raw_data or ()):
        raise FieldRefused(field.short_name, "Enter a day like 2027-03-31.")
    day: date | None = field.data
    return day


def _form_page(
    form: OverrideForm, fixed: str | None, errors: dict[str, str] | None = None, *, saves: bool
) -> str:
    eea = shipped().eea
    return render_template(
        "scoring/transfers_override.html",
        form=form,
        errors=errors or {},
        name=fixed and name_of(fixed),
        countries=[pair for pair in countries.all_countries() if pair[0] not in eea],
        longest_condition=LONGEST_CONDITION,
        longest_reason=LONGEST_REASON,
        saves=saves,
    )


def _preview_page(
    person: SignedIn, form: OverrideForm, code: str, word: Word, *, saves: bool
) -> str:
    session, today = reading(), today_utc()
    terms = terms_now(session)
    wanted = decision_of(code, word, today)
    instead = Terms(terms.scheme, terms.adequacy.overridden([wanted]))
    return render_template(
        "scoring/transfers_preview.html",
        name=name_of(code),
        now=terms.adequacy.of(code),
        then=[wanted],
        reason=word.reason if saves else "",
        tally=tally(preview(session, instead, today)),
        sees=may(person.role, Permission.ASSESSMENT_READ),
        hidden=_hidden(form),
        what="override" if saves else "what-if",
        today=today,
    )


def _hidden(form: OverrideForm) -> list[tuple[str, str]]:
    """What was typed, for the second submit; days as they are read."""
    return [
        (field.short_name, field.data.isoformat() if isinstance(field.data, date) else field.data)
        for field in form
        if field.data and field.short_name != "then"
    ]


def _kept(person: SignedIn, code: str, word: Word) -> Response:
    actor, now = _actor(person), ports().clock.now()
    anew = keep(code, word, actor=actor, now=now)
    # Also where it was sent twice: the first time may have been cut off before scores were made.
    cause = f"Adequacy decision overridden: {name_of(code)}"
    moved, more = scored_anew(cause, actor)
    said = "The override is saved." if anew else "The override was saved already."
    return _back(f"{said} {in_words(moved, would=False)}{more}")


def _actor(person: SignedIn) -> Actor:
    return Actor("person", person.id)


def _back(words: str) -> Response:
    flash(words, "success")
    return redirect(url_for("scoring.transfers"), 303)


@blueprint.route("/transfers/<code>/withdraw", methods=["GET", "POST"])
@requires(Permission.SCORING_MANAGE)
def withdraw(person: SignedIn, code: str) -> Page:
    """Asks why; then shows what would come of it; then lets the table count again."""
    form = OverrideForm()
    words = overriding(reading())
    if _checked(code) != code:
        raise NotFound
    if request.method == "GET" and code not in {row.code for row in words}:
        raise NotFound
    if request.method == "GET" or form.then.data == EDIT:
        return _withdraw_page(code, form, {})
    try:
        reason = checked_reason(form.reason.data or "")
        if form.then.data == SAVE:
            return _withdrawn(person, code, reason)
    except FieldRefused as refused:
        return _withdraw_page(code, form, {refused.field: refused.message}), 422
    return _withdrawal_preview(person, code, form, [row for row in words if row.code != code])


def _withdraw_page(code: str, form: OverrideForm, errors: dict[str, str]) -> str:
    return render_template(
        "scoring/transfers_withdraw.html",
        name=name_of(code),
        form=form,
        errors=errors,
        now=table_with(overriding(reading())).of(code),
        then=shipped().of(code),
        longest_reason=LONGEST_REASON,
    )


def _withdrawal_preview(
    person: SignedIn, code: str, form: OverrideForm, others: Sequence[OverrideRow]
) -> str:
    session, today = reading(), today_utc()
    terms = terms_now(session)
    instead = Terms(terms.scheme, table_with(others))
    return render_template(
        "scoring/transfers_preview.html",
        name=name_of(code),
        now=terms.adequacy.of(code),
        then=shipped().of(code),
        reason=form.reason.data,
        tally=tally(preview(session, instead, today)),
        sees=may(person.role, Permission.ASSESSMENT_READ),
        hidden=[("reason", form.reason.data)],
        what="withdraw",
        today=today,
    )


def _withdrawn(person: SignedIn, code: str, reason: str) -> Response:
    actor, now = _actor(person), ports().clock.now()
    said = "The override is withdrawn: the table counts again."
    try:
        take_back(code, reason, actor=actor, now=now)
    except NotOverridden:
        said = "The table counts again already: somebody withdrew the override before."
    moved, more = scored_anew(f"Adequacy decision as in the table again: {name_of(code)}", actor)
    return _back(f"{said} {in_words(moved, would=False)}{more}")
