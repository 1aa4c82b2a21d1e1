"""From what a file says of weight, importance or severity to the three weights of the format."""

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction

from riskapp.catalogue.importers.sheets.headers import bare

USUAL = 3

_WORDS: Mapping[int, str] = {
    5: """critical|high|very high|highest|essential|mandatory|must|must have|required|severe|
        blocker|crucial|vital|major|kritisch|hoch|sehr hoch|muss|pflicht|zwingend|wesentlich|
        unverzichtbar|haute|élevé|critique|obligatoire|p1|critical importance|high importance""",
    3: """medium|moderate|normal|standard|should|should have|important|recommended|average|mittel|
        mäßig|soll|sollte|wichtig|üblich|moyenne|moyen|p2|standard importance|medium importance""",
    1: """low|very low|lowest|minor|optional|could|could have|nice to have|may|informational|info|
        trivial|niedrig|gering|sehr gering|kann|nebensächlich|unwichtig|faible|p3|p4|
        minor importance|low importance|less important""",
    0: "none|not weighted|not scored|unweighted|ungewichtet|keine|ohne",
}
_MEANS = {
    " ".join(word.split()): weight for weight, words in _WORDS.items() for word in words.split("|")
}
_NUMBER = re.compile(r"(-?\d{1,6}(?:[.,]\d{1,4})?)\s*(?:%|points?|punkte?|pts?)?", re.IGNORECASE)
_OWN = {Fraction(1), Fraction(3), Fraction(5)}


class Weights:
    """Knows every weight that a file names, and so what of them is much and what is little."""

    def __init__(self, texts: Iterable[str]) -> None:
        numbers = {number for text in texts if (number := _number(text)) is not None}
        self._own = numbers <= _OWN
        self._same = len(numbers) == 1
        self._most = max(numbers, default=Fraction(0))

    def of(self, text: str) -> int | None:
        """5, 3 or 1; 0 for what is not to count; None where the words say nothing of a weight.

        Numbers are seen against the greatest in the file: its upper third is 5, its lower 1.
        """
        number = _number(text)
        if number is None:
            words = bare(text)
            first = words.partition(" ")[0]
            return _MEANS.get(words, _MEANS.get(first))
        if number <= 0:
            return 0
        if self._own and not self._same:
            return int(number)
        share = number / self._most
        if self._same:
            return USUAL
        return 5 if share * 3 > 2 else 3 if share * 3 > 1 else 1  # noqa: PLR2004 - thirds


def _number(text: str) -> Fraction | None:
    found = _NUMBER.fullmatch(text.strip())
    return Fraction(found[1].replace(",", ".")) if found else None
