"""Wierzba Software, Poland: builds the banking app. Approved with conditions; another link open."""

from riskapp.answers.service import Given
from riskapp.cli.portfolio import papers, steps
from riskapp.cli.portfolio.diary import Steps
from riskapp.cli.portfolio.plot import (
    Mark,
    Provider,
    Purchase,
    Replies,
    Stage,
    Strength,
)
from riskapp.reviews.rules import Action, Outcome
from riskapp.reviews.service import Reviewer, decide
from riskapp.vendors.service import ContactDetails, EngagementDetails, VendorDetails

WIERZBA = Provider(
    VendorDetails("Wierzba Software sp. z o.o.", "PL"),
    [
        ContactDetails("Vera Wilk", "vera.wilk@wierzba.example", "Head of information security"),
        ContactDetails("Tomasz Grab", "tomasz.grab@wierzba.example", "Account manager"),
    ],
)
APP = Purchase(
    EngagementDetails(
        "Mobile banking app",
        "Designs, builds and maintains the app for retail customers. Two teams in Wrocław, with "
        "access to our test systems and to production for third-line support.",
        ["development", "qa"],
        ["PL", "CZ"],
    ),
    {
        "INT-01": ["development", "qa"],
        "INT-02": "confidential-or-personal",
        "INT-03": "under-1000000",
        "INT-04": "production-or-admin",
        "INT-05": "up-to-a-day",
        "INT-06": "medium",
        "INT-07": "eea",
        "INT-08": "one",
        "INT-09": "product-code",
        "INT-10": "nis2",
    },
)
BRANCH_TOOLS = Purchase(
    EngagementDetails(
        "Developers for the branch tools",
        "Four developers who work in our own team on the tools that branch staff use.",
        ["staff-augmentation"],
        ["PL"],
    ),
    {
        "INT-01": ["staff-augmentation"],
        "INT-02": "confidential-or-personal",
        "INT-03": "under-1000",
        "INT-04": "network",
        "INT-05": "over-a-month",
        "INT-06": "easy",
        "INT-07": "eea",
        "INT-08": "none",
        "INT-09": "peripheral",
        "INT-10": "none",
    },
)
REPLIES = Replies(
    Strength.STRONG,
    {
        "ISM-01": Given("in-scope", comment="The certificate names Wrocław and Brno."),
        "ISM-06": Given(
            "partly", comment="The release manager of the Brno team can still approve own changes."
        ),
        "ISM-19": Given("yes", comment="One high finding, retested and closed."),
        "ISM-30": Given("one-million", comment="We can raise this if you ask for it."),
        "GDP-01": Given("processor"),
        "GDP-14": Given(
            [
                {
                    "name": "Morava Cloud s.r.o.",
                    "address": "Lidická 41, 602 00 Brno",
                    "contact": "privacy@moravacloud.example",
                    "country": "CZ",
                    "service": "Hosts the test systems",
                    "data": "Names and masked account numbers of testers",
                }
            ],
            comment="One sub-processor. Our register is attached.",
        ),
        "GDP-29": Given(["PL", "CZ"]),
        "GDP-30": Given(["PL", "CZ"], comment="On-call included. Nobody works from elsewhere."),
        "GDP-31": Given(
            [{"parent": "Wierzba Holding S.A.", "country": "PL", "exposure": "not-exposed"}]
        ),
        "GDP-32": Given([], comment="Everything stays in Poland and Czechia."),
        "GDP-33": Given(na_reason="We make no transfers, so that there is nothing to assess."),
    },
)
ACCEPTED = ("ISM-01", "ISM-04", "ISM-12", "ISM-15", "ISM-16", "ISM-19", "ISM-20", "ISM-23")
MARKS = (
    *(Mark(question, Action.ACCEPT) for question in ACCEPTED),
    Mark("ISM-06", Action.ACCEPT, "Agreed as a condition: see the decision."),
    Mark("GDP-02", Action.ACCEPT),
    Mark("GDP-14", Action.ACCEPT, "Register checked against the contract's annex."),
    Mark("GDP-32", Action.CONFIRM),
    Mark("GDP-33", Action.APPROVE_NA, "No transfers: nothing leaves Poland and Czechia."),
)


def story(stage: Stage) -> Steps:
    at = stage.diary.at
    bought = yield from steps.register(stage, at(41, "9:10"), WIERZBA, APP)
    issued = yield from steps.send(stage, at(41, "9:40"), bought, stage.diary.ahead(-20))
    invitation = yield from steps.begin(at(39, "8:05"), issued)
    replies = REPLIES.certified_until(
        stage.diary.ahead(800), "Issued by an accredited body in Warsaw."
    )
    todo = steps.to_answer(stage, invitation, replies)
    yield from steps.answer(invitation, todo, [at(39, "8:07"), at(37, "13:00")])
    yield from steps.attach(
        stage, at(36, "9:00"), invitation, (*papers.WELL_KEPT, papers.SUB_PROCESSORS)
    )
    yield from steps.serve_too(
        at(36, "10:05"), invitation, papers.CERTIFICATE, ["ISM-02", "ISM-03"]
    )
    yield from steps.hand_in(stage, at(36, "10:30"), issued, WIERZBA)
    yield from _judge(stage, issued.assessment_id)
    branch = yield from steps.register(
        stage, at(3, "14:10"), WIERZBA, BRANCH_TOOLS, bought.vendor_id
    )
    yield from steps.send(stage, at(2, "9:20"), branch, stage.diary.ahead(24), proposed=True)


def _judge(stage: Stage, assessment_id: str) -> Steps:
    at = stage.diary.at
    yield from steps.review_files(
        stage,
        at(33, "9:00"),
        assessment_id,
        {
            "ISM-01": Action.EVIDENCE_INDEPENDENT,
            "ISM-19": Action.EVIDENCE_INDEPENDENT,
            "ISM-15": Action.EVIDENCE_REVIEWED,
            "ISM-20": Action.EVIDENCE_REVIEWED,
            "ISM-23": Action.EVIDENCE_REVIEWED,
            "GDP-02": Action.EVIDENCE_REVIEWED,
            "GDP-08": Action.EVIDENCE_REVIEWED,
        },
    )
    yield from steps.review(stage, at(33, "10:00"), assessment_id, MARKS)
    yield at(31, "15:30")
    decide(
        assessment_id,
        Outcome.APPROVE_WITH_CONDITIONS,
        Reviewer(stage.staff.officer, at(31, "15:30"), stage.ports.library),
        reasons="Sound throughout, with a certificate that covers both sites and a recent test. "
        "Duties in the Brno team are not yet kept apart.",
        conditions="1. Nobody in Brno approves an own change, by the end of the next quarter.\n"
        "2. Insurance of at least EUR 2 million from the next renewal on.",
    )
