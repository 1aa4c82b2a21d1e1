"""Taking a pack against zipping the same files in clear without compression."""

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from bench.house import installed, officer, respondent
from bench.table import Row
from riskapp.assessments.queries import assessment
from riskapp.core.db import reading
from riskapp.packs.service import PackWish, prepare, stream
from riskapp.reviews.rules import Outcome
from riskapp.reviews.service import decide
from riskapp.web.packing import parts
from riskapp.web.ports import ports
from tests import stages
from tests.cast import Member
from tests.databases import Sqlite

PAIRS = 5
FILES, SIZE = 8, 64
"""So many files of so many MiB"""
MEBIBYTE = 1024 * 1024
QUESTION = "ISM-02"


def packs() -> Iterator[Row]:
    """Half a gibibyte of evidence: opened, hashed and zipped, as the bytes go out."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        instance, plain = folder / "instance", folder / "plain"
        plain.mkdir()
        instance.mkdir()
        stack.enter_context(installed(instance, Sqlite().fresh(instance)))
        by = officer()
        pack_id = _made(plain, by)
        pairs = [(_ours(pack_id, by, folder), _zipped(plain, folder)) for _ in range(PAIRS)]
    mine, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratios = tuple(one / other for one, other in pairs)
    yield Row(
        f"pack of {FILES * SIZE} MiB of evidence",
        f"{mine:.0f} MiB/s",
        f"zip -0 {theirs:.0f} MiB/s",
        statistics.median(ratios),
        least=2,
        pairs=ratios,
    )


def _made(plain: Path, by: Member) -> str:
    """The id of a pack whose files lie in `plain` too, as they were before they were sealed."""
    who = respondent(1)
    invitation = stages.opened(who.link)
    for number in range(FILES):
        content = stages.PDF + os.urandom(SIZE * MEBIBYTE)
        (plain / f"{number}.pdf").write_bytes(content)
        stages.attach(invitation, QUESTION, content)
    stages.answer_all(invitation)
    stages.send_in(invitation)
    decide(who.assessment_id, Outcome.REJECT, stages.reviewer(by), reasons="Measured.")
    row = assessment(reading(), who.assessment_id)
    assert row is not None
    wish = PackWish(row.vendor_id, row.id, "Audit House", "Measured.")
    return prepare(parts(), wish, actor=by.actor, now=ports().clock.now()).id


def _ours(pack_id: str, by: Member, folder: Path) -> float:
    """MiB a second, from the call to the last byte in a file."""
    (folder / "ours.zip").unlink(missing_ok=True)
    began = time.perf_counter()
    pack = stream(parts(), pack_id, actor=by.actor, now=ports().clock.now())
    with (folder / "ours.zip").open("wb") as file:
        file.writelines(pack.chunks)
    took = time.perf_counter() - began
    assert (folder / "ours.zip").stat().st_size == pack.size
    return FILES * SIZE / took


def _zipped(plain: Path, folder: Path) -> float:
    out = folder / "theirs.zip"
    out.unlink(missing_ok=True)
    began = time.perf_counter()
    subprocess.run(["zip", "-0", "-q", "-r", str(out), "."], cwd=plain, check=True)
    took = time.perf_counter() - began
    assert out.stat().st_size > FILES * SIZE * MEBIBYTE
    return FILES * SIZE / took
