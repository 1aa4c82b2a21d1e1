"""`flask riskapp evidence check`: everything that is wrong is named, nothing else is touched."""

import json

import pytest
import sqlalchemy as sa
from flask import Flask

from riskapp.audit.service import OPERATOR
from riskapp.core.db import reading, transaction
from riskapp.core.ids import new_id
from riskapp.core.storage.local import LocalFolder
from riskapp.evidence import checking
from riskapp.evidence.damage import Damage
from riskapp.evidence.models import BlobRemoval, Evidence, WrappedKey
from riskapp.evidence.scans import Scan
from riskapp.evidence.service import SealedFile
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import NOW, Cast
from tests.cli.runs import run
from tests.evidence import damaging
from tests.evidence.files import LONG, blobs
from tests.small import app

__all__ = ["app"]

Found = list[tuple[str, str]]


def attached(app: Flask, cast: Cast, number: int) -> list[SealedFile]:
    with app.app_context():
        invitation = small.started(cast)
        return [stages.attach(invitation, small.PROVEN, LONG) for _ in range(number)]


def checked(app: Flask, *options: str, code: int = 3) -> Found:
    """Kind and thing of each line."""
    result = run(app, "evidence", "check", *options)
    assert result.exit_code == code, result.output
    lines = [line.split("\t") for line in result.stdout.splitlines()]
    assert all(len(line) == 4 for line in lines)
    return [(line[0], line[1]) for line in lines]


def named(file: SealedFile) -> str:
    return f"{file.evidence_id}/{file.version}"


def leave_unsettled(*, finish: bool) -> str:
    """A blob of a process that was killed: its writer's lock is gone."""
    store = ports().blobs
    assert isinstance(store, LocalFolder)
    writer = store.create(new_id())
    writer.write(b"half")
    if finish:
        writer.finish()
    writer._file.close()  # what the kernel does
    return writer.name


def test_where_all_is_well_nothing_is_said_on_standard_output(app: Flask, cast: Cast) -> None:
    (file, other) = attached(app, cast, 2)
    with app.app_context():
        damaging.change_row(other, scan=Scan.QUARANTINED)
    result = run(app, "evidence", "check")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "Nothing is wrong.\n")
    assert run(app, "evidence", "check", "--repair").exit_code == 0
    with app.app_context():
        assert blobs() == {file.blob, other.blob}


def test_every_damage_is_named_marked_and_unmarked_when_it_is_mended(
    app: Flask, cast: Cast
) -> None:
    broken, gone, keyless, well = attached(app, cast, 4)
    with app.app_context():
        whole = damaging.stored(broken)
        damaging.flip(broken, 20_000)
        ports().blobs.delete(gone.blob)
        damaging.lose_the_key(keyless, well)
    expected = {
        (Damage.CHANGED, named(broken)),
        (Damage.MISSING, named(gone)),
        (Damage.KEY_MISSING, named(keyless)),
    }
    with app.app_context(), small.trail() as events:
        assert set(checked(app)) == expected
    assert sorted(events) == sorted(("evidence:damaged", one) for _, one in expected)
    with app.app_context(), small.trail() as events:
        assert set(checked(app, "--repair")) == expected, "no repair invents what is lost"
        damaging.overwrite(broken.blob, whole)
    assert events == [], "the same damage is noted once"
    with app.app_context(), small.trail() as events:
        assert set(checked(app)) == expected - {(Damage.CHANGED, named(broken))}
        marks = sa.select(Evidence.id).where(Evidence.damage.is_not(None))
        assert set(reading().scalars(marks)) == {gone.evidence_id, keyless.evidence_id}
    assert events == [("evidence:mended", named(broken))]
    with app.app_context():
        assert json.loads(small.events()[-1].body)["kind"] == Damage.CHANGED


def test_the_line_says_whose_it_is_what_it_means_and_which_bytes(app: Flask, cast: Cast) -> None:
    (file,) = attached(app, cast, 1)
    with app.app_context():
        damaging.flip(file, 20_000)
    line = run(app, "evidence", "check").stdout
    assert line.startswith(f"changed\t{named(file)}\tNordlicht Software GmbH\tIts content in the ")
    assert line.endswith(" Stored bytes 16456 to 32855.\n")


