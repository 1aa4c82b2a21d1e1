"""Whatever is done to stored files is refused to the officer in words of its own, as an event."""

import dataclasses
import html
import json
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from riskapp.core.db import reading, transaction
from riskapp.core.storage.memory import MemoryBlobs
from riskapp.evidence.damage import Damage, in_short, in_words
from riskapp.evidence.errors import Damaged
from riskapp.evidence.models import Evidence
from riskapp.evidence.queries import of_assessment
from riskapp.evidence.service import SealedFile, freeze
from riskapp.invites.queries import OpenedInvitation
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import Cast
from tests.conftest import Client
from tests.evidence import damaging
from tests.evidence.files import LONG, uses

Tamper = Callable[[SealedFile, SealedFile], None]

LARGE = LONG * 20
"""Too large to be unsealed whole before it is sent"""
IN_THE_STORE = (
    (damaging.lose, Damage.MISSING),
    (damaging.truncate, Damage.TRUNCATED),
    (damaging.truncate_at_a_chunk, Damage.TRUNCATED),
    (damaging.empty, Damage.TRUNCATED),
    (damaging.extend, Damage.EXTENDED),
    (damaging.reorder, Damage.REORDERED),
    (damaging.last_chunk_first, Damage.REORDERED),
    (damaging.flip_a_bit, Damage.CHANGED),
    (damaging.swap, Damage.ANOTHER_FILE),
    (damaging.something_else, Damage.FOREIGN),
)
IN_THE_DATABASE = (
    (damaging.alter_key, Damage.KEY_CHANGED),
    (damaging.swap_keys, Damage.KEY_OF_ANOTHER),
    (damaging.lose_the_key, Damage.KEY_MISSING),
    (damaging.alter_vendor_key, Damage.VENDOR_KEY_CHANGED),
    (damaging.lose_vendor_key, Damage.VENDOR_KEY_MISSING),
    (damaging.point_elsewhere, Damage.ROW_CHANGED),
    (damaging.change_digest, Damage.ROW_CHANGED),
    (damaging.forge_the_event, Damage.ROW_CHANGED),
    (damaging.change_checksum, Damage.ROW_CHANGED),
)


@pytest.fixture
def started(app: Flask, cast: Cast) -> OpenedInvitation:
    with app.app_context():
        return small.started(cast)


@pytest.fixture
def in_memory(app: Flask) -> Iterator[None]:
    """The app keeps its files in memory."""
    parts = app.extensions["riskapp"]
    app.extensions["riskapp"] = dataclasses.replace(parts, blobs=MemoryBlobs())
    yield
    app.extensions["riskapp"] = parts


def attached(app: Flask, invitation: OpenedInvitation, content: bytes = LONG) -> SealedFile:
    """Sent in: what a vendor has not submitted is opened by nobody."""
    with app.app_context():
        file = stages.attach(invitation, small.PROVEN, content)
        freeze_uses(invitation)
    return file


def freeze_uses(invitation: OpenedInvitation) -> None:
    with transaction() as session:
        freeze(session, invitation.assessment_id)


def address(invitation: OpenedInvitation, file: SealedFile) -> str:
    at = f"/desk/assessments/{invitation.assessment_id}/evidence"
    return f"{at}/{file.evidence_id}/{file.version}"


def done(app: Flask, tamper: Tamper, file: SealedFile, other: SealedFile) -> None:
    with app.app_context():
        tamper(file, other)


def assert_refused(response: TestResponse, kind: Damage) -> None:
    assert response.status_code == 500
    assert in_words(kind) in shown(response)


def shown(response: TestResponse) -> str:
    return " ".join(html.unescape(response.text).split())


def noted(app: Flask) -> list[dict[str, object]]:
    with app.app_context():
        events = [one for one in small.events() if one.type.startswith("evidence:")]
    kinds = {one.type for one in events}
    assert "evidence:download" not in kinds, "what was refused was not downloaded"
    return [json.loads(one.body) for one in events if one.type == "evidence:damaged"]


def mark(app: Flask, file: SealedFile) -> str | None:
    with app.app_context():
        return reading().get_one(Evidence, (file.evidence_id, file.version)).damage


@pytest.mark.parametrize(("tamper", "kind"), IN_THE_STORE + IN_THE_DATABASE)
def test_each_damage_is_refused_in_words_of_its_own_and_noted_once(
    app: Flask, client: Client, cast: Cast, started: OpenedInvitation, tamper: Tamper, kind: Damage
) -> None:
    file, other = attached(app, started), attached(app, started, LONG[::-1])
    done(app, tamper, file, other)
    client.as_(cast.oskar)
    assert_refused(client.get(address(started, file)), kind)
    (event,) = noted(app)
    assert event["object"] == f"{file.evidence_id}/1"
    assert event["kind"] == kind
    assert event["assessment"] == started.assessment_id
    assert mark(app, file) == kind
    assert_refused(client.get(address(started, file)), kind)
    assert len(noted(app)) == 1, "who comes again and finds the same writes nothing"


