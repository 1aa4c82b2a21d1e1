"""From the intake's answers to inherent risk and to the facts that decide what is asked. Pure."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from riskapp.catalogue.model import Choice, Question, Release
from riskapp.vendors.rules import Factor, Tier, inherent_score, tier_of

UNKNOWN = "unknown"
"""What the page offers beside every factor's own options; counts as the worst."""

SERVICES, DATA, PERSONS, REGULATED = "INT-01", "INT-02", "INT-03", "INT-10"
SPECIAL = "special-category-financial-or-secrets"
CALM_DATA = frozenset({"none", "internal"})


def factors(release: Release, answers: Mapping[str, Any]) -> dict[str, Factor]:
    """Every weighed question of the intake with what was answered; unanswered is unknown."""
    return {
        question.id: _factor(question, answers.get(question.id))
        for question in release.questions.values()
        if question.factor is not None
    }


def _factor(question: Question, answer: str | None) -> Factor:
    if question.factor is None or not isinstance(question.answer, Choice):
        raise TypeError(f"{question.id} is not a factor of the intake")
    weight = question.factor.weight
    floors = {floor.option: Fraction(floor.floor) for floor in question.factor.floors}
    if answer is None or answer == UNKNOWN:
        worst = max(floors.values(), default=None)
        return Factor(None, weight, Fraction(1), worst)
    value = next(option.value for option in question.answer.options if option.id == answer)
    return Factor(answer, weight, value or Fraction(0), floors.get(answer))


def rate(release: Release, answers: Mapping[str, Any]) -> tuple[Fraction, Tier]:
    """The inherent risk 0…100 and its tier."""
    score = inherent_score(factors(release, answers))
    return score, tier_of(score)


def facts(release: Release, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What conditions in questionnaires may ask of an engagement; JSON values.

    Personal data is touched unless the data is none or internal and no persons are affected;
    what is unknown counts as touched.
    """
    _, tier = rate(release, answers)
    data = answers.get(DATA, UNKNOWN)
    personal = data not in CALM_DATA or answers.get(PERSONS, UNKNOWN) != "none"
    return {
        "services": list(answers.get(SERVICES, [])),
        "data": data,
        "personal_data": "yes" if personal else "no",
        "special_categories": "yes" if data in {SPECIAL, UNKNOWN} else "no",
        "regulated": answers.get(REGULATED, UNKNOWN),
        "inherent": str(tier),
    }
