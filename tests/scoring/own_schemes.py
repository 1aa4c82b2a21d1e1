"""Schemes of an organisation's own, made from nothing, and receipts that are scored by them."""

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from riskapp.scoring.constants import STD_1, KnockoutLevel
from riskapp.scoring.receipts import constants_document
from riskapp.scoring.schemes import ABOVE_LOW, STANDARD, Scheme
from riskapp.scoring.wishes import Wish, checked
from riskapp.vendors.rules import Bounds, Tier
from tests.scoring import documents

NAME = "harbour-1"
DOMAINS = {"d0": (3,), "d1": (2,), "d2": (1, 2), "d3": (1,)}
"""The domains of `documents.receipts`, each with the weights that questionnaires give it."""

Document = dict[str, Any]


def wish(**changes: Any) -> Wish:
    """The numbers of `std-1`, but for `changes`, by their field: bound_high=30, weight_exit=9.

    A change of a weak minimum is in per cent.
    """
    parts: dict[str, dict[str, Any]] = {
        "bound": {str(tier): STD_1.bounds.lower(tier) for tier in ABOVE_LOW},
        "floor": {str(level): at for level, at in STD_1.knockout.items()},
        "weak": {str(tier): least for tier, least in STD_1.weak.items()},
        "weight": {},
        "cadence": {str(tier): months for tier, months in STANDARD.cadence.items()},
    }
    for field, value in changes.items():
        kind, _, key = field.partition("_")
        whole = kind in ("weight", "cadence")
        number = value if whole else Fraction(str(value))
        parts[kind][key.replace("_", "-")] = number / 100 if kind == "weak" else number
    return Wish(
        Bounds(**parts["bound"]),
        {KnockoutLevel(level): at for level, at in parts["floor"].items()},
        {Tier(tier): least for tier, least in parts["weak"].items()},
        parts["weight"],
        {Tier(tier): months for tier, months in parts["cadence"].items()},
    )


def scheme(**changes: Any) -> Scheme:
    return checked(NAME, wish(**changes), DOMAINS)


def tenths(least: int, most: int) -> st.SearchStrategy[Fraction]:
    return st.integers(least, most).map(lambda number: Fraction(number, 10))


@st.composite
def schemes(draw: st.DrawFn) -> Scheme:
    """Anything that is accepted, its corners included."""
    medium, high, critical = sorted(
        draw(st.lists(st.integers(1, 1000), min_size=3, max_size=3, unique=True))
    )
    at_high = draw(st.integers(high, 1000))
    at_critical = draw(st.integers(max(critical, at_high), 1000))
    at_legal = draw(st.integers(at_critical, 1000))
    minima = sorted(draw(st.lists(st.integers(0, 100), min_size=3, max_size=3)))
    cadence = sorted(draw(st.lists(st.integers(1, 60), min_size=4, max_size=4)), reverse=True)
    weights = draw(st.dictionaries(st.sampled_from(tuple(DOMAINS)), st.integers(1, 9)))
    wanted = Wish(
        Bounds(Fraction(medium, 10), Fraction(high, 10), Fraction(critical, 10)),
        {
            level: Fraction(at, 10)
            for level, at in zip(KnockoutLevel, (at_high, at_critical, at_legal), strict=True)
        },
        {tier: Fraction(one, 100) for tier, one in zip(ABOVE_LOW, minima, strict=True)},
        weights,
        dict(zip(Tier, cadence, strict=True)),
    )
    return checked(NAME, wanted, DOMAINS)


def under(own: Scheme, document: Document) -> Document:
    """The receipt as it stands under a scheme: another name, its constants, its weights."""
    return {
        **document,
        "scheme": own.name,
        "constants": constants_document(own.constants),
        "domains": [
            {**domain, "weight": own.weights.get(domain["id"], domain["weight"])}
            for domain in document["domains"]
        ],
    }


@st.composite
def receipts(draw: st.DrawFn, least: int = 0) -> Document:
    return under(draw(schemes()), draw(documents.receipts(least)))
