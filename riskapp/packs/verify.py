"""Checks a pack as it arrived: all that the shipped verify.py checks, and the ZIP itself."""

from pathlib import Path

from riskapp.packs.shipped.verify import examined, printable
from riskapp.packs.zips import zip_problem


def verify_file(path: Path) -> list[str]:
    """What is wrong with a pack's ZIP, each naming the file; nothing where it is good."""
    return examine_file(path)[0]


def examine_file(path: Path) -> tuple[list[str], list[str]]:
    """What is wrong with a pack's ZIP, and what a reader must know of it beside that.

    A ZIP that is not canonical is not looked into any further: programs disagree on what is in
    it. Evidence is read in pieces.
    """
    try:
        problem = zip_problem(path)
    except OSError as error:
        return [f"{path.name}: cannot be read: {error.strerror}"], []
    problems, notes = examined(path) if problem is None else ([problem], [])
    return [printable(one) for one in problems], [printable(one) for one in notes]
