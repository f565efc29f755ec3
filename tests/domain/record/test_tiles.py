"""Tiles have the published addresses and widths, and give the same roots and proofs as the tree itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from webapp.domain.record.tiles import (
    TileAddress,
    TiledTree,
    bundle,
    filled_by,
    index_path,
    read_tile_path,
    width_of_tile,
)
from webapp.errors import InvalidInput

SIZES = (0, 1, 2, 3, 255, 256, 257, 70_000)
HASHES = [leaf_hash(number.to_bytes(4)) for number in range(70_000)]


def tiled(size: int) -> TiledTree:
    """A tree whose tiles are cut from the leaf hashes by the definition."""
    levels = [HASHES[:size]]
    while len(levels[-1]) >= 256:
        below = levels[-1]
        levels.append([root_of(below[at : at + 256]) for at in range(0, len(below) - 255, 256)])

    def read(level: int, index: int, width: int) -> list[bytes]:
        tile = levels[level][index * 256 : (index + 1) * 256]
        assert len(tile) == width
        return tile

    return TiledTree(size, read)


@pytest.mark.parametrize("size", SIZES)
def test_roots_from_tiles_are_those_of_the_tree(size: int) -> None:
    assert tiled(size).root() == root_of(HASHES[:size])


@pytest.mark.parametrize("size", SIZES[1:])
def test_proofs_from_tiles_are_those_of_the_tree_and_verify(size: int) -> None:
    tree, root = tiled(size), root_of(HASHES[:size])
    some = {0, 1, 2, 254, 255, 256, 257, 65_535, 65_536, size // 2, size - 1}
    for index in sorted(index for index in some if index < size):
        proof = tree.inclusion_proof(index)
        if size < 1000:
            assert proof == inclusion_proof(index, HASHES[:size])
        assert includes(root, size, index, HASHES[index], proof)
    for old in sorted(old for old in {*some, *SIZES, size} if 0 < old <= size):
        proof = tree.consistency_proof(old)
        if size < 1000:
            assert proof == consistency_proof(old, HASHES[:size])
        assert is_consistent(old, size, root_of(HASHES[:old]), root, proof)


def test_no_proof_is_given_of_what_is_not_there() -> None:
    assert tiled(0).root() == EMPTY_ROOT
    for index in (-1, 3, 4):
        with pytest.raises(ValueError, match="no such leaf"):
            tiled(3).inclusion_proof(index)
    for old in (0, 4):
        with pytest.raises(ValueError, match="older tree"):
            tiled(3).consistency_proof(old)


@pytest.mark.parametrize(
    ("index", "path"), [(0, "000"), (7, "007"), (999, "999"), (1000, "x001/000"), (1234067, "x001/x234/067")]
)
def test_an_index_is_written_in_groups_of_three(index: int, path: str) -> None:
    assert index_path(index) == path
    assert read_tile_path("2", path) == TileAddress(2, index)
    assert read_tile_path("0", f"{path}.p/8") == TileAddress(0, index, 8)


@pytest.mark.parametrize(
    ("level", "path"),
    [
        ("00", "000"), ("64", "000"), ("-1", "000"), ("x", "000"), ("0", "0"), ("0", "1000"), ("0", "x000/001"), ("0", "001/002"),
        ("0", "x001"), ("0", "000.p/0"), ("0", "000.p/256"), ("0", "000.p/08"), ("0", "000.p/"), ("0", "../000"), ("0", "000/"),
        ("0", "٠٠٠"), ("0", "x001/" * 20 + "000"), ("0", "000.p/8.p/8"),
    ],
)  # fmt: skip
def test_an_address_in_any_other_spelling_is_refused(level: str, path: str) -> None:
    with pytest.raises(InvalidInput):
        read_tile_path(level, path)


def test_a_tree_of_seventy_thousand_has_the_published_tiles() -> None:
    """273 full tiles and one of 112 at level 0; one full and one of 17 at level 1; one of 1 at level 2."""
    level_0 = [width_of_tile(0, index, 70_000) for index in range(275)]
    assert level_0 == [256] * 273 + [112, 0]
    assert [width_of_tile(1, index, 70_000) for index in range(3)] == [256, 17, 0]
    assert [width_of_tile(2, index, 70_000) for index in range(2)] == [1, 0]
    assert width_of_tile(1, 0, 256) == 1


def test_a_tile_is_full_at_the_entry_that_fills_it() -> None:
    assert filled_by(0) == filled_by(255) == filled_by(257) == []
    assert filled_by(256) == [(0, 0)]
    assert filled_by(512) == [(0, 1)]
    assert filled_by(65_536) == [(0, 255), (1, 0)]


def test_a_bundle_states_each_entrys_length() -> None:
    assert bundle([b"", b"ab", b"x" * 300]) == b"\0\0" + b"\0\x02ab" + b"\x01\x2c" + b"x" * 300


@given(st.integers(1, 3000), st.data())
def test_any_two_sizes_are_consistent_from_tiles(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    frontier = Frontier()
    for item in HASHES[:old]:
        frontier = frontier.append(item)
    tree = tiled(size)
    assert is_consistent(old, size, frontier.root(), tree.root(), tree.consistency_proof(old))
