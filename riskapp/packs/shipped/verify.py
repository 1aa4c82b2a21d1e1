"""Checks an evidence pack without riskapp: Python 3.8 or newer and its standard library suffice.

    python3 -I verify.py --key SHA256:…          in the unpacked pack
    python3 -I verify.py PATH --key SHA256:…     where PATH is the unpacked folder, or the ZIP file

With -I no file that somebody put beside this one can take the place of a part of Python.

The key is the fingerprint of whoever made the pack, as they publish it elsewhere. Says what is
wrong, a line each. The last line is "OK: …" (exit 0), "FAILED: …" (exit 1), or "NOT ANCHORED: …"
(exit 4) where nothing is wrong, but no key was given: then anybody could have made the pack.
One file on purpose, long as that makes it: whoever receives a pack needs nothing beside it.
"""

from __future__ import annotations

import base64
import contextlib
import csv
import hashlib
import hmac
import io
import itertools
import json
import re
import shutil
import stat
import struct
import subprocess
import sys
import tempfile
import unicodedata
import zipfile
import zlib
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
MANIFEST, TAGMANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
SIGNATURE = TAGMANIFEST + ".sig"
SIGNERS, VKEY = "keys/allowed_signers", "keys/log.vkey"
PRINCIPAL, NAMESPACE = "riskapp", "riskapp-pack"
CHECKPOINT, PROOFS, TRAIL = "audit/checkpoint", "audit/proofs/", "audit/events.jsonl"
VENDOR, INFO, EVIDENCE = "data/vendor.json", "bag-info.txt", "data/evidence/"
STATES = (
    "draft",
    "issued",
    "in-progress",
    "submitted",
    "in-review",
    "returned",
    "decided",
    "cancelled",
)
"""Those that an assessment can be in; the newest event `assessment:…` of one says which."""
OF_FILES = ("keep", "review", "clean", "infected", "erase")
FORMAT = 2
"""Of the documents; grows when a reader of older packs would misread a newer one."""
ERASED_NAME = "Somebody who was erased"
"""What stands for the name of somebody of whom the trail does not open any more who it was."""
SPECIAL, DOS_FOLDER = ": is a link, a folder or another special file", 0x10
WIDE = 0xFFFFFFFF
"""What a ZIP has in place of sizes where it is in its 64-bit form."""
PIECE = 1 << 20
DOCUMENT_BYTES = 256 << 20
"""The largest document that is read into memory; evidence is only ever read in pieces."""
NOT_ANCHORED = (
    "NOT ANCHORED: nothing shows who made this pack, for no key was given. Get the fingerprint of"
    " its maker's key from themselves, and run this again with --key SHA256:…"
)
WHOLE = "every file is whole, the score comes out the same, nothing contradicts."
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
                self.faults.append(name + SPECIAL)
            elif not any(one.iterdir()):
                self.faults.append(name + ": is an empty folder, which packs never hold")

    def _in_zip(self, archive: zipfile.ZipFile) -> Iterator[tuple[str, zipfile.ZipInfo]]:
        for info in archive.infolist():
            if info.compress_type != zipfile.ZIP_STORED:
                raise ValueError(info.filename + " is compressed, which packs never are")
            name, kind = info.filename.partition("/")[2], stat.S_IFMT(info.external_attr >> 16)
            # What unpacks as something else than a file: by its name, its mode, or by DOS's flag.
            if info.is_dir() or kind not in (0, stat.S_IFREG) or info.external_attr & DOS_FOLDER:
                self.faults.append(name + SPECIAL)
            yield name, info
        if len({info.filename.partition("/")[0] for info in archive.infolist()}) != 1:
            self.faults.append("the ZIP: must hold one folder and nothing beside it")
        self.faults += zip_faults(Path(str(archive.filename)), archive.infolist())

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

    @property
    def top(self) -> str:
        """The document that says what the pack is."""
        return VENDOR if VENDOR in self.names else "data/assessment.json"

    def cases(self) -> list[Case]:
        """The assessments in the pack."""
        if self.top != VENDOR:
            return [Case(self, "data/")]
        roots = [one["root"] for one in self.json(VENDOR)["assessments"] if one["root"]]
        for root in roots:
            if re.fullmatch("data/assessments/[0-9a-f]{32}/", root) is None:
                raise ValueError("names a folder that no assessment has: " + repr(root)[:80])
        return [Case(self, root) for root in roots]

    def entries(self) -> list[tuple[int, dict[str, Json], dict[str, Json]]]:
        """Every event of the trail: number, body, openings. Each line is canonical."""
        if TRAIL not in self._documents:
            lines = self.read(TRAIL).split(b"\n")
            if lines.pop():
                raise ValueError("does not end with a line's end")
            found = []
            for number, line in enumerate(lines, 1):
                entry = decoded(line)
                if canonical(entry) != line or set(entry) != {"event", "number", "opened"}:
                    raise ValueError("line " + str(number) + " is not a canonical event")
                found.append((entry["number"], entry["event"], entry["opened"]))
            self._documents[TRAIL] = found
        self.last = TRAIL
        return list(self._documents[TRAIL])

    def trail(self) -> list[dict[str, Json]]:
        """Every event with what is opened of it, by field, under `opened`."""
        if "trail" not in self._documents:
            self._documents["trail"] = [
                {**event, "opened": opened(number, event, openings)}
                for number, event, openings in self.entries()
            ]
        self.last = TRAIL
        return list(self._documents["trail"])


def zip_faults(path: Path, infos: list[zipfile.ZipInfo]) -> Iterator[str]:
    """Where a ZIP of these files differs from the one way in which packs are written.

    Its directory, which this program goes by, comes last. Programs that go by what stands before
    each file must not unpack anything else.
    """
    wide, listed, start = any(info.extra for info in infos), b"", 0
    with path.open("rb") as file:
        for info in infos:
            before, entry = zip_headers(info, start, wide)
            file.seek(start)
            if file.read(len(before)) != before:
                yield "the ZIP: holds bytes that belong to no file, or says two things of a file"
                return
            start += len(before) + info.file_size
            listed += entry
        file.seek(start)
        end = listed + zip_end(len(infos), start, len(listed), wide)
        if file.read(len(end) + 1) != end:
            yield "the ZIP: its directory is not what packs have, or more follows it"


def zip_headers(info: zipfile.ZipInfo, start: int, wide: bool) -> tuple[bytes, bytes]:
    """What stands before a file that begins at byte `start`, and what of it in the directory."""
    name, size = info.filename.encode(), info.file_size
    year, month, day, hour, minute, second = info.date_time
    moment = hour << 11 | minute << 5 | second >> 1, (year - 1980) << 9 | month << 5 | day
    version, shown, place = (45, WIDE, WIDE) if wide else (20, size, start)
    known = 0x800, 0, *moment, info.CRC, shown, shown, len(name)
    sizes = struct.pack("<2H2Q", 1, 16, size, size) if wide else b""
    before = struct.pack("<4s5H3L2H", b"PK\3\4", version, *known, len(sizes)) + name + sizes
    sizes = struct.pack("<2H3Q", 1, 24, size, size, start) if wide else b""
    rest = len(sizes), 0, 0, 0, (stat.S_IFREG | 0o644) << 16, place
    fields = b"PK\1\2", version | 3 << 8, version, *known, *rest
    return before, struct.pack("<4s6H3L5H2L", *fields) + name + sizes


def zip_end(count: int, start: int, length: int, wide: bool) -> bytes:
    """What stands behind a directory of so many files, which begins at byte `start`."""
    if not wide:
        return struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, length, start, 0)
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, length, start)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, start + length, 1)
    return record + locator + struct.pack("<4s4H2LH", b"PK\5\6", *[65535] * 4, WIDE, WIDE, 0)


class Case:
    """The part of a pack that is about one assessment: documents below `root`, and its events."""

    def __init__(self, bag: Bag, root: str) -> None:
        self.bag, self.root = bag, root
        self.about, self.answers = root + "assessment.json", root + "answers.json"
        self.receipt, self.decision = root + "receipt.json", root + "decision.json"
        self.review, self.table = root + "review.json", root + "answers.csv"
        self._of_files: dict[str, list[dict[str, Json]]] | None = None
        self._events: list[dict[str, Json]] | None = None

    @property
    def id(self) -> str:
        return str(self.bag.json(self.about)["assessment"]["id"])

    def trail(self) -> list[dict[str, Json]]:
        """Its own events, and what became of its files elsewhere; with the submissions so far."""
        if self._events is None:
            mine, so_far, found = self.id, 0, []
            for event in related(self.bag.trail(), [mine], map(named, self.files())):
                so_far += event["type"] == "submission:add"
                found.append({**event, "so_far": so_far})
            self._events = found
        self.bag.last = TRAIL
        return self._events

    def events(self, kind: str) -> list[dict[str, Json]]:
        return [event for event in self.trail() if event["type"] == kind]

    def of_file(self, file: dict[str, Json]) -> list[dict[str, Json]]:
        """What became of a file, wherever it serves."""
        if self._of_files is None:
            found: dict[str, list[dict[str, Json]]] = {}
            for event in filter(of_a_file, self.trail()):
                found.setdefault(event["object"], []).append(event)
            self._of_files = found
        return self._of_files.get(named(file), [])

    def questions(self) -> list[dict[str, Json]]:
        found: list[dict[str, Json]] = []
        for questionnaire in self.bag.json(self.answers)["questionnaires"]:
            for section in questionnaire["sections"]:
                found += section["questions"]
        return found

    def redacted(self) -> set[str]:
        """Questions of which the answers are left out."""
        return {one["id"] for one in self.questions() if one["redacted"] is not None}

    def files(self) -> list[dict[str, Json]]:
        """Every evidence file as answers.json lists it, once for each question that it serves."""
        return [file for question in self.questions() for file in question["evidence"]]

    @property
    def nameless(self) -> bool:
        """Whether the names of people are said to be left out."""
        entries = self.bag.json(self.about)["pack"]["left_out"]
        return any(one["what"] == ALL_NAMES for one in entries)

    def name_of(self, person: str | None) -> str | None:
        """What stands for somebody, by id; None is the id of whom the trail does not tell."""
        people = self.bag.json(self.about)["people"]
        return None if self.nameless else ERASED_NAME if person is None else people.get(person)

    def left_out(self, what: str) -> dict[str, str]:
        """What is said to be left out, with the reason: `questions`, `submissions`, `evidence`."""
        found: dict[str, str] = {}
        for entry in self.bag.json(self.about)["pack"]["left_out"]:
            named = entry.get(what, [])
            names = named if isinstance(named, list) else [named]
            found.update(dict.fromkeys(names, entry["why"]))
        return found


