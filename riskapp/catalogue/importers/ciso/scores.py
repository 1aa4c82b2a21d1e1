"""From the scores and results of CISO Assistant's choices to credits."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from riskapp.catalogue.importers.ciso.library import Choice
from riskapp.catalogue.importers.verdicts import verdict

_RESULTS: Mapping[str, Fraction | None] = {
    "true": Fraction(1),
    "1": Fraction(1),
    "compliant": Fraction(1),
    "partially_compliant": Fraction(1, 2),
    "false": Fraction(0),
    "0": Fraction(0),
    "non_compliant": Fraction(0),
}
_WORDS = {"yes": Fraction(1), "partly": Fraction(1, 2), "no": Fraction(0)}
_NUMBER = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,6})?")
_FINEST = 9_999
"""The largest denominator that the format can write."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What choices are worth by their place; `reason` is what they were taken from, or why not."""

    credits: Sequence[Fraction] | None
    reason: str


def number(said: str) -> Fraction | None:
    """A number as it is written; None for anything else."""
    return Fraction(said.strip()) if _NUMBER.fullmatch(said.strip()) else None


def not_applicable(choice: Choice) -> bool:
    """Whether a choice says what every question can be answered anyway."""
    if choice.result.strip().lower() == "not_applicable":
        return True
    return verdict(choice.label) == "na" and not choice.score and not choice.result


def worth(choices: Sequence[Choice], least: Fraction, *, scored_elsewhere: bool) -> Worth:
    """The credits of choices of which one is chosen; `least` is the lowest score of the scale.

    `scored_elsewhere`: the framework gives scores or results to other questions, so that one
    without them is meant to count nothing.
    """
    results = [_RESULTS.get(choice.result.strip().lower()) for choice in choices]
    unknown = [one.result for one, known in zip(choices, results, strict=True)
               if one.result and known is None]  # fmt: skip
    if unknown:
        return Worth(None, f"the result “{unknown[0][:40]}” is unknown; not scored")
    scores = [number(choice.score) for choice in choices]
    if any(score is not None for score in scores):
        return _by_scores(scores, results, least)
    if any(result is not None for result in results):
        if None in results:
            return Worth(None, "only some choices have a result; not scored")
        return _differing([one for one in results if one is not None], "compute_result")
    if scored_elsewhere:
        return Worth(None, "its choices have no scores; not scored")
    return _by_words(choices)


def _by_scores(
    scores: Sequence[Fraction | None], results: Sequence[Fraction | None], least: Fraction
) -> Worth:
    known = [score if score is not None else Fraction(0) for score in scores]
    low, high = min(least, *known), max(known)
    if low == high:
        return Worth(None, "its choices all have the same score; not scored")
    credits_of = [_written((score - low) / (high - low)) for score in known]
    for one, result in zip(credits_of, results, strict=True):
        if (result == 1 and one == 0) or (result == 0 and one == 1):
            return Worth(None, "add_score and compute_result contradict one another; not scored")
    return _differing(credits_of, "add_score")


def _differing(credits_of: Sequence[Fraction], reason: str) -> Worth:
    if len(set(credits_of)) == 1 or Fraction(1) not in credits_of:
        return Worth(None, "its choices do not tell a good answer from a bad one; not scored")
    return Worth(credits_of, reason)


def _by_words(choices: Sequence[Choice]) -> Worth:
    said = [_WORDS.get(str(verdict(choice.label))) for choice in choices]
    if None in said:
        return Worth(None, "nothing says what its choices are worth; not scored")
    return _differing([one for one in said if one is not None], "words")


def _written(credit: Fraction) -> Fraction:
    """A credit that the format can write: at most its finest fraction away."""
    return credit if credit.denominator <= _FINEST else credit.limit_denominator(_FINEST)


def shared(choices: Sequence[Choice]) -> bool:
    """Whether every choice of several counts for something good, so that their share does."""
    scores = [number(choice.score) for choice in choices]
    results = [_RESULTS.get(choice.result.strip().lower()) for choice in choices]
    by_score = all(score is not None and score > 0 for score in scores)
    return bool(choices) and (by_score or all(result == 1 for result in results))


def weight_of(importance: str, weight: str, heaviest: Fraction) -> int:
    """5, 3 or 1: by the importance if there is one, else by the weight beside the heaviest."""
    by_importance = {"mandatory": 5, "recommended": 3, "nice_to_have": 1}
    word = importance.strip().lower().replace(" ", "_")
    if word in by_importance:
        return by_importance[word]
    own = number(weight) or Fraction(1)
    if heaviest <= 1 or own <= 0:
        return 3
    share = own / heaviest
    return 5 if share >= Fraction(2, 3) else 3 if share >= Fraction(1, 3) else 1
