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

from riskapp.catalogue.answers import credit
from riskapp.catalogue.conditions import holds, questions_named
from riskapp.catalogue.model import Question, Release
from riskapp.catalogue.specs import Table
from riskapp.scoring.constants import SCHEME, STD_1, KnockoutLevel
from riskapp.scoring.rules import ZERO, best_evidence, strength
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


class _Builder:
    """Works through one case; remembers what hides what."""

    def __init__(self, case: Case, as_of: date) -> None:
        self.case, self.as_of = case, as_of
        self.values = {
            name: answer.value for name, answer in case.answers.items() if answer.value is not None
        }
        self.questions = {
            name: question
            for release in case.releases
            for name, question in release.questions.items()
            if self._applies(question)
        }
        self._shown: dict[str, bool] = {}

    def items(self, release: Release) -> Iterable[Item]:
        for question in release.questions.values():
            if question.id in self.questions and question.weight is not None:
                item = self._item(question)
                if item is not None:
                    yield item

    def _applies(self, question: Question) -> bool:
        return question.applies_when is None or holds(question.applies_when, self.case.facts, {})

    def _parents(self, question: Question) -> list[Question]:
        """The questions whose answers decide whether this one is asked."""
        if question.asked_when is None:
            return []
        named = sorted(questions_named(question.asked_when))
        return [self.questions[name] for name in named if name in self.questions]

    def shown(self, question: Question) -> bool:
        """Whether the vendor is asked: the condition holds, and its questions are asked too."""
        known = self._shown.get(question.id)
        if known is None:
            known = question.asked_when is None or (
                all(self.shown(parent) for parent in self._parents(question))
                and holds(question.asked_when, self.case.facts, self.values)
            )
            self._shown[question.id] = known
        return known

    def _item(self, question: Question) -> Item | None:
        if self.shown(question):
            return self._asked(question)
        gates, controls = self._hiders(question)
        if controls:
            worst = min(self._believed(control) for control in controls)
            return self._made(question, State.HIDDEN, worst, asks=False)
        if all(self._confirmed(gate) for gate in gates):
            return None
        return self._made(question, State.MISSING, ZERO)

    def _hiders(self, question: Question) -> tuple[list[Question], list[Question]]:
        """The gates and the controls that hide a question: shown themselves, or their own."""
        gates: list[Question] = []
        controls: list[Question] = []
        for parent in self._parents(question):
            if not self.shown(parent):
                above_gates, above_controls = self._hiders(parent)
                gates += above_gates
                controls += above_controls
            elif parent.gate:
                gates.append(parent)
            elif parent.weight is not None:
                controls.append(parent)
        if gates and not all(self._confirmed(gate) for gate in gates):
            return gates, []  # what a gate hides is missing until an officer confirms it
        return gates, controls

    def _confirmed(self, gate: Question) -> bool:
        answer = self.case.answers.get(gate.id)
        return answer is not None and answer.confirmed and answer.standing != "rejected"

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
        if answer.compensating is not None:
            worth = ZERO if answer.value is None else self._credit(question, answer) or ZERO
            return self._made(question, State.ANSWERED, max(worth, answer.compensating))
        if answer.standing == "rejected":
            return self._made(question, State.REJECTED, ZERO)
        if answer.na_reason is not None:
            return self._made(question, self._na_state(question, answer), ZERO)
        worth_or_none = self._credit(question, answer)
        if worth_or_none is None:
            return self._made(question, State.MISSING, ZERO)
        return self._made(question, State.ANSWERED, worth_or_none)

    def _na_state(self, question: Question, answer: Reviewed) -> State:
        needed = officers_needed(question, self.case.facts, self.values)
        approved = answer.na_approvals >= needed and not answer.na_refused
        return State.NA_APPROVED if approved else State.NA_CLAIMED

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
            return Fraction(1) if answer.confirmed else None
        if question.transfers is not None:
            return self._worst_row(answer.value, question.id)
        if question.transfers_via is not None:
            return self._worst_country(question, answer.value)
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
        return self.values.get(TRANSFER_ASSESSMENT) == RECENT

    def _worst_country(self, question: Question, value: Any) -> Fraction:  # noqa: ANN401 - JSON
        """Countries named elsewhere are worth what the register of transfers says of them."""
        column = question.country
        named = value if column is None else [row[column] for row in value]
        register = question.transfers_via or ""
        rows = self.values.get(register, [])
        spec = self.questions[register].transfers if register in self.questions else None
        worths = []
        for country in named:
            if country in EEA:
                worths.append(Fraction(1))
                continue
            there = [row for row in rows if spec and row.get(spec.country) == country]
            worths.append(self._worst_row(there, register) if there else ZERO)
        return min(worths, default=ZERO)
