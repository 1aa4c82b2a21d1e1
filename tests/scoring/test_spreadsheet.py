"""The steps in docs/scoring.md by which a receipt is recomputed in a spreadsheet: they hold.

The formulas and the lines of Python are taken out of the document as they stand there.
"""

import io
import json
import re
import sys
from contextlib import redirect_stdout
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.scoring import documents, reference
from tests.scoring.spreadsheet import Sheet

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "scoring.md").read_text(encoding="utf-8")
STEPS = TEXT.partition('<a id="spreadsheet">')[2].partition("\n## ")[0]
RECEIPTS = ROOT.parent / "shared" / "data" / "receipts.json"
FIRST_ITEM, FIRST_DOMAIN = 41, 17
TENTH, TAKEN_OFF, HAIR = Fraction(1, 10), Fraction(1, 100_000), Fraction(1, 10**12)

Document = dict[str, Any]


def formulas() -> dict[str, str]:
    """Every formula by the cell that it is written into."""
    return dict(re.findall(r"^\| ([A-Z]+\d+) \| [^|]+ \| `(=[^`]+)` \|$", STEPS, re.MULTILINE))


def constants() -> dict[str, str]:
    """The places in a receipt by the cell that they are copied into."""
    return dict(re.findall(r"^\| (B\d+) \| [^|]+ \| `([a-z_.]+)`", STEPS, re.MULTILINE))


def pasted(document: Document, tmp_path: Path) -> list[list[str]]:
    """What the document's lines of Python print of a receipt."""
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(document), encoding="utf-8")
    program = STEPS.partition("```python\n")[2].partition("```")[0]
    given_, printed = sys.argv, io.StringIO()
    sys.argv = ["paste", str(file)]
    try:
        with redirect_stdout(printed):
            exec(program, {})  # noqa: S102 - our own document
    finally:
        sys.argv = given_
    return [line.split("\t") for line in printed.getvalue().splitlines()]


def filled(document: Document, tmp_path: Path) -> Sheet:
    """A sheet as somebody leaves it who did what the steps say."""
    sheet, written = Sheet(), formulas()
    for cell, path in constants().items():
        value: Any = document
        for key in path.split("."):
            value = value[key]
        if cell == "B14":
            value = value.get(document["inherent"]["tier"], "0")
        sheet.write(cell, f"={value}" if "/" in str(value) else str(value))
    factors = document["inherent"]["factors"]
    for row, (name, factor) in enumerate(factors.items(), start=FIRST_DOMAIN):
        typed = (name, factor["answer"] or "", factor["weight"], factor["value"], factor["floor"])
        for column, value in zip("IJKLM", typed, strict=True):
            sheet.write(f"{column}{row}", f"={value}" if column in "KL" else str(value or ""))
    for row, cells in enumerate(pasted(document, tmp_path), start=FIRST_ITEM):
        for column, value in zip("ABCDEFGHIJK", cells, strict=True):
            sheet.write(f"{column}{row}", value)
    for row, domain in enumerate(document["domains"], start=FIRST_DOMAIN):
        sheet.write(f"A{row}", domain["id"])
        sheet.write(f"B{row}", str(domain["weight"]))
    rows = {"17": len(document["domains"]), "41": len(document["items"])}
    for cell, formula in written.items():
        if cell == "N17":
            sheet.copy_down(cell, formula, len(factors))
        elif cell != "B2" or factors:
            sheet.copy_down(cell, formula, rows.get(cell.lstrip("CDEFGHLMNOPQRSTUV"), 1))
    return sheet


def decided(sheet: Sheet, document: Document) -> None:
    """Step 8, as somebody does it who has the receipt and adds fractions up by hand."""
    residual = Fraction(reference.result(document)["residual"])
    tenth = round(sheet["E4"] / TENTH) * TENTH
    if sheet["E15"] != "no" and residual < tenth:
        sheet.write("E4", f"={tenth}-{TAKEN_OFF}")
    by_hand = re.findall(r"write `(=[^`]+)` into its G", STEPS)
    for row, domain in enumerate(document["domains"], start=FIRST_DOMAIN):
        asks = sheet[f"H{row}"] != "no"
        if asks and reference.domain_mean(document, domain["id"]) < sheet["B14"]:
            sheet.write(f"G{row}", *by_hand)


