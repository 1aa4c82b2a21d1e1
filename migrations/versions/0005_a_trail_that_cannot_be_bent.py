"""A trail that cannot be bent: commitments, the log, its checkpoints; auditors' access and packs.

Revision ID: 0005
Revises: 0004
"""

import hashlib
import hmac
import json
import secrets

import rfc8785
import sqlalchemy as sa
from alembic import op

from riskapp.core.append_only import guard, unguard

revision = "0005"
down_revision = "0004"

APPEND_ONLY = ("checkpoint", "log_entry", "log_node", "signing_key")
ACTOR = "field = 'actor'"
ANSWER = "answer:save"


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    _tables()
    for statement in unguard(dialect, "event"):
        op.execute(statement)
    _commit()
    op.drop_column("event", "actor_id")
    xid = "0" if dialect == "sqlite" else "pg_current_xact_id()::text::bigint"
    op.add_column(
        "event", sa.Column("xid", sa.BigInteger(), server_default=sa.text(xid), nullable=False)
    )
    op.create_index("ix_event_object", "event", ["object_id", "id"])
    op.create_index("ix_event_type", "event", ["type", "id"])
    op.create_index("ix_event_xid", "event", ["xid"])
    for table in ("event", *APPEND_ONLY):
        for statement in guard(dialect, table):
            op.execute(statement)
    _grants()
    _packs()


def _tables() -> None:
    op.create_table(
        "event_private",
        sa.Column("event_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "field", name=op.f("pk_event_private")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_event_private_actor",
        "event_private",
        ["value", "event_id"],
        sqlite_where=sa.text(ACTOR),
        postgresql_where=sa.text(ACTOR),
    )
    op.create_table(
        "log_entry",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("leaf", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_log_entry")),
        sa.UniqueConstraint("event_id", name=op.f("uq_log_entry_event_id")),
    )
    op.create_table(
        "log_node",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("level", "position", name=op.f("pk_log_node")),
    )
    op.create_table(
        "checkpoint",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_checkpoint")),
    )
    op.create_table(
        "signing_key",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.String(length=60), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("endorsement", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_signing_key")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_signing_key_fingerprint")),
    )
    op.create_table(
        "access_request",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("vendor_id", sa.String(length=32), nullable=True),
        sa.Column("assessment_id", sa.String(length=32), nullable=True),
        sa.Column("wish", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(length=32), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("grant_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_access_request_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["vendor_id"], ["vendor.id"], name=op.f("fk_access_request_vendor_id_vendor")
        ),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name=op.f("fk_access_request_assessment_id_assessment"),
        ),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["person.id"], name=op.f("fk_access_request_answered_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["access_grant.id"], name=op.f("fk_access_request_grant_id_access_grant")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_request")),
    )
    op.create_index("ix_access_request_person", "access_request", ["person_id", "asked_at"])
    op.create_index("ix_access_request_open", "access_request", ["answered_at", "asked_at"])


def _commit() -> None:
    """Events said who acted, and the digests of answers, by which a "yes" can be told.

    From now on they commit to both. No checkpoint vouches for them yet.
    """
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT id, body, actor_id FROM event ORDER BY id"))
    for event, text, actor in rows.fetchall():
        body = json.loads(text)
        body["actor"], body["private"] = body["actor"]["kind"], {}
        answer = body.pop("digest", None) if body["type"] == ANSWER else None
        for field, value in (("actor", actor), ("answer", answer)):
            if value is not None:
                salt = secrets.token_bytes(32)
                proof = hmac.digest(salt, value.encode(), hashlib.sha256).hex()
                body["private"][field] = proof
                connection.execute(
                    sa.text(
                        "INSERT INTO event_private (event_id, field, salt, value)"
                        " VALUES (:event, :field, :salt, :value)"
                    ),
                    {"event": event, "field": field, "salt": salt.hex(), "value": value},
                )
        connection.execute(
            sa.text("UPDATE event SET body = :body WHERE id = :event"),
            {"event": event, "body": rfc8785.dumps(body).decode()},
        )


