"""docs/cli.md says what there is: every verb, every option, every argument."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from riskapp.cli import riskapp

DOCS = (Path(__file__).resolve().parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")


def verbs(command: click.Command, words: str = "") -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from verbs(inner, f"{words} {name}".strip())
    else:
        yield words, command


VERBS = dict(verbs(riskapp))


def section(words: str) -> str:
    """What the page says of a verb: from its heading to the next."""
    _, found, rest = DOCS.partition(f"\n## {words}\n")
    return rest.partition("\n## ")[0] if found else ""


@pytest.mark.parametrize("words", VERBS)
def test_every_verb_is_documented_with_its_options_an_example_and_exit_codes(words: str) -> None:
    said = section(words)
    for parameter in VERBS[words].params:
        names = parameter.opts if isinstance(parameter, click.Option) else [str(parameter.name)]
        for name in names:
            assert f"`{name}" in said or f"`{name.upper()}" in said, f"{words}: {name}"
    assert f"flask riskapp {words}" in said
    assert "Exit" in said


def test_nothing_is_documented_that_there_is_not() -> None:
    headings = {line[3:] for line in DOCS.splitlines() if line.startswith("## ")}
    assert headings == set(VERBS)
