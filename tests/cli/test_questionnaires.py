import shutil
from pathlib import Path

import pytest
from flask import Flask

from tests.cli.runs import run

OWN = Path(__file__).resolve().parents[2] / "questionnaires"


def test_the_questionnaires_of_the_installation_are_in_order(app: Flask) -> None:
    result = run(app, "questionnaires", "check")
    assert (result.exit_code, result.stdout) == (0, "")


def test_every_fault_is_one_line_with_its_place(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "questionnaires" / "iso-27001"
    folder.mkdir(parents=True)
    text = (OWN / "iso-27001" / "2026.1.yaml").read_text(encoding="utf-8")
    broken = text.replace("domain: people\n", "domain: pepole\n").replace("weight: 5", "weight: 4")
    (folder / "2026.1.yaml").write_text(broken, encoding="utf-8")
    result = run(app, "questionnaires", "check", str(tmp_path / "questionnaires"))
    assert result.exit_code == 1
    faults = result.stdout.splitlines()
    assert len(faults) > 1
    assert all(line.startswith("questionnaires/iso-27001/2026.1.yaml:") for line in faults)


def test_files_may_be_named_one_by_one(app: Flask, tmp_path: Path) -> None:
    good = OWN / "intake" / "2026.1.yaml"
    assert run(app, "questionnaires", "check", str(good)).exit_code == 0
    wrong = tmp_path / "torn.yaml"
    shutil.copyfile(good, wrong)
    with wrong.open("r+") as file:
        file.truncate(500)
    result = run(app, "questionnaires", "check", str(good), str(wrong))
    assert result.exit_code == 1
    assert "torn.yaml:" in result.stdout
    assert "intake/2026.1.yaml:" not in result.stdout


@pytest.mark.parametrize(("name", "problem"), [("gone", "cannot be read"), ("", "holds no")])
def test_a_path_with_nothing_to_check_is_a_fault(
    app: Flask, tmp_path: Path, name: str, problem: str
) -> None:
    result = run(app, "questionnaires", "check", str(tmp_path / name))
    assert result.exit_code == 1
    assert problem in result.stdout


def test_no_database_is_needed(no_database: Flask) -> None:
    assert run(no_database, "questionnaires", "check").exit_code == 0
