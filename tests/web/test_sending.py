"""Evidence by ranges, as browsers and download managers ask for it."""

import random
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskapp.audit.models import Event
from riskapp.core.db import reading
from tests import stages
from tests.cast import Cast
from tests.conftest import Client, StoppedClock
from tests.web.desk import SECURITY

CONTENT = stages.PDF + random.Random(7).randbytes(1_300_000)  # noqa: S311 - any bytes
SIZE = len(CONTENT)


@dataclass(frozen=True)
class Sent:
    """A file that an officer may download."""

    url: str
    etag: str


@pytest.fixture
def sent(app: Flask, client: Client, cast: Cast) -> Sent:
    with app.app_context():
        _, invitation = stages.started(cast.vera, cast.oskar, only=SECURITY)
        stages.answer_all(invitation)
        file = stages.attach(invitation, "ISM-01", CONTENT)
        stages.send_in(invitation)
    client.as_(cast.oskar)
    at = f"/desk/assessments/{invitation.assessment_id}/evidence/{file.evidence_id}/1"
    return Sent(at, f'"{file.sha256}"')


def downloads(app: Flask) -> int:
    with app.app_context():
        counted = sa.select(sa.func.count()).where(Event.type == "evidence:download")
        return int(reading().scalar(counted) or 0)


def test_a_range_is_answered_with_that_range(client: Client, sent: Sent) -> None:
    for asked, start, end in (
        ("bytes=0-0", 0, 1),
        ("bytes=16383-16384", 16_383, 16_385),
        ("bytes=65536-", 65_536, SIZE),
        ("bytes=-100", SIZE - 100, SIZE),
        ("bytes=1000000-99999999", 1_000_000, SIZE),
        (f"bytes=-{SIZE + 5}", 0, SIZE),
    ):
        response = client.get(sent.url, headers={"Range": asked})
        assert response.status_code == 206, asked
        assert response.data == CONTENT[start:end]
        assert response.headers["Content-Range"] == f"bytes {start}-{end - 1}/{SIZE}"
        assert response.headers["Content-Length"] == str(end - start)
        assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert response.headers["Content-Disposition"].startswith("attachment;")


def test_several_ranges_and_nonsense_come_to_the_whole_file(client: Client, sent: Sent) -> None:
    for asked in ("bytes=0-1,5-9", "lines=1-2", "bytes=9-1", "bytes=x-", "bytes", "bytes=0-0,-1"):
        response = client.get(sent.url, headers={"Range": asked})
        assert response.status_code == 200, asked
        assert response.data == CONTENT
        assert response.headers["Accept-Ranges"] == "bytes"
        assert response.headers["ETag"] == sent.etag


def test_a_range_beyond_the_end_is_refused(app: Flask, client: Client, sent: Sent) -> None:
    response = client.get(sent.url, headers={"Range": f"bytes={SIZE}-"})
    assert response.status_code == 416
    assert response.headers["Content-Range"] == f"bytes */{SIZE}"
    assert downloads(app) == 0


def test_a_range_of_another_content_comes_to_the_whole_file(client: Client, sent: Sent) -> None:
    for condition, status in (
        (sent.etag, 206),
        (f"W/{sent.etag}", 200),
        ('"something else"', 200),
        ("Mon, 23 Nov 2026 09:00:00 GMT", 200),
    ):
        headers = {"Range": "bytes=5-9", "If-Range": condition}
        assert client.get(sent.url, headers=headers).status_code == status, condition


def test_who_has_it_already_is_sent_nothing(app: Flask, client: Client, sent: Sent) -> None:
    response = client.get(sent.url, headers={"If-None-Match": sent.etag})
    assert (response.status_code, response.data) == (304, b"")
    assert "Content-Type" not in response.headers
    other = client.get(sent.url, headers={"If-None-Match": '"something else"'})
    assert (other.status_code, other.data) == (200, CONTENT)
    assert downloads(app) == 1


def test_a_question_about_the_file_opens_nothing(app: Flask, client: Client, sent: Sent) -> None:
    response = client.head(sent.url, headers={"Range": "bytes=0-99"})
    assert (response.status_code, response.data) == (200, b"")
    assert response.headers["Content-Length"] == str(SIZE)
    assert response.headers["Content-Type"] == "application/pdf"
    assert downloads(app) == 0


def test_the_rest_of_a_download_belongs_to_it(
    app: Flask, client: Client, cast: Cast, clock: StoppedClock, sent: Sent
) -> None:
    def ask(asked: str) -> int:
        assert client.get(sent.url, headers={"Range": asked}).status_code == 206
        return downloads(app)

    assert ask("bytes=0-99") == 1
    assert ask("bytes=100-199") == 1
    assert ask("bytes=0-99") == 2
    client.as_(cast.olga)
    assert ask("bytes=100-199") == 3
    clock.pass_by(minutes=50)
    assert ask("bytes=200-299") == 3
    clock.pass_by(minutes=20)
    assert ask("bytes=300-399") == 4


@pytest.mark.parametrize("template", ["sqlite"], indirect=True)
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_range_is_that_part_of_the_file(
    client: Client, sent: Sent, data: st.DataObject
) -> None:
    near = st.sampled_from([0, 16_384, 65_536, 1_048_576, SIZE - 1]).flatmap(
        lambda at: st.integers(max(0, at - 2), min(SIZE - 1, at + 2))
    )
    start = data.draw(near | st.integers(0, SIZE - 1))
    end = data.draw(st.integers(start, min(SIZE - 1, start + 200_000)))
    response = client.get(sent.url, headers={"Range": f"bytes={start}-{end}"})
    assert response.status_code == 206
    assert response.data == CONTENT[start : end + 1]
