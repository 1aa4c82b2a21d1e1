"""An app that asks a small questionnaire with one question of every kind, for tests of the rooms.

Thirteen questions instead of seventy: each stage of an assessment is reached in little time.
"""

import json
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, current_app

from riskapp.answers.queries import AnswerRow, answers
from riskapp.answers.service import Given, save
from riskapp.assessments.queries import AssessmentRow, assessment
from riskapp.audit.models import Event
from riskapp.catalogue import lock
from riskapp.catalogue.library import Library
from riskapp.core.db import db, reading
from riskapp.invites.queries import OpenedInvitation
from riskapp.invites.service import Issued
from riskapp.settings import Settings
from riskapp.web.ports import ports
from tests import stages
from tests.cast import Cast
from tests.catalogue import writing
from tests.conftest import Place, StoppedClock, dispose, make_app
from tests.trails import EventRow, rows

NAME = "small"
ONLY = (NAME,)

ROLE, LEGAL, VITAL, PROVEN, CONTROL, CHILD, LIST = (f"SML-{n:02}" for n in range(1, 8))
NUMBER, SEVERAL, LEVEL, DAY, WORDS, PLACES = (f"SML-{n:02}" for n in range(8, 14))
ALWAYS = (VITAL, PROVEN, CONTROL, LIST, NUMBER, SEVERAL, LEVEL)

SCORED_COLUMN = writing.column(
    "kept", "choice", options=writing.choice(well=1, partly=0.5, badly=0)["options"]
)
QUESTIONS = (
    writing.question(ROLE, writing.plain_choice("processor", "none"), weight=None, gate=True),
    writing.question(
        LEGAL,
        weight=5,
        knockout={"level": "legal"},
        asked_when={"question": ROLE, "is": "processor"},
    ),
    writing.question(
        VITAL, writing.PARTLY, weight=5, evidence="A report.", knockout={"level": "critical"}
    ),
    writing.question(PROVEN, writing.PARTLY, evidence="A certificate."),
    writing.question(CONTROL, writing.choice(all=1, some=0.5, none=0), evidence="A list."),
    writing.question(CHILD, weight=1, asked_when={"question": CONTROL, "is": ["all", "some"]}),
    writing.question(LIST, writing.table(writing.column("name"), SCORED_COLUMN)),
    writing.question(
        NUMBER, writing.number({"at_most": 3, "credit": 1}, {"else": 0}, max=90), weight=1
    ),
    writing.question(SEVERAL, writing.MULTIPLE, weight=1),
    writing.question(LEVEL, writing.MATURITY, weight=1),
    writing.question(DAY, writing.DATE, weight=None, required=False),
    writing.question(WORDS, {"type": "text"}, weight=None, required=False),
    writing.question(PLACES, writing.COUNTRIES, weight=None, required=False),
)


def write_folder(folder: Path) -> Path:
    """A folder of questionnaires: the small one, and the intake that is shipped."""
    shipped = Settings.model_fields["questionnaires"].default
    shutil.copytree(shipped / "intake", folder / "intake")
    (folder / NAME).mkdir()
    text = json.dumps(writing.release(*QUESTIONS, id=NAME), indent=1)
    (folder / NAME / "2026.1.yaml").write_text(text)
    for name in (NAME, "intake"):
        lock.add(folder / name / "2026.1.yaml")
    return folder


_HELD = tempfile.TemporaryDirectory(prefix="riskapp-small-")


@cache
def _read_once() -> Library:
    return Library(write_folder(Path(_HELD.name)))


@pytest.fixture
def app(place: Place, clock: StoppedClock) -> Iterator[Flask]:
    """Takes the place of the suite's `app`: the same cast, asked the small questionnaire."""
    library = _read_once()
    made = make_app(
        place.instance,
        place.url,
        clock=clock,
        base_url="http://localhost",
        questionnaires=library.folder,
        library=library,
    )
    yield made
    dispose(made)


@pytest.fixture
def app_of_its_own(place: Place, clock: StoppedClock, tmp_path: Path) -> Iterator[Flask]:
    """The same with a folder that a test may write to."""
    folder = tmp_path / "questionnaires"
    folder.mkdir()
    made = make_app(
        place.instance,
        place.url,
        clock=clock,
        base_url="http://localhost",
        questionnaires=write_folder(folder),
    )
    yield made
    dispose(made)


def issued(cast: Cast) -> Issued:
    return stages.issued(cast.vera, cast.oskar, only=ONLY)


def started(cast: Cast) -> OpenedInvitation:
    return stages.started(cast.vera, cast.oskar, only=ONLY)[1]


def submitted(cast: Cast, **instead: Given) -> OpenedInvitation:
    """Everything answered well but what `instead` says (SML_05 for SML-05), one proof attached."""
    link, invitation = stages.started(cast.vera, cast.oskar, only=ONLY)
    stages.answer_all(
        invitation, {name.replace("_", "-"): given for name, given in instead.items()}
    )
    stages.attach(invitation, PROVEN)
    stages.send_in(invitation)
    return stages.opened(link.token)


def row(invitation: OpenedInvitation | Issued) -> AssessmentRow:
    reading().rollback()
    found = assessment(reading(), invitation.assessment_id)
    assert found is not None
    return found


def given(invitation: OpenedInvitation, question_id: str) -> AnswerRow:
    reading().rollback()
    return answers(reading(), invitation.assessment_id)[question_id]


def say(
    invitation: OpenedInvitation, question_id: str, value: Any = None, *, base: int = 0, **more: Any
) -> int:
    """Saves one answer over the revision `base`, as the vendor's browser does."""
    question = stages.question(invitation, question_id)
    now = ports().clock.now()
    return save(question, Given(value, **more), stages.saving(invitation, base), now=now)


def events(after: int = 0) -> list[EventRow]:
    """Every event with a greater id, oldest first."""
    with db.engine.connect() as connection:
        return rows(connection, Event.id > after)


@contextmanager
def trail() -> Iterator[list[tuple[str, str]]]:
    """Fills a list with type and object of the events that a block leaves."""
    known = events()
    found: list[tuple[str, str]] = []
    yield found
    found += [(one.type, one.object_id) for one in events(known[-1].id if known else 0)]


def at_once(*jobs: Callable[[], object]) -> list[object]:
    """Does all at the same time, each in a thread with an app context; results or exceptions."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # Flask's own way
    results: list[object] = [None] * len(jobs)
    barrier = threading.Barrier(len(jobs))

    def run(index: int, job: Callable[[], object]) -> None:
        with app.app_context():
            barrier.wait(60)
            try:
                results[index] = job()
            except Exception as error:  # noqa: BLE001 - what was raised is the result
                results[index] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    reading().rollback()  # what this thread reads from now on is what they left
    return results
