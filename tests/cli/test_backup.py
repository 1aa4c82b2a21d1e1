"""Backups are put back into installations of every kind, and every file in them is opened."""

import errno
import json
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
import sqlalchemy as sa
from flask import Flask

from riskapp.audit.service import OPERATOR, About, record
from riskapp.core.backup import making, rows
from riskapp.core.backup.blobs import path_of
from riskapp.core.backup.folder import declare
from riskapp.core.canonical import canonical
from riskapp.core.db import db, reading, transaction
from riskapp.core.errors import NotFound
from riskapp.custody.erasing import erase_file
from riskapp.evidence.keys import data_key
from riskapp.evidence.models import Evidence, WrappedKey
from riskapp.evidence.service import SealedFile
from riskapp.scoring.models import StoredReceipt
from riskapp.scoring.receipts import recompute
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import Cast
from tests.cli.backups import Folders, backed_up, but_for_salts, everything, opened, restored
from tests.cli.runs import refused, run
from tests.conftest import StoppedClock, Template, dispose, make_app
from tests.custody.erasing import erased, means, wish
from tests.small import app

__all__ = ["app"]

KINDS = ("sqlite", "postgresql")
on_sqlite_alone = pytest.mark.parametrize("template", ["sqlite"], indirect=True)
"""Where the database has no part in what is tested."""


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path / "records", tmp_path / "keys")


@pytest.fixture
def built(app: Flask, cast: Cast) -> list[SealedFile]:
    """Mallory's files: one, one more, and one that was erased since. Vera has submitted one too."""
    with app.app_context():
        small.submitted(cast)
        _, mallory = stages.started(cast.mallory, cast.oskar, only=small.ONLY)
        kept = stages.attach(mallory, small.PROVEN, b"%PDF-1.7\n" + bytes(70_000))
        more = stages.attach(mallory, small.PROVEN)
        gone = stages.attach(mallory, small.PROVEN)
        stages.answer_all(mallory)
        stages.send_in(mallory)
        erased(mallory, gone, cast.oskar)
        return [kept, more, gone]


def erase(cast: Cast, file: SealedFile) -> None:
    erase_file(means(), cast.mallory.vendor_id, file.evidence_id, wish(cast.oskar))


@pytest.fixture
def elsewhere(
    app: Flask, templates: Callable[[str], Template], tmp_path: Path
) -> Iterator[Callable[..., Flask]]:
    """Makes empty installations, each with a copy of the keyring unless told otherwise."""
    made: list[tuple[Flask, Template, str]] = []

    def make(kind: str, *, keyring: bool = True) -> Flask:
        template = templates(kind)
        instance = tmp_path / f"elsewhere-{len(made)}"
        instance.mkdir()
        if keyring:
            shutil.copy2(Path(app.instance_path) / "keyring.json", instance)
        url = template.database.fresh(instance)
        parts = app.extensions["riskapp"]
        how = {"clock": parts.clock, "library": parts.library}
        other = make_app(instance, url, questionnaires=parts.library.folder, **how)
        made.append((other, template, url))
        return other

    yield make
    for other, template, url in made:
        dispose(other)
        template.database.drop(url)


def is_empty(app: Flask) -> bool:
    with app.app_context(), db.engine.connect() as connection:
        return not rows.has_rows(connection, rows.schema(connection))


@pytest.mark.parametrize("kind", KINDS)
def test_every_row_and_every_file_comes_back_into_either_kind_of_database(
    app: Flask,
    built: list[SealedFile],
    folders: Folders,
    elsewhere: Callable[..., Flask],
    kind: str,
) -> None:
    backed_up(app, folders)
    other = elsewhere(kind)
    assert restored(other, folders) == ""
    before, after = everything(app), everything(other)
    for name, table in before.items():
        assert after[name] == table, name
    assert opened(other) == opened(app)
    assert len(opened(other)) == len(built)  # Vera's, and those of Mallory that are not erased
    with other.app_context():
        last = before["event"][-1][0]
        for receipt in reading().scalars(sa.select(StoredReceipt)):
            again = recompute(receipt.document.encode())
            assert again.same
            assert again.document_bytes == receipt.document.encode()
        reading().rollback()
        told = small.events(last)
        assert [(one.type, one.actor_kind) for one in told] == [("backup:restore", "operator")]
        with transaction() as session:
            record(session, "a:b", About("c"), actor=OPERATOR, now=ports().clock.now())
        assert [one.id for one in small.events(last)] == [last + 1, last + 2]


