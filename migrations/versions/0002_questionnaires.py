"""Questionnaires of one's own, retired releases, and the questions that each assessment asks.

Revision ID: 0002
Revises: 0001
"""

import json
import re

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

QUESTION = re.compile(r"\bid: ([A-Z]{3}-[0-9]{2,4})\b")


def upgrade() -> None:
    op.create_table(
        "release_standing",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("questionnaire", sa.String(length=80), nullable=False),
        sa.Column("release", sa.String(length=40), nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_by", sa.String(length=32), nullable=True),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("retired_by", sa.String(length=32), nullable=True),
        sa.Column("retire_reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_release_standing")),
        sa.UniqueConstraint(
            "questionnaire", "release", name=op.f("uq_release_standing_questionnaire")
        ),
    )
    op.create_table(
        "questionnaire_draft",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("form", sa.String(length=20), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("naming", sa.JSON(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questionnaire_draft")),
    )
    op.create_index("ix_questionnaire_draft_created", "questionnaire_draft", ["created_at"])
    op.add_column(
        "assessment_release",
        sa.Column("questions", sa.JSON(), nullable=False, server_default="[]"),
    )
    _all_of_what_was_sent()


def _all_of_what_was_sent() -> None:
    """Until now, a release was always sent whole."""
    connection = op.get_bind()
    for sha256, source in connection.execute(sa.text("SELECT sha256, source FROM stored_release")):
        connection.execute(
            sa.text("UPDATE assessment_release SET questions = :asked WHERE sha256 = :sha256"),
            {"asked": json.dumps(QUESTION.findall(source)), "sha256": sha256},
        )


def downgrade() -> None:
    op.drop_column("assessment_release", "questions")
    op.drop_index("ix_questionnaire_draft_created", "questionnaire_draft")
    op.drop_table("questionnaire_draft")
    op.drop_table("release_standing")
