from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from riskapp.core.db import Base

ERASED = "erased:"
"""How the address begins of somebody who was erased; their id follows, for it has to be unique."""
ERASED_NAME = "Somebody who was erased"


class Person(Base):
    """Somebody who signs in. Vendors' respondents are not persons: they hold a link.

    Of somebody who was erased the row stays, for what they did names it: without name, address and
    password, and closed.
    """

    __tablename__ = "person"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class SignInSession(Base):
    """A signed-in browser. Only the token's hash is kept; an ended session opens nothing."""

    __tablename__ = "sign_in_session"
    __table_args__ = (Index("ix_sign_in_session_person", "person_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    agent: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
