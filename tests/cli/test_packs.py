import stat
import zipfile
from datetime import date
from pathlib import Path

import pyrage
import pytest
from flask import Flask

from riskapp.core.db import reading
from riskapp.evidence.queries import of_assessment
from riskapp.packs.queries import made as packs_made
from riskapp.web.ports import ports
from tests import small
from tests.cast import Cast
from tests.cli.runs import refused, run
from tests.small import app
from tests.trails import whole_trail
from tests.web import packs

__all__ = ["app"]


@pytest.fixture
def decided(app: Flask, cast: Cast) -> str:
    return packs.decided(app, cast)


def test_a_pack_is_built_for_its_owner_alone_and_verifies(
    app: Flask, decided: str, tmp_path: Path
) -> None:
    out = tmp_path / "pack.zip"
    result = run(app, "packs", "build", decided, "--out", str(out))
    assert result.exit_code == 0, result.output
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert zipfile.ZipFile(out).testzip() is None
    with app.app_context():
        fingerprint = ports().signer.fingerprint
    assert f"packs verify --key {fingerprint} {out}" in result.stdout
    checked = run(app, "packs", "verify", str(out), "--key", fingerprint)
    assert (checked.exit_code, checked.stdout) == (0, "")


def test_a_pack_of_which_nobody_said_who_signs_is_not_anchored(
    app: Flask, decided: str, tmp_path: Path
) -> None:
    out = str(tmp_path / "pack.zip")
    run(app, "packs", "build", decided, "--out", out)
    checked = run(app, "packs", "verify", out)
    assert (checked.exit_code, checked.stdout) == (4, "")
    assert "NOT ANCHORED" in checked.stderr
    other = run(app, "packs", "verify", out, "--key", "SHA256:" + "A" * 43)
    assert other.exit_code == 1
    assert other.stdout.strip()


def test_terms_stand_in_the_record(app: Flask, decided: str, tmp_path: Path) -> None:
    words = ("--recipient", "Audit House Ltd", "--purpose", "Yearly audit", "--until", "2027-01-31")
    out = str(tmp_path / "pack.zip")
    assert run(app, "packs", "build", decided, "--out", out, *words).exit_code == 0
    with app.app_context():
        events = whole_trail(reading(), decided)[-2:]
        made = packs_made(reading(), None, decided)[0]
    assert [(event.type, event.actor_kind) for event in events] == [
        ("pack:export", "operator"),
        ("pack:take", "operator"),
    ]
    assert (made.recipient, made.purpose) == ("Audit House Ltd", "Yearly audit")
    assert made.until == date(2027, 1, 31)


def test_what_is_left_out_is_named_with_its_reason(
    app: Flask, decided: str, tmp_path: Path
) -> None:
    with app.app_context():
        file = of_assessment(reading(), decided)[0]
    out = tmp_path / "pack.zip"
    result = run(
        app,
        *("packs", "build", decided, "--out", str(out)),
        *("--leave-out", "SML-05=It names other customers."),
        *("--leave-out", f"{file.evidence_id}/1=A trade secret = theirs."),
        *("--leave-out", "names=Nobody needs them."),
    )
    assert result.exit_code == 0, result.output
    with app.app_context():
        narrowed = packs_made(reading(), None, decided)[0].narrowed
    assert {(one["what"], one["id"], one["reason"]) for one in narrowed["redactions"]} == {
        ("answer", "SML-05", "It names other customers."),
        ("file", f"{file.evidence_id}/1", "A trade secret = theirs."),
        ("names", "people", "Nobody needs them."),
    }
    assert run(app, "packs", "verify", str(out)).exit_code == 4


def test_without_evidence_no_file_is_in_it(app: Flask, decided: str, tmp_path: Path) -> None:
    out = tmp_path / "pack.zip"
    run(app, "packs", "build", decided, "--out", str(out), "--without-evidence")
    with zipfile.ZipFile(out) as archive:
        assert not [name for name in archive.namelist() if "/data/evidence/" in name]


def test_a_vendors_whole_history_is_built(
    app: Flask, cast: Cast, decided: str, tmp_path: Path
) -> None:
    out = tmp_path / "pack.zip"
    vendor = cast.vera.vendor_id
    assert run(app, "packs", "build", "--vendor", vendor, "--out", str(out)).exit_code == 0
    with zipfile.ZipFile(out) as archive:
        assert [name for name in archive.namelist() if f"/data/assessments/{decided}/" in name]


