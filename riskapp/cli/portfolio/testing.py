"""Neem Tree Testing, India: tested with production data, without a ground for it. Rejected."""

from riskapp.answers.service import Given
from riskapp.cli.portfolio import papers, steps
from riskapp.cli.portfolio.diary import Steps
from riskapp.cli.portfolio.plot import Mark, Provider, Purchase, Replies, Stage, Strength
from riskapp.reviews.rules import Action, Outcome
from riskapp.reviews.service import Reviewer, decide
from riskapp.vendors.service import ContactDetails, EngagementDetails, VendorDetails

NEEM_TREE = Provider(
    VendorDetails("Neem Tree Testing Pvt. Ltd.", "IN"),
    [ContactDetails("Kavya Rao", "kavya.rao@neemtree.example", "Delivery manager")],
)
REGRESSION = Purchase(
    EngagementDetails(
        "Regression tests of the credit system",
        "Runs the regression tests before each release, on a copy of production data.",
        ["qa"],
        ["IN"],
    ),
    {
        "INT-01": ["qa"],
        "INT-02": "special-category-financial-or-secrets",
        "INT-03": "under-100000",
        "INT-04": "application-user",
        "INT-05": "up-to-a-week",
        "INT-06": "easy",
        "INT-07": "no-safeguards",
        "INT-08": "one",
        "INT-09": "product-code",
        "INT-10": "none",
    },
)
REPLIES = Replies(
    Strength.WEAK,
    {
        "ISM-01": Given("none", comment="We follow the standard but are not certified."),
        "ISM-12": Given("no", comment="Freelance testers work under the agency's contract."),
        "ISM-15": Given("partly", comment="The plan is there. No exercise yet."),
        "ISM-19": Given("partly", comment="See the report; it is older than a year."),
        "ISM-20": Given("within-90-days"),
        "ISM-23": Given("limited"),
        "ISM-30": Given("none"),
        "GDP-01": Given("processor"),
        "GDP-02": Given("yes", comment="Signed with the master agreement."),
        "GDP-06": Given("no"),
        "GDP-14": Given(
            [
                {
                    "name": "Banyan Talent LLP",
                    "address": "4th Cross Road, Pune",
                    "contact": "office@banyantalent.example",
                    "country": "IN",
                    "service": "Freelance testers",
                    "data": "Whatever is in the copy of production",
                }
            ]
        ),
        "GDP-17": Given("30"),
        "GDP-29": Given(["IN"]),
        "GDP-30": Given(["IN"], comment="Testers also work from home."),
        "GDP-31": Given(
            [
                {
                    "parent": "Neem Tree Testing Pvt. Ltd.",
                    "country": "IN",
                    "exposure": "without-measures",
                }
            ]
        ),
        "GDP-32": Given(
            [
                {
                    "country": "IN",
                    "activity": "processing",
                    "recipient": "Neem Tree Testing and Banyan Talent",
                    "safeguard": "none",
                    "note": "We believed that the contract was enough.",
                }
            ]
        ),
        "GDP-33": Given("missing"),
    },
)
MARKS = (
    Mark("ISM-12", Action.REJECT, "The agency's contract binds nobody towards us."),
    Mark("GDP-02", Action.ACCEPT),
    Mark("GDP-32", Action.ACCEPT, "Honest, and the reason why this cannot go on."),
)


def story(stage: Stage) -> Steps:
    at = stage.diary.at
    bought = yield from steps.register(stage, at(38, "11:00"), NEEM_TREE, REGRESSION)
    issued = yield from steps.send(stage, at(38, "11:30"), bought, stage.diary.ahead(-12))
    invitation = yield from steps.begin(at(35, "6:30"), issued)
    todo = steps.to_answer(stage, invitation, REPLIES)
    yield from steps.answer(invitation, todo, [at(35, "6:32"), at(32, "5:45")])
    yield from steps.attach(
        stage,
        at(30, "6:00"),
        invitation,
        [papers.OLD_PENETRATION_TEST, papers.PROCESSING_CONTRACT],
    )
    yield from steps.hand_in(stage, at(30, "6:20"), issued, NEEM_TREE)
    yield from steps.review(stage, at(18, "13:00"), issued.assessment_id, MARKS, second=True)
    decided = at(16, "10:15")
    yield decided
    decide(
        issued.assessment_id,
        Outcome.REJECT,
        Reviewer(stage.staff.second_officer, decided, stage.ports.library),
        reasons="Customer data goes to India without any ground that the GDPR knows, and the "
        "people who see it have signed nothing. We may ask again when tests run on made-up data.",
    )
