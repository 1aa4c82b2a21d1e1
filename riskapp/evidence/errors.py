from riskapp.core.errors import Refusal


class QuotaExceeded(Refusal):
    """The vendor's files together would be more than this installation keeps for one vendor."""

    def __init__(self, used: int, quota: int) -> None:
        super().__init__(f"{used} of {quota} bytes are used")
        self.used = used
        self.quota = quota


class EvidenceClosed(Refusal):
    """Files on this question cannot be changed now: they are submitted, or were not asked back."""

    def __init__(self, question_id: str) -> None:
        super().__init__(f"evidence on {question_id} cannot be changed now")
        self.question_id = question_id
