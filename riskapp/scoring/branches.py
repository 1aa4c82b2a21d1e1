"""Why a question is not asked: whose answer closed it, and whether an officer agreed. Pure."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from riskapp.catalogue.conditions import compare, holds_where, questions_named
from riskapp.catalogue.model import FactTest, Question, QuestionTest


class Hidden(StrEnum):
    """`gone`: confirmed gates close it; `unconfirmed`: gates do; `control`: a control's answer."""

    GONE = "gone"
    UNCONFIRMED = "unconfirmed"
    CONTROL = "control"


class Branches:
    """The questions that apply to one assessment, and what hides those which are not asked."""

    def __init__(
        self,
        applicable: Mapping[str, Question],
        asked: frozenset[str],
        values: Mapping[str, Any],
        facts: Mapping[str, Any],
        confirmed: Callable[[Question], bool],
    ) -> None:
        """`asked` are ids among `applicable`; `confirmed` whether a gate's answer is."""
        self._applicable, self._asked = applicable, asked
        self._values, self._facts, self._confirmed = values, facts, confirmed
        self._known: dict[str, Hidden] = {}

    def why(self, question: Question) -> Hidden:
        """Why a question that applies is not asked.

        It is gone only where it stays closed whatever unconfirmed gates and controls would say,
        and hidden by a control only where gates, as they were answered, leave it open.
        """
        known = self._known.get(question.id)
        if known is None:
            known = self._known[question.id] = self._why(question)
        return known

    def _why(self, question: Question) -> Hidden:
        above = {self.why(parent) for parent in self.parents(question) if not self._shown(parent)}
        if Hidden.GONE in above or not self._could_open(question, as_answered=False):
            return Hidden.GONE
        if Hidden.UNCONFIRMED in above or not self._could_open(question, as_answered=True):
            return Hidden.UNCONFIRMED
        return Hidden.CONTROL

    def parents(self, question: Question) -> list[Question]:
        """The questions whose answers decide whether this one is asked."""
        if question.asked_when is None:
            return []
        named = sorted(questions_named(question.asked_when))
        return [self._applicable[name] for name in named if name in self._applicable]

    def controls(self, question: Question) -> list[Question]:
        """The controls that a hidden question depends on, those of unscored parents included."""
        found = []
        for parent in self.parents(question):
            if parent.scored:
                found.append(parent)
            elif not self._shown(parent):
                found += self.controls(parent)
        return found

    def _shown(self, question: Question) -> bool:
        return question.id in self._asked

    def _could_open(self, question: Question, *, as_answered: bool) -> bool:
        """Whether other answers of controls could bring it; `as_answered`: gates stay as they are.

        Else gates that no officer confirmed could say anything too.
        """

        def could_hold(test: FactTest | QuestionTest) -> bool:
            if isinstance(test, FactTest):
                value = self._facts.get(test.fact)
                return value is not None and compare(test, value)
            parent = self._applicable.get(test.question)
            if parent is None:
                return False
            if parent.scored or not self._shown(parent):
                return True  # where a gate closed the parent, `why` has said so before
            value = self._values.get(parent.id)
            if value is not None and compare(test, value, test.column):
                return True
            return not as_answered and not self._confirmed(parent)

        return question.asked_when is None or holds_where(question.asked_when, could_hold)
