"""What is kept out of a pack on somebody's wish, and why. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from riskapp.core.errors import FieldRefused
from riskapp.packs.names import one_line
from riskapp.packs.shipped.verify import NO_FILES, NOT_CHOSEN

LONGEST_REASON = 500
MOST_REDACTIONS = 2000

What = Literal["answer", "file", "names"]
WORDS = frozenset({"reason", "reasons", "conditions", "condition"})
"""What organisations write down as their reasons. Addresses and whom a grant is for stay closed."""
PEOPLE = "people"
"""The one id of a redaction of names: all people's are left out, or none."""


@dataclass(frozen=True, slots=True)
class Redaction:
    """One thing that is left out.

    `id` is a question's id (answer), `<evidence id>/<version>` (file), or PEOPLE (names).
    """

    what: What
    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What a pack holds less than all there is.

    `evidence`: whether files are in it. `questions`: ids of those whose answers are, None for all.
    """

    evidence: bool = True
    questions: tuple[str, ...] | None = None
    redactions: tuple[Redaction, ...] = ()

    @property
    def whole(self) -> bool:
        return self == WHOLE

    def as_json(self) -> dict[str, Any]:
        return {
            "evidence": self.evidence,
            "questions": None if self.questions is None else sorted(self.questions),
            "redactions": [
                {"what": one.what, "id": one.id, "reason": one.reason}
                for one in sorted(self.redactions, key=lambda one: (one.what, one.id))
            ],
        }


WHOLE = Narrowing()


def from_json(stated: Mapping[str, Any]) -> Narrowing:
    """What `as_json` wrote."""
    chosen = stated.get("questions")
    return Narrowing(
        stated.get("evidence", True),
        None if chosen is None else tuple(chosen),
        tuple(Redaction(**one) for one in stated.get("redactions", ())),
    )


def worded(narrowing: Narrowing) -> Narrowing:
    """The same with every reason as it is kept: on one line, nothing invisible in it."""
    found = (replace(one, reason=one_line(one.reason)) for one in narrowing.redactions)
    return replace(narrowing, redactions=tuple(found))


def check(narrowing: Narrowing, questions: Collection[str], files: Collection[str]) -> None:
    """Raises FieldRefused (`questions`, `redactions`) for what is not there, or has no reason.

    `questions` are the ids of all that are in what the pack is of, `files` `id/version`.
    """
    if narrowing.questions is not None:
        if not narrowing.questions:
            raise FieldRefused("questions", "Choose at least one question.")
        if strange := sorted(set(narrowing.questions).difference(questions)):
            raise FieldRefused("questions", f"There is no question {strange[0][:40]} here.")
    if len(narrowing.redactions) > MOST_REDACTIONS:
        raise FieldRefused("redactions", f"Leave out at most {MOST_REDACTIONS:,} things.")
    known = {"answer": questions, "file": files, "names": (PEOPLE,)}
    seen = set[tuple[str, str]]()
    for one in narrowing.redactions:
        if one.id not in known[one.what] or (one.what, one.id) in seen:
            raise FieldRefused("redactions", f"There is no {one.what} {one.id[:80]} to leave out.")
        seen.add((one.what, one.id))
        if not one.reason.strip():
            raise FieldRefused("redactions", f"Say why {one.id} is left out: the pack says so.")
        if len(one.reason) > LONGEST_REASON:
            raise FieldRefused(
                "redactions", f"Use at most {LONGEST_REASON} characters for {one.id}."
            )


@dataclass(frozen=True, slots=True)
class Closed:
    """What a pack does not open, each with the reason: by question, by file (`id/version`)."""

    answers: Mapping[str, str]
    files: Mapping[str, str]
    names: str | None

    def hides_name(self, file: str) -> bool:
        """Whether a file's name is left out as well; where no files are given, names still are."""
        return self.files.get(file, NO_FILES) != NO_FILES

    @property
    def acknowledgements(self) -> bool:
        """Whether they are left out: they hold names, and digests by which to try guesses."""
        return bool(self.answers or self.names or any(map(self.hides_name, self.files)))


def closed(
    narrowing: Narrowing, questions: Iterable[str], files: Iterable[tuple[str, str]]
) -> Closed:
    """What of these questions, and of these files (question, `id/version`), is not opened."""
    reasons = {(one.what, one.id): one.reason for one in narrowing.redactions}
    names = reasons.get(("names", PEOPLE))
    open_ones = None if narrowing.questions is None else set(narrowing.questions)
    answers = dict[str, str]()
    for name in questions:
        if open_ones is not None and name not in open_ones:
            answers[name] = NOT_CHOSEN
        elif ("answer", name) in reasons:
            answers[name] = reasons["answer", name]
    pairs = list(files)
    chosen = {file for question, file in pairs if open_ones is None or question in open_ones}
    shut = dict[str, str]()
    for _, file in pairs:
        if file not in chosen:
            shut[file] = NOT_CHOSEN
        elif ("file", file) in reasons:
            shut[file] = reasons["file", file]
        elif not narrowing.evidence:
            shut[file] = NO_FILES
    return Closed(answers, shut, names)


def opens(kept_out: Closed, hidden: Collection[str], event: Mapping[str, Any], field: str) -> bool:
    """Whether a pack shows a field that an event of its assessment commits to.

    `hidden` are the review entries (by id) of which the words are left out.
    """
    if field == "actor":
        return True
    if event["type"] == "answer:save":
        return field == "answer" and event["question"] not in kept_out.answers
    if event["type"].startswith("review:"):
        return field == "note" and event["entry"] not in hidden
    return field in WORDS


def hidden_entry(kept_out: Closed, question: str, evidence: str | None) -> str | None:
    """Why the words of a reviewer on this question, or on this file, are left out; or None."""
    found = kept_out.answers.get(question)
    if found is None and evidence is not None and kept_out.hides_name(evidence):
        found = kept_out.files[evidence]
    return found
