"""Links: what they open when, how they end, and that their tokens are kept nowhere."""

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from riskapp.assessments.rules import State
from riskapp.assessments.service import cancel
from riskapp.core.db import db, reading
from riskapp.core.errors import FieldRefused, NotFound
from riskapp.invites.queries import (
    OpenedInvitation,
    Standing,
    by_session,
    by_token,
    invitations,
)
from riskapp.invites.service import (
    SESSION_LASTS,
    Issued,
    issue_another,
    issue_draft,
    mailed,
    revoke,
    start,
)
from riskapp.reviews.rules import Action, Outcome
from riskapp.reviews.service import decide, review_answer, send_back
from riskapp.tables import METADATA
from tests import small, stages
from tests.assessments.test_states import bring_to
from tests.cast import NOW, Cast

pytestmark = pytest.mark.usefixtures("in_app")
DAY = timedelta(days=1)


def found(token: str) -> OpenedInvitation | None:
    reading().rollback()
    return by_token(reading(), token)


def standing(token: str, *, after_due: int = 0) -> Standing:
    invitation = found(token)
    assert invitation is not None
    return invitation.standing(invitation.due + after_due * DAY)


def knows(invitation_id: str, session: str, *, later: timedelta = timedelta()) -> bool:
    reading().rollback()
    return by_session(reading(), invitation_id, session, now=NOW + later) is not None


def test_a_link_opens_until_the_end_of_its_day_and_again_when_it_is_extended(cast: Cast) -> None:
    link, _ = stages.started(cast.vera, cast.oskar, only=small.ONLY)
    for token in (link.token, small.issued(cast).token):
        assert standing(token) is Standing.OPEN
        assert standing(token, after_due=1) is Standing.EXPIRED


def test_after_submission_a_link_shows_the_acknowledgement_whatever_the_day(cast: Cast) -> None:
    link, invitation = stages.started(cast.vera, cast.oskar, only=small.ONLY)
    stages.answer_all(invitation)
    stages.send_in(invitation)
    by, of = stages.reviewer(cast.oskar), link.assessment_id
    assert standing(link.token, after_due=400) is Standing.SUBMITTED
    review_answer(of, small.VITAL, Action.ASK_BACK, by, note="Why?")
    assert standing(link.token) is Standing.SUBMITTED
    assert standing(link.token, after_due=400) is Standing.SUBMITTED
    send_back(of, NOW.date() + 3 * DAY, by)
    assert standing(link.token) is Standing.OPEN
    assert standing(link.token, after_due=1) is Standing.EXPIRED


def test_a_decided_assessment_shows_the_acknowledgement_and_a_cancelled_one_nothing(
    cast: Cast,
) -> None:
    link, invitation = stages.started(cast.vera, cast.oskar, only=small.ONLY)
    stages.answer_all(invitation)
    stages.send_in(invitation)
    decide(link.assessment_id, Outcome.REJECT, stages.reviewer(cast.oskar), reasons="No.")
    assert standing(link.token, after_due=1) is Standing.SUBMITTED
    revoke(link.invitation_id, assessment_id=link.assessment_id, actor=cast.oskar.actor, now=NOW)
    assert standing(link.token) is Standing.REVOKED
    other = small.issued(cast)
    cancel(other.assessment_id, "No.", actor=cast.oskar.actor, now=NOW)
    assert standing(other.token) is Standing.CANCELLED


def test_revoking_a_link_ends_the_browsers_that_used_it_and_no_others(cast: Cast) -> None:
    link = small.issued(cast)
    other = issue_another(
        link.assessment_id, email="two@example.com", replace=False, actor=cast.oskar.actor, now=NOW
    )
    first, second = start(link.invitation_id, now=NOW), start(link.invitation_id, now=NOW)
    kept = start(other.invitation_id, now=NOW)
    assert knows(link.invitation_id, first)
    with small.trail() as events:
        for _ in range(2):
            revoke(
                link.invitation_id,
                assessment_id=link.assessment_id,
                actor=cast.oskar.actor,
                now=NOW,
            )
    assert events == [("invitation:revoke", link.invitation_id)]
    assert not knows(link.invitation_id, first)
    assert not knows(link.invitation_id, second)
    assert knows(other.invitation_id, kept)
    assert standing(link.token) is Standing.REVOKED
    assert standing(other.token) is Standing.OPEN
    with small.trail() as events, pytest.raises(NotFound):
        start(link.invitation_id, now=NOW)
    assert events == []


def test_a_link_revoked_while_start_is_pressed_leaves_no_browser_that_is_known(cast: Cast) -> None:
    link = small.issued(cast)

    def end() -> None:
        revoke(
            link.invitation_id, assessment_id=link.assessment_id, actor=cast.oskar.actor, now=NOW
        )

    results = small.at_once(*[lambda: start(link.invitation_id, now=NOW)] * 2, end)
    for session in results[:2]:
        assert isinstance(session, NotFound) or not knows(link.invitation_id, str(session))


