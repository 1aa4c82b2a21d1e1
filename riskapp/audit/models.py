from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from riskapp.core.db import Base


class Event(Base):
    """One state change of one object. Rows are only ever added; triggers refuse all else.

    `body` is canonical JSON (RFC 8785) of everything the event says; the other columns repeat
    what history pages look up. Persons appear by id only, never by name or address.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_assessment", "assessment_id", "id"),
        Index("ix_event_vendor", "vendor_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    at: Mapped[datetime]
    type: Mapped[str] = mapped_column(String(60))
    object_id: Mapped[str] = mapped_column(String(80))
    actor_kind: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[str | None] = mapped_column(String(32))
    vendor_id: Mapped[str | None] = mapped_column(String(32))
    assessment_id: Mapped[str | None] = mapped_column(String(32))
    body: Mapped[str] = mapped_column(Text)
