"""What an organisation would score by, and whether it may: only what keeps the properties. Pure.

The bounds of the tiers, the floors, the least effectiveness of a domain, the weights of domains
and the months between assessments can be other than in `std-1`. κ, the worth of evidence and the
bounds of the inherent risk stay. Whatever is taken here keeps P1 to P15 of the scheme's text.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from types import MappingProxyType

from riskapp.core.errors import Refusal
from riskapp.scoring.constants import (
    NAME_LENGTH,
    PUBLISHED,
    SCHEME,
    STD_1,
    KnockoutLevel,
    may_be_own,
)
from riskapp.scoring.schemes import ABOVE_LOW, STANDARD, TENTHS, Scheme, same_numbers, written
from riskapp.vendors.rules import WORST_SCORE, Bounds, Tier

PERCENTS = 100
HEAVIEST, LONGEST = 9, 60
"""The most that a domain weighs, and the most months between two assessments."""

Faults = Iterator[tuple[str, str]]
"""Field and sentence, for each thing that is wrong."""


@dataclass(frozen=True, slots=True)
class Wish:
    """The numbers that an organisation would score by, before they are checked.

    `floors` by knock-out level, 0 to 100; `weak` by inherent tier, 0 to 1, for every tier above
    low; `weights` and `cadence` as a scheme has them.
    """

    bounds: Bounds
    floors: Mapping[KnockoutLevel, Fraction]
    weak: Mapping[Tier, Fraction]
    weights: Mapping[str, int]
    cadence: Mapping[Tier, int]


class SchemeRefused(Refusal):
    """A scheme that would break a property: `faults` say so by field; "" is the whole of it.

    Fields are `name`, and `bound-`, `floor-`, `weak-`, `weight-` and `cadence-` with what they are
    for: `bound-high`, `weight-exit`.
    """

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(", ".join(faults))
        self.faults = faults


def checked(name: str, wish: Wish, domains: Mapping[str, Collection[int]]) -> Scheme:
    """The scheme of this name and these numbers.

    `domains` says by id which weights the questionnaires give each domain; a weight that is
    theirs anyway is none of the scheme's. Raises SchemeRefused for a name that is none, for
    numbers that break a property, and where all of it is that of `std-1`.
    """
    found: dict[str, str] = {}
    for faults in (
        _name(name),
        _bounds(wish.bounds),
        _floors(wish),
        _weak(wish.weak),
        _weights(wish.weights, domains),
        _cadence(wish.cadence),
    ):
        for field, words in faults:
            found.setdefault(field, words)
    if found:
        raise SchemeRefused(found)
    scheme = _made(name, wish, domains)
    if same_numbers(scheme, STANDARD):
        raise SchemeRefused(
            {"": f"These are the numbers of {SCHEME}. Change one of them at least."}
        )
    return scheme


def _made(name: str, wish: Wish, domains: Mapping[str, Collection[int]]) -> Scheme:
    floors = {level: wish.floors[level] for level in KnockoutLevel}
    weak = {tier: wish.weak[tier] for tier in ABOVE_LOW}
    weights = {
        domain: weight
        for domain, weight in sorted(wish.weights.items())
        if set(domains[domain]) != {weight}
    }
    return Scheme(
        name,
        replace(
            STD_1,
            bounds=wish.bounds,
            knockout=MappingProxyType(floors),
            weak=MappingProxyType(weak),
        ),
        MappingProxyType(weights),
        MappingProxyType({tier: wish.cadence[tier] for tier in Tier}),
    )


def _name(name: str) -> Faults:
    if name.startswith(PUBLISHED):
        yield (
            "name",
            (
                f"Names that begin with {PUBLISHED} are kept for published schemes. Take another, "
                "like harbour-1."
            ),
        )
    elif not may_be_own(name):
        yield (
            "name",
            (
                "Use lower-case letters, digits and hyphens, with a number at the end, like "
                f"harbour-1; at most {NAME_LENGTH} characters."
            ),
        )


def _number(field: str, value: Fraction) -> Faults:
    if not 0 <= value <= WORST_SCORE:
        yield field, f"It must lie within 0 and {WORST_SCORE}, as scores do."
    elif (value * TENTHS).denominator != 1:
        yield (
            field,
            (
                "Use whole points or tenths, like 12.5: scores are shown to one decimal, and the "
                "number must never say another tier."
            ),
        )


def _bounds(bounds: Bounds) -> Faults:
    """Rising, or a better answer could raise a score (P2); tenths, for number and tier (P14)."""
    for tier in ABOVE_LOW:
        yield from _number(f"bound-{tier}", bounds.lower(tier))
    for lower, upper in pairwise(Tier):
        least = bounds.lower(lower)
        if bounds.lower(upper) <= least:
            yield (
                f"bound-{upper}",
                (
                    f"It must begin above {written(least)}, where {lower} begins: every tier needs "
                    "room, in order."
                ),
            )


def _floors(wish: Wish) -> Faults:
    """A failed knock-out holds at least its tier (P7), a worse one at least as much."""
    sound = not any(_bounds(wish.bounds))
    for level in KnockoutLevel:
        yield from _number(f"floor-{level}", wish.floors[level])
        tier = Tier.HIGH if level is KnockoutLevel.HIGH else Tier.CRITICAL
        least = wish.bounds.lower(tier)
        if sound and wish.floors[level] < least:
            words = (
                f"It must be {written(least)} at least, where {tier} begins: else such a failure "
                "could be made up for."
            )
            yield f"floor-{level}", words
    for lower, upper in pairwise(KnockoutLevel):
        if wish.floors[upper] < wish.floors[lower]:
            words = (
                f"It must be {written(wish.floors[lower])} at least, which a {lower} knock-out "
                "holds already."
            )
            yield f"floor-{upper}", words


def _weak(weak: Mapping[Tier, Fraction]) -> Faults:
    """Rising, or more inherent risk could lower a score (P10); whole, as shares are shown."""
    for tier in ABOVE_LOW:
        if not 0 <= weak[tier] <= 1:
            yield f"weak-{tier}", "It must lie within 0 and 100 %."
        elif (weak[tier] * PERCENTS).denominator != 1:
            yield f"weak-{tier}", "Use whole per cent, as shares are shown."
    for lower, upper in pairwise(ABOVE_LOW):
        if weak[upper] < weak[lower]:
            yield (
                f"weak-{upper}",
                (
                    f"It must be {written(weak[lower] * PERCENTS)} % at least, which {lower} "
                    "inherent risk asks already: more risk never asks less."
                ),
            )


def _weights(weights: Mapping[str, int], domains: Mapping[str, Collection[int]]) -> Faults:
    for domain, weight in weights.items():
        if domain not in domains:
            yield f"weight-{domain}", "No questionnaire has this domain. Leave it out."
        elif not 1 <= weight <= HEAVIEST:
            yield (
                f"weight-{domain}",
                (
                    f"Use a whole number from 1 to {HEAVIEST}, or leave it empty: it then weighs "
                    "as its questionnaire says."
                ),
            )


def _cadence(cadence: Mapping[Tier, int]) -> Faults:
    for tier in Tier:
        if not 1 <= cadence[tier] <= LONGEST:
            yield f"cadence-{tier}", f"Use whole months, from 1 to {LONGEST}."
    for better, worse in pairwise(Tier):
        if cadence[worse] > cadence[better]:
            yield (
                f"cadence-{worse}",
                (
                    f"It must be {cadence[better]} months at most, after which {better} risk is "
                    "assessed again: what is worse never waits longer."
                ),
            )
