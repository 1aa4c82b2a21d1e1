from datetime import date

from riskapp.core.errors import Refusal


class EvidenceDiffers(Exception):  # noqa: N818 - the words that a log shall show
    """A stored file opened, and is not the file that its row describes."""

    def __init__(self, evidence_id: str, version: int) -> None:
        super().__init__(f"Evidence {evidence_id}/{version} is not what was uploaded.")
        self.evidence_id = evidence_id
        self.version = version


class PackChanged(Refusal):
    """The same pack cannot be made any more: the record changed since, or the key that signs.

    Something was erased or renamed, or the signing key was replaced. A new pack can be made.
    """

    def __init__(self) -> None:
        super().__init__("The record has changed since this pack was made. Make a new one.")


class StillChanging(Refusal):
    """Each time that it was read somebody changed something of it meanwhile; nothing was made."""

    def __init__(self) -> None:
        super().__init__(
            "Somebody keeps changing what this tells of, so that nothing was made. "
            "Try again in a moment."
        )


class PackExpired(Refusal):
    """The last day on which the recipient may use the pack, `until`, is over."""

    def __init__(self, until: date) -> None:
        super().__init__(f"This pack could be used until {until:%d %B %Y}. Make a new one.")
        self.until = until


class NothingDecided(Refusal):
    """No assessment of the vendor is decided, so that there is no history to hand out."""

    def __init__(self) -> None:
        super().__init__("No assessment of this vendor is decided yet.")


class CheckpointOfOther(Refusal):
    """The newest checkpoint was signed by a key that is not in use any more.

    The next event that is written brings one of the key that is.
    """

    def __init__(self) -> None:
        super().__init__("The log was last signed by a former key. Try again in a minute.")
