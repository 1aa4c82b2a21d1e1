"""Checks an evidence pack without riskapp: Python 3.8 or newer and its standard library suffice.

    python3 verify.py          in the unpacked pack
    python3 verify.py PATH     where PATH is the unpacked folder, or the ZIP file

Says what is wrong, a line each; the last line is "OK: …" (exit 0) or "FAILED: …" (exit 1).
One file on purpose, long as that makes it: whoever receives a pack needs nothing beside it.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import hmac
import io
import json
import re
import stat
import sys
import unicodedata
import zipfile
import zlib
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MANIFEST, TAGMANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
ASSESSMENT, ANSWERS, CSV = "data/assessment.json", "data/answers.json", "data/answers.csv"
RECEIPT, DECISION, REVIEW = "data/receipt.json", "data/decision.json", "data/review.json"
TRAIL, INFO, EVIDENCE = "audit/events.jsonl", "bag-info.txt", "data/evidence/"
PIECE = 1 << 20
DOCUMENT_BYTES = 256 << 20
"""The largest document that is read into memory; evidence is only ever read in pieces."""
NOT_ANCHORED = (
    "NOT ANCHORED: this pack carries no signature. The checks show that it is whole and agrees"
    " with itself; they do not show who made it."
)
MALFORMED = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What reading a file that somebody else made can raise; each becomes a named problem."""


Json = Any
"""Any JSON value."""


def canonical(value: Json) -> bytes:
    """A JSON value as RFC 8785 writes it, for the values that packs hold (no floats)."""
    return json.dumps(ordered(value), ensure_ascii=False, separators=(",", ":")).encode()


def ordered(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: ordered(value[key]) for key in sorted(value, key=utf_16)}
    return [ordered(one) for one in value] if isinstance(value, list) else value


def utf_16(key: str) -> bytes:
    return key.encode("utf-16-be")


def digest(value: Json) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()


def decoded(text: bytes) -> Json:
    return json.loads(
        text.decode(), object_pairs_hook=distinct, parse_float=refused, parse_constant=refused
    )


