"""The desk's packs: for whom and why, what is kept out, sealed or not, taken away in parts."""

import json
import re
from pathlib import Path

import pyrage
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from riskapp.core.db import reading
from riskapp.custody.erasing import erase_file
from riskapp.evidence.queries import EvidenceRow, of_assessment
from riskapp.packs.queries import PAGE
from riskapp.packs.queries import made as made_packs
from riskapp.packs.verify import examine_file
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import Cast
from tests.conftest import Client, StoppedClock
from tests.custody.erasing import means, wish
from tests.small import app
from tests.web import packs
from tests.web.desk import counted, signed_in_anew, told, words
from tests.web.packs import TERMS, decided, made, make

__all__ = ["app"]

REASON = "It names other customers."
NOBODY = "0" * 32


@pytest.fixture
def oskar(app: Flask, client: Client, cast: Cast) -> Client:
    app.config["WTF_CSRF_ENABLED"] = False
    return client.as_(cast.oskar)


@pytest.fixture
def found(app: Flask, cast: Cast) -> str:
    return decided(app, cast)


@pytest.fixture
def file(app: Flask, found: str) -> EvidenceRow:
    with app.app_context():
        (only,) = of_assessment(reading(), found)
    return only


def download(client: Client, pack_id: str, **headers: str) -> TestResponse:
    return client.get(f"/desk/packs/{pack_id}/download", headers=headers)


def test_a_pack_is_made_then_shown_and_downloaded(
    app: Flask, oskar: Client, found: str, tmp_path: Path
) -> None:
    response = oskar.post(f"/desk/assessments/{found}/pack", data={**TERMS, "until": "2027-01-31"})
    pack_id = made(response)
    row = packs.row(app, pack_id)
    said = told(oskar, response)
    for words_ in (
        "Evidence pack for Audit House Ltd",
        "Yearly audit",
        "31 January 2027",
        f"({row.size:,} bytes)",
        row.seal,
        row.filename,
        f"Event {row.log_size}, root ",
        "23 November 2026, 09:00 UTC by Oskar",
    ):
        assert words_ in said
    taken = download(oskar, pack_id)
    assert taken.status_code == 200
    assert taken.content_length == len(taken.data) == row.size
    assert taken.headers["ETag"] == f'"{row.seal}"'
    assert row.filename in taken.headers["Content-Disposition"]
    path = tmp_path / row.filename
    path.write_bytes(taken.data)
    with app.app_context():
        fingerprint = ports().signer.fingerprint
    assert fingerprint in said
    checked = examine_file(path, fingerprint)
    assert (checked.problems, checked.anchored) == ([], True)
    assert stages.PDF in packs.files(taken.data).values()


def test_making_and_taking_are_events_and_the_page_lists_who_took_it(
    app: Flask, oskar: Client, cast: Cast, found: str, clock: StoppedClock
) -> None:
    pack_id = make(oskar, found)
    assert "Taken away" not in words(oskar.get(f"/desk/packs/{pack_id}"))
    clock.pass_by(minutes=1)
    download(oskar, pack_id)
    (export,), (take,) = packs.events(app, "pack:export"), packs.events(app, "pack:take")
    assert {export.object_id, take.object_id} == {pack_id}
    assert export.actor_id == take.actor_id == cast.oskar.id
    assert "Audit House" not in export.body, "names stay out of events, which stay for ever"
    assert "Taken away 23 November 2026, 09:01 UTC, Oskar" in words(
        oskar.get(f"/desk/packs/{pack_id}")
    )


def test_opening_the_form_and_the_page_of_a_pack_makes_nothing(
    app: Flask, oskar: Client, found: str
) -> None:
    pack_id = make(oskar, found)
    with app.app_context():
        before = len(small.events())
    for path in (f"assessments/{found}/pack", f"packs/{pack_id}"):
        assert oskar.get(f"/desk/{path}").status_code == 200
    assert oskar.head(f"/desk/packs/{pack_id}/download").content_length
    with app.app_context():
        assert len(small.events()) == before


def test_a_form_that_is_sent_twice_makes_one_pack(app: Flask, oskar: Client, found: str) -> None:
    page = oskar.get(f"/desk/assessments/{found}/pack").get_data(as_text=True)
    hidden = re.search(r'name="once" value="([0-9a-f]+)"', page)
    assert hidden is not None
    first, second = (make(oskar, found, once=hidden[1]) for _ in range(2))
    assert first == second
    assert len(packs.events(app, "pack:export")) == 1
    other = make(oskar, found, once=hidden[1], without_files="yes")
    assert other != first, "what else was wished for is another pack"
    assert packs.row(app, other).narrowed["evidence"] is False


