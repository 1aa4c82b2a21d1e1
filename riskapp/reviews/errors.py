from riskapp.core.errors import Refusal


class NothingToReview(Refusal):
    """The action does not fit what is there: no answer, no N/A claim, no gate."""

    def __init__(self, subject: str, action: str) -> None:
        super().__init__(f"{action} does not fit {subject}")
        self.subject = subject
        self.action = action


class SameOfficer(Refusal):
    """A knock-out's N/A needs two officers; this one has approved it already."""


class CannotUndo(Refusal):
    """Something later rests on it: the newest action is undone first."""


class LegalBlock(Refusal):
    """A legal requirement is not met, so that the assessment cannot be approved."""

    def __init__(self, items: list[str]) -> None:
        super().__init__(f"blocked by {', '.join(items)}")
        self.items = items


class AskedBackPending(Refusal):
    """Questions were marked to be asked back, and not sent: send them, or undo the marks."""

    def __init__(self, questions: list[str]) -> None:
        super().__init__(f"asked back, not yet sent: {', '.join(questions)}")
        self.questions = questions
