"""Linha Clara, Portugal: answers the bank's telephones. Returned with questions asked back."""

from riskapp.answers.service import Given
from riskapp.cli.portfolio import papers, steps
from riskapp.cli.portfolio.diary import Steps
from riskapp.cli.portfolio.plot import Mark, Provider, Purchase, Replies, Stage, Strength
from riskapp.reviews.rules import Action
from riskapp.reviews.service import Reviewer, send_back
from riskapp.vendors.service import ContactDetails, EngagementDetails, VendorDetails

LINHA_CLARA = Provider(
    VendorDetails("Linha Clara Atendimento, Lda.", "PT"),
    [ContactDetails("Duarte Seixas", "duarte.seixas@linhaclara.example", "Quality and security")],
)
HELPDESK = Purchase(
    EngagementDetails(
        "Helpdesk for customers",
        "First line by telephone and chat in four languages, with our ticket system.",
        ["helpdesk"],
        ["PT"],
    ),
    {
        "INT-01": ["helpdesk"],
        "INT-02": "confidential-or-personal",
        "INT-03": "under-100000",
        "INT-04": "application-user",
        "INT-05": "up-to-a-day",
        "INT-06": "medium",
        "INT-07": "safeguards",
        "INT-08": "one",
        "INT-09": "none",
        "INT-10": "nis2",
    },
)
REPLIES = Replies(
    Strength.MIDDLING,
    {
        "ISM-01": Given("booked", comment="The audit is booked for the spring."),
        "ISM-12": Given("yes"),
        "ISM-13": Given("partly", comment="A general course; none made for agents yet."),
        "ISM-19": Given("partly", comment="The last one is older than a year."),
        "ISM-23": Given("unrestricted"),
        "GDP-01": Given("processor"),
        "GDP-02": Given("yes"),
        "GDP-06": Given("no", comment="Recordings are used for coaching only if you ask for it."),
        "GDP-14": Given(
            [
                {
                    "name": "Vozes do Atlântico, S.A.",
                    "address": "Avenida da Praia 7, Praia",
                    "contact": "dados@vozes.example",
                    "country": "CV",
                    "service": "Agents on weekends",
                    "data": "Names, telephone numbers, tickets",
                }
            ]
        ),
        "GDP-17": Given("10", comment="Ten days in the contract, about four in practice."),
        "GDP-29": Given(["PT"]),
        "GDP-30": Given(["PT", "CV"]),
        "GDP-31": Given(
            [
                {
                    "parent": "Linha Clara Atendimento, Lda.",
                    "country": "PT",
                    "exposure": "with-measures",
                }
            ]
        ),
        "GDP-32": Given(
            [
                {
                    "country": "CV",
                    "activity": "support",
                    "recipient": "Vozes do Atlântico, S.A.",
                    "safeguard": "scc",
                    "note": "Module three",
                }
            ]
        ),
        "GDP-33": Given("older", comment="Made when the clauses were signed."),
    },
)
MARKS = (
    Mark("ISM-05", Action.ACCEPT),
    Mark("ISM-12", Action.ACCEPT),
    Mark(
        "ISM-19",
        Action.ASK_BACK,
        "The summary is older than a year. Is a new test planned, and when can we have it?",
    ),
    Mark("ISM-20", Action.ASK_BACK, "Please send the figures of the last twelve months."),
    Mark("GDP-02", Action.ACCEPT),
    Mark(
        "GDP-33",
        Action.ASK_BACK,
        "The clauses for Cabo Verde need an assessment of the last 24 months. Please renew it, or "
        "tell us that agents there no longer reach our data.",
    ),
)
PAPERS = (
    papers.POLICIES,
    papers.TRAINING,
    papers.OLD_PENETRATION_TEST,
    papers.AUDIT_CLAUSE,
    papers.PROCESSING_CONTRACT,
    papers.CLAUSES,
)


def story(stage: Stage) -> Steps:
    at = stage.diary.at
    bought = yield from steps.register(stage, at(31, "8:30"), LINHA_CLARA, HELPDESK)
    issued = yield from steps.send(stage, at(31, "9:00"), bought, stage.diary.ahead(-3))
    invitation = yield from steps.begin(at(27, "14:20"), issued)
    replies = REPLIES.certified_until(stage.diary.ahead(150), "Day of the second stage.")
    todo = steps.to_answer(stage, invitation, replies)
    sittings = [at(27, "14:22"), at(21, "9:05"), at(17, "16:00")]
    yield from steps.answer(invitation, todo, sittings)
    yield from steps.attach(stage, at(13, "10:00"), invitation, PAPERS)
    yield from steps.hand_in(stage, at(13, "11:20"), issued, LINHA_CLARA)
    yield from steps.review(stage, at(9, "9:00"), issued.assessment_id, MARKS, second=True)
    sent = at(8, "16:40")
    yield sent
    reviewer = Reviewer(stage.staff.second_officer, sent, stage.ports.library)
    send_back(issued.assessment_id, stage.diary.ahead(12), reviewer)
