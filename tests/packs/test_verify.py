"""The script in a pack: how it is run, and that no changed byte or file escapes it."""

import ast
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings

from riskapp.packs.shipped import verify
from riskapp.packs.shipped.verify import problems
from riskapp.packs.verify import examine_file
from riskapp.scoring.receipts import recompute
from tests.packs.conftest import Delivered
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


def test_the_script_in_the_pack_passes_on_a_machine_without_riskapp(
    bag: Unpacked, delivered: Delivered
) -> None:
    done = run(Path("verify.py"), "--key", delivered.key.fingerprint, cwd=bag.folder)
    assert (done.stderr, done.returncode) == ("", 0)
    (line,) = done.stdout.splitlines()
    assert line.startswith("OK: signed by the key that was expected")


def test_without_the_key_the_pack_may_be_whole_and_is_not_anchored(bag: Unpacked) -> None:
    done = run(Path("verify.py"), cwd=bag.folder)
    assert (done.stderr, done.returncode) == ("", 4)
    (line,) = done.stdout.splitlines()
    assert line.startswith("NOT ANCHORED: ")


def test_another_key_than_was_expected_is_a_problem(bag: Unpacked) -> None:
    other = "SHA256:" + "A" * 43
    done = run(Path("verify.py"), "--key", other, cwd=bag.folder)
    assert done.returncode == 1
    assert "keys/allowed_signers: the pack is signed by SHA256:" in done.stdout
    assert "FAILED: 1 problem" in done.stdout


@pytest.mark.parametrize(
    "arguments", [("--key",), ("--key", "SHA256:x"), ("--keys", "."), (".", ".")]
)
def test_what_the_script_does_not_understand_it_refuses(
    bag: Unpacked, arguments: tuple[str, ...]
) -> None:
    done = run(Path("verify.py"), *arguments, cwd=bag.folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr


def test_the_script_takes_the_folder_or_the_zip_as_an_argument(
    bag: Unpacked, zipped: Path, delivered: Delivered, tmp_path: Path
) -> None:
    key = ("--key", delivered.key.fingerprint)
    for path in (bag.folder, zipped):
        for arguments in ((str(path), *key), (*key, str(path))):
            assert run(bag / "verify.py", *arguments, cwd=tmp_path).returncode == 0


def test_the_script_says_what_is_wrong_and_exits_1(bag: Unpacked) -> None:
    (bag / "data/answers.csv").unlink()
    done = run(Path("verify.py"), cwd=bag.folder)
    lines = done.stdout.splitlines()
    assert lines[0] == "data/answers.csv: is missing, though manifest-sha256.txt lists it"
    assert lines[-1] == f"FAILED: {len(lines) - 1} problems"
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


def anywhere(bag: Unpacked, count: int) -> list[tuple[str, int]]:
    """So many places, the same ones for the same sizes: each file has one, as far as they reach."""
    draw = Random(6)  # noqa: S311 - which places does not matter
    names = [name for name in bag.names() if (bag / name).stat().st_size]
    draw.shuffle(names)
    chosen = [*names, *draw.choices(names, k=count)][:count]
    return [(name, draw.randrange((bag / name).stat().st_size)) for name in chosen]


def test_200_changed_bytes_are_each_found_and_the_file_named(bag: Unpacked) -> None:
    """By the digests and the signature alone; only what changed is read again."""
    checks = (verify.check_payload, verify.check_tags, verify.check_signature)
    known = verify.Bag(bag.folder)
    assert [one for check in checks for one in verify.tried(known, check, known)] == []
    for name, at in anywhere(bag, 200):
        again = verify.Bag(bag.folder)
        again._hashes = {one: found for one, found in known._hashes.items() if one != name}
        with flipped(bag / name, at):
            found = [one for check in checks for one in verify.tried(again, check, again)]
        assert any(name in problem for problem in found), f"{name} at {at}: {found}"


def test_a_changed_byte_is_found_and_the_file_named_by_the_whole_of_it_too(bag: Unpacked) -> None:
    for name, at in anywhere(bag, 12):
        with flipped(bag / name, at):
            found = problems(bag.folder)
        assert any(name in problem for problem in found), f"{name} at {at}: {found}"
    assert problems(bag.folder) == []


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_200_changed_bytes_are_each_found_by_the_script_as_an_auditor_runs_it(
    bag: Unpacked, delivered: Delivered
) -> None:
    for name, at in anywhere(bag, 200):
        with flipped(bag / name, at):
            # The script that is run is not the one that is changed.
            done = run(SCRIPT, ".", "--key", delivered.key.fingerprint, cwd=bag.folder)
        assert done.returncode == 1, f"{name} at {at}"
        assert name in done.stdout, f"{name} at {at}: {done.stdout}"


def test_every_byte_of_the_signature_counts(bag: Unpacked) -> None:
    path = bag / "tagmanifest-sha256.txt.sig"
    found = verify.Bag(bag.folder)
    for at in range(path.stat().st_size):
        with flipped(path, at):
            assert verify.tried(found, verify.check_signature, found), at
    assert list(verify.check_signature(found)) == []


def test_one_changed_byte_inside_the_zip_is_found_and_the_file_named(zipped: Path) -> None:
    at = zipped.read_bytes().index(b"the second certificate")
    with flipped(zipped, at):
        assert any("certificate.pdf" in problem for problem in examine_file(zipped).problems)
    assert examine_file(zipped).problems == []


def test_missing_added_renamed_and_linked_files_are_named(bag: Unpacked) -> None:
    (bag / "data/review.json").rename(bag / "data/reviews.json")
    (bag / "data/evidence" / CERTIFIED / "extra.pdf").write_bytes(b"x")
    (bag / "notes.txt").write_text("x")
    (bag / "VERIFY.md").unlink()
    (bag / "VERIFY.md").symlink_to("verify.py")
    (bag / "data/evidence/more").mkdir()
    found = " ".join(problems(bag.folder))
    for problem in (
        "data/review.json: is missing",
        "data/reviews.json: is not listed",
        f"data/evidence/{CERTIFIED}/extra.pdf: is not listed",
        "notes.txt: is not listed",
        "VERIFY.md: is a link",
        "VERIFY.md: is missing",
        "data/evidence/more: is an empty folder",
    ):
        assert problem in found


@pytest.mark.parametrize("attributes", [0o120777 << 16, 0o040755 << 16, 0o010644 << 16, 0x10])
def test_what_unpacks_as_anything_but_a_file_is_named_in_the_zip(
    zipped: Path, attributes: int
) -> None:
    """By the directory of the ZIP, which says so; the bytes before each file say nothing of it."""
    data = bytearray(zipped.read_bytes())
    at = data.index(b"/VERIFY.md", data.index(b"PK\x01\x02"))
    header = data.rindex(b"PK\x01\x02", 0, at)
    data[header + 38 : header + 42] = attributes.to_bytes(4, "little")
    zipped.write_bytes(data)
    assert "VERIFY.md: is a link, a folder or another special file" in problems(zipped)


def test_a_folder_of_its_own_is_named_in_the_zip(zipped: Path) -> None:
    with zipfile.ZipFile(zipped, "a") as archive:
        folder = archive.namelist()[0].partition("/")[0]
        archive.mkdir(f"{folder}/data/more")
    assert "data/more/: is a link, a folder or another special file" in problems(zipped)


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
