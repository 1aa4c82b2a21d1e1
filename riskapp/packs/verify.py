"""Checks a pack as it arrived: all that the shipped verify.py checks, and the ZIP itself."""

from pathlib import Path

from riskapp.packs.shipped.verify import printable, problems
from riskapp.packs.zips import zip_problem


def verify_file(path: Path) -> list[str]:
    """What is wrong with a pack's ZIP, each naming the file; nothing where it is good.

    A ZIP that is not canonical is not looked into any further: programs disagree on what is in
    it. Evidence is read in pieces.
    """
    try:
        problem = zip_problem(path)
    except OSError as error:
        return [f"{path.name}: cannot be read: {error.strerror}"]
    return [printable(one) for one in (problems(path) if problem is None else [problem])]
