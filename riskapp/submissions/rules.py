"""What keeps an assessment from being submitted. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from riskapp.catalogue.model import Question, Release


class Answered(Protocol):
    """What the rule looks at in an answer."""

    @property
    def given(self) -> bool: ...

    @property
    def asked_back(self) -> bool: ...

    @property
    def saved_at(self) -> datetime: ...


class Attached(Protocol):
    """What the rule looks at in a file."""

    @property
    def question_id(self) -> str: ...

    @property
    def added_at(self) -> datetime: ...


class Open(StrEnum):
    """Why an item is still open."""

    UNANSWERED = "unanswered"
    ASKED_BACK = "asked-back"


@dataclass(frozen=True, slots=True)
class OpenItem:
    question: Question
    questionnaire: str
    section: str
    why: Open


def open_items(
    asked: Sequence[tuple[Release, str, Question]],
    answers: Mapping[str, Answered],
    files: Sequence[Attached],
    returned_at: datetime | None,
) -> list[OpenItem]:
    """What the vendor still has to do, in the order of the questionnaires.

    `asked` are the questions that the vendor is asked now, with release and section id. A question
    that was asked back is replied to by a new answer or by a file that came after the return.
    """
    newest_file = {file.question_id: file.added_at for file in files}
    found = []
    for release, section, question in asked:
        answer = answers.get(question.id)
        if answer is None or not answer.given:
            if question.required:
                found.append(OpenItem(question, release.id, section, Open.UNANSWERED))
        elif answer.asked_back and returned_at is not None:
            file_at = newest_file.get(question.id)
            replied = answer.saved_at > returned_at or (
                file_at is not None and file_at > returned_at
            )
            if not replied:
                found.append(OpenItem(question, release.id, section, Open.ASKED_BACK))
    return found