@pytest.mark.parametrize(
    ("typed", "field", "words_"),
    [
        ({"recipient": "  "}, "recipient", "Say who receives the pack"),
        ({"purpose": ""}, "purpose", "Say what the pack is needed for"),
        ({"recipient": "a" * 201}, "recipient", "at most 200 characters"),
        ({"until": "soon"}, "until", "as a date"),
        ({"until": "2026-11-22"}, "until", "not over yet"),
        ({"sealed_to": "a passphrase"}, "sealed_to", "no public key"),
        ({"out": "answer:ZZZ-99"}, "out", "not there any more"),
        ({"out": "all"}, "out", "not there any more"),
    ],
)
def test_what_is_typed_wrong_is_said_at_its_field(
    app: Flask, oskar: Client, found: str, typed: dict[str, str], field: str, words_: str
) -> None:
    response = oskar.post(f"/desk/assessments/{found}/pack", data={**TERMS, **typed})
    assert response.status_code == 422
    assert f'href="#{field}"' in response.get_data(as_text=True)
    assert words_ in words(response)
    assert packs.events(app, "pack:export") == []


def test_all_that_is_wrong_is_said_at_once_and_a_private_key_is_not_said_again(
    oskar: Client, found: str
) -> None:
    secret = str(pyrage.x25519.Identity.generate())
    data = {"recipient": "", "purpose": "", "sealed_to": secret}
    response = oskar.post(f"/desk/assessments/{found}/pack", data=data)
    said = response.get_data(as_text=True)
    assert all(f'href="#{field}"' in said for field in data)
    assert "This is a private key" in said
    assert secret not in said


def test_what_is_kept_out_needs_a_reason_that_the_pack_then_says(
    app: Flask, oskar: Client, found: str, file: EvidenceRow, tmp_path: Path
) -> None:
    ticks = ["answer:SML-05", f"file:{file.evidence_id}/1", "names:people"]
    address = f"/desk/assessments/{found}/pack"
    asked = oskar.post(address, data={**TERMS, "out": ticks})
    assert asked.status_code == 200
    assert "The answer to SML-05" in words(asked)
    assert "The file “certificate.pdf” of SML-04" in words(asked)
    own = {f"reason-{ticks[1]}": "Under an agreement of secrecy."}
    late = oskar.post(address, data={**TERMS, "out": ticks, "then": "make", **own})
    assert late.status_code == 422
    said = late.get_data(as_text=True)
    assert 'href="#reason-answer:SML-05"' in said
    assert f'href="#reason-{ticks[1]}"' not in said
    assert packs.events(app, "pack:export") == []
    done = oskar.post(
        address, data={**TERMS, "out": ticks, "then": "make", "reason": REASON, **own}
    )
    pack_id = made(done)
    shown = told(oskar, done)
    assert f"The answer to SML-05 {REASON}" in shown
    assert "The file “certificate.pdf” Under an agreement of secrecy." in shown
    data = download(oskar, pack_id).data
    assert packs.answers(data)["SML-05"]["redacted"] == REASON
    left_out = json.loads(packs.files(data)["data/assessment.json"])["pack"]["left_out"]
    assert {REASON, "Under an agreement of secrecy."} <= {one["why"] for one in left_out}
    assert stages.PDF not in packs.files(data).values()
    path = tmp_path / "pack.zip"
    path.write_bytes(data)
    assert examine_file(path).problems == []


def test_going_back_from_the_reasons_keeps_ticks_and_reasons(oskar: Client, found: str) -> None:
    data = {**TERMS, "out": "answer:SML-05", "reason-answer:SML-05": REASON, "then": "back"}
    page = oskar.post(f"/desk/assessments/{found}/pack", data=data).get_data(as_text=True)
    assert re.search(r'value="answer:SML-05"[^>]* checked', page)
    assert f'name="reason-answer:SML-05" value="{REASON}"' in page
    assert 'value="Audit House Ltd"' in page


def test_files_stay_out_on_demand(oskar: Client, found: str) -> None:
    data = download(oskar, make(oskar, found, without_files="yes")).data
    assert not [name for name in packs.files(data) if name.startswith("data/evidence/")]


