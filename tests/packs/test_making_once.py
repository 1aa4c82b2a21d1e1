"""The same wish, sent twice, is one pack; and what is offered to keep out or choose."""

import pytest
from flask import Flask

from riskapp.core.db import reading
from riskapp.custody.erasing import erase_file
from riskapp.evidence.queries import of_assessment
from riskapp.packs.choosing import OfferedSection, offered
from riskapp.packs.narrowing import Narrowing
from riskapp.packs.queries import made
from riskapp.packs.service import PackWish, Prepared, prepare
from riskapp.packs.takings import takings
from riskapp.web.ports import ports
from tests import small
from tests.cast import Cast, Member
from tests.conftest import StoppedClock
from tests.custody.erasing import means, wish
from tests.packs.stories import parts, streamed
from tests.small import app
from tests.web import packs
from tests.web.desk import counted

__all__ = ["app"]

ONCE = "ab" * 16


@pytest.fixture
def found(app: Flask, cast: Cast) -> str:
    return packs.decided(app, cast)


def asked(cast: Cast, found: str | None, by: Member, **changes: object) -> Prepared:
    given = {"recipient": "Audit House Ltd", "purpose": "Yearly audit", **changes}
    wanted = PackWish(cast.vera.vendor_id, found, **given)  # type: ignore[arg-type]  # as named
    return prepare(parts(), wanted, actor=by.actor, now=ports().clock.now(), once=ONCE)


def test_the_same_wish_at_the_same_time_makes_one_pack(app: Flask, cast: Cast, found: str) -> None:
    with app.app_context():
        jobs = [lambda: asked(cast, found, cast.oskar)] * 2
        results = small.at_once(*jobs)
        assert all(isinstance(one, Prepared) for one in results), results
        assert len(set(results)) == 1
        assert len(made(reading(), cast.vera.vendor_id)) == 1
        events = [one for one in small.events() if one.type == "pack:export"]
    assert len(events) == 1


def test_another_wish_of_the_same_form_is_another_pack(app: Flask, cast: Cast, found: str) -> None:
    with app.app_context():
        ids = {
            asked(cast, found, cast.oskar).id,
            asked(cast, found, cast.oskar, until=ports().clock.now().date()).id,
            asked(cast, found, cast.oskar, narrowing=Narrowing(evidence=False)).id,
            asked(cast, found, cast.oskar, sealed_to="age1…").id,
            asked(cast, found, cast.olga).id,
        }
    assert len(ids) == 5


def shown(sections: list[OfferedSection]) -> dict[str, list[str]]:
    return {
        question.id: [file.name for file in question.files]
        for section in sections
        for question in section.questions
    }


def test_all_questions_are_offered_each_file_once_and_none_that_was_erased(
    app: Flask, cast: Cast, found: str
) -> None:
    with app.app_context():
        library, vendor = ports().library, cast.vera.vendor_id
        of_one = shown(list(offered(reading(), library, vendor, found)))
        assert of_one == shown(list(offered(reading(), library, vendor, None)))
        assert list(of_one) == [one["id"] for one in small.QUESTIONS]
        assert {name: files for name, files in of_one.items() if files} == {
            small.PROVEN: ["certificate.pdf"]
        }
        assert list(offered(reading(), library, cast.mallory.vendor_id, found)) == []
        (file,) = of_assessment(reading(), found)
        erase_file(means(), vendor, file.evidence_id, wish(cast.oskar))
        reading().rollback()
        assert not any(shown(list(offered(reading(), library, vendor, found))).values())


def test_what_is_not_decided_is_not_offered_and_more_takes_no_more_statements(
    app: Flask, cast: Cast
) -> None:
    with app.app_context():
        small.submitted(cast)
        assert list(offered(reading(), ports().library, cast.vera.vendor_id, None)) == []
    counts = []
    for _ in range(2):
        packs.decided(app, cast)
        with app.app_context(), counted(app) as statements:
            sections = offered(reading(), ports().library, cast.vera.vendor_id, None)
            assert len(shown(list(sections))) == len(small.QUESTIONS)
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_who_took_a_pack_is_known_newest_first(
    app: Flask, cast: Cast, found: str, clock: StoppedClock
) -> None:
    with app.app_context():
        pack_id = asked(cast, found, cast.oskar).id
        assert takings(reading(), pack_id) == []
        for member in (cast.oskar, cast.olga):
            clock.pass_by(minutes=1)
            for _ in streamed(pack_id, member).chunks:
                pass
        reading().rollback()
        assert [one.by for one in takings(reading(), pack_id)] == ["Olga", "Oskar"]
