"""Which version a unit gets: sticky, so that widening a share keeps everyone who is already in."""

from __future__ import annotations

import mmh3


def bucket_of(unit_id: str, salt: str) -> int:
    """The bucket of a unit, 0..9999: MurmurHash3 (32 bit, unsigned, seed 0) of ``unit:salt``, modulo 10,000."""
    return int(mmh3.hash(f"{unit_id}:{salt}".encode(), seed=0, signed=False)) % 10_000


def gets_new_version(unit_id: str, salt: str, share_basis_points: int) -> bool:
    """Is the unit's bucket below the share? A unit that is in stays in when the share widens."""
    return bucket_of(unit_id, salt) < share_basis_points


def salt_of(manifest_sha256: str) -> str:
    """The salt of a release: the first 16 hexadecimal digits of its manifest's digest."""
    return manifest_sha256[:16]
