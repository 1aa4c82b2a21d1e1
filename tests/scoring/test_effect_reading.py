"""Looking at what another release would do: what is read for it, how, and nothing written."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from riskapp.answers.service import Given
from riskapp.assessments.models import Assessment
from riskapp.core.db import Base, db, reading, transaction
from riskapp.core.ids import new_id
from riskapp.evidence.queries import of_assessment
from riskapp.invites.queries import OpenedInvitation
from riskapp.reviews.rules import Action
from riskapp.reviews.service import review_answer, send_back
from riskapp.scoring.cases import PAGE, scored
from riskapp.scoring.effect import effect
from riskapp.scoring.service import case_of
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import Cast
from tests.catalogue import writing
from tests.scoring.effects import (
    TODAY,
    altered,
    current,
    effects,
    only,
    published,
    release,
    reviewed,
    sent_in,
)
from tests.small import app
from tests.web.desk import counted

__all__ = ["app"]
pytestmark = pytest.mark.usefixtures("in_app")


def test_only_what_was_sent_the_questionnaire_and_scored_is_looked_at(cast: Cast) -> None:
    other = release(writing.question("OTH-01"), id="other", number="2026.1")
    sent_in(cast.vera, [published(other)])
    small.started(cast)
    assert effects(current()) == []
    sent = small.submitted(cast)
    assert [one.assessment_id for one in effects(current())] == [sent.assessment_id]


def test_what_is_read_page_by_page_is_what_scoring_reads(cast: Cast) -> None:
    other = published(release(writing.question("OTH-01"), id="other", number="2026.1"))
    first, second = reviewed(cast), sent_in(cast.vera, [other, current()])
    by = stages.reviewer(cast.oskar)
    review_answer(first.assessment_id, small.PROVEN, Action.ASK_BACK, by, note="Another one.")
    send_back(first.assessment_id, TODAY + timedelta(days=9), by)
    (file,) = of_assessment(reading(), first.assessment_id)
    stages.attach(first, small.PROVEN, name="later.pdf", replaces=file.use_id)
    reading().rollback()
    found = {one.id: one for one in scored(reading(), ports().library, small.NAME)}
    for invitation in (first, second):
        row = reading().get_one(Assessment, invitation.assessment_id)
        assert found[row.id].case == case_of(reading(), ports().library, row)
    sent = found[second.assessment_id].sent
    assert [one.key for one in sent] == ["other@2026.1", "small@2026.1"]


def test_each_is_compared_with_the_release_that_it_has(cast: Cast) -> None:
    new = release(*altered(SML_03={"weight": 1}))
    for one in (current(), published(new)):
        sent_in(cast.vera, [one], {small.VITAL: Given("partly")})
    first, second = sorted(effects(new), key=lambda one: one.release)
    assert (first.release, second.release) == ("2026.1", "2026.2")
    assert second.today == second.reweighted == second.anew
    assert first.today != second.today
    assert first.anew == second.anew


def test_releases_of_two_questionnaires_have_no_effect_to_speak_of() -> None:
    other = release(writing.question("OTH-01"), id="other")
    found = effect(reading(), ports().library, current(), other, TODAY)
    with pytest.raises(ValueError, match=r"small@2026\.1 and other@2026\.2"):
        next(found)


def everything() -> dict[str, list[Any]]:
    """All rows of all tables."""
    with db.engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(sa.select(table))))
            for table in Base.metadata.sorted_tables
        }


def test_nothing_is_written(app: Flask, cast: Cast) -> None:
    reviewed(cast)
    new = release(*altered(SML_03=None), writing.question("SML-20"))
    before = everything()
    with counted(app) as statements:
        found = only(new)
    assert len({found.today, found.reweighted, found.anew}) == 3
    assert {words.split()[0] for words in statements} == {"SELECT"}
    assert everything() == before


def copied(invitation: OpenedInvitation, times: int) -> list[str]:
    """As many assessments more, each with the answers and files of one."""
    found = []
    with transaction() as session:
        for number in range(times):
            found.append(new_id())
            for table in map(Base.metadata.tables.__getitem__, COPIED):
                key = table.c.id if table.name == "assessment" else table.c.assessment_id
                query = sa.select(table).where(key == invitation.assessment_id)
                for row in session.execute(query).mappings().all():
                    own: dict[str, Any] = {key.name: found[-1]}
                    own |= {"cycle": 1000 + number} if "cycle" in row else {}
                    own |= {"id": new_id()} if table.name == "evidence_use" else {}
                    session.execute(sa.insert(table).values(**{**row, **own}))
    return found


TERMS = 2
"""Statements that read the scheme and the adequacy decisions, once for all pages."""
COPIED = ("assessment", "assessment_release", "answer", "evidence_use")


@pytest.mark.soak
def test_two_hundred_assessments_cost_as_many_statements_as_one_and_come_as_they_are_read(
    app: Flask, cast: Cast
) -> None:
    last = sent_in(cast.vera, [current()])  # Nordlicht comes after Mallow
    first = sent_in(cast.mallory, [current()])
    new = release(*altered(SML_03={"weight": 1}))
    effects(new)  # the questionnaires are read
    with counted(app) as few:
        assert len(effects(new)) == 2
    ids = {last.assessment_id, *copied(last, 2 * PAGE - 3)}
    reading().rollback()
    with counted(app) as many:
        found = effect(reading(), ports().library, current(), new, TODAY)
        assert next(found).assessment_id == first.assessment_id
        assert len(many) == len(few)
        rest = list(found)
    page = len(few) - TERMS
    assert page <= 5
    assert len(many) == TERMS + 2 * page
    assert len(rest) == len(ids)
    assert {one.assessment_id for one in rest} == ids
    assert len({(one.today, one.reweighted, one.anew) for one in rest}) == 1
