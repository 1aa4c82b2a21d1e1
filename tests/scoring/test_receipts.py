import copy
import json
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from riskapp.core.canonical import canonical, digest
from riskapp.scoring.receipts import first_difference, recompute
from tests.scoring import documents, reference

Document = dict[str, Any]

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"
needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason="the folder `shared` with the example receipts is not here"
)


def complete(document: Document) -> Document:
    """The receipt of a document as the application writes it, result and all."""
    return dict(json.loads(recompute(json.dumps(document)).document_bytes))


def with_factors() -> Document:
    """A receipt whose inherent score, 60, comes from two intake factors."""
    document = documents.worked()
    document["inherent"]["factors"] = {
        "INT-02": {"answer": "personal", "weight": "3/5", "value": "1", "floor": None},
        "INT-04": {"answer": "none", "weight": "2/5", "value": "0", "floor": "50"},
    }
    return document


@needs_data
def test_the_forty_receipts_of_an_independent_implementation_come_out_byte_for_byte() -> None:
    text = (DATA / "receipts.json").read_bytes()
    receipts = json.loads(text)
    found = [recompute(canonical(receipt)) for receipt in receipts]
    assert [(one.same, one.difference) for one in found] == [(True, None)] * 40
    assert b"[" + b",".join(one.document_bytes for one in found) + b"]" == text.strip()


@needs_data
def test_results_and_contributions_alone_are_computed_from_the_bare_forty_receipts() -> None:
    receipts = json.loads((DATA / "receipts.json").read_bytes())
    for receipt in receipts:
        bare = copy.deepcopy(receipt)
        del bare["result"]
        for item in bare["items"]:
            del item["contribution"]
        found = recompute(json.dumps(bare))
        assert found.same is None
        assert found.document_bytes == canonical(receipt)


@needs_data
def test_the_plain_reference_agrees_with_the_forty_receipts() -> None:
    for receipt in json.loads((DATA / "receipts.json").read_bytes()):
        assert reference.result(receipt) == receipt["result"]
        stated = {item["id"]: item["contribution"] for item in receipt["items"]}
        assert reference.contributions(receipt) == stated


@needs_data
def test_the_worked_receipt_comes_out_byte_for_byte_from_an_indented_file() -> None:
    text = (DATA / "receipt-example.json").read_bytes()
    found = recompute(text)
    assert (found.same, found.foreign_constant) == (True, None)
    assert found.document_bytes == canonical(json.loads(text))
    assert complete(documents.worked()) == json.loads(text)


def test_a_file_with_a_byte_order_mark_reads_like_one_without() -> None:
    text = json.dumps(complete(documents.worked()))
    assert recompute(b"\xef\xbb\xbf" + text.encode()).document == recompute(text).document


def test_canonical_bytes_are_sorted_and_unspaced_and_their_digest_is_sha256() -> None:
    assert canonical({"b": [1, None], "a": "é"}) == '{"a":"é","b":[1,null]}'.encode()
    assert digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


Change = Callable[[Document], object]
FALSE: list[tuple[str, Change]] = [
    ("result.residual", lambda d: d["result"].update(residual="41")),
    ("result.residual", lambda d: d["result"].update(residual=41.1)),
    ("result.score", lambda d: d["result"].update(score="59")),
    ("result.shown", lambda d: d["result"].update(shown="59.9")),
    ("result.tier", lambda d: d["result"].update(tier="high")),
    ("result.effectiveness", lambda d: d["result"].update(effectiveness="1")),
    ("result.claimed", lambda d: d["result"].update(claimed="1")),
    ("result.confidence", lambda d: d["result"].update(confidence="high")),
    ("result.na_share", lambda d: d["result"].update(na_share="0")),
    ("result.base", lambda d: d["result"].update(base="5")),
    ("result.blocked", lambda d: d["result"].update(blocked=True)),
    ("result.blocked", lambda d: d["result"].update(blocked=0)),
    ("result.blocked", lambda d: d["result"].pop("blocked")),
    ("result.floors[1]", lambda d: d["result"]["floors"].pop()),
    ("result.floors[0].at", lambda d: d["result"]["floors"][0].update(at="35")),
    ("result.floors[0].domain", lambda d: d["result"]["floors"].reverse()),
    ("result.approved", lambda d: d["result"].update(approved=True)),
    ("result.base", lambda d: d.update(result={})),
    ("items[1].contribution", lambda d: d["items"][1].update(contribution="8")),
    ("items[0].contribution", lambda d: d["items"][0].update(credit="9/10")),
    ("items[0].contribution", lambda d: d["items"][0]["evidence"].update(level="independent")),
    ("items[0].contribution", lambda d: d["items"][0]["evidence"].update(issued_on="2025-01-01")),
    ("items[0].contribution", lambda d: d["items"][3].update(state="na-approved")),
    ("items[3].contribution", lambda d: d["items"][4].update(state="missing")),
    ("items[0].contribution", lambda d: d["items"].pop(2)),
    ("items[0].contribution", lambda d: d["constants"].update(kappa="8/10")),
    ("items[0].contribution", lambda d: d["domains"][0].update(weight=1)),
    ("result.floors[0].domain", lambda d: d["items"][3].update(knockout=None)),
    ("result.floors[0].at", lambda d: d["items"][3]["knockout"].update(level="high")),
    ("items[0].contribution", lambda d: d["inherent"].update(score="74")),
]


