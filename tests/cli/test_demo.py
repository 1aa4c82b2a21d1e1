"""The demo is loaded once for this module; on SQLite, which is what `make demo` uses."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from riskapp.accounts.queries import people
from riskapp.accounts.service import SignInRefused, sign_in
from riskapp.answers.queries import answers
from riskapp.assessments.access import Standing, present_access
from riskapp.assessments.queries import AssessmentRow, assessments, granted_assessments
from riskapp.assessments.requests import requests
from riskapp.assessments.rules import State
from riskapp.audit.models import Event
from riskapp.audit.service import OPERATOR
from riskapp.cli.demo_files import pdf
from riskapp.core.db import reading
from riskapp.evidence.opening import open_file
from riskapp.evidence.queries import of_assessment
from riskapp.invites.service import start
from riskapp.reviews.queries import thread
from riskapp.scoring.queries import receipt_documents, score
from riskapp.scoring.receipts import recompute
from riskapp.vendors.queries import count_vendors
from riskapp.web.ports import ports
from tests import stages
from tests.cast import NOW, Cast
from tests.cli.runs import refused, run
from tests.conftest import Client, StoppedClock, dispose, make_app

STATES = {State.DRAFT, State.ISSUED, State.IN_PROGRESS, State.SUBMITTED, State.IN_REVIEW}
STATES |= {State.RETURNED, State.DECIDED}
LINK = re.compile(r"http://localhost(/i/\S+)")
SIGN_IN = re.compile(r"(\S+@harbour\.example)\s+(\S+)")


@dataclass(frozen=True)
class Demo:
    app: Flask
    clock: StoppedClock
    said: str

    @property
    def passwords(self) -> dict[str, str]:
        return dict(SIGN_IN.findall(self.said))

    @property
    def link(self) -> str:
        return str(LINK.findall(self.said)[0])


def played(app: Flask, clock: StoppedClock) -> Demo:
    result = run(app, "demo")
    assert result.exit_code == 0, result.output
    return Demo(app, clock, result.stdout)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    instance = tmp_path_factory.mktemp("demo")
    clock = StoppedClock()
    app = make_app(
        instance,
        f"sqlite:///{instance / 'riskapp.sqlite'}",
        clock=clock,
        base_url="http://localhost",
        organisation="Harbour Bank",
    )
    app.config["WTF_CSRF_ENABLED"] = False
    yield played(app, clock)
    dispose(app)


@pytest.fixture
def rows(demo: Demo) -> Iterator[list[AssessmentRow]]:
    with demo.app.app_context():
        yield list(assessments(reading(), limit=None))


def browser(demo: Demo) -> Client:
    made = demo.app.test_client()
    assert isinstance(made, Client)
    return made


def test_every_state_but_cancelled_is_there_to_look_at(rows: list[AssessmentRow]) -> None:
    assert {row.state for row in rows} == STATES
    assert {row.outcome for row in rows} == {None, "approve-with-conditions", "reject"}
    assert len({row.vendor_name for row in rows}) == 6
    assert len({row.tier for row in rows} - {None}) >= 3


def test_every_receipt_recomputes_to_itself(rows: list[AssessmentRow]) -> None:
    documents = [text for row in rows for _, text in receipt_documents(reading(), row.id)]
    assert len(documents) > 20
    for text in documents:
        found = recompute(text)
        assert found.same is True
        assert found.document_bytes == text.encode()


def test_the_newest_receipt_is_the_score_that_pages_show(rows: list[AssessmentRow]) -> None:
    for row in rows:
        found = score(reading(), row.id)
        assert (row.tier, row.shown) == (
            (found.row.tier, found.row.shown) if found else (None, None)
        )


def test_the_trail_runs_forward_in_time_and_ends_now(demo: Demo, rows: list[AssessmentRow]) -> None:
    times = list(reading().scalars(sa.select(Event.at).order_by(Event.id)))
    assert times == sorted(times)
    assert times[-1] <= demo.clock.now()
    assert times[0] < NOW - timedelta(weeks=6)
    moments = [row.created_at for row in rows] + [row.submitted_at for row in rows]
    assert all(moment.weekday() < 5 for moment in moments if moment)


def test_evidence_opens_and_is_what_it_says(rows: list[AssessmentRow]) -> None:
    parts = ports()
    for row in rows:
        for file in of_assessment(reading(), row.id):
            opened = open_file(
                file.evidence_id,
                file.version,
                assessment_id=row.id,
                blobs=parts.blobs,
                keyring=parts.keyring,
                actor=OPERATOR,
                now=parts.clock.now(),
            )
            content = b"".join(opened.pieces())
            assert hashlib.sha256(content).hexdigest() == file.sha256
            assert content.startswith(b"%PDF-1.4")


def test_reviews_accept_reject_ask_back_and_leave_a_claim_pending(
    rows: list[AssessmentRow],
) -> None:
    in_review = next(row for row in rows if row.state is State.IN_REVIEW)
    actions = {entry.action for entry in thread(reading(), in_review.id)}
    assert {"accept", "reject", "ask-back", "approve-na"} <= actions
    claims = [one for one in answers(reading(), in_review.id).values() if one.na_reason]
    assert any(not one.na_approvals and not one.na_refused for one in claims)
    returned = next(row for row in rows if row.state is State.RETURNED)
    notes = [one.note for one in thread(reading(), returned.id) if one.action == "ask-back"]
    assert len(notes) > 1
    assert all(notes)
    assert any(row.blocked for row in rows)


def test_everybody_signs_in_with_what_was_printed(demo: Demo) -> None:
    assert len(set(demo.passwords.values())) == 4
    for email, password in demo.passwords.items():
        client = browser(demo)
        answer = client.post("/sign-in", data={"email": email, "password": password})
        assert answer.status_code == 302, email
        home = client.get("/").headers["Location"]
        assert client.get(home).status_code == 200


def test_the_link_opens_to_a_vendor_who_can_start(demo: Demo) -> None:
    page = browser(demo).get(demo.link)
    assert page.status_code == 200
    assert "Wierzba Software" in page.get_data(as_text=True)
    with demo.app.app_context():
        assert stages.opened(demo.link.rpartition("/")[2]).state is State.ISSUED


def test_the_auditor_was_granted_a_vendor_an_assessment_and_the_list(
    demo: Demo, rows: list[AssessmentRow]
) -> None:
    audrey = next(one for one in people(reading()) if one.email.startswith("audrey"))
    today = demo.clock.now().date()
    grants = present_access(reading(), audrey.id, today=today)
    assert {one.standing(today) for one in grants} == {Standing.IN_FORCE}
    by_kind = {(one.vendor_id is None, one.assessment_id is None): one.evidence for one in grants}
    assert by_kind == {(True, True): False, (False, True): True, (False, False): False}
    seen = granted_assessments(reading(), audrey.id, today=today)
    whole = {row.id for row in rows if row.vendor_name.startswith("Wierzba")}
    assert {row.id for row in seen} == whole | {row.id for row in rows if row.outcome == "reject"}
    asked = requests(reading(), person_id=audrey.id)
    assert [one.answered_at is None for one in asked] == [True, False]


def test_the_decided_assessment_gives_a_pack_that_verifies(
    demo: Demo, rows: list[AssessmentRow], tmp_path: Path
) -> None:
    for number, row in enumerate(row for row in rows if row.state is State.DECIDED):
        out = str(tmp_path / f"{number}.zip")
        assert run(demo.app, "packs", "build", row.id, "--out", out).exit_code == 0
        key = demo.app.extensions["riskapp"].signer.fingerprint
        assert run(demo.app, "packs", "verify", out, "--key", key).exit_code == 0


def test_a_second_run_keeps_the_data_and_gives_fresh_passwords_and_a_fresh_link(
    demo: Demo,
) -> None:
    listed = json.loads(run(demo.app, "assessments", "list", "--json").stdout)
    again = played(demo.app, demo.clock)
    assert json.loads(run(demo.app, "assessments", "list", "--json").stdout) == listed
    assert again.passwords.keys() == demo.passwords.keys()
    assert not set(again.passwords.values()) & set(demo.passwords.values())
    assert again.link != demo.link
    assert browser(demo).get(again.link).status_code == 200
    with demo.app.app_context():
        for email, password in again.passwords.items():
            signed_in(email, password)
            with pytest.raises(SignInRefused):
                signed_in(email, demo.passwords[email])


def signed_in(email: str, password: str) -> None:
    sign_in(email=email, password=password, agent="", now=NOW, lasts=timedelta(hours=1))


def test_a_run_long_after_everything_was_due_still_gives_a_link_that_opens(demo: Demo) -> None:
    demo.clock.pass_by(days=400)
    late = played(demo.app, demo.clock)
    with demo.app.app_context():
        opened = stages.opened(late.link.rpartition("/")[2])
        assert opened.standing(demo.clock.now().date()) == "open"
        start(opened.id, now=demo.clock.now())


def test_the_demo_is_refused_where_others_sign_in(app: Flask, cast: Cast) -> None:
    said = refused(app, "demo")
    assert "hand out passwords" in said
    assert "RISKAPP_INSTANCE" in said
    with app.app_context():
        signed_in(cast.oskar.email, "grey heron over seven ponds")
        assert count_vendors(reading()) == 2


def test_the_demo_is_refused_where_an_administrator_was_let_in_first(empty: Flask) -> None:
    assert run(empty, "people", "add", "--role", "admin", "ada@example.com").exit_code == 0
    assert "hand out passwords" in refused(empty, "demo")


def test_an_interrupted_demo_says_how_to_begin_anew(empty: Flask) -> None:
    words = ("people", "add", "--role", "officer", "oskar.lind@harbour.example")
    assert run(empty, *words).exit_code == 0
    assert "interrupted" in refused(empty, "demo")


def test_the_pdf_files_are_well_formed() -> None:
    content = pdf(["Põhja (North) \\ Ltd", "Second line"])
    start_of_table = int(content.rsplit(b"startxref\n", 1)[1].split()[0])
    assert content[start_of_table:].startswith(b"xref\n0 6\n")
    places = re.findall(rb"(\d{10}) 00000 n", content)
    for number, place in enumerate(places, start=1):
        assert content[int(place) :].startswith(b"%d 0 obj\n" % number)
    length = re.search(rb"/Length (\d+) >>\nstream\n", content)
    assert length is not None
    assert content[length.end() + int(length[1]) :].startswith(b"endstream")
    assert rb"(P\xf5hja".replace(rb"\xf5", b"\xf5") + rb" \(North\) \\ Ltd)" in content
