"""The year ahead, beside every single day of it as the plain reference scores it."""

import datetime as dt
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from riskapp.scoring.adequacy import Coverage, Decision
from riskapp.scoring.basis import Ageing, Basis, BasisItem, Transfer
from riskapp.scoring.constants import KnockoutLevel, Level
from riskapp.scoring.moves import Why
from riskapp.scoring.outlook import Outlook, months_later, outlook
from riskapp.scoring.schemes import STANDARD
from riskapp.scoring.sheet import Domain, Evidence, Knockout, State
from riskapp.scoring.terms import Terms, standard
from riskapp.scoring.transfers import Safeguard
from riskapp.vendors.rules import Factor, Tier
from tests.scoring import documents, reference
from tests.scoring.documents import AS_OF, Document

YEAR = 365
END = AS_OF + dt.timedelta(days=YEAR)
CODE = "XQ"
BEGINS, ENDS = AS_OF + dt.timedelta(days=40), AS_OF + dt.timedelta(days=130)
DECISION = Decision(CODE, "A decision", Coverage.FULL, BEGINS, ENDS)
TERMS = Terms(STANDARD, replace(standard().adequacy, decisions=(DECISION,)))

File = dict[str, Any]
# An example is a year of days: it is told as it was found, for making it smaller takes minutes.
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)


@dataclass(frozen=True)
class Plain:
    """One item with all that time does to it, in words of its own."""

    name: str
    domain: str
    weight: int
    credit: Fraction
    files: list[File] = field(default_factory=list)
    knockout: dict[str, str] | None = None
    assessed_until: dt.date | None = None
    by_decision: bool = False
    ageing_until: dt.date | None = None
    leans_on: str = ""


def on_day(plain: Plain, day: dt.date, others: dict[str, Document]) -> Document:
    """The item of a receipt of that day."""
    worth = plain.credit
    if plain.assessed_until is not None:
        worth = min(worth, Fraction(7 if day <= plain.assessed_until else 3, 10))
    if plain.by_decision:
        worth = min(worth, Fraction(19, 20) if BEGINS <= day <= ENDS else Fraction(0))
    if plain.ageing_until is not None and day > plain.ageing_until:
        worth = min(worth, Fraction(1, 4))
    more: dict[str, Any] = {"knockout": plain.knockout}
    today = {**documents.receipt(Fraction(1), {}, []), "as_of": day.isoformat()}
    if plain.leans_on:
        parent = others[plain.leans_on]
        worth, more["state"] = reference.credited(parent, today), "hidden-by-control"
    elif plain.files:
        more["evidence"] = max(
            (documents.proof(**file) for file in plain.files),
            key=lambda proof: reference.proof({"evidence": proof}, today),
        )
    return documents.item(plain.name, plain.domain, plain.weight, str(worth), **more)


@dataclass(frozen=True)
class Day:
    score: Fraction
    residual: Fraction
    tier: str
    document: Document

    def points(self, name: str) -> Fraction:
        return Fraction(reference.contributions(self.document)[name])


def every_day(risk: Fraction, plains: list[Plain]) -> dict[dt.date, Day]:
    found = {}
    for after in range(YEAR + 1):
        day = AS_OF + dt.timedelta(days=after)
        items: dict[str, Document] = {}
        for plain in plains:
            items[plain.name] = on_day(plain, day, items)
        document = documents.receipt(risk, {"a": 3, "b": 2}, list(items.values()))
        document["as_of"] = day.isoformat()
        result = reference.result(document)
        score, residual = Fraction(result["score"]), Fraction(result["residual"])
        found[day] = Day(score, residual, result["tier"], document)
    return found


def dated(written: str | None) -> dt.date | None:
    return None if written is None else dt.date.fromisoformat(written)


