"""What happens because time passes, in a thread beside the requests of each process that serves."""

import threading
import time
from datetime import timedelta

from flask import Flask

from riskapp.audit.service import CLOCK
from riskapp.logs import log
from riskapp.scoring.rescoring import rescore
from riskapp.web.ports import ports

AFTER_START = timedelta(minutes=1)
EVERY = timedelta(hours=1)


class Clockwork:
    """Scores everything again an hour at a time: what went stale with the day gets a new receipt.

    Every process does so. Who comes second finds nothing left to do; what a killed process left
    undone, the next round does.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._thread = threading.Thread(target=self._run, name="clockwork", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        time.sleep(AFTER_START.total_seconds())
        while True:
            self.round()
            time.sleep(EVERY.total_seconds())

    def round(self) -> None:
        with self._app.app_context():
            try:
                moved = rescore(cause="Time passed", actor=CLOCK, now=ports().clock.now())
            except Exception as error:  # noqa: BLE001 - whatever it is, the next round tries again
                log.error("scores were not computed anew", error=type(error).__name__)
                return
        if moved:
            log.info("scores were computed anew", receipts=len(moved))
