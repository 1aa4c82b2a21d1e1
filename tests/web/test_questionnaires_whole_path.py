"""Somebody else's questionnaire, from its file to the pack of an assessment that asks it."""

import io
import re
from pathlib import Path

from flask import Flask

from riskapp.answers.service import Given
from riskapp.assessments.queries import releases
from riskapp.catalogue.answers import in_words
from riskapp.catalogue.model import Question, Release
from riskapp.core.db import reading
from riskapp.packs.verify import examine_file
from riskapp.releases.queries import offered
from riskapp.reviews.rules import Outcome
from riskapp.reviews.service import decide
from riskapp.web.ports import ports
from tests import foreign, stages
from tests.cast import Cast
from tests.conftest import Client
from tests.packs.stories import exported, unpack
from tests.requirements import missing
from tests.web.desk import told, words
from tests.web.portal import form_of, start

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "vsaq" / "webapp.json"


def bring_and_publish(client: Client, content: bytes, name: str) -> None:
    """As an administrator, by the pages."""
    once = form_of(client.get("/questionnaires/import").text)
    data = {**once, "from": "vsaq", "id": "theirs", "file": (io.BytesIO(content), name)}
    sent = client.post("/questionnaires/import", data=data, content_type="multipart/form-data")
    here = sent.headers["Location"]
    fields = form_of(client.get(here).text, "/publish")
    assert "is published" in told(client, client.post(f"{here}/publish", data=fields))


def issue(client: Client, cast: Cast) -> str:
    """As an officer, by the page: the link's token."""
    new = f"/desk/engagements/{cast.vera.engagement_id}/assessments/new"
    fields = form_of(client.get(new).text)
    extents = {name: ["none"] for name in fields if name.startswith("ask-")}
    asked = {**fields, **extents, "ask-theirs": "all", "reason": "Asked instead.", "then": "issue"}
    page = client.post(new, data=asked)
    assert page.status_code == 200, words(page)[:800]
    return str(re.findall(r"http://localhost/i/([A-Za-z0-9_-]{43})", page.text)[0])


def badly(release: Release) -> tuple[Question, str]:
    """A question that is always asked, and an answer to it on which a finding is suggested."""
    for question in release.questions.values():
        if question.scored and question.findings and question.asked_when is None:
            return question, question.findings[0].answers[0]
    raise AssertionError("nothing in the questionnaire suggests a finding")


def whole_path(app: Flask, client: Client, cast: Cast, folder: Path) -> None:
    """From the published release to the pack: answered, submitted, scored, reviewed, decided."""
    token = issue(client.as_(cast.oskar), cast)
    start(app, token)
    with app.app_context():
        release = offered(reading(), ports().library).latest("theirs")
        question, answer = badly(release)
        invitation = stages.opened(token)
        here = f"/desk/assessments/{invitation.assessment_id}"
        value = [answer] if question.answer.type == "multiple" else answer
        stages.answer_all(invitation, {question.id: Given(value)})
        assert stages.send_in(invitation) == 1
        said = in_words(question, value)
    finding = question.findings[0]
    suggested = f"Suggested finding ({finding.severity})"
    page = words(client.get(f"{here}/questions/{question.id}"))
    assert said in page
    assert f"{suggested}: {' '.join(finding.text.split())}" in page
    assert suggested in words(client.get(f"{here}/answers"))
    assert re.search(rf"{question.id} ", words(client.get(f"{here}/score")))
    reviewed = client.post(f"{here}/questions/{question.id}/review", data={"action": "accept"})
    assert reviewed.status_code == 303
    with app.app_context():
        stages.confirm_empty(invitation, cast.oskar)
        outcome = Outcome.APPROVE
        reviewer = stages.reviewer(cast.oskar)
        decide(invitation.assessment_id, outcome, reviewer, reasons="Sound throughout.")
        pack = folder / "pack.zip"
        pack.write_bytes(b"".join(exported(invitation.assessment_id, cast.oskar).chunks))
        assert examine_file(pack).problems == []
        unpacked = unpack(pack.read_bytes(), folder / "unpacked")
        (sent,) = releases(reading(), ports().library, invitation.assessment_id)
    kept = unpacked / "data/questionnaires/theirs-2026.1.yaml"
    assert kept.read_text(encoding="utf-8") == sent.source == release.source


def test_a_small_questionnaire_goes_the_whole_way(
    app: Flask, client: Client, cast: Cast, tmp_path: Path
) -> None:
    bring_and_publish(client.as_(cast.ada), foreign.VSAQ, "theirs.json")
    whole_path(app, client, cast, tmp_path)


def test_a_real_questionnaire_goes_the_whole_way(
    app: Flask, client: Client, cast: Cast, tmp_path: Path
) -> None:
    if not SHARED.exists():
        missing("shared")
    bring_and_publish(client.as_(cast.ada), SHARED.read_bytes(), SHARED.name)
    whole_path(app, client, cast, tmp_path)


def test_a_vendor_never_reads_what_would_be_found(app: Flask, client: Client, cast: Cast) -> None:
    bring_and_publish(client.as_(cast.ada), foreign.VSAQ, "theirs.json")
    token = issue(client.as_(cast.oskar), cast)
    respondent = start(app, token)
    with app.app_context():
        question, answer = badly(offered(reading(), ports().library).latest("theirs"))
    section = re.findall(r'href="([^"]*/theirs/[^"#]*)"', respondent.get().text)[0]
    for page in (client.get(f"/i/{token}").text, respondent.client.get(section).text):
        assert question.text in page
        assert "Review access twice a year." not in page
    assert respondent.save(question.id, {"value": answer, "rev": "0"}).status_code == 200


def test_a_good_answer_suggests_no_finding(app: Flask, client: Client, cast: Cast) -> None:
    bring_and_publish(client.as_(cast.ada), foreign.VSAQ, "theirs.json")
    token = issue(client.as_(cast.oskar), cast)
    start(app, token)
    with app.app_context():
        invitation = stages.opened(token)
        stages.answer_all(invitation)
        stages.send_in(invitation)
    here = f"/desk/assessments/{invitation.assessment_id}"
    assert "Suggested finding" not in words(client.get(f"{here}/answers"))
