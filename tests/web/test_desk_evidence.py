"""What officers see of files: what runs out, everything of a vendor, every version of one."""

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from riskapp.core.db import reading, transaction
from riskapp.evidence.again import use_again
from riskapp.evidence.listing import FILES, PAGE
from riskapp.evidence.models import Evidence
from riskapp.evidence.queries import EvidenceRow, of_assessment
from riskapp.evidence.scans import Scan
from riskapp.invites.queries import OpenedInvitation
from riskapp.reviews.rules import Action
from riskapp.reviews.service import review_answer, review_evidence, send_back
from riskapp.vendors.service import end_engagement
from tests import small, stages
from tests.cast import NOW, Cast
from tests.conftest import Client, StoppedClock
from tests.evidence.files import place
from tests.small import app
from tests.web.desk import counted, signed_in_anew, words

__all__ = ["app"]

LIST = "/desk/evidence"
SOON, EXPIRED, LATER = date(2026, 12, 13), date(2026, 10, 31), date(2027, 6, 30)


@pytest.fixture
def officer(client: Client, cast: Cast) -> Client:
    return client.as_(cast.oskar)


def submitted(app: Flask, cast: Cast, **named: date | None) -> OpenedInvitation:
    """A submitted assessment with a file for each name and its last day, and the usual one."""
    with app.app_context():
        invitation = small.started(cast)
        stages.answer_all(invitation)
        for name, until in named.items():
            stages.attach(invitation, small.PROVEN, name=f"{name}.pdf", valid_until=until)
        stages.send_in(invitation)
        return invitation


def change(app: Flask, named: str, **values: Any) -> None:
    with app.app_context(), transaction() as session:
        session.execute(sa.update(Evidence).where(Evidence.name == named).values(**values))


def test_what_has_expired_or_soon_will_is_listed_soonest_first(
    app: Flask, officer: Client, cast: Cast
) -> None:
    submitted(app, cast, soon=SOON, later=LATER, expired=EXPIRED, endless=None)
    text = words(officer.get(LIST))
    assert text.index("expired.pdf") < text.index("soon.pdf")
    assert "Expires in 20 days" in text
    assert "later.pdf" not in text
    assert "endless.pdf" not in text
    assert "soon.pdf" not in words(officer.get(f"{LIST}?show=expired"))
    assert "expired.pdf" not in words(officer.get(f"{LIST}?show=soon"))
    assert officer.get(f"{LIST}?show=odd").status_code == 404


def test_only_what_a_live_engagement_is_scored_with_is_listed(
    app: Flask, officer: Client, cast: Cast
) -> None:
    submitted(app, cast, first=EXPIRED)
    assert "first.pdf" in words(officer.get(LIST))
    with app.app_context():
        draft = small.started(cast)
        stages.attach(draft, small.PROVEN, name="draft.pdf", valid_until=EXPIRED)
    assert "draft.pdf" not in words(officer.get(LIST))
    submitted(app, cast, second=SOON)
    text = words(officer.get(LIST))
    assert "first.pdf" not in text, "a later cycle is scored now"
    assert "second.pdf" in text
    with app.app_context():
        end_engagement(cast.vera.engagement_id, actor=cast.oskar.actor, now=NOW)
    assert "second.pdf" not in words(officer.get(LIST))


def test_quarantine_and_damage_have_lists_of_their_own(
    app: Flask, officer: Client, cast: Cast
) -> None:
    submitted(app, cast, caught=None, broken=None)
    change(app, "caught.pdf", scan=Scan.QUARANTINED, scan_note="The scanner does not answer.")
    change(app, "broken.pdf", damage="missing")
    caught = words(officer.get(f"{LIST}?show=quarantined"))
    broken = words(officer.get(f"{LIST}?show=damaged"))
    assert "caught.pdf" in caught
    assert "The scanner does not answer." in caught
    assert "broken.pdf" not in caught
    assert "broken.pdf" in broken
    assert "caught.pdf" not in broken


def test_an_empty_list_says_so(officer: Client) -> None:
    for show in ("ending", "expired", "soon", "quarantined", "damaged"):
        page = officer.get(f"{LIST}?show={show}")
        assert page.status_code == 200
        assert "Nothing" in words(page)