@pytest.mark.usefixtures("built")
def test_the_folder_without_the_keys_opens_nothing_even_with_the_keyring(
    app: Flask, folders: Folders, elsewhere: Callable[..., Flask]
) -> None:
    with app.app_context():
        wrapped = [row.wrapped for row in reading().scalars(sa.select(WrappedKey))]
        reading().rollback()
    assert wrapped
    backed_up(app, folders)
    held = b"".join(path.read_bytes() for path in folders.records.rglob("*") if path.is_file())
    for one in wrapped:
        assert one not in held
        assert rows._written(one)["base64"].encode() not in held
    shutil.rmtree(folders.keys)
    other = elsewhere("sqlite")
    assert "no complete backup" in refused(other, "backup", "restore", *folders.words)
    assert is_empty(other)


def test_a_file_that_was_erased_stays_erased_when_an_older_backup_is_put_back_with_newer_keys(
    app: Flask,
    built: list[SealedFile],
    cast: Cast,
    folders: Folders,
    elsewhere: Callable[..., Flask],
    clock: StoppedClock,
    tmp_path: Path,
) -> None:
    backed_up(app, folders)
    clock.pass_by(days=1)
    old = folders.copy(tmp_path / "old")
    file, holder = built[0], cast.mallory.vendor_id
    with app.app_context():
        erase(cast, file)
    backed_up(app, folders)
    other = elsewhere("sqlite")
    said = restored(other, Folders(old.records, folders.keys))
    assert said.startswith("The keys are those of")
    assert "1 of the files cannot be opened" in said
    with other.app_context():
        assert reading().get_one(Evidence, (file.evidence_id, 1)).erased_at is None
        with pytest.raises(NotFound):
            data_key(reading(), holder, file.evidence_id, 1, ports().keyring)


def test_another_backup_copies_only_what_is_new_and_forgets_what_was_erased(
    app: Flask, built: list[SealedFile], cast: Cast, folders: Folders
) -> None:
    backed_up(app, folders)
    blobs = {path: path.stat().st_ino for path in folders.records.glob("blobs/*/*")}
    with app.app_context():
        _, vera = stages.started(cast.vera, cast.oskar, only=small.ONLY)
        added = stages.attach(vera, small.PROVEN)
        stages.answer_all(vera)
        stages.send_in(vera)
        erase(cast, built[0])
    lost = {path_of(folders.records, built[0].blob)}
    assert lost < blobs.keys()
    backed_up(app, folders)
    now = {path: path.stat().st_ino for path in folders.records.glob("blobs/*/*")}
    kept = {path: node for path, node in blobs.items() if path not in lost}
    assert kept.items() <= now.items()
    assert now.keys() - kept.keys() == {path_of(folders.records, added.blob)}
    for folder in (folders.records, folders.keys):
        assert len(list(folder.glob("2*"))) == 1
        for path in folder.rglob("*"):
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


@on_sqlite_alone
@pytest.mark.parametrize("folders_done", [0, 1])
@pytest.mark.usefixtures("built")
def test_a_backup_that_breaks_off_leaves_the_one_before_whole(
    app: Flask,
    folders: Folders,
    elsewhere: Callable[..., Flask],
    monkeypatch: pytest.MonkeyPatch,
    folders_done: int,
) -> None:
    backed_up(app, folders)
    before = (folders.records / "manifest.json").read_bytes()
    left = [declare] * folders_done

    def failing(*given: Any) -> None:
        if not left:
            raise OSError(errno.ENOSPC, "No space left on device")
        left.pop()(*given)

    with monkeypatch.context() as patched:
        patched.setattr(making, "declare", failing)
        assert "No space left" in refused(app, "backup", "make", *folders.words)
    assert (folders.records / "manifest.json").read_bytes() == before
    assert len(list(folders.records.glob("2*"))) == 2
    other = elsewhere("sqlite")
    restored(other, folders)
    assert opened(other) == opened(app)
    backed_up(app, folders)
    assert len(list(folders.records.glob("2*"))) == 1


