"""An assessment as its respondent sees it: what is asked, what is open, what may change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy.orm import Session

from riskapp.answers.queries import AnswerRow, answers
from riskapp.answers.rules import open_to_vendor
from riskapp.assessments.queries import assessment, releases
from riskapp.assessments.rules import State
from riskapp.catalogue.library import Library
from riskapp.catalogue.model import Question, Release
from riskapp.core.errors import NotFound
from riskapp.evidence.queries import EvidenceRow, of_assessment
from riskapp.invites.queries import OpenedInvitation
from riskapp.reviews.queries import asked_back_notes, thread
from riskapp.submissions.rules import OpenItem, open_items
from riskapp.web.languages import settle
from riskapp.web.questions import Item, Part, parts
from riskapp.web.words import say


@dataclass(frozen=True, slots=True)
class Task:
    """A section with what is to be done in it; `total` counts what has to be answered."""

    part: Part
    done: int
    total: int
    asked_back: Sequence[str]
    """The questions in it that the officer wants answered again."""


@dataclass(frozen=True)
class Work:
    """Everything that the vendor's pages are made from, read once."""

    invitation: OpenedInvitation
    releases: Sequence[Release]
    """In the language of the page, where they are there in it."""
    answers: Mapping[str, AnswerRow]
    files: Sequence[EvidenceRow]
    returned_at: datetime | None
    notes: Mapping[str, str]
    """What the officer wrote with each question that was asked back."""

    @property
    def returned(self) -> bool:
        return self.invitation.state is State.RETURNED

    @cached_property
    def parts(self) -> list[Part]:
        return parts(self.releases, self.invitation.facts, self.answers, self.files)

    @cached_property
    def asked(self) -> list[Item]:
        return [item for part in self.parts for item in part.asked]

    @cached_property
    def open_items(self) -> list[OpenItem]:
        asked = [(item.release, item.section.id, item.question) for item in self.asked]
        return open_items(asked, self.answers, self.files, self.returned_at)

    @property
    def hidden(self) -> int:
        """How many more questions answers could bring; what is asked back is all in sight."""
        if self.returned:
            return 0
        return sum(len(part.items) - len(part.asked) for part in self.parts)

    def changeable(self, question: Question) -> bool:
        """Whether an answer is taken now: the rule of `answers.service.save`, for pages."""
        answer = self.answers.get(question.id)
        return open_to_vendor(
            self.invitation.state,
            asked_back=answer is not None and answer.asked_back,
            given=not question.required or (answer is not None and answer.given),
            saved_at=None if answer is None else answer.saved_at,
            returned_at=self.returned_at,
        )

    def item(self, question_id: str) -> Item:
        """Raises NotFound for what is not in these questionnaires or does not apply."""
        for part in self.parts:
            for item in part.items:
                if item.question.id == question_id:
                    return item
        raise NotFound

    def language_of(self, question: Question) -> str:
        """The language of a question's words."""
        return self.item(question.id).release.language

    def part(self, questionnaire: str, section: str) -> Part:
        for part in self.parts:
            if (part.release.id, part.section.id) == (questionnaire, section):
                return part
        raise NotFound

    @cached_property
    def tasks(self) -> list[Task]:
        """The sections in which something can be answered now."""
        still = {item.question.id for item in self.open_items}
        found = []
        for part in self.parts:
            mine = [item for item in part.asked if self.changeable(item.question)]
            if mine:
                needed = [item for item in mine if item.question.required or self.returned]
                done = [item for item in needed if item.question.id not in still]
                back = [item.question.id for item in mine if item.question.id in self.notes]
                found.append(Task(part, len(done), len(needed), back))
        return found

    def following(self, part: Part) -> Part | None:
        """The next section in which something can be answered now."""
        order = [other.section for other in self.parts]
        behind = order[order.index(part.section) + 1 :]
        for task in self.tasks:
            if task.part.section in behind:
                return task.part
        return None

    @property
    def progress(self) -> str:
        done = sum(task.done for task in self.tasks)
        return progress_words(done, sum(task.total for task in self.tasks))


def progress_words(done: int, total: int) -> str:
    return say("{done} of {total} questions answered", done=done, total=total)


def load(session: Session, library: Library, invitation: OpenedInvitation) -> Work:
    """Reads it all: three statements, five when the assessment was returned.

    The page is in the language that suits these questionnaires from here on.
    """
    of = invitation.assessment_id
    returned_at, notes = None, {}
    if invitation.state is State.RETURNED:
        row = assessment(session, of)
        returned_at = None if row is None else row.returned_at
        notes = asked_back_notes(thread(session, of))
    return Work(
        invitation,
        settle(library, releases(session, library, of)),
        answers(session, of),
        of_assessment(session, of),
        returned_at,
        notes,
    )
