"""VSAQ's conditions in words, for those who know neither the ids nor the signs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from riskapp.catalogue.importers.phrases import Phrases
from riskapp.catalogue.importers.vsaq.conditions import (
    Call,
    Expression,
    Join,
    Name,
    Not,
    Target,
    bare_id,
)
from riskapp.catalogue.importers.vsaq.questions import Asked
from riskapp.catalogue.importers.words import shortened

_LONGEST = 1_500
_LONGEST_PART = 80


@dataclass(frozen=True, slots=True)
class Wording:
    """Says conditions in the words of a language; `by_key` are the questions they look at.

    The remark stands at the question `own`, whose answers are told without it.
    """

    phrases: Phrases
    targets: Mapping[str, Target]
    by_key: Mapping[str, Asked]
    own: str = ""

    def only_where(self, expression: Expression | None, condition: str, own: str) -> str:
        """The condition as a remark at a question, or as it stands in the file where it is none."""
        said = replace(self, own=own).of(expression) if expression is not None else condition
        return self.phrases.only_where.format(shortened(said, _LONGEST))

    def of(self, expression: Expression) -> str:
        if isinstance(expression, Name):
            return self._name(expression.said)
        if isinstance(expression, Call):
            return f"{expression.name}(…)"
        if isinstance(expression, Not):
            inner = self.of(expression.part)
            joined = isinstance(expression.part, Join)
            return f"{self.phrases.unless} {f'({inner})' if joined else inner}"
        return self._row(expression)

    def _row(self, expression: Join) -> str:
        """A row of the same signs, which may be long, without recursion."""
        parts: list[Expression] = []
        left: Expression = expression
        while isinstance(left, Join) and left.sign == expression.sign:
            parts.append(left.right)
            left = left.left
        said = [f"({self.of(one)})" if isinstance(one, Join) else self.of(one)
                for one in (left, *reversed(parts))]  # fmt: skip
        word = self.phrases.also if expression.sign == "&&" else self.phrases.otherwise
        return f" {word} ".join(said)

    def _name(self, said: str) -> str:
        bare = bare_id(said)
        target = self.targets.get(bare)
        asked = self.by_key.get(str(target.question)) if target is not None else None
        if target is None or asked is None:
            return self._quoted(said)
        word = said.removeprefix(bare).lstrip("/")
        answers = target.answers if target.by_word is None else target.by_word.get(word or "yes")
        labels = [self._quoted(label) for one, label in asked.labels.items()
                  if one in (answers or ())]  # fmt: skip
        question = self._quoted(asked.item.text)
        if said.startswith("^") or not labels:
            return question
        said = " / ".join(labels)
        return said if target.question == self.own else f"{question}: {said}"

    def _quoted(self, words: str) -> str:
        return self.phrases.quoted.format(shortened(words, _LONGEST_PART))
