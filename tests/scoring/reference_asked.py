"""Which questions there are and which are asked, once more and plainly: see `reference_build`.

It imports nothing of the application. Questionnaires are read from their YAML.
"""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

Json = Any
Questionnaire = dict[str, Any]
Question = dict[str, Any]

TIERS = ["low", "medium", "high", "critical"]


class Case:
    """What came in.

    `answers` by question id, each with value, na_reason, standing, na_approvals, na_refused,
    confirmed, compensating and said_on; `files` by question id, each with level, issued_on and
    valid_until; days are ISO dates.
    """

    def __init__(
        self, questionnaires: list[Questionnaire], facts: Json, answers: Json, files: Json
    ) -> None:
        self.questionnaires, self.facts = questionnaires, facts
        self.answers, self.files = answers, files


def read_questionnaire(path: Path) -> Questionnaire:
    found: Questionnaire = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    return found


def number(written: object) -> Fraction:
    return Fraction(str(written))


def listed(one_or_more: Json) -> list[str]:
    return [str(one) for one in one_or_more] if isinstance(one_or_more, list) else [one_or_more]


def questions_of(questionnaire: Questionnaire) -> list[Question]:
    return [one for section in questionnaire["sections"] for one in section["questions"]]


# Conditions


def passes(test: Json, value: Json) -> bool:
    values = value if isinstance(value, list) else [value]
    if "column" in test:
        values = [row.get(test["column"]) for row in values]
    if "at_least" not in test:
        return any(str(one) in listed(test.get("is", test.get("includes"))) for one in values)
    least = str(test["at_least"])
    if least in TIERS:
        return any(TIERS.index(one) >= TIERS.index(least) for one in values)
    return any(Decimal(str(one)) >= Decimal(least) for one in values)


def true_where(condition: Json, decide: Json) -> bool:
    if "all" in condition:
        return all(true_where(part, decide) for part in condition["all"])
    if "any" in condition:
        return any(true_where(part, decide) for part in condition["any"])
    return bool(decide(condition))


def true_of(condition: Json, facts: Json, values: Json) -> bool:
    def decide(test: Json) -> bool:
        if "fact" in test:
            return facts.get(test["fact"]) is not None and passes(test, facts[test["fact"]])
        return test["question"] in values and passes(test, values[test["question"]])

    return true_where(condition, decide)


def named_in(condition: Json) -> list[str]:
    for word in ("all", "any"):
        if word in condition:
            return sorted({name for part in condition[word] for name in named_in(part)})
    return [condition["question"]] if "question" in condition else []


# Which questions there are, and which of them are asked


def applicable(questionnaire: Questionnaire, facts: Json) -> dict[str, Question]:
    left: dict[str, Question] = {}
    for one in questions_of(questionnaire):
        if "applies_when" in one and not true_of(one["applies_when"], facts, {}):
            continue
        if "asked_when" in one and not true_where(
            one["asked_when"], lambda test: test["question"] in left
        ):
            continue
        left[one["id"]] = one
    return left


def values_of(case: Case) -> Json:
    return {name: one["value"] for name, one in case.answers.items() if one["value"] is not None}


def is_asked(one: Question, left: dict[str, Question], case: Case) -> bool:
    if "asked_when" not in one:
        return True
    parents = [left[name] for name in named_in(one["asked_when"]) if name in left]
    if not all(is_asked(parent, left, case) for parent in parents):
        return False
    known = {name: value for name, value in values_of(case).items() if name in left}
    return true_of(one["asked_when"], case.facts, known)


def is_confirmed(one: Question, case: Case) -> bool:
    answer = case.answers.get(one["id"])
    if answer is None or answer["value"] is None or answer["standing"] == "rejected":
        return False
    return bool(answer["confirmed"])


def could_be_asked(
    one: Question, left: dict[str, Question], case: Case, *, gates_too: bool
) -> bool:
    """Whether other answers of controls, and of gates that nobody confirmed, could bring it."""
    if "asked_when" not in one:
        return True

    def could(test: Json) -> bool:
        parent = left.get(test["question"])
        if parent is None:
            return False
        if "weight" in parent or not is_asked(parent, left, case):
            return True
        value = values_of(case).get(parent["id"])
        if value is not None and passes(test, value):
            return True
        return gates_too and not is_confirmed(parent, case)

    parents = [left[name] for name in named_in(one["asked_when"]) if name in left]
    above = all(could_be_asked(parent, left, case, gates_too=gates_too) for parent in parents)
    return above and true_where(one["asked_when"], could)