def test_the_list_goes_on_behind_its_last_row_and_costs_no_more_for_many(
    app: Flask, officer: Client, cast: Cast
) -> None:
    submitted(app, cast, **{f"f{number:03}": SOON for number in range(3)})
    with counted(app) as few:
        officer.get(LIST)
    submitted(app, cast, **{f"f{number:03}": SOON for number in range(PAGE + 3)})
    with counted(app) as many:
        page = officer.get(LIST)
    assert len(few) == len(many)
    first = page.get_data(as_text=True)
    following = first.split('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    second = officer.get(following.replace("&amp;", "&")).get_data(as_text=True)
    shown = [[f"f{n:03}.pdf" in text for n in range(PAGE + 3)] for text in (first, second)]
    assert all(a != b for a, b in zip(*shown, strict=True)), "each on one of the pages"
    assert sum(shown[0]) == PAGE
    for end in ("x", "2026-12-13", "2026-12-13~a~b", "odd~a~1"):
        assert officer.get(f"{LIST}?after={end}").status_code in {200, 404}
    assert officer.get(f"{LIST}?after=odd~a~1").status_code == 404


def test_a_time_that_no_calendar_has_is_no_place_in_a_list(officer: Client, cast: Cast) -> None:
    vendor = f"/desk/vendors/{cast.vera.vendor_id}"
    for time in ("0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00"):
        for page in (
            f"{LIST}?show=damaged&after={time}~a~1",
            f"{vendor}/evidence?after={time}~a",
            f"{vendor}/custody?before={time}~a",
        ):
            assert officer.get(page).status_code == 404


def replaced(app: Flask, cast: Cast, clock: StoppedClock) -> OpenedInvitation:
    """A file whose second version is not submitted yet; its first one serves another answer too."""
    with app.app_context():
        invitation = small.started(cast)
        stages.answer_all(invitation)
        old = stages.attach(invitation, small.PROVEN, name="old.pdf", valid_until=EXPIRED)
        use_again([f"{old.evidence_id}/1"], place(invitation, small.VITAL), now=NOW)
        stages.send_in(invitation)
        clock.pass_by(hours=1)
        by = stages.reviewer(cast.oskar)
        review_answer(invitation.assessment_id, small.PROVEN, Action.ASK_BACK, by, note="Newer?")
        send_back(invitation.assessment_id, date(2026, 12, 1), by)
        clock.pass_by(hours=1)
        (use,) = _on(invitation, small.PROVEN)
        stages.attach(
            invitation, small.PROVEN, name="new.pdf", valid_until=LATER, replaces=use.use_id
        )
        return invitation


def _on(invitation: OpenedInvitation, question_id: str) -> list[EvidenceRow]:
    reading().rollback()
    rows = of_assessment(reading(), invitation.assessment_id)
    return [row for row in rows if row.question_id == question_id]


def test_every_version_is_shown_with_what_it_serves_and_who_stands_for_its_days(
    app: Flask, officer: Client, cast: Cast, clock: StoppedClock
) -> None:
    invitation = replaced(app, cast, clock)
    officer.as_(signed_in_anew(app, cast.oskar))
    all_files = f"/desk/vendors/{cast.vera.vendor_id}/evidence"
    with app.app_context():
        (use,) = _on(invitation, small.PROVEN)
    one_file = f"{all_files}/{use.evidence_id}"
    for path in (all_files, one_file):
        text = words(officer.get(path))
        assert "new.pdf" not in text, "a draft is the vendor's business"
        assert "Not submitted yet" in text
        assert "old.pdf" in text
    with app.app_context():
        stages.send_in(invitation)
        review_evidence(
            invitation.assessment_id,
            use.use_id,
            Action.EVIDENCE_REVIEWED,
            stages.reviewer(cast.oskar),
            issued_on=use.issued_on,
            valid_until=use.valid_until,
        )
    for path in (all_files, one_file):
        text = words(officer.get(path))
        assert text.index("new.pdf") < text.index("old.pdf")
        assert "valid until 30 June 2027, confirmed by" in text
        assert "valid until 31 October 2026, stated by the vendor" in text
        assert f"{small.VITAL} of" in text
        assert "replaced or removed on" in text
        assert "Compare the last two" in text
    question = officer.get(f"/desk/assessments/{invitation.assessment_id}/questions/{small.PROVEN}")
    assert f'href="{one_file}"' in question.get_data(as_text=True)
    vendor = officer.get(f"/desk/vendors/{cast.vera.vendor_id}")
    assert f'href="{all_files}"' in vendor.get_data(as_text=True)


def test_an_erased_file_is_a_line_without_a_name(app: Flask, officer: Client, cast: Cast) -> None:
    submitted(app, cast, gone=SOON)
    change(app, "gone.pdf", erased_at=NOW, name="")
    text = words(officer.get(f"/desk/vendors/{cast.vera.vendor_id}/evidence"))
    assert "Erased file" in text
    assert "Erased on 23 November 2026" in text
    assert "Nothing ends soon" in words(officer.get(LIST))


def test_files_are_officers_business_and_those_of_one_vendor(
    app: Flask, client: Client, cast: Cast
) -> None:
    invitation = submitted(app, cast, mine=SOON)
    with app.app_context():
        file = _on(invitation, small.PROVEN)[0].evidence_id
    here = f"/desk/vendors/{cast.vera.vendor_id}/evidence"
    for member in (cast.ada, cast.audrey):
        for path in (LIST, here, f"{here}/{file}"):
            assert client.as_(member).get(path).status_code == 404
    client.as_(cast.oskar)
    other = f"/desk/vendors/{cast.mallory.vendor_id}/evidence"
    assert client.get(f"{other}/{file}").status_code == 404
    assert "No file yet" in words(client.get(other))
    for path in (f"{here}/{'0' * 32}", f"/desk/vendors/{'0' * 32}/evidence"):
        assert client.get(path).status_code == 404


def test_all_files_of_a_vendor_come_in_pages_that_cost_no_more_for_many(
    app: Flask, officer: Client, cast: Cast, clock: StoppedClock
) -> None:
    here = f"/desk/vendors/{cast.vera.vendor_id}/evidence"
    submitted(app, cast, f00=SOON)
    with counted(app) as few:
        officer.get(here)
    clock.pass_by(minutes=1)
    submitted(app, cast, **{f"f{number:02}": SOON for number in range(1, FILES + 1)})
    with counted(app) as many:
        page = officer.get(here).get_data(as_text=True)
    assert len(few) == len(many)
    assert "f00.pdf" not in page
    following = page.split('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    assert "f00.pdf" in words(officer.get(following.replace("&amp;", "&")))
