"""That whatever can happen to an assessment leaves a pack in which nothing contradicts."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from riskapp.answers.service import Given
from riskapp.assessments.service import cancel, extend
from riskapp.catalogue.library import Library
from riskapp.catalogue.model import Release
from riskapp.core.db import reading
from riskapp.custody.rules import RecordClass
from riskapp.evidence.again import use_again
from riskapp.evidence.queries import EvidenceRow, of_assessment
from riskapp.evidence.service import remove
from riskapp.invites.queries import OpenedInvitation
from riskapp.packs.narrowing import PEOPLE, Narrowing, Redaction
from riskapp.packs.shipped.verify import NOT_INCLUDED, problems
from riskapp.reviews.queries import thread
from riskapp.reviews.rules import Action, Outcome
from riskapp.reviews.service import decide, review_answer, review_evidence, send_back, undo
from riskapp.scoring.intakes import answer_intake
from riskapp.vendors.service import (
    EngagementDetails,
    VendorDetails,
    edit_engagement,
    edit_vendor,
    end_engagement,
    resume_engagement,
)
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import INTAKE, Cast, Member
from tests.conftest import StoppedClock
from tests.custody import retaining
from tests.evidence.files import place
from tests.packs.stories import Unpacked, exported, unpack
from tests.packs.test_verify_falsified import load, questions
from tests.small import CONTROL, LEVEL, NUMBER, PROVEN, SEVERAL, VITAL, WORDS, app

__all__ = ["app"]

pytestmark = pytest.mark.usefixtures("in_app")

AWAY = Given(None, "We have no such thing.", "")


class Story:
    """One assessment, and who acts on it."""

    def __init__(self, cast: Cast, clock: StoppedClock) -> None:
        self.cast, self.clock = cast, clock
        self.invitation: OpenedInvitation = small.started(cast)

    @property
    def id(self) -> str:
        return self.invitation.assessment_id

    def files(self, question: str) -> list[EvidenceRow]:
        reading().rollback()
        found = [one for one in of_assessment(reading(), self.id) if one.question_id == question]
        reading().rollback()
        return found

    def attach(self, question: str, **how: Any) -> None:
        self.clock.pass_by(minutes=1)
        stages.attach(self.invitation, question, **how)

    def use_again(self, question: str, file: EvidenceRow) -> None:
        self.clock.pass_by(minutes=1)
        name = f"{file.evidence_id}/{file.version}"
        use_again([name], place(self.invitation, question), now=self.clock.time)

    def take_off(self, question: str) -> None:
        self.clock.pass_by(minutes=1)
        use = self.files(question)[0].use_id
        remove(use, place(self.invitation, question), now=self.clock.time)

    def review(self, question: str, action: Action, by: Member | None = None, **how: Any) -> None:
        self.clock.pass_by(minutes=1)
        who = stages.reviewer(by or self.cast.oskar)
        review_answer(self.id, question, action, who, note="For a reason.", **how)

    def judge(self, question: str, action: Action, issued_on: date, **how: Any) -> None:
        self.clock.pass_by(minutes=1)
        file, who = self.files(question)[0], stages.reviewer(self.cast.oskar)
        days = {"issued_on": issued_on, "valid_until": file.valid_until, **how}
        review_evidence(self.id, file.use_id, action, who, note="As it says.", **days)

    def undo(self) -> None:
        """The last thing that was done."""
        self.clock.pass_by(minutes=1)
        reading().rollback()
        last = thread(reading(), self.id)[-1].id
        undo(self.id, last, stages.reviewer(self.cast.oskar), note="By mistake.")

    def decide(self, outcome: Outcome = Outcome.APPROVE, **how: Any) -> None:
        self.clock.pass_by(minutes=1)
        stages.confirm_empty(self.invitation, self.cast.oskar)
        reading().rollback()
        by = stages.reviewer(self.cast.oskar)
        decide(self.id, outcome, by, reasons="Sound throughout.", **how)

    def pack(self, into: Path, **how: Any) -> Unpacked:
        reading().rollback()
        return unpack(b"".join(exported(self.id, self.cast.oskar, **how).chunks), into)


def first_story(cast: Cast, clock: StoppedClock) -> Story:
    """Everything that reviewers and vendors can do, much of it undone; returned, and decided."""
    story = Story(cast, clock)
    clock.pass_by(days=1)
    extend(story.id, clock.time.date() + timedelta(days=40), actor=cast.oskar.actor, now=clock.time)
    left = {VITAL: AWAY, NUMBER: AWAY, WORDS: Given("In words.", None, "And more.")}
    stages.answer_all(story.invitation, left)
    story.attach(PROVEN, name="one.pdf")
    story.attach(PROVEN, content=b"%PDF-1.7 two", name="two.pdf", valid_until=date(2027, 5, 1))
    story.use_again(VITAL, story.files(PROVEN)[0])
    story.use_again(CONTROL, story.files(PROVEN)[0])
    story.take_off(CONTROL)
    story.use_again(CONTROL, story.files(PROVEN)[0])
    stages.send_in(story.invitation)
    reviewed(story)
    clock.pass_by(days=1)
    by = stages.reviewer(cast.oskar)
    send_back(story.id, clock.time.date() + timedelta(days=9), by)
    small.say(story.invitation, PROVEN, "partly", base=1)
    story.attach(PROVEN, content=b"%PDF-1.7 new", replaces=story.files(PROVEN)[0].use_id)
    story.take_off(CONTROL)
    story.attach(CONTROL, content=b"%PDF-1.7 list", name="list.pdf")
    stages.send_in(story.invitation)
    story.review(PROVEN, Action.ACCEPT)
    story.judge(CONTROL, Action.EVIDENCE_INDEPENDENT, date(2026, 9, 30))
    story.judge(CONTROL, Action.EVIDENCE_INDEPENDENT, date(2026, 9, 30))  # for its words alone
    story.decide(Outcome.APPROVE_WITH_CONDITIONS, conditions="A new list by June.")
    return story


def reviewed(story: Story) -> None:
    for by in (story.cast.oskar, story.cast.olga):
        story.review(VITAL, Action.APPROVE_NA, by)
    story.review(NUMBER, Action.APPROVE_NA)
    story.review(NUMBER, Action.REFUSE_NA)
    story.review(NUMBER, Action.COMPENSATE, compensation="0.5")
    story.review(LEVEL, Action.COMPENSATE, compensation="0.25")
    story.review(LEVEL, Action.REJECT)
    story.undo()
    story.review(SEVERAL, Action.COMPENSATE, compensation="0.75")
    story.undo()
    story.review(SEVERAL, Action.ACCEPT)
    story.judge(PROVEN, Action.EVIDENCE_REVIEWED, date(2026, 9, 1))
    story.undo()
    story.judge(PROVEN, Action.EVIDENCE_REVIEWED, date(2026, 10, 1))
    story.judge(VITAL, Action.EVIDENCE_REJECTED, date(2026, 10, 1))
    story.review(PROVEN, Action.REJECT)
    for question in (PROVEN, CONTROL):
        story.review(question, Action.ASK_BACK)


def second_story(first: Story) -> Story:
    """The next cycle of the same, which uses a file of the first again and corrects its days."""
    cast, clock = first.cast, first.clock
    actor, details = cast.oskar.actor, VendorDetails("Vogtland GmbH", "AT")
    edit_vendor(cast.vera.vendor_id, details, actor=actor, now=clock.time)
    bought = EngagementDetails("Other work", "In other words.", ["qa", "soc"], ["AT", "DE"])
    edit_engagement(cast.vera.engagement_id, bought, actor=actor, now=clock.time)
    clock.pass_by(days=1)
    library, more = ports().library, {**INTAKE, "INT-02": "unknown"}
    answer_intake(library, cast.vera.engagement_id, more, actor=actor, now=clock.time)
    story = Story(cast, clock)
    stages.answer_all(story.invitation)
    story.use_again(PROVEN, first.files(CONTROL)[0])
    stages.send_in(story.invitation)
    story.judge(PROVEN, Action.EVIDENCE_REVIEWED, date(2026, 8, 1))
    story.decide()
    return story


def test_whatever_happened_the_packs_verify_and_tell_how_it_ended(
    cast: Cast, clock: StoppedClock, tmp_path: Path
) -> None:
    first = first_story(cast, clock)
    bag = first.pack(tmp_path / "first")
    assert problems(bag.folder) == []
    told = {name: one["answer"] for name, one in questions(load(bag, "data/answers.json")).items()}
    assert told[VITAL]["na_approved_by"] == [cast.oskar.id, cast.olga.id]
    assert (told[NUMBER]["na_refused"], told[NUMBER]["compensating"]) == (True, "1/2")
    assert (told[LEVEL]["standing"], told[LEVEL]["compensating"]) == ("open", "1/4")
    assert (told[SEVERAL]["standing"], told[SEVERAL]["compensating"]) == ("accepted", None)
    second = second_story(first)
    for number, story in enumerate((first, second)):
        assert problems(story.pack(tmp_path / f"again{number}").folder) == []
    end_engagement(cast.vera.engagement_id, actor=cast.oskar.actor, now=clock.time)
    assert problems(second.pack(tmp_path / "ended", assessment_id=None).folder) == []
    resume_engagement(cast.vera.engagement_id, actor=cast.oskar.actor, now=clock.time)
    third = Story(cast, clock)
    cancel(third.id, "It is not needed.", actor=cast.oskar.actor, now=clock.time)
    history = second.pack(tmp_path / "history", assessment_id=None)
    assert problems(history.folder) == []
    listed = load(history, "data/vendor.json")
    assert [one["cycle"] for one in listed["assessments"]] == [1, 2, 3]
    assert listed["assessments"][2]["not_included_because"] == NOT_INCLUDED["cancelled"]


@pytest.mark.parametrize(
    "narrowing",
    [
        Narrowing(evidence=False),
        Narrowing(questions=(CONTROL, VITAL)),
        Narrowing(redactions=(Redaction("names", PEOPLE, "Not needed."),)),
        Narrowing(evidence=False, redactions=(Redaction("answer", PROVEN, "A secret."),)),
    ],
)
def test_whatever_is_left_out_of_it_the_pack_verifies(
    cast: Cast, clock: StoppedClock, tmp_path: Path, narrowing: Narrowing
) -> None:
    story = first_story(cast, clock)
    for number, what in enumerate((story.id, None)):
        bag = story.pack(tmp_path / str(number), assessment_id=what, narrowing=narrowing)
        assert problems(bag.folder) == []


def test_a_history_says_of_what_was_erased_by_rule_that_it_was(
    cast: Cast, clock: StoppedClock, tmp_path: Path
) -> None:
    first = first_story(cast, clock)
    second = second_story(first)
    retaining.keep_for(30, RecordClass.ANSWERS, by=cast)
    clock.pass_by(days=31)
    assert ("answers", first.id) in retaining.erased()
    assert problems(second.pack(tmp_path / "second").folder) == []
    history = second.pack(tmp_path / "history", assessment_id=None)
    assert problems(history.folder) == []
    one = load(history, "data/vendor.json")["assessments"][0]
    assert (one["root"], one["not_included_because"]) == (None, NOT_INCLUDED["decided"])


def test_a_pack_without_the_words_of_an_intake_that_is_not_installed_any_more_verifies(
    cast: Cast, clock: StoppedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Library.known

    def forgotten(library: Library, sha256: str) -> Release | None:
        found = known(library, sha256)
        return None if found is not None and found.audience == "officer" else found

    story = first_story(cast, clock)
    monkeypatch.setattr(Library, "known", forgotten)
    for number, what in enumerate((story.id, None)):
        bag = story.pack(tmp_path / str(number), assessment_id=what)
        assert problems(bag.folder) == []
        assert not list((bag / "data/questionnaires").glob("intake*"))
