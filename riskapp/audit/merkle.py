"""RFC 6962's Merkle tree: roots and proofs from stored hashes, and checking proofs. Pure.

A tree of n leaves is split at the largest power of two below n. Everything here is computed of
roots of whole subtrees, named by level and position: (level, position) covers the leaves from
position·2^level on, 2^level of them.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence

Subtree = Callable[[int, int], bytes]
"""Gives the root of the whole subtree (level, position)."""

HASH_BYTES = 32
EMPTY = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""


class ProofInvalid(Exception):  # noqa: N818 - says what the proof is
    """A proof does not prove what it is for."""


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(size: int, subtree: Subtree) -> bytes:
    """The root of the first `size` leaves."""
    return _range(0, size, subtree) if size else EMPTY


def _range(begin: int, end: int, subtree: Subtree) -> bytes:
    """The root of the leaves from `begin` to before `end`; begin is a multiple of their split."""
    count = end - begin
    level = (count - 1).bit_length()
    if count == 1 << level:
        return subtree(level, begin >> level)
    middle = begin + (1 << (level - 1))
    return node_hash(_range(begin, middle, subtree), _range(middle, end, subtree))


def inclusion(index: int, size: int, subtree: Subtree) -> list[bytes]:
    """RFC 6962's PATH(index, D[size]): that a leaf is in the tree, from the leaf up."""
    return [_range(begin, end, subtree) for begin, end in reversed(list(_beside(index, size)))]


def _beside(index: int, size: int) -> Iterator[tuple[int, int]]:
    """The ranges that the way from the root down to a leaf leaves aside."""
    begin, end = 0, size
    while end - begin > 1:
        middle = begin + (1 << ((end - begin - 1).bit_length() - 1))
        if index < middle:
            yield middle, end
            end = middle
        else:
            yield begin, middle
            begin = middle


def consistency(old: int, new: int, subtree: Subtree) -> list[bytes]:
    """RFC 6962's PROOF(old, D[new]): that the old tree is a beginning of the new."""
    if old in (0, new):
        return []
    begin, end, whole = 0, new, True
    found: list[bytes] = []
    while end != old:
        middle = begin + (1 << ((end - begin - 1).bit_length() - 1))
        if old <= middle:
            found.append(_range(middle, end, subtree))
            end = middle
        else:
            found.append(_range(begin, middle, subtree))
            begin, whole = middle, False
    if not whole:
        found.append(_range(begin, end, subtree))
    return found[::-1]


def check_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], expected: bytes
) -> None:
    """Raises ProofInvalid unless the leaf with this hash is number `index` of the tree."""
    if not 0 <= index < size or len(leaf) != HASH_BYTES:
        raise ProofInvalid
    ways = list(_beside(index, size))[::-1]
    if len(ways) != len(proof):
        raise ProofInvalid
    found = leaf
    for (begin, _), other in zip(ways, proof, strict=True):
        found = node_hash(found, other) if begin > index else node_hash(other, found)
    if found != expected:
        raise ProofInvalid


def check_consistency(
    old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Raises ProofInvalid unless the old tree is shown to be a beginning of the new one."""
    if old == new and old_root == new_root and not proof and (old or old_root == EMPTY):
        return
    # Of an empty tree every other one is the continuation, which says nothing about either.
    if not 0 < old < new or not proof:
        raise ProofInvalid
    if _climbed(old - 1, new - 1, old_root, proof) != (old_root, new_root):
        raise ProofInvalid


def _climbed(node: int, last: int, old_root: bytes, proof: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Both roots, from the old tree's last leaf up along the proof (RFC 9162, 2.1.4.2)."""
    path = [old_root, *proof] if node & (node + 1) == 0 else list(proof)
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = path[0]
    for other in path[1:]:
        if last == 0:
            raise ProofInvalid
        if node & 1 or node == last:
            first, second = node_hash(other, first), node_hash(other, second)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(second, other)
        node, last = node >> 1, last >> 1
    if last:
        raise ProofInvalid
    return first, second


class Growing:
    """A tree that leaves are added to, from left to right; keeps one hash for each level."""

    def __init__(self) -> None:
        self.size = 0
        self._whole: list[bytes | None] = []

    def add(self, leaf: bytes) -> None:
        """Adds a leaf by its hash."""
        count, level, found = self.size, 0, leaf
        whole = self._whole
        while count & 1:
            found = node_hash(whole[level], found)  # type: ignore[arg-type]  # the bit says so
            count, level = count >> 1, level + 1
        if level == len(whole):
            whole.append(found)
        else:
            whole[level] = found
        self.size += 1

    def root(self, rest: bytes | None = None) -> bytes:
        """The root; `rest` is that of leaves behind, fewer than any that were added together."""
        found = rest
        for level, whole in enumerate(self._whole):
            if self.size >> level & 1 and whole is not None:
                found = whole if found is None else node_hash(whole, found)
        return EMPTY if found is None else found
