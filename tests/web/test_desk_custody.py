"""Erasing and holding on the officer's pages, and what everybody sees afterwards."""

import json
import re

import pytest
from flask import Flask

from riskapp.core.db import reading
from riskapp.core.mail import Mail, MailNotSent
from riskapp.custody.certificates import DOCUMENT, SIGNATURE, SIGNERS
from riskapp.custody.holds import place
from riskapp.custody.queries import erasures, holds, losers
from riskapp.evidence.queries import EvidenceRow, of_assessment
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import Cast
from tests.conftest import Client, Letterbox, Place, StoppedClock, dispose, make_app
from tests.custody.erasing import REASON, erased
from tests.small import app
from tests.web.auditor import grant, page_of, text_of
from tests.web.desk import told, words

__all__ = ["app"]

FORM = {"reason": REASON, "asked_by": "Vera Vogt", "email": ""}


@pytest.fixture
def oskar(app: Flask, client: Client, cast: Cast) -> Client:
    app.config["WTF_CSRF_ENABLED"] = False
    return client.as_(cast.oskar)


@pytest.fixture
def file(app: Flask, cast: Cast) -> EvidenceRow:
    """A certificate that Vera submitted, on one question."""
    with app.app_context():
        invitation = small.submitted(cast)
        (found,) = of_assessment(reading(), invitation.assessment_id)
    return found


def erase_page(file: EvidenceRow) -> str:
    return f"/desk/vendors/{file.vendor_id}/evidence/{file.evidence_id}/erase"


def assessment_of(app: Flask, file: EvidenceRow) -> str:
    with app.app_context():
        return losers(reading(), file.vendor_id)[0].assessment_id


def test_the_page_says_what_is_lost_before_it_is(oskar: Client, file: EvidenceRow) -> None:
    said = words(oskar.get(erase_page(file)))
    assert "certificate.pdf" in said
    assert "Customer portal, cycle 1 Submitted SML-04" in said
    assert "Yes, at once" in said


@pytest.mark.parametrize(
    ("field", "typed", "wrong"),
    [
        ("reason", " ", "Give the reason"),
        ("asked_by", "", "Say who asked for it"),
        ("email", "no address", "Enter one e-mail address"),
    ],
)
def test_an_incomplete_wish_is_refused_at_its_field_and_nothing_is_erased(
    app: Flask, oskar: Client, file: EvidenceRow, field: str, typed: str, wrong: str
) -> None:
    response = oskar.post(erase_page(file), data={**FORM, field: typed})
    assert response.status_code == 422
    assert wrong in words(response)
    assert f'id="{field}-error"' in response.get_data(as_text=True)
    with app.app_context():
        assert erasures(reading(), file.vendor_id) == []


def test_all_that_is_wrong_is_said_at_once(oskar: Client, file: EvidenceRow) -> None:
    wrong = {"reason": "", "asked_by": "", "email": "?", "name": ""}
    response = oskar.post(f"/desk/vendors/{file.vendor_id}/erase", data=wrong)
    page = response.get_data(as_text=True)
    assert [name for name in wrong if f'id="{name}-error"' not in page] == []


def test_everybody_sees_that_it_is_erased_and_officer_and_auditor_why(
    app: Flask, oskar: Client, cast: Cast, file: EvidenceRow
) -> None:
    here = assessment_of(app, file)
    page = told(oskar, oskar.post(erase_page(file), data=FORM))
    assert "It is erased for good" in page
    for said in (REASON, "Vera Vogt", "Officer (Oskar)", "SHA-256", "ssh-keygen -Y verify"):
        assert said in page
    for address in (
        f"/desk/assessments/{here}/answers",
        f"/desk/assessments/{here}/questions/SML-04",
        f"/desk/vendors/{file.vendor_id}/evidence",
    ):
        said = words(oskar.get(address))
        assert "Erased on 23 November 2026" in said, address
        assert REASON in said, address
        assert "certificate.pdf" not in said, address
    gone = f"/desk/assessments/{here}/evidence/{file.evidence_id}/{file.version}"
    assert oskar.get(gone).status_code in (404, 410)
    with app.app_context():
        grant(cast, cast.vera)
    audited = text_of(page_of(oskar, cast, here))
    assert f"Erased on 23 November 2026: {REASON}" in audited
    oskar.as_(cast.oskar)
    again = told(oskar, oskar.post(erase_page(file), data=FORM))
    assert "Nothing is left to erase" in again


