import stat
import zipfile
from pathlib import Path

import pytest
from flask import Flask

from riskapp.audit.queries import whole_trail
from riskapp.core.db import reading
from riskapp.evidence.queries import of_assessment
from riskapp.packs.queries import exports
from riskapp.web.ports import ports
from tests import stages
from tests.cast import Cast
from tests.cli.runs import refused, run


@pytest.fixture
def decided(app: Flask, cast: Cast) -> str:
    with app.app_context():
        return stages.decided(cast.vera, cast.oskar)[0].assessment_id


def test_a_pack_is_built_for_its_owner_alone_and_verifies(
    app: Flask, decided: str, tmp_path: Path
) -> None:
    out = tmp_path / "pack.zip"
    result = run(app, "packs", "build", decided, "--out", str(out))
    assert result.exit_code == 0, result.output
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert zipfile.ZipFile(out).testzip() is None
    checked = run(app, "packs", "verify", str(out))
    assert (checked.exit_code, checked.stdout) == (0, "")


def test_recipient_and_purpose_stand_in_the_record(
    app: Flask, decided: str, tmp_path: Path
) -> None:
    words = ("--recipient", "Audit House Ltd", "--purpose", "Yearly audit")
    out = str(tmp_path / "pack.zip")
    assert run(app, "packs", "build", decided, "--out", out, *words).exit_code == 0
    with app.app_context():
        event = whole_trail(reading(), decided)[-1]
        taken = exports(reading(), decided)[0]
    assert (event.type, event.actor_kind) == ("pack:export", "operator")
    assert (taken.recipient, taken.purpose) == ("Audit House Ltd", "Yearly audit")


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
        link = stages.issued(cast.vera, cast.oskar)
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
