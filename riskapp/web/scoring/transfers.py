"""The table of adequacy decisions as it counts here, with what was overridden in it."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date

from flask import render_template, request

from riskapp.accounts.permissions import Permission, may
from riskapp.accounts.queries import SignedIn
from riskapp.core import countries
from riskapp.core.db import reading
from riskapp.core.errors import NotFound
from riskapp.scoring.adequacy import AdequacyTable, Coverage, Decision, shipped
from riskapp.scoring.overrides import PAGE, OverrideRow, history, overriding, table_with
from riskapp.scoring.transfers import GROUNDS
from riskapp.web.guard import requires
from riskapp.web.ports import ports
from riskapp.web.scorecard import percent
from riskapp.web.scoring.blueprint import blueprint

ORGANISATIONS = {"XX-EPO": "European Patent Organisation"}
_MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table as the page shows it; `own` is the word that replaced the table's."""

    decision: Decision
    name: str
    state: str
    own: OverrideRow | None
    replaced: Sequence[Decision]

    @property
    def counts(self) -> bool:
        """Whether it is a decision on a country, in force or not."""
        return self.decision.coverage in (Coverage.FULL, Coverage.PARTIAL)


@blueprint.route("/transfers", methods=["GET"])
@requires(Permission.SCORING_READ)
def transfers(person: SignedIn) -> str:
    session, today = reading(), today_utc()
    words = overriding(session)
    table = table_with(words)
    lines = _lines(table, words, today)
    given = history(session, before=_before())
    decided = {line.decision.code for line in lines if line.counts}
    return render_template(
        "scoring/transfers.html",
        table=table,
        lines=lines,
        today=today,
        eea=_names(table.eea - table.territories),
        territories=_names(table.territories),
        traps=_names(table.traps),
        traps_decided=_names(table.traps & decided),
        worths={ground: percent(one.credit) for ground, one in GROUNDS.items()},
        given=given,
        name_of=name_of,
        next_before=given[-1].number if len(given) == PAGE else None,
        manages=may(person.role, Permission.SCORING_MANAGE),
    )


def today_utc() -> date:
    return ports().clock.now().date()


def _before() -> int | None:
    """Before which word the history goes on. Raises NotFound for what is no number."""
    written = request.args.get("before", "")
    if not written:
        return None
    if not (written.isascii() and written.isdigit() and len(written) <= _MOST_DIGITS):
        raise NotFound
    return int(written)


def name_of(code: str) -> str:
    """What a country or an organisation with a decision is called."""
    return ORGANISATIONS.get(code) or countries.name(code)


def _names(codes: AbstractSet[str]) -> list[str]:
    return [name for code, name in countries.all_countries() if code in codes]


def _lines(table: AdequacyTable, words: Sequence[OverrideRow], today: date) -> list[Line]:
    own = {row.code: row for row in words}
    lines = [
        Line(
            decision=one,
            name=name_of(one.code),
            state=_state(one, today),
            own=own.get(one.code),
            replaced=shipped().of(one.code) if one.code in own else (),
        )
        for one in table.decisions
    ]
    return sorted(lines, key=lambda line: line.name.casefold())


def _state(decision: Decision, today: date) -> str:
    if decision.coverage is Coverage.NONE:
        return "none"
    if decision.suspended:
        return "suspended"
    if decision.in_force(today):
        return "in-force"
    return "coming" if today < decision.valid_from else "ended"