def basis_of(risk: Fraction, plains: list[Plain]) -> Basis:
    items = []
    for plain in plains:
        transfers = [Transfer("US", Safeguard.SCC, plain.assessed_until)] * bool(
            plain.assessed_until
        ) + [Transfer(CODE, Safeguard.ADEQUACY, None)] * plain.by_decision
        items.append(
            BasisItem(
                plain.name,
                plain.domain,
                plain.weight,
                State.HIDDEN if plain.leans_on else State.ANSWERED,
                Fraction(1) if plain.leans_on else plain.credit,
                asks=bool(plain.files),
                files=tuple(
                    Evidence(
                        True,
                        Level(file["level"]),
                        dated(file["issued"]),
                        dated(file["until"]),
                    )
                    for file in plain.files
                ),
                knockout=Knockout(KnockoutLevel.HIGH) if plain.knockout else None,
                transfers=tuple(transfers),
                ageing=Ageing(plain.ageing_until, Fraction(1, 4)) if plain.ageing_until else None,
                leans_on=(plain.leans_on,) if plain.leans_on else (),
            )
        )
    factors = {"INT-02": Factor("some", Fraction(1), risk / 100, None)}
    return Basis(factors, (), (Domain("a", 3), Domain("b", 2)), tuple(items))


def files() -> st.SearchStrategy[list[File]]:
    one = st.builds(
        lambda level, ago, left: {
            "level": level,
            "issued": documents.day(ago),
            "until": left and documents.day(-left),
        },
        st.sampled_from(("provided", "reviewed", "independent", "rejected")),
        st.integers(0, 760),
        st.sampled_from((None, None, 1, 30, 97, 200, 364, 365, 366, 500)),
    )
    return st.lists(one, max_size=2)


@st.composite
def plains(draw: st.DrawFn) -> list[Plain]:
    found = []
    for number in range(draw(st.integers(1, 5))):
        moved = draw(st.sampled_from(("", "", "", "assessed", "decision", "ageing")))
        until = AS_OF + dt.timedelta(days=draw(st.integers(0, 400)))
        found.append(
            Plain(
                f"Q{number}",
                draw(st.sampled_from("ab")),
                draw(st.sampled_from((5, 3, 1))),
                Fraction(draw(st.sampled_from((2, 3, 4))), 4),
                draw(files()),
                draw(st.sampled_from((None, None, {"level": "high", "below": "1/2"}))),
                assessed_until=until if moved == "assessed" else None,
                by_decision=moved == "decision",
                ageing_until=until if moved == "ageing" else None,
            )
        )
    if draw(st.booleans()):
        found.append(Plain("Q9", draw(st.sampled_from("ab")), 3, Fraction(1), leans_on="Q0"))
    return found


def ahead(risk: Fraction, some: list[Plain]) -> Outlook:
    return outlook(basis_of(risk, some), TERMS, AS_OF)


@settings(deadline=None, max_examples=4, phases=NO_SHRINKING)
@given(st.sampled_from((Fraction(45), Fraction(66), Fraction(90))), plains())
def test_every_point_step_and_rise_is_what_the_days_themselves_say(
    risk: Fraction, some: list[Plain]
) -> None:
    found, days = ahead(risk, some), every_day(risk, some)
    first, last = found.points[0].day, found.points[-1].day
    assert (first, last) == (AS_OF, END)
    for point in found.points:
        assert (point.score, str(point.tier)) == (days[point.day].score, days[point.day].tier)
    worse = [
        (day, was.tier, now.tier)
        for (_, was), (day, now) in pairwise(days.items())
        if reference.ORDER.index(now.tier) > reference.ORDER.index(was.tier)
    ]
    assert [(one.day, str(one.before), str(one.after)) for one in found.rises] == worse
    items = [step for step in found.steps if step.item]
    assert (
        sum((one.points for one in items), Fraction(0)) == days[END].residual - days[AS_OF].residual
    )
    for step in items:
        if step.until is None:
            before, on = days[step.day - dt.timedelta(days=1)], days[step.day]
            assert on.points(step.item) != before.points(step.item), "on this day and no other"
    for step in found.steps:
        if step.kind is not None:
            was, now = (floors(days[day]) for day in (step.day - dt.timedelta(days=1), step.day))
            for holder in step.holders:
                assert (was.get(holder), now.get(holder)) == {
                    Why.FLOOR_NEW: (None, step.at),
                    Why.FLOOR_GONE: (step.at, None),
                }.get(step.why, (step.was, step.at))


