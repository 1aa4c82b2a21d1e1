from riskapp.core.errors import Refusal


class EngagementEnded(Refusal):
    """The engagement has ended: no assessment is drawn up for it, and it cannot end again."""

    def __init__(self, engagement_id: str) -> None:
        super().__init__(f"engagement {engagement_id} has ended")
        self.engagement_id = engagement_id


class EngagementLive(Refusal):
    """The engagement has not ended, so that there is nothing to take up again."""

    def __init__(self, engagement_id: str) -> None:
        super().__init__(f"engagement {engagement_id} has not ended")
        self.engagement_id = engagement_id
