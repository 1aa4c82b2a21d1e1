from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from riskapp.core.db import Base


class PackExport(Base):
    """A pack that was taken away: for whom and why.

    Apart from its event, because names must be erasable and events are not.
    """

    __tablename__ = "pack_export"
    __table_args__ = (Index("ix_pack_export_assessment", "assessment_id", "at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    assessment_id: Mapped[str] = mapped_column(ForeignKey("assessment.id"))
    recipient: Mapped[str] = mapped_column(String(200))
    purpose: Mapped[str] = mapped_column(Text)
    until: Mapped[date | None]
    last_event: Mapped[int] = mapped_column(BigInteger)
    seal: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the pack's tagmanifest: names exactly this content."""
    made_by: Mapped[str | None] = mapped_column(String(32))
    at: Mapped[datetime]
