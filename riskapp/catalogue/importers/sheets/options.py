"""Reads choices out of a cell or a list: what they are, and what the file says they are worth."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from riskapp.catalogue.importers.sheets.headers import bare

_WORDS = {
    "yes": """yes|y|ja|j|true|oui|si|sí|sim|da|tak|ano|fully|full|complete|completely|implemented|
        fully implemented|in place|compliant|fully compliant|met|fulfilled|vollständig|umgesetzt|
        vollständig umgesetzt|erfüllt|vollständig erfüllt|konform|vorhanden|wahr|always|immer|
        done|erledigt|adequate|largely|fully met|applicable and implemented|100%""",
    "partly": """partial|partially|partly|in part|teilweise|teils|zum teil|partially implemented|
        partly implemented|partially compliant|partially met|partly met|teilweise umgesetzt|
        teilweise erfüllt|in progress|in umsetzung|in arbeit|sometimes|manchmal|partiell|
        partiellement|parcialmente|some|begonnen|started|50%""",
    "no": """no|n|nein|false|non|nie|ne|nee|não|not implemented|non compliant|noncompliant|
        not compliant|not in place|not met|none|nicht umgesetzt|nicht erfüllt|nicht konform|
        nicht vorhanden|falsch|never|not done|planned|geplant|not started|inadequate|0%|
        keine|kein|offen|nicht begonnen""",
    "na": """n a|na|n\\a|not applicable|k a|entfällt|nicht anwendbar|nicht zutreffend|
        nicht relevant|trifft nicht zu|non applicable|no aplica|não aplicável|niet van toepassing|
        non applicabile|ohne|unzutreffend|nv|n z|nz""",
    "": """select|please select|select one|choose|choose one|please choose|bitte wählen|
        bitte auswählen|auswählen|pick one|select answer|select an answer|blank|leer|tbd""",
}
_MEANS = {
    " ".join(word.split()): meaning
    for meaning, words in _WORDS.items()
    for word in words.split("|")
}
_MARKED = {"x", "✓", "✔", "☑", "☒", "■", "•", "(x)", "[x]", "1"}
_UNMARKED = {"☐", "□", "o", "[ ]", "( )", "0"}

_SCORE = re.compile(
    r"^(.*?\S)\s*(?:[(\[]|=>|->|→|=|:)\s*(-?\d{1,3}(?:[.,]\d{1,4})?)\s*"
    r"(?:%|points?|pts?\.?|punkte?|pkt\.?|score)?\s*[)\]]?$",
    re.IGNORECASE,
)
_LEVEL = re.compile(
    r"^(?:level|stufe|reifegrad|stage)?\s*(\d{1,2})\s*(?:$|[-\u2013\u2014:=.)]\s*(.*)$)",
    re.IGNORECASE,
)
_BULLET = re.compile(
    r"^\s*(?:[-\u2013*•◦▪o□☐☑☒]\s+|\[[ xX]?\]\s*|\([ xX]?\)\s*|[a-h][.)]\s+|\d{1,2}[.)]\s+)"
)
_BOX = re.compile(r"\s*(?:[□☐☑☒■]|\[[ xX]?\])\s*")
_NOT_APPLICABLE = re.compile(r"\bn\s*/\s*a\b\.?|\bk\.\s?a\.|\bn\.\s?a\.|\bn\.\s?z\.", re.IGNORECASE)
KINDS = {
    " ".join(word.split()): kind
    for kind, words in {
        "text": """text|free text|freetext|freitext|free form|open|open text|open ended|string|
            narrative|long text|short text|textfeld|paragraph|comment|offen|offene frage|
            text field|textarea|essay|descriptive|description|beschreibung|freie antwort""",
        "date": "date|datum|day|tag|calendar",
        "number": "number|numeric|integer|zahl|nummer|numerisch|decimal|quantity|anzahl|ganzzahl",
        "percent": "percent|percentage|prozent|%|prozentsatz",
        "yes_no": "boolean|bool|binary|yes or no|ja oder nein|closed|geschlossen|polar",
        "file": """file|file upload|upload|attachment|attach|document|document upload|datei|
            dateiupload|anhang|dokument""",
        "country": "country|countries|land|länder",
        "multiple": """multiple|multiple choice|multi choice|multi select|multiselect|checkbox|
            checkboxes|multiple select|mehrfachauswahl|mehrfachantwort|select all|several""",
        "choice": """choice|single choice|single select|select|dropdown|drop down|radio|list|
            einfachauswahl|auswahl|auswahlliste|einzelauswahl|picklist|radio button""",
        "maturity": "maturity|maturity level|reifegrad|cmmi|maturity scale",
    }.items()
    for word in words.split("|")
}
"""Words for kinds of answer."""

_RANGE = re.compile(
    r"(?:scale|skala|level|stufe|reifegrad|rating)?[ :]*"
    r"(\d{1,2})\s*(?:-|\u2013|\.\.|to|bis)\s*(\d{1,2})",
    re.IGNORECASE,
)
MOST_LEVELS = 11
_SLASH = re.compile(r"\s*/\s*")
_COMMA = re.compile(r"\s*,\s*")

LONGEST_CHOICE = 300
LARGEST_PART = 9999
"""Of a fraction in the format."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that may be answered. `score` is what the file says it is worth, unscaled."""

    text: str
    score: Fraction | None = None

    @property
    def meaning(self) -> str | None:
        """yes, partly, no, na; empty for a placeholder; None for anything else."""
        stated = meaning(self.text)
        step = level(self.text)
        return meaning(step[1]) if stated is None and step and step[1] else stated


