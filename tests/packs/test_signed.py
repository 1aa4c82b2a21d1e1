"""The signature, the log and VERIFY.md: by everybody's tools, and against who tampers."""

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import bagit
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from riskapp.core.crypto.signing import Key
from riskapp.packs.shipped import verify
from riskapp.packs.shipped.verify import examined, problems
from riskapp.packs.verify import examine_file
from tests.packs.conftest import Delivered
from tests.packs.forging import forge_log, note, replaced
from tests.packs.stories import Unpacked
from tests.packs.test_verify_falsified import better_receipt_throughout, change_events
from tests.requirements import missing, ssh_keygen

SIGNATURE = "tagmanifest-sha256.txt.sig"
GUIDE = Path(verify.__file__).with_name("VERIFY.md")


def other_key() -> Key:
    return Key(Ed25519PrivateKey.generate())


def shell(command: str, cwd: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def blocks() -> list[str]:
    """The commands of VERIFY.md as they are copied from it, block for block."""
    found = re.findall(r"(?:^    .+\n)+", GUIDE.read_text(), re.MULTILINE)
    return [re.sub("^    ", "", one, flags=re.MULTILINE) for one in found]


EXPECTED: dict[str, tuple[int, str]] = {
    "python3 -I verify.py --key": (0, "OK: signed by the key that was expected"),
    "python3 -I verify.py\n": (4, "NOT ANCHORED: "),
    "sha256sum": (0, "manifest-sha256.txt: OK"),
    "listed=": (0, ""),
    "ssh-keygen": (0, 'Good "riskapp-pack" signature for riskapp with ED25519 key SHA256:'),
    "cut -d": (0, "{fingerprint}="),
    "t=": (0, "Signature Verified Successfully"),
}
"""By how a block begins: what it ends with and prints"""


def test_every_command_of_the_guide_does_what_it_says_there(
    bag: Unpacked, delivered: Delivered
) -> None:
    for program in ("ssh-keygen", "openssl", "python3", "sha256sum"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not here")
    seen = set()
    for block in blocks():
        if "authority.pem" in block:
            continue  # there is no time stamp in this pack: see below
        (begins,) = [one for one in EXPECTED if block.startswith(one)]
        seen.add(begins)
        code, said = EXPECTED[begins]
        fingerprint = delivered.key.fingerprint
        done = shell(block.replace("SHA256:…", fingerprint), bag.folder)
        assert (done.returncode, done.stderr) == (code, ""), block
        assert said.format(fingerprint=fingerprint.removeprefix("SHA256:")) in done.stdout, block
        assert bool(done.stdout) == (begins != "listed="), block
    assert seen == set(EXPECTED)


def test_the_commands_of_the_guide_find_what_was_changed_and_what_was_added(
    bag: Unpacked,
) -> None:
    (bag / "data/answers.csv").write_bytes(b"other")
    (bag / "data/more.txt").write_bytes(b"more")
    (bag / "data/decision-final.json").symlink_to("/etc/hostname")
    (bag / "data/empty").mkdir()
    (bag / "tagmanifest-sha256.txt").write_bytes(
        (bag / "tagmanifest-sha256.txt").read_bytes() + b"\n"
    )
    found = {block.split()[0].partition("=")[0]: shell(block, bag.folder) for block in blocks()}
    assert "data/answers.csv: FAILED" in found["sha256sum"].stdout
    added = {"data/decision-final.json", "data/more.txt", "./data/empty"}
    assert set(found["listed"].stdout.splitlines()) == added
    assert found["ssh-keygen"].returncode != 0
    signed = next(one for one in blocks() if one.startswith("t=") and "SSHSIG" in one)
    assert "Verified Successfully" not in shell(signed, bag.folder).stdout


def test_stock_ssh_keygen_takes_the_signature_and_names_the_key(
    bag: Unpacked, delivered: Delivered
) -> None:
    if ssh_keygen() is None:
        missing("ssh-keygen")
    command = "ssh-keygen -Y verify -f keys/allowed_signers -I riskapp -n {} -s {} < {}"
    good = command.format("riskapp-pack", SIGNATURE, "tagmanifest-sha256.txt")
    done = shell(good, bag.folder)
    assert done.returncode == 0
    assert delivered.key.fingerprint in done.stdout
    for wrong in (
        command.format("riskapp-erasure", SIGNATURE, "tagmanifest-sha256.txt"),
        command.format("riskapp-pack", SIGNATURE, "manifest-sha256.txt"),
    ):
        assert shell(wrong, bag.folder).returncode != 0


def test_the_library_of_congress_finds_a_valid_bag(bag: Unpacked) -> None:
    bagit.Bag(str(bag.folder)).validate()
    (bag / "data/answers.csv").write_bytes(b"other")
    with pytest.raises(bagit.BagValidationError):
        bagit.Bag(str(bag.folder)).validate()


def test_without_ssh_keygen_the_script_finds_the_same(
    bag: Unpacked, monkeypatch: pytest.MonkeyPatch, delivered: Delivered
) -> None:
    monkeypatch.setenv("PATH", str(bag.folder))
    assert examined(bag.folder, delivered.key.fingerprint).code == 0
    (bag / SIGNATURE).write_text(other_key().sign("riskapp-pack", b"x"))
    found = examined(bag.folder, delivered.key.fingerprint)
    assert any(SIGNATURE in one for one in found.problems)


@settings(max_examples=20, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 63), st.integers(0, 7))
def test_the_scripts_own_ed25519_agrees_with_the_library(
    message: bytes, byte: int, bit: int
) -> None:
    private = Ed25519PrivateKey.generate()
    key = Key(private).raw_public_key
    signature = private.sign(message)
    assert verify.signs(key, message, signature)
    wrong = bytearray(signature)
    wrong[byte] ^= 1 << bit
    assert not verify.signs(key, message, bytes(wrong))
    assert not verify.signs(key, message + b"x", signature)


def test_a_signature_has_one_form_and_no_second_one_with_a_larger_number() -> None:
    private = Ed25519PrivateKey.generate()
    signature = private.sign(b"x")
    number = int.from_bytes(signature[32:], "little") + verify.ORDER
    if number < 1 << 256:
        again = signature[:32] + number.to_bytes(32, "little")
        assert not verify.signs(Key(private).raw_public_key, b"x", again)


def armour(change: Callable[[str], str]) -> Callable[[Unpacked], None]:
    def tamper(bag: Unpacked) -> None:
        path = bag / SIGNATURE
        path.write_bytes(change(path.read_text()).encode())

    return tamper


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + "\n",
        lambda text: text + "and more\n",
        lambda text: "more\n" + text,
        lambda text: text + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.rstrip("\n"),
        lambda text: text.replace("U1NI", "U1 NI", 1),
        lambda text: text[:100].replace("\n", "") + text[100:],
        lambda text: text.replace("=\n-----END", "\n-----END"),
        lambda text: text.replace("BEGIN SSH", "BEGIN  SSH"),
        lambda _: "",
    ],
)
def test_stray_bytes_in_the_signatures_armour_are_found(
    bag: Unpacked, change: Callable[[str], str]
) -> None:
    before = (bag / SIGNATURE).read_text()
    armour(change)(bag)
    if (bag / SIGNATURE).read_bytes() == before.encode():
        pytest.skip("nothing to change in this one")
    assert any(SIGNATURE in one for one in problems(bag.folder))


