from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
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
    """One version of one file that a vendor gave: the row of a sealed blob.

    Versions of one id replace one another; each is sealed with a key of its own.
    """

    __tablename__ = "evidence"
    __table_args__ = (
        Index("ix_evidence_vendor", "vendor_id", "uploaded_at"),
        Index("ix_evidence_scan", "scan"),
        Index("ix_evidence_valid_until", "valid_until", "id", "version"),
    )

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
    seal: Mapped[str] = mapped_column(String(112))
    """The sealed file's first 56 bytes, salt and commitment, in hexadecimal: no two are alike."""
    issued_on: Mapped[date]
    valid_until: Mapped[date | None]
    dates_by: Mapped[str | None] = mapped_column(String(32))
    """The officer who confirmed both days, as they are here; None: the vendor says so."""
    dates_at: Mapped[datetime | None]
    uploaded_by: Mapped[str] = mapped_column(ForeignKey("invitation.id"))
    uploaded_at: Mapped[datetime]
    scan: Mapped[str] = mapped_column(String(12))
    """A `Scan`: what the virus scanner said, and whether the file may be opened and counts."""
    scan_note: Mapped[str] = mapped_column(Text, default="")
    """Why it is still in quarantine, or the name of what was found in it."""
    scanned_at: Mapped[datetime | None]
    damage: Mapped[str | None] = mapped_column(String(40))
    """What was found wrong with the stored bytes when they were last looked at."""
    erased_at: Mapped[datetime | None]
    erasure_id: Mapped[str | None] = mapped_column(ForeignKey("erasure.id"))
    """Key and blob are destroyed and the name is empty; the row says that there was a file."""
    sealed_sha256: Mapped[str | None] = mapped_column(String(64))
    """Of the sealed bytes, computed when they were destroyed."""


class EvidenceUse(Base):
    """Which answer a file serves, and what a reviewer thinks of it there."""

    __tablename__ = "evidence_use"
    __table_args__ = (
        Index("ix_evidence_use_assessment", "assessment_id", "question_id"),
        Index("ix_evidence_use_evidence", "evidence_id", "version"),
        ForeignKeyConstraint(["evidence_id", "version"], ["evidence.id", "evidence.version"]),
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
    """Part of a submission: frozen, and erased only as an erasure."""
    level: Mapped[str] = mapped_column(String(20), default="provided")
    """provided, reviewed, independent or rejected: for this answer, in this cycle."""


class BlobRemoval(Base):
    """A blob that is to be unlinked: its rows and its key are gone already."""

    __tablename__ = "blob_removal"

    blob: Mapped[str] = mapped_column(String(32), primary_key=True)
    asked_at: Mapped[datetime]


class Erasure(Base):
    """Evidence was destroyed: what, why, on whose wish. Rows are only ever added."""

    __tablename__ = "erasure"
    __table_args__ = (Index("ix_erasure_vendor", "vendor_id", "at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    vendor_id: Mapped[str] = mapped_column(ForeignKey("vendor.id"))
    scope: Mapped[str] = mapped_column(String(20))
    """`file` (all versions of one), `vendor` (all files of one), `retention` or `infected`."""
    reason: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[str] = mapped_column(String(200))
    """Who wanted it, as the certificate names them; empty where nobody did."""
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    certificate: Mapped[str] = mapped_column(Text)
    """Canonical JSON (RFC 8785): what was destroyed, by size and digest of the sealed bytes."""
    signature: Mapped[str] = mapped_column(Text)
    """Over the certificate's bytes, for `ssh-keygen -Y verify`."""


class LegalHold(Base):
    """Nothing of it may be destroyed: one file with all its versions, or all of a vendor."""

    __tablename__ = "legal_hold"
    __table_args__ = (Index("ix_legal_hold_vendor", "vendor_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    vendor_id: Mapped[str] = mapped_column(ForeignKey("vendor.id"))
    evidence_id: Mapped[str | None] = mapped_column(String(32))
    """None: everything of the vendor, answers and receipts too."""
    reason: Mapped[str] = mapped_column(Text)
    placed_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    placed_at: Mapped[datetime]
    lifted_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    lifted_at: Mapped[datetime | None]
    lift_reason: Mapped[str] = mapped_column(Text, default="")