def newest(events: Iterable[dict[str, Json]], source: dict[str, str]) -> Json:
    """What the last of these events says, by a field for each of their types, or None.

    The field `:` is what the type says itself behind its colon; none is called ``.
    """
    found = None
    for event in events:
        if event["type"] in source:
            field = source[event["type"]]
            found = event["type"].partition(":")[2] if field == ":" else event.get(field)
    return found


def named(file: dict[str, Json]) -> str:
    return f"{file['evidence']}/{file['version']}"


def of_a_file(event: dict[str, Json]) -> bool:
    room, _, verb = str(event["type"]).partition(":")
    return room == "evidence" and verb in OF_FILES


def opened(number: int, event: dict[str, Json], openings: dict[str, Json]) -> dict[str, str]:
    """What an event commits to, as far as the pack opens it; each proved by its salt."""
    for field, one in openings.items():
        if set(one) != {"salt", "value"} or not re.fullmatch("[0-9a-f]{64}", one["salt"]):
            raise ValueError(f"event {number} does not open {field} as events do")
        proof = hmac.new(bytes.fromhex(one["salt"]), one["value"].encode(), "sha256")
        if event["private"].get(field) != proof.hexdigest():
            raise ValueError(f"event {number} commits to another {field} than stands beside it")
    return {field: one["value"] for field, one in openings.items()}


# Signatures. Ed25519 as RFC 8032 defines it, slow and plain, for the standard library has none;
# what it finds of the pack's signature, ssh-keygen is asked as well.

