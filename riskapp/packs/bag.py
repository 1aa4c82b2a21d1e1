"""The bag: which files a pack holds, in which order, with their digests. Pure.

Every digest is known before the first byte is sent: those of evidence since its upload. A pack of
one assessment has its documents right below `data/`, one of a vendor's history below a folder for
each assessment; questionnaires and evidence lie once, whatever they serve.
"""

import base64
import hashlib
import json
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riskapp.audit.notes import verifier_key
from riskapp.core.canonical import canonical
from riskapp.core.crypto.signing import Key
from riskapp.evidence.queries import EvidenceRow
from riskapp.packs.asked import questionnaire_path
from riskapp.packs.documents import (
    Document,
    Documents,
    Places,
    Terms,
    documents,
    file_id,
    newest_acknowledgement,
    pack_document,
)
from riskapp.packs.left_out import of_case, question_counts
from riskapp.packs.names import folded, folder, one_line, unique
from riskapp.packs.narrowing import Closed, Narrowing, closed
from riskapp.packs.queries import Contents, History
from riskapp.packs.register import register_line, vendor_document
from riskapp.packs.rendered import rendered
from riskapp.packs.shipped.verify import (
    ALWAYS,
    CHECKPOINT,
    DECLARATION,
    MANIFEST,
    NAMESPACE,
    OF_ALL,
    OF_ONE,
    PRINCIPAL,
    PROOFS,
    SIGNATURE,
    SIGNERS,
    TAGMANIFEST,
    TRAIL,
    VKEY,
    answers_csv,
)

SHIPPED = Path(__file__).parent / "shipped"

Stamp = Callable[[bytes], bytes | None]
"""Gives a time stamp over some bytes, if there is one."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the bag. `source` holds its bytes, or the row of evidence that is streamed."""

    name: str
    source: bytes | EvidenceRow
    size: int
    sha256: str
    crc32: int


@dataclass(frozen=True, slots=True)
class Bag:
    """A bag ready to be written into `folder`."""

    folder: str
    members: tuple[Member, ...]
    token: bytes | None
    """The time stamp over the payload's manifest, which is one of the members."""

    @property
    def seal(self) -> str:
        """The digest that vouches for all others: the tag manifest's."""
        return self._tagmanifest.sha256

    @property
    def _tagmanifest(self) -> Member:
        return next(one for one in self.members if one.name == TAGMANIFEST)


class _Packing:
    """What the parts of one bag share."""

    def __init__(
        self,
        history: History,
        terms: Terms,
        narrowing: Narrowing,
        unreadable: Collection[tuple[str, int]],
    ) -> None:
        self.history, self.terms = history, terms
        decided = history.decided
        names = [name for one in decided for release in one.releases for name in release.questions]
        files = [file for one in decided for file in one.evidence]
        pairs = [(file.question_id, file_id(file)) for file in files]
        self.kept_out = closed(narrowing, dict.fromkeys(names), pairs)
        self.places = _places(files, unreadable, self.kept_out)
        tree = history.trail.at.tree
        self.checkpoint: Document = {
            "origin": tree.origin,
            "size": tree.size,
            "root": base64.b64encode(tree.root).decode(),
        }
        self.cases = [self._case(one) for one in decided]

    @property
    def whole_history(self) -> bool:
        return self.history.vendor is not None

    def root(self, contents: Contents) -> str:
        return f"data/assessments/{contents.assessment.id}/" if self.whole_history else "data/"

    def _case(self, contents: Contents) -> Documents:
        mine = self.closed(contents)
        left_out = [*self.always, *of_case(contents, mine, self.places)]
        pack = self.pack(left_out, question_counts(contents, mine))
        return documents(contents, mine, pack, self.places, self.root(contents))

    def closed(self, contents: Contents) -> Closed:
        """What is kept out of one assessment's part, in the order of its questions and files."""
        asked = [name for release in contents.releases for name in release.questions]
        files = [file_id(file) for file in contents.evidence]
        answers, shut = self.kept_out.answers, self.kept_out.files
        return Closed(
            {name: answers[name] for name in asked if name in answers},
            {name: shut[name] for name in files if name in shut},
            self.kept_out.names,
        )

    @property
    def always(self) -> tuple[Document, ...]:
        last = OF_ALL if self.whole_history else OF_ONE
        return tuple(one._asdict() for one in (*ALWAYS, last))

    def pack(self, left_out: list[Document], questions: Document) -> Document:
        return pack_document(self.terms, self.checkpoint, left_out, questions)

    def vendor(self) -> Document:
        """The document of a vendor's history."""
        assert self.history.vendor is not None  # noqa: S101 - for the type checker
        counts = [one.about["pack"]["questions"] for one in self.cases]
        total = {key: sum(one[key] for one in counts) for key in ("all", "left_out")}
        pack = self.pack(list(self.always), total)
        roots = {one.assessment.id: self.root(one) for one in self.history.decided}
        return vendor_document(self.history, self.history.vendor, pack, roots)

    def lines(self) -> Iterator[bytes]:
        """The trail; each line is canonical JSON, the event's body being so already."""
        shown = {one["number"]: one for case in self.cases for one in case.events}
        for told in self.history.trail.events:
            found = shown.get(told.number) or register_line(told)
            opened = canonical(found["opened"])
            yield b'{"event":%b,"number":%d,"opened":%b}\n' % (
                told.text.encode(),
                told.number,
                opened,
            )


