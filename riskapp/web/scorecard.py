"""A score in words: every point down to the answer that it comes from, for the score templates.

Shown numbers are cut to one decimal, never rounded, so that number and tier agree; what is behind
them is exact and stands in the receipt.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from riskapp.answers.queries import RevisionRow, revisions
from riskapp.catalogue.answers import in_words
from riskapp.catalogue.model import Question, Release
from riskapp.scoring.explain import Reason, explain
from riskapp.scoring.lift import Repair, lift
from riskapp.scoring.queries import Score
from riskapp.scoring.rules import Floor, FloorKind, fresh_share, shown
from riskapp.scoring.sheet import Item, State
from riskapp.submissions.queries import SubmissionRow
from riskapp.vendors.rules import Bounds
from riskapp.web.words import written_date

LONGEST_QUOTE = 90


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
    is "" for a weak domain.
    """

    kind: str
    question_id: str
    words: str
    at: str


@dataclass(frozen=True, slots=True)
class DomainLine:
    title: str
    weight: int
    questions: int
    share: float
    percent: str
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
    confidence: str
    confidence_share: str
    na_share: str
    blocked: bool
    floors: Sequence[FloorLine]
    domains: Sequence[DomainLine]
    lines: Sequence[Line]
    bounds: tuple[int, ...]
    inherent_bounds: tuple[int, ...]

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


def percent(share: Fraction) -> str:
    """A share in whole per cent, cut."""
    return f"{share.numerator * 100 // share.denominator} %"


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
    return _Writer(score, releases, given).card()


def lifted(found: Score, releases: Sequence[Release], given: Mapping[str, Any]) -> Lifted | None:
    """What takes a receipt to the next better tier, in words; None where nothing does."""
    wanted = lift(found.sheet, found.result)
    if wanted is None:
        return None
    writer = _Writer(found, releases, given)
    lines = [writer.repair(one) for one in wanted.repairs]
    return Lifted(wanted.tier, shown(wanted.score), lines)


