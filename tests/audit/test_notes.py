"""Signed notes, keys and proofs, held to what the C2SP texts say, computed here anew."""

import base64
import hashlib
import random
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from riskapp.audit.notes import (
    NoteInvalid,
    Proof,
    Tree,
    key_id,
    opened,
    origin_fit,
    proof_text,
    signed,
    verifier_key,
)

ORIGIN = "risk.example.com/trail"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
TREE = Tree(ORIGIN, 4711, hashlib.sha256(b"root").digest())
TEXT = f"{ORIGIN}\n4711\n{base64.b64encode(TREE.root).decode()}\n"


def raw(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def line(key: Ed25519PrivateKey, text: str = TEXT, name: str = ORIGIN) -> str:
    """c2sp.org/signed-note: “— name base64(key id || signature)”, of Ed25519, which is type 1."""
    named = hashlib.sha256(name.encode() + b"\n" + bytes([1]) + raw(key)).digest()[:4]
    return f"— {name} {base64.b64encode(named + key.sign(text.encode())).decode()}\n"


def test_a_note_is_what_the_specification_says_to_the_byte() -> None:
    assert signed(TREE, raw(KEY), KEY.sign) == f"{TEXT}\n{line(KEY)}"
    assert opened(f"{TEXT}\n{line(KEY)}", [raw(OTHER), raw(KEY)]) == TREE


def test_a_key_is_named_as_the_specification_says() -> None:
    id_ = hashlib.sha256(ORIGIN.encode() + b"\n\x01" + raw(KEY)).hexdigest()[:8]
    assert key_id(ORIGIN, raw(KEY)).hex() == id_
    encoded = base64.b64encode(b"\x01" + raw(KEY)).decode()
    assert verifier_key(ORIGIN, raw(KEY)) == f"{ORIGIN}+{id_}+{encoded}"


def test_signatures_of_witnesses_may_stand_beside() -> None:
    witness = line(OTHER, name="witness.example")
    for lines in (witness + line(KEY), line(KEY) + witness):
        assert opened(f"{TEXT}\n{lines}", [raw(KEY)]) == TREE


def changed(change: Callable[[str], str]) -> str:
    return change(f"{TEXT}\n{line(KEY)}")


FORM = "It is not a checkpoint"
SIGNATURE = "A signature of the checkpoint has another form."


@pytest.mark.parametrize(
    ("note", "why"),
    [
        ("", FORM),
        (TEXT, FORM),
        (f"{TEXT}{line(KEY)}", FORM),
        (changed(lambda note: note.replace("4711", "04711")), FORM),
        (changed(lambda note: note.replace("4711", "-4711")), FORM),
        (changed(lambda note: note.replace("4711", "4712")), "The signature does not fit"),
        (changed(lambda note: note.replace(ORIGIN, "elsewhere", 1)), "None of the known keys"),
        (changed(lambda note: note.replace(ORIGIN, "elsewhere")), "None of the known keys"),
        (changed(lambda note: note.rstrip("\n")), "last line does not end"),
        (changed(lambda note: note.replace("—", "-")), SIGNATURE),
        (changed(lambda note: note[:-3] + "\n"), SIGNATURE),
        (changed(lambda note: note + "\n"), SIGNATURE),
        (changed(lambda note: note + "something else\n"), SIGNATURE),
        (f"{TEXT}\n{line(OTHER)}", "None of the known keys"),
        (f"{TEXT}\n— {ORIGIN} AAAA\n", "None of the known keys"),
        (f"{TEXT}\n{line(KEY, 'other text')}", "The signature does not fit"),
        (f"{TEXT}\n{line(KEY)}{line(KEY, 'other text')}", "The signature does not fit"),
    ],
)
def test_what_is_no_note_of_ours_is_refused_with_the_reason(note: str, why: str) -> None:
    with pytest.raises(NoteInvalid, match=why):
        opened(note, [raw(KEY)])


def test_of_random_changes_of_a_character_none_is_taken_for_the_same() -> None:
    dice, note = random.Random(6), f"{TEXT}\n{line(KEY)}"  # noqa: S311 - repeatable on purpose
    for _ in range(500):
        at = dice.randrange(len(note))
        bent = note[:at] + dice.choice("A1\n —=+/é") + note[at + 1 :]
        if bent != note:
            with pytest.raises(NoteInvalid):
                opened(bent, [raw(KEY)])


def test_no_other_letters_are_taken_for_the_same_signature() -> None:
    note = f"{TEXT}\n{line(KEY)}"
    same = [note[:-3] + letter + note[-2:] for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefgh0189+/"]
    for bent in same:
        if bent != note:
            with pytest.raises(NoteInvalid):
                opened(bent, [raw(KEY)])


HASHES = tuple(hashlib.sha256(bytes([at])).digest() for at in range(3))
PROOF = Proof(9, HASHES, f"{TEXT}\n{line(KEY)}")


def test_a_proof_is_what_the_specification_says() -> None:
    path = "".join(f"{base64.b64encode(one).decode()}\n" for one in HASHES)
    text = f"c2sp.org/tlog-proof@v1\nindex 9\n{path}\n{PROOF.note}"
    assert proof_text(PROOF) == text
    assert (
        proof_text(Proof(0, (), PROOF.note)) == f"c2sp.org/tlog-proof@v1\nindex 0\n\n{PROOF.note}"
    )


@pytest.mark.parametrize(
    ("origin", "fit"),
    [(ORIGIN, True), ("a", True), ("", False), ("a b", False), ("a+b", False), ("a\n", False)],
)
def test_a_name_has_neither_spaces_nor_plus_signs(origin: str, fit: bool) -> None:
    assert origin_fit(origin) is fit
