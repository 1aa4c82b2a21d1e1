"""Scheme `std-1`: from a sheet of items to a score, exactly, with no clock and no database.

Every number is a Fraction. Sums are taken over like denominators first, since each addition of
Fractions costs a greatest common divisor; 200 items stay near a millisecond that way.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from riskapp.scoring.constants import (
    CONFIDENCE_HIGH,
    CONFIDENCE_MEDIUM,
    FRESH_DAYS,
    NA_SHARE_MOST,
    STD_1,
    Constants,
    KnockoutLevel,
    Level,
)
from riskapp.scoring.sheet import Evidence, Item, Sheet, State
from riskapp.vendors.rules import Tier, tier_of

ZERO, ONE = Fraction(0), Fraction(1)


class Confidence(StrEnum):
    """How much of the score rests on answers and proof that were looked at."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class FloorKind(StrEnum):
    KNOCKOUT = "knockout"
    LEGAL = "legal"
    WEAK_DOMAIN = "weak-domain"


@dataclass(frozen=True, slots=True)
class Floor:
    """A least score and who holds it: the item's id, or the domain's for a weak domain."""

    kind: FloorKind
    subject: str
    at: Fraction


@dataclass(frozen=True, slots=True)
class Result:
    """A score with all that explains it.

    `residual` R before floors, `score` R* after them, both 0…100; `effectiveness` E and
    `claimed` (E if all were proven) 0…1; `base` what no control takes away; `contributions` the
    points of R by item id, with `base` exactly R wherever an item counts; `item_credit` c by
    item id; `domain_effectiveness` by domain id, of the domains with an item that counts;
    `floors` in order of kind and subject.
    """

    residual: Fraction
    score: Fraction
    shown: str
    tier: Tier
    effectiveness: Fraction
    claimed: Fraction
    confidence: Confidence
    confidence_value: Fraction
    na_share: Fraction
    base: Fraction
    floors: tuple[Floor, ...]
    blocked: bool
    contributions: Mapping[str, Fraction]
    item_credit: Mapping[str, Fraction]
    domain_effectiveness: Mapping[str, Fraction]


class _Grade(NamedTuple):
    """An item's a (what is claimed), c (what is believed) and φ (how sure that is)."""

    item: Item
    claimed: Fraction
    credit: Fraction
    certainty: Fraction


class _Area(NamedTuple):
    """A domain with at least one item that counts: its W, Σw and graded items."""

    id: str
    weight: int
    total: int
    grades: list[_Grade]


def shown(value: Fraction) -> str:
    """A score (0 or more) as pages show it: cut to one decimal, so as never to leave its tier."""
    tenths = value.numerator * 10 // value.denominator
    return f"{tenths // 10}.{tenths % 10}"


def fresh_share(evidence: Evidence, as_of: date) -> int:
    """Freshness f in 365ths, 0…365. Evidence without a day of issue has none."""
    if evidence.issued_on is None:
        return 0
    if evidence.valid_until is not None:
        return FRESH_DAYS if as_of <= evidence.valid_until else 0
    return max(0, min(FRESH_DAYS, 2 * FRESH_DAYS - (as_of - evidence.issued_on).days))


def strength(evidence: Evidence, as_of: date, constants: Constants = STD_1) -> Fraction:
    """1/2 + (g - 1/2)·f: what asked evidence makes of a credit, 1/2 for none to 1."""
    none = constants.evidence[Level.NONE]
    gain = constants.evidence.get(evidence.level, none) - none
    return none + gain * Fraction(fresh_share(evidence, as_of), FRESH_DAYS)


def best_evidence(
    candidates: Iterable[Evidence], as_of: date, constants: Constants = STD_1
) -> Evidence:
    """Of several files on one question the one that counts: the greatest (g - 1/2)·f.

    Equals are told apart by level, then dates, whatever their order; no file at all is evidence
    that was asked for and not given.
    """

    def merit(evidence: Evidence) -> tuple[Fraction, Fraction, bool, date, date]:
        return (
            strength(evidence, as_of, constants),
            constants.evidence.get(evidence.level, ZERO),
            evidence.level is Level.REJECTED,
            evidence.valid_until or date.min,
            evidence.issued_on or date.min,
        )

    return max(candidates, key=merit, default=Evidence(asked=True))


def evaluate(sheet: Sheet) -> Result:
    """Score a sheet. Reordering it, or scaling all its weights, changes nothing but order."""
    constants, risk = sheet.constants, sheet.inherent.score
    areas = list(_areas(sheet))
    effects = {area.id: _mean(area.total, _credits(area)) for area in areas}
    effectiveness = _overall(areas, effects)
    residual = risk * (1 - constants.kappa * effectiveness)
    floors = _floors(sheet, areas, effects, tier_of(residual, constants.bounds))
    score = max([residual, *(floor.at for floor in floors)])
    claims = {
        area.id: _mean(area.total, ((g.item.weight, g.claimed) for g in area.grades))
        for area in areas
    }
    na_share, certainty = _na_share(sheet), _certainty(areas)
    return Result(
        residual=residual,
        score=score,
        shown=shown(score),
        tier=tier_of(score, constants.bounds),
        effectiveness=effectiveness,
        claimed=_overall(areas, claims),
        confidence=_confidence(certainty, na_share),
        confidence_value=certainty,
        na_share=na_share,
        base=risk * (1 - constants.kappa),
        floors=floors,
        blocked=any(floor.kind is FloorKind.LEGAL for floor in floors),
        contributions=_contributions(sheet, areas),
        item_credit={g.item.id: g.credit for area in areas for g in area.grades},
        domain_effectiveness=effects,
    )