PRIME, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
CURVE_D = -121665 * pow(121666, PRIME - 2, PRIME) % PRIME
ROOT = pow(2, (PRIME - 1) // 4, PRIME)
ARMOUR = ("-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----")
KEY_TYPE = b"ssh-ed25519"

KEY_BYTES, SIGNATURE_BYTES, HASH_BYTES = 32, 64, 32


class Point(NamedTuple):
    """A point of the curve: x = X/Z, y = Y/Z, xy = T/Z."""

    X: int
    Y: int
    Z: int
    T: int


def plus(one: Point, two: Point) -> Point:
    a = (one[1] - one[0]) * (two[1] - two[0]) % PRIME
    b = (one[1] + one[0]) * (two[1] + two[0]) % PRIME
    c, d = 2 * one[3] * two[3] * CURVE_D % PRIME, 2 * one[2] * two[2] % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return Point(e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME)


def times(number: int, point: Point) -> Point:
    found = Point(0, 1, 1, 0)
    while number:
        if number & 1:
            found = plus(found, point)
        point, number = plus(point, point), number >> 1
    return found


def unpacked_point(data: bytes) -> Point:
    """The point that 32 bytes stand for. Raises ValueError."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if len(data) != KEY_BYTES or y >= PRIME:
        raise ValueError("holds a key that is none")
    square = (y * y - 1) * pow(CURVE_D * y * y + 1, PRIME - 2, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if (x * x - square) % PRIME:
        x = x * ROOT % PRIME
    if (x * x - square) % PRIME or (x == 0 and sign):
        raise ValueError("holds a key that is none")
    x = PRIME - x if x & 1 != sign else x
    return Point(x, y, 1, x * y % PRIME)


def packed_point(point: Point) -> bytes:
    inverse = pow(point[2], PRIME - 2, PRIME)
    x, y = point[0] * inverse % PRIME, point[1] * inverse % PRIME
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = unpacked_point((4 * pow(5, PRIME - 2, PRIME) % PRIME).to_bytes(32, "little"))


def signs(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the 64 bytes are the key's Ed25519 signature over the message."""
    first, scalar = signature[:32], int.from_bytes(signature[32:], "little")
    if len(signature) != SIGNATURE_BYTES or scalar >= ORDER:
        return False
    x, y, z, t = unpacked_point(key)
    hashed = hashlib.sha512(first + key + message).digest()
    challenge = int.from_bytes(hashed, "little") % ORDER
    back = times(challenge, Point((PRIME - x) % PRIME, y, z, (PRIME - t) % PRIME))
    return packed_point(plus(times(scalar, BASE), back)) == first


def text(data: bytes) -> bytes:
    """A string as the SSH protocol writes it: its length before it."""
    return struct.pack(">I", len(data)) + data


def fingerprint(key: bytes) -> str:
    """As ssh-keygen -l prints it."""
    found = hashlib.sha256(text(KEY_TYPE) + text(key)).digest()
    return "SHA256:" + base64.b64encode(found).decode().rstrip("=")


def signing_key(bag: Bag) -> bytes:
    """The key that the pack says it is signed by. Raises ValueError."""
    start = f'{PRINCIPAL} namespaces="{NAMESPACE}" {KEY_TYPE.decode()} '
    line = bag.read(SIGNERS).decode()
    blob = base64.b64decode(line[len(start) : -1], validate=True)
    key = blob[-32:]
    if blob != text(KEY_TYPE) + text(key) or line != start + base64.b64encode(blob).decode() + "\n":
        raise ValueError("is not one line that allows one Ed25519 key to sign packs")
    return key


def check_signature(bag: Bag) -> Iterator[str]:
    """The armour has one form, so that no byte of it can be another one unnoticed."""
    key, about = signing_key(bag), text(NAMESPACE.encode()) + text(b"") + text(b"sha512")
    armour = bag.read(SIGNATURE).decode()
    blob = base64.b64decode("".join(armour.split("\n")[1:-2]), validate=True)
    before = b"SSHSIG" + struct.pack(">I", 1) + text(text(KEY_TYPE) + text(key)) + about
    signature = blob[-64:]
    if blob != before + text(text(KEY_TYPE) + text(signature)):
        yield f"{SIGNATURE}: is not a signature for packs by the key in {SIGNERS}"
        return
    plain = base64.b64encode(blob).decode()
    lines = [plain[at : at + 70] for at in range(0, len(plain), 70)]
    if armour != "\n".join((ARMOUR[0], *lines, ARMOUR[1], "")):
        yield f"{SIGNATURE}: holds bytes that do not belong into a signature"
    signed = b"SSHSIG" + about + text(hashlib.sha512(bag.read(TAGMANIFEST)).digest())
    if not signs(key, signed, signature):
        yield f"{SIGNATURE}: does not sign {TAGMANIFEST} as it is here"


def check_key(bag: Bag, expected: str | None) -> Iterator[str]:
    found = fingerprint(signing_key(bag))
    if expected is not None and found != expected:
        yield f"{SIGNERS}: the pack is signed by {found}, not by the key that was expected"


def second_opinion(bag: Bag) -> Iterator[str]:
    """What ssh-keygen says of the signature, where it is there."""
    program = shutil.which("ssh-keygen")
    if program is None:
        return
    with tempfile.TemporaryDirectory() as folder:
        signers, signature = Path(folder, "signers"), Path(folder, "signature")
        signers.write_bytes(bag.read(SIGNERS))
        signature.write_bytes(bag.read(SIGNATURE))
        by = ("-I", PRINCIPAL, "-n", NAMESPACE)
        said = subprocess.run(
            [*(program, "-Y", "verify", "-f", str(signers), "-s", str(signature)), *by],
            input=bag.read(TAGMANIFEST),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
            check=False,
        )
    if said.returncode and b"option" not in said.stdout:  # which an old one says, having no -Y
        yield f"{SIGNATURE}: ssh-keygen does not take it"


def check_stamp(bag: Bag) -> Iterator[str]:
    """That a time stamp is over what is here. By whom it is, openssl tells: see VERIFY.md."""
    for stamped in (MANIFEST, CHECKPOINT):
        stamp = stamped + ".tsr"
        if stamp in bag.names:
            imprint = b"\x04\x20" + bytes.fromhex(bag.hashed(stamped)[0])
            if imprint not in bag.read(stamp):
                yield f"{stamp}: is not over {stamped} as it is here"


# The log: RFC 6962's tree, checkpoints and proofs as C2SP writes them.


def tree(bag: Bag) -> tuple[str, int, bytes]:
    """Origin, size and root of the checkpoint, signed by the pack's key. Raises ValueError."""
    key = signing_key(bag)
    note = bag.read(CHECKPOINT).decode()
    found = re.fullmatch(
        r"([^\s+\u2014]{1,200})\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/]{43}=)\n\n"
        r"\u2014 \1 ([A-Za-z0-9+/=]{92})\n",
        note,
    )
    if found is None:
        raise ValueError("is not a checkpoint with one signature")
    origin, body = found[1], note[: note.index("\n\n") + 1].encode()
    signature, root = base64.b64decode(found[4]), base64.b64decode(found[3])
    again = base64.b64encode(signature).decode(), base64.b64encode(root).decode()
    if again != (found[4], found[3]):
        raise ValueError("holds bytes that do not belong into a checkpoint")
    if signature[:4] != key_id(origin, key) or not signs(key, body, signature[4:]):
        raise ValueError("is not signed by the key in " + SIGNERS)
    return origin, int(found[2]), root


def key_id(origin: str, key: bytes) -> bytes:
    return hashlib.sha256(origin.encode() + b"\n\x01" + key).digest()[:4]


def check_checkpoint(bag: Bag) -> Iterator[str]:
    origin, size, root = tree(bag)
    key = signing_key(bag)
    encoded = base64.b64encode(b"\x01" + key).decode()
    if bag.read(VKEY).decode() != f"{origin}+{key_id(origin, key).hex()}+{encoded}\n":
        yield f"{VKEY}: is not the key in {SIGNERS} under the name of the log"
    stated = {"origin": origin, "size": size, "root": base64.b64encode(root).decode()}
    for name in [bag.top, *(case.about for case in bag.cases())]:
        if bag.json(name)["pack"]["checkpoint"] != stated:
            yield f"{name}: names another checkpoint than {CHECKPOINT}"


def check_proofs(bag: Bag) -> Iterator[str]:
    """That each event of the trail is in the log that the checkpoint vouches for."""
    _, size, root = tree(bag)
    note = bag.read(CHECKPOINT).decode()
    proved = {PROOFS + str(number) + ".tlog-proof" for number, *_ in bag.entries()}
    for name in sorted(proved.symmetric_difference(bag.under(PROOFS))):
        missing = "is missing" if name in proved else "proves no event that is here"
        yield f"{name}: {missing}"
    for number, event, _ in bag.entries():
        name = PROOFS + str(number) + ".tlog-proof"
        if name not in bag.names:
            continue
        head, _, rest = bag.read(name).decode().partition("\n\n")
        first, index, *hashes = head.split("\n")
        if (first, index, rest) != ("c2sp.org/tlog-proof@v1", f"index {number}", note):
            yield f"{name}: is not a proof for event {number} and {CHECKPOINT}"
            continue
        path = [base64.b64decode(one, validate=True) for one in hashes]
        plain = [base64.b64encode(one).decode() for one in path] == hashes
        leaf = hashlib.sha256(b"\x00" + canonical(event)).digest()
        if not plain or climbed(number, size, leaf, path) != root:
            yield f"{name}: does not prove event {number} as it stands in {TRAIL}"


def climbed(index: int, size: int, leaf: bytes, path: list[bytes]) -> bytes | None:
    """The root that a proof leads to from a leaf (RFC 9162, 2.1.3.2)."""
    node, last, found = index, size - 1, leaf
    if not 0 <= index < size:
        return None
    for other in path:
        if last == 0 or len(other) != HASH_BYTES:
            return None
        if node & 1 or node == last:
            found = hashlib.sha256(b"\x01" + other + found).digest()
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            found = hashlib.sha256(b"\x01" + found + other).digest()
        node, last = node >> 1, last >> 1
    return found if last == 0 else None


def check_declaration(bag: Bag) -> Iterator[str]:
    if bag.read("bagit.txt") != DECLARATION:
        yield "bagit.txt: is not the declaration of a BagIt 1.0 bag in UTF-8"


def check_payload(bag: Bag) -> Iterator[str]:
    return check_manifest(bag, MANIFEST, bag.under("data/"))


def check_tags(bag: Bag) -> Iterator[str]:
    beside = {TAGMANIFEST, SIGNATURE}
    return check_manifest(bag, TAGMANIFEST, set(bag.names) - set(bag.under("data/")) - beside)


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
    top = bag.json(bag.top)
    terms, at = top["pack"], top["pack"]["checkpoint"]
    newest_one = bag.json(bag.cases()[-1].about)
    of = f"{newest_one['vendor']['name']}, {newest_one['engagement']['title']}"
    of = of if bag.top != VENDOR else top["vendor"]["name"] + ", whole history"
    right = {
        "Bag-Software-Agent": "riskapp",
        "Source-Organization": newest_one["assessment"]["organisation"],
        "External-Description": "Evidence pack: " + of,
        "External-Identifier": top["vendor" if bag.top == VENDOR else "assessment"]["id"],
        "Payload-Oxum": f"{sum(bag.hashed(name)[1] for name in payload)}.{len(payload)}",
        "Pack-Recipient": terms["recipient"],
        "Pack-Purpose": terms["purpose"],
        "Pack-As-Of": terms["as_of"],
        "Pack-Until": terms["until"] or "not limited",
        "Pack-Exported-By": terms["exported_by"]["name"] or terms["exported_by"]["kind"],
        "Pack-Checkpoint": f"{at['origin']} {at['size']} {at['root']}",
    }
    for key, value in right.items():
        if one_line(stated.get(key, "")) != one_line(value):
            yield f"{INFO}: {key} must be “{value}”"
    if len(stated) < len(lines):
        yield f"{INFO}: says something twice"
    for key in sorted(set(stated) - set(right)):
        yield f"{INFO}: {key} is not among what packs say there"
    if terms["format"] != FORMAT:
        yield f"{bag.top}: is of format {terms['format']}; this program knows format {FORMAT}"
    for case in bag.cases():
        mine = bag.json(case.about)["pack"]
        shared = ("format", "recipient", "purpose", "as_of", "until", "exported_by")
        if any(mine[key] != terms[key] for key in shared):
            yield f"{case.about}: is for somebody else than {bag.top}"


def one_line(text: str) -> str:
    """The words alone, as bag-info.txt has them."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def check_trail(bag: Bag) -> Iterator[str]:
    before, vendor, events = -1, bag.json(bag.top)["vendor"]["id"], []
    for number, event, _ in bag.entries():
        if not (type(number) is int and number > before):
            yield f"{TRAIL}: event {number} does not come after event {before}"
            return
        before = number
        if event["vendor"] != vendor:
            yield f"{TRAIL}: event {number} is of another vendor"
        else:
            events.append({**event, "place": number})
    files = [named(file) for case in bag.cases() for file in case.files()]
    mine = {one["place"] for one in related(events, [case.id for case in bag.cases()], files)}
    for event in events if bag.top != VENDOR else []:
        if event["place"] not in mine:
            yield f"{TRAIL}: event {event['place']} is of another assessment"


OF_VENDOR = {
    "registered_at": {"vendor:register": "at"},
    "country": {"vendor:register": "country", "vendor:edit": "country"},
}
OF_ENGAGEMENT = {
    "added_at": {"engagement:add": "at"},
    "ended_at": {"engagement:end": "at", "engagement:resume": ""},
    # The intake sets the services too, by an answer that its event does not name.
    "services": {"engagement:add": "services", "engagement:edit": "services", "intake:save": ""},
}
"""Fields of what a vendor's history is about, and what of which events says them."""
NOT_DECIDED = "It is not decided yet."
NOT_INCLUDED = {
    "decided": "Its answers and receipts were erased by the rules of retention.",
    "cancelled": "It was cancelled, and never decided.",
}
"""Why an assessment in such a state is not in the pack."""


def check_vendor(bag: Bag) -> Iterator[str]:
    """Of a vendor's history: its assessments are those of the trail, as it leaves them."""
    if bag.top != VENDOR:
        return
    events, about = bag.trail(), bag.json(VENDOR)
    keys = ("state", "tier", "shown", "outcome", "decided_at", "engagement", "cycle")
    erased = {event["object"] for event in events if event["type"] == "assessment:erase"}
    bag.last, stated = VENDOR, {}
    for one in about["assessments"]:
        stated[f"{VENDOR}: assessment {one['id']}"] = [one[key] for key in keys]
        why = NOT_INCLUDED.get(one["state"], NOT_DECIDED)
        if (one["root"] is None) == (one["not_included_because"] is None):
            yield f"{VENDOR}: assessment {one['id']} is neither here, nor is it said why not"
        elif one["root"] is None and (
            one["not_included_because"] != why
            or (one["state"] == "decided" and one["id"] not in erased)
        ):
            yield f"{VENDOR}: assessment {one['id']} is not left out for the reason that it says"
    yield from differ(stated, told_of_assessments(events), TRAIL)
    if len(stated) < len(about["assessments"]):
        yield f"{VENDOR}: lists an assessment twice"
    for case in bag.cases():
        if case.root != f"data/assessments/{case.id}/":
            yield f"{case.about}: is about another assessment than its folder says"
    counts = [bag.json(case.about)["pack"]["questions"] for case in bag.cases()]
    pack = {
        "left_out": [one._asdict() for one in (*ALWAYS, OF_ALL)],
        "questions": {key: sum(one[key] for one in counts) for key in ("all", "left_out")},
    }
    yield from mismatched(f"{VENDOR}: pack", about["pack"], pack, "the rest of it")


def check_register(bag: Bag) -> Iterator[str]:
    """Of a vendor's history: the vendor, and what is bought from it, are those of the trail."""
    if bag.top != VENDOR:
        return
    events, about = bag.trail(), bag.json(VENDOR)
    right = {field: newest(events, source) for field, source in OF_VENDOR.items()}
    yield from mismatched(f"{VENDOR}: vendor", about["vendor"], right, TRAIL)
    naming = [one for one in events if one["type"] in ("vendor:register", "vendor:edit")]
    if not naming or naming[-1]["opened"].get("name") != about["vendor"]["name"]:
        yield f"{VENDOR}: the vendor has another name than in {TRAIL}"
    added = [event["object"] for event in events if event["type"] == "engagement:add"]
    if sorted(one["id"] for one in about["engagements"]) != sorted(added):
        yield f"{VENDOR}: lists other engagements than {TRAIL}"
    for one in about["engagements"]:
        mine = [e for e in events if one["id"] in (e["object"], e.get("engagement"))]
        right = {field: newest(mine, source) for field, source in OF_ENGAGEMENT.items()}
        if right["services"] is None:
            del right["services"]
        yield from mismatched(f"{VENDOR}: engagement {one['id']}", one, right, TRAIL)


def told_of_assessments(events: list[dict[str, Json]]) -> dict[str, Json]:
    """How the trail leaves each assessment.

    State, tier, score, outcome, when decided, what is bought, and which one of that it is.
    """
    found: dict[str, list[Json]] = {}
    cycles: dict[str, int] = {}
    for event in events:
        room, _, verb = event["type"].partition(":")
        told = found.setdefault(f"{VENDOR}: assessment {event['assessment']}", [None] * 7)
        if room == "assessment" and verb in STATES:
            told[0] = verb
        if event["type"] == "assessment:draft":
            cycles[event["engagement"]] = cycles.get(event["engagement"], 0) + 1
            told[5:] = event["engagement"], cycles[event["engagement"]]
        elif event["type"] == "receipt:add":
            told[1:3] = event["tier"], event["shown"]
        elif event["type"] == "decision:make":
            told[3:5] = event["outcome"], event["at"]
    return {key: told for key, told in found.items() if told[0] is not None}


def check_bought(case: Case) -> Iterator[str]:
    """Of an assessment in a vendor's history: it agrees with the register and its intake."""
    bag = case.bag
    if bag.top != VENDOR:
        return
    mine, about, register = case.id, bag.json(case.about), bag.json(VENDOR)
    bought = about["engagement"]["id"]
    (row,) = [one for one in register["assessments"] if one["id"] == mine]
    (engagement,) = [one for one in register["engagements"] if one["id"] == bought]
    for part, of, keys in (
        ("assessment", row, ("cycle",)),
        ("vendor", register["vendor"], ("id", "country")),
        ("engagement", engagement, ("description", "delivered_from")),
    ):
        right = {key: of[key] for key in keys}
        yield from mismatched(f"{case.about}: {part}", about[part], right, VENDOR)


SERVICES = "INT-01"
"""The question of the intake by which it is known what is bought."""


def check_intake(case: Case) -> Iterator[str]:
    """Of an assessment in a vendor's history: it was decided on the newest intake, as it was."""
    if case.bag.top != VENDOR:
        return
    mine, trail, about = case.id, case.bag.trail(), case.bag.json(case.about)
    bought, intake = about["engagement"]["id"], about["intake"]
    told = [one for one in trail if (one["type"], one["assessment"]) == ("decision:make", mine)]
    changes = [
        one
        for one in trail
        if one["type"] in OF_ENGAGEMENT["services"]
        and bought in (one["object"], one.get("engagement"))
    ]
    before = trail[: trail.index(told[0])] if told else []
    saved = [one for one in changes if one["type"] == "intake:save" and one in before]
    if not saved:
        yield f"{TRAIL}: does not tell of an intake before assessment {mine} was decided"
        return
    newest_one, answers = saved[-1], {one["question"]: one["value"] for one in intake["answers"]}
    right = {"number": newest_one["number"], "saved_at": newest_one["at"]}
    right.update({"inherent_tier": newest_one["tier"]})
    if "actor" in newest_one["opened"]:
        right["saved_by"] = newest_one["opened"]["actor"]
    yield from mismatched(f"{case.about}: intake", intake, right, TRAIL)
    if digest(answers) != newest_one["digest"]:
        yield f"{case.about}: intake: answers is not what {TRAIL} says"
    elif changes[-1] == newest_one:
        for one in case.bag.json(VENDOR)["engagements"]:
            services = {"services": answers[SERVICES]} if one["id"] == bought else {}
            yield from mismatched(f"{VENDOR}: engagement {bought}", one, services, case.about)


BESIDE = {"bagit.txt", INFO, MANIFEST, TAGMANIFEST, SIGNATURE, "VERIFY.md", "verify.py"}
BESIDE |= {SIGNERS, VKEY, CHECKPOINT, TRAIL, MANIFEST + ".tsr", CHECKPOINT + ".tsr"}
OF_CASE = (
    *("assessment.json", "answers.json", "answers.csv", "answers.xlsx", "review.json"),
    *("receipt.json", "decision.json", "report.pdf", "subprocessors.csv"),
    *("oscal/assessment-results.json", "oscal/poam.json"),
)
"""What every pack holds, and every assessment in it"""


def check_names(bag: Bag) -> Iterator[str]:
    """No file is here that nothing tells of."""
    known = {bag.top, *BESIDE}
    known |= {PROOFS + str(number) + ".tlog-proof" for number, *_ in bag.entries()}
    for case in bag.cases():
        about = bag.json(case.about)
        asked = [*about["questionnaires"], about["intake"]["questionnaire"]]
        listed = [*about["submissions"], *about["receipts"], *asked, *case.files()]
        known.update(one["file"] for one in listed)
        known.update(case.root + name for name in OF_CASE)
    for name in bag.names:
        if name not in known:
            yield f"{name}: is a file that nothing in the pack tells of"


def differ(stated: dict[str, Json], recorded: dict[str, Json], by: str) -> Iterator[str]:
    """What two accounts of the same things disagree in; keys begin with the file's name."""
    for key in sorted(set(stated) | set(recorded)):
        if key not in recorded:
            yield f"{key}: is not in {by}"
        elif key not in stated:
            yield f"{key}: is missing, though it is in {by}"
        elif stated[key] != recorded[key]:
            yield f"{key}: is not what {by} says"


def mismatched(
    what: str, stated: dict[str, Json], right: dict[str, Json], by: str
) -> Iterator[str]:
    """Which fields of a thing another account of it has otherwise; `what` begins with the file."""
    for key, value in right.items():
        if canonical(stated[key]) != canonical(value):
            yield f"{what}: {key} is not what {by} says"


def listed(
    what: str, stated: list[dict[str, Json]], right: list[dict[str, Json]], by: str
) -> Iterator[str]:
    """The same of a list of things, each known by its place in it."""
    for place, (one, other) in enumerate(itertools.zip_longest(stated, right), 1):
        if one is None:
            yield f"{what} {place}: is missing, though it is in {by}"
        elif other is None:
            yield f"{what} {place}: is not in {by}"
        else:
            yield from mismatched(f"{what} {place}", one, other, by)


class Omission(NamedTuple):
    """Something that a pack does not hold, and why, as its documents say it."""

    what: str
    why: str


ALWAYS = (
    Omission(
        "Files that the vendor took back before submitting them",
        "They were never part of a submission, and were not kept.",
    ),
    Omission(
        "E-mail addresses of the vendor's contacts and respondents",
        "The proof does not need them; respondents are named on the acknowledgements.",
    ),
    Omission(
        "The event of this export, and all after it",
        "The trail stops at the checkpoint that the pack holds.",
    ),
)
OF_ONE = Omission(
    "Events of other assessments, of the register, of the rules for scoring and of sign-ins",
    "They tell of other matters than this assessment and the files that serve it. The rules that"
    " a score was computed by stand in its receipt.",
)
OF_ALL = Omission(
    "Events of other vendors, of the rules for scoring and of sign-ins",
    "They tell of other matters than this vendor. The rules that a score was computed by stand in"
    " its receipt.",
)
INTAKE_WORDS = Omission(
    "The words of the intake's questions",
    "The release that was answered is no longer installed.",
)
OF_ANSWERS = (
    Omission(
        "What reviewers said of these answers",
        "It tells of the answers. What they decided is in the review.",
    ),
    Omission(
        "The proof that these answers count in the score as they were given",
        "The receipt is whole, so that the score can be computed anew: what each of"
        " these questions counted can be read there.",
    ),
)
ACKNOWLEDGEMENTS = Omission(
    "The acknowledgements that the vendor was given",
    "They hold names, and a digest of each answer, by which guesses could be tried."
    " Their own digests are in the trail.",
)
ALL_NAMES = "The names of all people"
NOT_CHOSEN = "Whoever took the pack chose other questions."
NO_FILES = "The pack was asked for without the files."
SHUT = {
    "infected": "The virus scanner found something in it; nobody may open it.",
    "quarantined": "It is in quarantine: the virus scanner has not called it clean yet.",
}
NO_KEY = "Its key is missing, and nobody can open it."


def check_omissions(case: Case) -> Iterator[str]:
    """What is said to be left out is so: nothing more, nothing else, and for that reason."""
    bag, about = case.bag, case.bag.json(case.about)
    entries = about["pack"]["left_out"]
    yield from check_words(case, entries)
    files = {named(file): file for file in case.files()}
    for one in entries:
        name = one.get("evidence")
        file = files.get(name, {})
        right = {key: file.get(key) for key in ("sha256", "size")}
        if name is not None and ([*map(one.get, right)] != [*right.values()] or file.get("file")):
            yield f"{case.about}: leaves out evidence {name}, which {case.answers} does not"
        elif name is not None and not because(file, one["why"]):
            yield f"{case.about}: evidence {name} is not left out for the reason that it says"
        if one["what"] != called(one, file, len(case.questions())):
            yield f"{case.about}: pack.left_out names “{one['what']}”, and means something else"
    sent = {event["object"] for event in case.events("submission:add")}
    bag.last = case.about
    for name in sorted(set(case.left_out("submissions")) - sent):
        yield f"{case.about}: leaves out submission {name}, which is not in {TRAIL}"


def called(entry: dict[str, Json], file: dict[str, Json], every: int) -> Json:
    """How what is left out has to be called by what it is; without an id, as it is."""
    if "questions" in entry:
        names = entry["questions"]
        some = f"The answers to {len(names)} of {every} questions"
        return some if entry["why"] == NOT_CHOSEN else "The answer to " + ", ".join(names)
    if "submissions" in entry:
        return ACKNOWLEDGEMENTS.what if entry["why"] == ACKNOWLEDGEMENTS.why else None
    if "evidence" not in entry:
        return entry["what"]
    if file.get("name") is not None:
        return f"The file “{file['name']}”"
    return "A file that was erased" if file.get("erased_at") is not None else "A file"


def because(file: dict[str, Json], why: str) -> bool:
    """Whether a file that is not here can be so for that reason."""
    if file["erased_at"] is not None:
        return why == erased(file["erased_at"], file["erased_because"])
    return why == (file["redacted"] or SHUT.get(file["scan"], NO_KEY))


def erased(at: str, reason: str | None) -> str:
    """Why an erased file is not here. Both as its document has them."""
    return f"It was erased on {day_in_words(at[:10])}, its key destroyed. Reason: {reason}"


MONTHS = "January February March April May June July August September October November December"


def day_in_words(day: str) -> str:
    found = date.fromisoformat(day)
    return f"{found.day} {MONTHS.split()[found.month - 1]} {found.year}"


def check_words(case: Case, entries: list[dict[str, Json]]) -> Iterator[str]:
    """What is left out and has no id: words for what the other documents show to be missing."""
    bag, about = case.bag, case.bag.json(case.about)
    by_id = {"questions", "evidence", "submissions"}
    plain = [(one["what"], one["why"]) for one in entries if by_id.isdisjoint(one)]
    expected = [
        *ALWAYS,
        OF_ALL if bag.top == VENDOR else OF_ONE,
        *([] if about["intake"]["questionnaire"]["file"] else [INTAKE_WORDS]),
        *(OF_ANSWERS if case.redacted() else ()),
    ]
    if [one for one in plain if one[0] != ALL_NAMES] != expected:
        yield f"{case.about}: pack.left_out is not what is missing here"
    people = [
        bag.json(case.decision)["by"],
        *(one["name"] for one in bag.json(case.review)["entries"]),
        *(one["by"]["name"] for one in about["submissions"]),
    ]
    if {one is None for one in people} != {case.nameless} or (case.nameless and about["people"]):
        yield f"{case.about}: names of people are not left out as pack.left_out says"


def check_left_out(case: Case) -> Iterator[str]:
    """What is not here is listed as left out, and what is left out is not here."""
    about, closed = case.bag.json(case.about), case.left_out("questions")
    for question in case.questions():
        name, why = question["id"], question["redacted"]
        if why != closed.get(name):
            yield f"{case.answers}: {name} is not left out as {case.about} says"
        answers = [question["answer"]] if question["answer"] else []
        for one in (*answers, *question["revisions"]):
            shown = [one[key] for key in ("value", "words", "na_reason", "comment")]
            if one["redacted"] != why or (why is not None and shown != [None] * 4):
                yield f"{case.answers}: {name} is left out, and yet is not"
    questions = case.questions()
    counts = {"all": len(questions), "left_out": len(case.redacted())}
    if about["pack"]["questions"] != counts:
        yield f"{case.about}: {counts['left_out']} of {counts['all']} questions are left out"
    for name in sorted(set(closed) - {one["id"] for one in questions}):
        yield f"{case.answers}: {name} is missing"


def check_asked(case: Case) -> Iterator[str]:
    """Every question that was asked is there: none is kept back in silence."""
    about = case.bag.json(case.about)
    answered = {
        (one["id"], one["release"]): (
            case.answers,
            [q["id"] for section in one["sections"] for q in section["questions"]],
        )
        for one in case.bag.json(case.answers)["questionnaires"]
    }
    intake = about["intake"]["questionnaire"]
    if intake["file"]:
        there = [one["question"] for one in about["intake"]["answers"]]
        answered[intake["id"], intake["release"]] = case.about, there
    for one in [*about["questionnaires"], *([intake] if intake["file"] else [])]:
        where, there = answered.pop((one["id"], one["release"]), (case.answers, []))
        source = case.bag.read(one["file"]).decode()
        for name in one["asked"]:
            if name not in there:
                yield f"{where}: {name} was asked, and is neither here nor left out"
            if not re.search(r"(?<![\w-])" + re.escape(name) + r"(?![\w-])", source):
                yield f"{one['file']}: has no question {name}, which {case.about} says was asked"
        if sorted(there) != sorted(one["asked"]):
            yield f"{where}: {one['id']} has other questions than {case.about} says"
    for name, release in sorted(answered):
        yield f"{case.answers}: {name} {release} is not among what {case.about} says was asked"


def check_drawn_up(case: Case) -> Iterator[str]:
    """What was asked, and why so, is what the trail says of the drawing up."""
    drafts, about = case.events("assessment:draft"), case.bag.json(case.about)
    asked = {one["id"]: sorted(one["asked"]) for one in about["questionnaires"]}
    for event in drafts:
        if {name: sorted(some) for name, some in event["questions"].items()} != asked:
            yield f"{case.about}: other questions were asked than {TRAIL} says"
        if event["opened"].get("reason", "") != about["assessment"]["choice_reason"]:
            yield f"{case.about}: choice_reason is not what {TRAIL} says"


OF_ASSESSMENT = {
    "created_at": {"assessment:draft": "at"},
    "due": {"assessment:draft": "due", "assessment:extend": "to", "assessment:returned": "due"},
    "returned_at": {"assessment:returned": "at"},
    "submitted_at": {"submission:add": "at"},
    "decided_at": {"decision:make": "at"},
}
"""Fields of an assessment, and what of which events says them; the newest counts."""


def check_about(case: Case) -> Iterator[str]:
    """The assessment is as the trail, the last acknowledgement and the receipt tell of it."""
    bag, what = case.bag, case.about
    right = {field: newest(case.trail(), source) for field, source in OF_ASSESSMENT.items()}
    bought = newest(case.trail(), {"assessment:draft": "engagement"})
    risk = bag.json(case.receipt)["inherent"]["score"]
    tier = tier_of(number(risk), STD_1["inherent_bounds"])
    about = bag.json(what)
    row = about["assessment"]
    yield from mismatched(f"{what}: assessment", row, right, TRAIL)
    yield from mismatched(f"{what}: engagement", about["engagement"], {"id": bought}, TRAIL)
    services = {"services": row["facts"]["services"]}
    yield from mismatched(f"{what}: engagement", about["engagement"], services, "assessment.facts")
    rated = {"inherent_score": risk, "inherent_tier": tier}
    yield from mismatched(f"{what}: intake", about["intake"], rated, case.receipt)
    sent = case.events("submission:add")
    if sent and sent[-1]["object"] not in case.left_out("submissions"):
        name = numbered_file(case.root + "acknowledgements/", sent[-1])
        said_then = bag.json(name)
        bag.last = what
        for part, field, known in (
            ("assessment", "organisation", "organisation"),
            ("vendor", "name", "vendor"),
            ("engagement", "title", "engagement"),
        ):
            right = {field: said_then[known]}
            yield from mismatched(f"{what}: {part}", about[part], right, name)


def check_lists(case: Case) -> Iterator[str]:
    """Submissions and receipts are listed as the trail, and the files themselves, tell of them."""
    bag, gone = case.bag, case.left_out("submissions")
    submissions, receipts = [], []
    for event in case.events("submission:add"):
        file, by = numbered_file(case.root + "acknowledgements/", event), {}
        if event["object"] not in gone:
            by = {"by": bag.json(file)["submitted_by"]}
        told = {"number": event["so_far"], "at": event["at"], "sha256": event["sha256"]}
        submissions.append({**told, "file": file if by else None, **by})
    for place, event in enumerate(case.events("receipt:add"), 1):
        file = numbered_file(case.root + "receipts/", event)
        told = {"number": place, "submission": event["so_far"], "file": file}
        told.update({key: event[key] for key in ("sha256", "tier", "shown")})
        receipts.append({**told, "as_of": bag.json(file)["as_of"]})
    about = bag.json(case.about)
    yield from listed(f"{case.about}: submission", about["submissions"], submissions, TRAIL)
    yield from listed(f"{case.about}: receipt", about["receipts"], receipts, TRAIL)


def numbered_file(folder: str, event: dict[str, Json]) -> str:
    """The file that an event is about; its object is the assessment's id, /, the number."""
    return f"{folder}{event['object'].partition('/')[2]}.json"


def numbered(folder: str, events: list[dict[str, Json]], *keys: str) -> dict[str, Json]:
    """What events say of numbered files."""
    return {numbered_file(folder, event): [event[key] for key in keys] for event in events}


def check_receipts(case: Case) -> Iterator[str]:
    stated, folder, bag = {}, case.root + "receipts/", case.bag
    for name in bag.under(folder):
        receipt = bag.json(name)
        if canonical(receipt) != bag.read(name):
            yield f"{name}: is not canonical JSON"
        result = receipt["result"]
        stated[name] = [bag.hashed(name)[0], result["tier"], result["shown"]]
        for problem in differences(receipt):
            yield f"{name}: {problem}"
    events = case.events("receipt:add")
    yield from differ(stated, numbered(folder, events, "sha256", "tier", "shown"), TRAIL)


def check_decision(case: Case) -> Iterator[str]:
    bag, keys = case.bag, ("outcome", "receipt", "receipt_sha256", "at", "reasons", "conditions")
    decision = {key: bag.json(case.decision)[key] for key in keys}
    about = bag.json(case.about)["assessment"]
    receipt, sha256 = bag.json(case.receipt), bag.hashed(case.receipt)[0]
    for problem in differences(receipt):
        yield f"{case.receipt}: {problem}"
    if bag.hashed(f"{case.root}receipts/{decision['receipt']}.json")[0] != sha256:
        yield f"{case.receipt}: is not receipt {decision['receipt']}, which {case.decision} names"
    if decision["receipt_sha256"] != sha256:
        yield f"{case.decision}: receipt_sha256 is not that of {case.receipt}"
    events = case.events("decision:make")
    made = [[e["outcome"], e["receipt"], e["at"]] for e in events]
    if made != [[decision["outcome"], decision["receipt"], decision["at"]]]:
        yield f"{case.decision}: outcome, receipt and time are not what {TRAIL} says"
    words = [[e["opened"].get(key, "") for key in ("reasons", "conditions")] for e in events]
    if words != [[decision["reasons"], decision["conditions"]]]:
        yield f"{case.decision}: reasons and conditions are not what {TRAIL} says"
    by = {"by": case.name_of(events[-1]["opened"].get("actor"))} if events else {}
    yield from mismatched(case.decision, bag.json(case.decision), by, case.about)
    result = receipt["result"]
    right = [decision["outcome"], result["tier"], result["shown"], result["blocked"], "decided"]
    if [about[key] for key in ("outcome", "tier", "shown", "blocked", "state")] != right:
        yield f"{case.about}: outcome, tier, score or state are not those of the decision"
    if not case.events("assessment:decided"):
        yield f"{TRAIL}: has no event that the assessment was decided"


def check_items(case: Case) -> Iterator[str]:
    """The decision's receipt counts what was answered, shown and asked, and nothing else."""
    known, receipt = {one["id"]: one for one in case.questions()}, case.bag.json(case.receipt)
    answered = case.bag.json(case.about)["intake"]["answers"]
    intake = {one["question"]: one["value"] for one in answered}
    for name, factor in receipt["inherent"]["factors"].items():
        if intake[name] != (factor["answer"] or "unknown"):
            yield f"{case.receipt}: {name} is not what the intake in {case.about} says"
    items = [item["id"] for item in receipt["items"]]
    asked = {name for name, one in known.items() if one["asked"] and one["weight"] is not None}
    if len(items) > len(set(items)) or not asked.issubset(items):
        yield f"{case.receipt}: does not count each question that {case.answers} says was asked"
    for item in receipt["items"]:
        question, proof = known[item["id"]], item["evidence"]
        keys, barred = ("weight", "domain"), (None, question["knockout"])
        alike = all(item[key] == question[key] for key in keys) and item["knockout"] in barred
        if not (counted(item, question) and credited(item, question) and alike):
            yield f"{case.receipt}: {item['id']} is not counted as {case.answers} has it answered"
        shown = [
            proof["level"] in levels_then
            and [proof["issued_on"], proof["valid_until"]] in days_then
            for file in question["evidence"]
            if file["ended_at"] is None
            for levels_then, days_then in [standings(case, file)]
        ]
        if proof["level"] not in ("none", "erased") and not any(shown):
            yield f"{case.receipt}: {item['id']} counts evidence that {case.answers} does not list"


def counted(item: dict[str, Json], question: dict[str, Json]) -> bool:
    """Whether an item can count like this; how a left out answer counts, nobody can tell."""
    answer = question["answer"] or {}
    unknown = bool(answer) and question["redacted"] is not None
    given = any(answer.get(key) is not None for key in ("value", "compensating"))
    away = answer.get("na_reason") is not None
    fits = {
        "answered": unknown or given,
        "rejected": answer.get("standing") == "rejected",
        "na-claimed": unknown or away,
        "na-approved": unknown or away,
        "hidden-by-control": not question["asked"],
        "missing": True,
    }
    return fits[item["state"]]


SHARES = {"yes": Fraction(1), "partly": Fraction(1, 2), "no": Fraction(0)}


def credited(item: dict[str, Json], question: dict[str, Json]) -> bool:
    """Whether an item's credit is what its answer is worth, as far as the type of answer tells.

    What options, numbers, tables and countries are worth only the questionnaire's file says.
    """
    answer = question["answer"] or {}
    if item["state"] != "answered" or question["redacted"] is not None:
        return True
    value, credit = answer["value"], number(item["credit"])
    legal = (question["knockout"] or {}).get("level") == "legal"  # nothing makes up for it
    made_up = number(answer["compensating"] or "0") if not legal else Fraction(0)
    ways: dict[str, Callable[[], set[Fraction]]] = {
        "yes_no": lambda: {Fraction(0), Fraction(1)},
        "yes_partly_no": lambda: {SHARES[value]},
        "maturity": lambda: {Fraction(value, 4)},
        "multiple": lambda: {Fraction(len(value), len(question["offered"]))},
    }
    given = value is not None and answer["standing"] != "rejected"
    worths = ways.get(question["answer_type"], lambda: {credit})() if given else {Fraction(0)}
    return credit in {max(one, made_up) for one in worths}


def said(revision: dict[str, Json]) -> str | None:
    if revision["redacted"] is not None:
        return None
    return digest({key: revision[key] for key in ("value", "na_reason", "comment")})


def revisions(case: Case) -> dict[str, str | None]:
    """The digest of each revision; None of what is left out."""
    return {
        f"{case.answers}: {question['id']} revision {revision['revision']}": said(revision)
        for question in case.questions()
        for revision in question["revisions"]
    }


FRESH: dict[str, Any] = {
    "standing": "open",
    "na_approved_by": [],
    "na_refused": False,
    "confirmed": False,
    "compensating": None,
}
"""Where the review of an answer stands when it was just given."""
MARKS: dict[str, dict[str, Any]] = {
    "accept": {"standing": "accepted"},
    "reject": {"standing": "rejected", "compensating": None},
    "approve-na": {"na_refused": False},
    "refuse-na": {"na_refused": True, "na_approved_by": []},
    "confirm": {"confirmed": True},
    "compensate": {},
}
"""What reviewers do to an answer, and what it makes of it."""


def judged(case: Case) -> dict[str, dict[str, Json]]:
    """Where the review of each answer stands, by question: what was done and not undone."""
    found: dict[str, dict[str, Json]] = {}
    before: dict[str, dict[str, Json]] = {}
    for event in case.trail():
        room, _, verb = event["type"].partition(":")
        name = str(event.get("question"))
        if event["type"] == "answer:save":
            found[name] = FRESH
        elif event["type"] == "review:undo":
            found[name] = before.get(event["undoes"], found.get(name, FRESH))
        elif room == "review" and verb in MARKS:
            then = before[event["entry"]] = found.get(name, FRESH)
            found[name] = {**then, **MARKS[verb]}
            if verb == "approve-na":
                by = event["opened"].get("actor")
                found[name]["na_approved_by"] = [*then["na_approved_by"], by]
            elif verb == "compensate":
                found[name]["compensating"] = event["credit"]
    return found


def check_answers(case: Case) -> Iterator[str]:
    recorded = {
        f"{case.answers}: {e['question']} revision {e['revision']}": e["opened"].get("answer")
        for e in case.events("answer:save")
    }
    yield from differ(revisions(case), recorded, TRAIL)
    saved: dict[str, list[dict[str, Json]]] = {}
    for event in case.events("answer:save"):
        told = {"revision": event["revision"], "saved_at": event["at"]}
        told["invitation"] = event["opened"].get("actor")
        saved.setdefault(event["question"], []).append(told)
    now = judged(case)
    for question in case.questions():
        name = question["id"]
        revision = f"{case.answers}: {name} revision"
        yield from listed(revision, question["revisions"], saved.get(name, []), TRAIL)
        what, answer = f"{case.answers}: the answer to {name}", question["answer"]
        yield from mismatched(what, answer or {}, now.get(name, {}) if answer else {}, TRAIL)
        if question["asked"] == (question["not_asked_because"] is not None):
            yield f"{case.answers}: {name} must say why it was not asked, or that it was"
        keys = ("revision", "value", "words", "na_reason", "comment", "saved_at")
        newest = [[one[key] for key in keys] for one in question["revisions"][-1:]]
        answers = [question["answer"]] if question["answer"] else []
        if [[one[key] for key in keys] for one in answers] != newest:
            yield f"{case.answers}: the answer to {question['id']} is not its newest revision"
    if case.bag.read(case.table) != answers_csv(case.bag.json(case.answers)):
        yield f"{case.table}: does not say what {case.answers} says"


YES_OR_NO = {"yes": "Yes", "partly": "Partly", "no": "No"}


def in_words(question: dict[str, Json], said_then: dict[str, Json]) -> str | None:
    """An answer as people read it; None where its words have no one form (countries, tables)."""
    value, offered = said_then["value"], {one["id"]: one["text"] for one in question["offered"]}
    if value is None:
        return "Not answered" if said_then["na_reason"] is None else "Does not apply"
    ways: dict[str, Callable[[], Any]] = {
        "yes_no": lambda: YES_OR_NO[value],
        "yes_partly_no": lambda: YES_OR_NO[value],
        "choice": lambda: "Not known" if value == "unknown" else offered[value],
        "multiple": lambda: "; ".join(offered[one] for one in value) or "None of these",
        "maturity": lambda: f"Level {value} of 4: {offered[value]}",
        "text": lambda: value,
        "date": lambda: day_in_words(value),
        "number": lambda: " ".join([str(value), *said_then["words"].split(" ")[1:]]),  # its unit
    }
    found = ways.get(question["answer_type"], lambda: None)()
    return None if found is None else str(found)


def check_in_words(case: Case) -> Iterator[str]:
    """An answer that people read is the one that was given."""
    for question in case.questions():
        for one in question["revisions"]:
            words = in_words(question, one) if one["redacted"] is None else None
            if words not in (None, one["words"]):
                which = f"{question['id']} revision {one['revision']}"
                yield f"{case.answers}: {which} says in words what was not answered"


def check_acknowledgements(case: Case) -> Iterator[str]:
    known, bag, folder = revisions(case), case.bag, case.root + "acknowledgements/"
    asked = [
        {key: one[key] for key in ("id", "release", "sha256")}
        for one in bag.json(case.about)["questionnaires"]
    ]
    files = {(one["question"], one["evidence"], one["version"]): one for one in case.files()}
    gone, events = case.left_out("submissions"), case.events("submission:add")
    expected = [event for event in events if event["object"] not in gone]
    stated = {name: [bag.hashed(name)[0]] for name in bag.under(folder)}
    yield from differ(stated, numbered(folder, expected, "sha256"), TRAIL)
    newest = {}
    for event in expected:
        number = event["object"].partition("/")[2]
        name = f"{folder}{number}.json"
        said_then = bag.json(name)
        of = {"assessment": case.id, "submitted_at": event["at"]}
        yield from mismatched(name, said_then, of, TRAIL)
        if said_then["submission"] != int(number) or said_then["questionnaires"] != asked:
            yield f"{name}: has another number, or names other questionnaires than {case.about}"
        for one in said_then["answers"]:
            right = known.get(f"{case.answers}: {one['question']} revision {one['revision']}")
            if right != one["sha256"]:
                yield f"{name}: {one['question']} is not what {case.answers} says"
        for one in said_then["evidence"]:
            file = files.get((one["question"], one["evidence"], one["version"]), {})
            keys = ("size", "sha256") if file.get("erased_at") else ("name", "size", "sha256")
            days = standings(case, file)[1] if file else []
            there = [one["issued_on"], one["valid_until"]] in days
            if not there or any(file.get(key) != one[key] for key in keys):
                yield f"{name}: “{one['name']}” is not the file that {case.answers} lists"
        newest = {one["question"]: one["revision"] for one in said_then["answers"]}
    given = {
        one["id"]: one["answer"]["revision"]
        for one in case.questions()
        if one["asked"]
        and one["answer"]
        and (one["answer"]["value"] is not None or one["answer"]["na_reason"] is not None)
    }
    if not gone and given != newest:
        yield f"{case.answers}: the answers are not those of the last acknowledgement"


def standings(case: Case, file: dict[str, Json]) -> tuple[list[Json], list[Json]]:
    """The levels and the days that a file had for one answer, the newest last.

    A level is for this answer of this assessment, the days are the file's wherever it serves.
    """
    here = case.id
    levels, days = ["provided"], []
    for one in case.of_file(file):
        mine = one["assessment"] == here and one.get("question") in (None, file["question"])
        reviewed = one["type"] == "evidence:review"
        for state in [one[key] for key in ("from", "to") if reviewed and key in one]:
            days.append([state["issued_on"], state["valid_until"]])
            levels += [state["level"]] if mine else []
    return levels, days or [[file["issued_on"], file["valid_until"]]]


def check_evidence(case: Case) -> Iterator[str]:
    stated, left_out, bag = {}, case.left_out("evidence"), case.bag
    for file in case.files():
        key = named(file)
        stated[f"{case.answers}: evidence {key}"] = [file["sha256"], file["size"]]
        place = file["file"]
        if place is None:
            if key not in left_out:
                yield f"{case.answers}: evidence {key} is not here, and not among what was left out"
        elif file["redacted"] is not None or f"/{file['evidence']}/" not in place:
            yield f"{place}: is said to be left out, or lies where {case.answers} has another file"
        elif place not in bag.names or bag.hashed(place) != (file["sha256"], file["size"]):
            yield f"{place}: is not the file that {case.answers} lists"
        levels, days = standings(case, file)
        if [file["issued_on"], file["valid_until"]] != days[-1] or file["level"] != levels[-1]:
            yield f"{case.answers}: evidence {key} has another standing or dates than {TRAIL} says"
    gone = {one["object"] for one in case.events("evidence:remove") if not one["submitted_before"]}
    kept = {
        f"{case.answers}: evidence {one['object']}": [one["sha256"], one["size"]]
        for one in case.events("evidence:keep")
        if one["object"] not in gone or f"{case.answers}: evidence {one['object']}" in stated
    }
    yield from differ(stated, kept, TRAIL)


OF_A_FILE = {
    "uploaded_at": {"evidence:keep": "at"},
    "scan": {"evidence:keep": "scan", "evidence:clean": ":", "evidence:infected": ":"},
    "erased_at": {"evidence:erase": "at"},
}
"""Fields of a file, and what of which events says them; the newest counts."""


def uses(case: Case) -> dict[str, list[dict[str, Json]]]:
    """Which files served which question, from when until when; those that were submitted, or stay.

    The oldest first.
    """
    found: list[dict[str, Json]] = []
    mine = case.id
    for event in case.trail():
        if event["assessment"] == mine:
            note_use(found, event)
    served: dict[str, list[dict[str, Json]]] = {}
    for one in sorted(found, key=place_of):
        if one["submitted"] or one["ended_at"] is None:
            served.setdefault(one["question"], []).append(one)
    return served


def note_use(known: list[dict[str, Json]], event: dict[str, Json]) -> None:
    """What an event changes of the uses that are known so far."""
    if event["type"] in ("evidence:keep", "evidence:use"):
        evidence, _, version = event["object"].partition("/")
        told = {"question": event["question"], "evidence": evidence, "version": int(version)}
        known.append({**told, "added_at": event["at"], "ended_at": None, "submitted": False})
    elif event["type"] in ("submission:add", "evidence:remove"):
        for one in known:
            if one["ended_at"] is not None:
                continue
            if event["type"] == "submission:add":
                one["submitted"] = True
            elif (one["question"], named(one)) == (event["question"], event["object"]):
                one["ended_at"] = event["at"]


def place_of(file: dict[str, Json]) -> tuple[str, str, int, str]:
    """What files of a question are put in order by."""
    return file["added_at"], file["evidence"], file["version"], file["ended_at"] or ""


def check_uses(case: Case) -> Iterator[str]:
    """Each file serves what it does since when, and until when, the trail says."""
    served, bag = uses(case), case.bag
    reasons = {e["object"]: e["opened"].get("reason") for e in bag.trail() if of_erasure(e)}
    for one in itertools.chain.from_iterable(served.values()):
        events = case.of_file(one)
        one.update({field: newest(events, source) for field, source in OF_A_FILE.items()})
        reason = reasons.get(newest(events, {"evidence:erase": "erasure"}))
        if one["erased_at"] is not None:
            one["name"] = None
        one["erased_because"] = reason
    bag.last = case.answers
    for question in case.questions():
        what, right = f"{case.answers}: {question['id']} file", served.get(question["id"], [])
        yield from listed(what, sorted(question["evidence"], key=place_of), right, TRAIL)


def of_erasure(event: dict[str, Json]) -> bool:
    return bool(event["type"] == "erasure:add")


def related(
    events: list[dict[str, Json]], assessments: Iterable[str], files: Iterable[str]
) -> list[dict[str, Json]]:
    """Those of some assessments, and what became of some files, wherever and why."""
    mine, named_files = set(assessments), set(files)

    def is_mine(event: dict[str, Json]) -> bool:
        of_these = of_a_file(event) and event["object"] in named_files
        return bool(event["assessment"] in mine or of_these)

    erased_in = {one["erasure"] for one in filter(is_mine, events) if "erasure" in one}
    return [
        event
        for event in events
        if is_mine(event) or (of_erasure(event) and event["object"] in erased_in)
    ]


def thread(case: Case) -> dict[str, dict[str, Json]]:
    """The entries of the review by id, as the trail tells of them, in its order."""
    found: dict[str, dict[str, Json]] = {}
    before: dict[str, Json] = {}
    for event in case.trail():
        room, _, verb = event["type"].partition(":")
        if room == "review":
            told = {key: event[key] for key in ("question", "at")}
            told.update(
                action=verb,
                by=event["opened"].get("actor"),
                note=event["opened"].get("note"),
                submission=event["so_far"],
                undone_at=None,
            )
            if verb == "undo":
                undone = found.get(event["undoes"], {})
                undone["undone_at"] = event["at"]
                told.update({key: undone[key] for key in ("evidence",) if key in undone})
            elif not verb.startswith("evidence-"):
                told["evidence"] = None
            elif before.get("type") == "evidence:review" and before["assessment"] == case.id:
                told["evidence"] = before["object"]  # what a review changes comes right before it
            found[event["entry"]] = told
        before = event
    return found


def check_review(case: Case) -> Iterator[str]:
    told, files = thread(case), {(one["question"], named(one)): one for one in case.files()}
    entries, closed = case.bag.json(case.review)["entries"], case.left_out("questions")
    case.bag.last = case.review
    ids = [one["id"] for one in entries]
    what = f"{case.review}: entry "
    stated, recorded = (dict.fromkeys(what + one for one in names) for names in (ids, told))
    yield from differ(stated, recorded, TRAIL)
    if set(ids) == set(told) and ids != [*told]:
        yield f"{case.review}: does not have the order of {TRAIL}"
    for one in entries:
        file = files.get((one["question"], one["evidence"]), {})
        if one["evidence"] is not None and not file:
            yield f"{what}{one['id']}: is about a file that {case.answers} does not list"
        noted = {**one, "note": one["note"] or None}
        yield from mismatched(what + one["id"], noted, told.get(one["id"], {}), TRAIL)
        shut = file.get("redacted") if file.get("redacted") != NO_FILES else None
        right = {"name": case.name_of(one["by"]), "redacted": closed.get(one["question"], shut)}
        yield from mismatched(what + one["id"], one, right, case.about)


WORDS = {
    "assessment": {"reason"},
    "decision": {"reasons", "conditions"},
    "review": {"note"},
}
"""What events commit to, by their kind, that a pack keeps back only where it says so."""


def check_opened(case: Case) -> Iterator[str]:
    """Words that an event commits to are here, or it is said that they are left out."""
    entries = case.bag.json(case.review)["entries"]
    shut = {one["id"] for one in entries if one["redacted"] is not None}
    for event in case.trail():
        words = WORDS.get(event["type"].partition(":")[0], set())
        for field in sorted(words.intersection(event["private"]).difference(event["opened"])):
            if event.get("entry") not in shut:
                yield f"{TRAIL}: {event['type']} at {event['at']} keeps back its {field} in silence"


def check_questionnaires(case: Case) -> Iterator[str]:
    bag, about = case.bag, case.bag.json(case.about)
    asked = about["questionnaires"]
    named = [{key: one[key] for key in ("id", "release", "sha256")} for one in asked]
    intake = about["intake"]["questionnaire"]
    for one in [*asked, *([intake] if intake["file"] else [])]:
        if bag.hashed(one["file"])[0] != one["sha256"]:
            yield f"{one['file']}: has another SHA-256 than {case.about} says"
        if one["file"] != f"data/questionnaires/{one['id']}-{one['release']}.yaml":
            yield f"{case.about}: {one['file']} is not called after its id and release"
    if bag.json(case.receipt)["questionnaires"] != named:
        yield f"{case.receipt}: names other questionnaires than {case.about}"
    drafted = [one["releases"] for one in case.events("assessment:draft")]
    if drafted != [[[one["id"], one["release"], one["sha256"]] for one in asked]]:
        yield f"{case.about}: names other questionnaires than {TRAIL}"


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
    answer = dict(question["answer"] or {})
    if question["redacted"] is not None:
        answer["words"] = "(left out) " + question["redacted"]
    cells = ("words", "na_reason", "comment", "revision", "saved_at", "standing")
    files = [
        file["file"]
        or "(left out) " + (file["name"] or "a file" + " that was erased" * bool(file["erased_at"]))
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


def own_schemes(case: Case) -> Iterator[str]:
    """What a reader must know of each scheme that is not std-1: in which constants it differs."""
    bag = case.bag
    for name in sorted({*bag.under(case.root + "receipts/"), case.receipt}.intersection(bag.names)):
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


OF_THE_BAG = (
    check_declaration,
    check_payload,
    check_tags,
    check_signature,
    check_stamp,
    check_checkpoint,
    check_info,
    check_trail,
    check_proofs,
    check_vendor,
    check_register,
    check_names,
)
OF_EACH_CASE = (
    check_about,
    check_bought,
    check_intake,
    check_lists,
    check_left_out,
    check_omissions,
    check_questionnaires,
    check_opened,
    check_asked,
    check_drawn_up,
    check_answers,
    check_in_words,
    check_evidence,
    check_uses,
    check_acknowledgements,
    check_receipts,
    check_items,
    check_review,
    check_decision,
)


class Findings(NamedTuple):
    """What is wrong with a pack, each beginning with the file's name; what else to know of it."""

    problems: list[str]
    notes: list[str]
    anchored: bool
    """Whether it was signed by the key that was expected"""

    @property
    def code(self) -> int:
        """What the program ends with."""
        return 1 if self.problems else 0 if self.anchored else 4

    @property
    def verdict(self) -> str:
        """The last line."""
        if self.problems:
            count = len(self.problems)
            return f"FAILED: {count} problem{'s' if count > 1 else ''}"
        if self.anchored:
            return "OK: signed by the key that was expected; " + WHOLE
        return NOT_ANCHORED


def problems(path: Path, key: str | None = None) -> list[str]:
    """Everything that is wrong with a pack; ssh-keygen is not asked."""
    return examined(path, key, ask=False).problems


def examined(path: Path, key: str | None = None, *, ask: bool = True) -> Findings:
    """Checks a folder or a ZIP. `key`: the fingerprint expected; `ask`: whether ssh-keygen is."""
    try:
        if path.is_dir():
            return concluded(Bag(path), key, ask)
        with zipfile.ZipFile(path) as archive:
            return concluded(Bag(path, archive), key, ask)
    except MALFORMED as error:
        return Findings([f"{path.name}: cannot be opened as a pack: {worded(error)}"], [], False)


def concluded(bag: Bag, key: str | None, ask: bool) -> Findings:
    found = list(bag.faults)
    checks = [*OF_THE_BAG, lambda bag: check_key(bag, key), *([second_opinion] if ask else [])]
    for check in checks:
        found += tried(bag, check, bag)
    cases: list[Case] = []
    with contextlib.suppress(*MALFORMED):  # what is wrong was found already
        cases = bag.cases()
    for case in cases:
        for check_one in OF_EACH_CASE:
            found += tried(bag, check_one, case)
    notes: list[str] = []
    with contextlib.suppress(*MALFORMED):
        for case in cases:
            notes += [*own_schemes(case), *counted_out(case)]
    anchored = key is not None and not found
    return Findings(list(dict.fromkeys(found)), list(dict.fromkeys(notes)), anchored)


def tried(bag: Bag, check: Callable[[Any], Iterator[str]], what: Bag | Case) -> list[str]:
    """What a check finds; what it cannot read is a problem of that file."""
    found: list[str] = []
    try:
        for problem in check(what):
            found.append(problem)  # noqa: PERF402 - what came before an error is kept
    except MALFORMED as error:
        found.append(f"{bag.last}: {worded(error)}")
    except subprocess.SubprocessError as error:
        found.append(f"{SIGNATURE}: ssh-keygen did not end: {worded(error)}")
    return found


def counted_out(case: Case) -> Iterator[str]:
    """How much was left out."""
    of = f" of assessment {case.id}" if case.bag.top == VENDOR else ""
    questions, gone = case.questions(), case.left_out("evidence")
    if case.redacted():
        yield (
            f"NOTE: {len(case.redacted())} of {len(questions)} questions{of} were left out;"
            f" {case.about} says which and why."
        )
    if gone:
        files = set(map(named, case.files()))
        yield (f"NOTE: {len(gone)} of {len(files)} files{of} are not here; {case.about} says why.")


def worded(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"lacks {error}"
    return str(error) or type(error).__name__


def printable(line: str) -> str:
    """The line without marks that could hide or move text on a screen."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in line)


def expected_key(arguments: list[str]) -> tuple[list[str], str | None]:
    """The other arguments, and the fingerprint behind --key. Raises ValueError."""
    if "--key" not in arguments:
        return arguments, None
    at = arguments.index("--key")
    key = "".join(arguments[at + 1 : at + 2])
    if re.fullmatch("SHA256:[A-Za-z0-9+/]{43}", key) is None:
        raise ValueError("--key takes a fingerprint such as ssh-keygen -l prints: SHA256:…")
    return arguments[:at] + arguments[at + 2 :], key


def main(arguments: list[str]) -> int:
    try:
        paths, key = expected_key(arguments)
        if len(paths) > 1 or any(one.startswith("-") for one in paths):
            raise ValueError("usage: python3 -I verify.py [PATH] [--key SHA256:…]")  # noqa: TRY301
    except ValueError as error:
        sys.stderr.buffer.write(f"{error}\n".encode())
        return 2
    found = examined(Path(paths[0] if paths else "."), key)
    for line in (*found.problems, *found.notes, found.verdict):
        sys.stdout.buffer.write(printable(line).encode() + b"\n")
    return found.code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
