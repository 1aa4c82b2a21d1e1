"""The whole path of evidence with a bucket instead of a folder."""

import io
from collections.abc import Iterator

import pytest
from flask import Flask

from riskapp.clockwork import clear_leftovers
from riskapp.core.db import reading
from riskapp.core.ids import new_id
from riskapp.evidence.queries import of_assessment
from riskapp.startup import make_ready
from riskapp.web.ports import ports
from tests import stages
from tests.cast import Cast
from tests.conftest import Client, Place, StoppedClock, dispose, make_app
from tests.s3 import Bucket, ask, bucket, s3_endpoint
from tests.stages import PDF
from tests.web.portal import count, said, start

__all__ = ["bucket", "s3_endpoint"]

QUESTION = "ISM-01"
LONG_PDF = PDF + b"% more\n" * 60_000


@pytest.fixture
def app(place: Place, clock: StoppedClock, bucket: Bucket) -> Iterator[Flask]:
    made = make_app(
        place.instance, place.url, clock=clock, base_url="http://localhost", **bucket.settings()
    )
    made.config["WTF_CSRF_ENABLED"] = False
    yield made
    dispose(made)


class Asked:
    """One assessment: its respondent, and where its officer finds the files."""

    def __init__(self, app: Flask, cast: Cast) -> None:
        self.app = app
        with app.app_context():
            link = stages.issued(cast.vera, cast.oskar, only=("iso-27001",))
        self.assessment_id = link.assessment_id
        self._token = link.token
        self.vera = start(app, link.token)

    def submit(self) -> None:
        with self.app.app_context():
            invitation = stages.opened(self._token)
            stages.answer_all(invitation)
            stages.send_in(invitation)

    def files(self) -> list[tuple[str, str]]:
        """Name and place of each file that serves."""
        with self.app.app_context():
            rows = of_assessment(reading(), self.assessment_id)
        return [
            (row.name, f"/desk/assessments/{self.assessment_id}/evidence/{row.evidence_id}/1")
            for row in rows
        ]


@pytest.fixture
def asked(app: Flask, cast: Cast) -> Asked:
    return Asked(app, cast)


def pdf(name: str, content: bytes = PDF) -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def test_a_file_goes_up_and_comes_down_whole_and_by_ranges(
    asked: Asked, client: Client, cast: Cast, bucket: Bucket
) -> None:
    assert asked.vera.attach(QUESTION, pdf("report.pdf", LONG_PDF)).status_code == 302
    (key,) = bucket.keys()
    stored = b"".join(bucket.blobs().read(key.rpartition("/")[2]))
    assert len(stored) > len(LONG_PDF)
    assert b"% more" not in stored
    asked.submit()
    ((_, path),) = asked.files()
    oskar = client.as_(cast.oskar)
    assert oskar.get(path).data == LONG_PDF
    part = oskar.get(path, headers={"Range": "bytes=300000-300099"})
    assert part.status_code == 206
    assert part.data == LONG_PDF[300_000:300_100]


def test_a_file_that_is_replaced_before_it_was_submitted_leaves_the_bucket(
    asked: Asked, bucket: Bucket
) -> None:
    asked.vera.attach(QUESTION, pdf("old.pdf"))
    (before,) = bucket.keys()
    page = asked.vera.get(f"evidence/{QUESTION}").text
    replaces = page.partition("replaces=")[2].partition('"')[0]
    assert asked.vera.attach(QUESTION, pdf("new.pdf"), replaces=replaces).status_code == 302
    (after,) = bucket.keys()
    assert before != after
    assert [name for name, _ in asked.files()] == ["new.pdf"]


def test_what_a_killed_upload_left_goes_after_an_hour_and_what_was_committed_stays(
    app: Flask, asked: Asked, clock: StoppedClock, bucket: Bucket
) -> None:
    asked.vera.attach(QUESTION, pdf("report.pdf"))
    (committed,) = bucket.keys()
    name = committed.rpartition("/")[2]
    with app.app_context():
        # Killed after the commit, before the blob was settled: the marker is there still.
        marker = f"evidence/here/incoming/{name}"
        stale = clock.now().isoformat().encode()
        ask(bucket.endpoint, "PUT", f"/{bucket.name}/{marker}", stale)
        # Killed before the commit.
        left = ports().blobs.create(new_id())
        left.write(b"half of something")
        left.finish()
    make_ready(app)
    assert len(bucket.keys()) == 4
    clock.pass_by(hours=1)
    with app.app_context():
        clear_leftovers()
    assert bucket.keys() == [committed]


def test_a_store_that_does_not_answer_refuses_an_upload_and_keeps_nothing(
    place: Place, clock: StoppedClock, cast: Cast, bucket: Bucket
) -> None:
    gone = {**bucket.settings(), "blob_url": "s3://no-such-bucket"}
    app = make_app(place.instance, place.url, clock=clock, base_url="http://localhost", **gone)
    app.config["WTF_CSRF_ENABLED"] = False
    reply = Asked(app, cast).vera.attach(QUESTION, pdf("report.pdf"))
    assert reply.status_code == 503
    assert "Nothing was half-saved." in said(reply.text)
    assert count(app, "evidence") == count(app, "wrapped_key") == 0
    dispose(app)
