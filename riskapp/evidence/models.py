from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from riskapp.core.db import Base


class WrappedKey(Base):
    """A key wrapped by the one above it: master key wraps vendor key wraps data key.

    In a table of its own, so that it can be backed up apart from the rest, with short retention.
    """

    __tablename__ = "wrapped_key"
    __table_args__ = (UniqueConstraint("subject", "version"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    subject: Mapped[str] = mapped_column(String(80))
    """`vendor:<id>` or `evidence:<id>`."""
    version: Mapped[int]
    provider: Mapped[str] = mapped_column(String(20))
    """Who unwraps: the keyring's provider name, or `vendor-key`."""
    wrapping_key_id: Mapped[str] = mapped_column(String(80))
    """The master key's id, or the id of the vendor key's row here."""
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class Evidence(Base):
    """One version of one file that a vendor gave: the row of a sealed blob."""

    __tablename__ = "evidence"
    __table_args__ = (Index("ix_evidence_vendor", "vendor_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    vendor_id: Mapped[str] = mapped_column(ForeignKey("vendor.id"))
    blob: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    crc32: Mapped[int] = mapped_column(BigInteger)
    sealed_size: Mapped[int] = mapped_column(BigInteger)
    sealed_sha256: Mapped[str] = mapped_column(String(64))
    issued_on: Mapped[date]
    valid_until: Mapped[date | None]
    uploaded_by: Mapped[str] = mapped_column(ForeignKey("invitation.id"))
    uploaded_at: Mapped[datetime]
    level: Mapped[str] = mapped_column(String(20), default="provided")
    """provided, reviewed, independent or rejected."""


class EvidenceUse(Base):
    """Which answer a file serves."""

    __tablename__ = "evidence_use"
    __table_args__ = (
        Index("ix_evidence_use_assessment", "assessment_id", "question_id"),
        Index("ix_evidence_use_evidence", "evidence_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    assessment_id: Mapped[str] = mapped_column(ForeignKey("assessment.id"))
    question_id: Mapped[str] = mapped_column(String(20))
    evidence_id: Mapped[str] = mapped_column(String(32))
    version: Mapped[int]
    added_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """Replaced or removed by the vendor; what was submitted stays readable in history."""
    submitted: Mapped[bool] = mapped_column(default=False)
    """Part of a submission: frozen, never unlinked."""


class BlobRemoval(Base):
    """A blob that is to be unlinked: its rows and its key are gone already."""

    __tablename__ = "blob_removal"

    blob: Mapped[str] = mapped_column(String(32), primary_key=True)
    asked_at: Mapped[datetime]
