"""Checking proofs by themselves: with the proof, keys and what it is about, and no log. Pure."""

from collections.abc import Collection

from riskapp.audit import merkle
from riskapp.audit.merkle import ProofInvalid, leaf_hash
from riskapp.audit.notes import Growth, NoteInvalid, Proof, Tree, opened

Keys = Collection[tuple[str, bytes]]
"""Each the name of a log, and the raw key that signs it."""


def check_event(proof: Proof, body: bytes, keys: Keys) -> Tree:
    """What the checkpoint of a proof says, if the proof shows an event of this body in its log.

    Raises NoteInvalid.
    """
    tree = _opened(proof.note, keys)
    try:
        merkle.check_inclusion(proof.index, tree.size, leaf_hash(body), proof.hashes, tree.root)
    except ProofInvalid:
        raise NoteInvalid("It does not prove that this event is in the log.") from None
    return tree


def check_growth(growth: Growth, before: str, keys: Keys) -> Tree:
    """What the checkpoint of a proof says, if the proof shows that it continues the one before.

    Raises NoteInvalid.
    """
    old, new = _opened(before, keys), _opened(growth.note, keys)
    if (old.origin, old.size) != (new.origin, growth.old):
        raise NoteInvalid(f"It is about another checkpoint, of {growth.old} events.")
    try:
        merkle.check_consistency(old.size, old.root, new.size, new.root, growth.hashes)
    except ProofInvalid:
        raise NoteInvalid("It does not prove that the log only grew.") from None
    return new


def _opened(note: str, keys: Keys) -> Tree:
    name = note.partition("\n")[0]
    return opened(note, [raw for known, raw in keys if known == name])
