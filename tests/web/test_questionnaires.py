import re
from pathlib import Path

import pytest
from flask import Flask

from riskapp.accounts.permissions import Role
from riskapp.catalogue.importers.common import Imported, Naming
from riskapp.core.db import reading
from riskapp.releases.queries import offered
from riskapp.releases.service import Brought, bring, retire
from riskapp.web.ports import ports
from tests import small
from tests.cast import Cast, Member
from tests.catalogue import writing
from tests.conftest import SHIPPED, Client, Place, StoppedClock, dispose, make_app
from tests.web.desk import told, words
from tests.web.questionnaires import CURRENT, OWN, publish_own

LIST = "/questionnaires"
SHIPPED_ONE = f"{LIST}/mvsp/2026.1"


def row_of(page: str, key: str) -> str:
    """The list's row of a release, in words."""
    (row,) = [row for row in page.split("<tr>") if f">{key}<" in row]
    return " ".join(re.sub(r"<[^>]+>", " ", row).split())


def retire_own(app: Flask, cast: Cast, reason: str = "Replaced.") -> None:
    with app.app_context():
        now = ports().clock.now()
        retire(ports().library, "small", "2026.1", reason, actor=cast.ada.actor, now=now)


def by(cast: Cast, role: Role) -> Member:
    return cast.ada if role is Role.ADMINISTRATOR else cast.oskar


def offered_here(app: Flask) -> set[str]:
    with app.app_context():
        return {release.key for release in offered(reading(), ports().library).releases}


def test_every_release_is_listed_with_what_it_takes_to_answer(client: Client, cast: Cast) -> None:
    page = client.as_(cast.oskar).get(LIST).text
    for release in SHIPPED.current.releases:
        row = row_of(page, release.key)
        assert release.title in row
        assert f"English, Deutsch {len(release.questions)} " in row
        assert "Comes with riskapp With riskapp" in row
    assert "mvsp@2026.1 English, Deutsch 25 45 Comes" in row_of(page, "mvsp@2026.1")
    assert "For officers" in row_of(page, "intake@2026.1")


def test_ones_own_release_says_where_its_text_is_from_and_that_it_may_not_be_passed_on(
    app: Flask, client: Client, cast: Cast
) -> None:
    publish_own(app, cast, origin="Somebody's list 4.0", restricted="Not to be passed on.")
    row = row_of(client.as_(cast.oskar).get(LIST).text, "small@2026.1")
    assert "Your own Somebody&#39;s list 4.0 Restricted Not to be passed on." in row
    assert "23 November 2026" in row
    page = words(client.get(CURRENT))
    assert "Restricted Not to be passed on." in page


def test_a_retired_release_is_listed_with_the_reason(
    app: Flask, client: Client, cast: Cast
) -> None:
    publish_own(app, cast)
    retire_own(app, cast, "Replaced by a shorter one.")
    row = row_of(client.as_(cast.oskar).get(LIST).text, "small@2026.1")
    assert "Retired on 23 November 2026: Replaced by a shorter one." in row
    assert "Retired on 23 November 2026" in words(client.get(CURRENT))


def test_imports_that_wait_are_shown_to_administrators_only(
    app: Flask, client: Client, cast: Cast
) -> None:
    naming = Naming("theirs", "THE", "2026.1", "Their list")
    brought = Brought("caiq", "list.json", b"{}", naming, {}, Imported("id: theirs", 7, []))
    with app.app_context():
        bring(brought, actor=cast.ada.actor, now=ports().clock.now())
    page = words(client.as_(cast.ada).get(LIST))
    assert "Waiting to be published" in page
    assert "Their list theirs@2026.1 list.json 7 23 November 2026, 09:00 UTC by Ada" in page
    assert "Import a questionnaire" in page
    page = words(client.as_(cast.oskar).get(LIST))
    assert "Their list" not in page
    assert "Import a questionnaire" not in page


def test_without_any_questionnaire_the_list_says_what_to_do(
    place: Place, clock: StoppedClock, cast: Cast, tmp_path: Path
) -> None:
    folder = tmp_path / "none"
    folder.mkdir()
    app = make_app(place.instance, place.url, clock=clock, questionnaires=folder)
    client = app.test_client()
    client.as_(cast.ada)  # type: ignore[attr-defined]  # the tests' own client
    page = words(client.get(LIST))
    assert "There is no questionnaire here" in page
    assert "An administrator can import one" in page
    dispose(app)


