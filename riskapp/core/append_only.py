"""Triggers that refuse UPDATE and DELETE (and on PostgreSQL TRUNCATE), made by migrations."""

from collections.abc import Iterator

REFUSAL = "rows of this table are never changed or removed"
ERASED = "EXISTS (SELECT 1 FROM assessment_erasure e WHERE e.assessment_id = OLD.assessment_id)"


def guard(dialect: str, table: str, *, erasable: bool = False) -> Iterator[str]:
    """The statements that make `table` append-only.

    `erasable`: rows can be deleted once `assessment_erasure` holds their assessment, for retention
    must be able to erase what nothing else can.

    SQLite needs `recursive_triggers` on, else INSERT OR REPLACE deletes without a trigger.
    """
    if dialect == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            unless = f"WHEN NOT {ERASED} " if erasable and verb == "DELETE" else ""
            yield (
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {unless}"
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        return
    yield (
        "CREATE OR REPLACE FUNCTION riskapp_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    if erasable:
        yield (
            "CREATE OR REPLACE FUNCTION riskapp_refuse_unless_erased() RETURNS trigger "
            f"LANGUAGE plpgsql AS $$ BEGIN IF TG_OP = 'DELETE' AND {ERASED} THEN RETURN OLD; "
            f"END IF; RAISE EXCEPTION '{REFUSAL}'; END $$"
        )
    refuse = "riskapp_refuse_unless_erased" if erasable else "riskapp_refuse"
    yield (
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {refuse}()"
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