def test_a_damaged_file_is_marked_where_officers_meet_it(
    app: Flask, client: Client, cast: Cast
) -> None:
    with app.app_context():
        submission = small.submitted(cast)
        (file,) = of_assessment(reading(), submission.assessment_id)
        reading().rollback()
        ports().blobs.delete(file.blob)
    assessment = f"/desk/assessments/{submission.assessment_id}"
    client.as_(cast.oskar)
    assert client.get(f"{assessment}/evidence/{file.evidence_id}/1").status_code == 500
    for page in ("answers", f"questions/{small.PROVEN}"):
        words = shown(client.get(f"{assessment}/{page}"))
        assert "Damaged" in words
        assert in_short(Damage.MISSING) in words
    assert "damaged in the store" in shown(client.get(f"{assessment}/history"))


@pytest.mark.usefixtures("in_memory")
def test_the_same_holds_for_another_store(
    app: Flask, client: Client, cast: Cast, started: OpenedInvitation
) -> None:
    client.as_(cast.oskar)
    other = attached(app, started, LONG[::-1])
    for tamper, kind in IN_THE_STORE:
        file = attached(app, started)
        done(app, tamper, file, other)
        assert_refused(client.get(address(started, file)), kind)
        assert mark(app, file) == kind


@pytest.mark.usefixtures("in_memory")
def test_one_flipped_bit_is_found_wherever_it_is(
    app: Flask, client: Client, cast: Cast, started: OpenedInvitation
) -> None:
    file = attached(app, started)
    client.as_(cast.oskar)
    with app.app_context():
        whole = damaging.stored(file)

    @settings(
        max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(st.integers(0, len(whole) - 1), st.integers(0, 7))
    def any_bit(byte: int, bit: int) -> None:
        with app.app_context():
            damaging.overwrite(file.blob, whole)
            damaging.change_row(file, damage=None)
            damaging.flip(file, byte, bit)
        assert_refused(client.get(address(started, file)), Damage.CHANGED)
        start, end = noted(app)[-1]["start"], noted(app)[-1]["end"]
        assert isinstance(start, int)
        assert isinstance(end, int)
        assert start <= byte < end <= start + damaging.CHUNK

    for byte in (0, len(whole) - 1):
        any_bit.hypothesis.inner_test(byte, 0)  # type: ignore[attr-defined]  # first and last
    any_bit()


def test_damage_in_the_middle_of_a_large_file_cuts_its_download_off(
    app: Flask, client: Client, cast: Cast, started: OpenedInvitation
) -> None:
    file = attached(app, started, LARGE)
    with app.app_context():
        damaging.flip(file, file.sealed_size // 2)
    client.as_(cast.oskar)
    came: list[bytes] = []
    with client.get(address(started, file), buffered=False) as begun:
        with pytest.raises(Damaged) as refused:  # which ends the connection
            came.extend(begun.iter_encoded())
        assert 0 < sum(map(len, came)) < int(begun.headers["Content-Length"])
    assert LARGE.startswith(b"".join(came))
    assert refused.value.found.kind == Damage.CHANGED
    with app.app_context():
        last = [(one.type, one.object_id) for one in small.events()][-2:]
    assert last == [
        ("evidence:download", f"{file.evidence_id}/1"),
        ("evidence:damaged", f"{file.evidence_id}/1"),
    ]
    assert mark(app, file) == Damage.CHANGED


def test_what_the_ends_of_a_large_file_tell_is_refused_before_a_byte_is_sent(
    app: Flask, client: Client, cast: Cast, started: OpenedInvitation
) -> None:
    file, other = attached(app, started, LARGE), attached(app, started)
    done(app, damaging.extend, file, other)
    client.as_(cast.oskar)
    assert_refused(client.get(address(started, file)), Damage.EXTENDED)
    assert [one["kind"] for one in noted(app)] == [Damage.EXTENDED]


@pytest.mark.parametrize("submitted", [True, False])
def test_an_older_version_that_was_put_back_is_told_as_such(
    app: Flask, client: Client, cast: Cast, started: OpenedInvitation, *, submitted: bool
) -> None:
    with app.app_context():
        old = stages.attach(started, small.PROVEN, LONG)
        kept = damaging.stored(old)
        (use,) = uses(started)
        if submitted:  # else the row of the older version is gone, and its event remains
            freeze_uses(started)
        new = stages.attach(started, small.PROVEN, LONG[::-1], replaces=use)
        assert (new.evidence_id, new.version) == (old.evidence_id, 2)
        freeze_uses(started)
        damaging.overwrite(new.blob, kept)
    client.as_(cast.oskar)
    assert_refused(client.get(address(started, new)), Damage.OLDER_VERSION)
    assert [one["kind"] for one in noted(app)] == [Damage.OLDER_VERSION]


def test_an_answer_that_was_made_to_be_served_by_another_file_is_refused(
    app: Flask, client: Client, cast: Cast, started: OpenedInvitation
) -> None:
    with app.app_context():
        elsewhere = small.started(cast)
    file, other = attached(app, started), attached(app, elsewhere)
    done(app, damaging.use_another, file, other)
    client.as_(cast.oskar)
    assert_refused(client.get(address(started, other)), Damage.USE_CHANGED)
    assert [one["kind"] for one in noted(app)] == [Damage.USE_CHANGED]
    assert mark(app, other) is None, "the file itself is well"
    assert client.get(address(elsewhere, other)).data == LONG
