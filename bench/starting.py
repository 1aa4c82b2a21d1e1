"""What a start costs, and what the questionnaires cost once in each process."""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ruamel.yaml import YAML

from bench.table import Row
from riskapp.catalogue import lock
from riskapp.catalogue.folder import FOLDER, files_in
from riskapp.catalogue.load import load_folder

PAIRS = 9
START = "from riskapp import create_app; create_app()"
LIBRARIES = "import flask, sqlalchemy, flask_wtf, cryptography"
MADE_OF = "import flask, flask_sqlalchemy, flask_wtf, cryptography, pydantic; pydantic.BaseModel"


def start() -> Iterator[Row]:
    """CPU of a process that makes the app, against one that imports libraries alone."""
    with tempfile.TemporaryDirectory() as folder:
        _cpu(START, folder)  # whoever comes first writes the compiled modules
        found = [[_cpu(code, folder) for code in (START, LIBRARIES, MADE_OF)] for _ in range(PAIRS)]
    ours, libraries, made_of = (statistics.median(side) for side in zip(*found, strict=True))
    strict = tuple(one[0] / one[1] for one in found)
    wide = tuple(one[0] / one[2] for one in found)
    said = f"{ours * 1000:.0f} ms of CPU"
    yield Row(
        "start: create_app()",
        said,
        f"import Flask, SQLAlchemy, Flask-WTF, cryptography {libraries * 1000:.0f} ms",
        statistics.median(strict),
        goal=1.3,
        pairs=strict,
    )
    yield Row(
        "… against all that it is made of",
        said,
        f"the same with Flask-SQLAlchemy and pydantic {made_of * 1000:.0f} ms",
        statistics.median(wide),
        pairs=wide,
    )


def _cpu(code: str, instance: str) -> float:
    """User and system seconds of a fresh interpreter."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        cwd=Path(__file__).parent.parent,
        env={**os.environ, "RISKAPP_INSTANCE": instance},
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def questionnaires() -> Iterator[Row]:
    """Reading and checking all releases and translations, against parsing the same files."""
    published = lock.read(FOLDER)
    paths = [path for path in files_in(FOLDER) if lock.place(path) in published]
    texts = [path.read_text(encoding="utf-8") for path in paths]

    def parse() -> None:
        for text in texts:
            YAML(typ="safe", pure=True).load(text)

    pairs = [(_seconds(lambda: load_folder(FOLDER)), _seconds(parse)) for _ in range(5)]
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratios = tuple(one / other for one, other in pairs)
    yield Row(
        f"{len(texts)} questionnaire files read and checked, once a process",
        f"{ours:.2f} s of CPU",
        f"ruamel.yaml parses them {theirs:.2f} s",
        statistics.median(ratios),
        goal=3,
        pairs=ratios,
    )


def _seconds(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before
