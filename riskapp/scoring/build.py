"""From releases, answers, evidence and reviews to the sheet that is scored. Pure.

Here branching is judged: applicability removes items; a gate that the vendor answered removes
them once an officer confirmed it and leaves them missing until then; a control that hides a
question lends it the control's own credit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from riskapp.catalogue.answers import credit, rows_credit
from riskapp.catalogue.conditions import holds
from riskapp.catalogue.model import Question, Release, Table
from riskapp.catalogue.visible import applicable, asked
from riskapp.scoring.branches import Branches, Hidden
from riskapp.scoring.constants import SCHEME, STD_1, KnockoutLevel
from riskapp.scoring.rules import ONE, ZERO, best_evidence, strength
from riskapp.scoring.sheet import (
    Domain,
    Evidence,
    Inherent,
    Item,
    Knockout,
    Questionnaire,
    Sheet,
    State,
)
from riskapp.scoring.transfers import EEA, standing
from riskapp.vendors.rules import Factor

TRANSFER_ASSESSMENT = "GDP-33"
RECENT = "recent"
REJECTED = "rejected"
"""An answer's standing: it counts as missing until it is answered again."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One answer with what reviewers made of it; `value` and `na_reason` both None: open."""

    value: Any
    na_reason: str | None
    standing: str
    na_approvals: int
    na_refused: bool
    confirmed: bool
    compensating: Fraction | None


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that one assessment's score depends on, but the day."""

    releases: Sequence[Release]
    facts: Mapping[str, Any]
    factors: Mapping[str, Factor]
    answers: Mapping[str, Reviewed]
    evidence: Mapping[str, Sequence[Evidence]]


def build_sheet(case: Case, as_of: date) -> Sheet:
    """The sheet of an assessment on a day, in scheme `std-1`."""
    builder = _Builder(case, as_of)
    domains: dict[str, Domain] = {}
    items: list[Item] = []
    for release in case.releases:
        for name, domain in release.domains.items():
            domains.setdefault(name, Domain(name, domain.weight))
        items.extend(builder.items(release))
    return Sheet(
        as_of=as_of,
        constants=STD_1,
        inherent=Inherent.of(case.factors, STD_1.inherent_bounds),
        questionnaires=tuple(
            Questionnaire(release.id, release.release, release.sha256) for release in case.releases
        ),
        domains=tuple(domains.values()),
        items=tuple(items),
        scheme=SCHEME,
    )


def officers_needed(question: Question, facts: Mapping[str, Any], values: Mapping[str, Any]) -> int:
    """How many officers must approve N/A: two where a knock-out holds."""
    return 2 if _knockout(question, facts, values) is not None else 1


def _knockout(
    question: Question, facts: Mapping[str, Any], values: Mapping[str, Any]
) -> Knockout | None:
    written = question.knockout
    if written is None or not (written.when is None or holds(written.when, facts, values)):
        return None
    return Knockout(KnockoutLevel(written.level), written.below)


def _legal(question: Question) -> bool:
    """Whether the law asks it: never N/A, and nothing makes up for it."""
    return question.knockout is not None and question.knockout.level == "legal"


def _scored_cells(question: Question, value: Any) -> Fraction:  # noqa: ANN401 - JSON
    """What the scored columns beside the countries are worth; 1 where there are none."""
    return rows_credit(question.answer, value) if isinstance(question.answer, Table) else ONE


