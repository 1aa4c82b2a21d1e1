from dataclasses import dataclass
from datetime import datetime
from typing import Any

from riskapp.core.errors import Refusal


@dataclass(frozen=True, slots=True)
class Saved:
    """An answer as it stands."""

    revision: int
    value: Any
    na_reason: str | None
    comment: str
    saved_at: datetime | None


class NewerAnswer(Refusal):
    """Somebody saved this answer after the page was loaded: the person must choose.

    `saved` is what stands now; nothing was overwritten.
    """

    def __init__(self, question_id: str, saved: Saved) -> None:
        super().__init__(f"{question_id} was saved elsewhere after this page was loaded")
        self.question_id = question_id
        self.saved = saved


class AnswerClosed(Refusal):
    """An answer that cannot be changed now: it is submitted, or was not asked back."""

    def __init__(self, question_id: str) -> None:
        super().__init__(f"{question_id} cannot be changed now")
        self.question_id = question_id
