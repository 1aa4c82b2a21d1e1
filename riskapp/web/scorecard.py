"""A score in words: every point down to the answer that it comes from, for the score templates.

Shown numbers are cut to one decimal, never rounded, so that number and tier agree; what is behind
them is exact and stands in the receipt.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from riskapp.answers.queries import RevisionRow, revisions
from riskapp.catalogue.model import Release
from riskapp.scoring.explain import explain
from riskapp.scoring.lift import lift
from riskapp.scoring.queries import Score
from riskapp.scoring.rules import ZERO, Floor, FloorKind, shown
from riskapp.scoring.sheet import Item, State
from riskapp.submissions.queries import SubmissionRow
from riskapp.vendors.rules import Bounds
from riskapp.web.scorecard_words import Wording, percent
from riskapp.web.words import written_date

__all__ = ["Card", "card", "lifted", "percent", "submitted"]


@dataclass(frozen=True, slots=True)
class Line:
    """One answer that adds points: "+8.1 because ISM-02 " and then `because`.

    `credit` is a share, as "25 %".
    """

    question_id: str
    text: str
    domain: str
    weight: int
    credit: str
    points: str
    because: str


@dataclass(frozen=True, slots=True)
class FloorLine:
    """What holds the score up, whatever else is good.

    `words` is a sentence without its end, which goes on after `question_id` where there is one; it
    is "" for a weak domain, and `domain_id` for all others. `holds`: the score lies here, and would
    lie lower without it and its equals.
    """

    kind: str
    question_id: str
    domain_id: str
    words: str
    at: str
    holds: bool


@dataclass(frozen=True, slots=True)
class DomainLine:
    """A domain as far as it is proven, and as far as it is claimed; shares are 0…1.

    `least` what its inherent tier asks of a domain, None where it asks nothing.
    """

    id: str
    title: str
    weight: int
    questions: int
    share: float
    percent: str
    claimed: float
    claimed_percent: str
    least: float | None
    points: str
    weak: bool


@dataclass(frozen=True, slots=True)
class Card:
    """Everything that a page says of one receipt."""

    number: int
    submission: int
    as_of: str
    cause: str
    tier: str
    shown: str
    score: float
    residual: str
    base: str
    added: str
    inherent: str
    inherent_score: float
    inherent_tier: str
    effectiveness: str
    claimed: str
    effectiveness_share: float
    claimed_share: float
    confidence: str
    confidence_share: str
    na_share: str
    blocked: bool
    floors: Sequence[FloorLine]
    domains: Sequence[DomainLine]
    lines: Sequence[Line]
    bounds: tuple[float, ...]
    inherent_bounds: tuple[float, ...]

    @property
    def points(self) -> dict[str, str]:
        """The points that each question costs, by its id."""
        return {line.question_id: line.points for line in self.lines}

    @property
    def failed(self) -> Sequence[FloorLine]:
        return [floor for floor in self.floors if floor.question_id]

    @property
    def weak(self) -> Sequence[FloorLine]:
        return [floor for floor in self.floors if not floor.question_id]


@dataclass(frozen=True, slots=True)
class Lifted:
    """What would bring a better tier. A line is one repair: the question, what lacks, its text."""

    tier: str
    shown: str
    lines: Sequence[tuple[str, str, str]]

    @property
    def ids(self) -> list[str]:
        return [question_id for question_id, _, _ in self.lines]


def submitted(
    session: Session, assessment_id: str, submissions: Sequence[SubmissionRow], number: int
) -> dict[str, RevisionRow]:
    """The answers as they were in one submission, by question id. One statement."""
    sent = next((row for row in submissions if row.number == number), None)
    if sent is None:
        return {}
    stands = {
        (entry["question"], entry["revision"])
        for entry in json.loads(sent.acknowledgement)["answers"]
    }
    return {
        row.question_id: row
        for row in revisions(session, assessment_id)
        if (row.question_id, row.revision) in stands
    }


def card(score: Score, releases: Sequence[Release], given: Mapping[str, Any]) -> Card:
    """A receipt in words. `given` are the values that were scored, by question id."""
    return _Writer(score, Wording(score.sheet, releases, given)).card()


def lifted(found: Score, releases: Sequence[Release], given: Mapping[str, Any]) -> Lifted | None:
    """What takes a receipt to the next better tier, in words; None where nothing does."""
    wanted = lift(found.sheet, found.result)
    if wanted is None:
        return None
    words = Wording(found.sheet, releases, given)
    items = {item.id: item for item in found.sheet.items}
    lines = [
        (one.item, words.because(items[one.item], one.reasons), words.text(one.item))
        for one in wanted.repairs
    ]
    return Lifted(wanted.tier, shown(wanted.score), lines)


def claimed(items: Iterable[Item]) -> Fraction:
    """How effective a domain would be if all claims were proven; `items` are those that count."""
    total, worth = 0, ZERO
    for item in items:
        total += item.weight
        if item.state in (State.ANSWERED, State.HIDDEN):
            worth += item.weight * item.credit
    return worth / total if total else ZERO


class _Writer:
    """Words one receipt."""

    def __init__(self, score: Score, words: Wording) -> None:
        self.score, self.sheet, self.result = score, score.sheet, score.result
        self.words = words
        self.items = {item.id: item for item in self.sheet.items}

    def card(self) -> Card:
        row, result, constants = self.score.row, self.result, self.sheet.constants
        return Card(
            number=row.number,
            submission=row.submission,
            as_of=written_date(row.as_of),
            cause=row.cause,
            tier=result.tier,
            shown=result.shown,
            score=float(result.score),
            residual=shown(result.residual),
            base=shown(result.base),
            added=shown(sum(result.contributions.values(), ZERO)),
            inherent=shown(self.sheet.inherent.score),
            inherent_score=float(self.sheet.inherent.score),
            inherent_tier=self.sheet.inherent.tier,
            effectiveness=percent(result.effectiveness),
            claimed=percent(result.claimed),
            effectiveness_share=float(result.effectiveness),
            claimed_share=float(result.claimed),
            confidence=result.confidence,
            confidence_share=percent(result.confidence_value),
            na_share=percent(result.na_share),
            blocked=result.blocked,
            floors=[self._floor(floor) for floor in result.floors],
            domains=self._domains(),
            lines=self._lines(),
            bounds=edges(constants.bounds),
            inherent_bounds=edges(constants.inherent_bounds),
        )

    def _lines(self) -> list[Line]:
        return [
            Line(
                question_id=found.item,
                text=self.words.text(found.item),
                domain=self.words.domain(self.items[found.item].domain),
                weight=self.items[found.item].weight,
                credit=percent(found.credit),
                points=shown(found.contribution),
                because=self.words.because(self.items[found.item], found.reasons),
            )
            for found in explain(self.sheet, self.result)
        ]

    def _domains(self) -> list[DomainLine]:
        weak = {f.subject for f in self.result.floors if f.kind is FloorKind.WEAK_DOMAIN}
        least = self.sheet.constants.weak.get(self.sheet.inherent.tier)
        counting: dict[str, list[Item]] = {}
        for item in self.sheet.items:
            if item.counts:
                counting.setdefault(item.domain, []).append(item)
        found = []
        for domain in self.sheet.domains:
            effect = self.result.domain_effectiveness.get(domain.id)
            if effect is None:
                continue
            own = counting[domain.id]
            said = claimed(own)
            found.append(
                DomainLine(
                    id=domain.id,
                    title=self.words.domain(domain.id),
                    weight=domain.weight,
                    questions=len(own),
                    share=float(effect),
                    percent=percent(effect),
                    claimed=float(said),
                    claimed_percent=percent(said),
                    least=None if least is None else float(least),
                    points=shown(sum((self.result.contributions[i.id] for i in own), ZERO)),
                    weak=domain.id in weak,
                )
            )
        return found

    def _floor(self, floor: Floor) -> FloorLine:
        at = shown(floor.at)
        holds = floor.at == self.result.score > self.result.residual
        if floor.kind is FloorKind.WEAK_DOMAIN:
            least = percent(self.sheet.constants.weak[self.sheet.inherent.tier])
            effect = percent(self.result.domain_effectiveness[floor.subject])
            words = (
                f"{self.words.domain(floor.subject)} is weak: {effect} effective, where an "
                f"inherent tier of {self.sheet.inherent.tier} asks for {least}"
            )
            return FloorLine(floor.kind, "", floor.subject, words, at, holds)
        why = (
            "which the law does not allow" if floor.kind is FloorKind.LEGAL else "and must not fail"
        )
        because = self.words.failing(self.items[floor.subject])
        return FloorLine(floor.kind, floor.subject, "", f"{because}, {why}", at, holds)


def edges(bounds: Bounds) -> tuple[float, ...]:
    """Where medium, high and critical begin, for the meter."""
    return tuple(
        int(edge) if edge.denominator == 1 else float(edge)
        for edge in (bounds.medium, bounds.high, bounds.critical)
    )