def distinct(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def refused(text: str) -> Json:
    raise ValueError("holds the number " + text[:20] + ", which packs never do")


class Bag:
    """The files of a pack by their names in it, in a folder or in a ZIP; and what they say."""

    def __init__(self, path: Path, archive: zipfile.ZipFile | None = None) -> None:
        self.faults: list[str] = []
        self.last = str(path)
        self._hashes: dict[str, tuple[str, int]] = {}
        self._documents: dict[str, Json] = {}
        self._reviews: dict[str, list[dict[str, Json]]] | None = None
        self._zip = archive
        self._places: dict[str, Any] = {}
        for name, place in self._in_folder(path) if self._zip is None else self._in_zip(self._zip):
            if name in self._places:
                self.faults.append(name + ": stands twice in the pack")
            self._places[name] = place
        self.names = sorted(self._places)

    def _in_folder(self, path: Path) -> Iterator[tuple[str, Path]]:
        for one in sorted(path.rglob("*")):
            name = unicodedata.normalize("NFC", one.relative_to(path).as_posix())
            mode = one.lstat().st_mode
            if stat.S_ISREG(mode):
                yield name, one
            elif not stat.S_ISDIR(mode):
                self.faults.append(name + ": is a link or another special file")

    def _in_zip(self, archive: zipfile.ZipFile) -> Iterator[tuple[str, zipfile.ZipInfo]]:
        for info in archive.infolist():
            if info.compress_type != zipfile.ZIP_STORED:
                raise ValueError(info.filename + " is compressed, which packs never are")
            yield info.filename.partition("/")[2], info
        if len({info.filename.partition("/")[0] for info in archive.infolist()}) != 1:
            self.faults.append("the ZIP: must hold one folder and nothing beside it")

    def open(self, name: str) -> IO[bytes]:
        self.last = name
        if name not in self._places:
            raise ValueError("is missing")
        place = self._places[name]
        return place.open("rb") if self._zip is None else self._zip.open(place)

    def read(self, name: str) -> bytes:
        with self.open(name) as file:
            text = file.read(DOCUMENT_BYTES + 1)
        if len(text) > DOCUMENT_BYTES:
            raise ValueError("is too large to be read")
        return text

    def hashed(self, name: str) -> tuple[str, int]:
        """SHA-256 and size of a file, read in pieces, once."""
        if name not in self._hashes:
            found, size = hashlib.sha256(), 0
            with self.open(name) as file:
                for piece in iter(lambda: file.read(PIECE), b""):
                    found.update(piece)
                    size += len(piece)
            self._hashes[name] = found.hexdigest(), size
        return self._hashes[name]

    def json(self, name: str) -> Json:
        if name not in self._documents:
            self._documents[name] = decoded(self.read(name))
        self.last = name
        return self._documents[name]

    def under(self, folder: str) -> list[str]:
        return [name for name in self.names if name.startswith(folder)]

    def trail(self) -> list[tuple[int, dict[str, Json]]]:
        """Every event with its number."""
        if TRAIL not in self._documents:
            lines = self.read(TRAIL).split(b"\n")
            if lines.pop():
                raise ValueError("does not end with a line's end")
            self._documents[TRAIL] = [(line, decoded(line)) for line in lines]
            for number, (line, entry) in enumerate(self._documents[TRAIL], 1):
                if canonical(entry) != line or set(entry) != {"id", "event", "private"}:
                    raise ValueError("line " + str(number) + " is not a canonical event")
        self.last = TRAIL
        return [
            (entry["id"], {**entry["event"], "opened": opened(entry)})
            for _, entry in self._documents[TRAIL]
        ]

    def events(self, kind: str) -> list[dict[str, Json]]:
        return [event for _, event in self.trail() if event["type"] == kind]

    def reviews_of(self, file: dict[str, Json]) -> list[dict[str, Json]]:
        if self._reviews is None:
            self._reviews = {}
            for event in self.events("evidence:review"):
                self._reviews.setdefault(event["object"], []).append(event)
        return self._reviews.get(f"{file['evidence']}/{file['version']}", [])

    def questions(self) -> list[dict[str, Json]]:
        found: list[dict[str, Json]] = []
        for questionnaire in self.json(ANSWERS)["questionnaires"]:
            for section in questionnaire["sections"]:
                found += section["questions"]
        return found

    def files(self) -> list[dict[str, Json]]:
        """Every evidence file as answers.json lists it, once for each question that it serves."""
        return [file for question in self.questions() for file in question["evidence"]]


def opened(entry: dict[str, Json]) -> dict[str, str]:
    """What an event commits to, by field, of what is not erased; each proved by its salt."""
    stated = entry["event"]["private"]
    for field, one in entry["private"].items():
        proof = hmac.new(bytes.fromhex(one["salt"]), one["value"].encode(), "sha256")
        if stated.get(field) != proof.hexdigest():
            raise ValueError(
                f"event {entry['id']} commits to another {field} than stands beside it"
            )
    return {field: one["value"] for field, one in entry["private"].items()}


def check_declaration(bag: Bag) -> Iterator[str]:
    if bag.read("bagit.txt") != DECLARATION:
        yield "bagit.txt: is not the declaration of a BagIt 1.0 bag in UTF-8"


def check_payload(bag: Bag) -> Iterator[str]:
    return check_manifest(bag, MANIFEST, bag.under("data/"))


def check_tags(bag: Bag) -> Iterator[str]:
    there = set(bag.names) - set(bag.under("data/")) - {TAGMANIFEST}
    return check_manifest(bag, TAGMANIFEST, there)


def check_manifest(bag: Bag, manifest: str, there: Iterable[str]) -> Iterator[str]:
    lines = bag.read(manifest).decode().split("\n")
    listed: dict[str, str] = {}
    for number, line in enumerate(lines[:-1], 1):
        found = re.fullmatch(r"([0-9a-f]{64})  (\S.*)", line)
        if found is None or found[2] in listed:
            yield f"{manifest}: line {number} is not a SHA-256, two spaces and a name of its own"
        else:
            listed[found[2]] = found[1]
    if lines[-1] or list(listed) != sorted(listed):
        yield f"{manifest}: is not a list in order of names, each line ended"
    for name in sorted(set(listed).difference(there)):
        yield f"{name}: is missing, though {manifest} lists it"
    for name in sorted(there):
        if name not in listed:
            yield f"{name}: is not listed in {manifest}"
            continue
        try:
            if bag.hashed(name)[0] != listed[name]:
                yield f"{name}: has another SHA-256 than {manifest} says"
        except MALFORMED as error:
            yield f"{name}: cannot be read: {error}"


def check_info(bag: Bag) -> Iterator[str]:
    lines = bag.read(INFO).decode().split("\n")[:-1]
    stated = dict(line.split(": ", 1) for line in lines)
    payload = bag.under("data/")
    terms, last = bag.json(ASSESSMENT)["pack"], bag.trail()[-1][0]
    right = {
        "External-Identifier": bag.json(ASSESSMENT)["assessment"]["id"],
        "Payload-Oxum": f"{sum(bag.hashed(name)[1] for name in payload)}.{len(payload)}",
        "Pack-Recipient": terms["recipient"],
        "Pack-Purpose": terms["purpose"],
        "Pack-Until": terms["until"] or "not limited",
        "Pack-Exported-By": terms["exported_by"]["name"] or terms["exported_by"]["kind"],
        "Pack-Last-Event": str(last),
    }
    if terms["last_event"] != last:
        yield f"{ASSESSMENT}: pack.last_event is not {last}, the last in {TRAIL}"
    for key, value in right.items():
        if stated.get(key) != value:
            yield f"{INFO}: {key} must be “{value}”"


def check_trail(bag: Bag) -> Iterator[str]:
    before, assessment = 0, bag.json(ASSESSMENT)["assessment"]["id"]
    files = {f"{one['evidence']}/{one['version']}" for one in bag.files()}
    for number, event in bag.trail():
        if not (isinstance(number, int) and number > before):
            yield f"{TRAIL}: event {number} does not come after event {before}"
            return
        of_a_file = event["type"].startswith("evidence:") and event["object"] in files
        if event["assessment"] != assessment and not of_a_file:
            yield f"{TRAIL}: event {number} is of another assessment"
        before = number


def differ(stated: dict[str, Json], recorded: dict[str, Json], by: str) -> Iterator[str]:
    """What two accounts of the same things disagree in; keys begin with the file's name."""
    for key in sorted(set(stated) | set(recorded)):
        if key not in recorded:
            yield f"{key}: is not in {by}"
        elif key not in stated:
            yield f"{key}: is missing, though it is in {by}"
        elif stated[key] != recorded[key]:
            yield f"{key}: is not what {by} says"


def numbered(folder: str, events: list[dict[str, Json]], *keys: str) -> dict[str, Json]:
    """What events say of numbered files; their object is the assessment's id, /, the number."""
    return {
        f"{folder}{event['object'].partition('/')[2]}.json": [event[key] for key in keys]
        for event in events
    }


def check_receipts(bag: Bag) -> Iterator[str]:
    stated = {}
    for name in bag.under("data/receipts/"):
        receipt = bag.json(name)
        if canonical(receipt) != bag.read(name):
            yield f"{name}: is not canonical JSON"
        result = receipt["result"]
        stated[name] = [bag.hashed(name)[0], result["tier"], result["shown"]]
        for problem in differences(receipt):
            yield f"{name}: {problem}"
    events = bag.events("receipt:add")
    yield from differ(stated, numbered("data/receipts/", events, "sha256", "tier", "shown"), TRAIL)


def check_decision(bag: Bag) -> Iterator[str]:
    keys = ("outcome", "receipt", "receipt_sha256", "at")
    decision = {key: bag.json(DECISION)[key] for key in keys}
    about = bag.json(ASSESSMENT)["assessment"]
    receipt, sha256 = bag.json(RECEIPT), bag.hashed(RECEIPT)[0]
    for problem in differences(receipt):
        yield f"{RECEIPT}: {problem}"
    if bag.hashed(f"data/receipts/{decision['receipt']}.json")[0] != sha256:
        yield f"{RECEIPT}: is not receipt {decision['receipt']}, which {DECISION} names"
    if decision["receipt_sha256"] != sha256:
        yield f"{DECISION}: receipt_sha256 is not that of {RECEIPT}"
    made = [[e["outcome"], e["receipt"], e["at"]] for e in bag.events("decision:make")]
    if made != [[decision["outcome"], decision["receipt"], decision["at"]]]:
        yield f"{DECISION}: outcome, receipt and time are not what {TRAIL} says"
    result = receipt["result"]
    right = [decision["outcome"], result["tier"], result["shown"], result["blocked"], "decided"]
    if [about[key] for key in ("outcome", "tier", "shown", "blocked", "state")] != right:
        yield f"{ASSESSMENT}: outcome, tier, score or state are not those of the decision"
    if not bag.events("assessment:decided"):
        yield f"{TRAIL}: has no event that the assessment was decided"


def check_items(bag: Bag) -> Iterator[str]:
    """The decision's receipt counts what was answered, shown and asked, and nothing else."""
    known, receipt = {one["id"]: one for one in bag.questions()}, bag.json(RECEIPT)
    intake = {one["question"]: one["value"] for one in bag.json(ASSESSMENT)["intake"]["answers"]}
    for name, factor in receipt["inherent"]["factors"].items():
        if intake[name] != (factor["answer"] or "unknown"):
            yield f"{RECEIPT}: {name} is not what the intake in {ASSESSMENT} says"
    for item in receipt["items"]:
        question, proof = known[item["id"]], item["evidence"]
        answer = question["answer"] or {}
        fits = {
            "answered": any(answer.get(key) is not None for key in ("value", "compensating")),
            "rejected": answer.get("standing") == "rejected",
            "na-claimed": answer.get("na_reason") is not None,
            "na-approved": answer.get("na_reason") is not None,
            "hidden-by-control": not question["asked"],
            "missing": True,
        }
        if not fits[item["state"]] or item["weight"] != question["weight"]:
            yield f"{RECEIPT}: {item['id']} is not counted as it was answered in {ANSWERS}"
        shown = [
            proof["level"] in levels_then
            and [proof["issued_on"], proof["valid_until"]] in days_then
            for file in question["evidence"]
            if file["ended_at"] is None
            for levels_then, days_then in [standings(bag, file)]
        ]
        if proof["level"] not in ("none", "erased") and not any(shown):
            yield f"{RECEIPT}: {item['id']} counts evidence that {ANSWERS} does not list"


def said(revision: dict[str, Json]) -> str:
    return digest({key: revision[key] for key in ("value", "na_reason", "comment")})


def revisions(bag: Bag) -> dict[str, str]:
    return {
        f"{ANSWERS}: {question['id']} revision {revision['revision']}": said(revision)
        for question in bag.questions()
        for revision in question["revisions"]
    }


def check_answers(bag: Bag) -> Iterator[str]:
    recorded = {
        f"{ANSWERS}: {event['question']} revision {event['revision']}": event["opened"]["answer"]
        for event in bag.events("answer:save")
    }
    yield from differ(revisions(bag), recorded, TRAIL)
    for question in bag.questions():
        keys = ("revision", "value", "words", "na_reason", "comment", "saved_at")
        newest = [[one[key] for key in keys] for one in question["revisions"][-1:]]
        answers = [question["answer"]] if question["answer"] else []
        if [[one[key] for key in keys] for one in answers] != newest:
            yield f"{ANSWERS}: the answer to {question['id']} is not its newest revision"
    if bag.read(CSV) != answers_csv(bag.json(ANSWERS)):
        yield f"{CSV}: does not say what {ANSWERS} says"


def check_acknowledgements(bag: Bag) -> Iterator[str]:
    known, asked = revisions(bag), bag.json(ASSESSMENT)["questionnaires"]
    files = {(one["question"], one["evidence"], one["version"]): one for one in bag.files()}
    stated, newest = {}, {}
    for number in range(1, len(bag.under("data/acknowledgements/")) + 1):
        name = f"data/acknowledgements/{number}.json"
        said_then = bag.json(name)
        stated[name] = [bag.hashed(name)[0]]
        if said_then["submission"] != number or said_then["questionnaires"] != [
            {key: one[key] for key in ("id", "release", "sha256")} for one in asked
        ]:
            yield f"{name}: has another number, or names other questionnaires than {ASSESSMENT}"
        for one in said_then["answers"]:
            if (
                known.get(f"{ANSWERS}: {one['question']} revision {one['revision']}")
                != one["sha256"]
            ):
                yield f"{name}: {one['question']} is not what {ANSWERS} says"
        for one in said_then["evidence"]:
            file = files.get((one["question"], one["evidence"], one["version"]), {})
            keys = ("size", "sha256") if file.get("erased_at") else ("name", "size", "sha256")
            if any(file.get(key) != one[key] for key in keys):
                yield f"{name}: “{one['name']}” is not the file that {ANSWERS} lists"
        newest = {one["question"]: one["revision"] for one in said_then["answers"]}
    yield from differ(
        stated, numbered("data/acknowledgements/", bag.events("submission:add"), "sha256"), TRAIL
    )
    given = {
        one["id"]: one["answer"]["revision"]
        for one in bag.questions()
        if one["asked"]
        and one["answer"]
        and (one["answer"]["value"] is not None or one["answer"]["na_reason"] is not None)
    }
    if given != newest:
        yield f"{ANSWERS}: the answers are not those of the last acknowledgement"


def standings(bag: Bag, file: dict[str, Json]) -> tuple[list[Json], list[Json]]:
    """The levels and the days that a file had for one answer, the newest last.

    A level is for this answer of this assessment, the days are the file's wherever it serves.
    """
    here = bag.json(ASSESSMENT)["assessment"]["id"]
    levels, days = ["provided"], []
    for one in bag.reviews_of(file):
        mine = one["assessment"] == here and one.get("question") in (None, file["question"])
        for state in [one[key] for key in ("from", "to") if key in one]:
            days.append([state["issued_on"], state["valid_until"]])
            levels += [state["level"]] if mine else []
    return levels, days or [[file["issued_on"], file["valid_until"]]]


def check_evidence(bag: Bag) -> Iterator[str]:
    stated, left_out = {}, bag.json(ASSESSMENT)["pack"]["left_out"]
    for file in bag.files():
        key = f"{file['evidence']}/{file['version']}"
        stated[f"{ANSWERS}: evidence {key}"] = [file["sha256"], file["size"]]
        place = file["file"]
        if place is None:
            if key not in [one.get("evidence") for one in left_out]:
                yield f"{ANSWERS}: evidence {key} is not here, and not among what was left out"
        elif place not in bag.names or bag.hashed(place) != (file["sha256"], file["size"]):
            yield f"{place}: is not the file that {ANSWERS} lists"
        levels, days = standings(bag, file)
        if [file["issued_on"], file["valid_until"]] != days[-1] or file["level"] != levels[-1]:
            yield f"{ANSWERS}: evidence {key} has another standing or dates than {TRAIL} says"
    gone = {one["object"] for one in bag.events("evidence:remove") if not one["submitted_before"]}
    kept = {
        f"{ANSWERS}: evidence {one['object']}": [one["sha256"], one["size"]]
        for one in bag.events("evidence:keep")
        if one["object"] not in gone or f"{ANSWERS}: evidence {one['object']}" in stated
    }
    yield from differ(stated, kept, TRAIL)
    for name in sorted(set(bag.under(EVIDENCE)) - {file["file"] for file in bag.files()}):
        yield f"{name}: is not among the evidence that {ANSWERS} lists"


def check_review(bag: Bag) -> Iterator[str]:
    entries = bag.json(REVIEW)["entries"]
    stated = {
        f"{REVIEW}: entry {one['id']}": [one["action"], one["question"], one["by"], one["at"]]
        for one in entries
    }
    recorded = {
        f"{REVIEW}: entry {one['entry']}": [one["type"][7:], one["question"], *who_and_when(one)]
        for _, one in bag.trail()
        if one["type"].startswith("review:")
    }
    yield from differ(stated, recorded, TRAIL)
    undone = sum(one["undone_at"] is not None for one in entries)
    if undone != sum(one["action"] == "undo" for one in entries):
        yield f"{REVIEW}: what is marked as undone does not fit what was undone"


def who_and_when(event: dict[str, Json]) -> tuple[str, str]:
    return event["opened"]["actor"], event["at"]


def check_questionnaires(bag: Bag) -> Iterator[str]:
    asked = bag.json(ASSESSMENT)["questionnaires"]
    named = [{key: one[key] for key in ("id", "release", "sha256")} for one in asked]
    intake = bag.json(ASSESSMENT)["intake"]["questionnaire"]
    for one in [*asked, *([intake] if intake["file"] else [])]:
        if bag.hashed(one["file"])[0] != one["sha256"]:
            yield f"{one['file']}: has another SHA-256 than {ASSESSMENT} says"
    if bag.json(RECEIPT)["questionnaires"] != named:
        yield f"{RECEIPT}: names other questionnaires than {ASSESSMENT}"
    drafted = [one["releases"] for one in bag.events("assessment:draft")]
    if drafted != [[[one["id"], one["release"], one["sha256"]] for one in asked]]:
        yield f"{ASSESSMENT}: names other questionnaires than {TRAIL}"


COLUMNS = (
    "Questionnaire",
    "Release",
    "Section",
    "Question",
    "Text",
    "Asked",
    "Answer",
    "Does not apply because",
    "Comment",
    "Revision",
    "Answered at",
    "Review",
    "Evidence",
)
FORMULA = ("=", "+", "-", "@", "|", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet take a cell for a formula; the last four are full width."""


def answers_csv(answers: dict[str, Json]) -> bytes:
    """The answers as a table that spreadsheets open as text and never as formulas."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for asked in answers["questionnaires"]:
        for section in asked["sections"]:
            for question in section["questions"]:
                table.writerow(
                    harmless(cell)
                    for cell in (asked["id"], asked["release"], section["title"], *row(question))
                )
    return text.getvalue().encode("utf-8-sig")


def row(question: dict[str, Json]) -> list[Json]:
    answer = question["answer"] or {}
    cells = ("words", "na_reason", "comment", "revision", "saved_at", "standing")
    files = [
        file["file"] or "(left out) " + (file["name"] or "a file that was erased")
        for file in question["evidence"]
    ]
    asked = "yes" if question["asked"] else "no"
    return [question["id"], question["text"], asked, *map(answer.get, cells), "\n".join(files)]


def harmless(cell: Json) -> str:
    text = "" if cell is None else str(cell)
    risky = text.lstrip().startswith(FORMULA) or text[:1] in ("\t", "\r", "\n")
    return "'" + text if risky else text


# Scheme std-1, written anew from its description: exact fractions, no clock, no rounding. An
# organisation's own scheme reckons alike, with the constants that its receipts carry.

OWN_SCHEME = re.compile(r"(?!std-)(?=.{1,40}\Z)[a-z][a-z0-9]*(-[a-z0-9]+)*-[0-9]+")
"""What an organisation may call a scheme of its own; std- is kept for published ones."""
TIERS = ("low", "medium", "high", "critical")
STD_1: dict[str, Any] = {
    "bounds": {"medium": "15", "high": "35", "critical": "60"},
    "inherent_bounds": {"medium": "25", "high": "50", "critical": "75"},
    "kappa": "9/10",
    "evidence": {"none": "1/2", "provided": "3/4", "reviewed": "9/10", "independent": "1"},
    "knockout": {"high": "35", "critical": "60", "legal": "60"},
    "weak": {"medium": "2/5", "high": "1/2", "critical": "3/5"},
}


def number(text: str) -> Fraction:
    if not re.fullmatch(r"[0-9]{1,200}(/[0-9]{1,200})?", text):
        raise ValueError("holds “" + text[:40] + "” instead of an exact number")
    return Fraction(text)


def tier_of(score: Fraction, bounds: dict[str, str]) -> str:
    return [tier for tier in TIERS if tier == "low" or score >= number(bounds[tier])][-1]


def inherent(stated: dict[str, Json]) -> Fraction:
    factors = stated["factors"].values()
    if not factors:
        return number(stated["score"])
    worst = Fraction(1)
    points = [
        100 * number(one["weight"]) * (worst if one["answer"] is None else number(one["value"]))
        for one in factors
    ]
    return max(
        [sum(points, Fraction(0)), *(number(one["floor"]) for one in factors if one["floor"])]
    )


def proven(evidence: dict[str, Json], as_of: date, worth: dict[str, str]) -> Fraction:
    """1/2 + (g - 1/2)·f: what asked evidence makes of a credit; 1/2 is what none is worth."""
    none = number(worth["none"])
    level = number(worth.get(evidence["level"], worth["none"]))
    if evidence["issued_on"] is None:
        fresh = Fraction(0)
    elif evidence["valid_until"] is not None:
        fresh = Fraction(as_of <= date.fromisoformat(evidence["valid_until"]))
    else:
        age = (as_of - date.fromisoformat(evidence["issued_on"])).days
        fresh = max(Fraction(0), min(Fraction(1), Fraction(730 - age, 365)))
    return none + (level - none) * fresh


def graded(
    item: dict[str, Json], as_of: date, worth: dict[str, str]
) -> tuple[Fraction, Fraction, Fraction]:
    """What an item claims (a), what is believed of it (c), and how sure that is (φ)."""
    credit, sure = number(item["credit"]), Fraction(1)
    if item["state"] == "answered" and item["evidence"]["asked"]:
        sure = proven(item["evidence"], as_of, worth)
        return credit, credit * sure, sure
    if item["state"] in ("answered", "hidden-by-control"):
        return credit, credit, sure
    return Fraction(0), Fraction(0), Fraction(0)


class Domain:
    """A domain with the items that count in it: (item, a, c, φ)."""

    def __init__(self, stated: dict[str, Json], receipt: dict[str, Json]) -> None:
        as_of = date.fromisoformat(receipt["as_of"])
        self.id, self.weight = stated["id"], Fraction(stated["weight"])
        worth = receipt["constants"]["evidence"]
        self.items = [
            (item, *graded(item, as_of, worth))
            for item in receipt["items"]
            if item["domain"] == self.id and (item["state"] != "na-approved" or legal(item))
        ]
        self.total = sum(item["weight"] for item, *_ in self.items)

    def mean(self, which: int) -> Fraction:
        """The weighted mean of a (1), c (2) or φ (3)."""
        worths = [one[0]["weight"] * one[which] for one in self.items]
        return Fraction(sum(worths, Fraction(0)) / self.total)


def legal(item: dict[str, Json]) -> bool:
    return item["knockout"] is not None and item["knockout"]["level"] == "legal"


def overall(domains: list[Domain], which: int) -> Fraction:
    weights = sum(domain.weight for domain in domains)
    return sum((one.weight * one.mean(which) for one in domains), Fraction(0)) / (weights or 1)


def floors(domains: list[Domain], risk: Fraction, tier: str, constants: dict[str, Json]) -> Json:
    """Every floor that holds, in order; `tier` is that of the residual risk."""
    found = []
    for domain in domains:
        for item, claimed, *_ in domain.items:
            if item["knockout"] is None or claimed >= number(item["knockout"]["below"]):
                continue
            at = number(constants["knockout"][item["knockout"]["level"]])
            kind, at = ("legal", at) if legal(item) else ("knockout", min(risk, at))
            found.append({"kind": kind, "item": item["id"], "at": str(at)})
    least = constants["weak"].get(tier_of(risk, constants["inherent_bounds"]))
    if least is not None and tier != "critical":
        above = number(constants["bounds"][TIERS[TIERS.index(tier) + 1]])
        for domain in domains:
            if domain.mean(2) < number(least):
                at = min(risk, above)
                found.append({"kind": "weak-domain", "domain": domain.id, "at": str(at)})
    return sorted(found, key=lambda one: (one["kind"], one.get("item") or one.get("domain")))


def confidence(domains: list[Domain], na_share: Fraction) -> str:
    total = sum(domain.total for domain in domains)
    sure = sum((domain.mean(3) * domain.total for domain in domains), Fraction(0)) / (total or 1)
    if na_share > Fraction(3, 10) or sure < Fraction(13, 20):
        return "low"
    return "high" if sure >= Fraction(17, 20) else "medium"


def recomputed(receipt: dict[str, Json]) -> tuple[dict[str, Json], dict[str, str], Fraction]:
    """The result of a receipt, its contributions by item, and the inherent risk."""
    constants = receipt["constants"]
    risk, kappa = inherent(receipt["inherent"]), number(constants["kappa"])
    domains = [domain for one in receipt["domains"] if (domain := Domain(one, receipt)).items]
    effect, items = overall(domains, 2), receipt["items"]
    residual = risk * (1 - kappa * effect)
    held = floors(domains, risk, tier_of(residual, constants["bounds"]), constants)
    score = max([residual, *(number(one["at"]) for one in held)])
    every = sum(item["weight"] for item in items)
    away = sum(item["weight"] for item in items if item["state"].startswith("na-"))
    na_share, tenths = Fraction(away, every or 1), score * 10 // 1
    weights = sum(domain.weight for domain in domains)
    points = {item["id"]: "0" for item in items}
    for domain in domains:
        share = risk * kappa * domain.weight / weights / domain.total
        for item, _, believed, _ in domain.items:
            points[item["id"]] = str(share * item["weight"] * (1 - believed))
    result = {
        "residual": str(residual),
        "score": str(score),
        "shown": f"{tenths // 10}.{tenths % 10}",
        "tier": tier_of(score, constants["bounds"]),
        "effectiveness": str(effect),
        "claimed": str(overall(domains, 1)),
        "confidence": confidence(domains, na_share),
        "na_share": str(na_share),
        "base": str(risk * (1 - kappa)),
        "floors": held,
        "blocked": any(one["kind"] == "legal" for one in held),
    }
    return result, points, risk


def differences(receipt: dict[str, Json]) -> Iterator[str]:
    """What a receipt states otherwise than it comes out when computed anew."""
    scheme, bounds = receipt["scheme"], receipt["constants"]["inherent_bounds"]
    if scheme == "std-1" and receipt["constants"] != STD_1:
        yield "does not have the constants of scheme std-1"
        return
    if scheme != "std-1" and OWN_SCHEME.fullmatch(scheme) is None:
        yield "names a scheme that is neither std-1 nor an organisation's own"
        return
    result, points, risk = recomputed(receipt)
    stated = receipt["inherent"]
    if [stated["score"], stated["tier"]] != [str(risk), tier_of(risk, bounds)]:
        yield f"inherent comes out as {risk} when computed anew, not {stated['score']}"
    for key in sorted({*result, *receipt["result"]}):
        if receipt["result"].get(key) != result.get(key):
            found = receipt["result"].get(key)
            yield f"result.{key} comes out as {result.get(key)} when computed anew, not {found}"
    for item in receipt["items"]:
        if item["contribution"] != points[item["id"]]:
            yield f"the contribution of {item['id']} comes out as {points[item['id']]}"


def own_schemes(bag: Bag) -> Iterator[str]:
    """What a reader must know of each scheme that is not std-1: in which constants it differs."""
    for name in sorted({*bag.under("data/receipts/"), RECEIPT}.intersection(bag.names)):
        receipt = bag.json(name)
        if receipt["scheme"] == "std-1":
            continue
        stated = flat(receipt["constants"])
        other = [
            key + " " + str(stated.get(key)) + " (" + str(usual) + ")"
            for key, usual in flat(STD_1).items()
            if stated.get(key) != usual
        ]
        yield (
            f"NOTE: {receipt['scheme']} is the organisation's own scheme. Its constants are those"
            f" of the receipt; other than in std-1: {', '.join(other) or 'none'}."
        )


def flat(constants: dict[str, Json]) -> dict[str, Json]:
    """Every constant by its path, such as bounds.high."""
    found: dict[str, Json] = {}
    for key in sorted(constants):
        inner = constants[key]
        parts = flat(inner) if isinstance(inner, dict) else {"": inner}
        found.update({key + "." * bool(part) + part: one for part, one in parts.items()})
    return found


CHECKS = (
    check_declaration,
    check_payload,
    check_tags,
    check_info,
    check_trail,
    check_questionnaires,
    check_answers,
    check_evidence,
    check_acknowledgements,
    check_receipts,
    check_items,
    check_review,
    check_decision,
)


def problems(path: Path) -> list[str]:
    """Everything that is wrong with a pack, each beginning with the file's name; or nothing."""
    return examined(path)[0]


def examined(path: Path) -> tuple[list[str], list[str]]:
    """Everything that is wrong with a pack, and what a reader must know of it beside that."""
    try:
        if path.is_dir():
            bag = Bag(path)
            return checked(bag), noted(bag)
        with zipfile.ZipFile(path) as archive:
            bag = Bag(path, archive)
            return checked(bag), noted(bag)
    except MALFORMED as error:
        return [f"{path.name}: cannot be opened as a pack: {worded(error)}"], [NOT_ANCHORED]


def noted(bag: Bag) -> list[str]:
    """What is worth knowing, of what can be read; what cannot is among the problems already."""
    with contextlib.suppress(*MALFORMED):
        return [*dict.fromkeys(own_schemes(bag)), NOT_ANCHORED]
    return [NOT_ANCHORED]


def checked(bag: Bag) -> list[str]:
    found = list(bag.faults)
    for check in CHECKS:
        try:
            for problem in check(bag):
                found.append(problem)  # noqa: PERF402 - what came before an error is kept
        except MALFORMED as error:
            found.append(f"{bag.last}: {worded(error)}")
    return list(dict.fromkeys(found))


def worded(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"lacks {error}"
    return str(error) or type(error).__name__


def printable(line: str) -> str:
    """The line without marks that could hide or move text on a screen."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in line)


def main(arguments: list[str]) -> int:
    path = Path(arguments[0] if arguments else ".")
    found, notes = examined(path)
    lines = [*found, *notes]
    if found:
        lines.append(f"FAILED: {len(found)} problem{'s' if len(found) > 1 else ''}")
    else:
        lines.append("OK: every file is whole, the score comes out the same, nothing contradicts.")
    for line in lines:
        sys.stdout.buffer.write(printable(line).encode() + b"\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
