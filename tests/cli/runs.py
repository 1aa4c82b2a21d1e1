"""Runs of `flask riskapp …`, as a terminal sees them."""

from collections.abc import Sequence

from click.testing import Result
from flask import Flask


def run(app: Flask, *words: str, typed: str | bytes = "") -> Result:
    """Runs a verb; whatever it refuses, it refuses without a traceback."""
    result = app.test_cli_runner().invoke(args=["riskapp", *words], input=typed)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def refused(app: Flask, *words: str, typed: str | bytes = "", code: int = 1) -> str:
    """What a verb that refuses says on stderr; on stdout it says nothing."""
    result = run(app, *words, typed=typed)
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    return result.stderr


def lines(result: Result) -> Sequence[str]:
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()
