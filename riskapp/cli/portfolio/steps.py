"""The steps of a story, each through the service that a person's click would reach.

Every step is a generator: it gives the time at which it happens, and happens when it is resumed.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice

from riskapp.answers.service import Given, Saving, save
from riskapp.assessments.queries import assessment, releases
from riskapp.assessments.service import Plan, as_proposed, draft
from riskapp.audit.service import Actor
from riskapp.catalogue.model import Question
from riskapp.cli.demo_files import pdf, seal_and_keep
from riskapp.cli.portfolio.answering import planned
from riskapp.cli.portfolio.diary import Steps
from riskapp.cli.portfolio.plot import Mark, Paper, Provider, Purchase, Replies, Stage
from riskapp.core.db import reading
from riskapp.core.errors import NotFound
from riskapp.evidence.again import offers, use_again
from riskapp.evidence.queries import of_assessment
from riskapp.evidence.service import Dates, Place
from riskapp.invites.queries import OpenedInvitation, by_token
from riskapp.invites.service import Issued, issue, start
from riskapp.reviews.rules import Action
from riskapp.reviews.service import Reviewer, review_answer, review_evidence, send_back
from riskapp.submissions.service import submit
from riskapp.vendors.intake import facts
from riskapp.vendors.service import add_engagement, register_vendor, save_intake

ASKED = ("iso-27001", "gdpr-processor")
REASON = "First round: security and data protection. The rest follows with the renewal."
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Bought:
    """A registered engagement and who answers for it."""

    provider: Provider
    purchase: Purchase
    vendor_id: str
    engagement_id: str


def register(
    stage: Stage, at: datetime, provider: Provider, purchase: Purchase, vendor_id: str = ""
) -> Generator[datetime, None, Bought]:
    """The officer registers a vendor (or knows it already), what is bought, and its intake."""
    actor = Actor("person", stage.staff.officer)
    if not vendor_id:
        yield at
        vendor_id = register_vendor(provider.details, provider.contacts, actor=actor, now=at)
    yield at + 4 * MINUTE
    engagement_id = add_engagement(vendor_id, purchase.details, actor=actor, now=at + 4 * MINUTE)
    yield at + 13 * MINUTE
    save_intake(
        engagement_id,
        stage.ports.library.current.intake,
        purchase.intake,
        actor=actor,
        now=at + 13 * MINUTE,
    )
    return Bought(provider, purchase, vendor_id, engagement_id)


def plan(stage: Stage, due: date) -> Plan:
    """What every vendor of the portfolio is asked, whatever its intake calls for."""
    catalogue = stage.ports.library.current
    return Plan([catalogue.latest(name) for name in ASKED], due, REASON)


def draw_up(stage: Stage, at: datetime, bought: Bought, due: date) -> Steps:
    yield at
    draft(
        stage.ports.library,
        bought.engagement_id,
        plan(stage, due),
        actor=Actor("person", stage.staff.officer),
        now=at,
    )


def send(
    stage: Stage, at: datetime, bought: Bought, due: date, *, proposed: bool = False
) -> Generator[datetime, None, Issued]:
    """Issues an assessment; `proposed`: of all that its intake calls for."""
    yield at
    catalogue = stage.ports.library.current
    known = facts(catalogue.intake, bought.purchase.intake)
    issued = issue(
        stage.ports.library,
        bought.engagement_id,
        as_proposed(known, catalogue, due) if proposed else plan(stage, due),
        email=bought.provider.email,
        actor=Actor("person", stage.staff.officer),
        now=at,
    )
    stage.links.append(issued)
    return issued


def begin(at: datetime, issued: Issued) -> Generator[datetime, None, OpenedInvitation]:
    """The vendor opens the link and presses Start."""
    yield at
    start(issued.invitation_id, now=at)
    return reopened(issued)


def reopened(issued: Issued) -> OpenedInvitation:
    """The invitation as it stands now."""
    found = by_token(reading(), issued.token)
    if found is None:
        raise NotFound
    return found


def to_answer(
    stage: Stage, invitation: OpenedInvitation, replies: Replies
) -> list[tuple[Question, Given]]:
    row = assessment(reading(), invitation.assessment_id)
    if row is None:
        raise NotFound
    sent = releases(reading(), stage.ports.library, row.id)
    return planned(sent, row.facts, replies)


def answer(
    invitation: OpenedInvitation,
    todo: Sequence[tuple[Question, Given]],
    sittings: Sequence[datetime],
) -> Steps:
    """Answers one after the other, two minutes each, in as many sittings as there are times."""
    rest, each = iter(todo), -(-len(todo) // len(sittings))
    for sitting in sittings:
        for number, (question, given) in enumerate(islice(rest, each)):
            at = sitting + number * 2 * MINUTE
            yield at
            save(question, given, _first(invitation), now=at)


def _first(invitation: OpenedInvitation) -> Saving:
    return Saving(invitation.assessment_id, invitation.vendor_id, invitation.id, 0)


def attach(
    stage: Stage,
    at: datetime,
    invitation: OpenedInvitation,
    papers: Sequence[Paper],
    *,
    replacing: bool = False,
) -> Steps:
    """Uploads one paper every three minutes; `replacing` what lies on its question."""
    for number, paper in enumerate(papers):
        moment = at + number * 3 * MINUTE
        yield moment
        issued_on = moment.date() - timedelta(days=paper.age)
        until = None if paper.lasts is None else issued_on + timedelta(days=paper.lasts)
        lines = [
            invitation.vendor_name,
            paper.line,
            f"Issued on {issued_on.isoformat()}." + (f" Valid until {until}." if until else ""),
            "Made for the demonstration of riskapp; it proves nothing.",
        ]
        place = Place(invitation.assessment_id, invitation.vendor_id, invitation.id, paper.question)
        dates = Dates(issued_on, until)
        old = [one for one in of_assessment(reading(), invitation.assessment_id) if replacing]
        replaces = next((one.use_id for one in old if one.question_id == paper.question), None)
        seal_and_keep(
            stage.ports, pdf(lines), paper.name, dates, place, now=moment, replaces=replaces
        )


def serve_too(
    at: datetime, invitation: OpenedInvitation, paper: Paper, questions: Sequence[str]
) -> Steps:
    """Uses a paper that was sent for other questions too, one every minute."""
    for number, question in enumerate(questions):
        moment = at + number * MINUTE
        yield moment
        place = Place(invitation.assessment_id, invitation.vendor_id, invitation.id, question)
        known = offers(reading(), invitation.assessment_id, question)
        use_again([one.ref for one in known if one.name == paper.name], place, now=moment)


def hand_in(stage: Stage, at: datetime, issued: Issued, provider: Provider) -> Steps:
    yield at
    submit(
        stage.ports.library,
        reopened(issued),
        provider.signatory,
        organisation=stage.ports.settings.organisation,
        now=at,
    )


def ask_again(stage: Stage, at: datetime, assessment_id: str, mark: Mark, due: date) -> Steps:
    """The officer asks one answer back and returns the assessment."""
    yield from review(stage, at, assessment_id, [mark])
    yield at + 2 * MINUTE
    reviewer = Reviewer(stage.staff.officer, at + 2 * MINUTE, stage.ports.library)
    send_back(assessment_id, due, reviewer)


def review(
    stage: Stage, at: datetime, assessment_id: str, marks: Sequence[Mark], *, second: bool = False
) -> Steps:
    """Marks one answer after the other; `second` is the second officer's hand."""
    person = stage.staff.second_officer if second else stage.staff.officer
    for number, mark in enumerate(marks):
        moment = at + number * 3 * MINUTE
        yield moment
        reviewer = Reviewer(person, moment, stage.ports.library)
        review_answer(assessment_id, mark.question, mark.action, reviewer, note=mark.note)


def review_files(
    stage: Stage, at: datetime, assessment_id: str, actions: dict[str, Action]
) -> Steps:
    """Says of the files on these questions how far they can be relied on."""
    for number, file in enumerate(of_assessment(reading(), assessment_id)):
        if file.question_id not in actions:
            continue
        moment = at + number * 2 * MINUTE
        yield moment
        review_evidence(
            assessment_id,
            file.use_id,
            actions[file.question_id],
            Reviewer(stage.staff.officer, moment, stage.ports.library),
            issued_on=file.issued_on,
            valid_until=file.valid_until,
        )
