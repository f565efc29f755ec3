"""The tree in tiles of 256 hashes (C2SP tlog-tiles): addresses, widths, bundles of entries, and any root or proof from tiles.

Tiles are read by a function that is passed in. What must not live here: where tiles are stored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from webapp.domain.record.checkpoints import read_number
from webapp.domain.record.merkle import EMPTY_ROOT, consistency_ranges, inclusion_ranges, node_hash
from webapp.errors import Conflict, InvalidInput

HEIGHT = 8
WIDTH = 1 << HEIGHT
HIGHEST_LEVEL = 63
_INDEX = re.compile(r"(?:x[0-9]{3}/)*[0-9]{3}")
_PARTIAL = re.compile(r"(.+)\.p/([1-9][0-9]{0,2})")

ReadTile = Callable[[int, int, int], Sequence[bytes]]


@dataclass(frozen=True)
class TileAddress:
    """A tile: level from 0 (leaf hashes), index within the level, and how many of its 256 hashes there are."""

    level: int
    index: int
    width: int = WIDTH

    def to_path(self) -> str:
        """The address as it stands after ``tile/``."""
        return f"{self.level}/{index_path(self.index, self.width)}"


def index_path(index: int, width: int = WIDTH) -> str:
    """The index in groups of three digits, all but the last marked with x; a partial tile states its width."""
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
    path = "/".join([*("x" + group for group in groups[:-1]), groups[-1]])
    return path if width == WIDTH else f"{path}.p/{width}"


def read_tile_path(level: str, path: str) -> TileAddress:
    """The tile that an address names; InvalidInput for one that ``to_path`` would not write."""
    partial = _PARTIAL.fullmatch(path)
    index, width = (partial[1], int(partial[2])) if partial else (path, WIDTH)
    if _INDEX.fullmatch(index) is None or (partial and width >= WIDTH) or len(index) > 40:
        raise InvalidInput("This is not the address of a tile.")
    address = TileAddress(read_number(level), int(index.replace("x", "").replace("/", "")), width)
    if address.level > HIGHEST_LEVEL or index_path(address.index, width) != path:
        raise InvalidInput("This is not the address of a tile.")
    return address


def width_of_tile(level: int, index: int, size: int) -> int:
    """How many hashes this tile has in a tree of ``size`` entries; 0 where there is none."""
    return max(0, min(WIDTH, (size >> HEIGHT * level) - index * WIDTH))


def filled_by(size: int) -> list[tuple[int, int]]:
    """The tiles (level, index) that became full with entry ``size - 1``, lowest first."""
    filled, level = [], 0
    while size and size % WIDTH == 0:
        size //= WIDTH
        filled.append((level, size - 1))
        level += 1
    return filled


def bundle(contents: Iterable[bytes]) -> bytes:
    """The entries, each after its length in two bytes."""
    return b"".join(len(content).to_bytes(2) + content for content in contents)


class TiledTree:
    """A tree of ``size`` entries whose hashes come from tiles; ``read(level, index, width)`` gives a tile's hashes."""

    def __init__(self, size: int, read: ReadTile) -> None:
        self.size = size
        self._read = read
        self._tiles: dict[tuple[int, int], Sequence[bytes]] = {}

    def root(self) -> bytes:
        """The root over all entries."""
        return self.range_root(0, self.size)

    def inclusion_proof(self, index: int) -> list[bytes]:
        """The audit path of an entry, lowest first (RFC 6962, 2.1.1); ValueError where there is no such entry."""
        return [self.range_root(*ends) for ends in inclusion_ranges(index, self.size)]

    def consistency_proof(self, old_size: int) -> list[bytes]:
        """That the first ``old_size`` entries are a prefix of this tree (RFC 6962, 2.1.2); ValueError for a larger one."""
        return [self.range_root(*ends) for ends in consistency_ranges(old_size, self.size)]

    def range_root(self, start: int, end: int) -> bytes:
        """The root over the entries from ``start`` to ``end``, as if they were a tree; ``start`` is where a subtree begins.

        Conflict (``log_damaged``) when a tile is not as wide as the size asks.
        """
        node: bytes | None = None
        length = end - start
        while length:
            height = (length & -length).bit_length() - 1
            length -= 1 << height
            peak = self._node(height, (start + length) >> height)
            node = peak if node is None else node_hash(peak, node)
        return EMPTY_ROOT if node is None else node

    def _node(self, height: int, index: int) -> bytes:
        """The root of the perfect subtree of 2^height entries with this index among its like."""
        level, above = divmod(height, HEIGHT)
        first = index << above
        hashes = self._tile(level, first // WIDTH)[first % WIDTH : first % WIDTH + (1 << above)]
        while len(hashes) > 1:
            hashes = [node_hash(hashes[turn], hashes[turn + 1]) for turn in range(0, len(hashes), 2)]
        return hashes[0]

    def _tile(self, level: int, index: int) -> Sequence[bytes]:
        key = (level, index)
        if key not in self._tiles:
            width = width_of_tile(level, index, self.size)
            self._tiles[key] = self._read(level, index, width)
            if len(self._tiles[key]) != width:
                raise Conflict("Entries of the audit log are missing in the database.", code="log_damaged")
        return self._tiles[key]
