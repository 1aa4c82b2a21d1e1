"""Scores that move with time, terms and intake: their basis, schemes, transfer decisions.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from riskapp.core.append_only import guard, unguard

revision = "0003"
down_revision = "0002"

APPEND_ONLY = ("scheme", "scheme_adoption", "score_plan", "transfer_override")
BY_ASSESSMENT = (
    ("vendor", sa.Column("tier", sa.String(length=10), nullable=True)),
    ("vendor", sa.Column("shown", sa.String(length=8), nullable=True)),
    ("engagement", sa.Column("scored_by", sa.String(length=32), nullable=True)),
    ("engagement", sa.Column("tier", sa.String(length=10), nullable=True)),
    ("engagement", sa.Column("shown", sa.String(length=8), nullable=True)),
    (
        "engagement",
        sa.Column("blocked", sa.Boolean(), nullable=False, server_default=sa.false()),
    ),
    ("engagement", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True)),
    ("assessment", sa.Column("shared", sa.String(length=20), nullable=True)),
    ("assessment", sa.Column("shared_receipt", sa.Integer(), nullable=True)),
    (
        "receipt",
        sa.Column("scheme", sa.String(length=40), nullable=False, server_default="std-1"),
    ),
    ("receipt", sa.Column("moved", sa.JSON(), nullable=False, server_default="[]")),
)


def upgrade() -> None:
    for table, column in BY_ASSESSMENT:
        op.add_column(table, column)
    op.create_index("ix_vendor_tier", "vendor", ["tier", "name_key", "id"])
    op.create_table(
        "score_plan",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_score_plan")),
    )
    op.create_table(
        "score_basis",
        sa.Column("assessment_id", sa.String(length=32), nullable=False),
        sa.Column("plan", sa.String(length=64), nullable=False),
        sa.Column("factors", sa.JSON(), nullable=False),
        sa.Column("items", sa.LargeBinary(), nullable=False),
        sa.Column("files", sa.LargeBinary(), nullable=False),
        sa.Column("transfers", sa.LargeBinary(), nullable=False),
        sa.Column("rest", sa.LargeBinary(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name=op.f("fk_score_basis_assessment_id_assessment"),
        ),
        sa.ForeignKeyConstraint(
            ["plan"], ["score_plan.sha256"], name=op.f("fk_score_basis_plan_score_plan")
        ),
        sa.PrimaryKeyConstraint("assessment_id", name=op.f("pk_score_basis")),
    )
    op.create_table(
        "transfer_override",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("code", sa.String(length=2), nullable=False),
        sa.Column("coverage", sa.String(length=20), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_transfer_override")),
    )
    op.create_index("ix_transfer_override_code", "transfer_override", ["code", "number"])
    op.create_table(
        "scheme",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_scheme")),
    )
    op.create_table(
        "scheme_adoption",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_scheme_adoption")),
    )
    for table in APPEND_ONLY:
        for statement in guard(op.get_bind().dialect.name, table):
            op.execute(statement)


def downgrade() -> None:
    for table in APPEND_ONLY:
        for statement in unguard(op.get_bind().dialect.name, table):
            op.execute(statement)
    for table in ("scheme_adoption", "scheme", "transfer_override", "score_basis", "score_plan"):
        op.drop_table(table)
    op.drop_index("ix_vendor_tier", "vendor")
    for table, column in reversed(BY_ASSESSMENT):
        op.drop_column(table, column.name)