def test_replacing_revokes_every_earlier_link_in_the_same_change(cast: Cast) -> None:
    link = small.issued(cast)
    second = issue_another(
        link.assessment_id, email="two@example.com", replace=False, actor=cast.oskar.actor, now=NOW
    )
    session = start(second.invitation_id, now=NOW)
    with small.trail() as events:
        third = issue_another(
            link.assessment_id,
            email="Three@example.com",
            replace=True,
            actor=cast.oskar.actor,
            now=NOW,
        )
    assert sorted(events) == sorted(
        [
            ("invitation:revoke", link.invitation_id),
            ("invitation:revoke", second.invitation_id),
            ("invitation:issue", third.invitation_id),
        ]
    )
    assert third.email == "three@example.com"
    assert not knows(second.invitation_id, session)
    alive = [one for one in invitations(reading(), link.assessment_id) if one.revoked_at is None]
    assert [one.id for one in alive] == [third.invitation_id]
    with pytest.raises(FieldRefused):
        issue_another(
            link.assessment_id, email="nobody", replace=True, actor=cast.oskar.actor, now=NOW
        )
    assert standing(third.token) is Standing.OPEN


def test_a_link_of_another_assessment_is_not_found(cast: Cast) -> None:
    mine, other = small.issued(cast), small.issued(cast)
    with small.trail() as events, pytest.raises(NotFound):
        revoke(
            mine.invitation_id,
            assessment_id=other.assessment_id,
            actor=cast.oskar.actor,
            now=NOW,
        )
    session = start(mine.invitation_id, now=NOW)
    assert not knows(other.invitation_id, session)
    assert events == []


def test_the_first_start_moves_the_assessment_and_later_ones_only_know_another_browser(
    cast: Cast,
) -> None:
    link = small.issued(cast)
    with small.trail() as events:
        first = start(link.invitation_id, now=NOW)
    assert events == [
        ("assessment:in-progress", link.assessment_id),
        ("invitation:start", link.invitation_id),
    ]
    with small.trail() as events:
        second = start(link.invitation_id, now=NOW + DAY)
    assert events == [("invitation:start", link.invitation_id)]
    assert first != second
    (row,) = invitations(reading(), link.assessment_id)
    assert row.started_at == NOW
    assert knows(link.invitation_id, first, later=SESSION_LASTS - timedelta(seconds=1))
    assert not knows(link.invitation_id, first, later=SESSION_LASTS)


def test_opening_a_link_changes_nothing(cast: Cast) -> None:
    link = small.issued(cast)
    with small.trail() as events:
        for _ in range(3):
            assert standing(link.token) is Standing.OPEN
    assert events == []
    assert small.row(link).state is State.ISSUED


def test_a_draft_is_sent_once(cast: Cast) -> None:
    bring_to(State.DRAFT, cast)
    with db.engine.connect() as connection:
        of = connection.execute(sa.text("SELECT id FROM assessment")).scalar_one()
    with small.trail() as events:
        results = small.at_once(
            *[lambda: issue_draft(of, email="v@example.com", actor=cast.oskar.actor, now=NOW)] * 2
        )
    assert [kind for kind, _ in events] == ["assessment:issued", "invitation:issue"]
    links = [one for one in results if isinstance(one, Issued)]
    assert len(links) == 1
    with small.trail() as events:
        mailed(links[0].invitation_id, now=NOW)
    assert events == [("invitation:mail", links[0].invitation_id)]


def test_no_token_is_stored_anywhere(cast: Cast) -> None:
    link = small.issued(cast)
    session = start(link.invitation_id, now=NOW)
    assert found(link.token) is not None
    assert link.token not in repr(link)
    assert found(link.token[:-1]) is None
    for text in _everything_stored():
        assert link.token not in text
        assert session not in text
        assert cast.oskar.session not in text


def _everything_stored() -> list[str]:
    """Every row of every table, and on SQLite the bytes of the files too."""
    with db.engine.connect() as connection:
        rows = [
            repr(tuple(row))
            for table in METADATA.sorted_tables
            for row in connection.execute(sa.select(table))
        ]
    assert any("vera@nordlicht.example" in row for row in rows)
    if db.engine.dialect.name == "sqlite":
        path = Path(str(db.engine.url.database))
        files = [one for one in path.parent.iterdir() if one.name.startswith(path.name)]
        content = [one.read_bytes().decode("latin-1") for one in files]
        assert any("vera@nordlicht.example" in text for text in content)
        rows += content
    return rows
