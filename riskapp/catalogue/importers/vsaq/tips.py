"""VSAQ's tips: warnings become findings and credits, other tips guidance."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from riskapp.catalogue.importers.draft import Draft
from riskapp.catalogue.importers.formulas import Any, Formula, Test, Unsayable, tests, unsaid
from riskapp.catalogue.importers.trees import text, true
from riskapp.catalogue.importers.vsaq.layout import Found
from riskapp.catalogue.importers.vsaq.questions import LONGEST_LABEL, Asked, Questions
from riskapp.catalogue.importers.words import LONGEST, shortened

_SEVERITIES = ("low", "medium", "high", "critical")
_WEIGHTS = {"low": 1, "medium": 3, "high": 5, "critical": 5}
_USUAL = "medium"
_USED = frozenset(
    {
        *("type", "id", "cond", "text", "warn", "severity", "name", "why", "todo", "customTitle"),
        *("insertBefore", "insertAfter"),
    }
)


@dataclass(frozen=True, slots=True)
class Trigger:
    """Answers to a question that show a tip; not `exact` where other things have to hold too.

    They are not `blamed` where those other things are what the tip is about; `about` is the
    question that those are an answer to.
    """

    question: str
    answers: frozenset[str]
    exact: bool
    blamed: bool = True
    about: str = ""


@dataclass(slots=True)
class Warned:
    """The answers to a question that a warning hangs on, always or only sometimes."""

    always: set[str] = field(default_factory=set)
    sometimes: set[str] = field(default_factory=set)
    severity: str = "low"


def triggers(
    shown: Formula, before: Sequence[str], every: Mapping[str, Collection[str]]
) -> list[Trigger]:
    """What shows a tip.

    `before` are the questions that stand before it, the nearest last: of several that a tip hangs
    on together, it is about the nearest. `every` gives all answers to each question. That
    something is not ticked cannot be looked for: another answer stands for it, at which the tip is
    shown too often.
    """
    if isinstance(shown, Test):
        return [Trigger(shown.question, shown.answers, exact=True)]
    if isinstance(shown, Any):
        return [one for part in shown.parts for one in triggers(part, before, every)]
    ranks = {key: rank for rank, key in enumerate(before)}

    def rank(test: Test | Unsayable) -> int:
        return ranks.get(test.question, -1)

    found, rest = list(tests(shown)), list(unsaid(shown))
    plain = [test for test in found if not test.negated] or found
    missing = max((one for one in rest if one.question), key=rank, default=None)
    nearest = max(plain, key=rank, default=None)
    if nearest is not None:
        same = [test.answers for test in plain if test.question == nearest.question]
        blamed = all(one.question and rank(one) <= rank(nearest) for one in rest)
        about = missing.question if missing and rank(missing) > rank(nearest) else ""
        return [Trigger(nearest.question, frozenset().union(*same), False, blamed, about)]
    if missing is None:
        return []
    off = [one.answers for one in rest if one.question == missing.question]
    others = frozenset(every.get(missing.question, ())).difference(*off)
    return [Trigger(missing.question, others, False, False)] if others else []


class Tips:
    """Takes tips, once it is known what their conditions mean."""

    def __init__(self, draft: Draft, questions: Questions) -> None:
        self.draft = draft
        self.by_key = {asked.item.key: asked for asked in questions.asked}
        self.last = questions.last
        self.order = [asked.item.key for asked in questions.asked]
        self.every = {key: asked.labels.keys() for key, asked in self.by_key.items()}
        self.warned: dict[str, Warned] = {}

    def take(
        self, found: Found, shown: Formula, before: int, condition: Callable[[str], str]
    ) -> None:
        """A tip that is shown on a formula, with so many questions before it.

        `condition` tells the formula in words, as a remark at a question.
        """
        self._unused(found)
        words = self.draft.words(found.where, "the tip", self._said(found))
        requested = self._requested(found)
        warns = true(found.node, "warn") or bool(text(found.node, "severity"))
        hits = triggers(shown, self.order[:before], self.every)
        hits = [hit for hit in hits if hit.question in self.by_key]
        if not text(found.node, "cond"):
            self._unconditional(found, words, before)
        elif not hits:
            problem = f"the tip “{words[:80]}” hangs on what riskapp cannot look for; left out"
            self.draft.note(found.where, problem)
        for hit in _by_question(hits) if text(found.node, "cond") else ():
            asked = self.by_key[hit.question]
            if warns:
                self._warning(found, asked, hit, words, condition(hit.question))
            for one in filter(None, (None if warns else words, requested)):
                guided = self.by_key.get(hit.about, asked)
                prefix, suffix = self._if(asked, hit.answers), condition(guided.item.key)
                said = f"{prefix} {one}" if hit.exact else f"{one} {suffix}"
                guided.item.counts.append(said)

    def _unused(self, found: Found) -> None:
        for key in found.node.value:
            if key not in _USED:
                self.draft.note(found.where, f"“{key[:40]}” of the tip is left out")

    def _said(self, found: Found) -> str:
        title = text(found.node, "name") or text(found.node, "customTitle")
        words = text(found.node, "text")
        joint = " " if title.endswith((".", "!", "?", ":")) else ": "
        said = f"{title}{joint}{words}" if title and words else title or words
        todo = text(found.node, "todo")
        return f"{said} {self.draft.spoken.todo} {todo}" if todo else said

    def _if(self, asked: Asked, answers: frozenset[str]) -> str:
        labels = [shortened(label, LONGEST_LABEL) for one, label in asked.labels.items()
                  if one in answers]  # fmt: skip
        return self.draft.spoken.if_answer.format(" / ".join(labels))

    def _unconditional(self, found: Found, words: str, before: int) -> None:
        asked = self.last.get(found.block)
        if asked is None and before:
            asked = self.by_key[self.order[before - 1]]
        if asked is None:
            problem = f"the tip “{words[:80]}” stands before every question; left out"
            self.draft.note(found.where, problem)
            return
        if true(found.node, "warn"):
            self.draft.note(found.where, "is a warning without a condition; it became guidance")
        asked.item.counts.append(words)

    def _warning(
        self, found: Found, asked: Asked, hit: Trigger, words: str, condition: str
    ) -> None:
        severity = self._severity(found)
        if hit.blamed:
            warned = self.warned.setdefault(asked.item.key, Warned())
            (warned.always if hit.exact else warned.sometimes).update(hit.answers)
            warned.severity = max(warned.severity, severity, key=_SEVERITIES.index)
        if not hit.exact:
            words = f"{shortened(words, LONGEST // 2)} {condition}".strip()
            said = text(found.node, "cond").strip()
            problem = f"the warning is suggested whatever else its condition “{said}” asks for"
            self.draft.note(found.where, problem)
        asked.item.findings.append(
            {
                "answers": [one for one in asked.labels if one in hit.answers],
                "severity": severity,
                "text": shortened(words or text(found.node, "cond"), LONGEST),
            }
        )

    def _severity(self, found: Found) -> str:
        said = text(found.node, "severity").strip().lower()
        if said in _SEVERITIES:
            return said
        problem = (
            f"the severity “{said[:40]}” is unknown" if said else "the warning has no severity"
        )
        self.draft.note(found.where, f"{problem}; {_USUAL} is taken")
        return _USUAL

    def _requested(self, found: Found) -> str:
        """What the tip asks the vendor to write: guidance, as every answer takes a comment."""
        words = self.draft.words(found.where, "the request", text(found.node, "why"))
        if words:
            self.draft.note(found.where, "asks for an explanation; it is asked for as a comment")
        return words


def _by_question(hits: Sequence[Trigger]) -> Iterator[Trigger]:
    """One trigger for each question: of the exact ones and of the others."""
    merged: dict[Trigger, frozenset[str]] = {}
    for hit in hits:
        key = replace(hit, answers=frozenset())
        merged[key] = merged.get(key, frozenset()) | hit.answers
    for hit, answers in merged.items():
        yield replace(hit, answers=answers)


def score(draft: Draft, asked: Asked, warned: Warned | None, *, routes: bool) -> None:
    """Gives a question weight and credits, by the answers that warnings hang on.

    `routes`: the answers decide what else is asked, which says nothing about good and bad.
    """
    item, kind = asked.item, asked.item.answer["type"]
    if kind not in {"yes_no", "choice"}:
        if kind == "multiple":
            draft.note(item.where, "does not say how many ticks are good; not scored")
        return
    credits_of = _credits(asked, warned)
    if credits_of is None:
        credits_of = None if routes else _by_words(asked)
        if credits_of is None or warned is not None:
            draft.note(item.where, "does not say which answer is good; not scored")
            return
        draft.note(item.where, "has no warning on an answer; yes is taken to be the good one")
    item.weight = _WEIGHTS[warned.severity] if warned is not None else 3
    draft.once("weights: 5 where a warning is critical or high, 3 where it is medium, 1 where low, "
               "3 without one; an answer with a warning is worth 0, one that is warned of only "
               "under further conditions ½, others 1")  # fmt: skip
    if kind == "yes_no":
        if credits_of["yes"] < credits_of["no"]:
            item.answer["good"] = "no"
    else:
        for option in item.answer["options"]:
            option["credit"] = str(credits_of[option["id"]])


def _credits(asked: Asked, warned: Warned | None) -> Mapping[str, Fraction] | None:
    """By the warnings; None where they tell no good answer from a bad one."""
    if warned is None:
        return None
    half = Fraction(0) if asked.item.answer["type"] == "yes_no" else Fraction(1, 2)
    found = {
        one: Fraction(0)
        if one in warned.always
        else half
        if one in warned.sometimes
        else Fraction(1)
        for one in asked.labels
    }
    return found if len(set(found.values())) > 1 and Fraction(1) in found.values() else None


def _by_words(asked: Asked) -> Mapping[str, Fraction] | None:
    said = asked.verdicts
    if sorted(map(str, said.values())) != ["no", "yes"]:
        return None
    return {one: Fraction(word == "yes") for one, word in said.items()}
