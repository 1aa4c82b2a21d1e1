"""A pack as it comes out of the record: read, put together, and given as a stream of bytes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from riskapp.accounts.queries import names
from riskapp.audit.log import Log, Signed
from riskapp.audit.service import Actor
from riskapp.catalogue.library import Library
from riskapp.core.crypto.keyring import Keyring
from riskapp.core.crypto.signing import Signer
from riskapp.core.db import reading
from riskapp.core.stamping import Stamper
from riskapp.core.storage.port import BlobStore
from riskapp.evidence.damage import Damage, Found
from riskapp.evidence.opening import Opener, not_put_there
from riskapp.evidence.queries import EvidenceRow
from riskapp.evidence.stored import Keys, Stored, Version, keys_of, these
from riskapp.packs.archive import Archive
from riskapp.packs.bag import Stamp, build
from riskapp.packs.documents import Terms, file_id
from riskapp.packs.errors import EvidenceDiffers
from riskapp.packs.narrowing import WHOLE, Narrowing, check
from riskapp.packs.queries import of_all, of_one
from riskapp.packs.steady import signing_key


@dataclass(frozen=True, slots=True)
class Parts:
    """What a pack is made of and by."""

    library: Library
    blobs: BlobStore
    keyring: Keyring
    signer: Signer
    log: Log
    stamper: Stamper | None


@dataclass(frozen=True, slots=True)
class PackWish:
    """What somebody wants: a pack of one assessment, or (None) of a vendor's whole history.

    `until` is the last day on which the recipient may use it. `sealed_to` is the public key that it
    will be sealed to; it is kept, and changes nothing about the ZIP inside.
    """

    vendor_id: str
    assessment_id: str | None
    recipient: str
    purpose: str
    until: date | None = None
    narrowing: Narrowing = WHOLE
    sealed_to: str | None = None


class Material:
    """What a pack is made of, as the record tells it now: all rows and events, read at once.

    Reading raises what `of_one` and `of_all` do, CheckpointOfOther, and FieldRefused where
    something is to be left out that is not there.
    """

    def __init__(self, parts: Parts, wish: PackWish, made_by: Actor, at: Signed) -> None:
        self.key = signing_key(parts.signer, at)
        self.at = at
        session = reading()
        self.narrowing = wish.narrowing
        if wish.assessment_id is None:
            self.history = of_all(session, parts.library, wish.vendor_id, at)
        else:
            self.history = of_one(session, parts.library, wish.vendor_id, wish.assessment_id, at)
        known = set() if made_by.id is None else {made_by.id}
        by_name = names(session, known).get(made_by.id or "")
        # The id would say whom of those that the pack has no names of the maker's name belongs to.
        unnamed = any(one.what == "names" for one in wish.narrowing.redactions)
        by_id = None if unnamed else made_by.id
        by = made_by.kind, by_id, by_name
        self.terms = Terms(wish.recipient, wish.purpose, *by, wish.until, at.at)
        self._check_wish()
        self.files, self.keys = _kept(session, self.evidence, parts.keyring)
        self.cases = {
            (file.evidence_id, file.version): one.assessment.id
            for one in reversed(self.history.decided)
            for file in one.evidence
        }
        self.strange = self._not_put_there(session)
        session.rollback()

    @property
    def evidence(self) -> list[EvidenceRow]:
        return [file for one in self.history.decided for file in one.evidence]

    @property
    def unreadable(self) -> set[Version]:
        """The files that cannot be opened."""
        return {(file.evidence_id, file.version) for file in self.evidence} - self.files.keys()

    def _not_put_there(self, session: Session) -> set[Version]:
        found = set[Version]()
        for one in self.history.decided:
            keys = {(file.evidence_id, file.version) for file in one.evidence}
            files = [file for key, file in self.files.items() if key in keys]
            strange = not_put_there(session, one.assessment.id, files)
            found |= {file.key for file in strange}
        return found

    def _check_wish(self) -> None:
        decided = self.history.decided
        asked = {name for one in decided for release in one.releases for name in release.questions}
        check(self.narrowing, asked, {file_id(file) for file in self.evidence})


class Made:
    """A pack put together of its material; the `opener` opens the files that lie in it."""

    def __init__(self, of: Material, opener: Opener, stamp: Stamp = lambda _: None) -> None:
        self._of, self._opener = of, opener
        self.bag = build(of.history, of.terms, of.narrowing, of.unreadable, of.key, stamp)

    @property
    def at(self) -> Signed:
        return self._of.at

    @property
    def evidence(self) -> list[EvidenceRow]:
        """The files that lie in the pack."""
        found = [one.source for one in self.bag.members]
        return [source for source in found if isinstance(source, EvidenceRow)]

    def check_files(self, files: Iterable[EvidenceRow]) -> None:
        """Raises Damaged where one was not put there, or its head or end tells that it is torn."""
        for row in files:
            key = row.evidence_id, row.version
            file, case = self._of.files[key], self._of.cases[key]
            if key in self._of.strange:
                raise self._opener.refusal(file, Found(Damage.USE_CHANGED), case)
            self._opener.open(file, self._of.keys[key], assessment_id=case, held=0)

    def archive(self) -> Archive:
        """The ZIP; its time is that of what it tells last."""
        history = self._of.history
        day = datetime.fromisoformat(history.trail.events[-1].said["at"])
        at = day if history.vendor is not None else history.decided[-1].decision.at
        return Archive(self.bag, at)

    def pieces(self, archive: Archive, offset: int) -> Iterator[bytes]:
        """The ZIP from a byte on; or what happened to a file that is not what its row says."""
        try:
            yield from archive.chunks(self._plaintext, offset)
        except EvidenceDiffers as error:
            key = error.evidence_id, error.version
            raise self._opener.found_out(self._of.files[key], self._of.cases[key]) from error

    def _plaintext(self, row: EvidenceRow, start: int) -> Iterator[bytes]:
        key = row.evidence_id, row.version
        of = self._of
        file = self._opener.open(of.files[key], of.keys[key], assessment_id=of.cases[key], held=0)
        return file.pieces(start)


def _kept(
    session: Session, files: Iterable[EvidenceRow], keyring: Keyring
) -> tuple[Mapping[Version, Stored], Keys]:
    """The files that may be opened, and their keys; of the others the pack says why not."""
    versions = {(file.evidence_id, file.version) for file in files if file.readable}
    kept = these(session, versions)
    return {file.key: file for file in kept}, keys_of(session, kept, keyring)