def test_a_download_goes_on_where_it_stopped_as_one_event(
    app: Flask, oskar: Client, found: str
) -> None:
    pack_id = make(oskar, found)
    whole = download(oskar, pack_id).data
    assert len(whole) > 100_000
    for start in (1, 99_999, len(whole) - 1):
        rest = download(oskar, pack_id, Range=f"bytes={start}-")
        assert (rest.status_code, rest.data) == (206, whole[start:])
        assert rest.headers["Content-Range"] == f"bytes {start}-{len(whole) - 1}/{len(whole)}"
    middle = download(oskar, pack_id, Range="bytes=70000-139999")
    assert middle.data == whole[70_000:140_000]
    assert middle.content_length == 70_000
    assert download(oskar, pack_id, Range="bytes=-10").data == whole[-10:]
    beyond = download(oskar, pack_id, Range=f"bytes={len(whole)}-")
    assert beyond.status_code == 416
    assert len(packs.events(app, "pack:take")) == 1
    known = {"If-None-Match": f'"{packs.row(app, pack_id).seal}"'}
    assert download(oskar, pack_id, **known).status_code == 304
    other = download(oskar, pack_id, Range="bytes=5-", **{"If-Range": '"another"'})
    assert (other.status_code, other.data) == (200, whole)
    assert len(packs.events(app, "pack:take")) == 2


def test_a_sealed_pack_is_the_plain_one_to_its_recipient_alone(
    app: Flask, oskar: Client, found: str
) -> None:
    audrey = pyrage.x25519.Identity.generate()
    key = str(audrey.to_public())
    pack_id = make(oskar, found, sealed_to=f"  {key}\n")
    row = packs.row(app, pack_id)
    assert row.sealed_to == key
    page = words(oskar.get(f"/desk/packs/{pack_id}"))
    assert f"Sealed to {key}" in page
    assert f"{row.filename}.age" in page
    taken = download(oskar, pack_id, Range="bytes=10-")
    assert taken.status_code == 200, "it is sealed anew each time, so that no part goes on"
    assert taken.headers["Accept-Ranges"] == "none"
    assert "ETag" not in taken.headers
    assert taken.content_length == len(taken.data)
    assert f"{row.filename}.age" in taken.headers["Content-Disposition"]
    opened = pyrage.decrypt(taken.data, [audrey])
    assert len(opened) == row.size
    assert stages.PDF in packs.files(opened).values()
    assert len(packs.events(app, "pack:take")) == 1
    head = oskar.head(f"/desk/packs/{pack_id}/download")
    assert (head.status_code, head.headers.get("Content-Length")) == (200, None)
    assert len(packs.events(app, "pack:take")) == 1


def test_after_its_last_day_a_pack_is_not_handed_out(
    app: Flask, cast: Cast, oskar: Client, found: str, clock: StoppedClock
) -> None:
    pack_id = make(oskar, found, until="2026-11-24")
    clock.pass_by(days=1)
    oskar.as_(signed_in_anew(app, cast.oskar))
    assert download(oskar, pack_id).status_code == 200
    clock.pass_by(days=1)
    oskar.as_(signed_in_anew(app, cast.oskar))
    for headers in ({}, {"Range": "bytes=10-"}):
        late = download(oskar, pack_id, **headers)
        assert late.status_code == 410
        assert "It could be used until 24 November 2026" in words(late)
    assert oskar.head(f"/desk/packs/{pack_id}/download").status_code == 410
    page = oskar.get(f"/desk/packs/{pack_id}")
    assert "not handed out any more" in words(page)
    assert "/download" not in page.get_data(as_text=True)
    assert "24 November 2026 Over" in words(oskar.get(f"/desk/assessments/{found}"))


def test_what_was_erased_since_is_in_no_pack_again(
    app: Flask, oskar: Client, cast: Cast, found: str, file: EvidenceRow
) -> None:
    pack_id = make(oskar, found)
    whole = download(oskar, pack_id).data
    with app.app_context():
        erase_file(means(), file.vendor_id, file.evidence_id, wish(cast.oskar))
    for headers in ({}, {"Range": "bytes=10-"}):
        refused = download(oskar, pack_id, **headers)
        assert refused.status_code == 409
        assert "cannot be made again as it was" in words(refused)
        assert "something was erased" in words(refused)
    assert stages.PDF in packs.files(whole).values()
    assert "that was erased since" not in words(oskar.get(f"/desk/packs/{pack_id}"))
    assert stages.PDF not in packs.files(download(oskar, make(oskar, found)).data).values()


