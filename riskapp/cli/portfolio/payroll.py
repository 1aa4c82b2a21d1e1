"""Fernwood Payroll, Ireland, with a parent in the United States. Half answered."""

from riskapp.answers.service import Given
from riskapp.cli.portfolio import papers, steps
from riskapp.cli.portfolio.diary import Steps
from riskapp.cli.portfolio.plot import Provider, Purchase, Replies, Stage, Strength
from riskapp.vendors.service import ContactDetails, EngagementDetails, VendorDetails

FERNWOOD = Provider(
    VendorDetails("Fernwood Payroll Ltd", "IE"),
    [
        ContactDetails("Niamh Tobin", "niamh.tobin@fernwood.example", "Trust and compliance"),
        ContactDetails("Cal Ostrander", "cal.ostrander@fernwood.example", "Customer success"),
    ],
)
PAYROLL = Purchase(
    EngagementDetails(
        "Payroll as a service",
        "Computes and pays the salaries of all staff; holds bank details and sick days.",
        ["saas"],
        ["IE", "US"],
    ),
    {
        "INT-01": ["saas"],
        "INT-02": "special-category-financial-or-secrets",
        "INT-03": "under-100000",
        "INT-04": "none",
        "INT-05": "up-to-a-week",
        "INT-06": "hard",
        "INT-07": "adequate",
        "INT-08": "two-or-more",
        "INT-09": "none",
        "INT-10": "other",
    },
)
REPLIES = Replies(
    Strength.MIDDLING,
    {
        "ISM-01": Given("equivalent", comment="SOC 2 Type 2, Dublin and Columbus."),
        "ISM-17": Given("without-cause", comment="Our counsel asks us not to share more."),
        "GDP-01": Given("processor"),
        "GDP-14": Given(
            [
                {
                    "name": "Fernwood Group Inc.",
                    "address": "200 Mill Street, Columbus, Ohio",
                    "contact": "privacy@fernwood.example",
                    "country": "US",
                    "service": "Second-line support, engineering",
                    "data": "Salaries, bank details, absences",
                }
            ]
        ),
        "GDP-29": Given(["IE"]),
        "GDP-30": Given(["IE", "US"]),
        "GDP-31": Given(
            [{"parent": "Fernwood Group Inc.", "country": "US", "exposure": "with-measures"}]
        ),
        "GDP-32": Given(
            [
                {
                    "country": "US",
                    "activity": "remote-access",
                    "recipient": "Fernwood Group Inc.",
                    "safeguard": "dpf",
                    "note": "On the list, human resources data included",
                }
            ]
        ),
    },
)
SHARE = 2
"""One in so many questions is answered so far."""


def story(stage: Stage) -> Steps:
    at = stage.diary.at
    bought = yield from steps.register(stage, at(12, "9:15"), FERNWOOD, PAYROLL)
    issued = yield from steps.send(stage, at(12, "9:45"), bought, stage.diary.ahead(8))
    invitation = yield from steps.begin(at(10, "10:10"), issued)
    replies = REPLIES.certified_until(stage.diary.ahead(-50), "The next report is in work.")
    todo = steps.to_answer(stage, invitation, replies)
    yield from steps.answer(
        invitation, todo[: len(todo) // SHARE], [at(10, "10:12"), at(4, "15:00")]
    )
    yield from steps.attach(stage, at(4, "16:30"), invitation, [papers.POLICIES, papers.TRAINING])
