"""The script in a pack: how it is run, and that no changed byte or file escapes it."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from riskapp.packs.shipped import verify
from riskapp.packs.shipped.verify import problems
from riskapp.packs.verify import verify_file
from riskapp.scoring.receipts import recompute
from tests.packs.stories import CERTIFIED, Unpacked, flipped
from tests.requirements import missing
from tests.scoring import own_schemes

SHARED = Path(__file__).resolve().parents[2] / ".." / "shared"
SCRIPT = Path(verify.__file__)


def run(script: Path, *arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """The script as an auditor runs it: no packages, no settings, nothing of ours to import."""
    return subprocess.run(
        [sys.executable, "-I", "-S", str(script), *arguments],
        cwd=cwd,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_script_in_the_pack_passes_on_a_machine_without_riskapp(bag: Unpacked) -> None:
    done = run(Path("verify.py"), cwd=bag.folder)
    assert done.stderr == ""
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines[-1].startswith("OK: ")
    assert [line[:12] for line in lines[:-1]] == ["NOT ANCHORED"]


def test_the_script_takes_the_folder_or_the_zip_as_an_argument(
    bag: Unpacked, zipped: Path, tmp_path: Path
) -> None:
    for path in (bag.folder, zipped):
        assert run(bag / "verify.py", str(path), cwd=tmp_path).returncode == 0


def test_the_script_says_what_is_wrong_and_exits_1(bag: Unpacked) -> None:
    (bag / "data/answers.csv").unlink()
    done = run(Path("verify.py"), cwd=bag.folder)
    lines = done.stdout.splitlines()
    assert lines[0] == "data/answers.csv: is missing, though manifest-sha256.txt lists it"
    assert lines[-1] == f"FAILED: {len(lines) - 2} problems"
    assert (done.returncode, done.stderr) == (1, "")


def test_the_script_says_so_where_there_is_no_pack(bag: Unpacked, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.zip").write_text("no ZIP")
    for path in ("empty", "text.zip", "nowhere"):
        done = run(bag / "verify.py", path, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (1, "")
        assert "FAILED: " in done.stdout.splitlines()[-1]


def test_the_script_needs_python_3_8_and_its_standard_library_alone() -> None:
    source = SCRIPT.read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 8))
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
    assert imported <= sys.stdlib_module_names


def test_an_own_scheme_is_noted_with_the_constants_that_differ_and_is_no_problem(
    bag: Unpacked,
) -> None:
    for name in ("data/receipt.json", *verify.Bag(bag.folder).under("data/receipts/")):
        receipt = json.loads((bag / name).read_bytes())
        receipt["scheme"] = "harbour-1"
        receipt["constants"]["bounds"]["medium"] = "25/2"
        (bag / name).write_bytes(recompute(json.dumps(receipt)).document_bytes)
        assert list(verify.differences(json.loads((bag / name).read_bytes()))) == []
    bag.list_anew()
    lines = run(Path("verify.py"), cwd=bag.folder).stdout.splitlines()
    (note,) = (line for line in lines if line.startswith("NOTE: "))
    assert note == (
        "NOTE: harbour-1 is the organisation's own scheme. Its constants are those of the receipt;"
        " other than in std-1: bounds.medium 25/2 (15)."
    )
    assert not any("scheme" in line for line in lines if line != note)


@settings(deadline=None, max_examples=40)
@given(own_schemes.receipts())
def test_receipts_of_own_schemes_come_out_the_same_in_the_script(document: dict[str, Any]) -> None:
    text = recompute(json.dumps(document)).document_bytes
    assert list(verify.differences(json.loads(text))) == []


def test_sha256sum_alone_finds_the_manifests_right(bag: Unpacked) -> None:
    program = shutil.which("sha256sum")
    if program is None:
        pytest.skip("sha256sum is not here; it comes with GNU coreutils")
    for manifest in ("tagmanifest-sha256.txt", "manifest-sha256.txt"):
        done = subprocess.run(
            [program, "--strict", "--quiet", "-c", manifest], cwd=bag.folder, check=False
        )
        assert done.returncode == 0


def test_one_changed_byte_in_any_file_is_found_and_the_file_named(bag: Unpacked) -> None:
    names = bag.names()
    assert len(names) > 25
    for name in names:
        size = (bag / name).stat().st_size
        for at in {size // 2, size - 1}:
            with flipped(bag / name, at):
                found = problems(bag.folder)
            assert any(name in problem for problem in found), f"{name} at {at}: {found}"
    assert problems(bag.folder) == []


def test_one_changed_byte_inside_the_zip_is_found_and_the_file_named(zipped: Path) -> None:
    at = zipped.read_bytes().index(b"the second certificate")
    with flipped(zipped, at):
        assert any("certificate.pdf" in problem for problem in verify_file(zipped))
    assert verify_file(zipped) == []


def test_missing_added_renamed_and_linked_files_are_named(bag: Unpacked) -> None:
    (bag / "data/review.json").rename(bag / "data/reviews.json")
    (bag / "data/evidence" / CERTIFIED / "extra.pdf").write_bytes(b"x")
    (bag / "notes.txt").write_text("x")
    (bag / "VERIFY.md").unlink()
    (bag / "VERIFY.md").symlink_to("verify.py")
    found = " ".join(problems(bag.folder))
    for problem in (
        "data/review.json: is missing",
        "data/reviews.json: is not listed",
        f"data/evidence/{CERTIFIED}/extra.pdf: is not listed",
        "notes.txt: is not listed",
        "VERIFY.md: is a link",
        "VERIFY.md: is missing",
    ):
        assert problem in found


def test_forty_published_receipts_come_out_the_same_in_the_script() -> None:
    if not SHARED.is_dir():
        missing("shared")
    receipts = json.loads((SHARED / "data/receipts.json").read_bytes())
    example = json.loads((SHARED / "data/receipt-example.json").read_bytes())
    assert len(receipts) == 40
    for receipt in (example, *receipts):
        assert list(verify.differences(receipt)) == []
        receipt["result"]["residual"] += "1"
        assert len(list(verify.differences(receipt))) == 1
