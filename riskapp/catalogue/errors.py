"""What can be wrong with a questionnaire file, and with an answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from riskapp.core.errors import Refusal
from riskapp.core.sentences import Sentence

Finding = tuple[tuple[int | str, ...], str, str]
"""Where in a file something is wrong, what it is and what to do: a fault without its line."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong with a questionnaire file, for whoever edits it.

    `line` counts from 1. `path` is where in the file, as "sections[1].questions[0].weight", and
    empty for the file as a whole. `problem` goes on after the path, `remedy` is what to do.
    """

    file: str
    line: int
    path: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        path = f"{self.path}: " if self.path else ""
        return f"{self.file}:{self.line}: {path}{self.problem}; {self.remedy}"


class Faulty(Exception):  # noqa: N818 - the word of the interface for a file with faults
    """Questionnaire files that cannot be used, with everything found wrong with them."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = list(faults)


class UnknownQuestionnaire(LookupError):  # noqa: N818 - says what is unknown
    """No release of a questionnaire with this id is in the folder."""


class AnswerRefused(Refusal):
    """A value that cannot be taken as the answer to a question.

    `field` is the form field to point at ("value", "row-2-country"); `problem` is a sentence for
    the person who answers that names the field and the way out.
    """

    def __init__(self, question_id: str, field: str, problem: Sentence) -> None:
        super().__init__(f"{question_id}, {field}: {problem}")
        self.question_id = question_id
        self.field = field
        self.problem = problem
