"""What short answers mean: “Yes”, “Teilweise”, “N/A” in the languages that importers speak."""

import re
from typing import Literal

Verdict = Literal["yes", "partly", "no", "na"]

_SAID: dict[Verdict, tuple[str, ...]] = {
    "yes": ("yes", "y", "ja", "oui", "sí", "si", "sì", "sim", "tak", "ano", "true"),
    "no": ("no", "n", "nein", "non", "nee", "não", "nie", "ne", "nej", "false"),
    "partly": (
        "partly",
        "partial",
        "partially",
        "in part",
        "teilweise",
        "partiellement",
        "en partie",
        "parcialmente",
        "en parte",
        "parzialmente",
        "in parte",
        "gedeeltelijk",
        "deels",
        "em parte",
        "częściowo",
        "částečně",
        "delvis",
        "delvist",
    ),
    "na": (
        "n/a",
        "na",
        "not applicable",
        "nicht anwendbar",
        "nicht zutreffend",
        "entfällt",
        "non applicable",
        "sans objet",
        "no aplica",
        "no aplicable",
        "non applicabile",
        "niet van toepassing",
        "n.v.t.",
        "nvt",
        "não aplicável",
        "nie dotyczy",
        "ej tillämpligt",
        "ikke relevant",
    ),
}
_EXACT = {words: verdict for verdict, said in _SAID.items() for words in said}
_FIRST = re.compile(r"(\w+)\s*(?:[,.;:\u2013\u2014-]|$)")


def verdict(label: str) -> Verdict | None:
    """What a label says that is nothing but yes, no, partly or not applicable."""
    bare = label.strip().strip("()[]!").casefold()
    return _EXACT.get(bare) or _EXACT.get(bare.rstrip("."))


def leaning(label: str) -> Verdict | None:
    """Whether a longer label begins with yes or no: “Yes, all of them”."""
    found = _FIRST.match(label.strip())
    said = verdict(found[1]) if found else None
    return said if said in {"yes", "no"} and len(found[1]) > 1 else None  # type: ignore[index]
