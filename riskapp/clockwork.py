"""What happens because time passes, in threads beside the requests of each process that serves."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask

from riskapp.audit.errors import KeyUnknown, LogBent
from riskapp.audit.notes import NoteInvalid
from riskapp.audit.service import CLOCK
from riskapp.custody.erasing import Means
from riskapp.custody.quarantine import release
from riskapp.custody.runs import Run, carry_out
from riskapp.evidence.leftovers import put_in_order
from riskapp.logs import fault, log
from riskapp.scoring.rescoring import rescore
from riskapp.web.ports import ports

AFTER_START = timedelta(minutes=1)
MOST_ERASED = 200
"""So many records of each class go in one round, so that the other tasks have their turn."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do every so often. It finds its work by looking, so it may be done twice."""

    name: str
    every: timedelta
    do: Callable[[], None]


def score_again() -> None:
    """What went stale with the day gets a new receipt."""
    moved = rescore(cause="Time passed", actor=CLOCK, now=ports().clock.now())
    if moved:
        log.info("scores were computed anew", receipts=len(moved))


def look_at_quarantine() -> None:
    """What the virus scanner has not vouched for is shown to it again."""
    parts = ports()
    means = Means(parts.blobs, parts.signer, parts.settings.organisation)
    done = release(means, parts.keyring, parts.scanner, now=parts.clock.now())
    if done.clean or done.infected:
        log.info("files left quarantine", clean=done.clean, infected=done.infected)
    if done.waiting:
        log.warning("files wait in quarantine for the virus scanner", files=done.waiting)


def clear_leftovers() -> None:
    """What killed processes left in the evidence store; in a bucket it is known after an hour."""
    left = put_in_order(ports().blobs)
    if left:
        log.info("left by a killed process, put in order", blobs=left)


def erase_what_is_due() -> None:
    """What the rules of retention do not keep any longer is erased, a part of it at a time."""
    parts = ports()
    means = Means(parts.blobs, parts.signer, parts.settings.organisation)
    done = sum(1 for _ in carry_out(Run(means, CLOCK, parts.clock.now(), most=MOST_ERASED)))
    if done:
        log.info("records were erased by the rules of retention", records=done)


def give_numbers() -> None:
    """Events get their places in the log."""
    ports().log.append()


def sign_the_log() -> None:
    """A checkpoint, where anything happened since the last."""
    parts = ports()
    try:
        if parts.log.append():
            parts.log.checkpoint(parts.clock.now())
    except (KeyUnknown, LogBent, NoteInvalid) as error:
        log.error(
            "the trail does not continue what was signed before, and nothing is signed; run "
            "`flask riskapp audit verify` with a checkpoint that is kept elsewhere",
            reason=str(error),
        )


TRAIL = (
    Task("numbers", timedelta(seconds=2), give_numbers),
    Task("checkpoint", timedelta(minutes=1), sign_the_log),
)
"""In a thread of its own: erasing or scoring for minutes is not to hold it up."""

TASKS = (
    Task("quarantine", timedelta(minutes=5), look_at_quarantine),
    Task("scores", timedelta(hours=1), score_again),
    Task("leftovers", timedelta(hours=1), clear_leftovers),
    # What is due changes at midnight (UTC); of much, each round takes a part, and nobody waits.
    Task("retention", timedelta(hours=1), erase_what_is_due),
)


class Clockwork:
    """Does each task as often as it asks for, one after the other, and those of the trail beside.

    Every process does so. Who comes second finds nothing left to do; what a killed process left
    undone, the next round does.
    """

    def __init__(self, app: Flask, tasks: Sequence[Task] = TASKS) -> None:
        self._app = app
        self._tasks = tasks

    def start(self) -> None:
        for name, tasks in (("trail", TRAIL), ("clockwork", self._tasks)):
            thread = threading.Thread(target=self._run, args=(tasks,), name=name, daemon=True)
            thread.start()

    def _run(self, tasks: Sequence[Task]) -> None:
        began = time.monotonic()
        due = {task: began + min(AFTER_START, task.every).total_seconds() for task in tasks}
        while True:
            time.sleep(max(0.0, min(due.values()) - time.monotonic()))
            for task in [one for one, at in due.items() if at <= time.monotonic()]:
                self._do(task)
                due[task] = time.monotonic() + task.every.total_seconds()

    def round(self) -> None:
        """Every task once, now; what they did is signed."""
        for task in (*self._tasks, *TRAIL):
            self._do(task)

    def _do(self, task: Task) -> None:
        with self._app.app_context():
            try:
                task.do()
            except Exception as error:  # noqa: BLE001 - whatever it is, the next time tries again
                log.error("a task of the clockwork failed", task=task.name, **fault(error))