def test_the_certificate_and_its_signature_are_there_for_the_taking(
    app: Flask, oskar: Client, file: EvidenceRow
) -> None:
    response = oskar.post(erase_page(file), data=FORM)
    at = response.headers["Location"]
    said = json.loads(oskar.get(f"{at}/{DOCUMENT}").data)
    assert said["files"][0]["evidence"] == file.evidence_id
    with app.app_context():
        assert ports().signer.public_key in oskar.get(f"{at}/{SIGNERS}").get_data(as_text=True)
    signature = oskar.get(f"{at}/{SIGNATURE}")
    assert signature.data.startswith(b"-----BEGIN SSH SIGNATURE-----")
    assert "attachment" in signature.headers["Content-Disposition"]
    assert oskar.get(f"{at}/keyring.json").status_code == 404


def test_all_of_a_vendor_is_erased_only_with_its_name_typed(
    app: Flask, oskar: Client, file: EvidenceRow
) -> None:
    at = f"/desk/vendors/{file.vendor_id}/erase"
    response = oskar.post(at, data={**FORM, "name": "Nordlicht"})
    assert response.status_code == 422
    assert "Type the name as it stands here" in words(response)
    said = told(oskar, oskar.post(at, data={**FORM, "name": " nordlicht  software gmbh "}))
    assert "All files of the vendor" in said
    assert "own key" in said


def test_what_is_held_cannot_be_erased_until_somebody_lifts_the_hold(
    app: Flask, oskar: Client, file: EvidenceRow
) -> None:
    place = f"/desk/vendors/{file.vendor_id}/hold?evidence={file.evidence_id}"
    assert oskar.post(place, data={"reason": ""}).status_code == 422
    assert f"{file.name} Case 4711" in told(oskar, oskar.post(place, data={"reason": "Case 4711"}))
    asking = oskar.get(erase_page(file))
    assert "This file is under a legal hold" in words(asking)
    assert "Erase the file for good" not in words(asking)
    refused = oskar.post(erase_page(file), data=FORM)
    assert refused.status_code == 409
    assert "under a legal hold since 23 November 2026: Case 4711" in words(refused)
    with app.app_context():
        (hold,) = holds(reading(), file.vendor_id)
    lift = f"/desk/vendors/{file.vendor_id}/holds/{hold.id}/lift"
    assert oskar.post(lift, data={"reason": ""}).status_code == 422
    assert "The hold is lifted" in told(oskar, oskar.post(lift, data={"reason": "Settled"}))
    assert "It was lifted before" in told(oskar, oskar.post(lift, data={"reason": "Again"}))
    assert "It is erased for good" in told(oskar, oskar.post(erase_page(file), data=FORM))


