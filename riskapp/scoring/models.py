from datetime import date, datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from riskapp.core.db import Base


class StoredReceipt(Base):
    """A score as it was computed. Rows are only ever added; triggers refuse all else."""

    __tablename__ = "receipt"

    assessment_id: Mapped[str] = mapped_column(ForeignKey("assessment.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    submission: Mapped[int]
    as_of: Mapped[date]
    cause: Mapped[str] = mapped_column(String(200))
    document: Mapped[str] = mapped_column(Text)
    """The receipt, canonical JSON (RFC 8785)."""
    sha256: Mapped[str] = mapped_column(String(64))
    tier: Mapped[str] = mapped_column(String(10))
    shown: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime]
