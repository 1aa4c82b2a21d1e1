"""A scheme of the organisation's own: typed, looked at, adopted; and the way back to another.

The first submit shows what it would move, the second adopts it and computes every score anew. An
officer may look as well, and adopts nothing.
"""

from collections.abc import Mapping, Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from riskapp.accounts.permissions import Permission, may
from riskapp.accounts.queries import SignedIn
from riskapp.audit.service import Actor
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused
from riskapp.scoring.adopting import (
    LONGEST_REASON,
    checked_here,
    checked_reason,
    make_and_adopt,
    scheme_now,
)
from riskapp.scoring.adopting import adopt as adopt_again
from riskapp.scoring.constants import NAME_LENGTH
from riskapp.scoring.schemes import STANDARD, Scheme, written
from riskapp.scoring.wishes import SchemeRefused, checked
from riskapp.vendors.rules import WORST_SCORE
from riskapp.web.guard import requires
from riskapp.web.ports import ports
from riskapp.web.scoring.blueprint import blueprint
from riskapp.web.scoring.moving import in_words, scored_anew
from riskapp.web.scoring.scheme_fields import (
    KnownDomain,
    Typed,
    compared,
    filled,
    groups,
    wish_of,
)
from riskapp.web.scoring.schemes import (
    domains_for,
    known_scheme,
    landing_elsewhere,
    would_move,
)
from riskapp.web.scoring.transfers import today_utc

SAVE, EDIT = "save", "edit"
TRIED = "what-if-1"
"""Stands for the name where nothing is saved."""

Page = str | Response | tuple[str, int]
Errors = Mapping[str, str]


@blueprint.route("/schemes/new", methods=["GET", "POST"])
@requires(Permission.SCORING_MANAGE)
def new_scheme(person: SignedIn) -> Page:
    return _asked(person, saves=True)


@blueprint.route("/schemes/what-if", methods=["GET", "POST"])
@requires(Permission.SCORING_READ)
def what_if_scheme(person: SignedIn) -> Page:
    """What other numbers would move. Keeps nothing."""
    return _asked(person, saves=False)


def _asked(person: SignedIn, *, saves: bool) -> Page:
    """The form; then what would come of it; then, where it `saves`, that it was adopted."""
    now = scheme_now(reading())
    domains = domains_for(now)
    if request.method == "GET":
        return _form_page(filled(now, domains), domains, {}, saves=saves)
    typed = {key: value for key, value in request.form.items() if key in _names(domains)}
    if request.form.get("then") == EDIT:
        return _form_page(typed, domains, {}, saves=saves)
    saving = saves and request.form.get("then") == SAVE
    if saving and _is_in_use(typed, domains):  # sent twice: the first time may have been cut off
        return _scored_anew(_name(typed), Actor("person", person.id))
    try:
        wanted = _wanted(typed, domains, saves=saves)
        if saving:
            return _made(person, typed, domains)
    except SchemeRefused as refused:
        return _form_page(typed, domains, refused.faults, saves=saves), 422
    return _preview_page(person, typed, domains, wanted, saves=saves)


def _names(domains: Sequence[KnownDomain]) -> set[str]:
    return {"name", "reason", *(field.name for one in groups(domains) for field in one.fields)}


def _wanted(typed: Typed, domains: Sequence[KnownDomain], *, saves: bool) -> Scheme:
    """The scheme that was typed, as far as it can be adopted. Raises SchemeRefused."""
    wish = wish_of(typed, domains)
    if not saves:
        return checked(TRIED, wish, _weights(domains))
    faults: dict[str, str] = {}
    try:
        scheme = checked_here(reading(), _name(typed), wish, _weights(domains))
    except SchemeRefused as refused:
        faults.update(refused.faults)
    try:
        checked_reason(typed.get("reason", ""))
    except FieldRefused as refused:
        faults[refused.field] = refused.message
    if faults:
        raise SchemeRefused(faults)
    return scheme


def _is_in_use(typed: Typed, domains: Sequence[KnownDomain]) -> bool:
    now = scheme_now(reading())
    try:
        wanted = checked(_name(typed), wish_of(typed, domains), _weights(domains))
    except SchemeRefused:
        return False
    return wanted == now


def _name(typed: Typed) -> str:
    return typed.get("name", "").strip()


def _weights(domains: Sequence[KnownDomain]) -> dict[str, frozenset[int]]:
    return {one.id: one.weights for one in domains}


