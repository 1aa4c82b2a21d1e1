"""Why a tier is what it is, in sentences for somebody who never saw the formula."""

from collections.abc import Sequence

from riskapp.scoring.explain import explain
from riskapp.scoring.rules import Floor, FloorKind, Result, shown
from riskapp.scoring.sheet import Sheet
from riskapp.vendors.rules import tier_of
from riskapp.web.scorecard_words import Wording, listed, percent

NAMED = 3
"""The most that a sentence names of questions or domains."""
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_KINDS = {
    FloorKind.KNOCKOUT: ("failed knock-out", "failed knock-outs"),
    FloorKind.LEGAL: ("unmet requirement of the law", "unmet requirements of the law"),
    FloorKind.WEAK_DOMAIN: ("weak domain", "weak domains"),
}


def told(sheet: Sheet, result: Result, words: Wording) -> list[str]:
    """The sentences, the one that names the tier first. `result` is what evaluating gave."""
    found = [_tier(sheet, result, words), _controls(sheet, result)]
    costs = [f"{one.item} (+{shown(one.contribution)})" for one in explain(sheet, result)]
    if costs:
        adds = "The answer that adds most is" if len(costs) == 1 else "The answers that add most:"
        found.append(f"{adds} {listed(costs[:NAMED])}.")
    return found


def counted(number: int, one: str, many: str) -> str:
    """As in "three weak domains"; numbers above nine in digits."""
    written = _NUMBERS[number] if number < len(_NUMBERS) else str(number)
    return f"{written} {one if number == 1 else many}"


def _tier(sheet: Sheet, result: Result, words: Wording) -> str:
    lands = f"{result.tier.capitalize()}, {result.shown}"
    if result.score == result.residual:
        if result.floors:
            return (
                f"{lands}, by the answers alone: what failed would hold it at "
                f"{shown(max(floor.at for floor in result.floors))} or above, and it lies there."
            )
        return f"{lands}, by the answers alone: no knock-out failed and no domain is weak."
    holding = [floor for floor in result.floors if floor.at == result.score]
    others = [floor.at for floor in result.floors if floor.at != result.score]
    without = max([result.residual, *others])
    tier = tier_of(without, sheet.constants.bounds)
    verb, them = ("holds", "it") if len(holding) == 1 else ("hold", "them")
    still = "still be" if tier is result.tier else "be"
    return (
        f"{lands}: {_holders(holding, words)} {verb} it there; without {them} the score would "
        f"{still} {shown(without)}, {tier}."
    )


def _holders(floors: Sequence[Floor], words: Wording) -> str:
    found = []
    for kind, (one, many) in _KINDS.items():
        own = [floor.subject for floor in floors if floor.kind is kind]
        if not own:
            continue
        names = [words.domain(name) if kind is FloorKind.WEAK_DOMAIN else name for name in own]
        if len(names) > NAMED:
            names = [*names[: NAMED - 1], f"{len(names) - NAMED + 1} more"]
        found.append(f"{counted(len(own), one, many)} ({listed(names)})")
    return listed(found)


def _controls(sheet: Sheet, result: Result) -> str:
    inherent = sheet.inherent
    begins = (
        f"The engagement begins at an inherent risk of {shown(inherent.score)}, {inherent.tier}"
    )
    if not result.item_credit:
        return f"{begins}; no question counts, so that all of it remains."
    said = (
        f"{begins}; controls that are {percent(result.effectiveness)} effective bring it down to "
        f"{shown(result.residual)}."
    )
    if result.claimed == result.effectiveness:
        return said
    proven = inherent.score * (1 - sheet.constants.kappa * result.claimed)
    return f"{said} If all that is claimed were proven, it would be {shown(proven)}."
