from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import JSON

from riskapp.core.db import Base


class Answer(Base):
    """The newest revision of an answer, and where its review stands."""

    __tablename__ = "answer"

    assessment_id: Mapped[str] = mapped_column(ForeignKey("assessment.id"), primary_key=True)
    question_id: Mapped[str] = mapped_column(String(20), primary_key=True)
    revision: Mapped[int]
    value: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    na_reason: Mapped[str | None] = mapped_column(Text)
    """Not None: the vendor says that the question does not apply, and why."""
    comment: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime]
    standing: Mapped[str] = mapped_column(String(20), default="open")
    """open, accepted or rejected."""
    asked_back: Mapped[bool] = mapped_column(default=False)
    """The officer wants another answer; open to the vendor once the assessment is returned."""
    na_approvals: Mapped[list[str]] = mapped_column(default=list)
    """Ids of the officers who approved the claim."""
    na_refused: Mapped[bool] = mapped_column(default=False)
    confirmed: Mapped[bool] = mapped_column(default=False)
    """An officer confirmed a gate's answer, or that an empty table has nothing to list."""
    compensating: Mapped[str | None] = mapped_column(String(20))
    """The credit of a compensating control, an exact fraction of at most 3/4."""


class AnswerRevision(Base):
    """Every version of every answer. Rows are only ever added; triggers refuse all else."""

    __tablename__ = "answer_revision"
    __table_args__ = (
        UniqueConstraint("assessment_id", "question_id", "revision"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    assessment_id: Mapped[str] = mapped_column(ForeignKey("assessment.id"))
    question_id: Mapped[str] = mapped_column(String(20))
    revision: Mapped[int]
    value: Mapped[Any] = mapped_column(JSON(none_as_null=True), nullable=True)
    na_reason: Mapped[str | None] = mapped_column(Text)
    comment: Mapped[str] = mapped_column(Text)
    invitation_id: Mapped[str] = mapped_column(ForeignKey("invitation.id"))
    saved_at: Mapped[datetime]
