"""From choices that a file offers to an answer of the format, with what each choice is worth."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from riskapp.catalogue.importers.items import YES_PARTLY_NO
from riskapp.catalogue.importers.sheets.options import Choice, level, scaled, written
from riskapp.catalogue.importers.words import clean, shortened, slug

LONGEST_OPTION = 500
EITHER = "either"
"""Stands for the compliant answer where the file names both Yes and No."""

TAKES_NA = "“not applicable” is no choice of its own: any question takes it, with a reason"
HIGHEST = "of numbered levels the highest is taken for the best"
SHARE = "where several choices may be named, the answer is worth the share that is named"

_PLAIN = frozenset(
    [
        "yes",
        "no",
        "y",
        "n",
        "ja",
        "nein",
        "j",
        "oui",
        "non",
        "si",
        "sí",
        "sim",
        "não",
        "nee",
        "nie",
        "tak",
        "ano",
        "ne",
        "da",
    ]
)
_PARTLY = frozenset(
    ["partly", "partially", "partial", "teilweise", "teils", "partiellement", "parcialmente"]
)
_LEVELS = 5


@dataclass(slots=True)
class Answer:
    """`spec` as the format writes it, whether it can be scored, and what is to be noted.

    `once` are notes that stand for all questions of which they are true.
    """

    spec: dict[str, Any]
    scored: bool
    notes: list[str] = field(default_factory=list)
    once: list[str] = field(default_factory=list)

    @property
    def type(self) -> str:
        return str(self.spec["type"])


@dataclass(frozen=True, slots=True)
class _Worth:
    worths: Sequence[Fraction] | None
    notes: Sequence[str] = ()
    once: Sequence[str] = ()


def chosen(offered: Sequence[Choice], good: str) -> Answer | None:
    """A yes or no, levels, or a choice of these; None where there is nothing to choose between.

    `good` is the compliant answer: yes, no, EITHER, one of the choices, or empty for not said.
    """
    left = _left(offered)
    if len(left) < 2:  # noqa: PLR2004 - a choice
        return None
    worth = _worth(left, good)
    spec = _usual(left, worth.worths) or _options(left, worth.worths)
    once = [*worth.once, TAKES_NA] if len(left) < len(offered) else [*worth.once]
    return Answer(spec, worth.worths is not None, [*worth.notes], once)


def several(offered: Sequence[Choice]) -> Answer | None:
    """Any number of these; None where there are none."""
    left = _left(offered)
    if not left:
        return None
    spec = {**_options(left, None), "type": "multiple"}
    return Answer(spec, scored=True, once=[SHARE])


def _left(offered: Sequence[Choice]) -> list[Choice]:
    return [one for one in offered if one.meaning not in {"", "na"}]


def _worth(left: Sequence[Choice], good: str) -> _Worth:
    """What the choices are worth: by scores, by what they mean, by level, or by the good one."""
    means = [one.meaning for one in left]
    scores = [one.score for one in left if one.score is not None]
    if good == EITHER:
        return _Worth(None)
    if len(scores) == len(left):
        return _by_scores(left, scores, good)
    if all(one in YES_PARTLY_NO for one in means) and {"yes", "no"} <= set(means):
        worth = [YES_PARTLY_NO[str(one)] for one in means]
        return _Worth([1 - one for one in worth] if good == "no" else worth)
    steps = [step[0] for one in left if (step := level(one.text))]
    worths = scaled([Fraction(step - min(steps)) for step in steps]) if steps else None
    if worths is not None and len(steps) == len(left) and len(set(steps)) == len(left):
        return _Worth(worths, once=[HIGHEST])
    return _by_good(left, good)


def _by_scores(left: Sequence[Choice], scores: Sequence[Fraction], good: str) -> _Worth:
    worths = scaled(scores)
    if worths is None:
        return _Worth(None, ["its choices have the same scores, or none above 0; not scored"])
    best = [one for one, credit in zip(left, worths, strict=True) if credit == 1]
    notes = []
    if good and not any(good in {one.meaning, one.text} for one in best):
        notes.append(f"“{good}” is the compliant answer but has not the best score; scores count")
    return _Worth(worths, notes)


def _by_good(left: Sequence[Choice], good: str) -> _Worth:
    names = {good.casefold()}
    worths = [Fraction(one.text.casefold() in names or one.meaning == good) for one in left]
    if good and any(worths):
        return _Worth(worths, ["only the compliant answer is worth anything: 1, the others 0"])
    if good:
        return _Worth(None, [f"the compliant answer “{good[:60]}” is no choice; not scored"])
    return _Worth(None, ["the file does not say what each choice is worth; not scored"])


def _usual(left: Sequence[Choice], worths: Sequence[Fraction] | None) -> dict[str, Any] | None:
    """The kinds of answer that riskapp has words for: yes or no, partly, levels 0 to 4."""
    if worths is None:
        return None
    worth = {one.meaning: credit for one, credit in zip(left, worths, strict=True)}
    if all(one.text.lower() in _PLAIN | _PARTLY for one in left) and len(worth) == len(left):
        if worth == {"yes": 1, "no": 0}:
            return {"type": "yes_no"}
        if worth == {"yes": 0, "no": 1}:
            return {"type": "yes_no", "good": "no"}
        if worth == YES_PARTLY_NO:
            return {"type": "yes_partly_no"}
    steps = [level(one.text) or (-1, "") for one in left]
    rising = [step for step, _ in steps] == list(range(_LEVELS))
    quarters = all(credit * (_LEVELS - 1) == at for at, credit in enumerate(worths))
    if rising and quarters and all(words for _, words in steps):
        return {"type": "maturity", "levels": [_shown(words) for _, words in steps]}
    return None


def _options(left: Sequence[Choice], worths: Sequence[Fraction] | None) -> dict[str, Any]:
    taken: set[str] = set()
    options: list[dict[str, Any]] = [
        {"id": slug(one.text, taken, f"option-{number}"), "text": _shown(one.text)}
        for number, one in enumerate(left, 1)
    ]
    for option, credit in zip(options, worths or (), strict=False):
        option["credit"] = written(credit)
    return {"type": "choice", "options": options}


def _shown(text: str) -> str:
    return shortened(clean(text), LONGEST_OPTION)
