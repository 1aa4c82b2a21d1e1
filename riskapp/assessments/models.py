from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from riskapp.core.db import Base


class Assessment(Base):
    """One engagement asked one set of releases, in one cycle."""

    __tablename__ = "assessment"
    __table_args__ = (
        UniqueConstraint("engagement_id", "cycle"),
        Index("ix_assessment_vendor", "vendor_id", "created_at"),
        Index("ix_assessment_listing", "created_at", "id"),
        Index("ix_assessment_state", "state", "created_at", "id"),
        Index("ix_assessment_tier", "tier", "created_at", "id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    engagement_id: Mapped[str] = mapped_column(ForeignKey("engagement.id"))
    vendor_id: Mapped[str] = mapped_column(ForeignKey("vendor.id"))
    cycle: Mapped[int]
    state: Mapped[str] = mapped_column(String(20))
    due: Mapped[date]
    intake_id: Mapped[str] = mapped_column(ForeignKey("intake.id"))
    facts: Mapped[dict[str, Any]]
    """What the intake said when the assessment was drawn up: decides which questions apply."""
    choice_reason: Mapped[str] = mapped_column(Text)
    """Why the officer's choice of questionnaires differs from the proposal; else empty."""
    cancel_reason: Mapped[str] = mapped_column(Text, default="")
    """Why it was cancelled; else empty."""
    created_at: Mapped[datetime]
    created_by: Mapped[str | None] = mapped_column(String(32))
    submissions: Mapped[int] = mapped_column(default=0)
    submitted_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    """When questions were last sent back; what the vendor does after it is a reply."""
    receipts: Mapped[int] = mapped_column(default=0)
    tier: Mapped[str | None] = mapped_column(String(10))
    shown: Mapped[str | None] = mapped_column(String(8))
    blocked: Mapped[bool] = mapped_column(default=False)
    outcome: Mapped[str | None] = mapped_column(String(40))
    shared: Mapped[str | None] = mapped_column(String(20))
    """How much of its score the vendor sees: None, `tier` or `card`."""
    shared_receipt: Mapped[int | None]
    erased_at: Mapped[datetime | None]
    """When its answers, submissions and receipts were erased; what was decided stays."""


class AssessmentRelease(Base):
    __tablename__ = "assessment_release"

    assessment_id: Mapped[str] = mapped_column(ForeignKey("assessment.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("stored_release.sha256"))
    questions: Mapped[list[str]] = mapped_column(JSON)
    """The ids of the questions that are asked of it, in the order of the release."""


class Grant(Base):
    """What an auditor may see, from when and until when: a vendor, one assessment, or the list."""

    __tablename__ = "access_grant"
    __table_args__ = (
        Index("ix_access_grant_person", "person_id"),
        Index("ix_access_grant_vendor", "vendor_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    vendor_id: Mapped[str | None] = mapped_column(ForeignKey("vendor.id"))
    """None: the population list, to sample from."""
    assessment_id: Mapped[str | None] = mapped_column(ForeignKey("assessment.id"))
    """None: all of the vendor."""
    starts: Mapped[date]
    until: Mapped[date]
    evidence: Mapped[bool]
    """Whether files open; else they are listed with their digests."""
    purpose: Mapped[str] = mapped_column(Text)
    granted_by: Mapped[str] = mapped_column(String(32))
    granted_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class AccessRequest(Base):
    """What an auditor asks to see beside what is granted, and what an officer answered."""

    __tablename__ = "access_request"
    __table_args__ = (
        Index("ix_access_request_person", "person_id", "asked_at"),
        Index("ix_access_request_open", "answered_at", "asked_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    vendor_id: Mapped[str | None] = mapped_column(ForeignKey("vendor.id"))
    """None where the wish names no vendor."""
    assessment_id: Mapped[str | None] = mapped_column(ForeignKey("assessment.id"))
    wish: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    answer: Mapped[str] = mapped_column(Text)
    """The officer's words; empty until answered."""
    grant_id: Mapped[str | None] = mapped_column(ForeignKey("access_grant.id"))
    """What was granted on it; None where it was refused or answered in words alone."""
