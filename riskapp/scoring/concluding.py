"""From the sums of an assessment's items to what people read of its score, in whole numbers.

`compiled` adds up one assessment's items and `batch` those of thousands; both end here.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import NamedTuple, Self

from riskapp.scoring.constants import (
    CONFIDENCE_HIGH,
    CONFIDENCE_MEDIUM,
    FRESH_DAYS,
    NA_SHARE_MOST,
    Constants,
    KnockoutLevel,
    Level,
)
from riskapp.scoring.rules import Confidence, FloorKind, Result
from riskapp.vendors.rules import Tier, tier_of

Ratio = tuple[int, int]
"""Numerator and denominator, not always in lowest terms."""

Subject = tuple[FloorKind, str]
"""A floor without its height: its kind, and the item or domain that holds it."""


class Outcome(NamedTuple):
    """All that a person reads of a score, and the exact score; `floors` in order."""

    score: Fraction
    shown: str
    tier: Tier
    blocked: bool
    confidence: Confidence
    floors: tuple[Subject, ...]


def outcome_of(result: Result) -> Outcome:
    return Outcome(
        score=result.score,
        shown=result.shown,
        tier=result.tier,
        blocked=result.blocked,
        confidence=result.confidence,
        floors=tuple((floor.kind, floor.subject) for floor in result.floors),
    )


def mark(outcome: Outcome) -> str:
    """What tells one outcome from another: a score is worth a new receipt where its mark is new.

    The exact score is not in it, for that fades a little every day.
    """
    floors = [f"{kind}:{subject}" for kind, subject in outcome.floors]
    return mark_in_words(
        outcome.tier, outcome.shown, outcome.confidence, floors, blocked=outcome.blocked
    )


def mark_in_words(
    tier: Tier, shown: str, confidence: Confidence, floors: Iterable[str], *, blocked: bool
) -> str:
    return " ".join((tier, shown, confidence, *(("blocked",) if blocked else ()), *floors))


class Marked(NamedTuple):
    """A score as pages show it, and its `mark`."""

    tier: Tier
    shown: str
    blocked: bool
    mark: str

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        return cls(outcome.tier, outcome.shown, outcome.blocked, mark(outcome))


class Strengths(NamedTuple):
    """What proof is worth over `scale`: `none`, and `gains[level]` for each 365th of freshness."""

    scale: int
    none: int
    gains: Mapping[Level, int]

    @classmethod
    def of(cls, constants: Constants) -> Self:
        return cls(*_strengths(tuple(constants.evidence.items())))


@lru_cache(maxsize=16)
def _strengths(
    evidence: tuple[tuple[Level, Fraction], ...],
) -> tuple[int, int, Mapping[Level, int]]:
    none = dict(evidence)[Level.NONE]
    parts = lcm(*(worth.denominator for _, worth in evidence))
    gains = {level: int((worth - none) * parts) for level, worth in evidence}
    return parts * FRESH_DAYS, int(none * parts) * FRESH_DAYS, gains


class Risk:
    """An inherent risk, with the heights of the floors that end at it."""

    def __init__(self, score: Fraction, constants: Constants) -> None:
        tier = tier_of(score, constants.inherent_bounds)
        bounds = constants.bounds
        self.ratio = score.as_integer_ratio()
        self.least = constants.weak.get(tier)
        self.knockout = {
            level: at if level is KnockoutLevel.LEGAL else min(score, at)
            for level, at in constants.knockout.items()
        }
        self.weak = {
            tier: min(score, bounds.lower(tier.above)) for tier in Tier if tier.above is not None
        }


class Area(NamedTuple):
    """A domain with an item that counts: its W, Σw, and Σw·c over the sums' scale."""

    id: str
    weight: int
    total: int
    credit: int


class Sums(NamedTuple):
    """What the items of an assessment come to.

    `scale` is that of every area's `credit`; `failed` the knock-outs; `sure` Σw·φ over
    `sure_scale`; `excused` Σw of what was claimed or approved N/A, of `weight` in all.
    """

    areas: list[Area]
    scale: int
    failed: list[tuple[KnockoutLevel, str]]
    sure: int
    sure_scale: int
    excused: int
    weight: int


def conclude(risk: Risk, sums: Sums, constants: Constants) -> Outcome:
    """From sums to the outcome: all that is left to do once the items are added up."""
    top, bottom = _effectiveness(sums)
    kept, of = constants.kappa.as_integer_ratio()
    score = risk.ratio[0] * (of * bottom - kept * top), risk.ratio[1] * of * bottom
    floors = [
        (FloorKind.LEGAL if level is KnockoutLevel.LEGAL else FloorKind.KNOCKOUT, name)
        for level, name in sums.failed
    ]
    heights = {risk.knockout[level] for level, _ in sums.failed}
    tier = _tier(score, constants)
    if risk.least is not None and tier in risk.weak:
        weak = _weak(sums, risk.least)
        floors += weak
        heights.update([risk.weak[tier]] if weak else ())
    floors.sort()
    for height in heights:
        n, d = height.as_integer_ratio()
        if n * score[1] > score[0] * d:
            score = n, d
    tenths = score[0] * 10 // score[1]
    return Outcome(
        score=Fraction(*score),
        shown=f"{tenths // 10}.{tenths % 10}",
        tier=_tier(score, constants),
        blocked=any(level is KnockoutLevel.LEGAL for level, _ in sums.failed),
        confidence=_confidence(sums),
        floors=tuple(floors),
    )


def _effectiveness(sums: Sums) -> Ratio:
    """E over all domains; 0 where no item counts."""
    if not sums.areas:
        return 0, 1
    common = lcm(*[area.total for area in sums.areas])
    top = sum(area.weight * area.credit * (common // area.total) for area in sums.areas)
    return top, sums.scale * common * sum(area.weight for area in sums.areas)


def _tier(score: Ratio, constants: Constants) -> Tier:
    for tier in (Tier.CRITICAL, Tier.HIGH, Tier.MEDIUM):
        n, d = constants.bounds.lower(tier).as_integer_ratio()
        if score[0] * d >= n * score[1]:
            return tier
    return Tier.LOW


def _weak(sums: Sums, least: Fraction) -> list[Subject]:
    n, d = least.as_integer_ratio()
    n *= sums.scale
    return [
        (FloorKind.WEAK_DOMAIN, area.id) for area in sums.areas if area.credit * d < n * area.total
    ]


def _confidence(sums: Sums) -> Confidence:
    certain = sums.sure_scale * sum(area.total for area in sums.areas)
    if not certain or _below(sums.sure, certain, CONFIDENCE_MEDIUM):
        return Confidence.LOW
    if sums.excused * NA_SHARE_MOST.denominator > sums.weight * NA_SHARE_MOST.numerator:
        return Confidence.LOW
    high = not _below(sums.sure, certain, CONFIDENCE_HIGH)
    return Confidence.HIGH if high else Confidence.MEDIUM


def _below(part: int, whole: int, bound: Fraction) -> bool:
    return part * bound.denominator < whole * bound.numerator
