"""A score in sentences, against the plain reference of the scheme."""

import re
from fractions import Fraction
from typing import Any

from hypothesis import given, settings

from riskapp.scoring.receipts import read_receipt
from riskapp.scoring.rules import evaluate
from riskapp.web.scorecard import claimed
from riskapp.web.scorecard_told import told
from riskapp.web.scorecard_words import Wording
from tests.scoring import documents, reference
from tests.scoring.documents import Document, item, receipt

examples = settings(deadline=None, max_examples=80)
LEGAL = {"below": "1/2", "level": "legal"}
HIGH = {"below": "1/2", "level": "high"}


def sentences(document: Document) -> list[str]:
    sheet, _ = read_receipt(document)
    return told(sheet, evaluate(sheet), Wording(sheet, [], {}))


def cut(value: Fraction) -> str:
    tenths = value * 10 // 1
    return f"{tenths // 10}.{tenths % 10}"


def test_a_knock_out_that_holds_the_tier_is_named_with_what_would_be_without_it() -> None:
    assert sentences(documents.worked()) == [
        (
            "Critical, 60.0: one failed knock-out (B-1) and one weak domain (B) hold it there; "
            "without them the score would be 41.1, high."
        ),
        (
            "The engagement begins at an inherent risk of 60.0, high; controls that are 35 % "
            "effective bring it down to 41.1. If all that is claimed were proven, it would be 36.6."
        ),
        "The answers that add most: B-1 (+21.6), A-2 (+8.1) and A-3 (+3.6).",
    ]


def test_where_nothing_holds_it_the_answers_alone_are_said_to() -> None:
    document = receipt(Fraction(40), {"A": 1}, [item("A-1", "A", 1, "1")])
    assert sentences(document) == [
        "Low, 4.0, by the answers alone: no knock-out failed and no domain is weak.",
        (
            "The engagement begins at an inherent risk of 40.0, medium; controls that are 100 % "
            "effective bring it down to 4.0."
        ),
    ]
    document = receipt(Fraction(80), {"A": 1}, [item("A-1", "A", 1, "0", knockout=HIGH)])
    assert sentences(document)[0] == (
        "Critical, 80.0, by the answers alone: what failed would hold it at 35.0 or above, and it "
        "lies there."
    )


def test_many_of_a_kind_are_counted_and_some_are_named() -> None:
    failed = [item(f"A-{n}", "A", 1, "0", knockout=LEGAL) for n in range(1, 6)]
    good = [item(f"A-{n}", "A", 5, "1") for n in range(10, 40)]
    assert sentences(receipt(Fraction(30), {"A": 1}, failed + good))[0] == (
        "Critical, 60.0: five unmet requirements of the law (A-1, A-2 and 3 more) hold it there; "
        "without them the score would be 3.8, low."
    )


def test_without_a_question_that_counts_all_of_the_risk_is_said_to_remain() -> None:
    left = item("A-1", "A", 1, "0", state="na-approved")
    assert sentences(receipt(Fraction(40), {"A": 1}, [left])) == [
        "High, 40.0, by the answers alone: no knock-out failed and no domain is weak.",
        (
            "The engagement begins at an inherent risk of 40.0, medium; no question counts, so "
            "that all of it remains."
        ),
    ]


@examples
@given(documents.receipts())
def test_what_is_said_to_be_without_the_floors_is_what_the_scheme_gives(document: Document) -> None:
    first = sentences(document)[0]
    right: dict[str, Any] = reference.result(document)
    assert first.startswith(f"{right['tier'].capitalize()}, {right['shown']}")
    residual, score = Fraction(right["residual"]), Fraction(right["score"])
    found = re.search(r"without (?:it|them) the score would (?:still )?be (\d+\.\d), (\w+)", first)
    assert (found is None) == (score == residual)
    if found is not None:
        lower = [Fraction(f["at"]) for f in right["floors"] if Fraction(f["at"]) < score]
        without = max([residual, *lower])
        bounds = document["constants"]["bounds"]
        assert found.groups() == (cut(without), reference.tier(without, bounds))


@examples
@given(documents.receipts())
def test_what_a_domain_claims_is_what_the_scheme_gives(document: Document) -> None:
    sheet, _ = read_receipt(document)
    for domain in reference.live_domains(document):
        own = [one for one in sheet.items if one.domain == domain["id"] and one.counts]
        right = reference.domain_mean(document, domain["id"], proven=False)
        assert claimed(own) == right
