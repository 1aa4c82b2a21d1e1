"""From VSAQ's items to questions: lines, boxes, groups of choices, yes/no, ticks, uploads."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from riskapp.catalogue.importers import trees
from riskapp.catalogue.importers.draft import Draft
from riskapp.catalogue.importers.items import Item
from riskapp.catalogue.importers.trees import text, true
from riskapp.catalogue.importers.verdicts import Verdict, leaning, verdict
from riskapp.catalogue.importers.vsaq.conditions import Target
from riskapp.catalogue.importers.vsaq.layout import LONGEST_HEADING, Found
from riskapp.catalogue.importers.words import clean, plain, slug
from riskapp.catalogue.lines import Node

LONGEST_LABEL = 90
_MOST_TYPED = 20_000
_LINE = 500
_USED = {
    *("type", "id", "cond", "text", "choices", "choicesConds", "defaultChoice", "yes", "no"),
    *("placeholder", "inputTitle", "inputPattern", "inputType", "required", "maxlength"),
    *("default", "auth", "className", "insertBefore", "insertAfter"),
}
_UNSAID = {
    "inputPattern": "the pattern for the answer is not held to",
    "default": "the answer filled in beforehand is left out",
    "auth": "that it may only be read is left out",
    "className": "how it looks is left out",
}


@dataclass(slots=True)
class Asked:
    """A question with the item it was made of; `labels` are its answers in words."""

    item: Item
    found: Found
    labels: dict[str, str] = field(default_factory=dict)
    verdicts: dict[str, Verdict | None] = field(default_factory=dict)


class Questions:
    """Makes questions of items, one after the other; `targets` is what conditions can name."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.asked: list[Asked] = []
        self.targets: dict[str, Target] = {}
        self.last: dict[int, Asked] = {}
        self._infos: dict[int, list[tuple[str, str]]] = {}
        self._radios: dict[int, Asked] = {}
        self._kinds: dict[str, Callable[[Found], None]] = {
            "line": self._line,
            "box": self._box,
            "radiogroup": self._radiogroup,
            "checkgroup": self._checkgroup,
            "radio": self._radio,
            "yesno": self._yesno,
            "check": self._check,
            "upload": self._upload,
            "info": self._info,
            "spacer": self._spacer,
        }

    def take(self, found: Found) -> None:
        """Makes a question of an item, or keeps it for the next one; notes what is lost."""
        kind = self._kinds.get(found.kind)
        if kind is None:
            said = f"of the unknown type “{found.kind}”" if found.kind else "without a type"
            problem = f"is an item {said}; its text “{self._short(found)}” is left out"
            self.draft.note(found.where, problem)
            return
        for key in found.node.value:
            if key in _UNSAID:
                self.draft.note(found.where, _UNSAID[key])
            elif key not in _USED:
                self.draft.note(found.where, f"“{key[:40]}” is not understood; left out")
        kind(found)

    def intro(self, section: int) -> str | None:
        """What is said at the beginning of a section."""
        words = " ".join(words for _, words in self._infos.pop(-1 - section, []))
        return self.draft.fitting(f"section {section + 1}", "the introduction", words) or None

    def rest(self) -> None:
        """What was said behind the last question of a block goes with that question."""
        for block, infos in self._infos.items():
            last = self.last.get(block)
            for where, words in infos:
                if last is not None:
                    last.item.counts.append(words)
                else:
                    problem = f"an info stands where nothing is asked; left out: “{words[:60]}”"
                    self.draft.note(where, problem)

    def _short(self, found: Found) -> str:
        return plain(text(found.node, "text"))[:60]

    def _info(self, found: Found) -> None:
        words = self.draft.words(found.where, "the info", text(found.node, "text"))
        if not words:
            return
        if text(found.node, "cond"):
            self.draft.note(found.where, "is an info with a condition; it is always shown")
        begun = any(one.found.section == found.section for one in self.asked[-1:])
        at = found.block if begun or found.heading else -1 - found.section
        self._infos.setdefault(at, []).append((found.where, words))

    def _spacer(self, found: Found) -> None:
        self.draft.note(found.where, "is a space between items; left out")

    def _text(self, found: Found, addition: str | None, where_none: str) -> tuple[str, str | None]:
        """The question, and what was said right before it."""
        words = self.draft.words(found.where, "the text", text(found.node, "text"))
        infos = [words for _, words in self._infos.pop(found.block, [])]
        heading = found.heading
        if not words:
            before = infos or [words for _, words in self._infos.get(-1 - found.section, [])]
            words = before[-1] if before else ""
            self._taken(found.section, infos)
        if len(heading) > LONGEST_HEADING:
            infos.insert(0, heading)
            heading = ""
        if not words:
            self.draft.note(found.where, "has no text; it goes by the title of its block")
            words, heading = heading or where_none, ""
        if heading and heading.casefold() not in words.casefold():
            joint = " " if heading.endswith(("?", "!", ".", ":")) else ": "
            words = f"{heading}{joint}{words}"
        question = self.draft.question(found.where, words, addition)
        return question, self.draft.fitting(found.where, "the info", " ".join(infos)) or None

    def _taken(self, section: int, infos: list[str]) -> None:
        """What became the text of a question is no introduction any more."""
        opening = self._infos.get(-1 - section)
        if infos:
            infos.pop()
        elif opening:
            opening.pop()

    def _make(self, found: Found, answer: dict[str, Any], addition: str | None) -> Asked:
        section = self.draft.parts[found.section].title
        words, why = self._text(found, addition, section)
        key = str(len(self.asked))
        counts = self._hints(found)
        item = Item(key, found.where, found.section, words, answer, why, counts)
        asked = Asked(item, found)
        self.asked.append(asked)
        self.last[found.block] = asked
        self.draft.add(item)
        return asked

    def _hints(self, found: Found) -> list[str]:
        hints = []
        for key in ("inputTitle", "placeholder"):
            words = self.draft.words(found.where, "the hint", text(found.node, key), 500)
            if words and key == "placeholder":
                words = f"{self.draft.spoken.example} {words}"
            hints += [words] if words else []
        return hints

    def _target(self, name: str, found: Found, target: Target) -> None:
        if not name:
            return
        if name in self.targets:
            self.draft.note(found.where, f"the id “{name}” stands twice; conditions mean the first")
        else:
            self.targets[name] = target

    def _typed(self, found: Found, answer: dict[str, Any]) -> Asked:
        asked = self._make(found, answer, None)
        asked.item.required = true(found.node, "required")
        self._target(found.id, found, Target("text", asked.item.key))
        return asked

    def _line(self, found: Found) -> None:
        kind = text(found.node, "inputType").lower()
        if kind == "date":
            self._typed(found, {"type": "date"})
        elif kind in {"number", "range"}:
            self._typed(found, {"type": "number", "decimals": 2})
        else:
            if kind not in {"", "text"}:
                self.draft.note(found.where, f"the kind of words ({kind[:40]}) is not checked")
            self._typed(found, self._words_of(found, _LINE))

    def _box(self, found: Found) -> None:
        self._typed(found, {**self._words_of(found, None), "multiline": True})

    def _words_of(self, found: Found, otherwise: int | None) -> dict[str, Any]:
        most = text(found.node, "maxlength")
        length = int(most) if re.fullmatch(r"[0-9]{1,6}", most) else 0
        answer: dict[str, Any] = {"type": "text"}
        if length or otherwise:
            answer["max_length"] = min(length, _MOST_TYPED) or otherwise
        return answer

    def _upload(self, found: Found) -> None:
        asked = self._typed(found, {"type": "text", "max_length": _LINE})
        words = self.draft.words(found.where, "the text", text(found.node, "text"))
        asked.item.evidence = words or asked.item.text
        self.draft.note(found.where, "asks for a file; it is asked for as evidence")

    def _check(self, found: Found) -> None:
        asked = self._make(found, {"type": "yes_no"}, self.draft.spoken.so)
        self._yes_or_no(asked, ticked=True)

    def _yes_or_no(self, asked: Asked, *, ticked: bool = False) -> None:
        spoken = self.draft.spoken
        asked.labels = asked.labels or {"yes": spoken.yes, "no": spoken.no}
        asked.verdicts = {"yes": "yes", "no": "no"}
        yes, no = frozenset({"yes"}), frozenset({"no"})
        by_word = {"yes": yes, "no": yes if ticked else no, "value": yes if ticked else yes | no}
        target = Target("question", asked.item.key, yes, yes | no, by_word=by_word)
        self._target(asked.found.id, asked.found, target)

    def _yesno(self, found: Found) -> None:
        labels = {
            word: self.draft.words(found.where, "an answer", text(found.node, word))
            for word in ("yes", "no")
        }
        if all(verdict(label or word) == word for word, label in labels.items()):
            asked = self._make(found, {"type": "yes_no"}, self.draft.spoken.in_place)
        else:
            options = [{"id": one, "text": label or one} for one, label in labels.items()]
            answer = {"type": "choice", "options": options}
            asked = self._make(found, answer, self.draft.spoken.which)
            asked.labels = {one: label or one for one, label in labels.items()}
        self._yes_or_no(asked)

    def _choices(self, found: Found) -> list[tuple[str, str]]:
        """Id and label of each choice; those without words are noted."""
        choices: list[tuple[str, str]] = []
        for choice in trees.listed(found.node, "choices"):
            pairs = choice.value.items() if trees.is_mapping(choice) else ()
            if not pairs:
                self.draft.note(f"line {choice.line}", "is no choice of id and text; left out")
            for name, label in pairs:
                words = self.draft.words(f"line {choice.line}", "a choice", trees.said(label))
                if not words:
                    self.draft.note(f"line {choice.line}", f"the choice “{name}” has no text")
                choices.append((name, words or clean(name)[:LONGEST_LABEL] or "?"))
        for condition in trees.listed(found.node, "choicesConds"):
            problem = "a choice has a condition of its own; it can always be chosen"
            self.draft.note(f"line {condition.line}", problem)
        return choices

    def _radiogroup(self, found: Found) -> None:
        choices = self._choices(found)
        said = [verdict(label) for _, label in choices]
        with_default = true(found.node, "defaultChoice")
        if sorted(map(str, said)) == ["no", "yes"] and not with_default:
            asked = self._make(found, {"type": "yes_no"}, self.draft.spoken.in_place)
            self._yes_or_no(asked)
            for (name, _), one in zip(choices, said, strict=True):
                target = Target("choice", asked.item.key, frozenset({str(one)}), _YES_NO)
                self._target(name, found, target)
            return
        if len(choices) + with_default < 2:  # noqa: PLR2004 - a choice needs two
            problem = f"offers {len(choices)} choices to choose one from; asked as a list to tick"
            self.draft.note(found.where, problem)
            self._group(found, choices, "multiple")
        else:
            self._group(found, choices, "choice", none=with_default)

    def _checkgroup(self, found: Found) -> None:
        self._group(found, self._choices(found), "multiple")

    def _group(
        self, found: Found, choices: Sequence[tuple[str, str]], kind: str, *, none: bool = False
    ) -> None:
        if not choices:
            problem = f"has nothing to choose from; “{self._short(found)}” is left out"
            self.draft.note(found.where, problem)
            return
        names = _option_ids([name for name, _ in choices])
        pairs = list(zip(names, (label for _, label in choices), strict=True))
        if none:
            pairs.append((slug("none", set(names), "none"), self.draft.spoken.none))
        options = [{"id": name, "text": label} for name, label in pairs]
        answer = {"type": kind, "options": options}
        asked = self._make(found, answer, self.draft.spoken.which)
        self._label(asked, pairs)
        every = frozenset(asked.labels)
        several = kind == "multiple"
        chosen = every - {pairs[-1][0]} if none else every
        group = Target("group", asked.item.key, chosen, every, several)
        self._target(found.id, found, group)
        for (name, _), option in zip(choices, names, strict=True):
            one = Target("choice", asked.item.key, frozenset({option}), every, several)
            self._target(name, found, one)

    def _label(self, asked: Asked, pairs: Sequence[tuple[str, str]]) -> None:
        asked.labels = dict(pairs)
        asked.verdicts = {name: _verdict(name, label) for name, label in pairs}

    def _radio(self, found: Found) -> None:
        """One of several buttons: all that stand in one block are one question."""
        label = self.draft.words(found.where, "a choice", text(found.node, "text"))
        group = self._radios.get(found.block)
        if group is None:
            bare = Found(**{**_fields(found), "node": _without_text(found)})
            answer = {"type": "choice", "options": []}
            group = self._make(bare, answer, self.draft.spoken.which)
            self._radios[found.block] = group
        elif text(found.node, "cond"):
            problem = "a choice has a condition of its own; it can always be chosen"
            self.draft.note(found.where, problem)
        taken = set(group.labels)
        name = slug(found.id, taken, "option")
        group.item.answer["options"].append({"id": name, "text": label or found.id or name})
        group.labels[name] = label or name
        group.verdicts[name] = _verdict(name, label)
        target = Target("choice", group.item.key, frozenset({name}), frozenset())
        self._target(found.id, found, target)

    def completed(self) -> None:
        """Once all items are taken: the buttons of a block know of one another."""
        for group in self._radios.values():
            every = frozenset(group.labels)
            for name, target in self.targets.items():
                if target.question == group.item.key:
                    several = len(every) == 1
                    self.targets[name] = Target(
                        target.kind, target.question, target.answers, every, several
                    )
            if len(every) == 1:
                self.draft.note(group.item.where, "offers one choice; asked as a list to tick")
                group.item.answer["type"] = "multiple"


_YES_NO = frozenset({"yes", "no"})


def _fields(found: Found) -> dict[str, Any]:
    return {name: getattr(found, name) for name in found.__slots__}


def _without_text(found: Found) -> Node:
    kept = {key: one for key, one in found.node.value.items() if key not in {"text", "id"}}
    return Node(found.node.line, kept)


def _verdict(name: str, label: str) -> Verdict | None:
    tail = verdict(name.rpartition("-")[2])
    return verdict(label) or leaning(label) or (tail if tail in {"yes", "no"} else None)


def _option_ids(names: Sequence[str]) -> list[str]:
    """Ids of choices without what all of them begin with: net_dmz_yes, net_dmz_no are yes, no."""
    shared = min(names) if len(names) > 1 else ""
    while not all(name.startswith(shared) for name in names):
        shared = shared[:-1]
    cut = max(shared.rfind(sign) for sign in "_-:/. ") + 1
    taken: set[str] = set()
    return [slug(name[cut:] or name, taken, f"option-{at}") for at, name in enumerate(names, 1)]
