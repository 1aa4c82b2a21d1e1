"""Opening files: who may, what of them, and what is written down of it."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from riskapp.audit.service import Actor
from riskapp.core.db import transaction
from riskapp.core.errors import NotFound, Refusal
from riskapp.evidence.damage import Damage
from riskapp.evidence.errors import Damaged, Erased, InQuarantine
from riskapp.evidence.opening import HELD_BYTES, Opened, open_file
from riskapp.evidence.scans import Scan
from riskapp.evidence.service import SealedFile, freeze
from riskapp.invites.queries import OpenedInvitation
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import NOW, Cast
from tests.conftest import Client
from tests.evidence import damaging
from tests.evidence.files import LONG

VIEW: dict[str, Any] = {"event": "evidence:view"}
NEXT: dict[str, Any] = {**VIEW, "continued": True}


@pytest.fixture
def started(app: Flask, cast: Cast) -> OpenedInvitation:
    with app.app_context():
        return small.started(cast)


def attached(app: Flask, invitation: OpenedInvitation, content: bytes = LONG) -> SealedFile:
    with app.app_context():
        return stages.attach(invitation, small.PROVEN, content)


def opened(file: SealedFile, invitation: OpenedInvitation, actor: Actor, **how: Any) -> Opened:
    return open_file(
        file.evidence_id,
        file.version,
        assessment_id=invitation.assessment_id,
        blobs=ports().blobs,
        keyring=ports().keyring,
        actor=actor,
        **{"now": NOW, **how},
    )


def test_a_further_part_is_an_event_only_where_there_is_none_within_the_hour(
    app: Flask, cast: Cast, started: OpenedInvitation
) -> None:
    file = attached(app, started)
    oskar, olga = cast.oskar.actor, cast.olga.actor
    steps: list[tuple[Actor, dict[str, Any], int]] = [
        (oskar, NEXT, 1),
        (oskar, NEXT, 0),
        (oskar, VIEW, 1),
        (olga, NEXT, 1),
        (oskar, {"continued": True}, 1),
        (oskar, {}, 1),
        (oskar, {**NEXT, "now": NOW + timedelta(minutes=59)}, 0),
        (oskar, {**NEXT, "now": NOW + timedelta(minutes=60)}, 1),
    ]
    with app.app_context():
        for actor, how, written in steps:
            with small.trail() as events:
                opened(file, started, actor, **how)
            kind = how.get("event", "evidence:download")
            assert events == [(kind, f"{file.evidence_id}/1")] * written, (how, events)


def test_a_view_of_another_file_or_assessment_makes_no_part_of_this_one_a_further_one(
    app: Flask, cast: Cast, started: OpenedInvitation
) -> None:
    file, other = attached(app, started), attached(app, started)
    with app.app_context():
        opened(other, started, cast.oskar.actor, **VIEW)
        with small.trail() as events:
            opened(file, started, cast.oskar.actor, **NEXT)
        assert events == [("evidence:view", f"{file.evidence_id}/1")]


@pytest.mark.parametrize("size", [0, 1, 70_000, HELD_BYTES, HELD_BYTES + 1])
def test_any_range_is_that_part_of_the_file_in_pieces(
    app: Flask, cast: Cast, started: OpenedInvitation, size: int
) -> None:
    content = (LONG * 20)[:size]
    file = attached(app, started, content)
    with app.app_context():
        found = opened(file, started, cast.oskar.actor)
    assert (found.size, found.sha256) == (size, file.sha256)
    assert b"".join(found.pieces()) == content

    @settings(
        max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(st.integers(0, size + 10), st.none() | st.integers(0, size + 10))
    def any_range(start: int, length: int | None) -> None:
        pieces = list(found.pieces(start, length))
        end = None if length is None else start + length
        assert b"".join(pieces) == content[start:end]
        assert all(0 < len(piece) <= 256 * 1024 for piece in pieces)

    any_range()


@pytest.mark.parametrize(
    ("fields", "status", "words", "refusal"),
    [
        ({"scan": Scan.QUARANTINED}, 409, "This file is still in quarantine", InQuarantine),
        ({"scan": Scan.INFECTED}, 409, "The virus scanner found something in it", InQuarantine),
        ({"erased_at": NOW}, 410, "were destroyed on 23 November 2026", Erased),
    ],
)
def test_what_may_not_be_opened_is_refused_in_words_and_is_no_event(
    app: Flask,
    client: Client,
    cast: Cast,
    fields: dict[str, Any],
    status: int,
    words: str,
    refusal: type[Refusal],
) -> None:
    with app.app_context():
        submission = small.started(cast)
        file = stages.attach(submission, small.PROVEN)
        with transaction() as session:
            freeze(session, submission.assessment_id)
        damaging.change_row(file, **fields)
        with small.trail() as events, pytest.raises(refusal):
            opened(file, submission, cast.oskar.actor)
        assert events == []
    at = f"/desk/assessments/{submission.assessment_id}/evidence/{file.evidence_id}/1"
    refused = client.as_(cast.oskar).get(at)
    assert refused.status_code == status
    assert words in " ".join(refused.text.split())


def test_damage_is_noted_also_when_the_request_is_over(
    app: Flask, cast: Cast, started: OpenedInvitation
) -> None:
    file = attached(app, started, LONG * 20)
    with app.app_context():
        found = opened(file, started, cast.oskar.actor)
        damaging.flip(file, file.sealed_size // 2)
    with pytest.raises(Damaged) as refused:
        list(found.pieces())
    assert refused.value.found.kind == Damage.CHANGED
    with app.app_context():
        assert small.events()[-1].type == "evidence:damaged"


@pytest.mark.parametrize("erased", [True, False])
def test_a_file_that_goes_while_it_is_sent_was_not_damaged(
    app: Flask, cast: Cast, started: OpenedInvitation, *, erased: bool
) -> None:
    file = attached(app, started, LONG * 20)
    with app.app_context():
        found = opened(file, started, cast.oskar.actor)
        if erased:
            damaging.change_row(file, erased_at=NOW)
        else:
            damaging.remove_row(file)
        ports().blobs.delete(file.blob)
        with small.trail() as events, pytest.raises(Erased if erased else NotFound):
            list(found.pieces())
        assert events == []