def floors(sheet: Sheet, document: Document) -> list[Document]:
    """The floors of the sheet, as step 7 says that they are to be read."""
    found: list[Document] = []
    for row, item in enumerate(document["items"], start=FIRST_ITEM):
        if (at := sheet[f"V{row}"]) != "":
            kind = "legal" if sheet[f"J{row}"] == "legal" else "knockout"
            found.append({"kind": kind, "item": item["id"], "at": str(at)})
    for row, domain in enumerate(document["domains"], start=FIRST_DOMAIN):
        if (at := sheet[f"G{row}"]) != "":
            found.append({"kind": "weak-domain", "domain": domain["id"], "at": str(at)})
    return sorted(found, key=lambda floor: (floor["kind"], floor.get("item", floor.get("domain"))))


def agrees(document: Document, tmp_path: Path) -> Sheet:
    """The sheet after all steps, which says what the reference says."""
    sheet = filled(document, tmp_path)
    result = reference.result(document)
    fractions = {"E2": "effectiveness", "E3": "claimed", "E4": "residual", "E11": "na_share"}
    for cell, key in fractions.items():
        assert sheet[cell] == Fraction(result[key]), cell
    points = reference.contributions(document)
    for row, item in enumerate(document["items"], start=FIRST_ITEM):
        assert sheet[f"U{row}"] == Fraction(points[item["id"]])
    assert (sheet["B15"], sheet["E14"]) == (0, 0)
    decided(sheet, document)
    typed_over = sheet["E4"] != Fraction(result["residual"])
    assert abs(sheet["E7"] - Fraction(result["score"])) <= (TAKEN_OFF if typed_over else 0)
    assert sheet["E8"] == Fraction(result["shown"])
    assert (sheet["E9"], sheet["E12"]) == (result["tier"], result["confidence"])
    assert sheet["E13"] == ("yes" if result["blocked"] else "no")
    assert floors(sheet, document) == result["floors"]
    return sheet


def two_domains(first: Fraction, second: Fraction) -> Document:
    """I is 60, the inherent tier high; two domains of one weight, an item with this credit each."""
    items = [documents.item("A-1", "A", 1, str(first)), documents.item("B-1", "B", 1, str(second))]
    return documents.receipt(Fraction(60), {"A": 1, "B": 1}, items)


def test_the_steps_have_a_formula_for_every_cell_that_they_speak_of() -> None:
    named = {f"{column}41" for column in "LMNOPQRSTUV"} | {f"{column}17" for column in "CDEFGHN"}
    assert set(formulas()) == named | {f"E{number}" for number in range(1, 16)} | {"B2", "B15"}
    assert set(constants()) == {f"B{number}" for number in range(1, 15)}


def test_the_worked_example_comes_out_as_the_text_says(tmp_path: Path) -> None:
    sheet = agrees(documents.worked(), tmp_path)
    example = STEPS.partition("This comes out:")[2]
    rows = re.findall(r"^\| ([AB]-\d) \| (.+) \|$", example, re.MULTILINE)
    assert len(rows) == len(documents.worked()["items"])
    for row, (name, cells) in enumerate(rows, start=FIRST_ITEM):
        assert sheet[f"A{row}"] == name
        for column, value in zip("LMNOPQUV", cells.split("|"), strict=True):
            number = Fraction(value) if value.strip() else ""
            assert sheet[f"{column}{row}"] == number, f"{column}{row}"
    for cell, value in (("E4", "41.1"), ("E8", "60.0"), ("E3", "13/30"), ("E10", "11/14")):
        assert sheet[cell] == Fraction(value)
        assert value in example
    assert (sheet["E9"], sheet["E12"]) == ("critical", "medium")
    assert sheet["E15"] == "compare the fraction"
    assert "411/10 is not below 41.1" in example


def test_the_worked_example_is_typed_in_as_the_text_shows_it(tmp_path: Path) -> None:
    table = STEPS.partition("### A worked example")[2].partition("This comes out:")[0]
    shown = re.findall(r"^\| ([AB]-\d \| .+) \|$", table, re.MULTILINE)
    pairs = zip(pasted(documents.worked(), tmp_path), shown, strict=True)
    for cells, row in pairs:
        without_until = [value.lstrip("=") for value in cells[:8] + cells[9:]]
        assert [value.strip() for value in row.split("|")] == without_until
    typed = re.findall(r"B3 to B14 are\s([^.]+)\. ", table)[0].split(", ")
    sheet = filled(documents.worked(), tmp_path)
    assert [Fraction(value) for value in typed] == [sheet[f"B{row}"] for row in range(3, 15)]


@settings(deadline=None, max_examples=25)
@given(documents.receipts())
def test_any_receipt_is_recomputed_by_the_steps(
    tmp_path_factory: pytest.TempPathFactory, document: Document
) -> None:
    agrees(document, tmp_path_factory.getbasetemp())


