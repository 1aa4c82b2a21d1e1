"""An assessment with everything that a pack has to tell, from the link to the decision."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from riskapp.answers.service import Given, save
from riskapp.assessments.queries import assessment
from riskapp.core.crypto.signing import Key
from riskapp.core.db import reading
from riskapp.evidence.queries import of_assessment
from riskapp.evidence.service import Place, remove
from riskapp.invites.queries import OpenedInvitation
from riskapp.packs.service import Pack, PackWish, Parts, Prepared, prepare, stream
from riskapp.reviews.queries import thread
from riskapp.reviews.rules import Action, Outcome
from riskapp.reviews.service import decide, review_answer, review_evidence, send_back, undo
from riskapp.web.ports import ports
from tests.cast import Cast, Member
from tests.conftest import StoppedClock
from tests.stages import answer_all, attach, good_answer, question, reviewer, saving, send_in
from tests.stages import started as start_answering

FORMULA = '=HYPERLINK("http://example.com","Click")'
CERTIFIED, NOT_APPLICABLE, COMMENTED, TAKEN_BACK = "ISM-01", "ISM-03", "ISM-04", "ISM-05"
NOTHING_TO_LIST = "GDP-32"
RECIPIENT, PURPOSE = "Audit House Ltd", "Annual audit of suppliers"


def tell(cast: Cast, clock: StoppedClock, *, large: bytes = b"%PDF-1.7 a list") -> str:
    """Submitted, asked back, replied to with another file, submitted again, decided; the id."""
    _, invitation = start_answering(cast.vera, cast.oskar)
    commented = Given(good_answer(question(invitation, COMMENTED)), None, FORMULA)
    away = Given(None, "We have no such statement.", "")
    answer_all(invitation, {COMMENTED: commented, NOT_APPLICABLE: away})
    attach(invitation, CERTIFIED, b"%PDF-1.7 the first certificate", name="AUX.pdf")
    attach(invitation, COMMENTED, large, name="表 50 %.pdf")
    attach(invitation, COMMENTED, b"%PDF-1.7 another list", name="list.pdf")
    attach(invitation, TAKEN_BACK, b"%PDF-1.7 a chart", name="chart.pdf")
    remove(_use(invitation, TAKEN_BACK), _place(invitation, TAKEN_BACK), now=clock.time)
    send_in(invitation)
    clock.pass_by(days=1)
    _first_review(invitation, cast)
    clock.pass_by(days=1)
    save(
        question(invitation, CERTIFIED),
        Given("in-scope", None, "The new certificate covers all sites."),
        saving(invitation, base=1),
        now=clock.time,
    )
    attach(
        invitation,
        CERTIFIED,
        b"%PDF-1.7 the second certificate",
        valid_until=date(2027, 9, 30),
        replaces=_use(invitation, CERTIFIED),
    )
    send_in(invitation)
    clock.pass_by(days=1)
    review_evidence(
        invitation.assessment_id,
        _use(invitation, CERTIFIED),
        Action.EVIDENCE_INDEPENDENT,
        reviewer(cast.oskar),
        issued_on=date(2026, 10, 1),
        valid_until=date(2027, 9, 30),
    )
    decide(
        invitation.assessment_id,
        Outcome.APPROVE,
        reviewer(cast.olga),
        reasons="Sound throughout.",
    )
    return invitation.assessment_id


def _first_review(invitation: OpenedInvitation, cast: Cast) -> None:
    found, oskar = invitation.assessment_id, reviewer(cast.oskar)
    review_answer(found, COMMENTED, Action.REJECT, oskar, note="Too vague.")
    entry = thread(reading(), found)[-1].id
    undo(found, entry, oskar, note="It is clear after all.")
    review_answer(found, COMMENTED, Action.ACCEPT, oskar)
    review_answer(found, NOT_APPLICABLE, Action.APPROVE_NA, oskar, note="Agreed.")
    review_answer(found, NOTHING_TO_LIST, Action.CONFIRM, oskar)
    review_answer(found, CERTIFIED, Action.ASK_BACK, oskar, note="Please send the new one.")
    send_back(found, oskar.now.date() + timedelta(days=7), oskar)


def _use(invitation: OpenedInvitation, question_id: str) -> str:
    files = of_assessment(reading(), invitation.assessment_id)
    return next(file.use_id for file in files if file.question_id == question_id)


def _place(invitation: OpenedInvitation, question_id: str) -> Place:
    return Place(invitation.assessment_id, invitation.vendor_id, invitation.id, question_id)


def parts(**changes: Any) -> Parts:
    own = ports()
    found = Parts(own.library, own.blobs, own.keyring, own.signer, own.log, own.stamper)
    return replace(found, **changes)


def wish(of: str, **changes: Any) -> PackWish:
    """A pack of an assessment; with `assessment_id=None` of its vendor's whole history."""
    row = assessment(reading(), of)
    reading().rollback()
    vendor_id = "0" * 32 if row is None else row.vendor_id
    given = {"recipient": RECIPIENT, "purpose": PURPOSE, "assessment_id": of, **changes}
    return PackWish(vendor_id, **given)


def prepared(of: str, by: Member, **changes: Any) -> Prepared:
    return prepare(parts(), wish(of, **changes), actor=by.actor, now=ports().clock.now())


def streamed(pack_id: str, by: Member, offset: int = 0, **changes: Any) -> Pack:
    now = ports().clock.now()
    return stream(parts(**changes), pack_id, actor=by.actor, now=now, offset=offset)


def exported(of: str, by: Member, **changes: Any) -> Pack:
    return streamed(prepared(of, by, **changes).id, by)


@dataclass(frozen=True)
class Unpacked:
    """A pack's files in a folder, to be tampered with."""

    folder: Path

    def __truediv__(self, name: str) -> Path:
        return self.folder / name

    def names(self) -> list[str]:
        found = (path for path in self.folder.rglob("*") if path.is_file())
        return sorted(path.relative_to(self.folder).as_posix() for path in found)

    def json(self, name: str) -> Any:
        return json.loads((self / name).read_bytes())

    def list_anew(self, key: Key | None = None) -> None:
        """Writes all manifests again, as somebody who tampers would; and signs, having a key."""
        payload = [name for name in self.names() if name.startswith("data/")]
        info = (self / "bag-info.txt").read_text()
        size = sum((self / name).stat().st_size for name in payload)
        lines = [
            f"Payload-Oxum: {size}.{len(payload)}" if line.startswith("Payload-Oxum") else line
            for line in info.split("\n")
        ]
        (self / "bag-info.txt").write_text("\n".join(lines))
        self._list("manifest-sha256.txt", payload)
        tag = "tagmanifest-sha256.txt"
        self._list(tag, [one for one in self.names() if one not in (*payload, tag, tag + ".sig")])
        if key is not None:
            signed = key.sign("riskapp-pack", (self / tag).read_bytes())
            (self / f"{tag}.sig").write_text(signed)

    def _list(self, manifest: str, names: list[str]) -> None:
        lines = [
            f"{hashlib.sha256((self / name).read_bytes()).hexdigest()}  {name}\n" for name in names
        ]
        (self / manifest).write_text("".join(lines))


def unpack(data: bytes, into: Path) -> Unpacked:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(into)
    (folder,) = into.iterdir()
    return Unpacked(folder)


@contextmanager
def flipped(path: Path, at: int) -> Iterator[None]:
    """The file with one bit of one byte changed, and afterwards as it was."""
    data = path.read_bytes()
    path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    yield
    path.write_bytes(data)
