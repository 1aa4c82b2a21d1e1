"""Bases made from nothing, the terms and days they are scored by, and hypothesis strategies.

One number is drawn and decides the rest: drawing every part of every item would take minutes.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import Any, NamedTuple

from hypothesis import strategies as st

from riskapp.scoring.adequacy import shipped
from riskapp.scoring.basis import Ageing, Basis, BasisItem, Transfer
from riskapp.scoring.constants import LADDER, STD_1, KnockoutLevel, Level
from riskapp.scoring.packing import pack
from riskapp.scoring.schemes import STANDARD
from riskapp.scoring.sheet import Domain, Evidence, Knockout, Questionnaire, State
from riskapp.scoring.terms import Terms, standard
from riskapp.scoring.transfers import Safeguard
from riskapp.vendors.rules import Bounds, Factor, Tier
from tests.scoring import own_schemes
from tests.scoring.building import AS_OF

HUGE = Fraction(2**70 - 3, 2**71 + 1)
TAME = [
    *(Fraction(n, 20) for n in range(21)),
    *(Fraction(n, d) for d in (3, 7, 9, 11, 13) for n in range(1, d)),
]
WILD = [Fraction(7, 251), Fraction(1, 256), Fraction(2**31, 2**33 + 1), HUGE]
"""Neither of one common denominator that fits, nor of a byte, of 32 bits, of 64."""
BELOW = [Fraction(1, 2), Fraction(1, 2), Fraction(7, 10), Fraction(0)]
STATES = [State.ANSWERED] * 5 + list(State)
COUNTRIES = ["", "DE", "US", "CH", "IN", "IN", "GL", "UK"]


class Mood(NamedTuple):
    """What a basis is made of. `knockouts`: one item in so many has one."""

    credits: list[Fraction]
    states: list[State]
    knockouts: int
    wild: bool


CALM = Mood([one for one in TAME if one > Fraction(3, 5)], [State.ANSWERED], 50, wild=False)
"""No floor hides what a day, or a file more, does to the score."""
BUSY = Mood(TAME, STATES, 5, wild=False)
ODD = Mood(TAME + WILD, STATES, 4, wild=True)
"""Also what `build` never makes, and numbers of any size."""


class Row(NamedTuple):
    """A packed basis, as it is read of many at once."""

    plan: str
    factors: Any
    items: bytes
    files: bytes
    transfers: bytes
    rest: bytes


def row(basis: Basis) -> Row:
    packed = pack(basis)
    return Row(packed.plan, *packed[2:])


def plans(many: Sequence[Basis]) -> dict[str, str]:
    return {packed.plan: packed.document for packed in map(pack, many)}


def _day(die: Random) -> dt.date:
    """A day around `AS_OF`: often one on which something is about to end, or has just ended."""
    edges = (0, 1, 364, 365, 366, 729, 730, 731)
    ago = die.choice((*edges, die.randint(366, 729), die.randint(-900, 900)))
    return AS_OF - dt.timedelta(days=ago)


def _some_day(die: Random) -> dt.date | None:
    return _day(die) if die.randrange(5) else None


def _file(die: Random, mood: Mood) -> Evidence:
    level, asked = die.choice(list(Level)), not mood.wild or bool(die.randrange(4))
    return Evidence(asked, level, _some_day(die), die.choice((None, _some_day(die))))


def _transfer(die: Random) -> Transfer:
    means = die.choice([Safeguard.SCC, Safeguard.BCR, *Safeguard])
    return Transfer(die.choice(COUNTRIES), means, _some_day(die))


def _item(die: Random, mood: Mood, number: int, domains: int) -> BasisItem:
    """Any item that is its answer and nothing else."""
    below = die.choice(BELOW + WILD if mood.wild else BELOW)
    knockout = Knockout(die.choice(list(KnockoutLevel)), below)
    return BasisItem(
        id=f"q{number}",
        domain=f"d{die.randrange(domains)}",
        weight=die.choice((1, 3, 5)),
        state=die.choice(mood.states),
        credit=die.choice(mood.credits),
        asks=bool(die.randrange(2)),
        knockout=None if die.randrange(mood.knockouts) else knockout,
    )


def _with_more(die: Random, mood: Mood, item: BasisItem) -> BasisItem:
    """The same with some of what there may be beside its answer."""
    changes: dict[str, Any] = {
        "asks": True,
        "files": tuple(_file(die, mood) for _ in range(die.randint(1, 3))),
        "transfers": tuple(_transfer(die) for _ in range(2)),
        "ageing": Ageing(_day(die), die.choice(mood.credits)),
        "compensating": die.choice([Fraction(3, 4), Fraction(1, 4), *WILD[: 4 * mood.wild]]),
    }
    chosen = die.sample(sorted(changes), die.choice((1, 1, 2, 4)))
    return replace(item, **{name: changes[name] for name in ("asks", "files", *chosen)})


def _leaning(die: Random, mood: Mood, item: BasisItem, others: Sequence[BasisItem]) -> BasisItem:
    """The same, hidden by controls among `others`."""
    fit = [one for one in others if mood.wild or one.state is State.ANSWERED]
    behind = tuple(one.id for one in die.sample(fit, min(len(fit), 2)))
    if not behind:
        return item
    usual = not mood.wild or die.randrange(3)
    state = State.HIDDEN if usual else item.state
    asks = bool(die.randrange(2)) and not usual
    made_up = die.choice((Fraction(3, 4), Fraction(0))) if mood.wild else Fraction(0)
    leans: dict[str, Any] = {"leans_on": behind, "compensating": made_up, "asks": asks}
    return replace(item, state=state, credit=Fraction(1), **leans)


def made(die: Random) -> Basis:
    """Up to twelve items in up to four domains."""
    mood, domains = die.choice((CALM, CALM, BUSY, ODD)), die.randint(1, 4)
    items = [_item(die, mood, number, domains) for number in range(die.randrange(13))]
    kinds = [die.choice(("plain", "plain", "more", "leaning")) for _ in items]
    items = [
        _with_more(die, mood, item) if kind == "more" else item
        for item, kind in zip(items, kinds, strict=True)
    ]
    others = [item for item, kind in zip(items, kinds, strict=True) if kind != "leaning"]
    items = [
        _leaning(die, mood, item, others) if kind == "leaning" else item
        for item, kind in zip(items, kinds, strict=True)
    ]
    if die.randrange(2):
        items.sort(key=lambda item: item.domain)
    return Basis(
        factors={f"INT-0{n}": _factor(die, mood) for n in range(2, die.choice((2, 3, 5)))},
        questionnaires=(Questionnaire("example", "2026.1", "0" * 64),),
        domains=tuple(Domain(f"d{n}", die.randint(1, 3)) for n in range(domains)),
        items=tuple(items),
    )


def _factor(die: Random, mood: Mood) -> Factor:
    weights = (Fraction(1, 10), Fraction(1, 5), Fraction(3, 7), HUGE / 5)
    return Factor(
        answer=die.choice((None, "some", "many")),
        weight=die.choice(weights if mood.wild else weights[:-1]),
        value=die.choice((Fraction(0), Fraction(1, 2), Fraction(2, 3), Fraction(1))),
        floor=die.choice((None, None, Fraction(25), Fraction(50), Fraction(101, 3))),
    )


def _other_terms(die: Random) -> Terms:
    """Numbers that no scheme of today has: bounds between tenths, other steps of evidence."""
    medium, high, critical = sorted(die.sample(range(1, 300), 3))
    steps = [0, *sorted(die.choices(range(14), k=3))]
    own = replace(
        STD_1,
        bounds=Bounds(Fraction(medium, 3), Fraction(high, 3), Fraction(critical, 3)),
        kappa=die.choice((Fraction(9, 10), Fraction(1), Fraction(2, 3))),
        evidence={level: Fraction(13 + n, 26) for level, n in zip(LADDER, steps, strict=True)},
        weak={tier: Fraction(die.randint(0, 17), 17) for tier in Tier if die.randrange(2)},
    )
    return Terms(replace(STANDARD, name="other-1", constants=own), shipped())


dice = st.integers(0, 2**32).map(Random)
bases = dice.map(made)
days = st.just(AS_OF) | dice.map(_day)
terms = (
    st.just(standard())
    | dice.map(_other_terms)
    | own_schemes.schemes().map(lambda scheme: Terms(scheme, shipped()))
)
