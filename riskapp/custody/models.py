"""Retention. `Erasure` and `LegalHold` lie in `riskapp.evidence.models`: files refer to them."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from riskapp.core.db import Base


class AssessmentErasure(Base):
    """An assessment whose answers and receipts may be deleted. Rows are only ever added.

    The triggers of `tables.ERASABLE` look here: without such a row nothing can be deleted.
    """

    __tablename__ = "assessment_erasure"

    assessment_id: Mapped[str] = mapped_column(ForeignKey("assessment.id"), primary_key=True)
    record_class: Mapped[str] = mapped_column(String(20))
    """By which rule: `drafts` or `answers`."""
    days: Mapped[int]
    """How many days the rule kept it for."""
    at: Mapped[datetime]


class RetentionRule(Base):
    """For how long a class of record is kept; a class without a row is kept for good."""

    __tablename__ = "retention_rule"

    record_class: Mapped[str] = mapped_column(String(20), primary_key=True)
    days: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text)
    set_by: Mapped[str | None] = mapped_column(String(32))
    set_at: Mapped[datetime]
