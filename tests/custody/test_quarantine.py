"""Files that wait for the virus scanner: let out, destroyed, or kept waiting; never "clean"."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa
from flask import Flask

from riskapp.clockwork import Clockwork
from riskapp.core.db import reading, transaction
from riskapp.core.scanning import Clean, Infected, Scan, Scanner, Unscanned, Verdict
from riskapp.custody import quarantine
from riskapp.custody.holds import lift, place
from riskapp.custody.quarantine import NO_SCANNER, Round, release
from riskapp.custody.queries import erasures
from riskapp.evidence.models import Evidence
from riskapp.evidence.scans import Scan as Known
from riskapp.evidence.service import SealedFile
from riskapp.invites.queries import OpenedInvitation
from riskapp.scoring.queries import receipts
from riskapp.web.ports import ports
from tests import small, stages
from tests.cast import Cast
from tests.conftest import StoppedClock
from tests.custody.erasing import means
from tests.evidence.files import blobs, subjects, uses

pytestmark = pytest.mark.usefixtures("in_app")


@dataclass
class Look:
    """One scan of a scanner whose mind is made up."""

    verdict: Verdict
    seen: list[bytes]
    given_up: bool = False
    data: bytes = b""

    def write(self, data: bytes) -> None:
        self.data += data

    def finish(self) -> Verdict:
        self.seen.append(self.data)
        return self.verdict

    def abort(self) -> None:
        return


@dataclass
class Says:
    """A scanner that says the same of everything."""

    verdict: Verdict
    gives_up: bool = False
    seen: list[bytes] = field(default_factory=list)

    def begin(self, *, patient: bool = False) -> Scan:
        assert patient, "nobody waits for the verdict here"
        return Look(self.verdict, self.seen, self.gives_up)


def quarantined(file: SealedFile, note: str = "it slept") -> SealedFile:
    """As if the scanner had not answered when the file came in."""
    now = ports().clock.now()
    with transaction() as session:
        session.execute(
            sa.update(Evidence)
            .where(Evidence.id == file.evidence_id, Evidence.version == file.version)
            .values(scan=Known.QUARANTINED, scan_note=note, scanned_at=now)
        )
    return file


def proven(cast: Cast, content: bytes = stages.PDF) -> tuple[OpenedInvitation, SealedFile]:
    """Submitted, with one proof that waits in quarantine."""
    link, invitation = stages.started(cast.vera, cast.oskar, only=small.ONLY)
    stages.answer_all(invitation)
    file = quarantined(stages.attach(invitation, small.PROVEN, content))
    stages.send_in(invitation)
    return stages.opened(link.token), file


def look(scanner: Scanner | None, **how: int) -> Round:
    return release(means(), ports().keyring, scanner, now=ports().clock.now(), **how)


def stored(file: SealedFile) -> Evidence:
    reading().rollback()
    return reading().get_one(Evidence, (file.evidence_id, file.version))


def shown(invitation: OpenedInvitation) -> list[str]:
    reading().rollback()
    return [row.shown for row in receipts(reading(), invitation.assessment_id)]


def test_a_file_in_quarantine_does_not_count_and_counts_once_it_is_let_out(cast: Cast) -> None:
    invitation, file = proven(cast, b"%PDF-1.7" + b"x" * 100_000)
    scanner = Says(Clean())
    with small.trail() as events:
        assert look(scanner) == Round(clean=1)
    assert scanner.seen == [b"%PDF-1.7" + b"x" * 100_000]
    row = stored(file)
    assert (row.scan, row.scan_note, row.scanned_at) == (Known.CLEAN, "", ports().clock.now())
    after, before = shown(invitation)
    assert float(after) < float(before), "proof lowers the risk"
    assert receipts(reading(), invitation.assessment_id)[0].cause == "A file left quarantine"
    assert events == [
        ("evidence:clean", f"{file.evidence_id}/1"),
        ("receipt:add", f"{invitation.assessment_id}/2"),
    ]
    assert {one.actor_kind for one in small.events()[-2:]} == {"clock"}
    assert look(scanner) == Round()


def test_a_file_of_a_draft_is_let_out_and_nothing_is_scored(cast: Cast) -> None:
    invitation = small.started(cast)
    file = quarantined(stages.attach(invitation, small.PROVEN))
    with small.trail() as events:
        assert look(Says(Clean())) == Round(clean=1)
    assert events == [("evidence:clean", f"{file.evidence_id}/1")]


def test_what_the_scanner_finds_infected_is_destroyed_with_a_certificate(cast: Cast) -> None:
    invitation, file = proven(cast)
    with small.trail() as events:
        assert look(Says(Infected("Eicar"))) == Round(infected=1)
    row = stored(file)
    assert (row.scan, row.name, row.erased_at) == (Known.INFECTED, "", ports().clock.now())
    assert blobs() == set()
    assert f"evidence:{file.evidence_id}" not in subjects()
    (made,) = erasures(reading(), invitation.vendor_id)
    assert (made.scope, "Eicar" in made.reason) == ("infected", True)
    kinds = [kind for kind, _ in events]
    assert kinds[:3] == ["evidence:infected", "evidence:erase", "erasure:add"]
    assert look(Says(Clean())) == Round()
    assert stored(file).scan == Known.INFECTED


def test_under_a_legal_hold_an_infected_file_stays_and_stays_shut(cast: Cast) -> None:
    invitation, file = proven(cast)
    now = ports().clock.now()
    place(invitation.vendor_id, None, reason="Proceedings.", person_id=cast.oskar.id, now=now)
    assert look(Says(Infected("Eicar"))) == Round(infected=1)
    row = stored(file)
    assert (row.scan, row.scan_note, row.erased_at) == (Known.INFECTED, "Eicar", None)
    assert blobs() == {file.blob}
    assert len(shown(invitation)) == 1


def test_once_no_hold_keeps_it_an_infected_file_is_destroyed(cast: Cast) -> None:
    invitation, file = proven(cast)
    vendor_id, now, by = invitation.vendor_id, ports().clock.now(), cast.oskar.id
    held = place(vendor_id, file.evidence_id, reason="Proceedings.", person_id=by, now=now)
    look(Says(Infected("Eicar")))
    lift(vendor_id, held, reason="They are over.", person_id=by, now=now)
    with small.trail() as events:
        assert look(Says(Clean())) == Round()
    assert [kind for kind, _ in events][:2] == ["evidence:erase", "erasure:add"]
    row = stored(file)
    assert (row.scan, row.erased_at) == (Known.INFECTED, now)
    assert blobs() == set()
    (made,) = erasures(reading(), vendor_id)
    assert (made.scope, "Eicar" in made.reason) == ("infected", True)


def test_without_a_verdict_a_file_stays_where_it_is(cast: Cast, clock: StoppedClock) -> None:
    invitation, file = proven(cast)
    clock.pass_by(minutes=5)
    with small.trail() as events:
        assert look(Says(Unscanned("it sleeps on"))) == Round(waiting=1)
    row = stored(file)
    assert (row.scan, row.scan_note) == (Known.QUARANTINED, "it sleeps on")
    assert row.scanned_at == clock.now()
    assert not events
    assert len(shown(invitation)) == 1


def test_nothing_is_unsealed_for_a_scanner_that_is_not_there(cast: Cast) -> None:
    _, file = proven(cast)
    ports().blobs.delete(file.blob)
    assert look(Says(Unscanned("away"), gives_up=True)) == Round(waiting=1)
    assert stored(file).scan_note == "away"


def test_where_no_scanner_is_set_up_any_more_files_stay_and_it_is_said(
    cast: Cast, clock: StoppedClock
) -> None:
    _, file = proven(cast)
    assert look(None) == Round(waiting=1)
    row = stored(file)
    assert (row.scan, row.scan_note, row.scanned_at) == (
        Known.QUARANTINED,
        NO_SCANNER,
        clock.now(),
    )


@pytest.mark.parametrize("harm", ["blob", "key"])
def test_a_file_that_does_not_open_is_never_clean(cast: Cast, harm: str) -> None:
    _, file = proven(cast)
    if harm == "blob":
        ports().blobs.delete(file.blob)
    else:
        with transaction() as session:
            session.execute(sa.text("UPDATE wrapped_key SET wrapped = wrapping_key.wrapped FROM "
                "(SELECT wrapped FROM wrapped_key WHERE subject LIKE 'vendor:%') AS wrapping_key "
                "WHERE subject LIKE 'evidence:%'"))  # fmt: skip
    assert look(Says(Clean())) == Round(waiting=1)
    assert (stored(file).scan, stored(file).scan_note) == (
        Known.QUARANTINED,
        quarantine.DOES_NOT_OPEN,
    )


def test_a_round_is_bounded_and_the_next_goes_on_with_those_that_wait_longest(
    cast: Cast, clock: StoppedClock
) -> None:
    invitation = small.started(cast)
    files = []
    for n in range(3):
        files.append(quarantined(stages.attach(invitation, small.PROVEN, b"%%PDF-%d" % n)))
        clock.pass_by(minutes=1)
    scanner = Says(Unscanned("too large"))
    for n in (0, 1, 2, 0):
        look(scanner, most=1)
        assert scanner.seen[-1] == b"%%PDF-%d" % n
        clock.pass_by(minutes=5)


def test_two_rounds_at_once_let_a_file_out_once(cast: Cast) -> None:
    invitation, file = proven(cast)
    with small.trail() as events:
        small.at_once(*[lambda: look(Says(Clean()))] * 2)
    assert [kind for kind, _ in events] == ["evidence:clean", "receipt:add"]
    assert stored(file).scan == Known.CLEAN
    assert len(shown(invitation)) == 2


@pytest.mark.parametrize("verdict", [Clean(), Infected("Eicar")])
def test_a_file_that_was_removed_while_it_was_looked_at_is_left_alone(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, verdict: Verdict
) -> None:
    invitation = small.started(cast)
    file = quarantined(stages.attach(invitation, small.PROVEN))
    seen: Callable[..., Verdict] = quarantine._seen

    def replaced(*how: object) -> Verdict:
        found = seen(*how)
        (use,) = uses(invitation)
        stages.attach(invitation, small.PROVEN, b"%PDF-new", replaces=use)
        return found

    monkeypatch.setattr(quarantine, "_seen", replaced)
    look(Says(verdict))
    reading().rollback()
    assert reading().get(Evidence, (file.evidence_id, file.version)) is None
    assert not [one for one in small.events() if one.type.startswith("evidence:infected")]
    assert len(blobs()) == 1


def test_the_clockwork_says_why_files_wait(app: Flask, cast: Cast) -> None:
    _, file = proven(cast)
    Clockwork(app).round()
    assert stored(file).scan_note == NO_SCANNER