class _Builder:
    """Works through one case; remembers what hides what."""

    def __init__(self, case: Case, as_of: date) -> None:
        self.case, self.as_of = case, as_of
        answers = case.answers.items()
        self.values = {name: one.value for name, one in answers if one.value is not None}
        self.questions = {
            question.id: question
            for release in case.releases
            for question in applicable(release, case.facts)
        }
        self.shown = frozenset(
            question.id
            for release in case.releases
            for question in asked(release, case.facts, self.values)
        )
        self.believed = {
            name: one.value
            for name, one in answers
            if name in self.shown and one.standing != REJECTED
        }
        self.branches = Branches(
            self.questions, self.shown, self.values, case.facts, self._confirmed
        )

    def items(self, release: Release) -> Iterable[Item]:
        for question in release.questions.values():
            if question.id in self.questions and question.scored:
                item = self._item(question)
                if item is not None:
                    yield item

    def _item(self, question: Question) -> Item | None:
        """The item that a question is; None where it does not exist for the score."""
        if question.id in self.shown:
            return self._asked(question)
        match self.branches.why(question):
            case Hidden.GONE:
                return None
            case Hidden.UNCONFIRMED:
                return self._made(question, State.MISSING, ZERO)
        worths = [self._believed(control) for control in self.branches.controls(question)]
        return self._made(question, State.HIDDEN, min(worths, default=ZERO), asks=False)

    def _confirmed(self, gate: Question) -> bool:
        """Whether an officer confirmed what the vendor answered; nothing said is never agreed."""
        answer = self.case.answers.get(gate.id)
        return (
            answer is not None
            and answer.value is not None
            and answer.confirmed
            and answer.standing != REJECTED
        )

    def _believed(self, control: Question) -> Fraction:
        """The control's own c, which its hidden children take over."""
        item = self._item(control)
        if item is None or item.state not in (State.ANSWERED, State.HIDDEN):
            return ZERO
        if item.state is State.HIDDEN or not item.evidence.asked:
            return item.credit
        return item.credit * strength(item.evidence, self.as_of)

    def _asked(self, question: Question) -> Item:
        answer = self.case.answers.get(question.id)
        if answer is None:
            return self._made(question, State.MISSING, ZERO)
        rejected = answer.standing == REJECTED
        if not rejected and self._na_approved(question, answer):
            return self._made(question, State.NA_APPROVED, ZERO)
        worth = None if rejected else self._credit(question, answer)
        if answer.compensating is not None and not _legal(question):
            made_up = max(worth or ZERO, answer.compensating)
            return self._made(question, State.ANSWERED, made_up)
        if rejected:
            return self._made(question, State.REJECTED, ZERO)
        if worth is None:
            unsaid = State.MISSING if answer.na_reason is None else State.NA_CLAIMED
            return self._made(question, unsaid, ZERO)
        return self._made(question, State.ANSWERED, worth)

    def _na_approved(self, question: Question, answer: Reviewed) -> bool:
        if answer.na_reason is None or answer.na_refused or _legal(question):
            return False
        needed = officers_needed(question, self.case.facts, self.values)
        return answer.na_approvals >= needed

    def _made(
        self, question: Question, state: State, worth: Fraction, *, asks: bool = True
    ) -> Item:
        asked = asks and question.evidence is not None
        given = self.case.evidence.get(question.id, ()) if asked else ()
        return Item(
            id=question.id,
            domain=question.domain or "",
            weight=question.weight or 0,
            credit=worth,
            state=state,
            evidence=best_evidence(given, self.as_of) if asked else Evidence(),
            knockout=_knockout(question, self.case.facts, self.values),
        )

    def _credit(self, question: Question, answer: Reviewed) -> Fraction | None:
        """What the answer is worth; None while it counts as missing."""
        if answer.value is None:
            return None
        if isinstance(question.answer, Table) and answer.value == []:
            # Nothing to list: an officer has to agree that there is nothing.
            return ONE if answer.confirmed else None
        if question.transfers is not None:
            return min(
                self._worst_row(answer.value, question.id), _scored_cells(question, answer.value)
            )
        if question.transfers_via is not None:
            return min(
                self._worst_country(question, answer.value), _scored_cells(question, answer.value)
            )
        return credit(question, answer.value)

    def _worst_row(self, rows: Sequence[Mapping[str, Any]], register: str) -> Fraction:
        spec = self.questions[register].transfers
        if spec is None:
            raise TypeError(f"{register} is no register of transfers")
        return min(
            standing(
                row.get(spec.country), row.get(spec.safeguard), assessed=self._assessed()
            ).credit
            for row in rows
        )

    def _assessed(self) -> bool:
        return self.believed.get(TRANSFER_ASSESSMENT) == RECENT

    def _worst_country(self, question: Question, value: Any) -> Fraction:  # noqa: ANN401 - JSON
        """Countries named elsewhere are worth what the register of transfers says of them.

        A register that was rejected says nothing.
        """
        column = question.country
        named = value if column is None else [row.get(column) for row in value]
        register = question.transfers_via or ""
        rows = self.believed.get(register) or []
        spec = self.questions[register].transfers if register in self.questions else None
        worths = []
        for country in named:
            if country in EEA:
                worths.append(ONE)
                continue
            there = [row for row in rows if spec and row.get(spec.country) == country]
            worths.append(self._worst_row(there, register) if there else ZERO)
        return min(worths, default=ZERO)
