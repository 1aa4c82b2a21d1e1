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
from hypothesis import given, settings

from tests.scoring import documents, reference
from tests.scoring.spreadsheet import Sheet

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "scoring.md").read_text(encoding="utf-8")
STEPS = TEXT.partition('<a id="spreadsheet">')[2].partition("\n## ")[0]
RECEIPTS = ROOT.parent / "shared" / "data" / "receipts.json"
FIRST_ITEM, FIRST_DOMAIN = 41, 17
NINTH_DECIMAL = Fraction(1, 10**9)

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
            sheet.copy_down(cell, formula, rows.get(cell.lstrip("CDEFGLMNOPQRSTUV"), 1))
    return sheet


def agrees(document: Document, tmp_path: Path) -> Sheet:
    sheet = filled(document, tmp_path)
    result = reference.result(document)
    fractions = {
        "E2": "effectiveness",
        "E3": "claimed",
        "E4": "residual",
        "E7": "score",
        "E11": "na_share",
    }
    for cell, key in fractions.items():
        assert sheet[cell] == Fraction(result[key]), cell
    assert sheet["E8"] == Fraction(result["shown"])
    assert (sheet["E9"], sheet["E12"]) == (result["tier"], result["confidence"])
    assert sheet["E13"] == ("yes" if result["blocked"] else "no")
    points = reference.contributions(document)
    for row, item in enumerate(document["items"], start=FIRST_ITEM):
        assert sheet[f"U{row}"] == Fraction(points[item["id"]])
    held = [Fraction(floor["at"]) for floor in result["floors"]]
    assert sheet["E6"] == max(held, default=Fraction(0))
    assert sheet["E14"] == 0 or not sheet["E1"]
    return sheet


def test_the_steps_have_a_formula_for_every_cell_that_they_speak_of() -> None:
    named = {f"{column}41" for column in "LMNOPQRSTUV"} | {f"{column}17" for column in "CDEFGN"}
    assert set(formulas()) == named | {f"E{number}" for number in range(1, 16)} | {"B2"}
    assert set(constants()) == {f"B{number}" for number in range(1, 15)}


def test_the_worked_example_comes_out_as_the_text_says(tmp_path: Path) -> None:
    sheet = agrees(documents.worked(), tmp_path)
    example = STEPS.partition("This comes out:")[2]
    rows = re.findall(r"^\| ([AB]-\d) \| (.+) \|$", example, re.MULTILINE)
    assert len(rows) == len(documents.worked()["items"])
    for row, (name, cells) in enumerate(rows, start=FIRST_ITEM):
        assert sheet[f"A{row}"] == name
        for column, value in zip("LMPQUV", cells.split(" | "), strict=True):
            assert sheet[f"{column}{row}"] == Fraction(value), f"{column}{row}"
    for cell, value in (("E4", "41.1"), ("E8", "60.0"), ("E3", "13/30"), ("E10", "11/14")):
        assert sheet[cell] == Fraction(value)
        assert value in example
    assert (sheet["E9"], sheet["E12"], sheet["E15"]) == ("critical", "medium", "no")


def test_the_worked_example_is_typed_in_as_the_text_shows_it(tmp_path: Path) -> None:
    table = STEPS.partition("### A worked example")[2].partition("This comes out:")[0]
    shown = re.findall(r"^\| ([AB]-\d \| .+) \|$", table, re.MULTILINE)
    pairs = zip(pasted(documents.worked(), tmp_path), shown, strict=True)
    for cells, row in pairs:
        without_until = [value.lstrip("=") for value in cells[:8] + cells[9:]]
        assert [value.strip() for value in row.split("|")] == without_until


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
    assert agrees(document, tmp_path)["B2"] == 78


def test_the_shared_receipts_are_recomputed_by_the_steps(tmp_path: Path) -> None:
    if not RECEIPTS.exists():
        pytest.skip("the shared receipts are not beside this checkout")
    for document in json.loads(RECEIPTS.read_text(encoding="utf-8")):
        sheet = agrees(document, tmp_path)
        stated = document["result"]
        assert (sheet["E9"], sheet["E8"]) == (stated["tier"], Fraction(stated["shown"]))
        assert abs(sheet["E7"] - Fraction(stated["score"])) < NINTH_DECIMAL


@pytest.mark.parametrize(
    ("credit", "shown", "tier", "asks"),
    [
        ("5/9", "35.0", "high", "compare the fraction"),
        ("55555556/100000000", "34.9", "medium", "compare the fraction"),
        ("557/1000", "34.9", "medium", "no"),
    ],
)
def test_a_score_near_a_bound_asks_to_compare_the_fraction(
    tmp_path: Path, credit: str, shown: str, tier: str, asks: str
) -> None:
    document = documents.receipt(Fraction(70), {"A": 1}, [documents.item("A-1", "A", 5, credit)])
    sheet = agrees(document, tmp_path)
    assert (sheet["E8"], sheet["E9"], sheet["E15"]) == (Fraction(shown), tier, asks)
