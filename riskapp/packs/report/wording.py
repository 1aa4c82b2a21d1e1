"""Words that the report uses in more than one place. Pure."""

from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from riskapp.core import countries

NO_NAME = "a person whose name is left out"
OUTCOMES = {
    "approve": "Approved",
    "approve-with-conditions": "Approved with conditions",
    "reject": "Rejected",
}
LEVELS = {
    "none": "none",
    "provided": "as provided",
    "reviewed": "reviewed",
    "independent": "independent",
    "rejected": "rejected",
    "erased": "erased",
}
REVIEWED = {
    "accept": "accepted",
    "reject": "rejected",
    "ask-back": "asked back",
    "approve-na": "approved as not applicable",
    "refuse-na": "refused as not applicable",
    "confirm": "confirmed",
    "compensate": "credited a compensating control",
    "evidence-reviewed": "marked the file as reviewed",
    "evidence-independent": "marked the file as independent",
    "evidence-rejected": "rejected the file",
    "undo": "took an action back",
}


def day(text: str | None) -> str:
    """An ISO day or time as people write the day; "" for none."""
    if not text:
        return ""
    found = date.fromisoformat(text[:10])
    return f"{found.day} {found:%B %Y}"


def moment(text: str) -> str:
    """An ISO time with its zone: 4 November 2026, 10:15 UTC."""
    found = datetime.fromisoformat(text)
    return f"{found.day} {found:%B %Y}, {found:%H:%M} {found.tzname()}"


def percent(share: Fraction) -> str:
    """A share in whole per cent, cut: never more than there is."""
    return f"{share.numerator * 100 // share.denominator}\u00a0%"


def listed(words: Sequence[str]) -> str:
    """As in "A, B and C"; "" for none."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def named(slug: str) -> str:
    """An id of lower-case words as a heading: "data-protection" as "Data protection"."""
    return slug.replace("-", " ").capitalize()


def place(code: str) -> str:
    """A country's name; what is no country's code stays as it is."""
    return countries.name(code) if countries.is_country(code) else code


def cut(text: str, longest: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def who(name: Any) -> str:  # noqa: ANN401 - text or None, of JSON
    return str(name) if name else NO_NAME
