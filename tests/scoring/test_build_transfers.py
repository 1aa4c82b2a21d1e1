"""Transfers, by the questions that are shipped: the worst counts, and clauses need assessing."""

from fractions import Fraction

import pytest

from riskapp.scoring.build import Case, Reviewed, build_sheet
from riskapp.scoring.rules import FloorKind, Result, evaluate
from riskapp.scoring.sheet import Item, State
from tests.catalogue import writing
from tests.scoring.building import AS_OF, FACTORS, FACTS, SHIPPED, items, na, row, said, stands, sub

GDPR = [release for release in SHIPPED if release.id == "gdpr-processor"]


def transfers(
    register: Reviewed, assessed: Reviewed | None = None, **answers: Reviewed
) -> tuple[dict[str, Item], Result]:
    """GDP-32 and the questions that are looked up in it."""
    everything = {
        "GDP-01": said("processor"),
        "GDP-32": register,
        "GDP-33": assessed or said("recent"),
        **{name.replace("_", "-"): answer for name, answer in answers.items()},
    }
    sheet = build_sheet(Case(GDPR, FACTS, FACTORS, everything, {}), AS_OF)
    return {item.id: item for item in sheet.items}, evaluate(sheet)


def holding(result: Result, kind: FloorKind) -> set[str]:
    return {floor.subject for floor in result.floors if floor.kind is kind}


@pytest.mark.parametrize(
    ("register", "worth", "blocked"),
    [
        (said([row("US", "none")]), Fraction(0), True),
        (said([row("US", "dpf"), row("IN", "none")]), Fraction(0), True),
        (said([]), Fraction(0), True),
        (said([], confirmed=True), Fraction(1), False),
        (said([row("CH", "adequacy")]), Fraction(19, 20), False),
        (said([row("JP", "adequacy")]), Fraction(0), True),
        (said([row("US", "dpf"), row("CH", "none")]), Fraction(17, 20), False),
        (said([row("US", "art49")]), Fraction(1, 5), False),
        (said([row("US", "dpf")], standing="rejected"), Fraction(0), True),
    ],
)
def test_the_worst_transfer_counts_and_one_without_a_ground_is_a_legal_block(
    register: Reviewed, worth: Fraction, blocked: bool
) -> None:
    found, result = transfers(register)
    assert found["GDP-32"].credit == worth
    assert ("GDP-32" in holding(result, FloorKind.LEGAL)) == blocked


@pytest.mark.parametrize(
    ("assessed", "worth", "fails"),
    [
        (said("recent"), Fraction(7, 10), False),
        (said("older"), Fraction(3, 10), True),
        (said("missing"), Fraction(3, 10), True),
        (said(None), Fraction(3, 10), True),
        (na(na_approvals=1), Fraction(3, 10), True),
        (said("recent", standing="rejected"), Fraction(3, 10), True),
    ],
)
@pytest.mark.parametrize("safeguard", ["scc", "bcr"])
def test_clauses_need_a_recent_assessment_of_the_transfer(
    safeguard: str, assessed: Reviewed, worth: Fraction, fails: bool
) -> None:
    found, result = transfers(said([row("US", safeguard)]), assessed)
    assert found["GDP-32"].credit == worth
    assert ("GDP-33" in holding(result, FloorKind.KNOCKOUT)) == fails
    assert "GDP-32" not in holding(result, FloorKind.LEGAL)


@pytest.mark.parametrize(
    ("named", "register", "worth"),
    [
        (["DE", "NO"], said([]), Fraction(1)),
        (["DE", "US"], said([row("US", "dpf")]), Fraction(17, 20)),
        (["US"], said([row("US", "dpf"), row("US", "art49")]), Fraction(1, 5)),
        (["US"], said([row("JP", "adequacy")]), Fraction(0)),
        (["US"], said([], confirmed=True), Fraction(0)),
        (["US"], said([row("US", "dpf")], standing="rejected"), Fraction(0)),
        (["US"], said(None), Fraction(0)),
    ],
)
def test_countries_named_elsewhere_are_worth_what_the_register_says_of_them(
    named: list[str], register: Reviewed, worth: Fraction
) -> None:
    found, _ = transfers(
        register,
        GDP_14=said([sub(country) for country in named]),
        GDP_29=said(named),
        GDP_30=said(named),
    )
    for name in ("GDP-14", "GDP-29", "GDP-30"):
        assert stands(found[name]) == (State.ANSWERED, worth)


def test_scored_columns_beside_a_country_count_as_well() -> None:
    safeguard = writing.REGISTER["columns"][1]
    kept = writing.column("kept", "choice", options=writing.choice(well=1, badly=0)["options"])
    register = writing.question(
        answer=writing.table(writing.column("country", "country"), safeguard, kept),
        transfers={"country": "country", "safeguard": "safeguard"},
    )
    good = {"country": "DE", "safeguard": "none", "kept": "well"}
    assert items(register, TST_01=said([good]))["TST-01"].credit == 1
    assert items(register, TST_01=said([good, {**good, "kept": "badly"}]))["TST-01"].credit == 0
