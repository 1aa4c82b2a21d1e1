"""Checkpoints as signed notes, and proofs beside them, as C2SP specifies them. Pure.

c2sp.org/signed-note, c2sp.org/tlog-checkpoint and c2sp.org/tlog-proof: small texts that tools of
others read and check. Signatures are Ed25519. That a log grew out of an older one is told as
c2sp.org/tlog-witness has it.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_ED25519 = b"\x01"
_RAW_BYTES = 32
_SIGNATURE = re.compile(r"— (\S+) ([A-Za-z0-9+/]+={0,2})")
_CHECKPOINT = re.compile(r"([^\n]+)\n(0|[1-9][0-9]{0,18})\n([A-Za-z0-9+/]{43}=)\n")
_PROOF = "c2sp.org/tlog-proof@v1"
_ANY_PROOF = re.compile(
    rf"(?:{re.escape(_PROOF)}\nindex (0|[1-9][0-9]{{0,18}})|old (0|[1-9][0-9]{{0,18}}))\n"
    r"((?:[A-Za-z0-9+/]{43}=\n){0,63})\n(.+)",
    re.DOTALL,
)


class NoteInvalid(Exception):  # noqa: N818 - says what the note is
    """A text is not a checkpoint that one of the keys signed; the message says why.

    `by_others`: it is one, but of keys that are not among them.
    """

    def __init__(self, message: str, *, by_others: bool = False) -> None:
        super().__init__(message)
        self.by_others = by_others


@dataclass(frozen=True, slots=True)
class Tree:
    """What a checkpoint says: of the log `origin`, the first `size` events have this root."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Proof:
    """That an event is leaf `index` of the tree that `note`, a checkpoint, vouches for."""

    index: int
    hashes: tuple[bytes, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Growth:
    """That the log which `note`, a checkpoint, vouches for begins with the `old` events before."""

    old: int
    hashes: tuple[bytes, ...]
    note: str


def origin_fit(origin: str) -> bool:
    """Whether a log, and so its key, can have this name."""
    return bool(re.fullmatch(r"[^\s+—]{1,200}", origin))


def key_id(origin: str, public_key: bytes) -> bytes:
    """The four bytes by which a signature says whose it is; `public_key` is the raw 32 bytes."""
    return hashlib.sha256(origin.encode() + b"\n" + _ED25519 + public_key).digest()[:4]


def verifier_key(origin: str, public_key: bytes) -> str:
    """The key as other tools take it (`vkey`): name, id and key."""
    encoded = base64.b64encode(_ED25519 + public_key).decode()
    return f"{origin}+{key_id(origin, public_key).hex()}+{encoded}"


def read_key(line: str) -> tuple[str, bytes]:
    """Name and raw key of a line that `verifier_key` wrote. Raises NoteInvalid for any other."""
    name, _, rest = line.partition("+")
    try:
        raw = base64.b64decode(rest.partition("+")[2], validate=True)[1:]
    except ValueError:
        raw = b""
    if len(raw) != _RAW_BYTES or verifier_key(name, raw) != line:
        raise NoteInvalid("It is not a key as the page /trust gives it: name, id and key.")
    return name, raw


def signed(tree: Tree, public_key: bytes, sign: Callable[[bytes], bytes]) -> str:
    """The checkpoint; `sign` gives the 64 bytes of an Ed25519 signature."""
    text = f"{tree.origin}\n{tree.size}\n{base64.b64encode(tree.root).decode()}\n"
    signature = key_id(tree.origin, public_key) + sign(text.encode())
    return f"{text}\n— {tree.origin} {base64.b64encode(signature).decode()}\n"


def opened(note: str, public_keys: Collection[bytes]) -> Tree:
    """What a checkpoint says, if one of these keys (raw, 32 bytes each) signed it.

    Signatures of others, such as witnesses, may stand beside. Raises NoteInvalid.
    """
    text, gap, signatures = note.partition("\n\n")
    text += "\n"
    found = _CHECKPOINT.match(text)
    if not gap or found is None:
        raise NoteInvalid("It is not a checkpoint: origin, size, root, an empty line, signatures.")
    tree = Tree(found[1], int(found[2]), base64.b64decode(found[3]))
    if not signatures.endswith("\n"):
        raise NoteInvalid("The checkpoint's last line does not end.")
    ours = {key_id(tree.origin, key): key for key in public_keys}
    good = False
    for line in signatures[:-1].split("\n"):
        parts = _SIGNATURE.fullmatch(line)
        if parts is None:
            raise NoteInvalid("A signature of the checkpoint has another form.")
        raw = _decoded(parts[2])
        key = ours.get(raw[:4])
        if parts[1] == tree.origin and key is not None:
            _check(key, raw[4:], text.encode())
            good = True
    if not good:
        raise NoteInvalid("None of the known keys signed the checkpoint.", by_others=True)
    return tree


def notes_in(text: str) -> list[str]:
    """The notes of a file to which one was added after the other, and what is none of them."""
    found = re.findall(r".*?\n\n(?:— [^\n]*\n)+|.+", text, re.DOTALL)
    return [note.lstrip("\n") for note in found if note.strip()]


def _decoded(text: str, what: str = "A signature of the checkpoint") -> bytes:
    """Raises NoteInvalid, also where other letters would say the same bytes."""
    try:
        found = base64.b64decode(text, validate=True)
    except binascii.Error:
        found = b""
    if base64.b64encode(found).decode() != text:
        raise NoteInvalid(f"{what} has another form.")
    return found


def _check(key: bytes, signature: bytes, text: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, text)
    except InvalidSignature:
        raise NoteInvalid("The signature does not fit the checkpoint.") from None


def proof_text(proof: Proof) -> str:
    """The proof as one file, which is checked with the key alone."""
    return f"{_PROOF}\nindex {proof.index}\n{_lines(proof.hashes)}\n{proof.note}"


def growth_text(growth: Growth) -> str:
    """As `proof_text`, and as witnesses take it."""
    return f"old {growth.old}\n{_lines(growth.hashes)}\n{growth.note}"


def read_proof(text: str) -> Proof | Growth:
    """What `proof_text` or `growth_text` wrote. Raises NoteInvalid for every other text."""
    found = _ANY_PROOF.fullmatch(text)
    if found is None:
        raise NoteInvalid("It is no proof: what it is for, hashes, an empty line, a checkpoint.")
    hashes = tuple(_decoded(line, "A hash of the proof") for line in found[3].splitlines())
    if found[1] is None:
        return Growth(int(found[2]), hashes, found[4])
    return Proof(int(found[1]), hashes, found[4])


def _lines(hashes: Iterable[bytes]) -> str:
    return "".join(f"{base64.b64encode(one).decode()}\n" for one in hashes)