def _grants() -> None:
    op.add_column("access_grant", sa.Column("starts", sa.Date(), nullable=True))
    op.execute("UPDATE access_grant SET starts = DATE(granted_at)")
    with op.batch_alter_table("access_grant") as grant:
        grant.alter_column("starts", existing_type=sa.Date(), nullable=False)
        grant.alter_column("vendor_id", existing_type=sa.String(length=32), nullable=True)
        # Whoever had access until now could take the files away in a pack.
        grant.add_column(
            sa.Column("evidence", sa.Boolean(), nullable=False, server_default=sa.true())
        )
    op.create_index("ix_access_grant_vendor", "access_grant", ["vendor_id"])


def _packs() -> None:
    """Of packs made until now the inputs are not known: they cannot be taken again."""
    op.add_column("pack_export", sa.Column("vendor_id", sa.String(length=32), nullable=True))
    op.execute(
        "UPDATE pack_export SET vendor_id = (SELECT a.vendor_id FROM assessment a"
        " WHERE a.id = pack_export.assessment_id)"
    )
    with op.batch_alter_table("pack_export") as pack:
        pack.alter_column("vendor_id", existing_type=sa.String(length=32), nullable=False)
        pack.alter_column("assessment_id", existing_type=sa.String(length=32), nullable=True)
        pack.drop_column("last_event")
        pack.add_column(sa.Column("size", sa.BigInteger(), nullable=False, server_default="0"))
        pack.add_column(sa.Column("log_size", sa.BigInteger(), nullable=False, server_default="0"))
        pack.add_column(sa.Column("narrowed", sa.JSON(), nullable=False, server_default="{}"))
        pack.add_column(sa.Column("sealed_to", sa.Text(), nullable=True))
        pack.add_column(sa.Column("token", sa.LargeBinary(), nullable=True))
        pack.create_foreign_key(
            op.f("fk_pack_export_vendor_id_vendor"), "vendor", ["vendor_id"], ["id"]
        )
    op.create_index("ix_pack_export_vendor", "pack_export", ["vendor_id", "at"])


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.drop_index("ix_pack_export_vendor", "pack_export")
    # What the earlier form cannot hold: packs of a whole vendor, and access to the list of all.
    op.execute("DELETE FROM pack_export WHERE assessment_id IS NULL")
    with op.batch_alter_table("pack_export") as pack:
        pack.drop_constraint(op.f("fk_pack_export_vendor_id_vendor"), type_="foreignkey")
        for column in ("vendor_id", "size", "log_size", "narrowed", "sealed_to", "token"):
            pack.drop_column(column)
        pack.alter_column("assessment_id", existing_type=sa.String(length=32), nullable=False)
        pack.add_column(
            sa.Column("last_event", sa.BigInteger(), nullable=False, server_default="0")
        )
    op.drop_table("access_request")
    op.drop_index("ix_access_grant_vendor", "access_grant")
    op.execute("DELETE FROM access_grant WHERE vendor_id IS NULL")
    with op.batch_alter_table("access_grant") as grant:
        grant.drop_column("starts")
        grant.drop_column("evidence")
        grant.alter_column("vendor_id", existing_type=sa.String(length=32), nullable=False)
    for table in ("event", *APPEND_ONLY):
        for statement in unguard(dialect, table):
            op.execute(statement)
    op.drop_index("ix_event_xid", "event")
    op.drop_index("ix_event_type", "event")
    op.drop_index("ix_event_object", "event")
    op.drop_column("event", "xid")
    op.add_column("event", sa.Column("actor_id", sa.String(length=32), nullable=True))
    op.execute(
        "UPDATE event SET actor_id = (SELECT p.value FROM event_private p"
        " WHERE p.event_id = event.id AND p.field = 'actor')"
    )
    _say()
    for statement in guard(dialect, "event"):
        op.execute(statement)
    for table in ("checkpoint", "log_node", "log_entry", "signing_key", "event_private"):
        op.drop_table(table)


def _say() -> None:
    connection = op.get_bind()
    rows = connection.execute(
        sa.text(
            "SELECT e.id, e.body, e.actor_id, p.value FROM event e LEFT JOIN event_private p"
            " ON p.event_id = e.id AND p.field = 'answer' ORDER BY e.id"
        )
    )
    for event, text, actor, answer in rows.fetchall():
        body = json.loads(text)
        body.pop("private")
        body["actor"] = {"kind": body["actor"], "id": actor}
        if answer is not None and body["type"] == ANSWER:
            body["digest"] = answer
        connection.execute(
            sa.text("UPDATE event SET body = :body WHERE id = :event"),
            {"event": event, "body": rfc8785.dumps(body).decode()},
        )
