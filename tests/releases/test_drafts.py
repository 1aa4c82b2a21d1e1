"""An import's way: kept as a draft, corrected, discarded or published, by one person at a time."""

from collections.abc import Callable

import pytest

from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound, Refusal
from riskapp.releases import service
from riskapp.releases.errors import BroughtAlready, DraftChanged, NotPublishable
from riskapp.releases.queries import draft, draft_file, drafts, offered
from riskapp.web.ports import ports
from tests import small
from tests.cast import NOW, Cast
from tests.releases.bringing import brought, written

pytestmark = pytest.mark.usefixtures("in_app")


def bring(cast: Cast, text: str = written(), *, draft_id: str | None = None) -> str:
    return service.bring(brought(text), draft_id=draft_id, actor=cast.ada.actor, now=NOW)


def mark_of(draft_id: str) -> str:
    reading().rollback()
    row = draft(reading(), draft_id)
    assert row is not None
    return row.mark


def test_an_import_is_kept_with_its_file_and_everything_that_was_noted(cast: Cast) -> None:
    with small.trail() as events:
        draft_id = bring(cast)
    assert events == [("questionnaire:import", draft_id)]
    row = draft(reading(), draft_id)
    assert row is not None
    assert (row.form, row.file_name, row.questions) == ("vsaq", "theirs.json", 1)
    assert row.notes == [("line 3", "was dropped")]
    assert row.naming == {"id": "theirs", "prefix": "TST", "release": "2026.1", "title": None}
    assert row.created_by_name == "Ada"
    assert draft_file(reading(), draft_id) == b"{} // theirs"
    (waiting,) = drafts(reading())
    assert (waiting.id, waiting.file_name, waiting.created_by_name) == (
        draft_id,
        "theirs.json",
        "Ada",
    )


def test_a_draft_can_be_sent_to_nobody(cast: Cast) -> None:
    bring(cast)
    assert "theirs" not in offered(reading(), ports().library).newest


def test_what_is_brought_twice_with_one_form_is_kept_once(cast: Cast) -> None:
    draft_id = bring(cast, draft_id="ab" * 16)
    with small.trail() as events, pytest.raises(BroughtAlready) as caught:
        bring(cast, draft_id=draft_id)
    assert caught.value.draft_id == draft_id
    assert events == []
    assert len(drafts(reading())) == 1


def test_one_form_sent_twice_at_once_is_kept_once(cast: Cast) -> None:
    results = small.at_once(*[lambda: bring(cast, draft_id="ab" * 16)] * 2)
    assert sorted(type(one).__name__ for one in results) == ["BroughtAlready", "str"]
    assert len(drafts(reading())) == 1


def test_more_drafts_than_anybody_looks_at_are_refused(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_DRAFTS", 2)
    bring(cast)
    bring(cast)
    with small.trail() as events, pytest.raises(FieldRefused, match="2 imports wait already"):
        bring(cast)
    assert events == []


def test_a_correction_replaces_what_was_made_and_keeps_the_file(cast: Cast) -> None:
    draft_id = bring(cast)
    before = mark_of(draft_id)
    with small.trail() as events:
        changed = brought(written(id="renamed"), id="renamed")
        service.correct(draft_id, changed, seen=before, actor=cast.ada.actor, now=NOW)
    assert events == [("questionnaire:correct", draft_id)]
    row = draft(reading(), draft_id)
    assert row is not None
    assert row.naming["id"] == "renamed"
    assert "renamed" in row.source
    assert row.mark != before


def test_a_discarded_draft_is_gone_with_its_file(cast: Cast) -> None:
    draft_id = bring(cast)
    with small.trail() as events:
        service.discard(draft_id, seen=mark_of(draft_id), actor=cast.ada.actor, now=NOW)
    assert events == [("questionnaire:discard", draft_id)]
    reading().rollback()
    assert draft(reading(), draft_id) is None
    assert draft_file(reading(), draft_id) is None


def test_a_published_draft_is_a_release_that_can_be_sent_and_a_draft_no_more(cast: Cast) -> None:
    draft_id = bring(cast)
    with small.trail() as events:
        release = service.publish_draft(
            ports().library, draft_id, seen=mark_of(draft_id), actor=cast.ada.actor, now=NOW
        )
    assert events == [("questionnaire:publish", "theirs@2026.1")]
    assert draft_id in small.events()[-1].body
    reading().rollback()
    assert offered(reading(), ports().library).latest("theirs").sha256 == release.sha256
    assert draft(reading(), draft_id) is None


def test_a_draft_with_faults_stays_and_every_fault_is_told(cast: Cast) -> None:
    draft_id = bring(cast, written(id="small", domains={}))
    with small.trail() as events, pytest.raises(NotPublishable) as caught:
        service.publish_draft(ports().library, draft_id, actor=cast.ada.actor, now=NOW)
    assert events == []
    said = [str(fault) for fault in caught.value.faults]
    assert any("domain" in one for one in said)
    assert any("small@2026.1 was published before" in one for one in said)
    assert all(one.startswith("theirs.json:") for one in said)
    reading().rollback()
    assert draft(reading(), draft_id) is not None


Verb = Callable[[str, str | None, Cast], object]
VERBS: dict[str, Verb] = {
    "correct": lambda name, seen, cast: service.correct(
        name, brought(written(title="Mine")), seen=seen, actor=cast.ada.actor, now=NOW
    ),
    "discard": lambda name, seen, cast: service.discard(
        name, seen=seen, actor=cast.ada.actor, now=NOW
    ),
    "publish": lambda name, seen, cast: service.publish_draft(
        ports().library, name, seen=seen, actor=cast.ada.actor, now=NOW
    ),
}


@pytest.mark.parametrize("verb", VERBS)
def test_what_a_colleague_corrected_meanwhile_is_looked_at_again_first(
    cast: Cast, verb: str
) -> None:
    draft_id = bring(cast)
    seen = mark_of(draft_id)
    theirs = brought(written(title="Theirs, corrected"))
    service.correct(draft_id, theirs, actor=cast.ada.actor, now=NOW)
    with small.trail() as events, pytest.raises(DraftChanged):
        VERBS[verb](draft_id, seen, cast)
    assert events == []
    row = draft(reading(), draft_id)
    assert row is not None
    assert "Theirs, corrected" in row.source


@pytest.mark.parametrize("verb", VERBS)
def test_a_draft_that_is_not_there_is_not_found(cast: Cast, verb: str) -> None:
    with small.trail() as events, pytest.raises(NotFound):
        VERBS[verb]("0" * 32, None, cast)
    assert events == []


@pytest.mark.parametrize("first", VERBS)
@pytest.mark.parametrize("second", VERBS)
def test_of_two_who_act_on_one_draft_at_once_one_is_told(
    cast: Cast, first: str, second: str
) -> None:
    draft_id = bring(cast)
    seen = mark_of(draft_id)
    with small.trail() as events:
        results = small.at_once(
            lambda: VERBS[first](draft_id, seen, cast), lambda: VERBS[second](draft_id, seen, cast)
        )
    refused = [one for one in results if isinstance(one, Exception)]
    assert len(refused) == 1, results
    assert isinstance(refused[0], Refusal)
    assert len(events) == 1
