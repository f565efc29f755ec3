"""The Merkle tree of RFC 6962 section 2.1 (also RFC 9162): hashes, roots, proofs.

All hashes are 32 raw bytes. What must not live here: how leaves are stored.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(content: bytes) -> bytes:
    """The hash of one leaf: SHA-256 of 0x00 and the leaf's bytes (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256 of 0x01 and both children (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True)
class Frontier:
    """The right edge of a tree: what is needed to append and to state the root, nothing else.

    ``peaks`` holds the roots of the perfect subtrees from the largest to the smallest: one for each set bit of ``size``.
    """

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def append(self, hash_of_leaf: bytes) -> Frontier:
        """The frontier after one more leaf."""
        peaks, size, node = list(self.peaks), self.size, hash_of_leaf
        while size & 1:
            node = node_hash(peaks.pop(), node)
            size >>= 1
        return Frontier(self.size + 1, (*peaks, node))

    def root(self) -> bytes:
        """The tree's root hash; for no leaf the hash of nothing."""
        if not self.peaks:
            return EMPTY_ROOT
        node = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            node = node_hash(peak, node)
        return node

    def to_hex(self) -> str:
        """All peaks in hexadecimal, one after the other, as they are stored."""
        return "".join(peak.hex() for peak in self.peaks)

    @classmethod
    def from_hex(cls, size: int, text: str) -> Frontier:
        """The frontier that ``to_hex`` wrote; ValueError when the peaks do not belong to ``size``."""
        content = bytes.fromhex(text)
        if len(content) != 32 * size.bit_count():
            raise ValueError("the stored peaks do not belong to this size")
        return cls(size, tuple(content[i : i + 32] for i in range(0, len(content), 32)))


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes in order (RFC 6962, 2.1)."""
    frontier = Frontier()
    for item in hashes:
        frontier = frontier.append(item)
    return frontier.root()


def inclusion_proof(index: int, hashes: Sequence[bytes]) -> list[bytes]:
    """The audit path of leaf ``index`` (from 0), lowest first (RFC 6962, 2.1.1)."""
    return [root_of(hashes[start:end]) for start, end in inclusion_ranges(index, len(hashes))]


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """Which leaves (from, to) each hash of the audit path stands for; ValueError when there is no such leaf."""
    if not 0 <= index < size:
        raise ValueError("no such leaf in this tree")
    start, end, ranges = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        ranges.append((middle, end) if index < middle else (start, middle))
        start, end = (start, middle) if index < middle else (middle, end)
    return ranges[::-1]


def consistency_proof(old_size: int, hashes: Sequence[bytes]) -> list[bytes]:
    """That the tree of the first ``old_size`` leaves is a prefix of the tree of all (RFC 6962, 2.1.2)."""
    return [root_of(hashes[start:end]) for start, end in consistency_ranges(old_size, len(hashes))]


def consistency_ranges(old_size: int, size: int) -> list[tuple[int, int]]:
    """Which leaves (from, to) each hash of the consistency proof stands for; ValueError when the older tree is not smaller or equal."""
    if not 0 < old_size <= size:
        raise ValueError("the older tree must have between one leaf and as many as this one")
    start, end, ranges = 0, size, []
    while old_size != end:
        middle = start + _split(end - start)
        ranges.append((middle, end) if old_size <= middle else (start, middle))
        start, end = (start, middle) if old_size <= middle else (middle, end)
    if start:  # otherwise the older root itself is the first node, and whoever checks has it
        ranges.append((start, end))
    return ranges[::-1]


def includes(root: bytes, size: int, index: int, hash_of_leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Does ``proof`` show that the leaf stands at ``index`` of the tree with this root (RFC 9162, 2.1.3.2)?"""
    if not 0 <= index < size:
        return False
    position, last, node = index, size - 1, hash_of_leaf
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            node = node_hash(sibling, node)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and node == root


def is_consistent(old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Does ``proof`` show that the older tree is a prefix of the newer one (RFC 9162, 2.1.4.2)?

    The empty tree is a prefix of every tree; like a tree and itself it needs an empty proof.
    """
    if not 0 <= old_size <= new_size:
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    path = [old_root, *proof] if old_size.bit_count() == 1 else list(proof)
    if not path:
        return False
    position, last = _up_left_edge(old_size - 1, new_size - 1)
    old_node = new_node = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old_node, new_node = node_hash(sibling, old_node), node_hash(sibling, new_node)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            new_node = node_hash(new_node, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and old_node == old_root and new_node == new_root


def _up_left_edge(position: int, last: int) -> tuple[int, int]:
    """Both indices moved up while the first is a right child: to the largest whole subtree that ends the older tree."""
    while position & 1:
        position, last = position >> 1, last >> 1
    return position, last


def _split(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << (size - 1).bit_length() - 1
