from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from riskapp.core.db import Base


class StoredReceipt(Base):
    """A score as it was computed. Rows are only ever added; triggers refuse all else."""

    __tablename__ = "receipt"

    assessment_id: Mapped[str] = mapped_column(ForeignKey("assessment.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    submission: Mapped[int]
    as_of: Mapped[date]
    cause: Mapped[str] = mapped_column(String(200))
    document: Mapped[str] = mapped_column(Text)
    """The receipt, canonical JSON (RFC 8785)."""
    sha256: Mapped[str] = mapped_column(String(64))
    tier: Mapped[str] = mapped_column(String(10))
    shown: Mapped[str] = mapped_column(String(8))
    scheme: Mapped[str] = mapped_column(String(40))
    moved: Mapped[list[Any]]
    """What moved the score since the receipt before, the heaviest first; JSON values."""
    created_at: Mapped[datetime]


class Plan(Base):
    """What many assessments have in common: the questions asked, as they are scored."""

    __tablename__ = "score_plan"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    document: Mapped[str] = mapped_column(Text)
    """Canonical JSON (RFC 8785); see `packing`."""


class StoredBasis(Base):
    """What the newest score of an assessment rests on, packed; see `packing`."""

    __tablename__ = "score_basis"

    assessment_id: Mapped[str] = mapped_column(ForeignKey("assessment.id"), primary_key=True)
    plan: Mapped[str] = mapped_column(ForeignKey("score_plan.sha256"))
    factors: Mapped[dict[str, Any]]
    items: Mapped[bytes] = mapped_column(LargeBinary)
    files: Mapped[bytes] = mapped_column(LargeBinary)
    transfers: Mapped[bytes] = mapped_column(LargeBinary)
    rest: Mapped[bytes] = mapped_column(LargeBinary)
    outcome: Mapped[str] = mapped_column(Text)
    """What came of it when it was scored last; where another comes, there is a new receipt."""


class TransferOverride(Base):
    """An administrator's own word on a country, or its withdrawal. Rows are only ever added."""

    __tablename__ = "transfer_override"
    __table_args__ = (Index("ix_transfer_override_code", "code", "number"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    code: Mapped[str] = mapped_column(String(2))
    coverage: Mapped[str | None] = mapped_column(String(20))
    """full, partial, or none: no decision counts for this country. None: the table counts again."""
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    suspended: Mapped[bool]
    condition: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    person_id: Mapped[str | None] = mapped_column(String(32))
    at: Mapped[datetime]


class StoredScheme(Base):
    """A scheme of the organisation's own. Rows are only ever added."""

    __tablename__ = "scheme"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    document: Mapped[str] = mapped_column(Text)
    """Canonical JSON (RFC 8785): constants, domain weights, cadence."""
    reason: Mapped[str] = mapped_column(Text)
    person_id: Mapped[str | None] = mapped_column(String(32))
    at: Mapped[datetime]


class SchemeAdoption(Base):
    """From when on a scheme is scored by; the newest row counts. Rows are only ever added."""

    __tablename__ = "scheme_adoption"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(Text)
    person_id: Mapped[str | None] = mapped_column(String(32))
    at: Mapped[datetime]
