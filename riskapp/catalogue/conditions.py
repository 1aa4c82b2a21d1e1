"""Whether a condition holds, and how it is said to people."""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation

from riskapp.catalogue.model import Choice, Column, Maturity, Multiple, Question, Release, Table
from riskapp.catalogue.when import TIERS, All, Any, Condition, FactTest, QuestionTest, single_tests

_RANK = {tier: rank for rank, tier in enumerate(TIERS)}
_FACT_WORDS = {
    "services": "the kind of service",
    "data": "the most sensitive data",
    "personal_data": "personal data",
    "special_categories": "special categories of personal data",
    "inherent": "the inherent risk",
    "regulated": "regulated use",
}


def holds(condition: Condition, facts: Mapping[str, object], answers: Mapping[str, object]) -> bool:
    """Whether a condition holds. A test of a fact or an answer that is not there does not hold.

    `answers` are canonical values by question id.
    """
    if isinstance(condition, All):
        return all(holds(part, facts, answers) for part in condition.parts)
    if isinstance(condition, Any):
        return any(holds(part, facts, answers) for part in condition.parts)
    if isinstance(condition, FactTest):
        value, column = facts.get(condition.fact), None
    else:
        value, column = answers.get(condition.question), condition.column
    return value is not None and compare(condition, value, column)


def holds_where(
    condition: Condition, test_holds: Callable[[FactTest | QuestionTest], bool]
) -> bool:
    """Whether a condition holds when `test_holds` decides about each of its tests."""
    if isinstance(condition, All):
        return all(holds_where(part, test_holds) for part in condition.parts)
    if isinstance(condition, Any):
        return any(holds_where(part, test_holds) for part in condition.parts)
    return test_holds(condition)


def compare(test: FactTest | QuestionTest, value: object, column: str | None = None) -> bool:
    """Whether a value, or any row's cell in a column, is what a test looks for."""
    if isinstance(value, str) and column is None and test.at_least is None:
        return value in (test.equals or test.includes)
    found = value if isinstance(value, list | tuple) else [value]
    if column is not None:
        found = [row.get(column) for row in found if isinstance(row, dict)]
    if test.at_least is not None:
        return any(_at_least(one, test.at_least) for one in found)
    wanted = test.equals or test.includes
    return any(str(one) in wanted for one in found)


def _at_least(value: object, least: str) -> bool:
    if least in _RANK:
        return _RANK.get(str(value), -1) >= _RANK[least]
    try:
        return Decimal(str(value)) >= Decimal(least)
    except InvalidOperation:  # words are not in any order
        return False


def questions_named(condition: Condition) -> frozenset[str]:
    """The ids of the questions whose answers a condition looks at."""
    return frozenset(
        test.question for _, test in single_tests(condition) if isinstance(test, QuestionTest)
    )


def in_words(condition: Condition, release: Release) -> str:
    """A condition for people: "the inherent risk is high or above", "ISM-01 is “No”".

    Answers are given in the words of their options. Parts of a mixed condition stand in brackets.
    """
    if isinstance(condition, All | Any):
        joint = " and " if isinstance(condition, All) else " or "
        return joint.join(_part(part, release) for part in condition.parts)
    if isinstance(condition, FactTest):
        named = _FACT_WORDS.get(condition.fact, condition.fact)
        return f"{named} {_comparison(condition, str)}"
    question = release.questions.get(condition.question)
    column = _column(question, condition.column)
    named = f"{column.title} in {condition.question}" if column else condition.question
    return f"{named} {_comparison(condition, lambda value: _quoted(question, column, value))}"


def _part(part: Condition, release: Release) -> str:
    words = in_words(part, release)
    return f"({words})" if isinstance(part, All | Any) and len(part.parts) > 1 else words


def _comparison(test: FactTest | QuestionTest, say: Callable[[str], str]) -> str:
    if test.at_least is not None:
        return f"is {say(test.at_least)} or above"
    verb = "is" if test.equals else "includes"
    return f"{verb} {' or '.join(say(value) for value in test.equals or test.includes)}"


def _column(question: Question | None, column_id: str | None) -> Column | None:
    if question is None or not isinstance(question.answer, Table):
        return None
    return next((column for column in question.answer.columns if column.id == column_id), None)


def _quoted(question: Question | None, column: Column | None, value: str) -> str:
    spec = column or (question.answer if question else None)
    if isinstance(spec, Choice | Multiple | Column):
        value = next((option.text for option in spec.options if option.id == value), value)
        return f"“{value}”"
    return f"level {value}" if isinstance(spec, Maturity) else value
