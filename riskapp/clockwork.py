"""What happens because time passes, in a thread beside the requests of each process that serves."""

import threading
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
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="clockwork", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ends it; waits for a round that is under way."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        wait = AFTER_START
        while not self._stopped.wait(wait.total_seconds()):
            self.round()
            wait = EVERY

    def round(self) -> None:
        with self._app.app_context():
            try:
                moved = rescore(cause="Time passed", actor=CLOCK, now=ports().clock.now())
            except Exception as error:  # noqa: BLE001 - whatever it is, the next round tries again
                log.error("scores were not computed anew", error=type(error).__name__)
                return
        if moved:
            log.info("scores were computed anew", receipts=len(moved))
