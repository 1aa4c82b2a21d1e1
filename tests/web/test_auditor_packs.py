"""An auditor's packs: all that is granted or chosen questions alone, while it is granted."""

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from werkzeug.test import TestResponse

from riskapp.assessments.grants import revoke_grant
from riskapp.custody.holds import lift, place
from riskapp.packs.verify import examine_file
from riskapp.web.ports import ports
from tests import small, stages
from tests.audit.attacker import attack, leaf, note, put
from tests.cast import NOW, Cast
from tests.conftest import Client, StoppedClock
from tests.small import app
from tests.web import packs
from tests.web.auditor import PURPOSE, UNTIL, grant, openings
from tests.web.desk import signed_in_anew, told, words
from tests.web.packs import decided, made

__all__ = ["app"]

CHOSEN = [small.PROVEN, small.LIST]
TICKED = r'name="questions" value="([A-Z0-9-]+)" checked'


@pytest.fixture
def audrey(app: Flask, client: Client, cast: Cast) -> Client:
    app.config["WTF_CSRF_ENABLED"] = False
    return client.as_(cast.audrey)


@pytest.fixture
def found(app: Flask, cast: Cast) -> str:
    return decided(app, cast)


Granting = Callable[..., str]


@pytest.fixture
def give(app: Flask, cast: Cast, found: str) -> Granting:
    """Grants Audrey the assessment; `vendor=True` all of the vendor; gives the grant's id."""

    def granting(*, vendor: bool = False, **how: object) -> str:
        with app.app_context():
            return grant(cast, cast.vera, None if vendor else found, **how)

    return granting


def ask(client: Client, assessment_id: str, **fields: object) -> TestResponse:
    return client.post(f"/auditor/assessments/{assessment_id}/pack", data=fields)


def download(client: Client, pack_id: str, **headers: str) -> TestResponse:
    return client.get(f"/auditor/packs/{pack_id}/download", headers=headers)


def test_everything_granted_is_taken_on_the_terms_of_the_grant(
    app: Flask, audrey: Client, cast: Cast, found: str, give: Granting
) -> None:
    by = give()
    assert "Make a pack of everything" in words(audrey.get(f"/auditor/assessments/{found}/pack"))
    response = ask(audrey, found, then="whole")
    pack_id = made(response)
    row = packs.row(app, pack_id)
    assert (row.recipient, row.purpose, row.until) == ("Audrey", PURPOSE, UNTIL)
    assert row.made_by_id == cast.audrey.id
    said = told(audrey, response)
    assert row.seal in said
    assert f"({row.size:,} bytes)" in said
    taken = download(audrey, pack_id)
    assert len(taken.data) == taken.content_length == row.size
    assert stages.PDF in packs.files(taken.data).values()
    rest = download(audrey, pack_id, Range="bytes=100000-")
    assert (rest.status_code, rest.data) == (206, taken.data[100_000:])
    (export,) = packs.events(app, "pack:export")
    assert json.loads(export.body)["until"] == UNTIL.isoformat()
    assert "Audrey" not in export.body
    assert [one.actor_id for one in packs.events(app, "pack:take")] == [cast.audrey.id]
    assert [one.object_id for one in packs.events(app, "pack:read")] == [pack_id]
    opened = [(kind, by) for kind in ("pack:export", "pack:read", "pack:take")]
    assert [(kind, grant_id) for kind, _, grant_id in openings(app)] == opened


def test_chosen_questions_are_taken_alone_and_what_is_left_out_is_counted(
    app: Flask, audrey: Client, found: str, give: Granting, tmp_path: Path
) -> None:
    give()
    total = len(small.QUESTIONS)
    counted = ask(audrey, found, then="count", questions=CHOSEN)
    assert f"2 of {total} questions are chosen." in words(counted)
    assert re.findall(TICKED, counted.get_data(as_text=True)) == CHOSEN
    assert packs.events(app, "pack:export") == []
    response = ask(audrey, found, then="chosen", questions=CHOSEN)
    pack_id = made(response)
    assert f"2 of {total} questions are in it; {total - 2} were left out." in told(audrey, response)
    data = download(audrey, pack_id).data
    opened = {name for name, one in packs.answers(data).items() if one["redacted"] is None}
    assert opened == set(CHOSEN)
    about = json.loads(packs.files(data)["data/assessment.json"])["pack"]
    assert about["questions"] == {"all": total, "left_out": total - 2}
    assert stages.PDF in packs.files(data).values()
    path = tmp_path / "pack.zip"
    path.write_bytes(data)
    with app.app_context():
        checked = examine_file(path, ports().signer.fingerprint)
    assert (checked.problems, checked.anchored) == ([], True)
    assert any(f"{total - 2} of {total} questions were left out" in one for one in checked.notes)
    assert "In part" in words(audrey.get(f"/auditor/assessments/{found}/pack"))


