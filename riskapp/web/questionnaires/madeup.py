"""A made-up engagement: the facts that a questionnaire is tried with, chosen in the form itself."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from werkzeug.datastructures import MultiDict

from riskapp.catalogue.when import FACTS, LISTS
from riskapp.vendors.rules import INHERENT_BOUNDS, WORST_SCORE, Tier, tier_of
from riskapp.web.words import SERVICES

AT = "fact-"
"""What the names of the form's fields begin with; the fact follows."""

INHERENT = "inherent"
ODD = "Choose from what is offered here."
LONGEST_ECHO = 40
_SCORE = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{1,4})?")

TITLES: Mapping[str, str] = {
    "services": "Kinds of service",
    "data": "Most sensitive data",
    "personal_data": "Personal data",
    "special_categories": "Special categories",
    "regulated": "Regulated use",
    "contract_model": "Contract model",
}
WORDS: Mapping[str, str] = {
    **SERVICES,
    "special-category-financial-or-secrets": "Special categories, financial data or secrets",
    "nis2": "NIS2",
    "dora-critical": "DORA, critical or important function",
    "unknown": "Not known",
    "time-and-material": "Time and material",
}
MOST_IS_ASKED: Mapping[str, Sequence[str]] = {
    "services": FACTS["services"],
    "data": ("special-category-financial-or-secrets",),
    "personal_data": ("yes",),
    "special_categories": ("yes",),
    INHERENT: (Tier.CRITICAL,),
    "regulated": ("dora-critical",),
}
"""Where nothing was chosen yet: an engagement of which nearly every question is asked."""


@dataclass(frozen=True, slots=True)
class FactField:
    """One fact to choose; `several`: any number of its values, else one or none."""

    name: str
    title: str
    several: bool
    options: Sequence[tuple[str, str]]
    chosen: Sequence[str]


@dataclass(frozen=True, slots=True)
class MadeUp:
    """The facts and the inherent score, with what stands in the fields that they came from.

    `errors` are pairs of field and message; a fact whose field is refused is not known, and an
    inherent risk that is refused counts as the worst.
    """

    facts: Mapping[str, Any]
    score: Fraction
    fields: Sequence[FactField]
    inherent_typed: str
    errors: Sequence[tuple[str, str]]


def made_up(form: "MultiDict[str, str] | None") -> MadeUp:
    """The engagement that a form describes; without a form, one of which most is asked."""
    given = MOST_IS_ASKED if form is None else _given(form)
    errors = []
    facts: dict[str, Any] = {}
    for name, known in FACTS.items():
        chosen = given.get(name, ())
        if name == INHERENT or not chosen:
            continue
        if set(chosen) <= set(known):
            facts[name] = list(chosen) if name in LISTS else chosen[0]
        else:
            errors.append((AT + name, ODD))
    typed = next(iter(given.get(INHERENT, ())), "")
    score = inherent(typed)
    if score is None:
        errors.append((AT + INHERENT, _no_risk(typed)))
    facts[INHERENT] = str(tier_of(WORST_SCORE if score is None else score))
    return MadeUp(
        facts,
        WORST_SCORE if score is None else score,
        [_field(name, given.get(name, ())) for name in FACTS if name != INHERENT],
        typed,
        errors,
    )


def _given(form: "MultiDict[str, str]") -> Mapping[str, Sequence[str]]:
    return {name: [one.strip() for one in form.getlist(AT + name) if one] for name in FACTS}


def inherent(typed: str) -> Fraction | None:
    """The score that is meant by a tier's name or by a number; None where neither is written.

    A tier means the middle of it.
    """
    if typed.casefold() in list(Tier):
        tier = Tier(typed.casefold())
        above = tier.above
        end = WORST_SCORE if above is None else INHERENT_BOUNDS.lower(above)
        return (INHERENT_BOUNDS.lower(tier) + end) / 2
    if not _SCORE.fullmatch(typed):
        return None
    score = Fraction(Decimal(typed.replace(",", ".")))
    return score if score <= WORST_SCORE else None


def _no_risk(typed: str) -> str:
    remedy = "Enter low, medium, high or critical, or a score from 0 to 100."
    if not typed:
        return remedy
    echo = typed if len(typed) <= LONGEST_ECHO else f"{typed[:LONGEST_ECHO]}…"
    return f"“{echo}” is no inherent risk. {remedy}"


def _field(name: str, chosen: Sequence[str]) -> FactField:
    options = [(value, WORDS.get(value, _words(value))) for value in FACTS[name]]
    return FactField(AT + name, TITLES.get(name, _words(name)), name in LISTS, options, chosen)


def _words(name: str) -> str:
    return name.replace("-", " ").replace("_", " ").capitalize()
