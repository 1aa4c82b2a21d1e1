"""Checks a pack as it arrived: all that the shipped verify.py checks, and the ZIP itself."""

from pathlib import Path

from riskapp.packs.shipped.verify import Findings, examined, printable
from riskapp.packs.zips import zip_problem


def examine_file(path: Path, key: str | None = None) -> Findings:
    """What is wrong with a pack's ZIP, what else to know of it, and whether `key` signed it.

    `key` is a fingerprint, `SHA256:…`; without one nothing shows who made the pack. A ZIP that is
    not canonical is not looked into any further: programs disagree on what is in it. Evidence is
    read in pieces.
    """
    try:
        problem = zip_problem(path)
    except OSError as error:
        return Findings([f"{path.name}: cannot be read: {error.strerror}"], [], anchored=False)
    found = Findings([problem], [], anchored=False) if problem else examined(path, key)
    return found._replace(
        problems=[printable(one) for one in found.problems],
        notes=[printable(one) for one in found.notes],
    )
