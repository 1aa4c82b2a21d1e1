"""Triggers that refuse UPDATE and DELETE (and on PostgreSQL TRUNCATE), made by migrations."""

from collections.abc import Iterator

REFUSAL = "rows of this table are never changed or removed"


def guard(dialect: str, table: str) -> Iterator[str]:
    """The statements that make `table` append-only.

    SQLite needs `recursive_triggers` on, else INSERT OR REPLACE deletes without a trigger.
    """
    if dialect == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        return
    yield (
        "CREATE OR REPLACE FUNCTION riskapp_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    yield (
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION riskapp_refuse()"
    )
    yield (
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION riskapp_refuse()"
    )


def unguard(dialect: str, table: str) -> Iterator[str]:
    """The statements that undo `guard`."""
    if dialect == "sqlite":
        yield f"DROP TRIGGER {table}_no_update"
        yield f"DROP TRIGGER {table}_no_delete"
        return
    yield f"DROP TRIGGER {table}_append_only ON {table}"
    yield f"DROP TRIGGER {table}_no_truncate ON {table}"