def test_later_events_change_nothing_about_a_pack(
    oskar: Client, found: str, clock: StoppedClock
) -> None:
    pack_id = make(oskar, found)
    first = download(oskar, pack_id).data
    clock.pass_by(minutes=5)
    make(oskar, found, recipient="Somebody else")
    assert download(oskar, pack_id).data == first


def test_a_whole_history_is_packed_once_something_is_decided(
    app: Flask, oskar: Client, cast: Cast
) -> None:
    address = f"/desk/vendors/{cast.vera.vendor_id}/pack"
    assert "No assessment of" in words(oskar.get(address))
    assert oskar.post(address, data=TERMS).status_code == 409
    decided(app, cast)
    assert "The whole history of" in words(oskar.get(address))
    response = oskar.post(address, data=TERMS)
    pack_id = made(response)
    assert packs.row(app, pack_id).assessment_id is None
    assert "the whole history" in told(oskar, response)
    assert "data/vendor.json" in packs.files(download(oskar, pack_id).data)


def test_before_the_decision_there_is_no_pack(app: Flask, oskar: Client, cast: Cast) -> None:
    with app.app_context():
        waiting = small.submitted(cast).assessment_id
    assert "There is no pack yet" in words(oskar.get(f"/desk/assessments/{waiting}/pack"))
    assert "Make an evidence pack" not in words(oskar.get(f"/desk/assessments/{waiting}"))
    refused = oskar.post(f"/desk/assessments/{waiting}/pack", data=TERMS)
    assert "Nothing was changed: the assessment is now “submitted”." in told(oskar, refused)


def test_packs_are_listed_by_vendor_and_by_assessment(
    app: Flask, oskar: Client, cast: Cast, found: str
) -> None:
    listing = f"/desk/vendors/{cast.vera.vendor_id}/packs"
    assert "No pack was made yet" in words(oskar.get(listing))
    make(oskar, found)
    make(oskar, found, recipient="Supervisor", without_files="yes")
    made(oskar.post(f"/desk/vendors/{cast.vera.vendor_id}/pack", data={**TERMS, "purpose": "All"}))
    said = words(oskar.get(listing))
    assert "Supervisor" in said
    assert "The whole vendor" in said
    assert "In part" in said
    of_one = words(oskar.get(f"{listing}?assessment={found}"))
    assert "Supervisor" in of_one
    assert "The whole vendor" not in of_one
    assert "Supervisor" in words(oskar.get(f"/desk/assessments/{found}"))
    other = oskar.get(f"/desk/vendors/{cast.mallory.vendor_id}/packs?assessment={found}")
    assert other.status_code == 404


def test_a_longer_list_goes_on_and_takes_no_more_statements(
    app: Flask, oskar: Client, cast: Cast, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskapp.packs.queries.PAGE", 2)
    assert PAGE > 2
    listing = f"/desk/vendors/{cast.vera.vendor_id}/packs"
    make(oskar, found, recipient="Recipient 0")
    with counted(app) as one:
        oskar.get(listing)
    for number in range(1, 5):
        make(oskar, found, recipient=f"Recipient {number}")
    seen, address = [], listing
    with counted(app) as three:
        while address:
            page = oskar.get(address).get_data(as_text=True)
            seen += re.findall(r"Recipient \d", page)
            following = re.search(r'href="([^"]+)" rel="next"', page)
            address = "" if following is None else following[1].replace("&amp;", "&")
    assert sorted(seen) == [f"Recipient {number}" for number in range(5)]
    assert len(three) <= 3 * len(one)
    with app.app_context():
        assert len(made_packs(reading(), cast.mallory.vendor_id)) == 0


def test_only_officers_come_to_packs(app: Flask, oskar: Client, cast: Cast, found: str) -> None:
    pack_id = make(oskar, found)
    for path in (
        f"assessments/{found}/pack",
        f"vendors/{cast.vera.vendor_id}/pack",
        f"vendors/{cast.vera.vendor_id}/packs",
        f"packs/{pack_id}",
        f"packs/{pack_id}/download",
    ):
        for member in (cast.audrey, cast.ada):
            assert oskar.as_(member).get(f"/desk/{path}").status_code == 404
    assert oskar.as_(cast.oskar).get(f"/desk/packs/{NOBODY}/download").status_code == 404
