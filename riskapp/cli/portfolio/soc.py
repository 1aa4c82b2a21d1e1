"""Tuletorn Watch, Estonia: watches the bank's systems. In review, with an N/A claim pending."""

from riskapp.answers.service import Given
from riskapp.cli.portfolio import papers, steps
from riskapp.cli.portfolio.diary import Steps
from riskapp.cli.portfolio.plot import Mark, Provider, Purchase, Replies, Stage, Strength
from riskapp.reviews.rules import Action
from riskapp.vendors.service import ContactDetails, EngagementDetails, VendorDetails

TULETORN = Provider(
    VendorDetails("Tuletorn Watch OÜ", "EE"),
    [
        ContactDetails("Maarja Kask", "maarja.kask@tuletorn.example", "Chief security officer"),
        ContactDetails("Rein Lepp", "rein.lepp@tuletorn.example", "Shift lead"),
    ],
)
MONITORING = Purchase(
    EngagementDetails(
        "Security monitoring, day and night",
        "Watches the logs of all our systems around the clock, raises alarms, and may isolate "
        "servers and lock accounts.",
        ["soc"],
        ["EE"],
    ),
    {
        "INT-01": ["soc"],
        "INT-02": "special-category-financial-or-secrets",
        "INT-03": "million-or-more",
        "INT-04": "privileged",
        "INT-05": "up-to-four-hours",
        "INT-06": "hard",
        "INT-07": "adequate",
        "INT-08": "one",
        "INT-09": "none",
        "INT-10": "dora-critical",
    },
)
REPLIES = Replies(
    Strength.STRONG,
    {
        "ISM-01": Given("in-scope", comment="Tallinn and Tartu, monitoring services."),
        "ISM-11": Given(
            "partly", comment="Criminal records may be asked for only after the contract is signed."
        ),
        "ISM-16": Given("within-24h", comment="In practice within the hour; 24 in the contract."),
        "ISM-17": Given(
            "with-cause",
            comment="Phishing of one analyst in March. No client was reached. Analysis attached.",
        ),
        "ISM-22": Given("partly", comment="Reviews happen, the plan for next year is a draft."),
        "ISM-23": Given("limited", comment="Shared audits twice a year, with your questions."),
        "ISM-29": Given(na_reason="We keep no media: all storage is rented and encrypted."),
        "GDP-01": Given("processor"),
        "GDP-14": Given(
            [
                {
                    "name": "Baltlog Hosting AS",
                    "address": "Mäealuse 9, 12618 Tallinn",
                    "contact": "dpo@baltlog.example",
                    "country": "EE",
                    "service": "Hosts the log store",
                    "data": "User names, addresses of machines, actions",
                },
                {
                    "name": "Kiwi Overwatch Ltd",
                    "address": "12 Quay Road, Wellington",
                    "contact": "privacy@kiwioverwatch.example",
                    "country": "NZ",
                    "service": "Night shift, first look at alarms",
                    "data": "User names and addresses in alarms",
                },
            ]
        ),
        "GDP-29": Given(["EE"]),
        "GDP-30": Given(["EE", "NZ"], comment="New Zealand during our night, screens only."),
        "GDP-31": Given(
            [{"parent": "Tuletorn Watch OÜ", "country": "EE", "exposure": "not-exposed"}]
        ),
        "GDP-32": Given(
            [
                {
                    "country": "NZ",
                    "activity": "remote-access",
                    "recipient": "Kiwi Overwatch Ltd",
                    "safeguard": "adequacy",
                    "note": "Decision 2013/65/EU",
                }
            ]
        ),
        "GDP-33": Given(na_reason="We rely on an adequacy decision only, not on clauses."),
    },
)
MARKS = (
    Mark("ISM-01", Action.ACCEPT, "Scope names the monitoring service and both sites."),
    Mark("ISM-15", Action.ACCEPT),
    Mark("ISM-16", Action.ACCEPT),
    Mark("ISM-17", Action.ACCEPT, "Open about cause and remedy."),
    Mark(
        "ISM-22",
        Action.REJECT,
        "The attached plan is of another company of the group; it says nothing of this service.",
    ),
    Mark(
        "ISM-23",
        Action.ASK_BACK,
        "For a critical function our supervisor must be able to come on site. Please say whether "
        "you can grant that to authorities at least.",
    ),
    Mark("GDP-02", Action.ACCEPT),
    Mark("GDP-19", Action.ASK_BACK, "Please add whom at our side you would call at night."),
    Mark("GDP-33", Action.APPROVE_NA, "New Zealand rests on adequacy; nothing to assess."),
)
PAPERS = tuple(
    paper
    for paper in papers.WELL_KEPT
    if paper
    not in {papers.NO_INCIDENTS, papers.INSURANCE, papers.POLICIES, papers.PENETRATION_TEST}
)
OUTDATED = Mark(
    "ISM-19",
    Action.ASK_BACK,
    "This is the test of last year. Please send the summary of this year's, or say when it comes.",
)


def story(stage: Stage) -> Steps:
    at = stage.diary.at
    bought = yield from steps.register(stage, at(34, "13:20"), TULETORN, MONITORING)
    issued = yield from steps.send(stage, at(34, "14:00"), bought, stage.diary.ahead(5))
    invitation = yield from steps.begin(at(29, "7:10"), issued)
    replies = REPLIES.certified_until(stage.diary.ahead(310), "Surveillance audit each autumn.")
    todo = steps.to_answer(stage, invitation, replies)
    sittings = [at(29, "7:12"), at(28, "7:30"), at(24, "11:15")]
    yield from steps.answer(invitation, todo, sittings)
    yield from steps.attach(
        stage, at(20, "8:00"), invitation, (*PAPERS, papers.LAST_PENETRATION_TEST)
    )
    yield from steps.serve_too(at(20, "9:00"), invitation, papers.CERTIFICATE, ["ISM-02", "ISM-03"])
    yield from steps.hand_in(stage, at(19, "12:45"), issued, TULETORN)
    yield from steps.ask_again(
        stage, at(17, "9:30"), issued.assessment_id, OUTDATED, stage.diary.ahead(5)
    )
    yield from steps.attach(
        stage, at(14, "8:20"), invitation, [papers.PENETRATION_TEST], replacing=True
    )
    yield from steps.hand_in(stage, at(14, "8:40"), issued, TULETORN)
    yield from steps.review_files(
        stage,
        at(6, "13:10"),
        issued.assessment_id,
        {
            "ISM-01": Action.EVIDENCE_INDEPENDENT,
            "ISM-02": Action.EVIDENCE_INDEPENDENT,
            "ISM-15": Action.EVIDENCE_REVIEWED,
            "ISM-19": Action.EVIDENCE_REVIEWED,
            "GDP-02": Action.EVIDENCE_REVIEWED,
        },
    )
    yield from steps.review(stage, at(6, "14:00"), issued.assessment_id, MARKS)