def build(
    history: History,
    terms: Terms,
    narrowing: Narrowing,
    unreadable: Collection[tuple[str, int]],
    key: Key,
    stamp: Stamp,
) -> Bag:
    """The bag, signed by the key, which is the checkpoint's too.

    `unreadable` are the files that cannot be opened. `stamp` is given the payload's manifest; its
    token lies in the bag as any other file, so that neither a byte of it nor all of it can go.
    """
    packing = _Packing(history, terms, narrowing, unreadable)
    payload = sorted(_payload(packing), key=lambda one: one.name)
    manifest = _manifest(payload)
    token, trail = stamp(manifest), history.trail
    tags = [
        _member("bagit.txt", DECLARATION),
        _member("bag-info.txt", _info(packing, payload)),
        _member(MANIFEST, manifest),
        *([] if token is None else [_member(f"{MANIFEST}.tsr", token)]),
        _member("VERIFY.md", (SHIPPED / "VERIFY.md").read_bytes()),
        _member("verify.py", (SHIPPED / "verify.py").read_bytes()),
        *_keys(key, trail.at.tree.origin),
        _member(CHECKPOINT, trail.at.note.encode()),
        *([] if trail.at.token is None else [_member(f"{CHECKPOINT}.tsr", trail.at.token)]),
        _member(TRAIL, b"".join(packing.lines())),
        *(
            _member(f"{PROOFS}{number}.tlog-proof", text.encode())
            for number, text in trail.proofs.items()
        ),
    ]
    listed = _manifest(tags)
    signature = _member(SIGNATURE, key.sign(NAMESPACE, listed).encode())
    members = (*tags[:3], _member(TAGMANIFEST, listed), signature, *tags[3:], *payload)
    return Bag(_folder(packing), members, token)


def _keys(key: Key, origin: str) -> Iterator[Member]:
    line = f'{PRINCIPAL} namespaces="{NAMESPACE}" {key.public_key}\n'
    yield _member(SIGNERS, line.encode())
    yield _member(VKEY, f"{verifier_key(origin, key.raw_public_key)}\n".encode())


def _member(name: str, data: bytes) -> Member:
    return Member(name, data, len(data), hashlib.sha256(data).hexdigest(), zlib.crc32(data))


def _document(name: str, document: Document) -> Member:
    """Sorted and indented: people read these, and the same content has the same bytes."""
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
    return _member(name, text.encode() + b"\n")


def _folder(packing: _Packing) -> str:
    newest = packing.history.decided[-1]
    of = newest.vendor.id if packing.whole_history else newest.assessment.id
    return folder(newest.vendor.name, of, packing.checkpoint["size"])


