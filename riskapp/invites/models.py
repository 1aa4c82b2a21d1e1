from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from riskapp.core.db import Base


class Invitation(Base):
    """A link to answer one assessment. Only the token's hash is kept."""

    __tablename__ = "invitation"
    __table_args__ = (Index("ix_invitation_assessment", "assessment_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    assessment_id: Mapped[str] = mapped_column(ForeignKey("assessment.id"))
    email: Mapped[str] = mapped_column(String(254))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    issued_by: Mapped[str | None] = mapped_column(String(32))
    issued_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class RespondentSession(Base):
    """A browser in which Start or Continue was pressed on a link."""

    __tablename__ = "respondent_session"
    __table_args__ = (Index("ix_respondent_session_invitation", "invitation_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    invitation_id: Mapped[str] = mapped_column(ForeignKey("invitation.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
