"""The bag: which files a pack holds, in which order, with their digests. Pure.

Every digest is known before the first byte is sent: those of evidence since its upload.
"""

import hashlib
import json
import zlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from riskapp.core.canonical import canonical
from riskapp.evidence.queries import EvidenceRow
from riskapp.evidence.scans import Scan
from riskapp.packs.documents import (
    Document,
    Terms,
    Use,
    answers_document,
    assessment_document,
    decision_document,
    newest_acknowledgement,
    questionnaire_path,
    review_document,
    use_of,
)
from riskapp.packs.names import folded, one_line, slug, unique
from riskapp.packs.queries import Contents
from riskapp.packs.shipped.verify import DECLARATION, MANIFEST, TAGMANIFEST, answers_csv

SHIPPED = Path(__file__).parent / "shipped"

CLOSED = frozenset({"asked_by", "email"})
"""What events commit to and packs do not open: names and addresses that prove nothing."""

LEFT_OUT: tuple[Document, ...] = (
    {
        "what": "Files that the vendor took back before submitting them",
        "why": "They were never part of a submission, and were not kept.",
    },
    {
        "what": "E-mail addresses of the vendor's contacts and respondents",
        "why": "The proof does not need them; respondents are named on the acknowledgements.",
    },
    {
        "what": "Events of other assessments, of the register and of people's sign-ins",
        "why": "They tell of other matters than this assessment and the files that serve it.",
    },
    {
        "what": "The event of this export, and all after it",
        "why": "The trail stops at the event that `last_event` names.",
    },
)


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

    @property
    def seal(self) -> str:
        """The digest that vouches for all others: the tag manifest's."""
        return next(one.sha256 for one in self.members if one.name == TAGMANIFEST)


def build(contents: Contents, terms: Terms, closed: Collection[tuple[str, int]]) -> Bag:
    """The bag of an assessment. `closed` are the files (id, version) that cannot be opened."""
    places = _places(contents.evidence, closed)
    payload = sorted(_payload(contents, terms, places), key=lambda one: one.name)
    tags = [
        _member("bagit.txt", DECLARATION),
        _member("bag-info.txt", _info(contents, terms, payload)),
        _member(MANIFEST, _manifest(payload)),
        _member("VERIFY.md", (SHIPPED / "VERIFY.md").read_bytes()),
        _member("verify.py", (SHIPPED / "verify.py").read_bytes()),
        _member("audit/events.jsonl", b"".join(_lines(contents))),
    ]
    sealed = _member(TAGMANIFEST, _manifest(tags))
    return Bag(_folder(contents), (*tags[:3], sealed, *tags[3:], *payload))


def _member(name: str, data: bytes) -> Member:
    return Member(name, data, len(data), hashlib.sha256(data).hexdigest(), zlib.crc32(data))


def _document(name: str, document: Document) -> Member:
    """Sorted and indented: people read these, and the same content has the same bytes."""
    text = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
    return _member(name, text.encode() + b"\n")


def _folder(contents: Contents) -> str:
    vendor = slug(newest_acknowledgement(contents)["vendor"])
    day = contents.decision.at.date().isoformat()
    return f"evidence-pack-{vendor}-{day}-{contents.assessment.id[:8]}"


def _places(
    files: Iterable[EvidenceRow], closed: Collection[tuple[str, int]]
) -> dict[Use, str | None]:
    """Where each file lies; None for what stays closed. A file taken off and put back lies once."""
    places: dict[Use, str | None] = {}
    taken: set[str] = set()
    for file in files:
        if use_of(file) in places:
            continue
        place = None
        if (file.evidence_id, file.version) not in closed:
            folder = f"data/evidence/{file.question_id}/{file.evidence_id}"
            place = unique(folder, file.name, taken)
            taken.add(folded(place))
        places[use_of(file)] = place
    return places