@on_sqlite_alone
@pytest.mark.usefixtures("built")
def test_what_was_never_finished_or_changed_since_is_not_put_back(
    app: Flask, folders: Folders, elsewhere: Callable[..., Flask], tmp_path: Path
) -> None:
    backed_up(app, folders)
    other = elsewhere("sqlite")
    first = next(folders.records.glob("blobs/*/*")).relative_to(folders.records)
    for number, (damage, words) in enumerate(
        {
            lambda one: _flip(one.records / first): "is not what was written",
            _unfinished: "no complete backup",
            _with_a_flipped_table: "is not what was written",
            _with_a_row_less: "is not what was written",
            lambda one: (one.records / first).unlink(): "No such file",
            _with_nonsense: "is not the manifest",
            _of_a_later_version: "of a later version",
        }.items()
    ):
        torn = folders.copy(tmp_path / f"torn-{number}")
        damage(torn)
        assert words in refused(other, "backup", "restore", *torn.words)
        assert is_empty(other)
    restored(other, folders)  # goes on where the others broke off
    assert opened(other) == opened(app)


def _unfinished(one: Folders) -> None:
    (one.records / "manifest.json").unlink()


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _with_a_flipped_table(one: Folders) -> None:
    (path,) = one.records.glob("2*/event.jsonl")
    path.write_bytes(path.read_bytes().replace(b"vendor:", b"vendar:", 1))


def _with_a_row_less(one: Folders) -> None:
    (path,) = one.keys.glob("2*/wrapped_key.jsonl")
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


def _with_nonsense(one: Folders) -> None:
    (one.records / "manifest.json").write_text('{"format": "riskapp-backup-1"}')


def _of_a_later_version(one: Folders) -> None:
    for folder in (one.records, one.keys):
        path = folder / "manifest.json"
        said = json.loads(path.read_bytes())
        path.write_bytes(canonical({**said, "revision": "9999"}))


@on_sqlite_alone
@pytest.mark.usefixtures("built")
def test_a_restore_refuses_a_house_that_is_lived_in_and_a_keyring_of_another(
    app: Flask, folders: Folders, elsewhere: Callable[..., Flask]
) -> None:
    backed_up(app, folders)
    before = everything(app)
    assert "data in this installation already" in refused(app, "backup", "restore", *folders.words)
    assert everything(app) == before
    stranger = elsewhere("sqlite", keyring=False)
    assert "keyring" in refused(stranger, "backup", "restore", *folders.words)
    assert is_empty(stranger)


@on_sqlite_alone
def test_keys_are_not_written_beside_what_they_open(app: Flask, tmp_path: Path) -> None:
    for keys in (tmp_path, tmp_path / "keys"):
        said = refused(app, "backup", "make", str(tmp_path), "--keys", str(keys))
        assert "apart" in said
    assert not (tmp_path / "manifest.json").exists()


@on_sqlite_alone
def test_a_file_that_the_store_lost_is_named_and_the_backup_keeps_its_copy(
    app: Flask, built: list[SealedFile], folders: Folders, elsewhere: Callable[..., Flask]
) -> None:
    backed_up(app, folders)
    whole = opened(app)
    with app.app_context():
        ports().blobs.delete(built[0].blob)
    result = run(app, "backup", "make", *folders.words)
    assert result.exit_code == 3
    assert built[0].blob in result.stderr
    other = elsewhere("sqlite")
    restored(other, folders)
    assert opened(other) == whole


def test_a_backup_of_an_older_version_is_put_back_and_brought_up_to_date(
    app: Flask, cast: Cast, folders: Folders, elsewhere: Callable[..., Flask]
) -> None:
    with app.app_context():
        invitation = small.started(cast)
        stages.attach(invitation, small.PROVEN)
        reading().rollback()
        db.session.remove()
        flask_migrate.downgrade(revision="0003")
    backed_up(app, folders)
    other = elsewhere("sqlite")
    restored(other, folders)
    with app.app_context():
        flask_migrate.upgrade()
    assert but_for_salts(everything(other)) == but_for_salts(everything(app))
    assert opened(other) == opened(app)
    assert len(opened(other)) == 1
