"""The tree agrees with the published vectors and with the definition, and its proofs cannot be bent."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.record.naive_tree import flipped, naive_root
from tests.domain.record.vectors import vectors
from webapp.domain.record.merkle import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    includes,
    inclusion_proof,
    is_consistent,
    leaf_hash,
    root_of,
)

VECTORS = vectors("merkle")
LEAVES = [bytes.fromhex(leaf) for leaf in VECTORS["leaves"]]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]
ROOTS = [bytes.fromhex(root) for root in VECTORS["roots"]]

# As published with the reference implementation of Certificate Transparency and with RFC 6962 tests elsewhere.
PUBLISHED_ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
LEAF_0 = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
LEAF_1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
LEAF_4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
NODE_01 = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
NODE_23 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
NODE_45 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
NODE_67 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
NODE_0123 = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
NODE_4567 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
PUBLISHED_INCLUSION = {
    (0, 1): [],
    (0, 8): [LEAF_1, NODE_23, NODE_4567],
    (5, 8): [LEAF_4, NODE_67, NODE_0123],
    (2, 3): [NODE_01],
    (1, 5): [LEAF_0, NODE_23, LEAF_4],
}
PUBLISHED_CONSISTENCY = {
    (1, 1): [],
    (1, 8): [LEAF_1, NODE_23, NODE_4567],
    (6, 8): [NODE_45, NODE_67, NODE_0123],
    (2, 5): [NODE_23, LEAF_4],
}

LEAF_LISTS = st.lists(st.binary(max_size=8), min_size=1, max_size=40)


@pytest.mark.parametrize("size", range(9))
def test_roots_are_the_published_ones(size: int) -> None:
    assert ROOTS[size].hex() == PUBLISHED_ROOTS[size]
    assert root_of(HASHES[:size]) == ROOTS[size] == naive_root(LEAVES[:size])


def test_the_vector_file_holds_every_proof_up_to_eight_leaves() -> None:
    assert [leaf.hex() for leaf in HASHES] == VECTORS["leaf_hashes"]
    assert len(VECTORS["inclusion"]) == len(VECTORS["consistency"]) == 36


@pytest.mark.parametrize("vector", VECTORS["inclusion"], ids=lambda v: f"{v['index']}-in-{v['size']}")
def test_inclusion_proofs_are_those_of_the_vectors(vector: dict[str, object]) -> None:
    index, size = int(str(vector["index"])), int(str(vector["size"]))
    proof = inclusion_proof(index, HASHES[:size])
    assert [node.hex() for node in proof] == vector["proof"]
    assert includes(ROOTS[size], size, index, HASHES[index], proof)


@pytest.mark.parametrize("vector", VECTORS["consistency"], ids=lambda v: f"{v['old_size']}-in-{v['new_size']}")
def test_consistency_proofs_are_those_of_the_vectors(vector: dict[str, object]) -> None:
    old_size, new_size = int(str(vector["old_size"])), int(str(vector["new_size"]))
    proof = consistency_proof(old_size, HASHES[:new_size])
    assert [node.hex() for node in proof] == vector["proof"]
    assert is_consistent(old_size, new_size, ROOTS[old_size], ROOTS[new_size], proof)


def test_published_proofs_are_among_the_vectors() -> None:
    inclusion = {(v["index"], v["size"]): v["proof"] for v in VECTORS["inclusion"]}
    consistency = {(v["old_size"], v["new_size"]): v["proof"] for v in VECTORS["consistency"]}
    assert {key: inclusion[key] for key in PUBLISHED_INCLUSION} == PUBLISHED_INCLUSION
    assert {key: consistency[key] for key in PUBLISHED_CONSISTENCY} == PUBLISHED_CONSISTENCY


def test_the_known_answers_in_base64_are_met() -> None:
    inclusion = [
        "B1Bqhf2d0vEg62lPhgEeW7RmLlxBWmKRcDPUqWJEh+c=",
        "+sVCA+fMaWzw38tCySodnbr3CtnmIfS9jZhmLwDjwSU=",
        "a0eq8p7jwq+a+Im8H7klTavTEXfxYjLdaqsDXKOb9uQ=",
    ]
    consistency = ["ApjRIpBtz8EIkstTpzmS/FufST6kybrbJ7eRtBJ6f+c=", *inclusion]
    assert base64.b64encode(ROOTS[8]).decode() == "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg="
    assert [base64.b64encode(node).decode() for node in inclusion_proof(2, HASHES)] == inclusion
    assert [base64.b64encode(node).decode() for node in consistency_proof(3, HASHES)] == consistency


@given(st.lists(st.binary(max_size=8), max_size=40))
def test_the_frontier_has_the_root_of_the_definition_at_every_size(leaves: list[bytes]) -> None:
    frontier = Frontier()
    assert frontier.root() == EMPTY_ROOT
    for size, leaf in enumerate(leaves, 1):
        frontier = frontier.append(leaf_hash(leaf))
        assert frontier.size == size
        assert len(frontier.peaks) == size.bit_count()
        assert frontier.root() == naive_root(leaves[:size])


@given(st.lists(st.binary(max_size=8), max_size=40), st.binary(max_size=8))
def test_a_stored_frontier_goes_on_where_it_stopped(leaves: list[bytes], leaf: bytes) -> None:
    frontier = Frontier()
    for item in leaves:
        frontier = frontier.append(leaf_hash(item))
    assert Frontier.from_hex(frontier.size, frontier.to_hex()) == frontier
    restored = Frontier.from_hex(frontier.size, frontier.to_hex()).append(leaf_hash(leaf))
    assert restored.root() == naive_root([*leaves, leaf])


@pytest.mark.parametrize(("size", "peaks"), [(0, 1), (1, 0), (3, 1), (4, 2), (7, 2)])
def test_a_frontier_with_peaks_of_another_size_is_refused(size: int, peaks: int) -> None:
    with pytest.raises(ValueError, match="do not belong"):
        Frontier.from_hex(size, "00" * 32 * peaks)


@given(LEAF_LISTS, st.data())
def test_every_inclusion_proof_verifies_and_no_bit_of_it_can_be_turned(
    leaves: list[bytes], data: st.DataObject
) -> None:
    hashes, size = [leaf_hash(leaf) for leaf in leaves], len(leaves)
    index = data.draw(st.integers(0, size - 1))
    root, proof = naive_root(leaves), inclusion_proof(index, hashes)
    assert includes(root, size, index, hashes[index], proof)
    bit = data.draw(st.integers(0, 255))
    assert not includes(flipped(root, bit), size, index, hashes[index], proof)
    assert not includes(root, size, index, flipped(hashes[index], bit), proof)
    for place, node in enumerate(proof):
        bent = [*proof[:place], flipped(node, bit), *proof[place + 1 :]]
        assert not includes(root, size, index, hashes[index], bent)


@given(LEAF_LISTS, st.data())
def test_an_inclusion_proof_of_another_length_fails(leaves: list[bytes], data: st.DataObject) -> None:
    hashes, size = [leaf_hash(leaf) for leaf in leaves], len(leaves)
    index = data.draw(st.integers(0, size - 1))
    root, proof = root_of(hashes), inclusion_proof(index, hashes)
    assert not includes(root, size, index, hashes[index], [*proof, bytes(32)])
    if proof:
        assert not includes(root, size, index, hashes[index], proof[:-1])
        assert not includes(root, size, index, hashes[index], proof[1:])


@pytest.mark.parametrize("size", range(1, 9))
def test_a_proof_holds_for_its_own_index_only(size: int) -> None:
    for index in range(size):
        proof = inclusion_proof(index, HASHES[:size])
        holds_at = [at for at in range(-1, size + 1) if includes(ROOTS[size], size, at, HASHES[index], proof)]
        assert holds_at == [index]


def test_an_inner_node_does_not_pass_as_a_leaf() -> None:
    """The prefixes 0x00 and 0x01 keep leaves and nodes apart (RFC 6962, 2.1): no second preimage by regrouping."""
    left_and_right = HASHES[0] + HASHES[1]
    assert leaf_hash(left_and_right) != root_of(HASHES[:2])


@pytest.mark.parametrize("index", [-1, 8])
def test_no_proof_is_made_for_a_leaf_that_is_not_there(index: int) -> None:
    with pytest.raises(ValueError, match="no such leaf"):
        inclusion_proof(index, HASHES)


@pytest.mark.parametrize("old_size", [-1, 0, 9])
def test_no_consistency_proof_is_made_from_a_tree_that_is_no_prefix(old_size: int) -> None:
    with pytest.raises(ValueError, match="older tree"):
        consistency_proof(old_size, HASHES)


@given(LEAF_LISTS, st.data())
def test_every_consistency_proof_verifies_and_no_bit_of_it_can_be_turned(
    leaves: list[bytes], data: st.DataObject
) -> None:
    hashes, new_size = [leaf_hash(leaf) for leaf in leaves], len(leaves)
    old_size = data.draw(st.integers(1, new_size))
    old_root, new_root, proof = naive_root(leaves[:old_size]), naive_root(leaves), consistency_proof(old_size, hashes)
    assert is_consistent(old_size, new_size, old_root, new_root, proof)
    bit = data.draw(st.integers(0, 255))
    assert not is_consistent(old_size, new_size, flipped(old_root, bit), new_root, proof)
    assert not is_consistent(old_size, new_size, old_root, flipped(new_root, bit), proof)
    for place, node in enumerate(proof):
        bent = [*proof[:place], flipped(node, bit), *proof[place + 1 :]]
        assert not is_consistent(old_size, new_size, old_root, new_root, bent)
    assert not is_consistent(old_size, new_size, old_root, new_root, [*proof, bytes(32)])
    if proof:
        assert not is_consistent(old_size, new_size, old_root, new_root, proof[:-1])
        assert not is_consistent(old_size, new_size, old_root, new_root, [])


@given(st.lists(st.binary(max_size=4), min_size=2, max_size=24), st.data())
def test_a_rewritten_history_is_not_consistent(leaves: list[bytes], data: st.DataObject) -> None:
    old_size = data.draw(st.integers(1, len(leaves)))
    place = data.draw(st.integers(0, old_size - 1))
    rewritten = [*leaves[:place], leaves[place] + b"!", *leaves[place + 1 :]]
    proof = consistency_proof(old_size, [leaf_hash(leaf) for leaf in rewritten])
    assert not is_consistent(old_size, len(leaves), naive_root(leaves[:old_size]), naive_root(rewritten), proof)


def test_a_tree_that_shrank_is_not_consistent() -> None:
    assert not is_consistent(8, 7, ROOTS[8], ROOTS[7], [])
    assert not is_consistent(8, 7, ROOTS[8], ROOTS[7], consistency_proof(7, HASHES))


def test_a_tree_is_consistent_with_itself_by_an_empty_proof_only() -> None:
    assert is_consistent(5, 5, ROOTS[5], ROOTS[5], [])
    assert not is_consistent(5, 5, ROOTS[5], ROOTS[5], [ROOTS[5]])
    assert not is_consistent(5, 5, ROOTS[5], ROOTS[4], [])


def test_every_tree_continues_the_empty_one() -> None:
    assert is_consistent(0, 3, EMPTY_ROOT, ROOTS[3], [])
    assert is_consistent(0, 0, EMPTY_ROOT, EMPTY_ROOT, [])
    assert not is_consistent(0, 3, ROOTS[1], ROOTS[3], [])
    assert not is_consistent(0, 3, EMPTY_ROOT, ROOTS[3], [ROOTS[1]])
    assert not is_consistent(-1, 3, EMPTY_ROOT, ROOTS[3], [])