def test_a_receipt_with_factors_is_recomputed_from_them(tmp_path: Path) -> None:
    document = documents.worked()
    document["inherent"]["factors"] = {
        "INT-02": {"answer": "some", "floor": "50", "value": "3/5", "weight": "11/20"},
        "INT-04": {"answer": None, "floor": "25", "value": "1/5", "weight": "9/20"},
    }
    document["inherent"]["tier"] = documents.inherent(Fraction(78))["tier"]
    assert agrees(document, tmp_path)["B2"] == 78


def test_the_shared_receipts_are_recomputed_by_the_steps(tmp_path: Path) -> None:
    if not RECEIPTS.exists():
        pytest.skip("the shared receipts are not beside this checkout")
    for document in json.loads(RECEIPTS.read_text(encoding="utf-8")):
        sheet = agrees(document, tmp_path)
        stated = document["result"]
        assert (sheet["E9"], sheet["E8"]) == (stated["tier"], Fraction(stated["shown"]))
        assert sheet["E7"] == Fraction(stated["score"])


@pytest.mark.parametrize(
    ("credit", "shown", "tier", "asks"),
    [
        ("5/9", "35.0", "high", "compare the fraction"),
        ("555555556/1000000000", "34.9", "medium", "no"),
        ("557/1000", "34.9", "medium", "no"),
    ],
)
def test_a_score_at_a_bound_asks_to_compare_the_fraction(
    tmp_path: Path, credit: str, shown: str, tier: str, asks: str
) -> None:
    document = documents.receipt(Fraction(70), {"A": 1}, [documents.item("A-1", "A", 5, credit)])
    sheet = agrees(document, tmp_path)
    assert (sheet["E8"], sheet["E9"], sheet["E15"]) == (Fraction(shown), tier, asks)


def test_a_weak_domain_asks_no_more_than_the_bound_that_r_lies_a_hair_below(
    tmp_path: Path,
) -> None:
    document = two_domains(Fraction(25, 27) + HAIR, Fraction(0))
    sheet = filled(document, tmp_path)
    assert (sheet["E5"], sheet["E9"]) == (60, "critical")  # taken for 35, to nine decimals
    assert sheet["E15"] == "compare the fraction"
    assert "`=35-1/100000`" in STEPS
    sheet.write("E4", "=35-1/100000")
    assert (sheet["E5"], sheet["G18"], sheet["E8"], sheet["E9"]) == (35, 35, 35, "high")
    assert sheet["E15"] == "no"
    agrees(document, tmp_path)


def test_a_score_a_hair_below_any_tenth_asks_too(tmp_path: Path) -> None:
    document = two_domains(Fraction(1, 6) + HAIR, Fraction(1, 2))
    document["inherent"] = documents.inherent(Fraction(49))
    document["constants"]["weak"] = {}
    sheet = filled(document, tmp_path)
    assert (sheet["E8"], sheet["E15"]) == (Fraction("34.3"), "compare the fraction")
    assert agrees(document, tmp_path)["E8"] == Fraction("34.2")


def test_an_effectiveness_a_hair_below_its_least_asks_to_add_up_by_hand(tmp_path: Path) -> None:
    document = two_domains(Fraction(1), Fraction(1, 2) - HAIR)
    sheet = filled(document, tmp_path)
    assert (sheet["G18"], sheet["H17"], sheet["H18"]) == ("", "no", "add the fractions")
    assert agrees(document, tmp_path)["G18"] == 35


@settings(deadline=None, max_examples=25)
@given(
    residual=st.integers(330, 600).map(lambda tenths: tenths * TENTH),
    second=st.sampled_from([Fraction(0), *(Fraction(1, 2) + off for off in (-HAIR, 0, HAIR))]),
    off=st.sampled_from((-HAIR, Fraction(0), HAIR)),
)
def test_step_8_decides_whatever_lies_within_a_hair(
    tmp_path_factory: pytest.TempPathFactory, residual: Fraction, second: Fraction, off: Fraction
) -> None:
    first = (1 - residual / 60) * 20 / 9 - second + off
    assume(0 <= first <= 1)
    agrees(two_domains(first, second), tmp_path_factory.getbasetemp())


def test_a_day_that_is_text_is_found_before_it_counts_as_fresh(tmp_path: Path) -> None:
    document = documents.worked()
    document["items"][0]["evidence"]["valid_until"] = "2026-11-22"
    sheet = filled(document, tmp_path)
    assert (sheet["B15"], sheet["N41"]) == (0, 0)
    sheet.write("I41", "'2026-11-22")
    assert (sheet["B15"], sheet["N41"]) == (1, 1)
    for cell in ("B1", "B9", "B17", "C42", "D42", "H41", "K44"):
        sheet.write(cell, "'1")
    assert sheet["B15"] == 8