def test_a_receipt_that_was_edited_fails_by_the_signature_however_lists_are_redone(
    bag: Unpacked, delivered: Delivered
) -> None:
    better_receipt_throughout(bag)
    bag.list_anew()
    found = examined(bag.folder, delivered.key.fingerprint)
    assert f"{SIGNATURE}: does not sign tagmanifest-sha256.txt as it is here" in found.problems


def test_who_signs_a_false_pack_by_a_key_of_their_own_fails_by_the_fingerprint_alone(
    bag: Unpacked, delivered: Delivered
) -> None:
    """Why it is NOT ANCHORED without one: such a pack contradicts itself in nothing."""

    def rename(event: dict[str, object]) -> None:
        if event["type"] == "assessment:decided":
            event["at"] = "2026-11-27T09:00:00+00:00"

    change_events(bag, rename)
    key = other_key()
    forge_log(bag, key)
    bag.list_anew(key)
    assert examined(bag.folder).code == 4
    assert examined(bag.folder, key.fingerprint).code == 0
    found = examined(bag.folder, delivered.key.fingerprint)
    assert found.code == 1
    (problem,) = found.problems
    assert problem == (
        f"keys/allowed_signers: the pack is signed by {key.fingerprint}, not by the key that was"
        " expected"
    )


def test_a_false_pack_that_keeps_the_true_key_beside_it_fails(
    bag: Unpacked, delivered: Delivered
) -> None:
    signers = (bag / "keys/allowed_signers").read_text()
    key = other_key()
    forge_log(bag, key)
    for text in (signers, signers + f'riskapp namespaces="riskapp-pack" {key.public_key}\n'):
        (bag / "keys/allowed_signers").write_text(text)
        bag.list_anew(key)
        assert examined(bag.folder, delivered.key.fingerprint).code == 1


