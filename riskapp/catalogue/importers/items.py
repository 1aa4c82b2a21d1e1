"""One question on its way from a foreign file into a questionnaire."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from riskapp.catalogue.importers.formulas import ALWAYS, Formula

YES_PARTLY_NO = {"yes": Fraction(1), "partly": Fraction(1, 2), "no": Fraction(0)}
SINGLE = frozenset({"yes_no", "yes_partly_no", "choice"})
"""The kinds of answer that are one of several."""


@dataclass(slots=True)
class Item:
    """A question; `key` is what the conditions of its source name it by, and no other item has it.

    `answer` is an answer as the format writes it. `wanted` is the condition on which the source
    asks it, and `condition` says that in the source's words. `branching.settle` turns it into
    `asked`, the parts of a condition that all have to hold, and `gate`.
    """

    key: str
    where: str
    section: int
    text: str
    answer: dict[str, Any]
    why: str | None = None
    counts: list[str] = field(default_factory=list)
    weight: int | None = None
    evidence: str | None = None
    mappings: dict[str, list[str]] = field(default_factory=dict)
    required: bool = True
    findings: list[dict[str, Any]] = field(default_factory=list)
    wanted: Formula = ALWAYS
    condition: str = ""
    asked: tuple[Formula, ...] = ()
    gate: bool = False

    @property
    def scored(self) -> bool:
        return self.weight is not None

    @property
    def options(self) -> tuple[str, ...]:
        """What a condition can look for; empty where it can look for nothing."""
        if self.answer["type"] == "yes_no":
            return "yes", "no"
        if self.answer["type"] == "yes_partly_no":
            return tuple(YES_PARTLY_NO)
        return tuple(option["id"] for option in self.answer.get("options", ()))

    @property
    def credits(self) -> Mapping[str, Fraction]:
        """What each answer is worth where the item is scored and one of several is chosen."""
        kind = self.answer["type"]
        if not self.scored or kind not in SINGLE:
            return {}
        if kind == "yes_no":
            good = self.answer.get("good", "yes")
            return {one: Fraction(one == good) for one in ("yes", "no")}
        if kind == "yes_partly_no":
            return YES_PARTLY_NO
        return {one["id"]: Fraction(one["credit"]) for one in self.answer["options"]}

    def unscore(self) -> None:
        """Takes weight and credits away."""
        self.weight = None
        self.answer.pop("good", None)
        for option in self.answer.get("options", ()):
            option.pop("credit", None)
