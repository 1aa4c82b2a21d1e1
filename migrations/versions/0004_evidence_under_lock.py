"""Evidence under lock: versions, scans, damage, erasure, legal holds, retention.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

from riskapp.core.append_only import guard, unguard

revision = "0004"
down_revision = "0003"

APPEND_ONLY = ("assessment_erasure", "erasure")
ERASABLE = ("answer_revision", "receipt", "submission")
INDEXES = (
    ("ix_evidence_scan", "evidence", ["scan"]),
    ("ix_evidence_valid_until", "evidence", ["valid_until", "id", "version"]),
    ("ix_erasure_vendor", "erasure", ["vendor_id", "at"]),
    ("ix_legal_hold_vendor", "legal_hold", ["vendor_id"]),
)


def upgrade() -> None:
    _tables()
    op.add_column("assessment", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("evidence_use") as use:
        use.add_column(
            sa.Column("level", sa.String(length=20), nullable=False, server_default="provided")
        )
        use.create_foreign_key(
            op.f("fk_evidence_use_evidence_id_evidence"),
            "evidence",
            ["evidence_id", "version"],
            ["id", "version"],
        )
        use.drop_index("ix_evidence_use_evidence")
        use.create_index("ix_evidence_use_evidence", ["evidence_id", "version"])
    op.execute(
        "UPDATE evidence_use SET level = (SELECT e.level FROM evidence e WHERE"
        " e.id = evidence_use.evidence_id AND e.version = evidence_use.version)"
    )
    with op.batch_alter_table("evidence") as file:
        file.drop_column("level")
        file.alter_column("sealed_sha256", nullable=True)
        file.add_column(
            sa.Column("seal", sa.String(length=112), nullable=False, server_default="")
        )
        file.add_column(sa.Column("dates_by", sa.String(length=32), nullable=True))
        file.add_column(sa.Column("dates_at", sa.DateTime(timezone=True), nullable=True))
        file.add_column(
            sa.Column("scan", sa.String(length=12), nullable=False, server_default="unscanned")
        )
        file.add_column(sa.Column("scan_note", sa.Text(), nullable=False, server_default=""))
        file.add_column(sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=True))
        file.add_column(sa.Column("damage", sa.String(length=40), nullable=True))
        file.add_column(sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
        file.add_column(sa.Column("erasure_id", sa.String(length=32), nullable=True))
        file.create_foreign_key(
            op.f("fk_evidence_erasure_id_erasure"), "erasure", ["erasure_id"], ["id"]
        )
        file.drop_index("ix_evidence_vendor")
        file.create_index("ix_evidence_vendor", ["vendor_id", "uploaded_at"])
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)
    dialect = op.get_bind().dialect.name
    for table in ERASABLE:
        for statement in (*unguard(dialect, table), *guard(dialect, table, erasable=True)):
            op.execute(statement)
    for table in APPEND_ONLY:
        for statement in guard(dialect, table):
            op.execute(statement)


def _tables() -> None:
    op.create_table(
        "erasure",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("vendor_id", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.String(length=200), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("fk_erasure_vendor_id_vendor")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_erasure_person_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    op.create_table(
        "assessment_erasure",
        sa.Column("assessment_id", sa.String(length=32), nullable=False),
        sa.Column("record_class", sa.String(length=20), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name=op.f("fk_assessment_erasure_assessment_id_assessment"),
        ),
        sa.PrimaryKeyConstraint("assessment_id", name=op.f("pk_assessment_erasure")),
    )
    op.create_table(
        "retention_rule",
        sa.Column("record_class", sa.String(length=20), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("set_by", sa.String(length=32), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("record_class", name=op.f("pk_retention_rule")),
    )
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("vendor_id", sa.String(length=32), nullable=False),
        sa.Column("evidence_id", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.String(length=32), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_by", sa.String(length=32), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("fk_legal_hold_vendor_id_vendor")
        ),
        sa.ForeignKeyConstraint(
            ["placed_by"], ["person.id"], name=op.f("fk_legal_hold_placed_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["lifted_by"], ["person.id"], name=op.f("fk_legal_hold_lifted_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
    )


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    for table in APPEND_ONLY:
        for statement in unguard(dialect, table):
            op.execute(statement)
    for table in ERASABLE:
        for statement in (*unguard(dialect, table), *guard(dialect, table)):
            op.execute(statement)
    for name, table, _ in reversed(INDEXES):
        op.drop_index(name, table)
    with op.batch_alter_table("evidence") as file:
        file.drop_constraint(op.f("fk_evidence_erasure_id_erasure"), type_="foreignkey")
        for column in ("seal", "dates_by", "dates_at", "scan", "scan_note", "scanned_at"):
            file.drop_column(column)
        for column in ("damage", "erased_at", "erasure_id"):
            file.drop_column(column)
        file.add_column(
            sa.Column("level", sa.String(length=20), nullable=False, server_default="provided")
        )
        file.drop_index("ix_evidence_vendor")
        file.create_index("ix_evidence_vendor", ["vendor_id"])
    op.execute("UPDATE evidence SET sealed_sha256 = '' WHERE sealed_sha256 IS NULL")
    with op.batch_alter_table("evidence") as file:
        file.alter_column("sealed_sha256", nullable=False)
    op.execute(
        "UPDATE evidence SET level = COALESCE((SELECT MAX(u.level) FROM evidence_use u WHERE"
        " u.evidence_id = evidence.id AND u.version = evidence.version), 'provided')"
    )
    with op.batch_alter_table("evidence_use") as use:
        use.drop_constraint(op.f("fk_evidence_use_evidence_id_evidence"), type_="foreignkey")
        use.drop_column("level")
        use.drop_index("ix_evidence_use_evidence")
        use.create_index("ix_evidence_use_evidence", ["evidence_id"])
    op.drop_column("assessment", "erased_at")
    for table in ("legal_hold", "retention_rule", "assessment_erasure", "erasure"):
        op.drop_table(table)