def lines(bag: Unpacked) -> list[bytes]:
    return (bag / "audit/events.jsonl").read_bytes().splitlines(keepends=True)


def event_left_out(bag: Unpacked) -> str:
    """One that nothing else tells of."""
    gone = next(one for one in lines(bag) if b'"evidence:review"' in one or b'"invitation:' in one)
    kept = [one for one in lines(bag) if one != gone]
    (bag / "audit/events.jsonl").write_bytes(b"".join(kept))
    return f"audit/proofs/{json.loads(gone)['number']}.tlog-proof: proves no event that is here"


def event_invented(bag: Unpacked) -> str:
    entry = json.loads(lines(bag)[-1])
    entry["number"] += 1
    (bag / "audit/events.jsonl").write_bytes(
        b"".join([*lines(bag), verify.canonical(entry) + b"\n"])
    )
    return f"audit/proofs/{entry['number']}.tlog-proof: is missing"


def event_renumbered(bag: Unpacked) -> str:
    entry = json.loads(lines(bag)[-1])
    number = entry["number"]
    entry["number"] = number + 1
    text = [*lines(bag)[:-1], verify.canonical(entry) + b"\n"]
    (bag / "audit/events.jsonl").write_bytes(b"".join(text))
    before = bag / f"audit/proofs/{number}.tlog-proof"
    before.rename(bag / f"audit/proofs/{number + 1}.tlog-proof")
    replaced(
        bag / f"audit/proofs/{number + 1}.tlog-proof", f"index {number}", f"index {number + 1}"
    )
    return f"audit/proofs/{number + 1}.tlog-proof: does not prove event {number + 1}"


def event_changed(bag: Unpacked) -> str:
    number = json.loads(lines(bag)[0])["number"]
    first = lines(bag)[0].replace(b'"at":"2026-11', b'"at":"2026-10')
    (bag / "audit/events.jsonl").write_bytes(b"".join([first, *lines(bag)[1:]]))
    return f"audit/proofs/{number}.tlog-proof: does not prove event {number}"


def proofs_swapped(bag: Unpacked) -> str:
    one, two = [json.loads(line)["number"] for line in lines(bag)[:2]]
    first, second = (bag / f"audit/proofs/{number}.tlog-proof" for number in (one, two))
    texts = first.read_bytes(), second.read_bytes()
    second.write_bytes(texts[0])
    first.write_bytes(texts[1])
    return f"audit/proofs/{one}.tlog-proof: is not a proof for event {one}"


def proofs_of_another_place(bag: Unpacked) -> str:
    one, two = [json.loads(line)["number"] for line in lines(bag)[:2]]
    first, second = (bag / f"audit/proofs/{number}.tlog-proof" for number in (one, two))
    text = second.read_text().replace(f"index {two}\n", f"index {one}\n")
    first.write_text(text)
    return f"audit/proofs/{one}.tlog-proof: does not prove event {one}"


