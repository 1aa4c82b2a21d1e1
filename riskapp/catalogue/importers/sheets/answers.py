"""How a question is answered: as its row says, as its sheet does, or as its words suggest."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from riskapp.catalogue.importers.sheets.choices import EITHER, Answer, chosen, several
from riskapp.catalogue.importers.sheets.options import (
    Choice,
    choices,
    is_box,
    is_marked,
    kind,
    levels,
    meaning,
    offers_answers,
    split,
)
from riskapp.catalogue.importers.sheets.rows import Asked

ASSUMED = "the file does not say how this is answered; yes, partly or no is taken for it"
MOST_CHOICES = 200
_SHOWN = 60

_UNSCORED: Mapping[str, Mapping[str, Any]] = {
    "text": {"type": "text", "multiline": True},
    "date": {"type": "date"},
    "number": {"type": "number", "decimals": 2},
    "percent": {"type": "number", "unit": "%", "max": 100, "decimals": 2},
    "country": {"type": "countries"},
}

_POLAR = re.compile(
    r"(do|does|did|is|are|was|were|has|have|had|will|would|can|could|shall|should|may|must)\b",
    re.IGNORECASE,
)
_WORDS = (
    r"what|which|who|whom|whose|when|where|why|how|describe|list|provide|explain|specify|state"
    r"|name|outline|detail|attach|enter|was|welche[rsnm]?|inwieweit|inwiefern|wer|wem|wann|wo|warum|wie|wieviele?"
    r"|womit|worin|worauf|beschreiben|nennen|erläutern|erklären|geben sie|listen sie|schildern"
    r"|quel(?:le)?s?|comment|combien|où|quand|pourquoi|décrivez|qué|cuál(?:es)?|cómo|dónde"
    r"|cuándo|cuánt[oa]s?|describa|welke|hoe|wat|waar|wanneer|beschrijf|quali|quale|come|dove"
    r"|qual|quais|como|onde|quando|descreva|jak(?:ie|i)?|kiedy|gdzie"
)
_BEFORE = (
    r"(?:please |bitte |if (?:so|yes|no|applicable)[, ]+|(?:wenn|falls) (?:ja|nein)[, ]+"
    r"|(?:within|in|for|by|to|from|at|on|until|with|under) "
    r"|(?:innerhalb|bis|mit|bei|für|an|von|aus|zu) )*"
)
_FIRST = re.compile(rf"[¿(\"“„]?{_BEFORE}(?:{_WORDS})\b", re.IGNORECASE)
_LATER = re.compile(rf"[.;:!,\u2013\u2014] {_BEFORE}(?:{_WORDS})\b", re.IGNORECASE)
_OR = re.compile(r"\s+(?:or|oder|and|und)\s+", re.IGNORECASE)
_INVERTED = re.compile(
    r"\bno\b.*\bcompliant|\bnein\b.*\bkonform|invert|revers|negativ|umgekehrt", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Usage:
    """What the rows of a sheet do: whether any offers a list, and the answers given in them."""

    lists: bool = False
    given: Sequence[str] = ()


def asks_openly(text: str) -> bool:
    """Whether a text asks for more than yes or no."""
    if _FIRST.match(text):
        return True
    return "?" in text and not _POLAR.match(text) and _LATER.search(text) is not None


def answer_of(asked: Asked, usage: Usage) -> Answer:
    """The kind of answer with all that is doubtful about it."""
    said = asked.texts.get("options", "")
    if not said and offers_answers(asked.answered):
        said = asked.answered
    good, notes = _good(asked)
    offered = _offered(asked, said, usage)
    if len(offered) > MOST_CHOICES:
        notes.append(f"lists {len(offered)} choices, which are too many; they are left out")
        offered = []
    answer = _by_kind(said, offered) or chosen(offered, good)
    if answer is None:
        answer = _by_words(asked, good, usage)
        if said:
            notes.append(f"how to answer is said in words not known: “{said[:_SHOWN]}”")
        elif offered:
            only = ", ".join(one.text[:_SHOWN] for one in offered)
            notes.append(f"its list offers nothing to choose between: {only}")
    answer.notes[:0] = notes
    return answer


def _offered(asked: Asked, said: str, usage: Usage) -> list[Choice]:
    """What there is to choose from, from the surest place that says so."""
    named, rest = kind(said)
    steps = levels(said) or (levels("0-4") if named == "maturity" and not rest else [])
    if steps or named == "yes_no":
        return choices(steps or ["yes", "no"])
    found = split(rest) if rest else []
    if len(found) > 1 or (found and named):
        return found
    if asked.listed or not asked.columns:
        return choices(asked.listed or usage.given)
    described = sum(bool(text) and not is_box(text) for _, text in asked.columns)
    if described > len(asked.columns) / 2:
        return choices(f"{head}: {text}" if text else head for head, text in asked.columns)
    return choices(head for head, _ in asked.columns)


def _good(asked: Asked) -> tuple[str, list[str]]:
    """The compliant answer: yes, no, EITHER, the file's own words; empty where it is not said."""
    mark = asked.texts.get("inverted", "")
    if is_marked(mark) or meaning(mark) == "yes" or _INVERTED.search(mark):
        return "no", []
    if not (is_box(mark) or meaning(mark) in {"no", "na", ""}):
        return "", [f"“{mark[:_SHOWN]}” does not say whether No is compliant; taken for a no"]
    text = asked.texts.get("good", "")
    means = {meaning(word) for one in split(text) for word in _OR.split(one.text)}
    if {"yes", "no"} <= means:
        return EITHER, ["both Yes and No are compliant; not scored"]
    return next((one for one in ("yes", "no") if one in means), text), []


def _by_kind(said: str, offered: Sequence[Choice]) -> Answer | None:
    """An answer of the kind that the row names, other than a choice of one."""
    named = kind(said)[0] or ""
    if named == "multiple":
        return several(offered)
    if named == "file":
        return _text(["asks for a file; asked in words, to which files can be attached"])
    spec = _UNSCORED.get(named)
    return None if spec is None else Answer(dict(spec), scored=False)


def _text(notes: list[str]) -> Answer:
    return Answer(dict(_UNSCORED["text"]), scored=False, notes=notes)


def _by_words(asked: Asked, good: str, usage: Usage) -> Answer:
    """By what the question asks, where nothing says how it is answered."""
    text = " ".join(asked.text.split())
    if asks_openly(text):
        return _text(["asks for more than yes or no; answered in words, not scored"])
    if usage.lists and "?" not in text:
        return _text(["offers no list, as others do; answered in words, not scored"])
    if good == EITHER:
        return Answer({"type": "yes_no"}, scored=False)
    if good in {"yes", "no"}:
        return Answer({"type": "yes_no"} | ({"good": "no"} if good == "no" else {}), scored=True)
    notes = [f"the compliant answer “{good[:_SHOWN]}” is not understood"] if good else []
    return Answer({"type": "yes_partly_no"}, scored=True, notes=notes, once=[ASSUMED])