def floors(day: Day) -> dict[str, Fraction]:
    held = reference.result(day.document)["floors"]
    return {one.get("item", one.get("domain")): Fraction(one["at"]) for one in held}


def certificate(level: str, issued: dt.date, until: dt.date | None = None) -> list[File]:
    return [{"level": level, "issued": issued.isoformat(), "until": until and until.isoformat()}]


def test_a_certificate_that_expires_is_told_with_its_day_and_points() -> None:
    until = dt.date(2027, 2, 28)
    some = [
        Plain("Q0", "a", 5, Fraction(1), certificate("independent", AS_OF, until)),
        Plain("Q1", "b", 5, Fraction(1)),
    ]
    found = ahead(Fraction(45), some)
    (step,) = found.steps
    assert (step.day, step.why, step.item) == (dt.date(2027, 3, 1), Why.EVIDENCE_EXPIRED, "Q0")
    assert step.points == Fraction(45) * Fraction(9, 10) * Fraction(3, 5) / 2
    assert found.on(until).score == Fraction(9, 2)
    assert found.on(dt.date(2027, 3, 1)).score == Fraction(9, 2) + step.points
    (rise,) = found.rises
    assert (rise.day, rise.before, rise.after) == (step.day, Tier.LOW, Tier.MEDIUM)
    assert rise.cause == step


def test_proof_that_fades_is_one_step_from_its_first_day_to_its_last_however_long() -> None:
    issued = AS_OF - dt.timedelta(days=300)
    some = [Plain("Q0", "a", 5, Fraction(1), certificate("independent", issued))]
    found = ahead(Fraction(90), some)
    (step,) = (one for one in found.steps if one.item)
    assert (step.why, step.day, step.until) == (
        Why.EVIDENCE_AGED,
        issued + dt.timedelta(days=366),
        END,
    )
    assert found.rises[0].cause == step
    assert found.rises[0].day not in {one.replace(day=1) for one in (AS_OF, END)}


def test_what_leans_on_a_control_follows_it() -> None:
    until = AS_OF + dt.timedelta(days=10)
    some = [
        Plain("Q0", "a", 5, Fraction(1), certificate("reviewed", AS_OF, until)),
        Plain("Q1", "a", 5, Fraction(1), leans_on="Q0"),
    ]
    (step,) = (one for one in ahead(Fraction(45), some).steps if one.item)
    assert (step.item, step.followed_by) == ("Q0", ("Q1",))
    assert step.points == Fraction(45) * Fraction(9, 10) * Fraction(2, 5)


def test_a_year_with_many_dates_is_computed_on_some_of_them_and_still_tells_each() -> None:
    many = [
        Plain(
            f"Q{n:03}",
            "a",
            1,
            Fraction(1),
            certificate("reviewed", AS_OF, AS_OF + dt.timedelta(days=2 + 3 * n)),
        )
        for n in range(120)
    ]
    found = ahead(Fraction(90), many)
    assert len(found.points) <= 80
    expired = [one for one in found.steps if one.why is Why.EVIDENCE_EXPIRED]
    assert [one.day for one in expired] == [
        AS_OF + dt.timedelta(days=3 + 3 * n) for n in range(120)
    ]


def test_nothing_dated_leaves_a_flat_year() -> None:
    found = ahead(Fraction(45), [Plain("Q0", "a", 5, Fraction(1, 2))])
    assert (found.steps, found.rises) == ((), ())
    assert len({one.score for one in found.points}) == 1


def test_months_end_where_their_days_do() -> None:
    assert months_later(dt.date(2027, 1, 31), 1) == dt.date(2027, 2, 28)
    assert months_later(dt.date(2026, 11, 23), 12) == dt.date(2027, 11, 23)
    assert months_later(dt.date(2026, 12, 31), 2) == dt.date(2027, 2, 28)
