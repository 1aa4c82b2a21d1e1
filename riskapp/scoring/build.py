"""From releases, answers, evidence and reviews to what a score rests on. Pure.

Here branching is judged: applicability removes items; a gate that the vendor answered removes
them once an officer confirmed it and leaves them missing until then; a control that hides a
question lends it the control's own credit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from riskapp.catalogue.answers import credit, rows_credit
from riskapp.catalogue.conditions import holds
from riskapp.catalogue.model import Choice, Question, Release, Table, Transfers
from riskapp.catalogue.visible import applicable, asked
from riskapp.scoring.basis import Ageing, Basis, BasisItem, Transfer
from riskapp.scoring.branches import Branches, Hidden
from riskapp.scoring.constants import KnockoutLevel, Level
from riskapp.scoring.day import sheet_on
from riskapp.scoring.rules import ONE, ZERO
from riskapp.scoring.sheet import (
    Domain,
    Evidence,
    Knockout,
    Questionnaire,
    Sheet,
    State,
)
from riskapp.scoring.terms import Terms, standard
from riskapp.scoring.transfers import Safeguard, recent_until
from riskapp.vendors.rules import Factor

TRANSFER_ASSESSMENT = "GDP-33"
RECENT, OLDER = "recent", "older"
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
    said_on: date | None = None
    """The day on which it was last saved; None where time is not to tell."""


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that one assessment's score depends on, but the day."""

    releases: Sequence[Release]
    facts: Mapping[str, Any]
    factors: Mapping[str, Factor]
    answers: Mapping[str, Reviewed]
    evidence: Mapping[str, Sequence[Evidence]]


def build_sheet(case: Case, as_of: date, terms: Terms | None = None) -> Sheet:
    """The sheet of an assessment on a day; without `terms`, under the standard ones."""
    return sheet_on(build_basis(case), as_of, terms or standard())


def build_basis(case: Case) -> Basis:
    """What the score of an assessment rests on, whatever the day."""
    builder = _Builder(case)
    domains: dict[str, Domain] = {}
    items: list[BasisItem] = []
    for release in case.releases:
        for name, domain in release.domains.items():
            domains.setdefault(name, Domain(name, domain.weight))
        items.extend(builder.items(release))
    return Basis(
        factors=case.factors,
        questionnaires=tuple(
            Questionnaire(release.id, release.release, release.sha256) for release in case.releases
        ),
        domains=tuple(domains.values()),
        items=tuple(items),
    )