def test_a_release_is_read_with_all_that_it_asks_and_how_each_answer_counts(
    app: Flask, client: Client, cast: Cast
) -> None:
    finding = {"answers": "no", "severity": "medium", "text": "It is not so."}
    more = writing.question(
        "SML-20",
        counts="That it is.",
        findings=[finding],
        mappings={"iso27001": ["A.5.1", "A.5.2"], "gdpr": ["28(3)(h)"]},
        applies_when={"fact": "inherent", "at_least": "high"},
        knockout={"level": "high", "when": {"fact": "personal_data", "is": "yes"}},
    )
    twin = writing.question("SML-21", same_as="ISM-04")
    release = publish_own(app, cast, *small.QUESTIONS, more, twin, licence="Ours alone.")
    page = words(client.as_(cast.oskar).get(CURRENT))
    for said in (
        release.sha256,
        "Ours alone.",
        "Questions 15, about 35 minutes",
        "It is all 100 % It is some 50 % It is none 0 %",
        "Decides what else is asked: an officer confirms the answer",
        "Asked where SML-01 is “processor”",
        "the law asks it: the score is at least 60.0, and nothing can be approved",
        "Proof: A certificate.",
        "Rows of these columns, or the tick “There is nothing to list.”",
        "Kept (one of these) It is well 100 %",
        "A number from 0 to 90: 3 at most 100 % All else 0 %",
        "Logs 33 % Alerts 33 % Drills 33 %",
        "Level 3 of 4: Measured 75 %",
        "A day from 1 January 2020 on up to 31 December 2030.",
        "Words, at most 4000 characters.",
        "What counts: That it is.",
        "Applies where the inherent risk is high or above",
        "Gives way to ISM-04, where that is asked as well",
        "below 50 %, where personal data is yes; then the score is at least 35.0",
        "ISO/IEC 27001:2022 A.5.1, A.5.2",
        "GDPR 28(3)(h)",
        "On “No”: medium \N{EN DASH} It is not so.",
    ):
        assert said in page, said


def test_every_shipped_release_can_be_read_in_each_of_its_languages(
    client: Client, cast: Cast
) -> None:
    client.as_(cast.oskar)
    for release in SHIPPED.current.releases:
        for code in SHIPPED.languages(release):
            worded = SHIPPED.in_language(release, code)
            page = words(client.get(f"{LIST}/{release.id}/{release.release}?lang={code}"))
            for question in worded.questions.values():
                assert f"{question.id} {question.text}" in page
                assert question.why in page
            assert worded.sha256 in page


def test_a_page_in_another_language_says_which(client: Client, cast: Cast) -> None:
    page = client.as_(cast.oskar).get(f"{SHIPPED_ONE}?lang=de").text
    assert '<span lang="de">Mindestanforderungen an die Sicherheit</span>' in page
    assert "Mindestanforderungen" not in client.get(SHIPPED_ONE).text


@pytest.mark.parametrize(
    "address",
    [
        f"{LIST}/unknown/2026.1",
        f"{LIST}/mvsp/2025.9",
        f"{LIST}/mvsp/2026.1?lang=xx",
        f"{LIST}/mvsp/2026.1/try?lang=xx",
        f"{LIST}/mvsp/2025.9/try",
        f"{LIST}/intake/2026.1/try",
        f"{LIST}/unknown/compare",
        f"{LIST}/mvsp/compare",
    ],
)
def test_what_is_not_there_is_not_found(client: Client, cast: Cast, address: str) -> None:
    for member in (cast.oskar, cast.ada):
        assert client.as_(member).get(address).status_code == 404


@pytest.mark.parametrize("path", [LIST, SHIPPED_ONE, f"{SHIPPED_ONE}/try"])
def test_an_auditor_finds_no_questionnaire(client: Client, cast: Cast, path: str) -> None:
    assert client.as_(cast.audrey).get(path).status_code == 404
    assert client.as_(cast.oskar).get(path).status_code == 200


