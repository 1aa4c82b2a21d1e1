"""The pack of a vendor's whole history."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from riskapp.assessments.queries import assessment
from riskapp.core.db import reading
from riskapp.evidence.again import use_again
from riskapp.evidence.queries import of_assessment
from riskapp.evidence.service import Place
from riskapp.packs.errors import NothingDecided
from riskapp.packs.shipped.verify import NOT_INCLUDED, problems
from riskapp.packs.verify import examine_file
from riskapp.reviews.rules import Outcome
from riskapp.reviews.service import decide
from riskapp.web.ports import ports
from tests import stages
from tests.cast import Cast
from tests.conftest import StoppedClock
from tests.packs.conftest import Delivered
from tests.packs.stories import CERTIFIED, Unpacked, exported, prepared, streamed, unpack
from tests.packs.test_verify_fields import LATER, NOBODY, TRAIL, falsified
from tests.trails import whole_trail


@pytest.fixture
def history(
    told: str, cast: Cast, clock: StoppedClock, tmp_path: Path
) -> tuple[Unpacked, Path, list[str]]:
    """Of a vendor with two decided assessments, the second of another kind, and one that is open.

    With the ids of the three.
    """
    clock.pass_by(days=1)
    second, _ = stages.decided(cast.vera, cast.olga, only=("gdpr-processor",))
    clock.pass_by(days=1)
    third, _ = stages.started(cast.vera, cast.oskar, only=("iso-27001",))
    stages.started(cast.mallory, cast.oskar)
    data = b"".join(exported(told, cast.oskar, assessment_id=None).chunks)
    path = tmp_path / "history.zip"
    path.write_bytes(data)
    ids = [told, second.assessment_id, third.assessment_id]
    return unpack(data, tmp_path / "history"), path, ids


def test_all_decided_assessments_are_there_and_the_others_are_listed_with_why_not(
    history: tuple[Unpacked, Path, list[str]], delivered: Delivered, cast: Cast
) -> None:
    bag, path, ids = history
    found = examine_file(path, delivered.key.fingerprint)
    assert (found.problems, found.code) == ([], 0)
    about = bag.json("data/vendor.json")
    assert about["vendor"]["id"] == cast.vera.vendor_id
    assert [one["id"] for one in about["engagements"]] == [cast.vera.engagement_id]
    listed = {one["id"]: one for one in about["assessments"]}
    assert list(listed) == ids
    assert [one["state"] for one in listed.values()] == ["decided", "decided", "in-progress"]
    assert [one["root"] for one in listed.values()] == [
        f"data/assessments/{ids[0]}/",
        f"data/assessments/{ids[1]}/",
        None,
    ]
    assert listed[ids[2]]["not_included_because"] == "It is not decided yet."
    for name in ids[:2]:
        row = assessment(reading(), name)
        assert row is not None
        assert (listed[name]["tier"], listed[name]["shown"]) == (row.tier, row.shown)
        for document in ("assessment.json", "report.pdf", "oscal/poam.json"):
            assert (bag / f"data/assessments/{name}/{document}").is_file()


def test_the_trail_is_that_of_the_vendor_alone_and_opens_no_answers_of_what_is_not_decided(
    history: tuple[Unpacked, Path, list[str]], cast: Cast
) -> None:
    bag, _, ids = history
    lines = [json.loads(one) for one in (bag / "audit/events.jsonl").read_bytes().splitlines()]
    assert {one["event"]["vendor"] for one in lines} == {cast.vera.vendor_id}
    kinds = {one["event"]["type"] for one in lines}
    assert {"vendor:register", "engagement:add", "intake:save", "answer:save"} <= kinds
    for one in lines:
        assert "email" not in one["opened"]
        if one["event"]["assessment"] == ids[2]:
            assert set(one["opened"]) <= {"actor"}
    for words in ("nordlicht.example", "mallow"):
        assert words.encode() not in (bag / "audit/events.jsonl").read_bytes()


def test_a_file_that_serves_several_cycles_lies_in_it_once(
    told: str, cast: Cast, tmp_path: Path
) -> None:
    file = next(one for one in of_assessment(reading(), told) if one.question_id == CERTIFIED)
    second, invitation = stages.started(cast.vera, cast.oskar, only=("iso-27001",))
    stages.answer_all(invitation)
    place = Place(invitation.assessment_id, invitation.vendor_id, invitation.id, CERTIFIED)
    use_again([f"{file.evidence_id}/{file.version}"], place, now=ports().clock.now())
    stages.send_in(invitation)
    stages.confirm_empty(invitation, cast.oskar)
    by = stages.reviewer(cast.oskar)
    decide(invitation.assessment_id, Outcome.APPROVE, by, reasons="The same certificate.")
    data = b"".join(exported(told, cast.oskar, assessment_id=None).chunks)
    bag = unpack(data, tmp_path / "history")
    assert problems(bag.folder) == []
    places = [name for name in bag.names() if name.endswith(f"/{file.evidence_id}/{file.name}")]
    assert len(places) == 1
    for name in (told, second.assessment_id):
        assert places[0] in (bag / f"data/assessments/{name}/answers.json").read_text()


def test_what_happens_to_undecided_assessments_later_changes_no_byte(told: str, cast: Cast) -> None:
    _, invitation = stages.started(cast.vera, cast.oskar, only=("iso-27001",))
    made = prepared(told, cast.oskar, assessment_id=None)
    data = b"".join(streamed(made.id, cast.oskar).chunks)
    stages.answer_all(invitation)
    stages.attach(invitation, CERTIFIED)
    stages.send_in(invitation)
    stages.issued(cast.vera, cast.oskar, only=("gdpr-processor",))
    assert b"".join(streamed(made.id, cast.oskar).chunks) == data


def test_there_is_no_history_before_the_first_decision(app: Flask, cast: Cast) -> None:
    with app.app_context():
        _, invitation = stages.submitted(cast.vera, cast.oskar, only=("iso-27001",))
        before = whole_trail(reading(), invitation.assessment_id)[-1].id
        with pytest.raises(NothingDecided):
            prepared(invitation.assessment_id, cast.oskar, assessment_id=None)
        assert whole_trail(reading(), invitation.assessment_id)[-1].id == before


def assessment_hidden(about: Any) -> str:
    gone = about["assessments"].pop()
    return f"data/vendor.json: assessment {gone['id']}: is missing"


def assessment_better(about: Any) -> str:
    one = about["assessments"][0]
    one["tier"] = "critical"
    return f"data/vendor.json: assessment {one['id']}: is not what audit/events.jsonl says"


def assessment_kept_back(about: Any) -> str:
    one = about["assessments"][0]
    one.update(root=None, not_included_because="It was lost.")
    return f"data/assessments/{one['id']}/answers.json: is a file that nothing in the pack tells of"


def reason_kept_back(about: Any) -> str:
    one = next(one for one in about["assessments"] if one["root"] is None)
    one["not_included_because"] = None
    return f"assessment {one['id']} is neither here, nor is it said why not"


def engagement_hidden(about: Any) -> str:
    about["engagements"].clear()
    return "data/vendor.json: lists other engagements than audit/events.jsonl"


def other_name(about: Any) -> str:
    about["vendor"]["name"] = "Another GmbH"
    return "data/vendor.json: the vendor has another name than in audit/events.jsonl"


def elsewhere(about: Any) -> str:
    about["assessments"][0]["root"] = "../"
    return "names a folder that no assessment has"


def other_recipient(about: Any) -> str:
    about["pack"]["recipient"] = "Somebody else"
    return "bag-info.txt: Pack-Recipient must be"


def test_single_fields_that_were_falsified_are_found_even_where_the_key_signed_them(
    history: tuple[Unpacked, Path, list[str]], cast: Cast
) -> None:
    bag, _, (first, _, _) = history
    vendor, about = "data/vendor.json", f"data/assessments/{first}/assessment.json"
    by_vendor = "is not what data/vendor.json says"
    not_so = "is not left out for the reason that it says"
    cancelled = {"not_included_because": NOT_INCLUDED["cancelled"]}
    falsified(
        bag,
        [
            (vendor, ("vendor",), {"registered_at": LATER}, f"vendor: registered_at {TRAIL}"),
            (vendor, ("vendor",), {"country": "FR"}, f"vendor: country {TRAIL}"),
            (vendor, ("engagements", 0), {"added_at": LATER}, f": added_at {TRAIL}"),
            (vendor, ("engagements", 0), {"ended_at": LATER}, f": ended_at {TRAIL}"),
            (
                vendor,
                ("engagements", 0),
                {"services": ["qa"]},
                f"services is not what {about} says",
            ),
            (vendor, ("engagements", 0), {"description": "D"}, f"description {by_vendor}"),
            (vendor, ("engagements", 0), {"delivered_from": []}, f"delivered_from {by_vendor}"),
            (vendor, ("assessments", 0), {"engagement": NOBODY}, f"assessment {first}: {TRAIL}"),
            (vendor, ("assessments", 0), {"cycle": 7}, f"assessment {first}: {TRAIL}"),
            (vendor, ("assessments", 2), cancelled, not_so),
            (vendor, ("pack",), {"left_out": []}, "pack: left_out is not what the rest of it says"),
            (vendor, ("pack", "questions"), {"left_out": 7}, "pack: questions is not what"),
            (about, ("assessment",), {"cycle": 7}, f"assessment: cycle {by_vendor}"),
            (about, ("vendor",), {"id": NOBODY}, f"vendor: id {by_vendor}"),
            (about, ("intake",), {"number": 7}, f"intake: number {TRAIL}"),
            (about, ("intake",), {"saved_at": LATER}, f"intake: saved_at {TRAIL}"),
            (about, ("intake",), {"saved_by": cast.olga.id}, f"intake: saved_by {TRAIL}"),
            (about, ("intake", "answers", 0), {"value": ["qa"]}, f"intake: answers {TRAIL}"),
        ],
    )


def test_a_history_that_was_falsified_is_found_even_by_who_has_the_key(
    history: tuple[Unpacked, Path, list[str]], delivered: Delivered
) -> None:
    bag, _, _ = history
    text = (bag / "data/vendor.json").read_bytes()
    falsified: list[Callable[[Any], str]] = [
        assessment_better,
        assessment_hidden,
        assessment_kept_back,
        elsewhere,
        engagement_hidden,
        other_name,
        other_recipient,
        reason_kept_back,
    ]
    for falsify in falsified:
        about = json.loads(text)
        expected = falsify(about)
        (bag / "data/vendor.json").write_text(json.dumps(about))
        bag.list_anew(delivered.key)
        found = problems(bag.folder)
        assert any(expected in one for one in found), (falsify.__name__, found)
    (bag / "data/vendor.json").write_bytes(text)
    bag.list_anew(delivered.key)
    assert problems(bag.folder) == []