def assessed_until(said_on: date, files: Iterable[Evidence]) -> date:
    """The last day on which a transfer impact assessment that is said to be recent is so.

    It is as old as its newest evidence, or as the answer that says that it is recent, whichever is
    later: older evidence makes no answer worse, for reviewers judge whether the two agree.
    """
    issued = [
        file.issued_on
        for file in files
        if file.issued_on is not None and file.level not in (Level.REJECTED, Level.ERASED)
    ]
    return recent_until(max([said_on, *issued]))


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

    def __init__(self, case: Case) -> None:
        self.case = case
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
        # What was approved as not applicable is as if it were not there: it hides nothing either.
        # A gate decides by what it says, once that is confirmed.
        there = {
            name: one
            for name, one in self.questions.items()
            if not (one.scored and self._excused(one))
        }
        self.branches = Branches(there, self.shown, self.values, case.facts, self._confirmed)
        self.assessed_until = self._assessed_until()

    def items(self, release: Release) -> Iterable[BasisItem]:
        for question in release.questions.values():
            if question.id in self.questions and question.scored:
                item = self._item(question)
                if item is not None:
                    yield item

    def _item(self, question: Question) -> BasisItem | None:
        """The item that a question is; None where it does not exist for the score."""
        if question.id in self.shown:
            return self._asked(question)
        match self.branches.why(question):
            case Hidden.GONE:
                return None
            case Hidden.UNCONFIRMED:
                return self._made(question, State.MISSING, ZERO)
        controls = self._leans_on(question)
        worth = ONE if controls else ZERO
        item = self._made(question, State.HIDDEN, worth, asks=False)
        return replace(item, leans_on=tuple(sorted(controls)))

    def _leans_on(self, question: Question) -> set[str]:
        """The answered controls behind a hidden question; none where one of them has no answer."""
        found: set[str] = set()
        for control in self.branches.controls(question):
            item = self._item(control)
            if item is None or item.state not in (State.ANSWERED, State.HIDDEN):
                return set()
            behind = {control.id} if item.state is State.ANSWERED else set(item.leans_on)
            if not behind:
                return set()
            found |= behind
        return found

    def _confirmed(self, gate: Question) -> bool:
        """Whether an officer confirmed what the vendor answered; nothing said is never agreed."""
        answer = self.case.answers.get(gate.id)
        return (
            answer is not None
            and answer.value is not None
            and answer.confirmed
            and answer.standing != REJECTED
        )

    def _asked(self, question: Question) -> BasisItem:
        answer = self.case.answers.get(question.id)
        if answer is None:
            return self._made(question, State.MISSING, ZERO)
        if self._excused(question):
            return self._made(question, State.NA_APPROVED, ZERO)
        rejected = answer.standing == REJECTED
        item = None if rejected else self._answered(question, answer)
        if answer.compensating is not None and not _legal(question):
            made_up = item or self._made(question, State.ANSWERED, ZERO)
            return replace(made_up, compensating=answer.compensating)
        if rejected:
            return self._made(question, State.REJECTED, ZERO)
        if item is None:
            unsaid = State.MISSING if answer.na_reason is None else State.NA_CLAIMED
            return self._made(question, unsaid, ZERO)
        return item

    def _excused(self, question: Question) -> bool:
        """Whether officers approved that it does not apply."""
        answer = self.case.answers.get(question.id)
        if answer is None or question.id not in self.shown or answer.standing == REJECTED:
            return False
        if answer.na_reason is None or answer.na_refused or _legal(question):
            return False
        needed = officers_needed(question, self.case.facts, self.values)
        return answer.na_approvals >= needed

    def _made(
        self, question: Question, state: State, worth: Fraction, *, asks: bool = True
    ) -> BasisItem:
        asked = asks and question.evidence is not None
        return BasisItem(
            id=question.id,
            domain=question.domain or "",
            weight=question.weight or 0,
            state=state,
            credit=worth,
            asks=asked,
            files=tuple(self.case.evidence.get(question.id, ())) if asked else (),
            knockout=_knockout(question, self.case.facts, self.values),
        )

    def _answered(self, question: Question, answer: Reviewed) -> BasisItem | None:
        """The item of an answer that counts; None while it counts as missing."""
        if answer.value is None:
            return None
        if isinstance(question.answer, Table) and answer.value == []:
            # Nothing to list: an officer has to agree that there is nothing.
            return self._made(question, State.ANSWERED, ONE) if answer.confirmed else None
        if question.by_transfers:
            item = self._made(question, State.ANSWERED, _scored_cells(question, answer.value))
            return replace(item, transfers=tuple(self._transfers(question, answer.value)))
        worth = credit(question, answer.value)
        if worth is None:
            return None
        return replace(
            self._made(question, State.ANSWERED, worth), ageing=self._ageing(question, answer)
        )

    def _transfers(self, question: Question, value: Any) -> Iterable[Transfer]:  # noqa: ANN401 - JSON
        """The rows of the register, or what the register says of countries named elsewhere.

        A register that was rejected says nothing.
        """
        if question.transfers is not None:
            return [self._row(question.transfers, row) for row in value]
        named = value if question.country is None else [row.get(question.country) for row in value]
        register = question.transfers_via or ""
        spec = self.questions[register].transfers if register in self.questions else None
        rows = self.believed.get(register) or [] if spec else []
        known = [self._row(spec, row) for row in rows] if spec else []
        found: list[Transfer] = []
        for country in dict.fromkeys(named):
            there = [row for row in known if row.country == (country or "")]
            found += there or [Transfer(country or "", Safeguard.NONE, self.assessed_until)]
        return found

    def _row(self, spec: Transfers, row: Mapping[str, Any]) -> Transfer:
        safeguard = row.get(spec.safeguard)
        return Transfer(
            row.get(spec.country) or "",
            Safeguard.NONE if safeguard is None else Safeguard(safeguard),
            self.assessed_until,
        )

    def _assessed_until(self) -> date | None:
        """The last day on which the transfer impact assessment is recent; None: there is none."""
        if self.believed.get(TRANSFER_ASSESSMENT) != RECENT:
            return None
        said_on = self.case.answers[TRANSFER_ASSESSMENT].said_on
        if said_on is None:
            return date.max
        return assessed_until(said_on, self.case.evidence.get(TRANSFER_ASSESSMENT, ()))

    def _ageing(self, question: Question, answer: Reviewed) -> Ageing | None:
        if question.id != TRANSFER_ASSESSMENT or answer.value != RECENT:
            return None
        after = None
        if isinstance(question.answer, Choice):
            after = next((o.credit for o in question.answer.options if o.id == OLDER), None)
        if self.assessed_until is None or after is None:
            return None
        return Ageing(self.assessed_until, after)