def _areas(sheet: Sheet) -> Iterator[_Area]:
    items: dict[str, list[_Grade]] = {domain.id: [] for domain in sheet.domains}
    strengths: dict[tuple[Level, int], Fraction] = {}
    for item in sheet.items:
        if item.counts:
            items[item.domain].append(_grade(item, sheet, strengths))
    for domain in sheet.domains:
        grades = items[domain.id]
        if grades:
            total = sum(grade.item.weight for grade in grades)
            yield _Area(domain.id, domain.weight, total, grades)


def _grade(item: Item, sheet: Sheet, strengths: dict[tuple[Level, int], Fraction]) -> _Grade:
    """Grade one item; `strengths` remembers what the same kind of proof was worth before."""
    if item.state is State.HIDDEN:
        return _Grade(item, item.credit, item.credit, ONE)
    if item.state is not State.ANSWERED:
        return _Grade(item, ZERO, ZERO, ZERO)
    if not item.evidence.asked:
        return _Grade(item, item.credit, item.credit, ONE)
    key = (item.evidence.level, fresh_share(item.evidence, sheet.as_of))
    proof = strengths.get(key)
    if proof is None:
        proof = strengths[key] = strength(item.evidence, sheet.as_of, sheet.constants)
    return _Grade(item, item.credit, item.credit * proof, proof)


def _credits(area: _Area) -> Iterator[tuple[int, Fraction]]:
    return ((grade.item.weight, grade.credit) for grade in area.grades)


def _mean(total: int, terms: Iterable[tuple[int, Fraction]]) -> Fraction:
    """Σ w·x / total, exact."""
    numerators: dict[int, int] = {}
    for weight, value in terms:
        numerator, denominator = value.as_integer_ratio()
        numerators[denominator] = numerators.get(denominator, 0) + weight * numerator
    return sum((Fraction(n, d * total) for d, n in numerators.items()), ZERO)


def _overall(areas: list[_Area], effects: Mapping[str, Fraction]) -> Fraction:
    if not areas:
        return ZERO
    total = sum(area.weight for area in areas)
    return _mean(total, ((area.weight, effects[area.id]) for area in areas))


def _contributions(sheet: Sheet, areas: list[_Area]) -> dict[str, Fraction]:
    found = {item.id: ZERO for item in sheet.items}
    weights = sum(area.weight for area in areas)
    for area in areas:
        share = sheet.inherent.score * sheet.constants.kappa * area.weight
        top, bottom = (share / (weights * area.total)).as_integer_ratio()
        for grade in area.grades:
            if grade.credit != 1:
                n, d = grade.credit.as_integer_ratio()
                found[grade.item.id] = Fraction(top * grade.item.weight * (d - n), bottom * d)
    return found


def _floors(
    sheet: Sheet, areas: list[_Area], effects: Mapping[str, Fraction], tier: Tier
) -> tuple[Floor, ...]:
    """All floors that hold, `tier` being that of the residual risk."""
    floors = [floor for area in areas for floor in _failed(sheet, area)]
    least = sheet.constants.weak.get(sheet.inherent.tier)
    above = tier.above
    if least is not None and above is not None:
        at = min(sheet.inherent.score, sheet.constants.bounds.lower(above))
        weak = (name for name, effect in effects.items() if effect < least)
        floors.extend(Floor(FloorKind.WEAK_DOMAIN, name, at) for name in weak)
    return tuple(sorted(floors, key=lambda floor: (floor.kind, floor.subject)))


def _failed(sheet: Sheet, area: _Area) -> Iterator[Floor]:
    """The floors of failed knock-outs: a legal one is absolute, others end at the inherent risk."""
    for grade in area.grades:
        knockout = grade.item.knockout
        if knockout is None or grade.claimed >= knockout.below:
            continue
        at = sheet.constants.knockout[knockout.level]
        if knockout.level is KnockoutLevel.LEGAL:
            yield Floor(FloorKind.LEGAL, grade.item.id, at)
        else:
            yield Floor(FloorKind.KNOCKOUT, grade.item.id, min(sheet.inherent.score, at))


def _certainty(areas: list[_Area]) -> Fraction:
    """Σ w·φ / Σ w over all items that count; nothing asked is nothing known."""
    total = sum(area.total for area in areas)
    if not total:
        return ZERO
    return _mean(total, ((g.item.weight, g.certainty) for area in areas for g in area.grades))


def _na_share(sheet: Sheet) -> Fraction:
    claimed = (State.NA_CLAIMED, State.NA_APPROVED)
    total = sum(item.weight for item in sheet.items)
    return Fraction(sum(i.weight for i in sheet.items if i.state in claimed), total or 1)


def _confidence(certainty: Fraction, na_share: Fraction) -> Confidence:
    if na_share > NA_SHARE_MOST or certainty < CONFIDENCE_MEDIUM:
        return Confidence.LOW
    return Confidence.HIGH if certainty >= CONFIDENCE_HIGH else Confidence.MEDIUM
