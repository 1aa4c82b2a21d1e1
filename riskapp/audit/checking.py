"""Checking proofs by themselves: with the proof, keys and what it is about, and no log. Pure."""

from collections.abc import Collection

from riskapp.audit import merkle
from riskapp.audit.merkle import ProofInvalid, leaf_hash
from riskapp.audit.notes import Growth, NoteInvalid, Proof, Tree, opened

Keys = Collection[tuple[str, bytes]]
"""Each the name of a log, and the raw key that signs it."""


def check_checkpoint(note: str, keys: Keys) -> Tree:
    """What a checkpoint says, if one of the keys signed it. Raises NoteInvalid."""
    name = note.partition("\n")[0]
    return opened(note, [raw for known, raw in keys if known == name])


def check_event(proof: Proof, body: bytes, keys: Keys) -> Tree:
    """What the checkpoint of a proof says, if the proof shows an event of this body in its log.

    Raises NoteInvalid.
    """
    tree = check_checkpoint(proof.note, keys)
    try:
        merkle.check_inclusion(proof.index, tree.size, leaf_hash(body), proof.hashes, tree.root)
    except ProofInvalid:
        raise NoteInvalid("It does not prove that this event is in the log.") from None
    return tree


def check_growth(growth: Growth, old: Tree, keys: Keys) -> Tree:
    """What the checkpoint of a proof says, if the proof shows that it continues an older one.

    Raises NoteInvalid.
    """
    new = check_checkpoint(growth.note, keys)
    if (old.origin, old.size) != (new.origin, growth.old):
        raise NoteInvalid(f"It is about another checkpoint, of {growth.old} events.")
    try:
        merkle.check_consistency(old.size, old.root, new.size, new.root, growth.hashes)
    except ProofInvalid:
        raise NoteInvalid("It does not prove that the log only grew.") from None
    return new
