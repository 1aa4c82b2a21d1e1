"""What is scored by: the scheme in use beside `std-1`, and when which one was adopted."""

from collections.abc import Sequence

from flask import render_template, request

from riskapp.accounts.permissions import Permission, may
from riskapp.accounts.queries import SignedIn
from riskapp.core.db import reading
from riskapp.core.errors import NotFound
from riskapp.scoring.adopting import PAGE, history, scheme_named, scheme_now
from riskapp.scoring.current import terms_now
from riskapp.scoring.rescoring import Moved, preview
from riskapp.scoring.schemes import STANDARD, Scheme
from riskapp.scoring.terms import Terms
from riskapp.web.guard import requires
from riskapp.web.ports import ports
from riskapp.web.scoring.blueprint import blueprint
from riskapp.web.scoring.moving import Tally, tally
from riskapp.web.scoring.scheme_fields import (
    KnownDomain,
    compared,
    known_domains,
    with_those_of,
)
from riskapp.web.scoring.transfers import today_utc

_MOST_DIGITS = 18


@blueprint.route("", methods=["GET"])
@requires(Permission.SCORING_READ)
def overview(person: SignedIn) -> str:
    session, before = reading(), _before()
    terms = terms_now(session)
    adopted = history(session, before=before)
    return render_template(
        "scoring/overview.html",
        scheme=terms.scheme,
        standard=STANDARD,
        compared=compared(terms.scheme, STANDARD, domains_for(terms.scheme)),
        now=adopted[:1] if before is None else history(session)[:1],
        adopted=adopted,
        next_before=adopted[-1].number if len(adopted) == PAGE else None,
        table_as_of=terms.adequacy.as_of,
        manages=may(person.role, Permission.SCORING_MANAGE),
    )


@blueprint.route("/schemes/<name>", methods=["GET"])
@requires(Permission.SCORING_READ)
def scheme(person: SignedIn, name: str) -> str:
    """One scheme beside `std-1`; with `?moves=yes` what it would move today."""
    session = reading()
    chosen, now = known_scheme(name), scheme_now(session)
    asked = request.args.get("moves") == "yes" and chosen.name != now.name
    return render_template(
        "scoring/scheme_one.html",
        scheme=chosen,
        standard=STANDARD,
        compared=compared(chosen, STANDARD, domains_for(chosen)),
        adopted=history(session, name=name),
        in_use=chosen.name == now.name,
        tally=would_move(chosen) if asked else None,
        today=today_utc(),
        sees=may(person.role, Permission.ASSESSMENT_READ),
        manages=may(person.role, Permission.SCORING_MANAGE),
    )


def known_scheme(name: str) -> Scheme:
    """Raises NotFound for a name that there is not."""
    found = scheme_named(reading(), name)
    if found is None:
        raise NotFound
    return found


def domains_for(scheme: Scheme) -> list[KnownDomain]:
    return with_those_of(scheme, known_domains(reading(), ports().library))


def would_move(scheme: Scheme) -> Tally:
    """What would move today, were this scheme in use."""
    session = reading()
    terms = terms_now(session)
    return tally(landing_elsewhere(preview(session, Terms(scheme, terms.adequacy), today_utc())))


def landing_elsewhere(moved: Sequence[Moved]) -> list[Moved]:
    """Those whose score changes as pages show it: another scheme alone makes a receipt as well."""
    return [one for one in moved if one.before != one.after]


def _before() -> int | None:
    """Before which adoption the history goes on. Raises NotFound for what is no number."""
    written = request.args.get("before", "")
    if not written:
        return None
    if not (written.isascii() and written.isdigit() and len(written) <= _MOST_DIGITS):
        raise NotFound
    return int(written)
