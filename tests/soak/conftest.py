"""A served house: the app in processes of its own, and the tests' view of the same rooms."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from riskapp.accounts.service import sign_in
from riskapp.core.db import db, reading
from riskapp.evidence.queries import of_assessment
from riskapp.invites.queries import OpenedInvitation
from riskapp.invites.service import start
from riskapp.web.ports import ports
from tests import stages
from tests.cast import PASSWORD, Cast
from tests.conftest import Place, Template, dispose, make_app
from tests.serving import TARGET, Served
from tests.soak.respondent import WITHIN, Respondent


@dataclass
class House:
    """One place, seen by the served app and, in this process, by `app`; both by the real clock."""

    app: Flask
    cast: Cast
    place: Place
    scratch: Path
    _served: list[Served] = field(default_factory=list)

    def served(self, target: str = TARGET, **settings: str) -> Served:
        """Serves it from now to the end of the test."""
        made = Served(
            self.place.instance, self.place.url, self.scratch, settings=settings, target=target
        )
        self._served.append(made)
        return made.start()

    @contextmanager
    def inside(self) -> Iterator[None]:
        """For services and queries; no connection stays open behind it."""
        with self.app.app_context():
            try:
                yield
            finally:
                db.session.remove()
                db.engine.dispose()

    def link(self, prepare: Callable[[OpenedInvitation], Any] | None = None) -> "Link":
        """An assessment in progress, and a browser's session for it."""
        with self.inside():
            _, invitation = stages.started(
                self.cast.vera, self.cast.oskar, only=("gdpr-processor",)
            )
            if prepare is not None:
                prepare(invitation)
            return Link(invitation, start(invitation.id, now=ports().clock.now()))

    def officer(self) -> str:
        """Oskar's session, in an app context: he signed in just now, by the real clock."""
        return sign_in(
            email=self.cast.oskar.email,
            password=PASSWORD,
            agent="soak",
            now=ports().clock.now(),
            lasts=timedelta(hours=12),
        )

    def address(self, link: "Link", size: int) -> str:
        """Where officers download the one file of this size that lies on the assessment."""
        assessment_id = link.invitation.assessment_id
        with self.inside():
            (file,) = [one for one in of_assessment(reading(), assessment_id) if one.size == size]
        return f"/desk/assessments/{assessment_id}/evidence/{file.evidence_id}/{file.version}"

    def incoming(self) -> list[Path]:
        """The blobs that are on their way in."""
        return list((self.place.instance / "evidence" / "incoming").iterdir())

    def begins_a_blob(self) -> None:
        """Waits until the server writes what it is sent."""
        until(lambda: any(path.stat().st_size for path in self.incoming()), "a blob was begun")

    def close(self) -> None:
        for one in self._served:
            one.kill()
        dispose(self.app)


def until(true: Callable[[], bool], what: str) -> None:
    """Waits for what the server does by itself."""
    end = time.monotonic() + WITHIN
    while not true():
        assert time.monotonic() < end, f"it never happened that {what}"
        time.sleep(0.02)


@dataclass(frozen=True)
class Link:
    invitation: OpenedInvitation
    session: str

    def opened(self, served: Served) -> Respondent:
        """Vera's browser on the served app."""
        return Respondent(served, self.invitation.id, self.session).look()


@pytest.fixture
def house(place: Place, template: Template, tmp_path: Path) -> Iterator[House]:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    app = make_app(place.instance, place.url)
    app.config["WTF_CSRF_ENABLED"] = False
    made = House(app, template.cast, place, scratch)
    yield made
    made.close()


@pytest.fixture
def tell(capfd: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Says a figure to whoever runs the soak, also where the test passes."""

    def say(line: str) -> None:
        with capfd.disabled():
            sys.stdout.write(f"\n    {line}")
            sys.stdout.flush()

    return say