class _Writer:
    """Words one receipt."""

    def __init__(self, score: Score, releases: Sequence[Release], given: Mapping[str, Any]) -> None:
        self.score, self.sheet, self.result = score, score.sheet, score.result
        self.given = given
        self.questions: dict[str, Question] = {}
        self.domains: dict[str, str] = {}
        for release in releases:
            self.questions.update(release.questions)
            for name, domain in release.domains.items():
                self.domains.setdefault(name, domain.title)
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
            added=shown(sum(result.contributions.values(), Fraction(0))),
            inherent=shown(self.sheet.inherent.score),
            inherent_score=float(self.sheet.inherent.score),
            inherent_tier=self.sheet.inherent.tier,
            effectiveness=percent(result.effectiveness),
            claimed=percent(result.claimed),
            confidence=result.confidence,
            confidence_share=percent(result.confidence_value),
            na_share=percent(result.na_share),
            blocked=result.blocked,
            floors=[self._floor(floor) for floor in result.floors],
            domains=self._domains(),
            lines=self._lines(),
            bounds=_edges(constants.bounds),
            inherent_bounds=_edges(constants.inherent_bounds),
        )

    def _lines(self) -> list[Line]:
        return [
            Line(
                question_id=found.item,
                text=self._text(found.item),
                domain=self._domain(self.items[found.item].domain),
                weight=self.items[found.item].weight,
                credit=percent(found.credit),
                points=shown(found.contribution),
                because=self._because(self.items[found.item], found.reasons),
            )
            for found in explain(self.sheet, self.result)
        ]

    def repair(self, repair: Repair) -> tuple[str, str, str]:
        """A question's id, what is missing of it, and its text."""
        because = self._because(self.items[repair.item], repair.reasons)
        return repair.item, because, self._text(repair.item)

    def _domains(self) -> list[DomainLine]:
        weak = {f.subject for f in self.result.floors if f.kind is FloorKind.WEAK_DOMAIN}
        found = []
        for domain in self.sheet.domains:
            effect = self.result.domain_effectiveness.get(domain.id)
            if effect is None:
                continue
            own = [item for item in self.sheet.items if item.domain == domain.id and item.counts]
            points = sum((self.result.contributions[item.id] for item in own), Fraction(0))
            found.append(
                DomainLine(
                    self._domain(domain.id),
                    domain.weight,
                    len(own),
                    float(effect),
                    percent(effect),
                    shown(points),
                    domain.id in weak,
                )
            )
        return found

    def _floor(self, floor: Floor) -> FloorLine:
        at = shown(floor.at)
        if floor.kind is FloorKind.WEAK_DOMAIN:
            least = percent(self.sheet.constants.weak[self.sheet.inherent.tier])
            effect = percent(self.result.domain_effectiveness[floor.subject])
            words = (
                f"{self._domain(floor.subject)} is weak: {effect} effective, where an inherent "
                f"tier of {self.sheet.inherent.tier} asks for {least}"
            )
            return FloorLine(floor.kind, "", words, at)
        why = (
            "which the law does not allow" if floor.kind is FloorKind.LEGAL else "and must not fail"
        )
        item = self.items[floor.subject]
        because = self._because(item, (_PLAIN.get(item.state, Reason.ANSWER),))
        return FloorLine(floor.kind, floor.subject, f"{because}, {why}", at)

    def _because(self, item: Item, reasons: Sequence[Reason]) -> str:
        """The end of a sentence that begins with the question's id."""
        words = [self._reason(item, reason) for reason in reasons]
        return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))

    def _reason(self, item: Item, reason: Reason) -> str:
        if reason is Reason.ANSWER:
            if item.id not in self.given:
                return f"is worth {percent(item.credit)}, as a compensating control"
            return f"is answered {self._quote(item.id)}, worth {percent(item.credit)}"
        if reason is Reason.MISSING and item.id in self.given:
            return f"is answered {self._quote(item.id)}, which no officer has confirmed"
        issued = item.evidence.issued_on
        if reason is Reason.EVIDENCE_STALE and issued is not None:
            gone = "out of date" if not fresh_share(item.evidence, self.sheet.as_of) else "ageing"
            return f"has proof that is {gone} (issued {written_date(issued)})"
        return _REASONS[reason]

    def _quote(self, question_id: str) -> str:
        question = self.questions.get(question_id)
        value = self.given[question_id]
        words = " / ".join(
            str(value if question is None else in_words(question, value)).split("\n")
        )
        return f"“{words if len(words) <= LONGEST_QUOTE else words[:LONGEST_QUOTE] + '…'}”"

    def _text(self, question_id: str) -> str:
        question = self.questions.get(question_id)
        return question_id if question is None else question.text

    def _domain(self, domain_id: str) -> str:
        return self.domains.get(domain_id, domain_id)


_PLAIN = {
    State.MISSING: Reason.MISSING,
    State.REJECTED: Reason.REJECTED,
    State.NA_CLAIMED: Reason.NA_UNAPPROVED,
    State.NA_APPROVED: Reason.NA_IMPOSSIBLE,
    State.HIDDEN: Reason.HIDDEN,
}

_REASONS = {
    Reason.MISSING: "is not answered",
    Reason.REJECTED: "has an answer that was rejected",
    Reason.NA_UNAPPROVED: "is said not to apply, which is not approved",
    Reason.NA_IMPOSSIBLE: "is said not to apply, but the law asks it of everyone",
    Reason.HIDDEN: "is not asked, because a control that it builds on is missing or unproven",
    Reason.EVIDENCE_NONE: "has no proof",
    Reason.EVIDENCE_REJECTED: "has proof that was rejected",
    Reason.EVIDENCE_ERASED: "has proof that was erased",
    Reason.EVIDENCE_UNDATED: "has proof without a date",
    Reason.EVIDENCE_STALE: "has proof that is out of date",
    Reason.EVIDENCE_PROVIDED: "has proof that nobody has reviewed",
    Reason.EVIDENCE_REVIEWED: "has proof that was reviewed, but does not come from a third party",
}


def _edges(bounds: Bounds) -> tuple[int, ...]:
    """Where medium, high and critical begin, for the meter."""
    return int(bounds.medium), int(bounds.high), int(bounds.critical)