def _left_out(contents: Contents, places: dict[Use, str | None]) -> list[Document]:
    found = list(LEFT_OUT)
    if contents.intake_release is None:
        found.append(
            {
                "what": "The words of the intake's questions",
                "why": "The release that was answered is no longer installed.",
            }
        )
    gone = {(file.evidence_id, file.version): file for file in contents.evidence}
    for evidence, version in sorted({use[1:] for use, place in places.items() if place is None}):
        file = gone[evidence, version]
        found.append(
            {
                "what": f"The file “{file.name}”" if file.name else "A file that was erased",
                "why": _why_closed(file),
                "evidence": f"{evidence}/{version}",
                "sha256": file.sha256,
                "size": file.size,
            }
        )
    return found


def _why_closed(file: EvidenceRow) -> str:
    if file.erased_at is not None:
        day = f"{file.erased_at.day} {file.erased_at:%B %Y}"
        return f"It was erased on {day}, its key destroyed. Reason: {file.erased_because}"
    if file.scan is Scan.INFECTED:
        return "The virus scanner found something in it; nobody may open it."
    if file.scan is Scan.QUARANTINED:
        return "It is in quarantine: the virus scanner has not called it clean yet."
    return "Its key is missing, and nobody can open it."


def _payload(contents: Contents, terms: Terms, places: dict[Use, str | None]) -> Iterator[Member]:
    answers = answers_document(contents, places)
    about = assessment_document(contents, terms, _left_out(contents, places))
    yield _document("data/assessment.json", about)
    yield _document("data/answers.json", answers)
    yield _member("data/answers.csv", answers_csv(answers))
    yield _document("data/review.json", review_document(contents))
    yield _document("data/decision.json", decision_document(contents))
    yield _member("data/receipt.json", contents.documents[contents.decision.receipt].encode())
    for number, text in contents.documents.items():
        yield _member(f"data/receipts/{number}.json", text.encode())
    for submission in contents.submissions:
        name = f"data/acknowledgements/{submission.number}.json"
        yield _member(name, submission.acknowledgement.encode())
    intake = [contents.intake_release] if contents.intake_release else []
    for release in (*contents.releases, *intake):
        yield _member(questionnaire_path(release), release.source.encode())
    for file in {use_of(file): file for file in contents.evidence}.values():
        place = places[use_of(file)]
        if place is not None:
            yield Member(place, file, file.size, file.sha256, file.crc32)


def _lines(contents: Contents) -> Iterator[bytes]:
    """The trail; each line is canonical JSON, the event's body being so already."""
    for event in contents.events:
        opened = {
            field: {"salt": salt, "value": value}
            for field, (salt, value) in contents.private.get(event.id, {}).items()
            if field not in CLOSED
        }
        line = b'{"event":%b,"id":%d,"private":%b}\n'
        yield line % (event.body.encode(), event.id, canonical(opened))


def _manifest(members: Iterable[Member]) -> bytes:
    listed = sorted(members, key=lambda one: one.name)
    return "".join(f"{one.sha256}  {one.name}\n" for one in listed).encode()


def _info(contents: Contents, terms: Terms, payload: Collection[Member]) -> bytes:
    then = newest_acknowledgement(contents)
    lines = {
        "Source-Organization": then["organisation"],
        "External-Description": f"Evidence pack: {then['vendor']}, {then['engagement']}",
        "External-Identifier": contents.assessment.id,
        "Payload-Oxum": f"{sum(one.size for one in payload)}.{len(payload)}",
        "Bag-Software-Agent": "riskapp",
        "Pack-Recipient": terms.recipient,
        "Pack-Purpose": terms.purpose,
        "Pack-Exported-By": terms.by_name or terms.by_kind,
        "Pack-Until": terms.until.isoformat() if terms.until else "not limited",
        "Pack-Last-Event": str(contents.events[-1].id),
    }
    return "".join(f"{key}: {one_line(value)}\n" for key, value in lines.items()).encode()