@pytest.mark.parametrize("verb", ["retire", "reinstate"])
def test_only_an_administrator_decides_what_is_offered_and_only_by_a_button(
    app: Flask, client: Client, cast: Cast, verb: str
) -> None:
    publish_own(app, cast)
    data = {"reason": "Because."}
    assert client.as_(cast.oskar).post(f"{CURRENT}/{verb}", data=data).status_code == 404
    assert client.as_(cast.audrey).post(f"{CURRENT}/{verb}", data=data).status_code == 404
    assert client.as_(cast.ada).get(f"{CURRENT}/{verb}").status_code == 405
    assert "Retire it" not in words(client.as_(cast.oskar).get(CURRENT))
    assert "small@2026.1" in offered_here(app)


def test_a_release_is_retired_with_a_reason_and_offered_again(
    app: Flask, client: Client, cast: Cast
) -> None:
    publish_own(app, cast)
    client.as_(cast.ada)
    without = client.post(f"{CURRENT}/retire", data={"reason": " "})
    assert without.status_code == 422
    assert "Say why it is retired." in words(without)
    long = client.post(f"{CURRENT}/retire", data={"reason": "x" * 2001})
    assert long.status_code == 422
    assert "x" * 2001 in long.text, "what was typed stays"
    page = told(client, client.post(f"{CURRENT}/retire", data={"reason": "Too long."}))
    assert "The release is retired" in page
    assert "Too long." in page
    assert "small@2026.1" not in offered_here(app)
    again = told(client, client.post(f"{CURRENT}/retire", data={"reason": "Other."}))
    assert "It was retired already; the reason stands." in again
    assert "Too long." in again
    page = told(client, client.post(f"{CURRENT}/reinstate"))
    assert "The release is offered again." in page
    assert "small@2026.1" in offered_here(app)
    assert "It is offered already." in told(client, client.post(f"{CURRENT}/reinstate"))


def test_what_officers_answer_themselves_is_not_retired(client: Client, cast: Cast) -> None:
    client.as_(cast.ada)
    assert "Retire it" not in words(client.get(f"{LIST}/intake/2026.1"))
    assert client.post(f"{LIST}/intake/2026.1/retire", data={"reason": "x"}).status_code == 404


def test_releases_of_one_questionnaire_lead_to_each_other_and_to_what_is_different(
    app: Flask, client: Client, cast: Cast
) -> None:
    publish_own(app, cast)
    publish_own(app, cast, *small.QUESTIONS[:4], release="2026.2")
    client.as_(cast.oskar)
    for number, other in (("2026.1", "2026.2"), ("2026.2", "2026.1")):
        page = client.get(f"{OWN}/{number}").text
        assert f'href="{OWN}/{other}"' in page
        assert f'href="{OWN}/compare?old=2026.1&amp;new=2026.2"' in page
    assert "Other releases" not in words(client.get(SHIPPED_ONE))


def test_it_is_tried_in_the_language_chosen_in_the_form_and_answers_stay(
    client: Client, cast: Cast
) -> None:
    client.as_(cast.oskar)
    begun = client.get(f"{SHIPPED_ONE}/try?lang=de")
    assert re.search(r'<option value="de" selected>Deutsch</option>', begun.text)
    question = SHIPPED.in_language(SHIPPED.current.latest("mvsp"), "de").questions["MVS-12"]
    assert question.text in words(begun)
    data = {"lang": "en", "fact-inherent": "low", "q-MVS-12-value": "partly"}
    page = client.post(f"{SHIPPED_ONE}/try", data=data)
    assert question.text not in words(page)
    assert re.search(r'name="q-MVS-12-value" value="partly" checked', page.text)
    again = client.post(f"{SHIPPED_ONE}/try", data=data | {"lang": "de"})
    assert question.text in words(again)
    assert re.search(r'name="q-MVS-12-value" value="partly" checked', again.text)


def test_every_shipped_questionnaire_can_be_tried(client: Client, cast: Cast) -> None:
    client.as_(cast.oskar)
    for release in SHIPPED.current.releases:
        if release.audience == "vendor":
            page = client.get(f"{LIST}/{release.id}/{release.release}/try")
            assert page.text.count('class="question"') == len(release.questions)
