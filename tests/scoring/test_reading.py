"""Files that are no receipts: each is refused in words that name the field."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from riskapp.scoring.receipts import MalformedReceipt, read_receipt, recompute
from tests.scoring import documents

Document = dict[str, Any]
Change = Callable[[Document], object]

FACTOR = {"answer": "a", "weight": "1", "value": "3/5", "floor": None}


def put(path: str, value: object) -> Change:
    """Set the value at a path such as `items.3.credit`."""
    *way, last = path.split(".")

    def change(document: Document) -> None:
        place: Any = document
        for step in way:
            place = place[int(step) if step.isdigit() else step]
        place[int(last) if last.isdigit() else last] = value

    return change


def drop(path: str) -> Change:
    *way, last = path.split(".")

    def change(document: Document) -> None:
        place: Any = document
        for step in way:
            place = place[int(step) if step.isdigit() else step]
        del place[last]

    return change


def factors(**changes: object) -> Change:
    return put("inherent.factors", {"INT-02": {**FACTOR, **changes}})


def lot(count: int) -> list[Document]:
    return [documents.item(f"q{n}", "A", 1) for n in range(count)]


def unlike(count: int) -> list[Document]:
    """Items whose credits share no denominator: 1 over successive numbers of twenty digits."""
    return [documents.item(f"q{n}", "A", 1, f"1/{10**20 + n}") for n in range(count)]


KNOCKOUT = {"level": "high", "below": "1/2"}
WRONG: list[tuple[str, str, Change]] = [
    ("scheme", "std-1", put("scheme", "std-2")),
    ("scheme", "std-1", put("scheme", 1)),
    ("scheme", "such as harbour-1", put("scheme", "harbour")),
    ("scheme", "such as harbour-1", put("scheme", "std-harbour-1")),
    ("scheme", "such as harbour-1", put("scheme", "Harbour-1")),
    ("scheme", "such as harbour-1", put("scheme", "harbour-1\n")),
    ("scheme", "such as harbour-1", put("scheme", f"{'a' * 39}-1")),
    ("scheme", "missing", drop("scheme")),
    ("colour", "not a known key", put("colour", "red")),
    ("as_of", "a date such as", put("as_of", "23.11.2026")),
    ("as_of", "a date such as", put("as_of", "20261123")),
    ("as_of", "a date such as", put("as_of", "2026-11-23T00:00:00")),
    ("as_of", "that exists", put("as_of", "2026-02-30")),
    ("as_of", "not null", put("as_of", None)),
    ("constants", "an object", put("constants", [])),
    ("constants.kappa", "missing", drop("constants.kappa")),
    ("constants.kappa", "0 to 1", put("constants.kappa", "9")),
    ("constants.kappa", "exact fraction", put("constants.kappa", 0.9)),
    ("constants.tau", "not a known key", put("constants.tau", "1/2")),
    ("constants.bounds.high", "below medium", put("constants.bounds.high", "1")),
    (
        "constants.inherent_bounds.critical",
        "below high",
        put("constants.inherent_bounds", {"medium": "25", "high": "50", "critical": "49"}),
    ),
    ("constants.evidence.erased", "not a known key", put("constants.evidence.erased", "1/2")),
    ("constants.evidence.reviewed", "at least", put("constants.evidence.reviewed", "1/4")),
    ("constants.knockout.legal", "missing", drop("constants.knockout.legal")),
    ("constants.weak.low", "not a known key", put("constants.weak.low", "0")),
    ("constants.weak.high", "0 to 1", put("constants.weak.high", "-1/2")),
    ("domains", "a list", put("domains", {})),
    ("domains", "at most 100", put("domains", [{"id": f"d{n}", "weight": 1} for n in range(101)])),
    ("domains[0]", "an object", put("domains.0", "A")),
    ("domains[1].id", "twice", put("domains.1.id", "A")),
    ("domains[1].id", "1 to 300", put("domains.1.id", "")),
    ("domains[1].weight", "1 to", put("domains.1.weight", 0)),
    ("domains[1].weight", "whole number", put("domains.1.weight", "2")),
    ("domains[1].weight", "whole number", put("domains.1.weight", 2.0)),
    ("inherent.score", "0 to 100", put("inherent.score", "101")),
    ("inherent.score", "0 to 100", put("inherent.score", "-1")),
    ("inherent.score", "not 60", put("inherent.score", 60)),
    ("inherent.tier", "must be high", put("inherent.tier", "low")),
    ("inherent.tier", "one of low", put("inherent.tier", "grave")),
    ("inherent.tier", "one of low", put("inherent.tier", ["high"])),
    ("inherent.factors", "an object", put("inherent.factors", [])),
    ("inherent.factors", "sum to 1", factors(weight="1/2")),
    ("inherent.factors", "at most 50", put("inherent.factors", {f"f{n}": 1 for n in range(51)})),
    ("inherent.factors.INT-02.weight", "0 to 1", factors(weight="-1")),
    ("inherent.factors.INT-02.value", "0 to 1", factors(value="2")),
    ("inherent.factors.INT-02.floor", "0 to 100", factors(floor="300")),
    ("inherent.factors.INT-02.answer", "a text", factors(answer=3)),
    ("inherent.factors.INT-02.note", "not a known key", factors(note="x")),
    ('inherent.factors."\\ud800"', "surrogate", put("inherent.factors", {"\ud800": FACTOR})),
    ("items", "a list", put("items", None)),
    ("items", "at most 5000", put("items", lot(5001))),
    ("items[3].credit", "missing", drop("items.3.credit")),
    ("items[3].credit", "0 to 1", put("items.3.credit", "11/10")),
    ("items[3].credit", "0 to 1", put("items.3.credit", "-1/10")),
    ("items[3].credit", "zero below", put("items.3.credit", "1/0")),
    ("items[3].credit", "exact fraction", put("items.3.credit", "0.5")),
    ("items[3].credit", "exact fraction", put("items.3.credit", "1/-2")),
    ("items[3].credit", "exact fraction", put("items.3.credit", " 1/2")),
    ("items[3].credit", "exact fraction", put("items.3.credit", "½")),
    ("items[3].credit", "exact fraction", put("items.3.credit", "٣/٤")),
    ("items[3].credit", "exact fraction", put("items.3.credit", "nan")),
    ("items[3].credit", "exact fraction", put("items.3.credit", "1e-3")),
    ("items[3].credit", "not 0.5", put("items.3.credit", 0.5)),
    ("items[3].credit", "not true", put("items.3.credit", True)),
    ("items[3].credit", "too long", put("items.3.credit", "1/" + "9" * 100_000)),
    ("items[3].credit", "too long", put("items.3.credit", "1/" + "9" * 25)),
    ("items[7].credit", "too unlike", put("items", unlike(40))),
    ("items[3].contribution", "0 to 100", put("items.3.contribution", "101")),
    ("items[3].contribution", "exact fraction", put("items.3.contribution", 8.1)),
    ("items[3].contribution", "too long", put("items.3.contribution", "9" * 2000)),
    ("items[3].domain", "one of the domains", put("items.3.domain", "C")),
    ("items[3].domain", "a text", put("items.3.domain", ["A"])),
    ("items[3].evidence", "an object", put("items.3.evidence", None)),
    ("items[3].evidence.asked", "true or false", put("items.3.evidence.asked", 1)),
    ("items[3].evidence.level", "one of none, provided", put("items.3.evidence.level", "good")),
    ("items[3].evidence.issued_on", "a date", put("items.3.evidence.issued_on", "2026-W01-1")),
    ("items[3].evidence.valid_until", "exists", put("items.3.evidence.valid_until", "2026-13-01")),
    ("items[3].evidence.valid_until", "missing", drop("items.3.evidence.valid_until")),
    ("items[3].evidence.file", "not a known key", put("items.3.evidence.file", "x")),
    ("items[3].id", "twice", put("items.3.id", "A-1")),
    ("items[3].id", "surrogate", put("items.3.id", "\udfff")),
    ("items[3].id", "1 to 300", put("items.3.id", "x" * 301)),
    (
        "items[3].knockout.level",
        "one of high",
        put("items.3.knockout", {"level": "low", "below": "1/2"}),
    ),
    ("items[3].knockout.below", "0 to 1", put("items.3.knockout", {"level": "high", "below": "2"})),
    ("items[3].knockout.tau", "not a known key", put("items.3.knockout", {**KNOCKOUT, "tau": "1"})),
    ("items[3].knockout", "an object", put("items.3.knockout", "high")),
    ("items[3].state", "one of answered", put("items.3.state", "hidden")),
    ("items[3].weight", "1 to", put("items.3.weight", -5)),
    ("items[3].weight", "huge", put("items.3.weight", 10**19)),
    ("items[3].weight", "whole number", put("items.3.weight", True)),
    ('items[3]."a \\u00e9"', "not a known key", put("items.3.a é", 1)),
    ("questionnaires", "missing", drop("questionnaires")),
    ("questionnaires[0].sha256", "64", put("questionnaires.0.sha256", "ab")),
    ("questionnaires[0].release", "a text", put("questionnaires.0.release", 2026)),
    ("result", "left out", put("result", "60")),
]


@pytest.mark.parametrize(("field", "words", "spoil"), WRONG)
def test_the_first_wrong_field_is_named_with_what_would_be_right(
    field: str, words: str, spoil: Change
) -> None:
    document = documents.worked()
    spoil(document)
    with pytest.raises(MalformedReceipt) as refused:
        recompute(json.dumps(document))
    assert refused.value.field == field
    assert words in refused.value.problem
    assert str(refused.value) == f"{field}: {refused.value.problem}"
    assert len(str(refused.value)) < 400


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1, column 1"),
        ("{", "line 1, column 2"),
        ("[]", "an object, not a list"),
        ("null", "an object, not null"),
        ("60", "an object, not 60"),
        ('"receipt"', "not the text"),
        ("NaN", "has no NaN"),
        ('{"scheme": -Infinity}', "has no -Infinity"),
        ("[" * 100_000, "too deeply"),
        ('{"a":' * 100_000, "too deeply"),
        ("9" * 1_000_000, "far too long"),
        (b"\xff\xfe{}", "byte 0"),
        (b" " * 8_000_001, "at most 8000000 bytes"),
    ],
)
def test_what_is_not_even_an_object_of_json_is_refused(text: str | bytes, words: str) -> None:
    with pytest.raises(MalformedReceipt) as refused:
        recompute(text)
    assert refused.value.field == "receipt"
    assert words in refused.value.problem


def test_a_key_that_stands_twice_is_refused_since_readers_would_differ_on_it() -> None:
    text = json.dumps(documents.worked()).replace('"credit": "1"', '"credit": "1", "credit": "0"')
    with pytest.raises(MalformedReceipt, match=r"^credit: stands twice"):
        recompute(text)


def test_a_deep_value_in_place_of_a_shallow_one_is_refused_by_its_field() -> None:
    deep: object = 1
    for _ in range(400):
        deep = {"result": deep}
    for path in ("items.0.credit", "inherent.tier", "questionnaires.0.id"):
        document = documents.worked()
        put(path, deep)(document)
        with pytest.raises(MalformedReceipt, match="not an object"):
            recompute(json.dumps(document))


def test_a_deep_result_only_differs() -> None:
    deep: object = 1
    for _ in range(400):
        deep = {"base": deep}
    document = {**documents.worked(), "result": deep}
    assert recompute(json.dumps(document)).difference == "result.base"


@pytest.mark.timeout(20)
def test_the_largest_and_most_unwieldy_file_that_is_read_is_computed_soon() -> None:
    """As many items, domains and different numbers as the reader lets through."""
    domains = {f"d{n}": 10**9 - n for n in range(100)}
    levels = ("none", "provided", "reviewed", "independent")
    items = [
        documents.item(
            f"q{n}",
            f"d{n % 100}",
            10**9 - n * n,
            f"{n % 7 + 1}/{10**20 + n % 7}",
            evidence=documents.proof(levels[n % 4], documents.day(n % 800)),
        )
        for n in range(5000)
    ]
    document = documents.receipt(documents.RISKS[5], domains, items)
    document["constants"]["kappa"] = f"{10**23 + 8}/{10**23 + 9}"
    document["constants"]["evidence"] = {
        "none": f"1/{10**23 + 1}",
        "provided": f"2/{10**23 + 3}",
        "reviewed": f"3/{10**23 + 7}",
        "independent": f"4/{10**23 + 9}",
    }
    found = recompute(json.dumps(document))
    assert recompute(found.document_bytes).same is True


def test_reading_keeps_the_stated_result_and_leaves_it_unjudged() -> None:
    sheet, stated = read_receipt({**documents.worked(), "result": {"score": "0"}})
    assert stated == {"score": "0"}
    assert [item.id for item in sheet.items] == ["A-1", "A-2", "A-3", "B-1", "B-2"]
    assert read_receipt(documents.worked())[1] is None
