"""The whole of one receipt, for the page that explains it.

Each domain is opened to its answers, the inherent risk to those of the intake, and every number
has its place in the receipt.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from riskapp.catalogue.answers import in_words
from riskapp.catalogue.model import Release
from riskapp.scoring.explain import reasons
from riskapp.scoring.queries import Score
from riskapp.scoring.rules import ZERO, shown
from riskapp.scoring.sheet import Item, State
from riskapp.vendors.rules import WORST_SCORE
from riskapp.web.scorecard import Card, card
from riskapp.web.scorecard_told import told
from riskapp.web.scorecard_words import Wording, percent


@dataclass(frozen=True, slots=True)
class Answered:
    """One item of a domain. `claimed` is what its answer is worth, `credit` what of it is proven.

    `points` are "" where an agreed N/A takes it out of the score. `words` go on after its id.
    """

    question_id: str
    text: str
    words: str
    weight: int
    claimed: str
    credit: str
    points: str


@dataclass(frozen=True, slots=True)
class FactorLine:
    """One intake answer: `points` 100·v·x, `floor` the least inherent risk that it brings or ""."""

    question_id: str
    text: str
    answer: str
    weight: str
    value: str
    points: str
    floor: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Stated:
    """A number of the page with its place in the receipt, and what stands there."""

    what: str
    shown: str
    field: str
    exact: str


@dataclass(frozen=True, slots=True)
class Whole:
    """`answers` are the items of each domain by its id, what costs most first."""

    card: Card
    scheme: str
    sentences: Sequence[str]
    answers: Mapping[str, Sequence[Answered]]
    factors: Sequence[FactorLine]
    factors_sum: str
    stated: Sequence[Stated]


def whole(
    score: Score, releases: Sequence[Release], given: Mapping[str, Any], intake: Release
) -> Whole:
    """All that the page says of one receipt; `intake` is the release that its factors are from."""
    words = Wording(score.sheet, releases, given)
    factors = score.sheet.inherent.factors
    made = card(score, releases, given)
    return Whole(
        card=made,
        scheme=score.sheet.scheme,
        sentences=told(score.sheet, score.result, words),
        answers=_answers(score, words),
        factors=list(_factors(score, intake)),
        factors_sum=shown(
            sum((WORST_SCORE * one.weight * one.counted for one in factors.values()), ZERO)
        ),
        stated=list(_stated(score, made)),
    )


def _answers(score: Score, words: Wording) -> dict[str, list[Answered]]:
    costs = score.result.contributions
    found: dict[str, list[Answered]] = {}
    for item in sorted(score.sheet.items, key=lambda item: (-costs[item.id], item.id)):
        found.setdefault(item.domain, []).append(_answered(score, item, words))
    return {name: sorted(rows, key=lambda row: not row.points) for name, rows in found.items()}


def _answered(score: Score, item: Item, words: Wording) -> Answered:
    text = words.text(item.id)
    if not item.counts:
        agreed = "does not apply, as was agreed: it is not in the score"
        return Answered(item.id, text, agreed, item.weight, "", "", "")
    lacks = reasons(item, score.sheet.as_of)
    counts = item.state in (State.ANSWERED, State.HIDDEN)
    return Answered(
        item.id,
        text,
        words.because(item, lacks) or "has full credit",
        item.weight,
        percent(item.credit if counts else ZERO),
        percent(score.result.item_credit[item.id]),
        shown(score.result.contributions[item.id]),
    )


def _factors(score: Score, intake: Release) -> Iterator[FactorLine]:
    factors = score.sheet.inherent.factors
    total = sum((WORST_SCORE * one.weight * one.counted for one in factors.values()), ZERO)
    for name, factor in factors.items():
        question = intake.questions.get(name)
        if factor.answer is None:
            answer = "Not known: counts as the worst"
        else:
            answer = factor.answer if question is None else in_words(question, factor.answer)
        yield FactorLine(
            name,
            name if question is None else question.text,
            answer,
            percent(factor.weight),
            percent(factor.counted),
            shown(WORST_SCORE * factor.weight * factor.counted),
            "" if factor.floor is None else shown(factor.floor),
            factor.floor is not None and factor.floor == score.sheet.inherent.score > total,
        )


def _stated(score: Score, made: Card) -> Iterator[Stated]:
    """The numbers that stand in the receipt by themselves; those of an answer stand in its item."""
    document = json.loads(score.document)
    numbers = [
        ("Scheme", score.sheet.scheme, "scheme"),
        ("Residual risk", made.shown, "result.score"),
        ("Residual risk as it is shown", made.shown, "result.shown"),
        ("Its tier", made.tier, "result.tier"),
        ("Before what holds it", made.residual, "result.residual"),
        ("Base", made.base, "result.base"),
        ("Controls, as far as proven", made.effectiveness, "result.effectiveness"),
        ("Controls, as claimed", made.claimed, "result.claimed"),
        ("Confidence", made.confidence, "result.confidence"),
        ("Not applicable", made.na_share, "result.na_share"),
        ("Blocked by law", "Yes" if made.blocked else "No", "result.blocked"),
        ("Inherent risk", made.inherent, "inherent.score"),
        ("Its tier", made.inherent_tier, "inherent.tier"),
    ]
    numbers += [
        (f"Held at least by {floor.question_id or words}", floor.at, f"result.floors[{at}].at")
        for at, (floor, words) in enumerate(_with_titles(made))
    ]
    numbers += _constants(score)
    for what, words, field in numbers:
        yield Stated(what, words, field, str(_at(document, field)))


def _with_titles(made: Card) -> Iterable[tuple[Any, str]]:
    titles = {domain.id: domain.title for domain in made.domains}
    return ((floor, titles.get(floor.domain_id, "")) for floor in made.floors)


def _constants(score: Score) -> list[tuple[str, str, str]]:
    constants = score.sheet.constants
    bounds, inherent = constants.bounds, constants.inherent_bounds
    tiers = ("medium", "high", "critical")
    found = [("Most that controls take away", percent(constants.kappa), "constants.kappa")]
    for what, of, name in (
        ("Residual risk", bounds, "bounds"),
        ("Inherent risk", inherent, "inherent_bounds"),
    ):
        edges: dict[str, Fraction] = {tier: getattr(of, tier) for tier in tiers}
        found += [
            (f"{what}: {tier} from", shown(edges[tier]), f"constants.{name}.{tier}")
            for tier in tiers
        ]
    least = constants.weak.get(score.sheet.inherent.tier)
    if least is not None:
        tier = score.sheet.inherent.tier
        found.append(("Least that a domain needs", percent(least), f"constants.weak.{tier}"))
    return found


def _at(document: Any, field: str) -> object:  # noqa: ANN401 - JSON
    """What stands in a place like `result.floors[0].at`; true and false as JSON writes them."""
    for step in field.replace("[", ".").replace("]", "").split("."):
        document = document[int(step)] if isinstance(document, list) else document[step]
    return json.dumps(document) if isinstance(document, bool) else document
