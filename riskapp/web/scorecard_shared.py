"""The score as the vendor may see it: in the language of the page, and nothing that is not theirs.

No note, name or other vendor stands in it, and of the inherent risk only the tier: a vendor cannot
understand the rest without it, but what the customer said about the engagement is the customer's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from riskapp.catalogue.answers import in_words, number_in_words
from riskapp.catalogue.model import Question, Release
from riskapp.core.sentences import Sentence
from riskapp.scoring.explain import Reason, explain
from riskapp.scoring.lift import lift
from riskapp.scoring.queries import Score
from riskapp.scoring.rules import FloorKind, shown
from riskapp.scoring.sheet import Item
from riskapp.web.languages import ENGLISH, current
from riskapp.web.scorecard_words import WITHOUT_ANSWER, percent
from riskapp.web.words import say


@dataclass(frozen=True, slots=True)
class Lacking:
    """One of the vendor's own answers that costs points: `answer` is "" where there is none.

    `lacks` are sentences; `language` is that of the question's text.
    """

    question_id: str
    text: str
    language: str
    answer: str
    lacks: Sequence[str]
    legal: bool = False


@dataclass(frozen=True, slots=True)
class SharedDomain:
    """Shares are 0…1; `lacking` has what costs most first."""

    title: str
    language: str
    share: float
    percent: str
    weak: bool
    lacking: Sequence[Lacking]


@dataclass(frozen=True, slots=True)
class SharedCard:
    """What goes beyond tier and number."""

    inherent_tier: str
    blocked: bool
    failed: Sequence[Lacking]
    domains: Sequence[SharedDomain]
    better_tier: str | None
    helps: Sequence[Lacking]


@dataclass(frozen=True, slots=True)
class Shared:
    """`bounds` are where medium, high and critical begin. `card`: None where it is not shared."""

    tier: str
    shown: str
    as_of: date
    bounds: tuple[str, str, str]
    card: SharedCard | None


def shared(
    score: Score, releases: Sequence[Release], given: Mapping[str, Any], *, card: bool
) -> Shared:
    """What the vendor sees of a receipt; `releases` in the language in which they are shown."""
    bounds = score.sheet.constants.bounds
    return Shared(
        tier=score.result.tier,
        shown=_number(score.result.score),
        as_of=score.sheet.as_of,
        bounds=(_edge(bounds.medium), _edge(bounds.high), _edge(bounds.critical)),
        card=_Writer(score, releases, given).card() if card else None,
    )


class _Writer:
    def __init__(self, score: Score, releases: Sequence[Release], given: Mapping[str, Any]) -> None:
        self.sheet, self.result, self.given = score.sheet, score.result, given
        self.items = {item.id: item for item in score.sheet.items}
        self.questions: dict[str, tuple[Question, str]] = {}
        self.domains: dict[str, tuple[str, str]] = {}
        for release in releases:
            for question in release.questions.values():
                self.questions[question.id] = question, release.language
            for name, domain in release.domains.items():
                self.domains.setdefault(name, (domain.title, release.language))

    def card(self) -> SharedCard:
        better = lift(self.sheet, self.result)
        return SharedCard(
            inherent_tier=self.sheet.inherent.tier,
            blocked=self.result.blocked,
            failed=[
                self._lacking(item, (WITHOUT_ANSWER.get(item.state, Reason.ANSWER),))
                for item in (
                    self.items[floor.subject]
                    for floor in self.result.floors
                    if floor.kind is not FloorKind.WEAK_DOMAIN
                )
            ],
            domains=self._domains(),
            better_tier=None if better is None else better.tier,
            helps=[
                self._lacking(self.items[one.item], one.reasons)
                for one in (better.repairs if better else ())
            ],
        )

    def _domains(self) -> list[SharedDomain]:
        lacking: dict[str, list[Lacking]] = {}
        for one in explain(self.sheet, self.result):
            item = self.items[one.item]
            lacking.setdefault(item.domain, []).append(self._lacking(item, one.reasons))
        weak = {f.subject for f in self.result.floors if f.kind is FloorKind.WEAK_DOMAIN}
        effects = self.result.domain_effectiveness
        return [
            SharedDomain(
                *self.domains.get(domain.id, (domain.id, ENGLISH)),
                share=float(effects[domain.id]),
                percent=percent(effects[domain.id]),
                weak=domain.id in weak,
                lacking=lacking.get(domain.id, ()),
            )
            for domain in self.sheet.domains
            if domain.id in effects
        ]

    def _lacking(self, item: Item, found: Sequence[Reason]) -> Lacking:
        question, language = self.questions.get(item.id, (None, ENGLISH))
        answer = ""
        if question is not None and item.id in self.given:
            answer = in_words(question, self.given[item.id], current(), say)
        return Lacking(
            item.id,
            item.id if question is None else question.text,
            language,
            answer,
            [self._lacks(item, reason) for reason in found],
            item.legal,
        )

    def _lacks(self, item: Item, reason: Reason) -> str:
        if reason is Reason.ANSWER and item.credit:
            return say("What you answered counts only in part.")
        if reason is Reason.MISSING and item.id in self.given:
            return say("Your answer still has to be confirmed.")
        return say(_LACKS[reason])


_LACKS = {
    Reason.MISSING: Sentence("There is no answer."),
    Reason.REJECTED: Sentence("Your answer was not accepted."),
    Reason.NA_UNAPPROVED: Sentence("You said that it does not apply; that is not agreed."),
    Reason.NA_IMPOSSIBLE: Sentence(
        "You said that it does not apply, but the law asks it of everyone."
    ),
    Reason.HIDDEN: Sentence("It builds on another measure that is missing or not proven."),
    Reason.ANSWER: Sentence("What you answered does not count."),
    Reason.EVIDENCE_NONE: Sentence("There is no proof."),
    Reason.EVIDENCE_REJECTED: Sentence("The proof was not accepted."),
    Reason.EVIDENCE_ERASED: Sentence("The proof was deleted."),
    Reason.EVIDENCE_UNDATED: Sentence("The proof has no date."),
    Reason.EVIDENCE_STALE: Sentence(
        "The proof is growing old or out of date: newer proof counts more."
    ),
    Reason.EVIDENCE_PROVIDED: Sentence("The proof has not been reviewed yet."),
    Reason.EVIDENCE_REVIEWED: Sentence(
        "The proof was reviewed; proof from an independent third party counts more."
    ),
}


def _number(value: Fraction) -> str:
    """Cut to one decimal, with the mark of the page's language."""
    return number_in_words(shown(value), current())


def _edge(value: Fraction) -> str:
    return str(value) if value.denominator == 1 else _number(value)
