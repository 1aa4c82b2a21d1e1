"""Whether a condition holds, and how it is said to people."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from riskapp.catalogue.model import (
    Choice,
    Column,
    Maturity,
    Multiple,
    Question,
    Release,
    Table,
    YesNo,
    YesPartlyNo,
)
from riskapp.catalogue.values import YES_OR_NO
from riskapp.catalogue.when import TIERS, All, Any, Condition, FactTest, QuestionTest, single_tests
from riskapp.core.sentences import Sentence

_RANK = {tier: rank for rank, tier in enumerate(TIERS)}
_FACT_WORDS = {
    "services": "the kind of service",
    "data": "the most sensitive data",
    "personal_data": "personal data",
    "special_categories": "special categories of personal data",
    "inherent": "the inherent risk",
    "regulated": "regulated use",
}

_AND = Sentence("{first} and {second}")
_OR = Sentence("{first} or {second}")


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
    It is a `Sentence` in the language of the release, but for the words of facts.
    """
    if isinstance(condition, All | Any):
        parts = [_part(part, release) for part in condition.parts]
        return _joined(_AND if isinstance(condition, All) else _OR, parts)
    if isinstance(condition, FactTest):
        return _comparison(condition, _FACT_WORDS.get(condition.fact, condition.fact), str)
    question = release.questions.get(condition.question)
    column = _column(question, condition.column)
    named: str = condition.question
    if column is not None:
        named = Sentence("{column} in {question}", column=column.title, question=named)
    return _comparison(condition, named, lambda value: _quoted(question, column, value))


def _joined(joint: Sentence, parts: Sequence[str]) -> str:
    """The parts with "and" or "or" between them."""
    whole, *more = parts
    for part in more:
        whole = joint.of(first=whole, second=part)
    return whole


def _part(part: Condition, release: Release) -> str:
    words = in_words(part, release)
    mixed = isinstance(part, All | Any) and len(part.parts) > 1
    return Sentence("({part})", part=words) if mixed else words


def _comparison(test: FactTest | QuestionTest, named: str, say: Callable[[str], str]) -> Sentence:
    if test.at_least is not None:
        return Sentence("{named} is {value} or above", named=named, value=say(test.at_least))
    values = _joined(_OR, [say(value) for value in test.equals or test.includes])
    if test.equals:
        return Sentence("{named} is {value}", named=named, value=values)
    return Sentence("{named} includes {value}", named=named, value=values)


def _column(question: Question | None, column_id: str | None) -> Column | None:
    if question is None or not isinstance(question.answer, Table):
        return None
    return next((column for column in question.answer.columns if column.id == column_id), None)


def _quoted(question: Question | None, column: Column | None, value: str) -> str:
    spec = column or (question.answer if question else None)
    if isinstance(spec, Choice | Multiple | Column):
        value = next((option.text for option in spec.options if option.id == value), value)
        return Sentence("“{value}”", value=value)
    if isinstance(spec, YesNo | YesPartlyNo):
        return Sentence("“{value}”", value=YES_OR_NO.get(value, value))
    return Sentence("level {level}", level=value) if isinstance(spec, Maturity) else value