def _places(
    files: Iterable[EvidenceRow], unreadable: Collection[tuple[str, int]], kept_out: Closed
) -> Places:
    """Where each file lies, below the question that it served first; None for what is closed."""
    places: dict[tuple[str, int], str | None] = {}
    taken: set[str] = set()
    for file in files:
        key = file.evidence_id, file.version
        if key in places:
            continue
        places[key] = None
        if key not in unreadable and file_id(file) not in kept_out.files:
            below = f"data/evidence/{file.question_id}/{file.evidence_id}"
            place = unique(below, file.name, taken)
            taken.add(folded(place))
            places[key] = place
    return places


def _payload(packing: _Packing) -> Iterator[Member]:
    releases, rows = dict[str, bytes](), dict[str, EvidenceRow]()
    if packing.whole_history:
        yield _document("data/vendor.json", packing.vendor())
    for contents, case in zip(packing.history.decided, packing.cases, strict=True):
        kept_out = packing.closed(contents)
        yield from _of_case(contents, case, packing.root(contents), kept_out)
        intake = [contents.intake_release] if contents.intake_release else []
        for release in (*contents.releases, *intake):
            releases[questionnaire_path(release)] = release.source.encode()
        for file in contents.evidence:
            place = packing.places[file.evidence_id, file.version]
            if place is not None:
                rows[place] = file
    yield from (_member(name, text) for name, text in releases.items())
    for place, file in rows.items():
        yield Member(place, file, file.size, file.sha256, file.crc32)


def _of_case(contents: Contents, case: Documents, root: str, kept_out: Closed) -> Iterator[Member]:
    yield _document(f"{root}assessment.json", case.about)
    yield _document(f"{root}answers.json", case.answers)
    yield _member(f"{root}answers.csv", answers_csv(case.answers))
    yield _document(f"{root}review.json", case.review)
    yield _document(f"{root}decision.json", case.decision)
    receipts: Mapping[int, str] = contents.documents
    yield _member(f"{root}receipt.json", receipts[contents.decision.receipt].encode())
    for number, text in receipts.items():
        yield _member(f"{root}receipts/{number}.json", text.encode())
    for one in () if kept_out.acknowledgements else contents.submissions:
        yield _member(f"{root}acknowledgements/{one.number}.json", one.acknowledgement.encode())
    for name, data in rendered(case, root).items():
        yield _member(f"{root}{name}", data)


def _manifest(members: Iterable[Member]) -> bytes:
    listed = sorted(members, key=lambda one: one.name)
    return "".join(f"{one.sha256}  {one.name}\n" for one in listed).encode()


def _info(packing: _Packing, payload: Collection[Member]) -> bytes:
    history, terms, at = packing.history, packing.terms, packing.checkpoint
    newest = history.decided[-1]
    then = newest_acknowledgement(newest)
    what: dict[str, Any] = {
        "External-Description": f"Evidence pack: {then['vendor']}, {then['engagement']}",
        "External-Identifier": newest.assessment.id,
    }
    if history.vendor is not None:
        what = {
            "External-Description": f"Evidence pack: {history.vendor.name}, whole history",
            "External-Identifier": history.vendor.id,
        }
    lines = {
        "Source-Organization": then["organisation"],
        **what,
        "Payload-Oxum": f"{sum(one.size for one in payload)}.{len(payload)}",
        "Bag-Software-Agent": "riskapp",
        "Pack-Recipient": terms.recipient,
        "Pack-Purpose": terms.purpose,
        "Pack-Exported-By": terms.by_name or terms.by_kind,
        "Pack-As-Of": terms.as_of.isoformat(),
        "Pack-Until": terms.until.isoformat() if terms.until else "not limited",
        "Pack-Checkpoint": f"{at['origin']} {at['size']} {at['root']}",
    }
    return "".join(f"{key}: {one_line(value)}\n" for key, value in lines.items()).encode()
