"""What answers are worth, and how they are said."""

from fractions import Fraction

import pytest

from riskapp.catalogue.answers import (
    credit,
    in_words,
    rows_credit,
)
from riskapp.catalogue.model import Question, Table
from tests.catalogue.writing import (
    COUNTRIES,
    DATE,
    MATURITY,
    MULTIPLE,
    PARTLY,
    REGISTER,
    TEXT,
    YES_NO,
    asking,
    choice,
    column,
    number,
    parsed,
    question,
    table,
)

HOURS = number(
    {"at_most": 4, "credit": 1}, {"at_most": 24, "credit": 0.8}, {"else": 0}, max=720, unit="hours"
)
OPEN = {"weight": None}
STATES = column("state", "choice", options=choice(good=1, fair=0.5, bad=0)["options"])
SCORED_TABLE = table(column("name"), STATES)

YES = asking(YES_NO)
SHADES = asking(PARTLY)
CHOICE = asking(choice(best=1, middle=0.75, worst=0))
SEVERAL = asking(MULTIPLE)
LEVEL = asking(MATURITY)
TIME = asking(HOURS)
SIZE = asking(number(decimals=2, max=1000, min=-5), **OPEN)
DAY = asking(DATE, **OPEN)
LINE = asking(TEXT, **OPEN)
ESSAY = asking({"type": "text", "multiline": True}, **OPEN)
PLACES = asking(COUNTRIES, **OPEN)
REGISTERED = asking(REGISTER, **OPEN)
SCORED = asking(SCORED_TABLE)
INTAKE = parsed(
    question(
        "INT-01",
        {
            "type": "choice",
            "options": [{"id": "a", "text": "A", "value": 0}, {"id": "b", "text": "B", "value": 1}],
        },
        weight=None,
        factor={"weight": 1},
    ),
    audience="officer",
    domains={},
).questions["INT-01"]


@pytest.mark.parametrize(
    ("of", "answer", "worth"),
    [
        (YES, "yes", 1),
        (YES, "no", 0),
        (asking({"type": "yes_no", "good": "no"}), "no", 1),
        (asking({"type": "yes_no", "good": "no"}), "yes", 0),
        (SHADES, "partly", Fraction(1, 2)),
        (CHOICE, "middle", Fraction(3, 4)),
        (SEVERAL, ["logs", "drills"], Fraction(2, 3)),
        (SEVERAL, [], 0),
        (LEVEL, 3, Fraction(3, 4)),
        (TIME, "4", 1),
        (TIME, "5", Fraction(4, 5)),
        (TIME, "25", 0),
        (SCORED, [{"name": "a", "state": "good"}, {"name": "b", "state": "fair"}], Fraction(1, 2)),
        (SCORED, [], 1),
        (asking(table(column("name"))), [{"name": "a"}], 1),
        (YES, None, None),
        (LINE, "words", None),
        (DAY, "2026-01-01", None),
    ],
)
def test_an_answer_is_worth_its_credit(of: Question, answer: object, worth: object) -> None:
    assert credit(of, answer) == worth


def test_a_band_with_a_lower_limit_counts_from_there() -> None:
    of = asking(number({"at_least": "2.5", "credit": 1}, {"else": 0}, decimals=1))

    assert [credit(of, text) for text in ("2.4", "2.5", "10")] == [0, 1, 1]


def test_what_the_transfer_rules_score_is_not_scored_here() -> None:
    transfers = {"country": "country", "safeguard": "safeguard"}
    release = parsed(
        question("TST-01", REGISTER, transfers=transfers),
        question("TST-02", COUNTRIES, transfers_via="TST-01"),
    )

    assert credit(release.questions["TST-01"], [{"country": "IN", "safeguard": "scc"}]) is None
    assert credit(release.questions["TST-02"], ["DE"]) is None


def test_a_row_without_a_scored_cell_is_worth_nothing() -> None:
    assert isinstance(SCORED.answer, Table)
    assert rows_credit(SCORED.answer, [{"name": "a"}]) == 0


@pytest.mark.parametrize(
    ("of", "answer", "words"),
    [
        (YES, "yes", "Yes"),
        (SHADES, "partly", "Partly"),
        (CHOICE, "best", "It is best"),
        (INTAKE, "unknown", "Not known"),
        (SEVERAL, ["logs", "drills"], "Logs; Drills"),
        (SEVERAL, [], "None of these"),
        (LEVEL, 2, "Level 2 of 4: Written"),
        (TIME, "24", "24 hours"),
        (SIZE, "3.5", "3.5"),
        (DAY, "2026-03-05", "5 March 2026"),
        (ESSAY, "one\ntwo", "one\ntwo"),
        (PLACES, ["DE", "IN"], "Germany, India"),
        (REGISTERED, [], "There is nothing to list."),
        (
            REGISTERED,
            [{"country": "IN", "safeguard": "scc", "note": "x"}, {"country": "US"}],
            "Country: India; Safeguard: SCC; Note: x\nCountry: United States",
        ),
        (YES, None, "Not answered"),
    ],
)
def test_an_answer_is_said_in_words(of: Question, answer: object, words: str) -> None:
    assert in_words(of, answer) == words


def test_countries_and_days_are_said_in_the_readers_language() -> None:
    assert in_words(PLACES, ["DE"], "de") == "Deutschland"
    assert in_words(DAY, "2026-03-05", "de") == "5. März 2026"


def test_an_option_that_happens_to_read_unknown_keeps_its_words() -> None:
    of = asking({"type": "choice", "options": [
        {"id": "a", "text": "unknown", "credit": 1}, {"id": "b", "text": "b", "credit": 0},
    ]})  # fmt: skip

    assert in_words(of, "a") == "unknown"