def test_what_a_person_sees_or_answers_does_not_stand_in_the_output(app: Flask, cast: Cast) -> None:
    (file,) = attached(app, cast, 1)
    with app.app_context():
        ports().blobs.delete(file.blob)
    result = run(app, "evidence", "check")
    assert file.name not in result.output


def test_what_has_no_row_and_what_was_left_over_goes_only_when_told(app: Flask, cast: Cast) -> None:
    kept, erased, removed = attached(app, cast, 3)
    with app.app_context():
        orphan = damaging.store_anew(b"of nobody")
        damaging.change_row(erased, erased_at=NOW)
        unfinished, finished = leave_unsettled(finish=False), leave_unsettled(finish=True)
        damaging.remove_row(removed)
        with transaction() as session:
            session.add(BlobRemoval(blob=removed.blob, asked_at=NOW))
    expected = {
        ("blob-without-row", orphan),
        ("blob-without-row", erased.blob),
        ("left-over", unfinished),
        ("left-over", finished),
        ("to-unlink", removed.blob),
        ("key-of-erased", f"evidence:{named(erased)}"),
        ("key-without-row", f"evidence:{named(removed)}"),
    }
    assert set(checked(app)) == expected
    with app.app_context():
        assert blobs() == {kept.blob, erased.blob, removed.blob, orphan}, "nothing was touched"
    with app.app_context(), small.trail() as events:
        assert set(checked(app, "--repair", code=0)) == expected
        assert blobs() == {kept.blob}
        left = set(reading().scalars(sa.select(WrappedKey.subject)))
        assert left == {f"vendor:{cast.vera.vendor_id}", f"evidence:{kept.evidence_id}"}
        assert reading().scalars(sa.select(BlobRemoval)).all() == []
    assert sorted(events) == sorted(
        [
            ("blob:delete", orphan),
            ("blob:delete", erased.blob),
            ("key:destroy", f"evidence:{named(erased)}"),
            ("key:destroy", f"evidence:{named(removed)}"),
        ]
    )
    assert checked(app, code=0) == []


def test_what_came_in_after_the_check_began_is_never_taken_for_an_orphan(
    app: Flask, cast: Cast
) -> None:
    with app.app_context():
        before = checking.without_row(ports().blobs)
        fresh = stages.attach(small.started(cast), small.PROVEN)
        young = damaging.store_anew(b"settled, and its row is not committed yet")
        checking.repair(ports().blobs, before, actor=OPERATOR, now=NOW)
        assert blobs() == {fresh.blob, young}


def test_an_orphan_that_got_its_row_since_is_not_deleted(app: Flask, cast: Cast) -> None:
    (file,) = attached(app, cast, 1)
    with app.app_context():
        assert list(checking.still_without_row(ports().blobs, [file.blob])) == []
        with small.trail() as events:
            checking.repair(ports().blobs, [file.blob], actor=OPERATOR, now=NOW)
        assert events == []
        assert blobs() == {file.blob}


def test_an_upload_that_is_under_way_is_no_finding(app: Flask, cast: Cast) -> None:
    attached(app, cast, 1)
    with app.app_context(), ports().blobs.create(new_id()) as writer:
        writer.write(b"slowly")
        assert checked(app, "--repair", code=0) == []
        writer.finish()
        assert checked(app, "--repair", code=0) == []
        writer.settle()


def test_many_files_come_in_pages(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checking, "AT_ONCE", 2)
    files = attached(app, cast, 5)
    with app.app_context():
        for file in files:
            ports().blobs.delete(file.blob)
        orphans = {damaging.store_anew(b"x") for _ in range(5)}
        for file in files[:3]:
            damaging.remove_row(file)
    found = checked(app)
    assert {thing for kind, thing in found if kind == "missing"} == {
        named(file) for file in files[3:]
    }
    assert {thing for kind, thing in found if kind == "blob-without-row"} == orphans
    assert len([one for one in found if one[0] == "key-without-row"]) == 3
    assert len(found) == 10
