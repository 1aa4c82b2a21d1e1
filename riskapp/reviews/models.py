from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from riskapp.core.db import Base


class ReviewEntry(Base):
    """One thing that a reviewer did to one answer or file; the review thread is these in order."""

    __tablename__ = "review_entry"
    __table_args__ = (Index("ix_review_entry_assessment", "assessment_id", "question_id", "at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    assessment_id: Mapped[str] = mapped_column(ForeignKey("assessment.id"))
    question_id: Mapped[str] = mapped_column(String(20))
    position: Mapped[int]
    """Counts up within the assessment: the order of the thread."""
    evidence_id: Mapped[str | None] = mapped_column(String(32))
    evidence_version: Mapped[int | None]
    action: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(Text)
    before: Mapped[dict[str, Any]]
    """The fields that the action changed, as they were: what an undo puts back."""
    submission: Mapped[int]
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class Decision(Base):
    """The officer's decision on an assessment, with the receipt it was made on."""

    __tablename__ = "decision"

    assessment_id: Mapped[str] = mapped_column(ForeignKey("assessment.id"), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(40))
    reasons: Mapped[str] = mapped_column(Text)
    conditions: Mapped[str] = mapped_column(Text)
    receipt: Mapped[int]
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
