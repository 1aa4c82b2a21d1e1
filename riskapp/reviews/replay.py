"""An assessment as its events tell it, up to wherever they are read. Pure.

What the rows say today is what replaying all events comes to; a test holds the two together.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from riskapp.assessments.rules import State
from riskapp.evidence.scans import Scan

Use = tuple[str, str, int]
"""Question, evidence id and version."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of an assessment."""

    at: datetime
    type: str
    object_id: str
    actor_id: str | None
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Review:
    """Where the review of an answer stands: what a new revision sets back."""

    standing: str = "open"
    na_approvals: tuple[str, ...] = ()
    """Ids of the officers; that of the entry where it was erased who they are."""
    na_refused: bool = False
    confirmed: bool = False
    compensating: str | None = None
    """The credit; empty where the event does not say it, for it is older than that."""


@dataclass(frozen=True, slots=True)
class AnswerThen:
    revision: int
    saved_at: datetime
    review: Review = Review()
    asked_back: bool = False
    submitted: int = 0
    """The newest revision that was submitted; 0 for none."""


@dataclass(frozen=True, slots=True)
class FileThen:
    """A file on a question."""

    question_id: str
    evidence_id: str
    version: int
    added_at: datetime
    size: int | None = None
    """Of the plaintext, in bytes; None where it came from another place."""
    scan: Scan | None = None
    """As it came in; None as above."""
    level: str = "provided"
    submitted: bool = False

    @property
    def use(self) -> Use:
        return self.question_id, self.evidence_id, self.version


@dataclass(slots=True)
class Then:
    """An assessment at a moment. Only `replay` changes it."""

    state: State = State.DRAFT
    due: date | None = None
    submissions: int = 0
    submitted_at: datetime | None = None
    returned_at: datetime | None = None
    shared: str | None = None
    answers: dict[str, AnswerThen] = field(default_factory=dict)
    files: dict[Use, FileThen] = field(default_factory=dict)
    """In the order in which they came."""
    held: dict[str, tuple[str, AnswerThen]] = field(default_factory=dict)
    """By entry of the thread: the question, and its answer before."""


def replay(events: Iterable[Happened], undone: Mapping[str, str]) -> Then | None:
    """What the events come to, oldest first; None before the assessment was drawn up.

    `undone` says which entry an undoing one undid, for events that do not say it themselves.
    """
    then: Then | None = None
    for event in events:
        if event.type == "assessment:draft":
            then = Then(due=date.fromisoformat(event.body["due"]))
        elif then is not None:
            _apply(then, event, undone)
    return then


def _apply(then: Then, event: Happened, undone: Mapping[str, str]) -> None:
    subject, _, verb = event.type.partition(":")
    match subject:
        case "assessment":
            _move(then, event, verb)
        case "answer":
            _answered(then, event)
        case "submission":
            _submitted(then, event)
        case "evidence":
            _file(then, event, verb)
        case "review":
            _reviewed(then, event, verb, undone)


def _move(then: Then, event: Happened, verb: str) -> None:
    match verb:
        case "extend":
            then.due = date.fromisoformat(event.body["to"])
        case "share":
            then.shared = event.body["to"]
        case "returned":
            then.due, then.returned_at = date.fromisoformat(event.body["due"]), event.at
    if verb in set(State):
        then.state = State(verb)


def _answered(then: Then, event: Happened) -> None:
    question = event.body["question"]
    before = then.answers.get(question)
    then.answers[question] = AnswerThen(
        event.body["revision"],
        event.at,
        asked_back=before is not None and before.asked_back,
        submitted=0 if before is None else before.submitted,
    )


def _submitted(then: Then, event: Happened) -> None:
    then.submissions, then.submitted_at = then.submissions + 1, event.at
    for question, answer in then.answers.items():
        then.answers[question] = replace(answer, asked_back=False, submitted=answer.revision)
    for use, file in then.files.items():
        then.files[use] = replace(file, submitted=True)


def _file(then: Then, event: Happened, verb: str) -> None:
    evidence_id, slash, version = event.object_id.rpartition("/")
    question = event.body.get("question")
    if question is None or not slash:
        return
    use = (question, evidence_id, int(version))
    match verb:
        case "keep":
            scan = Scan(event.body["scan"]) if event.body.get("scan") else None
            size = event.body.get("size")
            then.files[use] = FileThen(*use, added_at=event.at, size=size, scan=scan)
        case "use":
            then.files[use] = FileThen(*use, added_at=event.at)
        case "remove":
            then.files.pop(use, None)
        case "review" if use in then.files:
            then.files[use] = replace(then.files[use], level=event.body["to"]["level"])


def _reviewed(then: Then, event: Happened, verb: str, undone: Mapping[str, str]) -> None:
    entry, question = event.body["entry"], event.body["question"]
    if verb == "undo":
        undoes = event.body.get("undoes") or undone.get(entry, "")
        if undoes in then.held:
            question, answer = then.held[undoes]
            now = then.answers[question]
            if now.revision == answer.revision:
                then.answers[question] = replace(
                    now, review=answer.review, asked_back=answer.asked_back
                )
        return
    before = then.answers.get(question)
    if before is None:
        return
    after = _marked(before, event, verb, event.actor_id or entry)
    if after is not None:
        then.held[entry] = question, before
        then.answers[question] = after


def _marked(answer: AnswerThen, event: Happened, verb: str, by: str) -> AnswerThen | None:
    """The answer after a mark; None where the mark is on a file."""
    review = answer.review
    match verb:
        case "accept":
            review = replace(review, standing="accepted")
        case "reject":
            review = replace(review, standing="rejected", compensating=None)
        case "ask-back":
            return replace(answer, asked_back=True)
        case "approve-na":
            approvals = (*review.na_approvals, by)
            if by in review.na_approvals:  # said again, in other words
                approvals = review.na_approvals
            review = replace(review, na_approvals=approvals, na_refused=False)
        case "refuse-na":
            review = replace(review, na_approvals=(), na_refused=True)
        case "confirm":
            review = replace(review, confirmed=True)
        case "compensate":
            review = replace(review, compensating=event.body.get("credit", ""))
        case _:
            return None
    return replace(answer, review=review)
