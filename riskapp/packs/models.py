from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from riskapp.core.db import Base


class PackExport(Base):
    """A pack that was made: of what, for whom and why, and all that its bytes follow from.

    Apart from its event, because names must be erasable and events are not.
    """

    __tablename__ = "pack_export"
    __table_args__ = (
        Index("ix_pack_export_assessment", "assessment_id", "at"),
        Index("ix_pack_export_vendor", "vendor_id", "at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    vendor_id: Mapped[str] = mapped_column(ForeignKey("vendor.id"))
    assessment_id: Mapped[str | None] = mapped_column(ForeignKey("assessment.id"))
    """None: the vendor's whole history."""
    recipient: Mapped[str] = mapped_column(String(200))
    purpose: Mapped[str] = mapped_column(Text)
    until: Mapped[date | None]
    size: Mapped[int] = mapped_column(BigInteger)
    """Bytes of the ZIP, before it is sealed."""
    log_size: Mapped[int] = mapped_column(BigInteger)
    """The checkpoint at which its trail stops."""
    narrowed: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What was kept out of it, and why: packs.narrowing."""
    sealed_to: Mapped[str | None] = mapped_column(Text)
    """The age or SSH public key that it is sealed to."""
    seal: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the pack's tagmanifest: names exactly this content."""
    token: Mapped[bytes | None] = mapped_column(LargeBinary)
    """An RFC 3161 response over the payload's manifest; it would be another one the next time."""
    made_by: Mapped[str | None] = mapped_column(String(32))
    at: Mapped[datetime]
