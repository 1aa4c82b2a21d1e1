"""What would change the tier: a small set of repairs that takes a score below the next bound. Pure.

Small, not proven smallest: knock-outs that hold the tier first, then what adds most points. No
member of the set can be left out.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from riskapp.scoring.constants import Level
from riskapp.scoring.explain import Reason, reasons
from riskapp.scoring.rules import FloorKind, Result, evaluate
from riskapp.scoring.sheet import Evidence, Item, Sheet, State
from riskapp.vendors.rules import Tier


@dataclass(frozen=True, slots=True)
class Repair:
    """An item to be mended, and what is missing of it: an answer, proof, a review."""

    item: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Lift:
    """The repairs that bring `tier`, and the score that they bring."""

    tier: Tier
    score: Fraction
    repairs: tuple[Repair, ...]


def lift(sheet: Sheet, result: Result) -> Lift | None:
    """The repairs that take a score out of its tier, in the order of the sheet.

    None where there is no better tier, or where no repair of items reaches it. `result` is what
    `evaluate(sheet)` returned.
    """
    if result.tier is Tier.LOW:
        return None
    bound = sheet.constants.bounds.lower(result.tier)
    if evaluate(repaired(sheet, {item.id for item in sheet.items})).score >= bound:
        return None
    found = min((_pruned(sheet, way, bound) for way in _ways(sheet, result, bound)), key=len)
    after = evaluate(repaired(sheet, found))
    mended = (item for item in sheet.items if item.id in found)
    return Lift(
        after.tier,
        after.score,
        tuple(Repair(item.id, reasons(item, sheet.as_of)) for item in mended),
    )


def repaired(sheet: Sheet, ids: Collection[str]) -> Sheet:
    """The sheet with these items at full credit: the best answer, independent proof of that day."""
    return replace(
        sheet,
        items=tuple(_repaired(item, sheet) if item.id in ids else item for item in sheet.items),
    )


def _repaired(item: Item, sheet: Sheet) -> Item:
    if not item.counts:
        return item
    proof = Evidence(True, Level.INDEPENDENT, sheet.as_of) if item.evidence.asked else item.evidence
    return replace(item, state=State.ANSWERED, credit=Fraction(1), evidence=proof)


def _ways(sheet: Sheet, result: Result, bound: Fraction) -> Iterator[list[str]]:
    """Two ways below the bound: past the weak domains, and by making each of them strong."""
    forced = [
        floor.subject
        for floor in result.floors
        if floor.kind is not FloorKind.WEAK_DOMAIN and floor.at >= bound
    ]
    costs = result.contributions
    rest = sorted(
        (item for item in sheet.items if costs[item.id] and item.id not in forced),
        key=lambda item: (-costs[item.id], item.id),
    )
    yield _until(sheet, forced, [item.id for item in rest], bound)
    weak = {floor.subject for floor in result.floors if floor.kind is FloorKind.WEAK_DOMAIN}
    if weak:
        rest.sort(key=lambda item: item.domain not in weak)  # stable: by cost within each
        yield _until(sheet, forced, [item.id for item in rest], bound)


def _until(sheet: Sheet, first: list[str], more: list[str], bound: Fraction) -> list[str]:
    """The fewest of `more`, in their order, that go below the bound together with `first`.

    More repairs never raise a score, so that halving finds the number.
    """
    low, high = 0, len(more)
    while low < high:
        middle = (low + high) // 2
        if evaluate(repaired(sheet, {*first, *more[:middle]})).score < bound:
            high = middle
        else:
            low = middle + 1
    return [*first, *more[:low]]


def _pruned(sheet: Sheet, ids: list[str], bound: Fraction) -> frozenset[str]:
    """Without every member that is not needed; what was taken in last is tried first."""
    left = set(ids)
    for name in reversed(ids):
        if evaluate(repaired(sheet, left - {name})).score < bound:
            left.discard(name)
    return frozenset(left)
