"""The report of a pack: a tagged PDF that one hands to a regulator."""

import json
import os
import subprocess
import sys
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

from riskapp.core.errors import Refusal
from riskapp.packs.documents import Documents
from riskapp.packs.report.runs import shown, titled
from riskapp.packs.report.view import view

TEMPLATE = Path(__file__).with_name("report.typ")
STANDARDS = ("a-2a", "ua-1")
"""PDF/A-2a, to be kept, and PDF/UA-1, to be read aloud. Either refuses a glyph that is missing."""
SECONDS = 120
"""The longest that setting one report may take; 160 questions take half a second."""
_WORKER = Path(__file__).with_name("worker.py")


class ReportFailed(Refusal):
    """The typesetter made no PDF; what it said is the cause of this."""

    def __init__(self) -> None:
        super().__init__("The report of this pack could not be set, so no pack was made.")


def report(documents: Documents) -> bytes:
    """The PDF of one assessment; the same documents give the same bytes.

    Set in the typesetter's own fonts, dated with the decision, by a process of its own
    (`worker.py`) that reads and writes no file. Raises ReportFailed.
    """
    about = documents.about
    told = {
        "data": shown(view(documents)),
        "title": titled(f"Assessment of {about['vendor']['name']}"),
        "author": titled(about["assessment"]["organisation"]),
    }
    wanted = {
        "files": {"main.typ": TEMPLATE.read_text("utf-8"), "told.json": json.dumps(told)},
        "standards": STANDARDS,
        "timestamp": int(datetime.fromisoformat(documents.decision["at"]).timestamp()),
    }
    try:
        done = subprocess.run(
            _command(),
            input=json.dumps(wanted).encode(),
            capture_output=True,
            timeout=SECONDS,
            env={},
            cwd="/",
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ReportFailed from error
    if done.returncode != 0:
        raise ReportFailed from RuntimeError(done.stderr.decode(errors="replace")[-1000:])
    return done.stdout


def _command() -> list[str]:
    """Python without the environment's and the user's folders, importing from one folder only."""
    spec = find_spec("typst")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("typst")
    libraries = Path(spec.origin).parents[1]
    return [sys.executable, "-I", "-S", "-B", os.fspath(_WORKER), os.fspath(libraries)]