def test_the_oldest_of_many_holds_is_found_and_lifted(
    app: Flask, oskar: Client, cast: Cast, file: EvidenceRow, clock: StoppedClock
) -> None:
    here, placed = f"/desk/vendors/{file.vendor_id}", list[str]()
    with app.app_context():
        for number in range(201):
            clock.pass_by(seconds=1)
            on = file.evidence_id if number % 2 else None
            reason, by, now = f"Case {number}", cast.oskar.id, clock.now()
            placed.append(place(file.vendor_id, on, reason=reason, person_id=by, now=now))
    seen, address = list[str](), f"{here}/custody"
    while address:
        page = oskar.get(address).get_data(as_text=True)
        seen += re.findall(r"<td>Case (\d+)</td>", page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = "" if following is None else following[1].replace("&amp;", "&")
    assert seen == [str(number) for number in reversed(range(201))], "no hold is left out"
    lift = f"{here}/holds/{placed[0]}/lift"
    assert lift in page
    assert "These are the newest 50" in words(oskar.get(f"{here}/erase"))
    assert "Case 0" in words(oskar.get(lift))
    assert "The hold is lifted" in told(oskar, oskar.post(lift, data={"reason": "Settled"}))
    other = f"/desk/vendors/{cast.mallory.vendor_id}/holds/{placed[0]}/lift"
    assert oskar.get(other).status_code == 404


def test_what_belongs_to_another_vendor_is_not_there(
    oskar: Client, cast: Cast, file: EvidenceRow
) -> None:
    stranger = cast.mallory.vendor_id
    erase = oskar.post(f"/desk/vendors/{stranger}/evidence/{file.evidence_id}/erase", data=FORM)
    assert erase.status_code == 404
    assert (
        oskar.get(f"/desk/vendors/{stranger}/hold?evidence={file.evidence_id}").status_code == 404
    )


def test_the_name_of_what_is_not_submitted_is_the_vendors_own(
    app: Flask, oskar: Client, cast: Cast
) -> None:
    with app.app_context():
        draft = stages.attach(small.started(cast), small.PROVEN, name="secret-plan.pdf")
    place = f"/desk/vendors/{cast.vera.vendor_id}/hold?evidence={draft.evidence_id}"
    oskar.post(place, data={"reason": "Case 4711"})
    for address in (
        f"/desk/vendors/{cast.vera.vendor_id}/evidence/{draft.evidence_id}/erase",
        f"/desk/vendors/{cast.vera.vendor_id}/custody",
        f"/desk/vendors/{cast.vera.vendor_id}/erase",
        place,
    ):
        response = oskar.get(address)
        assert response.status_code == 200
        assert "secret-plan" not in response.get_data(as_text=True)


class Broken:
    """A mail server that takes nothing."""

    def send(self, mail: Mail) -> None:
        del mail
        raise MailNotSent("down")


@pytest.mark.parametrize("works", [True, False], ids=["works", "broken"])
def test_the_certificate_goes_to_whoever_asked_and_the_address_is_kept_nowhere(
    place: Place, clock: StoppedClock, cast: Cast, works: bool
) -> None:
    letters = Letterbox()
    app = make_app(
        place.instance,
        place.url,
        clock=clock,
        base_url="http://localhost",
        mailer=letters if works else Broken(),
    )
    app.config["WTF_CSRF_ENABLED"] = False
    try:
        with app.app_context():
            invitation = stages.started(cast.vera, cast.oskar, only=("gdpr-processor",))[1]
            kept = stages.attach(invitation, "GDP-02")
        browser = Client(app).as_(cast.oskar)
        at = f"/desk/vendors/{cast.vera.vendor_id}/evidence/{kept.evidence_id}/erase"
        page = told(browser, browser.post(at, data={**FORM, "email": "asks@example.org"}))
    finally:
        dispose(app)
    assert ("The mail server took the mail" in page) is works
    assert ("The certificate was not mailed" in page) is not works
    assert "asks@example.org" not in page
    if works:
        (mail,) = letters.mails
        assert mail.to == "asks@example.org"
        assert kept.evidence_id in mail.text
        assert [one.name for one in mail.attachments] == [DOCUMENT, SIGNATURE, SIGNERS]


def test_the_vendor_reads_when_a_file_was_erased_and_no_name(
    app: Flask, client: Client, cast: Cast
) -> None:
    with app.app_context():
        link, invitation = stages.started(cast.vera, cast.oskar, only=small.ONLY)
        kept = stages.attach(invitation, small.PROVEN, name="names.pdf")
        erased(invitation, kept, cast.oskar)
    app.config["WTF_CSRF_ENABLED"] = False
    client.post(f"/i/{link.token}")
    for address in (
        f"/p/{invitation.id}/evidence/{small.PROVEN}",
        f"/p/{invitation.id}/all",
    ):
        response = client.get(address)
        assert response.status_code == 200, address
        assert "Erased on 23 November 2026" in words(response), address
        assert "names.pdf" not in words(response), address