def test_a_choice_of_nothing_or_of_what_is_not_there_is_refused(
    app: Flask, audrey: Client, found: str, give: Granting
) -> None:
    give()
    for questions, said in (([], "Choose at least one question."), (["ZZZ-99"], "ZZZ-99")):
        response = ask(audrey, found, then="chosen", questions=questions)
        assert response.status_code == 422
        assert said in words(response)
        assert 'href="#questions"' in response.get_data(as_text=True)
    assert packs.events(app, "pack:export") == []


def test_an_auditor_seals_chosen_questions_to_a_key_of_their_own(
    app: Flask, audrey: Client, found: str, give: Granting
) -> None:
    give()
    pair = pyrage.x25519.Identity.generate()
    key = str(pair.to_public())
    kept = ask(audrey, found, then="count", questions=CHOSEN, sealed_to=key)
    assert key in kept.get_data(as_text=True), "counting loses nothing of what was typed"
    response = ask(audrey, found, then="chosen", questions=CHOSEN, sealed_to=f" {key}\n")
    pack_id = made(response)
    row = packs.row(app, pack_id)
    said = told(audrey, response)
    assert f"Sealed to {key}" in said
    assert "Unseal it with the private key" in said
    opened = pyrage.decrypt(download(audrey, pack_id).data, [pair])
    assert len(opened) == row.size
    answers = packs.answers(opened)
    assert {name for name, one in answers.items() if one["redacted"] is None} == set(CHOSEN)


def test_what_is_no_public_key_is_said_at_its_field_and_a_private_one_not_said_again(
    app: Flask, audrey: Client, found: str, give: Granting
) -> None:
    give()
    secret = str(pyrage.x25519.Identity.generate())
    for typed, message in (("a passphrase", "no public key"), (secret, "This is a private key")):
        response = ask(audrey, found, then="chosen", questions=CHOSEN, sealed_to=typed)
        page = response.get_data(as_text=True)
        assert response.status_code == 422
        assert message in words(response)
        assert 'href="#sealed_to"' in page
        assert re.findall(TICKED, page) == CHOSEN
        assert (typed in page) == (typed != secret)
    assert packs.events(app, "pack:export") == []


def test_a_form_that_is_sent_twice_makes_one_pack(
    app: Flask, audrey: Client, found: str, give: Granting
) -> None:
    give()
    page = audrey.get(f"/auditor/assessments/{found}/pack").get_data(as_text=True)
    hidden = re.search(r'name="once" value="([0-9a-f]+)"', page)
    assert hidden is not None
    both = [made(ask(audrey, found, then="whole", once=hidden[1])) for _ in range(2)]
    assert both[0] == both[1]
    assert len(packs.events(app, "pack:export")) == 1


def test_a_grant_without_files_gives_packs_without_files(
    app: Flask, audrey: Client, found: str, give: Granting
) -> None:
    give(evidence=False)
    assert "Files are not granted to you" in words(audrey.get(f"/auditor/assessments/{found}/pack"))
    pack_id = made(ask(audrey, found, then="whole", evidence="yes"))
    assert packs.row(app, pack_id).narrowed["evidence"] is False
    data = download(audrey, pack_id).data
    assert stages.PDF not in packs.files(data).values()


def test_a_pack_with_files_goes_with_the_grant_that_gave_them(
    app: Flask, audrey: Client, cast: Cast, found: str, give: Granting
) -> None:
    with_files = give(evidence=True)
    pack_id = made(ask(audrey, found, then="whole"))
    give(evidence=False)
    assert download(audrey, pack_id).status_code == 200
    with app.app_context():
        revoke_grant(with_files, actor=cast.oskar.actor, now=ports().clock.now())
    assert audrey.get(f"/auditor/assessments/{found}").status_code == 200
    for address in (f"/auditor/packs/{pack_id}", f"/auditor/packs/{pack_id}/download"):
        assert audrey.get(address).status_code == 404


def test_a_whole_history_takes_a_grant_over_the_vendor(
    app: Flask, audrey: Client, cast: Cast, found: str, give: Granting
) -> None:
    address = f"/auditor/vendors/{cast.vera.vendor_id}/pack"
    give()
    assert audrey.get(address).status_code == 404
    assert audrey.post(address, data={"then": "whole"}).status_code == 404
    give(vendor=True)
    assert "Every assessment that is decided" in words(audrey.get(address))
    response = audrey.post(address, data={"then": "whole"})
    pack_id = made(response)
    assert packs.row(app, pack_id).assessment_id is None
    assert "the whole history" in told(audrey, response)
    assert "data/vendor.json" in packs.files(download(audrey, pack_id).data)
    chosen = made(audrey.post(address, data={"then": "chosen", "questions": CHOSEN}))
    data = packs.files(download(audrey, chosen).data)
    answers = json.loads(data[f"data/assessments/{found}/answers.json"])
    opened = {
        question["id"]
        for questionnaire in answers["questionnaires"]
        for section in questionnaire["sections"]
        for question in section["questions"]
        if question["redacted"] is None
    }
    assert opened == set(CHOSEN)


