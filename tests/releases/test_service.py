"""Publishing and retiring: what can be sent, and what it may not stand beside."""

from collections.abc import Sequence
from typing import Any

import pytest

from riskapp.audit.service import OPERATOR
from riskapp.core.db import reading
from riskapp.core.errors import FieldRefused, NotFound, Refusal
from riskapp.releases import service
from riskapp.releases.errors import NotPublishable, StandingUnchanged
from riskapp.releases.queries import Listed, listed, offered
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import NOW, Cast
from tests.catalogue import writing
from tests.releases.bringing import written

pytestmark = pytest.mark.usefixtures("in_app")


def publish(text: str = written()) -> str:
    return service.publish(ports().library, text, "theirs.yaml", actor=OPERATOR, now=NOW).sha256


def retire(name: str = "small", number: str = "2026.1", reason: str = "Replaced.") -> None:
    service.retire(ports().library, name, number, reason, actor=OPERATOR, now=NOW)


def reinstate(name: str = "small", number: str = "2026.1") -> None:
    service.reinstate(ports().library, name, number, actor=OPERATOR, now=NOW)


def keys() -> Sequence[str]:
    reading().rollback()
    return [release.key for release in offered(reading(), ports().library).releases]


def row_of(key: str) -> Listed:
    reading().rollback()
    (found,) = [one for one in listed(reading(), ports().library) if one.release.key == key]
    return found


def faults(text: str) -> str:
    with small.trail() as events, pytest.raises(NotPublishable) as caught:
        publish(text)
    assert events == []
    return "\n".join(str(fault) for fault in caught.value.faults)


def test_a_published_release_stands_beside_those_of_the_folder() -> None:
    with small.trail() as events:
        sha256 = publish()
    assert events == [("questionnaire:publish", "theirs@2026.1")]
    assert sha256 in small.events()[-1].body
    assert keys() == ["small@2026.1", "theirs@2026.1"]
    row = row_of("theirs@2026.1")
    assert (row.own, row.published_at, row.retired_at) == (True, NOW, None)
    assert not row_of("small@2026.1").own


def test_the_next_release_of_a_questionnaire_may_ask_the_same_questions() -> None:
    publish()
    publish(written(release="2026.2"))
    assert keys() == ["small@2026.1", "theirs@2026.1", "theirs@2026.2"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"id": "small"}, "small@2026.1 was published before; give it the next release number"),
        ({"id": "small", "release": "2026.01"}, "was published before"),
        ({"id": "intake", "release": "2027.1"}, "intake is the intake; give it another id"),
        ({"audience": "officer", "domains": {}}, "is an intake, which comes with riskapp"),
        ({"domains": {}}, "domain: access is unknown"),
        ({"licence": None}, "licence"),
        ({"unheard": "of"}, "unheard: is no key of the format here"),
    ],
)
def test_what_cannot_stand_beside_the_others_is_refused(more: dict[str, Any], said: str) -> None:
    assert said in faults(written(**more))


def test_no_two_questionnaires_share_a_question() -> None:
    assert "SML-03 is a question of small" in faults(written(writing.question("SML-03")))


@pytest.mark.parametrize("text", ["", "[", "no: [mapping", "\0", "- a\n- b\n"])
def test_what_is_no_questionnaire_is_refused(text: str) -> None:
    assert "theirs.yaml:" in faults(text)


def test_of_two_who_publish_the_same_number_at_once_one_is_refused() -> None:
    texts = [written(title="Mine"), written(title="Theirs")]
    with small.trail() as events:
        results = small.at_once(*[lambda text=text: publish(text) for text in texts])
    assert sorted(type(one).__name__ for one in results) == ["NotPublishable", "str"]
    assert events == [("questionnaire:publish", "theirs@2026.1")]


def test_of_two_questionnaires_with_the_same_questions_at_once_one_is_refused() -> None:
    texts = [written(id="mine"), written(id="theirs")]
    with small.trail() as events:
        results = small.at_once(*[lambda text=text: publish(text) for text in texts])
    (refused,) = [one for one in results if isinstance(one, NotPublishable)]
    assert "TST-01 is a question of" in str(refused)
    assert len(events) == 1


@pytest.mark.parametrize("own", [True, False])
def test_a_retired_release_is_sent_no_more_and_can_be_offered_again(*, own: bool) -> None:
    name = "theirs" if own else "small"
    if own:
        publish()
    with small.trail() as events:
        retire(name, reason=" Replaced by MVSP. ")
    assert events == [("questionnaire:retire", f"{name}@2026.1")]
    assert "MVSP" not in small.events()[-1].body
    row = row_of(f"{name}@2026.1")
    assert (row.retired_at, row.retire_reason) == (NOW, "Replaced by MVSP.")
    assert f"{name}@2026.1" not in keys()
    with small.trail() as events:
        reinstate(name)
    assert events == [("questionnaire:reinstate", f"{name}@2026.1")]
    row = row_of(f"{name}@2026.1")
    assert (row.retired_at, row.retire_reason) == (None, "")
    assert f"{name}@2026.1" in keys()


def test_an_assessment_keeps_a_release_that_is_retired_later(cast: Cast) -> None:
    publish()
    theirs = offered(reading(), ports().library).latest("theirs")
    _, invitation = stages.started(cast.vera, cast.oskar, only=("small",))
    retire()
    assert stages.question(invitation, small.VITAL).id == small.VITAL
    stages.answer_all(invitation)
    assert stages.send_in(invitation) == 1
    assert keys() == [theirs.key]


@pytest.mark.parametrize(
    ("name", "number", "reason", "refusal"),
    [
        ("small", "2026.1", " ", FieldRefused),
        ("small", "2026.1", "x" * 2001, FieldRefused),
        ("small", "2026.9", "Old.", NotFound),
        ("unheard-of", "2026.1", "Old.", NotFound),
        ("intake", "2026.1", "Old.", NotFound),
    ],
)
def test_what_cannot_be_retired_is_refused(
    name: str, number: str, reason: str, refusal: type[Refusal]
) -> None:
    with small.trail() as events, pytest.raises(refusal):
        retire(name, number, reason)
    assert events == []


def test_retiring_twice_or_offering_what_is_offered_changes_nothing() -> None:
    with small.trail() as events, pytest.raises(StandingUnchanged):
        reinstate()
    assert events == []
    retire()
    with small.trail() as events, pytest.raises(StandingUnchanged):
        retire(reason="Again.")
    assert events == []
    assert row_of("small@2026.1").retire_reason == "Replaced."


def test_of_two_who_retire_at_once_one_is_told() -> None:
    retire()
    reinstate()
    with small.trail() as events:
        results = small.at_once(*[retire] * 2)
    assert [type(one) for one in results if one is not None] == [StandingUnchanged]
    assert events == [("questionnaire:retire", "small@2026.1")]


def test_of_two_who_retire_a_file_for_the_first_time_at_once_one_is_told() -> None:
    with small.trail() as events:
        results = small.at_once(*[retire] * 2)
    assert [type(one) for one in results if one is not None] == [StandingUnchanged]
    assert events == [("questionnaire:retire", "small@2026.1")]
