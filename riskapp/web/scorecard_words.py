"""What a score says in words: titles, texts, answers quoted, and what keeps one from its credit."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from riskapp.catalogue.answers import in_words
from riskapp.catalogue.model import Question, Release
from riskapp.scoring.explain import Reason
from riskapp.scoring.rules import fresh_share
from riskapp.scoring.sheet import Item, Sheet, State
from riskapp.web.words import written_date

LONGEST_QUOTE = 90


def percent(share: Fraction) -> str:
    """A share in whole per cent, cut."""
    return f"{share.numerator * 100 // share.denominator} %"


def listed(words: Sequence[str]) -> str:
    """As in "A, B and C"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


class Wording:
    """The words for one sheet. `given` are the values that were scored, by question id."""

    def __init__(self, sheet: Sheet, releases: Sequence[Release], given: Mapping[str, Any]) -> None:
        self.sheet, self.given = sheet, given
        self.questions: dict[str, Question] = {}
        self.domains: dict[str, str] = {}
        for release in releases:
            self.questions.update(release.questions)
            for name, domain in release.domains.items():
                self.domains.setdefault(name, domain.title)

    def text(self, question_id: str) -> str:
        question = self.questions.get(question_id)
        return question_id if question is None else question.text

    def domain(self, domain_id: str) -> str:
        return self.domains.get(domain_id, domain_id)

    def failing(self, item: Item) -> str:
        """What makes an item fail, as the end of a sentence that begins with its id."""
        return self.because(item, (WITHOUT_ANSWER.get(item.state, Reason.ANSWER),))

    def because(self, item: Item, reasons: Sequence[Reason]) -> str:
        """The end of a sentence that begins with the question's id; "" without reasons."""
        return listed([self._reason(item, reason) for reason in reasons])

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


WITHOUT_ANSWER = {
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