def meaning(text: str) -> str | None:
    """What a usual answer means: yes, partly, no, na; empty for “please select”; else None."""
    stripped = text.strip()
    if not stripped or not stripped.strip("-\u2013\u2014_. …<>*"):
        return ""
    return _MEANS.get(bare(stripped), _MEANS.get(stripped.lower()))


def is_marked(text: str) -> bool:
    """Whether a cell of a column of ticks is ticked."""
    return text.strip().lower() in _MARKED


def is_box(text: str) -> bool:
    """Whether a cell holds a tick or the place for one, rather than words."""
    return text.strip().lower() in _MARKED | _UNMARKED


def level(text: str) -> tuple[int, str] | None:
    """The number that a level begins with, and its words: “2 - Written down”, “Level 3”."""
    found = _LEVEL.match(text.strip())
    return (int(found[1]), (found[2] or "").strip()) if found else None


def kind(text: str) -> tuple[str | None, str]:
    """The kind of answer that a cell names, and the choices behind it: “Multiple: a; b”."""
    name, colon, rest = text.partition(":")
    if not colon:
        name, _, rest = text.partition("\n")
    found = KINDS.get(bare(text)) or KINDS.get(bare(name))
    return found, ("" if KINDS.get(bare(text)) else rest.strip() if found else text)


def levels(text: str) -> list[str]:
    """The steps of a scale that a cell names by its ends: “0-4”; empty where it names none."""
    found = _RANGE.fullmatch(text.strip())
    first, last = (int(found[1]), int(found[2])) if found else (0, 0)
    steps = range(first, last + 1)
    return [str(step) for step in steps] if 2 < len(steps) <= MOST_LEVELS else []  # noqa: PLR2004


def says_how(text: str) -> bool:
    """Whether a cell says how a question is answered."""
    return kind(text)[0] is not None or bool(levels(text)) or len(split(text)) > 1


def offers_answers(text: str) -> bool:
    """Whether a cell is a list of the usual answers, rather than an answer: “Yes / No / N/A”."""
    meant = [one.meaning for one in split(text)]
    return len(meant) > 1 and all(meant)


def split(text: str) -> list[Choice]:
    """The choices that a cell lists, one for a cell that lists none; each once."""
    return choices(_BULLET.sub("", part) for part in _parts(text))


def choices(texts: Iterable[str]) -> list[Choice]:
    """Those that a list names one by one, each once; scores are believed where all have one."""
    kept = [" ".join(text.split())[:LONGEST_CHOICE].strip(" ;,") for text in texts]
    found = [(text, _SCORE.match(text)) for text in dict.fromkeys(kept) if text.strip(".")]
    believed = all(score for text, score in found if meaning(text) not in {"na", ""})
    made = [_choice(text, score if believed else None) for text, score in found]
    return list({one.text.casefold(): one for one in made}.values())


def _choice(text: str, score: re.Match[str] | None) -> Choice:
    if score is None:
        return Choice(text)
    return Choice(score[1].rstrip(" :=-\u2013"), Fraction(score[2].replace(",", ".")))


def _parts(text: str) -> Sequence[str]:
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) > 1:
        return lines
    if len(_BOX.findall(text)) > 1:
        return _BOX.split(text)
    kept = _NOT_APPLICABLE.sub("N\x00A", text)  # its slash and dots part nothing
    for mark in (";", "|"):
        if mark in kept:
            return _restored(kept.split(mark))
    for pattern in (_SLASH, _COMMA):
        parts = _restored(pattern.split(kept))
        if len(parts) > 1 and (pattern is _COMMA or _short(parts)):
            return parts
    return [text]


def _restored(parts: Sequence[str]) -> list[str]:
    return [part.replace("N\x00A", "N/A") for part in parts]


def _short(parts: Sequence[str]) -> bool:
    """Whether slashes stand between choices, rather than within one (“and/or”)."""
    return all(len(part.split()) <= 4 for part in parts)  # noqa: PLR2004 - words


def scaled(scores: Sequence[Fraction]) -> list[Fraction] | None:
    """Scores as credits from 0 to 1, the best 1; None where they tell nothing apart."""
    least, most = min(scores), max(scores)
    if least == most or most <= 0:
        return None
    floor = min(least, Fraction(0))
    return [(score - floor) / (most - floor) for score in scores]


def written(credit: Fraction) -> Decimal | str:
    """A credit as the format takes it: 1, 0.75, 2/3."""
    decimal = Decimal(f"{float(credit):.6f}").normalize()
    exact = Fraction(decimal) == credit
    if not exact and max(credit.numerator, credit.denominator) <= LARGEST_PART:
        return f"{credit.numerator}/{credit.denominator}"
    return decimal
