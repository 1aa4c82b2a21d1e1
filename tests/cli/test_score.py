import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from riskapp.core.canonical import canonical
from riskapp.core.db import reading
from riskapp.scoring.queries import receipt_documents
from tests import stages
from tests.cast import Cast
from tests.cli.runs import refused, run
from tests.requirements import missing

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "receipts.json"


@pytest.fixture
def receipt(app: Flask, cast: Cast) -> str:
    with app.app_context():
        link, _ = stages.submitted(cast.vera, cast.oskar)
        return receipt_documents(reading(), link.assessment_id)[-1][1]


def without_outcome(document: dict[str, Any]) -> dict[str, Any]:
    items = [
        {key: item[key] for key in item if key != "contribution"} for item in document["items"]
    ]
    return {**{key: document[key] for key in document if key != "result"}, "items": items}


def test_a_stored_receipt_comes_out_as_it_is(app: Flask, receipt: str, tmp_path: Path) -> None:
    file = tmp_path / "receipt.json"
    file.write_text(receipt, encoding="utf-8")
    result = run(app, "score", "recompute", str(file))
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout_bytes == receipt.encode()


def test_the_outcome_may_be_left_out_and_is_filled_in(app: Flask, receipt: str) -> None:
    bare = json.dumps(without_outcome(json.loads(receipt)), indent=4)
    result = run(app, "score", "recompute", "-", typed=bare)
    assert result.exit_code == 0
    assert result.stdout_bytes == receipt.encode()


def test_another_result_is_told_with_the_first_field_and_the_right_receipt(
    app: Flask, receipt: str
) -> None:
    document = json.loads(receipt)
    document["result"]["tier"] = "low" if document["result"]["tier"] != "low" else "high"
    result = run(app, "score", "recompute", "-", typed=json.dumps(document))
    assert result.exit_code == 3
    assert "result.tier differs" in result.stderr
    assert result.stdout_bytes == receipt.encode()


def test_a_constant_of_another_scheme_is_told(app: Flask, receipt: str) -> None:
    document = without_outcome(json.loads(receipt))
    document["constants"]["kappa"] = "1/2"
    result = run(app, "score", "recompute", "-", typed=json.dumps(document))
    assert result.exit_code == 0
    assert "constants.kappa is not that of std-1" in result.stderr


def test_an_organisation_s_own_scheme_is_told_and_its_constants_are_those_of_the_receipt(
    app: Flask, receipt: str
) -> None:
    document = without_outcome(json.loads(receipt))
    document["scheme"] = "harbour-1"
    document["constants"]["bounds"]["critical"] = "601/10"
    result = run(app, "score", "recompute", "-", typed=json.dumps(document))
    assert result.exit_code == 0
    assert result.stderr == (
        "harbour-1 is an organisation's own scheme: its constants are those of the receipt.\n"
    )
    found = json.loads(result.stdout)
    assert (found["scheme"], found["result"]["tier"]) == ("harbour-1", "high")
    assert json.loads(receipt)["result"]["tier"] == "critical"


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "receipt: must be JSON"),
        ("{", "receipt: must be JSON"),
        ("[]", "receipt: must be"),
        ("{}", "as_of: is missing"),
        (b"\xff\xfe{}", "receipt: must be UTF-8"),
        ("[" * 100_000, "receipt: is nested too deeply"),
        (" " * 8_000_001, "receipt: must be at most 8000000 bytes"),
    ],
)
def test_what_is_no_receipt_names_the_field(app: Flask, text: str | bytes, field: str) -> None:
    assert field in refused(app, "score", "recompute", "-", typed=text, code=2)


def test_a_malformed_field_is_named_by_its_path(app: Flask, receipt: str) -> None:
    document = json.loads(receipt)
    document["items"][3]["credit"] = "1.5"
    said = refused(app, "score", "recompute", "-", typed=json.dumps(document), code=2)
    assert said.startswith("items[3].credit: ")


def test_what_cannot_be_read_is_malformed(app: Flask, tmp_path: Path) -> None:
    for path in (tmp_path / "gone.json", tmp_path):
        said = refused(app, "score", "recompute", str(path), code=2)
        assert f"receipt: {path} cannot be read" in said


def test_no_database_is_needed(no_database: Flask, receipt: str) -> None:
    assert run(no_database, "score", "recompute", "-", typed=receipt).exit_code == 0


def test_receipts_of_other_makers_are_recomputed(no_database: Flask) -> None:
    if not SHARED.exists():
        missing("shared")
    for document in json.loads(SHARED.read_text(encoding="utf-8")):
        result = run(no_database, "score", "recompute", "-", typed=json.dumps(document))
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout_bytes == canonical(document)
        bare = json.dumps(without_outcome(document))
        assert run(no_database, "score", "recompute", "-", typed=bare).stdout == result.stdout