@pytest.mark.parametrize("from_file", [False, True])
def test_a_sealed_pack_opens_with_the_key_that_it_is_sealed_to(
    app: Flask, decided: str, tmp_path: Path, *, from_file: bool
) -> None:
    identity = pyrage.x25519.Identity.generate()
    key, out = str(identity.to_public()), tmp_path / "pack.zip.age"
    (tmp_path / "key.pub").write_text(key + "\n")
    given = f"@{tmp_path}/key.pub" if from_file else key
    result = run(app, "packs", "build", decided, "--out", str(out), "--seal-to", given)
    assert result.exit_code == 0, result.output
    assert f"{out.stat().st_size} bytes" in result.stdout
    refused = run(app, "packs", "verify", str(out))
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "is sealed. Open it first" in refused.stderr
    plain = tmp_path / "pack.zip"
    plain.write_bytes(pyrage.decrypt(out.read_bytes(), [identity]))
    assert run(app, "packs", "verify", str(plain)).exit_code == 4
    with app.app_context():
        assert packs_made(reading(), None, decided)[0].sealed_to == key


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "assessment: Name one assessment, or a vendor"),
        (("{decided}", "--vendor", "{vendor}"), "assessment: Name one assessment, or a vendor"),
        (("--vendor", "ab" * 16), "vendor: There is no vendor abab"),
        (("{decided}", "--seal-to", "hello"), "seal-to: This is no public key"),
        (("{decided}", "--seal-to", "@/nowhere/key"), "seal-to: /nowhere/key cannot be read"),
        (("{decided}", "--leave-out", "SML-05"), "leave-out: Say why"),
        (("{decided}", "--leave-out", "SML-05= "), "leave-out: Say why"),
        (("{decided}", "--leave-out", "ZZZ-99=Why not."), "leave-out: There is no answer ZZZ-99"),
        (("{decided}", "--until", "2020-01-01"), "until: "),
        (("{decided}", "--recipient", ""), "recipient: Say who"),
    ],
)
def test_what_cannot_be_built_is_said_and_leaves_no_file(
    app: Flask, cast: Cast, decided: str, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    filled = [one.format(decided=decided, vendor=cast.vera.vendor_id) for one in words]
    out = tmp_path / "pack.zip"
    assert said in refused(app, "packs", "build", *filled, "--out", str(out))
    assert not out.exists()


def test_packs_are_listed(app: Flask, cast: Cast, decided: str, tmp_path: Path) -> None:
    assert run(app, "packs", "list").stdout == ""
    run(app, "packs", "build", decided, "--out", str(tmp_path / "1.zip"), "--recipient", "One")
    vendor = ("--vendor", cast.vera.vendor_id)
    run(app, "packs", "build", *vendor, "--out", str(tmp_path / "2.zip"), "--recipient", "Two")
    lines = [line.split("\t") for line in run(app, "packs", "list").stdout.splitlines()]
    assert {(line[2], line[5]) for line in lines} == {(decided, "One"), ("vendor", "Two")}
    assert {int(line[3]) for line in lines} == {
        path.stat().st_size for path in tmp_path.glob("*.zip")
    }
    assert len(run(app, "packs", "list", *vendor).stdout.splitlines()) == 2
    assert run(app, "packs", "list", "--vendor", cast.mallory.vendor_id).stdout == ""


def test_what_is_there_is_never_overwritten(app: Flask, decided: str, tmp_path: Path) -> None:
    out = tmp_path / "pack.zip"
    out.write_text("mine")
    said = refused(app, "packs", "build", decided, "--out", str(out))
    assert "not overwritten" in said
    assert out.read_text() == "mine"


def test_a_build_that_fails_leaves_no_file(app: Flask, decided: str, tmp_path: Path) -> None:
    with app.app_context():
        file = of_assessment(reading(), decided)[0]
        ports().blobs.delete(file.blob)
    out = tmp_path / "pack.zip"
    assert f"{file.evidence_id}/1: Its content is gone" in refused(
        app, "packs", "build", decided, "--out", str(out)
    )
    assert list(tmp_path.glob("pack*")) == []


def test_a_file_that_does_not_open_leaves_no_pack(app: Flask, decided: str, tmp_path: Path) -> None:
    with app.app_context():
        blob = of_assessment(reading(), decided)[0].blob
    stored = next(path for path in Path(app.instance_path).rglob(blob))
    stored.chmod(0o600)
    torn = bytearray(stored.read_bytes())
    torn[-1] ^= 1
    stored.write_bytes(torn)
    stored.chmod(0o400)  # as the store leaves what is finished
    out = tmp_path / "pack.zip"
    assert "was changed" in refused(app, "packs", "build", decided, "--out", str(out))
    assert not out.exists()


def test_what_has_no_pack_is_refused(app: Flask, cast: Cast, tmp_path: Path) -> None:
    with app.app_context():
        link = small.issued(cast)
    out = str(tmp_path / "pack.zip")
    assert "is issued" in refused(app, "packs", "build", link.assessment_id, "--out", out)
    said = refused(app, "packs", "build", "ab" * 16, "--out", out)
    assert "assessment: There is no assessment abab" in said
    elsewhere = str(tmp_path / "no" / "folder" / "pack.zip")
    assert "out: " in refused(app, "packs", "build", link.assessment_id, "--out", elsewhere)


def test_what_is_wrong_with_a_pack_is_named(app: Flask, decided: str, tmp_path: Path) -> None:
    out = tmp_path / "pack.zip"
    run(app, "packs", "build", decided, "--out", str(out))
    changed = bytearray(out.read_bytes())
    changed[len(changed) // 2] ^= 1
    out.write_bytes(changed)
    result = run(app, "packs", "verify", str(out))
    assert result.exit_code == 1
    assert result.stdout.strip()


def test_a_pack_is_verified_without_a_database(no_database: Flask, tmp_path: Path) -> None:
    for path in (tmp_path / "gone.zip", tmp_path):
        result = run(no_database, "packs", "verify", str(path))
        assert result.exit_code == 1
        assert path.name in result.stdout
