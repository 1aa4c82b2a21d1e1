"""What became of each question, as an OSCAL finding has to say it: satisfied, or what lacks. Pure.

An objective is satisfied where the answer claims it in full, and all proof that was asked for is
there, accepted or not looked at yet, and in date. All else is not, and says why: OSCAL knows
nothing in between. How much something weighs is the receipt's to say.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from riskapp.packs.documents import Document, Documents

FRESH_FOR_DAYS = 730
"""A file that names no last day is worth nothing this many days after it was issued."""
RULE = (
    "A question is satisfied where its answer claims it in full and the proof that was asked for is"
    " there, was not rejected, and is in date. Everything else is not satisfied and says why. What"
    " does not apply is stated as satisfied once the officer agreed, and as not applicable. The"
    " score rests on the receipt alone, which counts partial answers and proof by degrees."
)


@dataclass(frozen=True, slots=True)
class Shortfall:
    """One reason why a question is not satisfied: a token, and a sentence."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A question that was asked or counts.

    `item` is how it stands in the receipt that was decided on, None where it is not scored.
    `floors` are the least scores that it holds.
    """

    question: Document
    questionnaire: Document
    item: Document | None
    floors: tuple[Document, ...]
    shortfalls: tuple[Shortfall, ...]

    @property
    def id(self) -> str:
        return str(self.question["id"])

    @property
    def answer(self) -> Document | None:
        """What was said to it; None where nothing was, or the question was not asked."""
        answer: Document | None = self.question["answer"] if self.question["asked"] else None
        return answer

    @property
    def satisfied(self) -> bool:
        return not self.shortfalls

    @property
    def state(self) -> str | None:
        return None if self.item is None else str(self.item["state"])

    @property
    def compensated(self) -> bool:
        return self.answer is not None and self.answer["compensating"] is not None


def judge(documents: Documents) -> list[Judged]:
    """Every question that was asked or counts, once, in the questionnaires' order."""
    items = {item["id"]: item for item in documents.receipt["items"]}
    floors = documents.receipt["result"]["floors"]
    as_of = date.fromisoformat(documents.receipt["as_of"])
    found: dict[str, Judged] = {}
    for questionnaire in documents.answers["questionnaires"]:
        for section in questionnaire["sections"]:
            for question in section["questions"]:
                item = items.get(question["id"])
                if question["id"] in found or not (question["asked"] or item):
                    continue
                found[question["id"]] = Judged(
                    question,
                    questionnaire,
                    item,
                    tuple(one for one in floors if one.get("item") == question["id"]),
                    tuple(_shortfalls(question, item, as_of)) if item else (),
                )
    return list(found.values())


def weak_domains(documents: Documents) -> list[Document]:
    floors: list[Document] = documents.receipt["result"]["floors"]
    return [one for one in floors if one["kind"] == "weak-domain"]


def _shortfalls(question: Document, item: Document, as_of: date) -> Iterator[Shortfall]:
    match item["state"]:
        case "answered":
            yield from _answered(question, item)
            yield from _proof(item["evidence"], as_of)
        case "missing":
            yield _missing(question)
        case "rejected":
            yield Shortfall("rejected", "The answer was rejected, and not given again.")
        case "na-claimed":
            yield _claimed(question)
        case "na-approved" if (item["knockout"] or {}).get("level") == "legal":
            yield Shortfall("legal", "The law asks it, so that it cannot be not applicable.")
        case "hidden-by-control" if Fraction(item["credit"]) < 1:
            yield Shortfall(
                "control", "It was not asked: it stands as the control that it rests on, in part."
            )


def _answered(question: Document, item: Document) -> Iterator[Shortfall]:
    credit, knockout = Fraction(item["credit"]), item["knockout"]
    if credit == 1:
        return
    if question["answer"] and question["answer"]["compensating"] is not None:
        yield Shortfall("compensated", "Another control makes up for it in part.")
    elif credit:
        yield Shortfall("partial", "The answer meets it in part.")
    else:
        yield Shortfall("failed", "The answer does not meet it.")
    if knockout and credit < Fraction(knockout["below"]):
        yield Shortfall("knockout", f"It is a knock-out question ({knockout['level']}).")


def _missing(question: Document) -> Shortfall:
    if not question["asked"]:
        return Shortfall("unconfirmed", "It was not asked, on an answer that no officer confirmed.")
    if (question["answer"] or {}).get("na_reason"):
        return Shortfall("legal", "The law asks it, so that it cannot be not applicable.")
    if (question["answer"] or {}).get("value") == []:
        return Shortfall("unconfirmed", "No officer confirmed that there is nothing to list.")
    return Shortfall("unanswered", "It counts as not answered.")


def _claimed(question: Document) -> Shortfall:
    if (question["answer"] or {}).get("na_refused"):
        return Shortfall("na-refused", "The officer did not agree that it does not apply.")
    return Shortfall("na-claimed", "Nobody has agreed yet that it does not apply.")


def _proof(evidence: Document, as_of: date) -> Iterator[Shortfall]:
    """What is wrong with the proof that counts, on the day of the receipt."""
    if not evidence["asked"]:
        return
    issued, until = evidence["issued_on"], evidence["valid_until"]
    if evidence["level"] in ("rejected", "erased"):
        yield Shortfall(f"proof-{evidence['level']}", f"The proof was {evidence['level']}.")
    elif evidence["level"] == "none" or issued is None:
        yield Shortfall("proof-missing", "The proof that was asked for is missing.")
    elif until is not None and date.fromisoformat(until) < as_of:
        yield Shortfall("proof-expired", f"The proof was valid until {until}.")
    elif until is None and (as_of - date.fromisoformat(issued)).days >= FRESH_FOR_DAYS:
        yield Shortfall("proof-old", f"The proof was issued on {issued}, too long ago to count.")
