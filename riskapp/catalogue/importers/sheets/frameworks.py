"""From a column of ids in a framework to the mappings of a question."""

import re
from collections.abc import Iterable, Sequence

from riskapp.catalogue import mapping_ids
from riskapp.catalogue.importers.words import clean, shortened

LONGEST_MAPPING = 200
MOST_MAPPINGS = 60
"""Ids of one question in one framework; more is a list of everything and tells nothing."""

_FRAMEWORKS: Sequence[tuple[str, str]] = (
    ("nis2_ir", r"2024/2690|\bnis.?2.*(implementing|durchführung)"),
    ("nis2", r"\bnis.?2\b|2022/2555"),
    ("gdpr", r"\bgdpr\b|\bdsgvo\b|\bds-gvo\b|\brgpd\b|2016/679"),
    ("dora", r"\bdora\b|2022/2554"),
    ("mvsp", r"\bmvsp\b"),
    ("eba", r"\beba\b"),
    ("csf", r"\bcsf\b(?!.*\b1\.[01]\b)"),
    ("iso27001", r"\biso\b.*\b2700[12]\b(?!.*2013)"),
)
_BETWEEN = re.compile(r"[\n;|]|,(?= )|,(?=[A-Za-z])|, ?(?=\d+\.)")
_ARTICLE = re.compile(r"^(?:art(?:icle|ikel)?\.?|clause|control|annex|anhang|§)\s*", re.IGNORECASE)


def framework(header: str) -> str:
    """The framework that a header names, as the format calls it; “other” for any else."""
    return next(
        (key for key, words in _FRAMEWORKS if re.search(words, header, re.IGNORECASE)), "other"
    )


def mapped(mappings: Iterable[tuple[str, str]]) -> tuple[dict[str, list[str]], list[str]]:
    """The ids of each framework, each once, and what is to be noted.

    Ids that stand under “other” have the name of their framework before them.
    """
    found: dict[str, list[str]] = {}
    notes = []
    for header, text in mappings:
        for one in _BETWEEN.split(text):
            name = clean(one).strip(" .,")
            if not name or name.lower() in {"-", "n/a", "none"}:
                continue
            key, name, note = _placed(clean(header), name)
            notes += [note] if note else []
            known = found.setdefault(key, [])
            if name not in known and len(known) < MOST_MAPPINGS:
                known.append(name)
    return found, notes


def _placed(header: str, name: str) -> tuple[str, str, str]:
    """Framework, id and note of one id: “other” for those that the framework does not have."""
    key = framework(header)
    bare = _ARTICLE.sub("", name) or name
    if key != "other" and mapping_ids.trouble(key, bare) is None:
        return key, shortened(bare, LONGEST_MAPPING), ""
    note = "" if key == "other" else f"{header} has no {name[:60]} that is known; kept as it stands"
    return "other", shortened(f"{header} {name}", LONGEST_MAPPING), note