@pytest.mark.parametrize(("field", "falsify"), FALSE)
def test_a_falsified_receipt_differs_and_the_first_false_field_is_named(
    field: str, falsify: Change
) -> None:
    receipt = complete(documents.worked())
    assert recompute(json.dumps(receipt)).same is True
    falsify(receipt)
    found = recompute(json.dumps(receipt))
    assert (found.same, found.difference) == (False, field)


def test_a_false_contribution_is_found_even_where_no_result_is_stated() -> None:
    receipt = complete(documents.worked())
    del receipt["result"]
    assert recompute(json.dumps(receipt)).same is None
    receipt["items"][3]["contribution"] = "1"
    found = recompute(json.dumps(receipt))
    assert (found.same, found.difference) == (False, "items[3].contribution")


def test_a_result_is_compared_even_where_contributions_are_left_out() -> None:
    receipt = complete(documents.worked())
    for item in receipt["items"]:
        del item["contribution"]
    assert recompute(json.dumps(receipt)).same is True


def test_where_factors_stand_the_inherent_score_comes_from_them() -> None:
    receipt = complete(with_factors())
    assert recompute(json.dumps(receipt)).same is True
    receipt["inherent"]["score"] = "55"
    found = recompute(json.dumps(receipt))
    assert (found.same, found.difference) == (False, "inherent.score")
    assert found.document["inherent"]["score"] == "60"
    assert found.document["result"]["residual"] == "411/10"


def test_a_factor_without_answer_counts_as_the_worst_whatever_its_value_says() -> None:
    receipt = with_factors()
    receipt["inherent"]["factors"]["INT-04"]["answer"] = None
    found = recompute(json.dumps(receipt))
    assert found.document["inherent"]["score"] == "100"
    assert found.document["inherent"]["tier"] == "critical"


def test_constants_that_are_not_the_schemes_are_computed_with_and_named() -> None:
    document = documents.worked()
    document["constants"]["kappa"] = "1/2"
    receipt = complete(document)
    found = recompute(json.dumps(receipt))
    assert found.document["result"]["base"] == "30"
    assert (found.same, found.foreign_constant) == (True, "kappa")


def test_numbers_that_are_not_in_lowest_terms_are_read_and_written_in_them() -> None:
    document = documents.worked()
    document["items"][1]["credit"] = "2/4"
    document["inherent"]["score"] = "120/2"
    assert complete(document) == complete(documents.worked())


def test_as_of_a_later_day_evidence_has_gone_stale() -> None:
    document = documents.worked()
    document["as_of"] = date(2028, 10, 1).isoformat()
    found = recompute(json.dumps(document)).document
    stale = Fraction(60) * Fraction(9, 10) * Fraction(3, 5) * Fraction(5, 9) * Fraction(1, 2)
    assert found["items"][0]["contribution"] == str(stale)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ({"a": 1}, {"a": 1}, None),
        ({"a": 1}, {"a": True}, "a"),
        ({"a": 1}, {"a": 1.0}, "a"),
        ({"b": 2, "a": 1}, {"b": 3, "a": 2}, "a"),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, "a.b[1]"),
        ({"a": [1]}, {"a": [1, 2]}, "a[1]"),
        ({"a": {}}, {"a": []}, "a"),
        ({"a": None}, {}, "a"),
        (1, 2, ""),
    ],
)
def test_the_first_difference_is_named_by_its_path(
    old: object, new: object, field: str | None
) -> None:
    assert first_difference(old, new) == field