def opening_of_other_words(bag: Unpacked) -> str:
    entry = next(json.loads(line) for line in lines(bag) if b"Too vague." in line)
    entry["opened"]["note"]["value"] = "Very good."
    changed = [
        verify.canonical(entry) + b"\n" if b"Too vague." in line else line for line in lines(bag)
    ]
    (bag / "audit/events.jsonl").write_bytes(b"".join(changed))
    return f"event {entry['number']} commits to another note"


def note_of_other_words(bag: Unpacked) -> str:
    review = bag.json("data/review.json")
    entry = next(one for one in review["entries"] if one["note"] == "Too vague.")
    entry["note"] = "Very good."
    (bag / "data/review.json").write_text(json.dumps(review))
    return f"data/review.json: entry {entry['id']}: note is not what audit/events.jsonl says"


def reasons_of_other_words(bag: Unpacked) -> str:
    replaced(bag / "data/decision.json", "Sound throughout.", "Sound on the whole.")
    return "data/decision.json: reasons and conditions are not what"


def other_people_acted(bag: Unpacked) -> str:
    review = bag.json("data/review.json")
    review["entries"][0]["by"] = "0" * 32
    (bag / "data/review.json").write_text(json.dumps(review))
    return f"data/review.json: entry {review['entries'][0]['id']}: by is not what"


def checkpoint_of_another_size(bag: Unpacked) -> str:
    replaced(bag / "audit/checkpoint", "\n117\n", "\n118\n")
    return "audit/checkpoint: is not signed by the key"


def another_root_named(bag: Unpacked) -> str:
    about = bag.json("data/assessment.json")
    about["pack"]["checkpoint"]["root"] = base64.b64encode(bytes(32)).decode()
    (bag / "data/assessment.json").write_text(json.dumps(about))
    return "data/assessment.json: names another checkpoint than audit/checkpoint"


@pytest.mark.parametrize(
    "tamper",
    [
        another_root_named,
        checkpoint_of_another_size,
        event_changed,
        event_invented,
        event_left_out,
        event_renumbered,
        note_of_other_words,
        opening_of_other_words,
        other_people_acted,
        proofs_of_another_place,
        proofs_swapped,
        reasons_of_other_words,
    ],
)
def test_a_trail_that_was_tampered_with_fails_even_by_who_has_the_key_of_packs(
    bag: Unpacked, delivered: Delivered, tamper: Callable[[Unpacked], str]
) -> None:
    expected = tamper(bag)
    bag.list_anew(delivered.key)
    found = problems(bag.folder)
    assert any(expected in one for one in found), found


def test_the_checkpoint_of_another_log_fails(bag: Unpacked, delivered: Delivered) -> None:
    (bag / "audit/checkpoint").write_text(
        note("elsewhere.example/trail", 117, bytes(32), other_key())
    )
    bag.list_anew(delivered.key)
    assert any("audit/checkpoint: is not signed by the key" in one for one in problems(bag.folder))
    (bag / "audit/checkpoint").write_text(
        note("elsewhere.example/trail", 117, bytes(32), delivered.key)
    )
    bag.list_anew(delivered.key)
    found = " ".join(problems(bag.folder))
    assert "keys/log.vkey: is not the key" in found
    assert "data/assessment.json: names another checkpoint" in found
    assert "is not a proof for event" in found


def test_a_pack_that_was_cut_or_zipped_again_is_refused_and_so_are_hidden_bytes(
    zipped: Path, bag: Unpacked, tmp_path: Path
) -> None:
    data = zipped.read_bytes()
    for size in (0, 10, len(data) // 2, len(data) - 1):
        zipped.write_bytes(data[:size])
        assert examine_file(zipped).code == 1, size
        assert examined(zipped).code == 1, size
    for hidden in (b"#!" + data, data + b"more"):
        zipped.write_bytes(hidden)
        assert examine_file(zipped).code == 1
        assert any(one.startswith("the ZIP: ") for one in problems(zipped))
    again = shutil.make_archive(str(tmp_path / "again"), "zip", bag.folder.parent)
    assert examine_file(Path(again)).code == 1
