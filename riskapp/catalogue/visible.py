"""Which questions of a release stand in front of whom."""

from collections.abc import Iterable, Mapping
from typing import Literal

from riskapp.catalogue.conditions import compare, holds, holds_where, questions_named
from riskapp.catalogue.model import Condition, FactTest, Question, QuestionTest, Release

Facts = Mapping[str, object]
Answers = Mapping[str, object]


def applicable(release: Release, facts: Facts) -> list[Question]:
    """The questions that the engagement's facts leave in, in order.

    A question that is only asked on an answer to a question which the facts took out goes with it.
    """
    return _applicable(release.questions.values(), facts)


def _applicable(questions: Iterable[Question], facts: Facts) -> list[Question]:
    left: dict[str, Question] = {}
    for question in questions:
        if question.applies_when is not None and not holds(question.applies_when, facts, {}):
            continue
        if question.asked_when is None or _could_be_asked(question.asked_when, left):
            left[question.id] = question
    return list(left.values())


def _could_be_asked(condition: Condition, left: Mapping[str, Question]) -> bool:
    if isinstance(condition, QuestionTest):
        return condition.question in left
    return holds_where(
        condition, lambda test: isinstance(test, QuestionTest) and test.question in left
    )


def asked(release: Release, facts: Facts, answers: Answers) -> list[Question]:
    """The applicable questions that the answers so far call for, in order.

    A question is asked only where the applicable questions that its condition names are asked
    themselves; an answer that was given before a question went away counts as none.
    """
    return asked_among(release.questions.values(), facts, answers)


def asked_among(questions: Iterable[Question], facts: Facts, answers: Answers) -> list[Question]:
    """As `asked`, among these questions alone; each comes after those that its condition names."""
    return asked_of(_applicable(questions, facts), facts, answers)


def asked_of(left: Iterable[Question], facts: Facts, answers: Answers) -> list[Question]:
    """As `asked`, of what `applicable` gave."""
    hidden: set[str] = set()
    seen: dict[str, object] = {}
    found: list[Question] = []
    for question in left:
        condition = question.asked_when
        if condition is None or (
            holds(condition, facts, seen) and hidden.isdisjoint(question.asked_on)
        ):
            found.append(question)
            if question.id in answers:
                seen[question.id] = answers[question.id]
        else:
            hidden.add(question.id)
    return found


def hidden_by(
    release: Release, facts: Facts, answers: Answers
) -> dict[str, Literal["gate", "control"]]:
    """What hides each applicable question that is not asked, by its id.

    "control" where only answers to scored questions stand in the way: it would be asked if these
    were other ones. Else "gate": it is missing until an officer confirms the gate's answer, and
    then it is gone.
    """
    left = applicable(release, facts)
    by_id = {question.id: question for question in left}
    shown = {question.id for question in asked(release, facts, answers)}
    hidden: dict[str, Literal["gate", "control"]] = {}
    for question in left:
        if question.id in shown:
            continue
        closed = _closed(question, by_id, answers, hidden)
        hidden[question.id] = "gate" if closed else "control"
    return hidden


def _closed(
    question: Question,
    left: Mapping[str, Question],
    answers: Answers,
    hidden: Mapping[str, Literal["gate", "control"]],
) -> bool:
    """Whether gates alone keep a question from being asked, whatever the controls say."""
    condition = question.asked_when
    if condition is None:
        return False
    if any(hidden.get(name) == "gate" for name in questions_named(condition)):
        return True

    def open_to(test: FactTest | QuestionTest) -> bool:
        if isinstance(test, FactTest) or test.question not in left:
            return False
        parent = left[test.question]
        if parent.id in hidden:
            return hidden[parent.id] == "control"
        value = answers.get(parent.id)
        return parent.scored or (value is not None and compare(test, value, test.column))

    return not holds_where(condition, open_to)
