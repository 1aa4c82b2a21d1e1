from datetime import datetime

from riskapp.core.errors import Refusal
from riskapp.evidence.damage import Found
from riskapp.evidence.scans import Scan


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


class Superseded(Refusal):
    """The file that was to be replaced is not there any more: somebody was faster."""

    def __init__(self, question_id: str) -> None:
        super().__init__(f"the file on {question_id} was replaced or removed in the meantime")
        self.question_id = question_id


class Damaged(Refusal):
    """The stored file does not open: its text says what was found, and what to do."""

    def __init__(self, object_id: str, name: str, found: Found) -> None:
        super().__init__(f"Evidence {object_id}: {found}")
        self.object_id = object_id
        self.name = name
        self.found = found


class InQuarantine(Refusal):
    """Nobody may open the file: the virus scanner has not passed it, or found something in it."""

    def __init__(self, scan: Scan) -> None:
        super().__init__(f"the file is {scan}")
        self.scan = scan


class Erased(Refusal):
    """The file was erased; that it was there is all that is left."""

    def __init__(self, at: datetime) -> None:
        super().__init__(f"the file was erased on {at.date()}")
        self.at = at
