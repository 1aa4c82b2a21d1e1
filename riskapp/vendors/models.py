from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from riskapp.core.db import Base


class Vendor(Base):
    __tablename__ = "vendor"
    __table_args__ = (
        Index("ix_vendor_name_key", "name_key", "id"),
        Index("ix_vendor_tier", "tier", "name_key", "id"),
        UniqueConstraint("name_key", "country"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(
        String(400).with_variant(String(400, collation="C"), "postgresql")
    )
    """The name case-folded: what lists are sorted and searched by, alike on both databases."""
    country: Mapped[str] = mapped_column(String(2))
    tier: Mapped[str | None] = mapped_column(String(10))
    """That of the worst of its live engagements; None while none of them is scored."""
    shown: Mapped[str | None] = mapped_column(String(8))
    created_at: Mapped[datetime]


class Contact(Base):
    __tablename__ = "contact"
    __table_args__ = (Index("ix_contact_vendor", "vendor_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    vendor_id: Mapped[str] = mapped_column(ForeignKey("vendor.id"))
    name: Mapped[str] = mapped_column(String(200))
    email: Mapped[str] = mapped_column(String(254))
    role: Mapped[str] = mapped_column(String(200))
    removed_at: Mapped[datetime | None]


class Engagement(Base):
    """One service bought from one vendor."""

    __tablename__ = "engagement"
    __table_args__ = (Index("ix_engagement_vendor", "vendor_id", "created_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    vendor_id: Mapped[str] = mapped_column(ForeignKey("vendor.id"))
    title: Mapped[str] = mapped_column(String(200))
    description: Mapped[str] = mapped_column(Text)
    services: Mapped[list[str]]
    delivered_from: Mapped[list[str]]
    created_at: Mapped[datetime]
    intake_number: Mapped[int | None]
    inherent_score: Mapped[str | None] = mapped_column(String(40))
    inherent_tier: Mapped[str | None] = mapped_column(String(10))
    scored_by: Mapped[str | None] = mapped_column(String(32))
    """The assessment whose score is the engagement's: the scored one of the last cycle."""
    tier: Mapped[str | None] = mapped_column(String(10))
    shown: Mapped[str | None] = mapped_column(String(8))
    blocked: Mapped[bool] = mapped_column(default=False)
    ended_at: Mapped[datetime | None]
    """When it ended: it counts no more for the vendor, and time moves its score no more."""


class Intake(Base):
    """What the officer answered about an engagement, one row for each time it was saved."""

    __tablename__ = "intake"
    __table_args__ = (UniqueConstraint("engagement_id", "number"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    engagement_id: Mapped[str] = mapped_column(ForeignKey("engagement.id"))
    number: Mapped[int]
    release_sha256: Mapped[str] = mapped_column(String(64))
    answers: Mapped[dict[str, Any]]
    score: Mapped[str] = mapped_column(String(40))
    tier: Mapped[str] = mapped_column(String(10))
    saved_by: Mapped[str | None] = mapped_column(String(32))
    saved_at: Mapped[datetime]
