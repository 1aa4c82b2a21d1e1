"""Rechenwerk Elbtal, Germany: houses the servers. Submitted; a second site is a draft."""

from riskapp.answers.service import Given
from riskapp.cli.portfolio import papers, steps
from riskapp.cli.portfolio.diary import Steps
from riskapp.cli.portfolio.plot import Provider, Purchase, Replies, Stage, Strength
from riskapp.vendors.service import ContactDetails, EngagementDetails, VendorDetails

RECHENWERK = Provider(
    VendorDetails("Rechenwerk Elbtal GmbH", "DE"),
    [
        ContactDetails(
            "Jutta Brandis", "jutta.brandis@rechenwerk.example", "Information security officer"
        ),
    ],
)
HOUSING = Purchase(
    EngagementDetails(
        "Data centre, main site",
        "Two rooms with our own servers, power, cooling and remote hands.",
        ["infrastructure"],
        ["DE"],
    ),
    {
        "INT-01": ["infrastructure"],
        "INT-02": "confidential-or-personal",
        "INT-03": "million-or-more",
        "INT-04": "network",
        "INT-05": "up-to-four-hours",
        "INT-06": "hard",
        "INT-07": "eea",
        "INT-08": "none",
        "INT-09": "none",
        "INT-10": "dora-critical",
    },
)
SECOND_SITE = Purchase(
    EngagementDetails(
        "Data centre, second site",
        "Racks for recovery in another region, from next spring on.",
        ["infrastructure"],
        ["DE"],
    ),
    {**HOUSING.intake, "INT-05": "up-to-a-day", "INT-06": "medium"},
)
REPLIES = Replies(
    Strength.STRONG,
    {
        "ISM-01": Given("equivalent", comment="C5 Type 2, both rooms."),
        "ISM-19": Given("partly", comment="Our portal was tested; building control was not."),
        "ISM-26": Given("partly", comment="Two engineering laptops still wait for encryption."),
        "GDP-01": Given("processor", comment="Remote hands can see labels and console screens."),
        "GDP-06": Given("no"),
        "GDP-14": Given([], comment="None. Cleaning and guards never see data."),
        "GDP-15": Given(na_reason="We use no sub-processors."),
        "GDP-16": Given(na_reason="We use no sub-processors."),
        "GDP-29": Given(["DE"], comment="Dresden and Meissen."),
        "GDP-30": Given(["DE"]),
        "GDP-31": Given(
            [{"parent": "Stadtwerke Elbtal AG", "country": "DE", "exposure": "not-exposed"}]
        ),
        "GDP-32": Given([]),
        "GDP-33": Given(na_reason="There are no transfers."),
    },
)


def story(stage: Stage) -> Steps:
    at = stage.diary.at
    bought = yield from steps.register(stage, at(26, "10:00"), RECHENWERK, HOUSING)
    issued = yield from steps.send(stage, at(26, "10:30"), bought, stage.diary.ahead(9))
    invitation = yield from steps.begin(at(22, "6:50"), issued)
    replies = REPLIES.certified_until(stage.diary.ahead(40), "The next report follows it closely.")
    todo = steps.to_answer(stage, invitation, replies)
    yield from steps.answer(invitation, todo, [at(22, "6:52"), at(14, "9:00")])
    yield from steps.attach(stage, at(7, "8:30"), invitation, papers.WELL_KEPT[3:])
    yield from steps.hand_in(stage, at(2, "15:55"), issued, RECHENWERK)
    second = yield from steps.register(
        stage, at(1, "13:30"), RECHENWERK, SECOND_SITE, bought.vendor_id
    )
    yield from steps.draw_up(stage, at(1, "14:05"), second, stage.diary.ahead(45))