def _form_page(typed: Typed, domains: Sequence[KnownDomain], errors: Errors, *, saves: bool) -> str:
    return render_template(
        "scoring/scheme_form.html",
        groups=groups(domains),
        standard=filled(STANDARD, domains),
        typed=typed,
        errors=errors,
        summary=_summary(errors, domains),
        now=scheme_now(reading()).name,
        longest_name=NAME_LENGTH,
        longest_reason=LONGEST_REASON,
        saves=saves,
    )


def _summary(errors: Errors, domains: Sequence[KnownDomain]) -> list[tuple[str, str]]:
    """What is wrong, each with its field's label: many fields are labelled alike."""
    labels = {"name": "Name", "reason": "Reason"}
    for group in groups(domains):
        labels |= {field.name: f"{group.title}, {field.label}" for field in group.fields}
    return [
        (field, f"{labels[field]}: {words}" if field in labels else words)
        for field, words in errors.items()
    ]


def _preview_page(
    person: SignedIn,
    typed: Typed,
    domains: Sequence[KnownDomain],
    wanted: Scheme,
    *,
    saves: bool,
) -> str:
    now = scheme_now(reading())
    return render_template(
        "scoring/scheme_preview.html",
        name=wanted.name,
        now=now.name,
        rows=_changes(wanted, now, domains),
        tally=would_move(wanted),
        never_low=_never_low(wanted),
        reason=typed.get("reason", "") if saves else "",
        hidden=sorted(typed.items()),
        sees=may(person.role, Permission.ASSESSMENT_READ),
        saves=saves,
        today=today_utc(),
    )


def _changes(
    wanted: Scheme, now: Scheme, domains: Sequence[KnownDomain]
) -> list[tuple[str, str, str, str]]:
    """What would be another number: group, field, now, then."""
    return [
        (title, row.label, row.theirs, row.ours)
        for title, rows in compared(wanted, now, domains)
        for row in rows
        if row.changed
    ]


def _never_low(scheme: Scheme) -> str:
    """From which inherent risk on no answers make a score low, where there is such a one.

    The share 1 - κ of it always stays.
    """
    constants = scheme.constants
    edge = constants.bounds.medium / (1 - constants.kappa)
    return written(edge) if edge <= WORST_SCORE else ""


def _made(person: SignedIn, typed: Typed, domains: Sequence[KnownDomain]) -> Response:
    actor, now = Actor("person", person.id), ports().clock.now()
    wish, reason = wish_of(typed, domains), typed["reason"]
    made = make_and_adopt(_name(typed), wish, _weights(domains), reason, actor=actor, now=now)
    return _scored_anew(made.name, actor)


@blueprint.route("/schemes/<name>/adopt", methods=["GET", "POST"])
@requires(Permission.SCORING_MANAGE)
def adopt(person: SignedIn, name: str) -> Page:
    """Shows what going back to a scheme would move, and asks why; then goes back to it."""
    chosen = known_scheme(name)
    if scheme_now(reading()).name == name:
        if request.method == "POST":  # sent twice: the first time may have been cut off
            return _scored_anew(name, Actor("person", person.id))
        return redirect(url_for("scoring.scheme", name=name))
    if request.method == "GET":
        return _adopt_page(chosen, "", {})
    reason = request.form.get("reason", "")
    actor, now = Actor("person", person.id), ports().clock.now()
    try:
        adopt_again(name, reason, actor=actor, now=now)
    except FieldRefused as refused:
        return _adopt_page(chosen, reason, {refused.field: refused.message}), 422
    return _scored_anew(name, actor)


def _adopt_page(chosen: Scheme, reason: str, errors: Errors) -> str:
    now = scheme_now(reading())
    return render_template(
        "scoring/scheme_adopt.html",
        name=chosen.name,
        now=now.name,
        rows=_changes(chosen, now, domains_for(chosen)),
        tally=would_move(chosen),
        reason=reason,
        errors=errors,
        longest_reason=LONGEST_REASON,
        today=today_utc(),
    )


def _scored_anew(name: str, actor: Actor) -> Response:
    """Computes every score by the scheme that was adopted, and says what moved."""
    anew, more = scored_anew(f"Scheme {name} adopted", actor)
    receipts = f"{len(anew)} new receipt{'' if len(anew) == 1 else 's'}"
    words = in_words(landing_elsewhere(anew), would=False)
    flash(f"{name} is scored by from now on: {receipts}. {words}{more}", "success")
    return redirect(url_for("scoring.overview"), 303)
