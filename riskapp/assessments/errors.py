from datetime import datetime

from riskapp.assessments.rules import State
from riskapp.core.errors import Refusal


class IntakeMissing(Refusal):
    """The engagement's intake has not been answered, so that nobody knows what to ask."""

    def __init__(self, engagement_id: str) -> None:
        super().__init__(f"engagement {engagement_id} has no intake yet")
        self.engagement_id = engagement_id


class WrongState(Refusal):
    """The assessment is not where this can be done."""

    def __init__(self, state: State, wanted: str) -> None:
        super().__init__(f"the assessment is {state}: {wanted} is not possible")
        self.state = state
        self.wanted = wanted


class AnswersErased(Refusal):
    """The answers and receipts were erased by the rules of retention; the decision stays."""

    def __init__(self, at: datetime) -> None:
        super().__init__(f"the answers were erased on {at.date().isoformat()}")
        self.at = at


class AlreadyDrawnUp(Refusal):
    """The same form was sent twice, or a colleague was faster: this cycle has its assessment."""

    def __init__(self, assessment_id: str) -> None:
        super().__init__(f"assessment {assessment_id} was drawn up for this cycle")
        self.assessment_id = assessment_id


class AlreadyAnswered(Refusal):
    """The same form was sent twice, or a colleague was faster: an auditor's request is answered."""

    def __init__(self, request_id: str) -> None:
        super().__init__(f"request {request_id} is answered")
        self.request_id = request_id
