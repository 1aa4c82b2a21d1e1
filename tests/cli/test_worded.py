"""What every verb that needs the database says when it is not as it should be."""

import pytest
from flask import Flask

from tests.cli.runs import refused, run

VERBS = [
    ("people", "add", "--role", "officer", "nina@example.com"),
    ("assessments", "list"),
    (
        *("assessments", "issue", "--engagement", "ab" * 16, "--questionnaire", "iso-27001"),
        *("--to", "vera@example.com", "--due", "2027-01-01"),
    ),
    ("packs", "build", "ab" * 16, "--out"),
    ("questionnaires", "list"),
    ("questionnaires", "retire", "iso-27001@2026.1", "--reason", "Replaced."),
    ("demo",),
]


def complete(verb: tuple[str, ...], out: str) -> tuple[str, ...]:
    return (*verb, out) if verb[-1] == "--out" else verb


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: "-".join(verb[:2]))
def test_a_database_that_does_not_answer_is_said_in_words(
    no_database: Flask, verb: tuple[str, ...], tmp_path: str
) -> None:
    said = refused(no_database, *complete(verb, f"{tmp_path}/pack.zip"))
    assert "The database does not answer" in said
    assert "RISKAPP_DATABASE_URL" in said


@pytest.mark.parametrize("verb", VERBS[:-1], ids=lambda verb: "-".join(verb[:2]))
def test_a_database_without_tables_is_told_with_the_command_that_makes_them(
    no_tables: Flask, verb: tuple[str, ...], tmp_path: str
) -> None:
    said = refused(no_tables, *complete(verb, f"{tmp_path}/pack.zip"))
    assert "flask db upgrade" in said


def test_every_noun_and_verb_explains_itself(no_database: Flask) -> None:
    assert run(no_database, "--help").exit_code == 0
    assert refused(no_database, "nothing", code=2)
