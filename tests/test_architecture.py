"""The house as it was meant: contracts between rooms, start-up, sizes, docs that are true."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from riskapp.settings import SECRETS, Settings

ROOT = Path(__file__).resolve().parent.parent
LONGEST_MODULE = 400
SHIPPED = ROOT / "riskapp" / "packs" / "shipped" / "verify.py"
"""Goes along in every pack as one file, so that an auditor needs nothing beside it."""
LONGEST_FUNCTION = 60
LATE = (
    "pandas",
    "openpyxl",
    "zxcvbn",
    "pyrage",
    "typst",
    "xlsxwriter",
    "numpy",
    "markdown_it",
    "obstore",
)
"""Imported where they are used, for their import costs start-up time."""


def test_the_contracts_between_the_rooms_are_kept() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]


def test_starting_imports_nothing_that_only_some_pages_need() -> None:
    program = (
        "import sys; from pathlib import Path; from riskapp import create_app; "
        "from riskapp.settings import Settings; import tempfile; "
        "create_app(Settings(instance=Path(tempfile.mkdtemp()))); "
        f"print([name for name in {LATE!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def _sources() -> list[Path]:
    return sorted([*(ROOT / "riskapp").rglob("*.py"), *(ROOT / "tests").rglob("*.py")])


@pytest.mark.parametrize("path", _sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_and_functions_stay_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert path == SHIPPED or text.count("\n") <= LONGEST_MODULE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = (node.end_lineno or 0) - node.lineno + 1
            assert size <= LONGEST_FUNCTION, f"{node.name} has {size} lines"


def test_every_setting_is_in_the_docs_with_its_words() -> None:
    text = " ".join((ROOT / "docs" / "settings.md").read_text(encoding="utf-8").split())
    for name, field in Settings.model_fields.items():
        assert f"`RISKAPP_{name.upper()}`" in text
        assert " ".join((field.description or "?").split()) in text
    named = {word.strip("`,.") for word in text.split() if word.startswith("`RISKAPP_")}
    known = {f"RISKAPP_{name.upper()}" for name in Settings.model_fields}
    files = {f"RISKAPP_{name.upper()}_FILE" for name in SECRETS}
    assert named <= known | files, "the docs name settings that are not there"
