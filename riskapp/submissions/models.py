from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from riskapp.core.db import Base


class Submission(Base):
    """What a vendor sent in, frozen. Rows are only ever added; triggers refuse all else."""

    __tablename__ = "submission"

    assessment_id: Mapped[str] = mapped_column(ForeignKey("assessment.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[str] = mapped_column(ForeignKey("invitation.id"))
    by_name: Mapped[str] = mapped_column(String(200))
    by_role: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    acknowledgement: Mapped[str] = mapped_column(Text)
    """Canonical JSON (RFC 8785): what was submitted, when, with digests; nothing of the score."""
    sha256: Mapped[str] = mapped_column(String(64))
