"""Nothing rides along in a pack: no byte of the ZIP, no file, no line that nothing tells of.

And what is told of erased files, and of what answers are worth, is held to the trail and to them.
"""

import json
import struct
import zipfile
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

import pytest

from riskapp.core.db import reading
from riskapp.custody.erasing import erase_file
from riskapp.packs.shipped import verify
from riskapp.packs.shipped.verify import problems
from riskapp.web.ports import ports
from tests.cast import Cast
from tests.custody.erasing import REASON, means, wish
from tests.packs.conftest import Delivered
from tests.packs.stories import Unpacked, exported, unpack
from tests.packs.test_export import one_file
from tests.packs.test_verify_falsified import dump, load, questions, write_answers

SAMPLE = 40
"""So many bytes between the files of a ZIP are changed, one at a time."""


def frame(path: Path) -> list[int]:
    """The places of all bytes that are no file's: what stands before each, and the directory."""
    with zipfile.ZipFile(path) as archive:
        infos, end = archive.infolist(), path.stat().st_size
    found: list[int] = []
    behind = 0
    for info in infos:
        begin = info.header_offset + 30 + len(info.filename.encode())
        found += range(info.header_offset, begin)
        behind = begin + info.file_size
    return [*found, *range(behind, end)]


def test_no_byte_between_the_files_of_the_zip_can_be_another_one(zipped: Path) -> None:
    dice, data = Random(12), zipped.read_bytes()  # noqa: S311 - repeatable on purpose
    for at in dice.sample(frame(zipped), SAMPLE):
        changed = bytearray(data)
        changed[at] ^= 1 << dice.randrange(8)
        zipped.write_bytes(changed)
        assert problems(zipped), f"byte {at}"


def test_a_file_that_only_programs_without_the_directory_unpack_is_found(zipped: Path) -> None:
    """Room for it is made by an extra field, as if the ZIP were in its 64-bit form."""
    data = zipped.read_bytes()
    with zipfile.ZipFile(zipped) as archive:
        folder, count = archive.namelist()[0].partition("/")[0], len(archive.namelist())
    end = data.rindex(b"PK\x05\x06")
    length, start = struct.unpack("<LL", data[end + 12 : end + 20])
    first = data[start : start + length]
    extra = 46 + struct.unpack("<H", first[28:30])[0]
    listed = first[:30] + struct.pack("<H", 4) + first[32:extra] + b"\xfe\xca\0\0" + first[extra:]
    name, room = f"{folder}/data/decision.json".encode(), 48 * count + 76 - 4
    body = b'{"outcome": "approve"}'.ljust(room - 30 - len(name))
    sizes = (crc32(body), len(body), len(body), len(name), 0)
    hidden = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0x800, 0, 0, 0x5C21, *sizes) + name + body
    place = (0, 0, count, count, len(listed), start + len(hidden), 0)
    whole = data[:start] + hidden + listed + struct.pack("<4s4H2LH", b"PK\x05\x06", *place)
    zipped.write_bytes(whole)
    assert len(whole) - len(data) == 48 * count + 76
    assert any(one.startswith("the ZIP: ") for one in problems(zipped))


@pytest.mark.parametrize(
    "name",
    [
        "READ THIS FIRST.html",
        "audit/events-2.jsonl",
        "data/decision-final.json",
        "data/evidence/ISM-05/more.pdf",
        "data/questionnaires/another-1.0.0.yaml",
        "data/receipts-old/1.json",
        "keys/other.pub",
    ],
)
def test_a_file_that_nothing_tells_of_is_named(
    bag: Unpacked, delivered: Delivered, name: str
) -> None:
    (bag / name).parent.mkdir(exist_ok=True)
    (bag / name).write_text("{}")
    bag.list_anew(delivered.key)
    told = f"{name}: is a file that nothing in the pack tells of"
    assert told in problems(bag.folder, delivered.key.fingerprint)


def test_a_line_that_packs_do_not_have_is_named(bag: Unpacked, delivered: Delivered) -> None:
    info = bag / "bag-info.txt"
    info.write_text(info.read_text() + "Pack-Note: Verified by the regulator\n")
    bag.list_anew(delivered.key)
    told = "bag-info.txt: Pack-Note is not among what packs say there"
    assert problems(bag.folder, delivered.key.fingerprint) == [told]


def test_when_and_why_a_file_was_erased_is_what_the_trail_says(
    told: str, cast: Cast, tmp_path: Path
) -> None:
    file = one_file(told)
    reading().rollback()
    erase_file(means(), cast.vera.vendor_id, file.evidence_id, wish(cast.oskar))
    bag = unpack(b"".join(exported(told, cast.oskar).chunks), tmp_path / "erased")
    key = ports().signer.held()
    assert problems(bag.folder, key.fingerprint) == []
    assert "erasure:add" in (bag / "audit/events.jsonl").read_text()
    answers, about = load(bag, "data/answers.json"), load(bag, "data/assessment.json")
    other = "The vendor withdrew it as forged."

    for before, after in ((REASON, other), ("2026", "2020")):
        then = json.loads(json.dumps(about))
        for one in then["pack"]["left_out"]:
            if "evidence" in one:
                one["why"] = one["why"].replace(before, after)
        dump(bag, "data/assessment.json", then)
        bag.list_anew(key)
        assert any("for the reason that it says" in one for one in problems(bag.folder))
    for question in questions(answers).values():
        for one in question["evidence"]:
            if one["erased_at"]:
                one["erased_because"] = other
    then = json.loads(json.dumps(about).replace(REASON, other))
    dump(bag, "data/assessment.json", then)
    write_answers(bag, answers)
    bag.list_anew(key)
    told_of = "erased_because is not what audit/events.jsonl says"
    assert any(told_of in one for one in problems(bag.folder))


WRONG = {"yes_no": "1/2", "yes_partly_no": "1/3", "maturity": "1/3", "multiple": "1/7"}


def test_an_answer_counts_what_its_type_says_that_it_is_worth(
    bag: Unpacked, delivered: Delivered
) -> None:
    known = questions(load(bag, "data/answers.json"))
    receipt = load(bag, "data/receipt.json")
    tried: dict[str, str] = {}
    for item in receipt["items"]:
        kind = known[item["id"]]["answer_type"]
        if item["state"] == "answered" and kind in WRONG:
            item["credit"] = WRONG[kind]
            tried[item["id"]] = kind
    assert set(tried.values()) >= {"yes_no", "yes_partly_no"}
    (bag / "data/receipt.json").write_bytes(verify.canonical(receipt))
    bag.list_anew(delivered.key)
    found = problems(bag.folder)
    for name in tried:
        assert (
            f"data/receipt.json: {name} is not counted as data/answers.json has it answered"
            in found
        )


def test_days_and_numbers_in_words_are_those_that_were_answered(
    bag: Unpacked, delivered: Delivered
) -> None:
    answers = load(bag, "data/answers.json")
    changed: dict[str, Any] = {}
    for name, question in questions(answers).items():
        kind = question["answer_type"]
        if kind in {"date", "number"} and (question["answer"] or {}).get("value") is not None:
            changed[name] = kind
            for one in (question["answer"], question["revisions"][-1]):
                one["words"] = "31 December 2099" if kind == "date" else "99 days"
    assert set(changed.values()) == {"date", "number"}
    write_answers(bag, answers)
    bag.list_anew(delivered.key)
    found = problems(bag.folder)
    for name in changed:
        assert any(one.startswith(f"data/answers.json: {name} revision") for one in found), name
