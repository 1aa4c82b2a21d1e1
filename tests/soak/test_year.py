"""A year goes by, night after night: scores move as was foreseen, and as anybody recomputes."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from flask import Flask

from riskapp.answers.service import Given
from riskapp.audit.service import OPERATOR
from riskapp.clockwork import Clockwork
from riskapp.core.db import reading
from riskapp.evidence.queries import of_assessment
from riskapp.invites.queries import OpenedInvitation
from riskapp.reviews.rules import Action
from riskapp.reviews.service import review_evidence
from riskapp.scoring.current import terms_now
from riskapp.scoring.outlook import Outlook, outlook
from riskapp.scoring.overrides import Word, override
from riskapp.scoring.queries import basis, receipt_documents, receipts
from riskapp.scoring.receipts import recompute
from riskapp.scoring.rules import shown
from tests import stages
from tests.cast import NOW, Cast, Provider
from tests.conftest import StoppedClock
from tests.scoring.building import row

pytestmark = [pytest.mark.soak, pytest.mark.usefixtures("in_app")]

TODAY = NOW.date()
DAYS = 365
PROVEN = {
    "ISM-01": (TODAY - timedelta(days=900), TODAY + timedelta(days=75)),
    "ISM-15": (TODAY - timedelta(days=200), None),
    "ISM-19": (TODAY - timedelta(days=340), None),
    "ISM-20": (TODAY - timedelta(days=30), TODAY + timedelta(days=180)),
    "GDP-02": (TODAY - timedelta(days=10), None),
    "GDP-32": (TODAY - timedelta(days=400), None),
    "GDP-33": (TODAY - timedelta(days=600), None),
}
"""Days of issue and of validity: what expires, fades, or stays good over the year."""


def sent_in(provider: Provider, cast: Cast, clock: StoppedClock) -> OpenedInvitation:
    """Answered well, with data in countries that a decision or clauses cover, and proven."""
    _, invitation = stages.started(provider, cast.oskar)
    transfers = [row("NZ", "adequacy"), row("US", "scc")]
    stages.answer_all(
        invitation,
        {
            "GDP-01": Given("processor"),
            "GDP-29": Given(["DE", "NZ"]),
            "GDP-30": Given(["DE", "US"]),
            "GDP-32": Given(transfers),
            "GDP-33": Given("recent"),
            "ISM-06": Given("partly"),
        },
    )
    for question, (issued_on, valid_until) in PROVEN.items():
        stages.attach(invitation, question, issued_on=issued_on, valid_until=valid_until)
    stages.send_in(invitation)
    for file in of_assessment(reading(), invitation.assessment_id):
        review_evidence(
            invitation.assessment_id,
            file.use_id,
            Action.EVIDENCE_INDEPENDENT,
            stages.reviewer(cast.oskar),
            issued_on=file.issued_on,
            valid_until=file.valid_until,
        )
    return invitation


def foreseen(invitation: OpenedInvitation) -> Outlook:
    kept = basis(reading(), invitation.assessment_id)
    assert kept is not None
    return outlook(kept, terms_now(reading()), TODAY, 12)


def test_a_year_goes_by_as_it_was_foreseen(app: Flask, cast: Cast, clock: StoppedClock) -> None:
    until = TODAY + timedelta(days=120)
    word = Word("full", date(2012, 12, 19), until, False, "", "It runs out.")
    override("NZ", word, actor=OPERATOR, now=NOW)
    invitations = [sent_in(provider, cast, clock) for provider in (cast.vera, cast.mallory)]
    before = {one.assessment_id: foreseen(one) for one in invitations}
    clockwork = Clockwork(app)
    seen: dict[str, dict[date, tuple[str, str]]] = {one: {} for one in before}
    for _ in range(DAYS):
        clock.pass_by(days=1)
        clockwork.round()
        reading().rollback()
        for one in before:
            newest = receipts(reading(), one, limit=1)[0]
            seen[one][clock.now().date()] = (newest.tier, newest.shown)
    for one, ahead in before.items():
        for point in ahead.points:
            if TODAY < point.day <= TODAY + timedelta(days=DAYS):
                assert seen[one][point.day] == (point.tier, shown(point.score)), point.day
        turns = [day for day, (tier, _) in seen[one].items() if tier != before_of(seen[one], day)]
        assert {rise.day for rise in ahead.rises} == set(turns)
        assert turns, "the year is to hold a rise"
        documents = receipt_documents(reading(), one)
        assert 10 < len(documents) < DAYS
        assert all(recompute(text).same for _, text in documents)
        told = [row for row in reversed(receipts(reading(), one, limit=DAYS)) if row.as_of > TODAY]
        assert all(float(a.shown) <= float(b.shown) for a, b in pairwise(told))


def before_of(seen: dict[date, tuple[str, str]], day: date) -> str:
    """The tier of the day before; of the first day, its own."""
    return seen.get(day - timedelta(days=1), seen[day])[0]