def test_where_somebody_else_signed_the_record_nothing_is_made_and_why_is_said(
    app: Flask, audrey: Client, cast: Cast, found: str, give: Granting
) -> None:
    give()
    with app.app_context():
        grant(cast, None)
        ports().log.checkpoint(NOW)
        with attack() as bent:
            last = bent.checkpoint[-1]
            leaves = [leaf(one["body"]) for one in bent.event[: last["size"]]]
            last["note"] = note("risk.example.com/log", leaves, Ed25519PrivateKey.generate())
            put(bent)
            answers = [
                ask(audrey, found, then="whole"),
                audrey.get("/auditor/population.zip"),
                audrey.as_(cast.oskar).post(f"/desk/assessments/{found}/pack", data=packs.TERMS),
            ]
    assert [one.status_code for one in answers] == [500, 503, 500]
    for one in answers[::2]:
        assert "“audit verify” names the place" in words(one)
    assert "The list cannot be signed now" in words(answers[1])


def test_why_a_vendor_is_under_a_legal_hold_is_not_in_its_history(
    app: Flask, audrey: Client, cast: Cast, give: Granting, tmp_path: Path
) -> None:
    vendor, who, now = cast.vera.vendor_id, cast.oskar.id, NOW
    with app.app_context():
        held = place(vendor, None, reason="We sue them: case Wolkenstein", person_id=who, now=now)
        lift(vendor, held, reason="Wolkenstein is settled", person_id=who, now=now)
    give(vendor=True)
    pack_id = made(audrey.post(f"/auditor/vendors/{vendor}/pack", data={"then": "whole"}))
    data = download(audrey, pack_id).data
    assert b"Wolkenstein" not in data  # a number could stand in any digest
    trail = packs.files(data)["audit/events.jsonl"].splitlines()
    events = [one for one in map(json.loads, trail) if one["event"]["object"] == held]
    told = [(one["event"]["type"], set(one["opened"])) for one in events]
    assert told == [("hold:place", {"actor"}), ("hold:lift", {"actor"})]
    path = tmp_path / "pack.zip"
    path.write_bytes(data)
    assert examine_file(path).problems == []


def test_packs_end_with_the_grant(
    app: Flask, audrey: Client, cast: Cast, found: str, give: Granting, clock: StoppedClock
) -> None:
    given = give(until=date(2026, 11, 25))
    pack_id = made(ask(audrey, found, then="whole"))
    addresses = [f"/auditor/packs/{pack_id}", f"/auditor/packs/{pack_id}/download"]
    clock.pass_by(days=2)
    audrey.as_(signed_in_anew(app, cast.audrey))
    assert [audrey.get(one).status_code for one in addresses] == [200, 200]
    clock.pass_by(days=1)
    audrey.as_(signed_in_anew(app, cast.audrey))
    assert [audrey.get(one).status_code for one in addresses] == [404, 404]
    assert ask(audrey, found, then="whole").status_code == 404
    assert given


def test_a_revoked_grant_ends_packs_at_once(
    app: Flask, audrey: Client, cast: Cast, found: str, give: Granting
) -> None:
    given = give()
    pack_id = made(ask(audrey, found, then="whole"))
    with app.app_context():
        revoke_grant(given, actor=cast.oskar.actor, now=ports().clock.now())
    taken = len(packs.events(app, "pack:take"))
    for address in (
        f"assessments/{found}/pack",
        f"packs/{pack_id}",
        f"packs/{pack_id}/download",
    ):
        assert audrey.get(f"/auditor/{address}").status_code == 404
    assert ask(audrey, found, then="whole").status_code == 404
    assert len(packs.events(app, "pack:take")) == taken


def test_a_pack_that_an_officer_made_is_not_the_auditors(
    app: Flask, audrey: Client, cast: Cast, found: str, give: Granting
) -> None:
    give()
    officers = packs.make(audrey.as_(cast.oskar), found)
    audrey.as_(cast.audrey)
    for address in (f"/auditor/packs/{officers}", f"/auditor/packs/{officers}/download"):
        assert audrey.get(address).status_code == 404
    assert "Packs that you made" not in words(audrey.get(f"/auditor/assessments/{found}/pack"))
    mine = made(ask(audrey, found, then="whole"))
    assert audrey.as_(cast.oskar).get(f"/desk/packs/{mine}").status_code == 200
    assert audrey.as_(cast.oskar).get(f"/auditor/packs/{mine}").status_code == 404


def test_what_is_not_granted_has_no_pack(
    app: Flask, audrey: Client, cast: Cast, found: str
) -> None:
    assert audrey.get(f"/auditor/assessments/{found}/pack").status_code == 404
    assert ask(audrey, found, then="whole").status_code == 404
    assert packs.events(app, "pack:export") == []


def test_what_is_not_decided_has_no_pack_yet(app: Flask, audrey: Client, cast: Cast) -> None:
    with app.app_context():
        waiting = small.submitted(cast).assessment_id
        grant(cast, cast.vera, waiting)
    page = words(audrey.get(f"/auditor/assessments/{waiting}/pack"))
    assert "once the assessment is decided" in page
    response = ask(audrey, waiting, then="whole")
    assert response.status_code == 409
    assert "There is no pack yet" in words(response)
