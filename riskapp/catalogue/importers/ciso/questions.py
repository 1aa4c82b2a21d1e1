"""From CISO Assistant's requirements and questions to riskapp's."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from riskapp.catalogue.importers import markdown, trees
from riskapp.catalogue.importers.ciso.library import Choice, Framework, Question, Requirement
from riskapp.catalogue.importers.ciso.scores import (
    Worth,
    not_applicable,
    number,
    shared,
    weight_of,
    worth,
)
from riskapp.catalogue.importers.draft import Draft
from riskapp.catalogue.importers.items import Item
from riskapp.catalogue.importers.references import references
from riskapp.catalogue.importers.trees import text
from riskapp.catalogue.importers.verdicts import verdict
from riskapp.catalogue.importers.words import LONGEST, clean, slug
from riskapp.catalogue.lines import Node

_LEVELS = ["0", "1", "2", "3", "4"]
_LONGEST_OPTION = 300
_LONGEST_NAME = 120
_TYPED = {"text": "text", "date": "date", "number": "number", "": "text"}
_SAID = {
    "add_score": "credits are the scores of the choices (add_score), from the lowest to the best "
    "choice of each question",
    "compute_result": "credits are the results of the choices (compute_result): compliant 1, "
    "partially ½, not compliant 0",
    "words": "the file gives no scores: yes counts 1, partly ½ and no 0",
}


@dataclass(slots=True)
class Asked:
    """A question of the source with its item; `options` are the choices that were kept, by URN."""

    item: Item
    source: Question
    requirement: Requirement
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scale:
    """How a framework rates: its lowest score, its heaviest weight, whether choices have scores."""

    least: Fraction
    heaviest: Fraction
    scored: bool
    levels: Mapping[str, Any] | None


class Questions:
    """Makes questions of the requirements of one framework."""

    def __init__(self, draft: Draft, framework: Framework, named: Mapping[str, str]) -> None:
        self.draft = draft
        self.named = named
        self.source = text(framework.node, "ref_id") or text(framework.node, "name")
        self.title = f"{text(framework.node, 'name')} {self.source}"
        self.asked: list[Asked] = []
        self.bare: list[tuple[Item, Requirement]] = []
        self._known: dict[int, list[str]] = {}
        self.scale = self._scale(framework)

    def _scale(self, framework: Framework) -> Scale:
        questions = [one for each in framework.requirements for one in each.questions]
        weights = [number(each.text("weight")) for each in framework.requirements]
        weights += [number(one.weight) for one in questions]
        scored = any(choice.score or choice.result for one in questions for choice in one.choices)
        least = number(text(framework.node, "min_score")) or Fraction(0)
        heaviest = max((one for one in weights if one is not None), default=Fraction(1))
        return Scale(least, heaviest, scored, self._levels(framework.node))

    def _levels(self, node: Node) -> dict[str, Any] | None:
        """An answer of the levels that the framework defines, if it does."""
        entries = trees.listed(node, "scores_definition")
        if len(entries) == 1 and trees.listed(entries[0], "scale"):
            entries = trees.listed(entries[0], "scale")
        found = [(number(text(one, "score")), self._level(one)) for one in entries]
        scores = [score for score, words in found if score is not None and words]
        if len(scores) != len(found) or len(set(scores)) < 2:  # noqa: PLR2004 - a choice needs two
            return None
        low, high = min(scores), max(scores)
        if [str(score) for score in scores] == _LEVELS:
            return {"type": "maturity", "levels": [words for _, words in found]}
        taken: set[str] = set()
        options = [
            {
                "id": slug(words[:40], taken, "level"),
                "text": words,
                "credit": str(((score - low) / (high - low)).limit_denominator(9999)),
            }
            for score, (_, words) in zip(scores, found, strict=True)
        ]
        return {"type": "choice", "options": options}

    def _level(self, node: Node) -> str:
        parts = [text(node, "name"), text(node, "description")]
        said = ": ".join(markdown.inline(part).rstrip(":") for part in parts if part.strip())
        return self.draft.fitting(f"line {node.line}", "the level", said, _LONGEST_OPTION)

    def take(self, requirement: Requirement, section: int, heading: str, reason: str) -> None:
        """Asks a requirement's questions, or for the requirement itself."""
        if not requirement.questions:
            self._itself(requirement, section, heading, reason)
            return
        for question in requirement.questions:
            self._question(question, requirement, section, heading)

    def _words(self, requirement: Requirement, key: str, most: int = LONGEST) -> str:
        """A text of a node as plain words."""
        said = markdown.words(requirement.text(key))
        return self.draft.fitting(requirement.where, f"“{key}”", said, most)

    def _itself(self, requirement: Requirement, section: int, heading: str, reason: str) -> None:
        name, words = self._words(requirement, "name", 500), self._words(requirement, "description")
        said = (
            f"{name}: {words}" if name and words and not words.startswith(name) else words or name
        )
        if not said:
            self.draft.note(requirement.where, "has neither name nor description; left out")
            return
        levels = self.scale.levels
        spoken = self.draft.spoken
        question = self.draft.question(
            requirement.where, _headed(heading, said), spoken.which if levels else spoken.in_place
        )
        answer = deepcopy(dict(levels)) if levels else {"type": "yes_partly_no"}
        item = self._item(requirement, section, question, answer)
        guidance = self._words(requirement, "annotation")
        item.why = guidance or reason or None
        if levels:
            self.draft.once("requirements are answered by the levels that the framework defines")
        item.weight = weight_of(
            requirement.text("importance"), requirement.text("weight"), self.scale.heaviest
        )
        self._weighed()
        self.bare.append((item, requirement))

    def _weighed(self) -> None:
        if self.scale.heaviest > 1:
            self.draft.once("weights: 5 for the heaviest third of the file's weights, 1 for the "
                            "lightest, else 3; mandatory counts 5, nice to have 1")  # fmt: skip

    def _item(
        self, requirement: Requirement, section: int, question: str, answer: dict[str, Any]
    ) -> Item:
        key = str(len(self.draft.items))
        item = Item(key, requirement.where, section, question, answer)
        item.evidence = self._words(requirement, "typical_evidence") or None
        item.mappings = self._mappings(requirement)
        item.counts += self._related(requirement)
        self.draft.add(item)
        return item

    def _mappings(self, requirement: Requirement) -> dict[str, list[str]]:
        name = clean(requirement.text("ref_id")) or requirement.text("urn").rpartition(":")[2]
        found = references(self.title, self.source, [name])
        groups = [f"{clean(self.source)[:80]} group {group[:80]}" for group in requirement.groups]
        if groups:
            found.setdefault("other", []).extend(dict.fromkeys(groups))
        return found

    def _related(self, requirement: Requirement) -> list[str]:
        """The controls and threats of a requirement, by their names."""
        if id(requirement) not in self._known:
            self._known[id(requirement)] = self._looked_up(requirement)
        return list(self._known[id(requirement)])

    def _looked_up(self, requirement: Requirement) -> list[str]:
        spoken = self.draft.spoken
        found: list[str] = []
        for key, phrase in (
            ("reference_controls", spoken.controls),
            ("threats", spoken.threats),
        ):
            names = []
            for one in trees.listed(requirement.node, key):
                urn = trees.said(one).lower()
                if urn in self.named:
                    names.append(self.named[urn])
                else:
                    problem = f"names “{clean(urn)[:100]}”, which is not in this library"
                    self.draft.note(f"line {one.line}", problem)
                    names.append(clean(urn.rpartition(":")[2]))
            names = [name for name in names if name]
            found += [f"{phrase} {'; '.join(names)}."] if names else []
        return found

    def _question(
        self, question: Question, requirement: Requirement, section: int, heading: str
    ) -> None:
        said = self._said(question, requirement)
        if not said:
            self.draft.note(question.where, "is a question without words; left out")
            return
        choices = self._choices(question)
        answer = self._answer(question, choices)
        words = self.draft.question(
            question.where, _headed(heading, said), self._addition(answer["type"])
        )
        item = self._item(requirement, section, words, answer)
        item.where = f"line {question.node.line}"
        item.required = question.required
        self._explained(item, question, requirement, said)
        asked = Asked(item, question, requirement)
        asked.options = self._options(answer, choices)
        self._scored(asked, choices)
        self.asked.append(asked)

    def _said(self, question: Question, requirement: Requirement) -> str:
        said = self.draft.fitting(question.where, "the text", markdown.words(question.text))
        return said or self._words(requirement, "description") or self._words(requirement, "name")

    def _addition(self, kind: str) -> str | None:
        spoken = self.draft.spoken
        if kind in {"choice", "multiple"}:
            return spoken.which
        return spoken.in_place if kind == "yes_no" else None

    def _explained(
        self, item: Item, question: Question, requirement: Requirement, said: str
    ) -> None:
        """Why: the requirement that is asked about; what counts: its guidance."""
        name, words = self._words(requirement, "name", 500), self._words(requirement, "description")
        ref = clean(requirement.text("ref_id"))[:_LONGEST_NAME]
        parts = [part for part in (ref, name, words) if part and part != said]
        guidance = self._words(requirement, "annotation")
        note = markdown.words(question.note)
        if len(parts) > (1 if ref else 0):
            why = ": ".join(part.rstrip(":") for part in parts)
            item.why = self.draft.fitting(item.where, "the requirement", why)
            item.counts = [part for part in (note, guidance) if part] + item.counts
        else:
            item.why = guidance or None
            item.counts = ([note] if note else []) + item.counts

    def _choices(self, question: Question) -> list[Choice]:
        """The choices but for “not applicable”, which any question can be answered with."""
        if question.kind not in {"unique_choice", "single_choice", "multiple_choice"}:
            if question.choices:
                problem = (
                    f"has choices and the type {question.kind or 'unknown'}; they are left out"
                )
                self.draft.note(question.where, problem)
            return []
        kept = [choice for choice in question.choices if not not_applicable(choice)]
        for choice in question.choices:
            if choice not in kept:
                problem = f"the choice “{clean(choice.label)[:60]}” is left out: any question can "
                self.draft.note(f"line {choice.line}", f"{problem}be answered as not applicable")
        return kept

    def _answer(self, question: Question, choices: Sequence[Choice]) -> dict[str, Any]:
        kind = question.kind
        if kind in {"unique_choice", "single_choice"}:
            said = [verdict(choice.label) for choice in choices]
            plain = not any(choice.note for choice in choices)
            if sorted(map(str, said)) == ["no", "yes"] and plain:
                return {"type": "yes_no"}
            if len(choices) > 1:
                return {"type": "choice", "options": self._labels(choices)}
            problem = f"offers {len(choices)} choices to choose one from"
            self.draft.note(question.where, f"{problem}; asked in another way")
        if choices:
            return {"type": "multiple", "options": self._labels(choices)}
        if kind == "multiple_choice":
            self.draft.note(question.where, "offers no choices; asked for words")
        if kind == "boolean":
            return {"type": "yes_no"}
        return self._typed(question)

    def _typed(self, question: Question) -> dict[str, Any]:
        kind = question.kind
        if kind not in {*_TYPED, "unique_choice", "single_choice", "multiple_choice"}:
            problem = f"its type “{clean(kind)[:40]}” is unknown; asked for words"
            self.draft.note(question.where, problem)
        if kind == "number":
            return {"type": "number", "decimals": 2}
        return {"type": "date"} if kind == "date" else {"type": "text", "multiline": True}

    def _labels(self, choices: Sequence[Choice]) -> list[dict[str, str]]:
        taken: set[str] = set()
        options = []
        for at, choice in enumerate(choices, 1):
            where = f"line {choice.line}"
            label = self.draft.fitting(where, "a choice", markdown.inline(choice.label), 500)
            if not label:
                self.draft.note(where, "is a choice without words")
                label = str(at)
            note = markdown.inline(choice.note)
            words = f"{label} ({note})" if note and note != label else label
            name = slug(label[:40], taken, f"option-{at}")
            options.append({"id": name, "text": self.draft.fitting(where, "a choice", words)})
        return options

    def _options(self, answer: Mapping[str, Any], choices: Sequence[Choice]) -> dict[str, str]:
        if answer["type"] == "yes_no":
            if not choices:
                return {word: {"true": "yes", "false": "no"}.get(word, word)
                        for word in ("true", "false", "yes", "no")}  # fmt: skip
            return {choice.urn: str(verdict(choice.label)) for choice in choices}
        names = [option["id"] for option in answer.get("options", ())]
        return dict(zip((choice.urn for choice in choices), names, strict=False))

    def _scored(self, asked: Asked, choices: Sequence[Choice]) -> None:
        """Gives weight and credits where the file, or failing that its words, tell them."""
        item, kind = asked.item, asked.item.answer["type"]
        found = self._worth(asked, choices)
        if found.credits is None:
            if found.reason:
                self.draft.note(item.where, found.reason)
            return
        item.weight = weight_of(
            asked.requirement.text("importance"),
            asked.source.weight or asked.requirement.text("weight"),
            self.scale.heaviest,
        )
        self._weighed()
        self.draft.once(_SAID.get(found.reason, found.reason))
        if kind == "yes_no":
            by_word = dict(zip(asked.options.values(), found.credits, strict=False))
            if by_word.get("yes", 1) < by_word.get("no", 0):
                item.answer["good"] = "no"
        elif kind == "choice":
            for option, one in zip(item.answer["options"], found.credits, strict=True):
                option["credit"] = str(one)

    def _worth(self, asked: Asked, choices: Sequence[Choice]) -> Worth:
        kind = asked.item.answer["type"]
        if kind in {"yes_no", "choice"} and choices:
            found = worth(choices, self.scale.least, scored_elsewhere=self.scale.scored)
            if kind == "yes_no" and found.credits is not None and min(found.credits) > 0:
                return Worth(None, "its worse choice has a score too; not scored")
            return found
        if kind == "multiple":
            if not shared(choices):
                return Worth(None, "not every tick is good for something; not scored")
            return Worth([], "of several choices to tick the share counts that is ticked")
        if kind == "yes_no" and not self.scale.scored:
            return Worth([], "words")
        return Worth(None, "")


def _headed(heading: str, said: str) -> str:
    if not heading or heading.casefold() in said.casefold():
        return said
    return f"{heading}{' ' if heading.endswith(('?', '!', '.', ':')) else ': '}{said}"
