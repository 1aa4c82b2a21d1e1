"""An assessment as of a past day: what was seen on a day is what is told of it ever after."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import event

from riskapp.answers.queries import answers
from riskapp.assessments.models import Assessment
from riskapp.assessments.rules import State
from riskapp.assessments.service import cancel, extend
from riskapp.core.db import db, reading
from riskapp.core.errors import Refusal
from riskapp.custody.rules import RecordClass
from riskapp.evidence.queries import EvidenceRow, of_assessment
from riskapp.evidence.service import Place, remove
from riskapp.invites.queries import OpenedInvitation, invitations
from riskapp.invites.service import issue_another
from riskapp.reviews.marks import MARKS
from riskapp.reviews.past import Past, assessment_as_of
from riskapp.reviews.queries import decision, thread
from riskapp.reviews.rules import Action, Outcome
from riskapp.reviews.service import decide, review_answer, review_evidence, send_back, undo
from riskapp.reviews.sharing import Shown
from riskapp.vendors.service import end_engagement
from tests import small, stages
from tests.cast import Cast
from tests.conftest import StoppedClock
from tests.custody import retaining

pytestmark = pytest.mark.usefixtures("in_app")

QUESTIONS = (small.VITAL, small.PROVEN, small.CONTROL, small.CHILD, small.LEGAL, small.NUMBER)
STEPS = 50

Seen = dict[str, Any]


@dataclass
class Story:
    """One assessment to which things happen by chance; what is refused did not happen."""

    cast: Cast
    clock: StoppedClock
    chance: Random
    invitation: OpenedInvitation
    done: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    """Files in the order in which they came: by their ids, chance would choose anew each time."""

    @property
    def of(self) -> str:
        return self.invitation.assessment_id

    def step(self) -> None:
        verbs: list[Callable[[], object]] = [
            self.say,
            self.say,
            self.attach,
            self.remove,
            self.submit,
            self.submit,
            *[self.review] * 6,
            self.review_file,
            self.review_file,
            self.undo,
            self.undo,
            self.send_back,
            self.extend,
            self.share,
            self.another_link,
        ]
        if len(self.done) > STEPS * 3 // 4:
            verbs += [self.decide, self.cancel]
        verb = self.chance.choice(verbs)
        reading().rollback()
        try:
            verb()
        except Refusal:
            return
        self.done.append(verb.__name__)

    def say(self) -> None:
        question = self.chance.choice(QUESTIONS)
        base = answers(reading(), self.of).get(question)
        asked = stages.question(self.invitation, question)
        given: dict[str, Any] = {"value": stages.good_answer(asked)}
        if self.chance.random() < 0.4:
            given = {"value": None, "na_reason": f"Not ours, {self.chance.random()}."}
        comment = f"Remark {self.chance.random()}"
        small.say(
            self.invitation, question, base=base.revision if base else 0, comment=comment, **given
        )

    def _file(self) -> EvidenceRow | None:
        files = of_assessment(reading(), self.of)
        files = sorted(files, key=lambda one: self.kept.index(one.evidence_id))
        return self.chance.choice(files) if files else None

    def attach(self) -> None:
        old = self._file() if self.chance.random() < 0.5 else None
        question = old.question_id if old else self.chance.choice((small.PROVEN, small.VITAL))
        file = stages.attach(self.invitation, question, replaces=old.use_id if old else None)
        self.kept.append(file.evidence_id)

    def remove(self) -> None:
        if (old := self._file()) is not None:
            place = Place(self.of, self.invitation.vendor_id, self.invitation.id, old.question_id)
            remove(old.use_id, place, now=self.clock.now())

    def submit(self) -> None:
        stages.answer_all(self.invitation)
        stages.send_in(self.invitation)

    def review(self) -> None:
        action = self.chance.choice(
            [action for action in MARKS if self.chance.random() < 0.8] or [Action.ACCEPT]
        )
        review_answer(
            self.of,
            self.chance.choice((*QUESTIONS, small.ROLE)),
            action,
            stages.reviewer(self.chance.choice((self.cast.oskar, self.cast.olga))),
            note=f"Because {self.chance.random()}.",
            compensation=self.chance.choice(("0.25", "0.5")),
        )

    def review_file(self) -> None:
        if (old := self._file()) is not None:
            review_evidence(
                self.of,
                old.use_id,
                self.chance.choice((Action.EVIDENCE_REVIEWED, Action.EVIDENCE_INDEPENDENT)),
                stages.reviewer(self.cast.oskar),
                issued_on=date(2026, 10, self.chance.randint(1, 20)),
                valid_until=self.chance.choice((None, date(2027, 5, 1))),
                note="Seen.",
            )

    def undo(self) -> None:
        left = [entry for entry in thread(reading(), self.of) if not entry.undone_at]
        done = [entry for entry in left if entry.action != Action.UNDO][-3:]
        if done:
            undo(self.of, done[-1].id, stages.reviewer(self.cast.oskar), note="A slip.")

    def send_back(self) -> None:
        due = self.clock.now().date() + timedelta(days=self.chance.randint(1, 30))
        send_back(self.of, due, stages.reviewer(self.cast.oskar))

    def extend(self) -> None:
        due = self.clock.now().date() + timedelta(days=self.chance.randint(40, 90))
        extend(self.of, due, actor=self.cast.oskar.actor, now=self.clock.now())

    def share(self) -> None:
        level = self.chance.choice((Shown.TIER, Shown.CARD, None))
        stages.share_newest(self.of, level, stages.reviewer(self.cast.oskar))

    def another_link(self) -> None:
        issue_another(
            self.of,
            email="v@nordlicht.example",
            replace=False,
            actor=self.cast.oskar.actor,
            now=self.clock.now(),
        )

    def decide(self) -> None:
        decide(self.of, Outcome.REJECT, stages.reviewer(self.cast.oskar), reasons="Too weak.")

    def cancel(self) -> None:
        cancel(self.of, "Not bought.", actor=self.cast.oskar.actor, now=self.clock.now())


def seen(of: str) -> Seen:
    """What the rows say now."""
    reading().rollback()
    row = reading().get(Assessment, of, populate_existing=True)
    assert row is not None
    made = decision(reading(), of)
    return {
        "state": row.state,
        "due": row.due,
        "submissions": row.submissions,
        "submitted_at": row.submitted_at,
        "returned_at": row.returned_at,
        "shared": row.shared,
        "score": (row.receipts, row.tier, row.shown) if row.receipts else None,
        "outcome": made and made.outcome,
        "links": {(one.id, one.started_at, one.revoked_at) for one in invitations(reading(), of)},
        "answers": {
            name: (
                one.revision,
                one.saved_at,
                one.standing,
                one.asked_back,
                tuple(one.na_approvals),
                one.na_refused,
                one.confirmed,
                one.compensating,
            )
            for name, one in answers(reading(), of).items()
        },
        "words": {
            name: (one.value, one.na_reason, one.comment)
            for name, one in answers(reading(), of).items()
        },
        "files": {
            (one.question_id, one.evidence_id, one.version): (
                one.level,
                one.submitted,
                one.added_at,
                one.issued_on,
                one.valid_until,
                one.confirmed_by is not None,
                one.scan,
            )
            for one in of_assessment(reading(), of)
        },
    }


def told(past: Past) -> Seen:
    """The same of what is told of a day."""
    then = past.then
    receipt = past.receipt
    return {
        "state": then.state,
        "due": then.due,
        "submissions": then.submissions,
        "submitted_at": then.submitted_at,
        "returned_at": then.returned_at,
        "shared": then.shared,
        "score": receipt and (receipt.number, receipt.tier, receipt.shown),
        "outcome": past.decision and past.decision.outcome,
        "links": {(one.id, one.started_at, one.revoked_at) for one in past.links},
        "answers": {
            name: (
                one.then.revision,
                one.then.saved_at,
                one.then.review.standing,
                one.then.asked_back,
                one.then.review.na_approvals,
                one.then.review.na_refused,
                one.then.review.confirmed,
                one.then.review.compensating,
            )
            for name, one in past.answers.items()
        },
        "words": {
            name: (one.said.value, one.said.na_reason, one.said.comment) if one.said else None
            for name, one in past.answers.items()
        },
        "files": {
            one.then.use: (
                one.then.level,
                one.then.submitted,
                one.then.added_at,
                one.issued_on,
                one.valid_until,
                one.dates_confirmed,
                one.scan,
            )
            for one in past.files
        },
    }


def as_of(of: str, day: date) -> Past | None:
    reading().rollback()
    return assessment_as_of(reading(), of, day)


@pytest.mark.parametrize(
    "seed", [1, 2, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(3, 20))]
)
def test_what_was_seen_at_the_end_of_each_day_is_told_of_it_ever_after(
    cast: Cast, clock: StoppedClock, seed: int
) -> None:
    story = Story(cast, clock, Random(seed), small.started(cast))  # noqa: S311 - a test's chance
    days: dict[date, Seen] = {}
    while len(story.done) < STEPS and seen(story.of)["state"] not in {"decided", "cancelled"}:
        clock.pass_by(minutes=7)
        for _ in range(story.chance.randint(1, 8)):
            story.step()
        days[clock.now().date()] = seen(story.of)
        clock.pass_by(days=1)
    assert len(days) > 5, story.done
    assert {"review", "undo", "submit"} <= set(story.done)
    final = as_of(story.of, clock.now().date())
    assert final is not None
    assert told(final)["state"] == days[max(days)]["state"]
    submitted = {name: one.then.submitted for name, one in final.answers.items()}
    for day, was in days.items():
        past = as_of(story.of, day)
        assert past is not None
        is_told = told(past)
        words, was_words = is_told.pop("words"), was.pop("words")
        readable = {
            name for name, (revision, *_) in was["answers"].items() if revision <= submitted[name]
        }
        assert words == {
            name: said if name in readable else None for name, said in was_words.items()
        }
        lost = set(was["files"]) - {one.then.use for one in past.files if one.issued_on}
        for use in lost:  # a draft that the vendor took back later: only the trail knows of it
            assert use in is_told["files"]
            del was["files"][use], is_told["files"][use]
        assert is_told == was, day


def test_there_is_nothing_before_it_was_drawn_up(cast: Cast, clock: StoppedClock) -> None:
    clock.pass_by(days=2)
    of = small.issued(cast).assessment_id
    today = clock.now().date()
    assert as_of(of, today - timedelta(days=1)) is None
    assert as_of("0" * 32, today) is None
    past = as_of(of, today)
    assert past is not None
    assert past.then.state is State.ISSUED
    assert past.receipt is None


def test_words_that_retention_erased_are_not_guessed(cast: Cast, clock: StoppedClock) -> None:
    invitation = retaining.decided(cast)
    of, day = invitation.assessment_id, clock.now().date()
    before = as_of(of, day)
    assert before is not None
    assert before.receipt is not None
    end_engagement(cast.vera.engagement_id, actor=cast.oskar.actor, now=clock.now())
    retaining.keep_for(30, RecordClass.ANSWERS, by=cast)
    clock.pass_by(days=40)
    assert retaining.erased()
    after = as_of(of, day)
    assert after is not None
    assert {one.said for one in after.answers.values()} == {None}
    assert told(after)["answers"] == told(before)["answers"]
    assert told(after)["score"] == told(before)["score"]
    assert after.receipt is not None
    assert not after.receipt.kept
    assert after.decision == before.decision


def test_the_days_of_a_file_are_those_that_were_known_then(cast: Cast, clock: StoppedClock) -> None:
    invitation = small.submitted(cast)
    first = clock.now().date()
    (file,) = of_assessment(reading(), invitation.assessment_id)
    clock.pass_by(days=1)
    review_evidence(
        invitation.assessment_id,
        file.use_id,
        Action.EVIDENCE_REVIEWED,
        stages.reviewer(cast.oskar),
        issued_on=date(2026, 9, 9),
        valid_until=date(2027, 9, 9),
        note="As it says.",
    )
    known = []
    for day in (first, clock.now().date()):
        past = as_of(invitation.assessment_id, day)
        assert past is not None
        known += [
            (one.issued_on, one.valid_until, one.dates_confirmed, one.then.level)
            for one in past.files
        ]
    assert known == [
        (date(2026, 10, 1), None, False, "provided"),
        (date(2026, 9, 9), date(2027, 9, 9), True, "reviewed"),
    ]


def test_a_long_story_takes_as_many_statements_as_a_short_one(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = small.submitted(cast)
    counts = []
    for _ in range(2):
        found: list[str] = []

        def note(*arguments: Any, found: list[str] = found) -> None:
            found.append(arguments[2])

        reading().rollback()
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            assert assessment_as_of(reading(), invitation.assessment_id, clock.now().date())
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        counts.append(len(found))
        for question in (small.VITAL, small.PROVEN, small.CONTROL):
            review_answer(
                invitation.assessment_id, question, Action.ACCEPT, stages.reviewer(cast.oskar)
            )
    assert counts[0] == counts[1]
