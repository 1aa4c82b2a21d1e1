"""The Merkle tree against the published vectors, and against a reference written from RFC 6962."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskapp.audit import merkle
from riskapp.audit.merkle import ProofInvalid
from tests.requirements import missing

FOLDER = Path(__file__).resolve().parents[3] / "shared/data/vectors/merkle"
INCLUSION, CONSISTENCY = (
    {
        path.relative_to(FOLDER).as_posix(): json.loads(path.read_text())
        for path in sorted((FOLDER / kind).rglob("*.json"))
    }
    for kind in ("inclusion", "consistency")
)
Vector = dict[str, Any]


def test_the_published_vectors_are_all_here() -> None:
    if not FOLDER.is_dir():
        missing("shared")
    assert len(INCLUSION) + len(CONSISTENCY) == 196


def _hash(text: str) -> bytes:
    return base64.b64decode(text or "")


@pytest.mark.parametrize("vector", INCLUSION.values(), ids=INCLUSION)
def test_inclusion_vectors(vector: Vector) -> None:
    proof = [_hash(one) for one in vector["proof"] or ()]
    arguments = (vector["leafIdx"], vector["treeSize"], _hash(vector["leafHash"]), proof)
    if vector["wantErr"]:
        with pytest.raises(ProofInvalid):
            merkle.check_inclusion(*arguments, _hash(vector["root"]))
    else:
        merkle.check_inclusion(*arguments, _hash(vector["root"]))


@pytest.mark.parametrize("vector", CONSISTENCY.values(), ids=CONSISTENCY)
def test_consistency_vectors(vector: Vector) -> None:
    proof = [_hash(one) for one in vector["proof"] or ()]
    old, new = (vector["size1"], _hash(vector["root1"])), (vector["size2"], _hash(vector["root2"]))
    if vector["wantErr"]:
        with pytest.raises(ProofInvalid):
            merkle.check_consistency(*old, *new, proof)
    else:
        merkle.check_consistency(*old, *new, proof)


def tree_hash(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = tree_hash(leaves[:split]), tree_hash(leaves[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def data(size: int) -> list[bytes]:
    return [b"event %d" % number for number in range(size)]


def subtrees(leaves: list[bytes]) -> merkle.Subtree:
    return lambda level, position: tree_hash(leaves[position << level : (position + 1) << level])


SIZES = st.integers(min_value=1, max_value=70)


@given(SIZES)
def test_roots_are_those_of_the_definition(size: int) -> None:
    leaves, growing = data(size), merkle.Growing()
    for leaf in leaves:
        growing.add(merkle.leaf_hash(leaf))
    assert merkle.root(size, subtrees(leaves)) == growing.root() == tree_hash(leaves)


def test_a_tree_without_leaves_has_the_hash_of_nothing() -> None:
    assert merkle.root(0, subtrees([])) == merkle.Growing().root() == tree_hash([])


@given(SIZES, st.data())
def test_every_leaf_is_proved_and_no_other_in_its_place(size: int, draw: st.DataObject) -> None:
    leaves = data(size)
    index = draw.draw(st.integers(min_value=0, max_value=size - 1))
    proof = merkle.inclusion(index, size, subtrees(leaves))
    leaf, root = merkle.leaf_hash(leaves[index]), tree_hash(leaves)
    merkle.check_inclusion(index, size, leaf, proof, root)
    for other in set(range(size)) - {index}:
        with pytest.raises(ProofInvalid):
            merkle.check_inclusion(other, size, leaf, proof, root)
    with pytest.raises(ProofInvalid):
        merkle.check_inclusion(index, size, merkle.leaf_hash(b"other"), proof, root)


@given(SIZES, st.data())
def test_growth_is_proved_and_a_changed_beginning_is_not(size: int, draw: st.DataObject) -> None:
    leaves = data(size)
    old = draw.draw(st.integers(min_value=1, max_value=size))
    proof = merkle.consistency(old, size, subtrees(leaves))
    before = tree_hash(leaves[:old])
    merkle.check_consistency(old, before, size, tree_hash(leaves), proof)
    bent = [b"bent", *leaves[1:]]
    with pytest.raises(ProofInvalid):
        merkle.check_consistency(old, tree_hash(bent[:old]), size, tree_hash(leaves), proof)
    bent_proof = merkle.consistency(old, size, subtrees(bent))
    with pytest.raises(ProofInvalid):
        merkle.check_consistency(old, before, size, tree_hash(bent), bent_proof)
