"""Runs migrations on the app's own engine, in one transaction.

On SQLite foreign keys are switched off around them: batch mode rebuilds tables, which would
otherwise cascade deletes. Triggers on a rebuilt table are dropped in silence, so a migration that
rebuilds one recreates its triggers (`riskapp.core.append_only`).
"""

from alembic import context
from flask import current_app

from riskapp.core.db import WRITES, UtcDateTime
from riskapp.tables import METADATA


def render(kind: str, item: object, _context: object) -> str | bool:
    """Migrations name plain types, so that they stand when our own change."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as plain:
        connection = plain.execution_options(**{WRITES: True})
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.rollback()
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=METADATA,
            render_as_batch=sqlite,
            compare_type=True,
            render_item=render,
        )
        with context.begin_transaction():
            context.run_migrations()
            if sqlite:
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if broken:
                    raise RuntimeError(f"rows point nowhere after the migration: {broken[:5]}")
        if sqlite:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")


run()
