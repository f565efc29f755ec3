"""Which Ed25519 public keys may be enrolled or believed: points of the curve, written canonically, of no small order.

Libraries accept forged signatures under a key of small order (one signature fits every message), so they are refused before use.
"""

from __future__ import annotations

from webapp.errors import InvalidInput

PRIME = 2**255 - 19
CURVE_D = -121665 * pow(121666, -1, PRIME) % PRIME
KEY_BYTES = 32
# The y of the eight points whose order divides eight; both signs of x are refused with them.
SMALL_ORDER_Y = frozenset(
    {
        0,
        1,
        PRIME - 1,
        int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"),
        int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"),
    }
)


def require_sound_public_key(raw: bytes) -> None:
    """The 32 bytes are a public key that only its owner can sign for; InvalidInput says what is wrong (RFC 8032, 5.1.3)."""
    if len(raw) != KEY_BYTES:
        raise InvalidInput("An Ed25519 public key has 32 bytes.")
    y = int.from_bytes(raw, "little") & (1 << 255) - 1
    if y >= PRIME:
        raise InvalidInput("The public key is not written in its canonical form; it is refused.")
    if y in SMALL_ORDER_Y:
        raise InvalidInput("The public key is of small order: anybody could sign under it; it is refused.")
    if not _is_on_curve(y):
        raise InvalidInput("The public key is not a point of the curve; it is refused.")


def _is_on_curve(y: int) -> bool:
    """Is there an x with this y? (x^2 = (y^2 - 1) / (d y^2 + 1) has a root.)"""
    square = y * y % PRIME
    x_squared = (square - 1) * pow(CURVE_D * square + 1, -1, PRIME) % PRIME
    return pow(x_squared, (PRIME - 1) // 2, PRIME) == 1
