class EvidenceDiffers(Exception):  # noqa: N818 - the words that a log shall show
    """A stored file opened, and is not the file that its row describes."""

    def __init__(self, evidence_id: str, version: int) -> None:
        super().__init__(f"Evidence {evidence_id}/{version} is not what was uploaded.")
        self.evidence_id = evidence_id
        self.version = version
