from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from riskapp.core.db import Base


class StoredRelease(Base):
    """The exact text of a release that was sent or published here; never changes."""

    __tablename__ = "stored_release"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    questionnaire: Mapped[str] = mapped_column(String(80))
    release: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(Text)
    stored_at: Mapped[datetime]


class ReleaseStanding(Base):
    """Whether a release can be sent. A file of the folder needs no row until it is retired.

    `own`: published here, so that its text is in the database and no file is needed.
    """

    __tablename__ = "release_standing"
    __table_args__ = (UniqueConstraint("questionnaire", "release"),)

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    questionnaire: Mapped[str] = mapped_column(String(80))
    release: Mapped[str] = mapped_column(String(40))
    own: Mapped[bool]
    published_at: Mapped[datetime | None]
    published_by: Mapped[str | None] = mapped_column(String(32))
    retired_at: Mapped[datetime | None]
    retired_by: Mapped[str | None] = mapped_column(String(32))
    retire_reason: Mapped[str] = mapped_column(Text, default="")


class QuestionnaireDraft(Base):
    """An imported questionnaire that nobody has published yet, with the file that it came from."""

    __tablename__ = "questionnaire_draft"
    __table_args__ = (Index("ix_questionnaire_draft_created", "created_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    form: Mapped[str] = mapped_column(String(20))
    file_name: Mapped[str] = mapped_column(String(255))
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """The foreign file as it was uploaded: what a corrected column mapping is read from again."""
    naming: Mapped[dict[str, Any]]
    columns: Mapped[dict[str, Any]]
    """A spreadsheet's column mapping as it was corrected; empty for other forms."""
    source: Mapped[str] = mapped_column(Text)
    """The questionnaire file that was made of it."""
    notes: Mapped[list[Any]]
    questions: Mapped[int]
    created_at: Mapped[datetime]
    created_by: Mapped[str | None] = mapped_column(String(32))
