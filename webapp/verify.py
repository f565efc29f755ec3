#!/usr/bin/env python3
"""The offline verifier of an export bundle: one file, standard library only, no network, nothing of the application.

    python3 verify.py BUNDLE.zip [--key VKEY]... [--prior-checkpoint FILE]
    python3 verify.py --entry ENTRY.json --proof ENTRY.tlog-proof [--key VKEY]...

Exit codes: 0 good, 1 evidence broken, 2 usage or format, 3 good but weaker than policy (also: no key given). Trust comes from the
command line only: a key card and a checkpoint that were obtained beforehand. The steps stand below in the order in which they run.

Sources: RFC 6962 and RFC 9162 (tree), C2SP signed-note, tlog-checkpoint, tlog-tiles and tlog-proof, RFC 8785 (canonical JSON), DSSE and
in-toto Statement v1 (envelopes), RFC 8032 (Ed25519), FIPS 186-5 (ECDSA), W3C WebAuthn 7.2 (passkeys); 21 CFR 11.10(a)(b)(f), 11.70.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import datetime
import functools
import hashlib
import json
import re
import sys
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

GOOD, BROKEN, UNUSABLE, WEAK = 0, 1, 2, 3
VERSION = 1

MOST_FILES = 2_000_000
MOST_BYTES = 64 * 2**30
MOST_BYTES_IN_MEMORY = 256 * 2**20
LARGEST_RATIO = 1100  # DEFLATE cannot reach more than 1032 to 1; whoever claims more lies about a size
LARGEST_LEAF = 16 * 1024
LARGEST_INTEGER = 2**53 - 1
TILE = 256
UNPACKING = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, NotImplementedError, RuntimeError)
FIXED_TIME = (1980, 1, 1, 0, 0, 0)

SIGNATURE_TYPE = "https://prompt-formulary.example/signature/v1"
RELEASE_TYPE = "https://prompt-formulary.example/release/v1"
EXPORT_TYPE = "https://prompt-formulary.example/export/v1"
STATEMENT_MEDIA = "application/vnd.in-toto+json"
EXPORT_KIND = "prompt-formulary/export/v1"
MANIFEST_KIND = "prompt-formulary/release-manifest/v1"
PHYSICIANS_NEEDED = {"administrative": 0, "clinical": 1, "high_risk": 2}
LEVELS = ("L0", "L1", "L2")

# One row per arrow of the workflow: name, stage before, stage after, roles (none: only the system), meaning of the signature, and what
# the person must not be. A test of the project derives this table from its own and compares.
# fmt: off
MOVES: tuple[tuple[str, str, str, tuple[str, ...], str | None, tuple[str, ...]], ...] = (
    ("submit", "draft", "evaluation", ("author",), None, ()),
    ("revise", "draft", "evaluation", ("author",), None, ()),
    ("withdraw", "draft", "withdrawn", ("author",), None, ()),
    ("revise", "evaluation", "evaluation", ("author",), None, ()),
    ("run_again", "evaluation", "evaluation", ("author",), None, ()),
    ("rebase", "evaluation", "evaluation", ("author",), None, ()),
    ("ask_exception", "evaluation", "review", ("author",), None, ()),
    ("withdraw", "evaluation", "withdrawn", ("author",), None, ()),
    ("evaluated", "evaluation", "review", (), None, ()),
    ("release_by_policy", "evaluation", "rollout", (), None, ()),
    ("policy_changed", "evaluation", "evaluation", (), None, ()),
    ("confirm_class", "review", "review", ("informaticist",), "confirmation of the risk class", ("contributor",)),
    ("raise_class", "review", "evaluation", ("informaticist",), "raising of the risk class", ("contributor",)),
    ("reword", "review", "review", ("informaticist",), None, ("contributor",)),
    ("approve", "review", "signoff", ("informaticist",), "review", ("contributor",)),
    ("approve_for_rollout", "review", "rollout", ("informaticist",), "review and approval", ("contributor",)),
    ("ask_for_changes", "review", "draft", ("informaticist",), None, ("contributor",)),
    ("reject", "review", "rejected", ("informaticist",), "rejection", ("contributor",)),
    ("rebase", "review", "evaluation", ("author",), None, ()),
    ("policy_changed", "review", "evaluation", (), None, ()),
    ("withdraw", "review", "withdrawn", ("author",), None, ()),
    ("sign", "signoff", "signoff", ("physician",), "approval", ("contributor", "reviewer", "signer")),
    ("sign", "signoff", "rollout", ("physician",), "approval", ("contributor", "reviewer", "signer")),
    ("lapse", "signoff", "signoff", (), None, ()),
    ("raise_class", "signoff", "evaluation", ("informaticist", "physician"), "raising of the risk class", ("contributor",)),
    ("ask_for_changes", "signoff", "draft", ("physician",), None, ("contributor",)),
    ("reject", "signoff", "rejected", ("physician",), "rejection", ("contributor", "reviewer")),
    ("rebase", "signoff", "evaluation", ("author",), None, ()),
    ("policy_changed", "signoff", "evaluation", (), None, ()),
    ("withdraw", "signoff", "withdrawn", ("author",), None, ()),
    ("start", "rollout", "rollout", ("author",), None, ()),
    ("lapse", "rollout", "signoff", (), None, ()),
    ("lapse", "rollout", "review", (), None, ()),
    ("rebase", "rollout", "evaluation", ("author",), None, ()),
    ("policy_changed", "rollout", "evaluation", (), None, ()),
    ("withdraw", "rollout", "withdrawn", ("author",), None, ()),
    ("advance", "rollout", "rollout", ("informaticist",), "advance of the rollout", ("contributor",)),
    ("advance", "rollout", "rollout", (), None, ()),
    ("complete", "rollout", "post_audit", ("informaticist",), "completion of the rollout", ("contributor",)),
    ("pause", "rollout", "rollout", (), None, ()),
    ("hold", "rollout", "rollout", ("informaticist", "physician"), "hold of the rollout", ()),
    ("narrow", "rollout", "rollout", ("informaticist", "physician"), "narrowing of the rollout plan", ()),
    ("resume", "rollout", "rollout", ("informaticist",), "resumption of the rollout", ("contributor",)),
    ("roll_back", "rollout", "rolled_back", ("informaticist", "physician"), "roll back", ()),
    ("roll_back", "rollout", "rolled_back", (), None, ()),
    ("roll_back", "post_audit", "rolled_back", ("informaticist", "physician"), "roll back", ()),
    ("pause", "post_audit", "post_audit", (), None, ()),
    ("resume", "post_audit", "post_audit", ("informaticist",), "resumption of the release", ("contributor",)),
    ("roll_back", "post_audit", "rolled_back", (), None, ()),
    ("conclude", "post_audit", "closed", ("informaticist", "physician"), "conclusion of the follow-up audit", ("contributor",)),
    ("roll_back", "closed", "rolled_back", ("informaticist", "physician"), "roll back", ()),
    ("pause", "closed", "closed", (), None, ()),
    ("resume", "closed", "closed", ("informaticist",), "resumption of the release", ("contributor",)),
    ("roll_back", "closed", "rolled_back", (), None, ()),
)
# fmt: on
# Signed acts that are no moves: the meaning of the signature, and the roles that may.
DEEDS = {
    "factor.reset_confirmed": ("confirmation of a factor reset", ("administrator", "auditor")),
    "trail.reviewed": ("review of the audit log", ("auditor",)),
    "release.restricted": ("restriction of a release", ("informaticist", "physician")),
    "role.confirmed": ("confirmation of a role", ("administrator", "auditor")),
}
ASKING = ("submit", "revise", "start", "advance", "complete")  # what asks for the signatures that follow
STOPPING = ("hold", "roll_back", "narrow")  # nobody asks for these, and nobody who stops something is held up
TOO_NEW = "was given the role only after this was asked for, and no second person had confirmed it."
IN_PERSON = ("session", "demo")
POLICY_MEANINGS = ("proposal of a policy", "adoption of a policy")
POLICY_DELAY = datetime.timedelta(hours=23, minutes=50)  # a day, less what a clock may step without stopping the log
TOKEN_MOVES = ("submit", "revise", "withdraw")
RELEASING_MOVES = ("sign", "approve_for_rollout", "release_by_policy")
REVIEWING_MOVES = ("approve", "approve_for_rollout")
ERASURE_MEANINGS = ["request of an erasure", "confirmation of an erasure"]
ERASURE_ROLES = (("administrator", "auditor"), ("auditor", "administrator"))
UNREVIEWED = ("draft", "evaluation", "review")
# Acts on the log itself: how many different administrators sign them, and with which meaning.
GOVERNED = {
    "key.rotated": (1, "rotation of a key"),
    "key.revoked": (2, "revocation of a key"),
    "log.restored": (2, "restore of the log"),
}
OF_THE_LOG = ("log.opened", *GOVERNED)

CANNOT_SHOW = """What this cannot show:
- events that were never recorded: the log proves what it holds, not that all was entered;
- the truth of the clock: times never run backwards along the log, but one clock gave all of them;
- the tail: what happened after the last checkpoint, in this bundle entry {size};
- a history that was rewound and signed again with the log's own key: that passes here unless you give a checkpoint that you obtained
  earlier (--prior-checkpoint){prior};
- what is left out of this bundle: {left_out}.{gaps}"""


class BrokenEvidence(Exception):
    """The bundle contradicts itself, its signatures or what the auditor brought. Exit 1."""


class Unusable(Exception):
    """Nothing can be said: wrong usage, or not a bundle at all. Exit 2."""


def broken(sentence: str) -> NoReturn:
    """The evidence is broken, for this reason."""
    raise BrokenEvidence(sentence)


def sha256(content: bytes) -> str:
    """The SHA-256 of ``content`` in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


# ---------------------------------------------------------------------------------------------------------------- Ed25519 (RFC 8032)

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]  # extended homogeneous coordinates X, Y, Z, T with x = X/Z, y = Y/Z, xy = T/Z
NEUTRAL: Point = (0, 1, 1, 0)


def decoded_point(encoded: bytes) -> Point | None:
    """The point of 32 bytes (RFC 8032, 5.1.3); None for any encoding that is not the canonical one of a point."""
    if len(encoded) != 32:
        return None
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def encoded_point(point: Point) -> bytes:
    """The 32 bytes of a point (RFC 8032, 5.1.2)."""
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def add_points(one: Point, two: Point) -> Point:
    """The sum of two points (RFC 8032, 5.1.4)."""
    a = (one[1] - one[0]) * (two[1] - two[0]) % P
    b = (one[1] + one[0]) * (two[1] + two[0]) % P
    c = 2 * one[3] * two[3] * D % P
    d = 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiplied(factor: int, point: Point) -> Point:
    """``factor`` times the point. Not constant in time: nothing here is secret."""
    total = NEUTRAL
    while factor:
        if factor & 1:
            total = add_points(total, point)
        point, factor = add_points(point, point), factor >> 1
    return total


BASE = decoded_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little")) or NEUTRAL


def is_usable_key(public: bytes) -> bool:
    """Is this the canonical encoding of a point that is not one of the eight of low order (under which anybody can forge)?"""
    point = decoded_point(public)
    return point is not None and encoded_point(multiplied(8, point)) != encoded_point(NEUTRAL)


def is_ed25519(public: bytes, signature: bytes, message: bytes) -> bool:
    """Is this the Ed25519 signature of the message (RFC 8032, 5.1.7, without cofactor, S below the order of the group)?"""
    point = decoded_point(public)
    if point is None or len(signature) != 64 or not is_usable_key(public):
        return False
    scalar = int.from_bytes(signature[32:], "little")
    if scalar >= L:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    challenge = int.from_bytes(digest, "little") % L
    minus = (P - point[0], point[1], point[2], P - point[3])
    return encoded_point(add_points(multiplied(scalar, BASE), multiplied(challenge, minus))) == signature[:32]


# ------------------------------------------------------------------------------------------------------------ ECDSA, P-256 (FIPS 186-5)

FIELD = 2**256 - 2**224 + 2**192 + 2**96 - 1
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
CURVE_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
GENERATOR = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
SPKI_OF_P256 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200") + b"\x04"
Affine = tuple[int, int] | None  # None is the point at infinity


def add_on_p256(one: Affine, two: Affine) -> Affine:
    """The sum of two points of the curve in affine coordinates."""
    if one is None or two is None:
        return two if one is None else one
    if one[0] == two[0]:
        if (one[1] + two[1]) % FIELD == 0:
            return None
        slope = (3 * one[0] * one[0] - 3) * pow(2 * one[1], -1, FIELD) % FIELD
    else:
        slope = (two[1] - one[1]) * pow(two[0] - one[0], -1, FIELD) % FIELD
    x = (slope * slope - one[0] - two[0]) % FIELD
    return x, (slope * (one[0] - x) - one[1]) % FIELD


def multiplied_on_p256(factor: int, point: Affine) -> Affine:
    """``factor`` times the point of the curve."""
    total: Affine = None
    while factor:
        if factor & 1:
            total = add_on_p256(total, point)
        point, factor = add_on_p256(point, point), factor >> 1
    return total


def p256_point(spki: bytes) -> tuple[int, int] | None:
    """The point of a SubjectPublicKeyInfo with an uncompressed P-256 key; None for anything else or off the curve."""
    if len(spki) != len(SPKI_OF_P256) + 64 or not spki.startswith(SPKI_OF_P256):
        return None
    x, y = int.from_bytes(spki[-64:-32], "big"), int.from_bytes(spki[-32:], "big")
    if x >= FIELD or y >= FIELD or (y * y - x * x * x + 3 * x - CURVE_B) % FIELD:
        return None
    return x, y


def read_der_signature(signature: bytes) -> tuple[int, int] | None:
    """r and s of a DER signature; None when it is not the one canonical encoding."""

    def one_integer(content: bytes) -> tuple[int, bytes] | None:
        if len(content) < 3 or content[0] != 2 or not 1 <= content[1] <= 33 or len(content) < 2 + content[1]:
            return None
        body, rest = content[2 : 2 + content[1]], content[2 + content[1] :]
        if body[0] & 0x80 or (len(body) > 1 and body[0] == 0 and not body[1] & 0x80):
            return None
        return int.from_bytes(body, "big"), rest

    if len(signature) < 8 or signature[0] != 0x30 or signature[1] != len(signature) - 2:
        return None
    first = one_integer(signature[2:])
    second = one_integer(first[1]) if first else None
    return (first[0], second[0]) if first and second and not second[1] else None


def is_es256(spki: bytes, signature: bytes, message: bytes) -> bool:
    """Is this the ECDSA signature (P-256, SHA-256, DER) of the message under this key?"""
    point, pair = p256_point(spki), read_der_signature(signature)
    if point is None or pair is None or not (1 <= pair[0] < ORDER and 1 <= pair[1] < ORDER):
        return False
    digest = int.from_bytes(hashlib.sha256(message).digest(), "big")
    inverse = pow(pair[1], -1, ORDER)
    total = add_on_p256(
        multiplied_on_p256(digest * inverse % ORDER, GENERATOR), multiplied_on_p256(pair[0] * inverse % ORDER, point)
    )
    return total is not None and total[0] % ORDER == pair[0]


# -------------------------------------------------------------------------------------------------------------- base64, canonical JSON


def decoded(text: Any, what: str, *, url: bool = False) -> bytes:
    """The bytes of base64 in its one canonical spelling (of base64url without padding where ``url``)."""
    if not isinstance(text, str) or not text.isascii():
        broken(f"{what} is not base64.")
    padded = text + "=" * (-len(text) % 4) if url else text
    try:
        content = base64.b64decode(padded, altchars=b"-_" if url else None, validate=True)
    except (binascii.Error, ValueError):
        broken(f"{what} is not base64.")
    encoded = base64.urlsafe_b64encode(content).rstrip(b"=") if url else base64.b64encode(content)
    if encoded.decode() != text:
        broken(f"{what} is base64 in an unusual spelling.")
    return content


def canonical(document: Any) -> bytes:
    """The RFC 8785 bytes of a document of texts, whole numbers, truth values, lists and objects."""
    return json.dumps(_ordered(document), ensure_ascii=False, separators=(",", ":")).encode()


def _ordered(value: Any) -> Any:
    """The same with every object's keys in the order of their UTF-16 code units (RFC 8785, 3.2.3)."""
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in sorted(value, key=lambda key: key.encode("utf-16-be"))}
    return [_ordered(item) for item in value] if isinstance(value, list) else value


def read_json(content: bytes, what: str) -> Any:
    """The document whose canonical bytes these are: one spelling, NFC, no key twice, no fraction, no number of 2^53 or more."""
    try:
        text = content.decode()
        document = json.loads(
            text, object_pairs_hook=_no_key_twice, parse_float=_no_fraction, parse_constant=_no_fraction
        )
        again = canonical(document)
    except BrokenEvidence as error:
        broken(f"{what}: {error}")
    except (ValueError, RecursionError):
        broken(f"{what} is not JSON.")
    if not unicodedata.is_normalized("NFC", text):
        broken(f"{what} holds a text that is not in Unicode normal form C.")
    if again != content:
        broken(f"{what} is not in canonical form (RFC 8785).")
    if not _has_small_numbers(document):
        broken(f"{what} holds a number that is not read the same everywhere.")
    return document


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        broken("one key stands there twice.")
    return document


def _no_fraction(text: str) -> NoReturn:
    broken(f"{text} is no whole number.")


def _has_small_numbers(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_has_small_numbers, value.values()))
    if isinstance(value, list):
        return all(map(_has_small_numbers, value))
    return not isinstance(value, int) or abs(value) <= LARGEST_INTEGER


# -------------------------------------------------------------------------------------------------------------- tree (RFC 6962, RFC 9162)


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A tree that grows leaf by leaf and keeps its right edge only. ``take_tile(level, number, hashes)`` hears of each full tile."""

    def __init__(self, take_tile: Any = None) -> None:
        self.size = 0
        self.peaks: list[bytes] = []
        self.tiles: list[list[bytes]] = []
        self.counts: list[int] = []
        self._take_tile = take_tile

    def append(self, leaf: bytes) -> bytes:
        """One more leaf; returns its hash."""
        node = of_leaf = hashlib.sha256(b"\x00" + leaf).digest()
        size, height = self.size, 0
        self._keep(0, node)
        while size & 1:
            node = node_hash(self.peaks.pop(), node)
            size, height = size >> 1, height + 1
            if height % 8 == 0:
                self._keep(height // 8, node)
        self.peaks.append(node)
        self.size += 1
        return of_leaf

    def _keep(self, level: int, node: bytes) -> None:
        if level == len(self.tiles):
            self.tiles.append([])
            self.counts.append(0)
        tile = self.tiles[level]
        tile.append(node)
        if len(tile) == TILE:
            if self._take_tile:
                self._take_tile(level, self.counts[level], tile)
            self.counts[level] += 1
            self.tiles[level] = []

    def root(self) -> bytes:
        """The root over all leaves so far; the hash of nothing for none."""
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        node = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            node = node_hash(peak, node)
        return node


def is_included(root: bytes, size: int, index: int, leaf: bytes, proof: list[bytes]) -> bool:
    """Does the proof lead from the leaf's hash at ``index`` to the root (RFC 9162, 2.1.3.2)?"""
    if not 0 <= index < size:
        return False
    position, last, node = index, size - 1, leaf
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


def is_prefix(old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: list[bytes]) -> bool:
    """Does the proof show that the older tree begins the newer one (RFC 9162, 2.1.4.2)?"""
    if not 0 < old_size <= new_size:
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    path = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    if not path:
        return False
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and old == old_root and new == new_root


def tile_path(level: int | str, number: int, width: int = TILE) -> str:
    """Where a tile stands (C2SP tlog-tiles): the number in groups of three digits, all but the last with an x."""
    groups = [f"{number % 1000:03d}"]
    while number >= 1000:
        number //= 1000
        groups.insert(0, f"x{number % 1000:03d}")
    return f"log/tile/{level}/{'/'.join(groups)}" + ("" if width == TILE else f".p/{width}")


# ------------------------------------------------------------------------------------------------------------------------ notes (C2SP)


class Key:
    """A log's public key as a verifier key line: ``name+hash+base64(0x01 || key)``."""

    def __init__(self, vkey: str) -> None:
        match = re.fullmatch(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)", vkey)
        if match is None:
            raise Unusable("A key is written as name+hash+base64, as it stands on the key card.")
        try:
            body = base64.b64decode(match[3], validate=True)
        except binascii.Error:
            raise Unusable("The key is not base64; copy it again from the key card.") from None
        self.vkey, self.name, self.public = vkey, match[1], body[1:]
        self.id = hashlib.sha256(self.name.encode() + b"\n" + body).digest()[:4]
        if len(body) != 33 or body[0] != 1 or self.id.hex() != match[2]:
            raise Unusable("The key does not match its own hash; copy it again from the key card.")
        if not is_usable_key(self.public):
            raise Unusable("This is no usable Ed25519 key: under it anybody can forge signatures.")


@functools.lru_cache(maxsize=1024)
def is_note_signed(public: bytes, signature: bytes, body: str) -> bool:
    """The same as ``is_ed25519``, remembered: thousands of proofs lead to the same checkpoint."""
    return is_ed25519(public, signature, body.encode())


class Checkpoint:
    """A checkpoint and its signature lines, parsed strictly (C2SP signed-note and tlog-checkpoint)."""

    def __init__(self, content: bytes, where: str) -> None:
        try:
            text = content.decode()
        except UnicodeDecodeError:
            broken(f"{where} is not a signed note.")
        body, separator, tail = text.rpartition("\n\n")
        if not separator or not tail.endswith("\n") or any(ord(c) < 32 and c != "\n" for c in text):
            broken(f"{where} is not a signed note.")
        self.where, self.body = where, body + "\n"
        self.signatures = [self._signature(line) for line in tail[:-1].split("\n")]
        lines = body.split("\n")
        if len(lines) < 3 or not all(lines) or not re.fullmatch(r"0|[1-9][0-9]{0,15}", lines[1]):
            broken(f"{where} is not a checkpoint.")
        self.origin, self.size = lines[0], int(lines[1])
        self.root = decoded(lines[2], f"The root in {where}")
        if len(self.root) != 32:
            broken(f"The root in {where} is no SHA-256.")

    def _signature(self, line: str) -> tuple[str, bytes, bytes]:
        match = re.fullmatch("\u2014 ([^\\s+]+) ([A-Za-z0-9+/=]+)", line)
        content = decoded(match[2], f"A signature in {self.where}") if match else b""
        if match is None or len(content) < 5:
            broken(f"{self.where} has a line that is no signature.")
        return match[1], content[:4], content[4:]

    def signers(self, keys: list[Key]) -> list[Key]:
        """Those of ``keys`` that signed; a line that names one of them and does not verify breaks the note."""
        found = []
        for key in keys:
            for name, key_id, signature in self.signatures:
                if (name, key_id) != (key.name, key.id):
                    continue
                if not is_note_signed(key.public, signature, self.body):
                    broken(f"The signature of {name} on {self.where} is wrong.")
                found.append(key)
        return found


# ---------------------------------------------------------------------------------------------------------------------- entries

TIME = re.compile(
    r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z"
).fullmatch
DIGEST = re.compile(r"[0-9a-f]{64}").fullmatch
SAFE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*").fullmatch
ANSWER_KEYS = {"authenticator_data", "client_data_json", "origin", "public_key", "rp_id", "signature"}


def _form_of_an_entry() -> Callable[[str], re.Match[str] | None]:
    """Matches the canonical spelling of an entry: its members in their one order, each of its type, no other member, no other spelling.

    What it matches is RFC 8785 by construction: keys sorted, no space, escapes only where JSON demands them, whole numbers.
    """
    plain, escaped = r'[^"\\\x00-\x1f]*', r'\\(?:["\\bfnrt]|u00(?:0[0-7bef]|1[0-9a-f]))'
    text = f'"{plain}(?:{escaped}{plain})*"'
    digest, number = '"[0-9a-f]{64}"', "(?:0|[1-9][0-9]{0,15})"

    def listed(item: str) -> str:
        return rf"\[(?:{item}(?:,{item})*)?\]"

    state = rf'(?:null|\{{"sha256":(?:null|{digest}),"state":{text}\}})'
    return re.compile(
        rf'\{{"actor":\{{"id":{text},"name":{text},"roles":{listed(text)},"via":{text}\}},"after":{state},'
        rf'"app":\{{"config_sha256":{text},"version":{text}\}},"attest":{listed(digest)},"before":{state},'
        rf'"eid":"(?P<eid>[0-9a-f]{{32}})",'
        rf'"entity":\{{"id":(?P<entity>{text},"type":(?P<entity_type>{text})),"version":(?:null|(?P<version>{number}))\}},'
        rf'"log":(?P<log>{text}),"payload":(?P<payload>null|\{{"len":(?P<len>{number}),"media":{text},"sha256":{digest}\}}),'
        rf'"prev":(?P<prev>null|{number}),"reason":(?:null|{text}),"seq":(?P<seq>{number}),"ts":"(?P<ts>[0-9T:.Z-]{{24}})",'
        r'"type":"(?P<type>[a-z][a-z_]*\.[a-z][a-z_]*)","v":1\}'
    ).fullmatch


ENTRY = _form_of_an_entry()


def read_leaf(content: bytes, seq: int, origin: str) -> re.Match[str]:
    """The parts of the entry in these bytes: canonical, of the closed schema, of this log (``origin`` in canonical form), at this place."""
    if len(content) > LARGEST_LEAF:
        broken(f"Entry {seq} is larger than 16 KiB.")
    try:
        text = content.decode()
    except ValueError:
        broken(f"Entry {seq} is not JSON.")
    leaf = ENTRY(text)
    if leaf is None or not TIME(leaf["ts"]) or not _has_small_counts(leaf):
        read_json(content, f"Entry {seq}")
        broken(f"Entry {seq} is not of the form of an entry.")
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        broken(f"Entry {seq} holds a text that is not in Unicode normal form C.")
    if leaf["seq"] != str(seq):
        broken(f"Entry {seq} calls itself {leaf['seq']}: entries were removed, inserted or renumbered.")
    if leaf["log"] != origin:
        broken(f"Entry {seq} belongs to another log.")
    return leaf


def _has_small_counts(leaf: re.Match[str]) -> bool:
    return all(len(text or "") < 16 or int(text) <= LARGEST_INTEGER for text in leaf.group("version", "len"))


def _is_index(value: Any) -> bool:
    return type(value) is int and 0 <= value <= LARGEST_INTEGER


def has_nothing_behind(line: bytes) -> bool:
    """Does the entry name neither envelope nor payload? Inside a text these quotes would be escaped."""
    return b'"attest":[],' in line and b'"payload":null,' in line


def kind_of(line: bytes) -> str:
    """The type of an entry without reading it whole: in canonical form it stands last but one."""
    return line[line.rindex(b'"type":"') + 8 : -8].decode()


# ---------------------------------------------------------------------------------------------------------------------- workflow


def _moment(ts: str) -> datetime.datetime:
    """The moment of an entry, whose form step 6 has checked."""
    return datetime.datetime.strptime(ts, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=datetime.UTC)


class History:
    """What the entries tell, in their order: roles, stages, signatures, releases. Each method takes one entry or says why it may not be."""

    def __init__(self) -> None:
        self.roles: dict[str, set[str]] = {}
        self.grants: dict[tuple[str, str], dict[str, Any]] = {}  # by person and role: what a statement has to say of it
        self.asked: dict[str, int] = {}  # by change: the entry by which the signatures were asked for that it waits for
        self.stood: dict[
            str, tuple[dict[str, dict[str, Any]], int | None]
        ] = {}  # by envelope: roles of its signer, what was asked when
        self.inactive: set[str] = set()
        self.stages: dict[str, str] = {}
        self.contributors: dict[str, set[str]] = {}
        self.reviewers: dict[str, set[str]] = {}
        self.signers: dict[str, dict[str, str]] = {}  # by change: who signed it off, with the signature's id
        self.deciders: dict[str, set[str]] = {}
        self.applied: dict[str, dict[str, Any]] = {}  # by digest of the envelope
        self.acts: dict[str, dict[str, Any]] = {}  # the entry of the act, by digest of its envelope
        self.attested: dict[str, list[int]] = {}
        self.voided: dict[str, int] = {}
        self.releases: list[dict[str, Any]] = []
        self.withdrawn: dict[str, int] = {}
        self.live: list[dict[str, Any]] = []
        self.results: dict[str, tuple[int, str | None, str]] = {}
        self.released: list[tuple[int, str, str]] = []  # entry, change, manifest
        self.by_policy: set[str] = set()  # manifests of changes that the system let pass
        self.enrolled: dict[tuple[str, str], int] = {}  # person and digest of a passkey's key
        self.revoked: dict[tuple[str, str], int] = {}
        self.resets: dict[str, dict[str, Any]] = {}  # by person: the newest reset that nobody confirmed
        self.deeds: dict[
            str, dict[str, Any]
        ] = {}  # the entry of a signed act that is no move, by digest of its envelope
        self.governed: dict[str, tuple[str, str]] = {}  # digest of an envelope: entry type and subject
        self.reviewed = 0  # how many entries from the first on were reviewed
        self.joined: set[str] = set()
        self.policies: dict[str, int] = {}  # by digest: the entry that put the version into force
        self.policy: str | None = None  # the digest of the version in force
        self.proposal: dict[str, Any] | None = None
        self.proposed_alone = False
        self.had_urgent_policy = False
        self.policy_acts: dict[str, tuple[dict[str, Any], str]] = {}  # entry and meaning, by digest of the envelope
        self.held: dict[str, frozenset[str]] = {}  # by digest of an envelope: the roles that its signer held then
        self.erased: dict[str, dict[str, Any]] = {}  # by digest of the bytes that two people had erased
        self.moves = 0

    def take(self, leaf: dict[str, Any]) -> None:
        """The next entry that matters."""
        for digest in leaf["attest"]:
            self.attested.setdefault(digest, []).append(leaf["seq"])
        kind = leaf["type"]
        if kind.startswith("change."):
            self._take_change(leaf, kind.removeprefix("change."))
        elif kind in ("role.granted", "role.revoked"):
            self._take_role(leaf, kind)
        elif kind == "role.confirmed":
            self._take_role_confirmed(leaf)
        elif kind.startswith("policy."):
            self._take_policy(leaf, kind)
        elif kind == "person.joined":
            self.joined.add(leaf["entity"]["id"])
        elif kind == "person.deactivated":
            self.inactive.add(leaf["entity"]["id"])
        elif kind == "person.reactivated":
            self.inactive.discard(leaf["entity"]["id"])
        elif kind in ("factor.enrolled", "factor.revoked", "factor.reset"):
            self._take_factor(leaf, kind)
        elif kind == "factor.reset_confirmed":
            self._take_reset_confirmed(leaf)
        elif kind == "trail.reviewed":
            self._take_review(leaf)
        elif kind == "release.restricted":
            self._take_deed(leaf, set(), None)
        elif kind == "signature.applied":
            self._take_signature(leaf)
        elif kind in GOVERNED:
            self._take_governed(leaf, kind)
        elif kind == "signature.voided":
            self.voided.setdefault(leaf["entity"]["id"], leaf["seq"])
        elif kind == "release.made":
            self.releases.append(leaf)
        elif kind == "release.withdrawn":
            self.withdrawn.setdefault(leaf["entity"]["id"], leaf["seq"])
        elif kind == "release.live":
            self.live.append(leaf)
        elif kind == "payload.erased":
            self.erased.setdefault(leaf["entity"]["id"], leaf)
        elif kind == "run.concluded" and leaf["after"] and leaf["after"]["sha256"]:
            self.results.setdefault(leaf["after"]["sha256"], (leaf["seq"], leaf["reason"], leaf["entity"]["id"]))

    def _take_role(self, leaf: dict[str, Any], kind: str) -> None:
        role = str(leaf["reason"] or (leaf["after"] or {}).get("state"))
        held = self.roles.setdefault(leaf["entity"]["id"], set())
        held.add(role) if kind == "role.granted" else held.discard(role)
        person = leaf["entity"]["id"]
        if kind == "role.granted":
            self.grants[person, role] = {
                "since": leaf["ts"],
                "entry": leaf["seq"],
                "by": leaf["actor"]["id"],
                "confirmed": None,
            }
        else:
            self.grants.pop((person, role), None)

    def _take_role_confirmed(self, leaf: dict[str, Any]) -> None:
        """A second person signed that the role is meant to be held: neither who holds it nor who gave it."""
        person, role = leaf["entity"]["id"], str(leaf["reason"])
        grant = self.grants.get((person, role))
        if grant is None or grant["confirmed"] is not None:
            broken(f"Entry {leaf['seq']} confirms a role that is not held or was confirmed before.")
        self._take_deed(leaf, {person, grant["by"]}, grant["entry"])
        second = {"at": leaf["ts"], "entry": leaf["seq"], "by": leaf["actor"]["id"]}
        self.grants[person, role] = {**grant, "confirmed": second}

    def _roles_of(self, person: str) -> dict[str, dict[str, Any]]:
        return {role: grant for (holder, role), grant in self.grants.items() if holder == person}

    def _take_policy(self, leaf: dict[str, Any], kind: str) -> None:
        """A version of the policy: proposed by one administrator, put into force by another, or by one and 24 hours."""
        seq, digest = leaf["seq"], (leaf["after"] or {}).get("sha256")
        if digest is None:
            broken(f"Entry {seq} names no version of the policy.")
        if kind == "policy.adopted" and self.policy is None and leaf["actor"]["via"] == "system":
            self.policies[digest], self.policy = seq, digest
            return
        if (leaf["before"] or {}).get("sha256") != (digest if kind == "policy.withdrawn" else self.policy):
            broken(f"Entry {seq}: another version of the policy was in force or proposed then than the entry says.")
        if kind == "policy.proposed":
            if self.proposal is not None:
                broken(f"Entry {seq} proposes a policy while the one of entry {self.proposal['seq']} is open.")
            self._require_policy_signature(leaf, leaf["attest"], POLICY_MEANINGS[0])
            self.proposal, self.proposed_alone = leaf, self._count_administrators() < 2
            return
        if self.proposal is None or self.proposal["after"]["sha256"] != digest:
            broken(f"Entry {seq}: this version of the policy was not proposed, or was withdrawn.")
        if kind == "policy.adopted":
            self._require_adoption(leaf, self.proposal)
            self.had_urgent_policy |= self.proposal["reason"] == "urgent"
            self.policies.setdefault(digest, seq)
            self.policy = digest
        self.proposal = None

    def _require_adoption(self, leaf: dict[str, Any], proposed: dict[str, Any]) -> None:
        seq, first = leaf["seq"], proposed["attest"]
        if leaf["attest"][:1] != first:
            broken(f"Entry {seq} puts a policy into force without the signature of its proposal.")
        if len(leaf["attest"]) == 1:
            waited = _moment(leaf["ts"]) - _moment(proposed["ts"])
            if leaf["actor"]["via"] != "system" or waited < POLICY_DELAY:
                broken(f"Entry {seq}: one signature puts a policy into force after 24 hours and not before.")
            if not self.proposed_alone:
                broken(f"Entry {seq}: two administrators were active, and only one of them signed this policy.")
            return
        if leaf["actor"]["id"] == proposed["actor"]["id"]:
            broken(
                f"Entry {seq}: {leaf['actor']['name']} proposed the policy and signed it as the second administrator."
            )
        self._require_policy_signature(leaf, leaf["attest"][1:], POLICY_MEANINGS[1])

    def _require_policy_signature(self, leaf: dict[str, Any], attest: list[str], meaning: str) -> None:
        seq, actor = leaf["seq"], leaf["actor"]
        held = self.roles.get(actor["id"], set()) if actor["id"] not in self.inactive else set()
        if actor["via"] not in IN_PERSON or "administrator" not in held:
            broken(f"Entry {seq}: {actor['name']} was no administrator then, or did it without being there in person.")
        applied = self.applied.get(attest[0]) if len(attest) == 1 else None
        if applied is None or attest[0] in self.policy_acts or applied["actor"]["id"] != actor["id"]:
            broken(f"Entry {seq} names no signature that was applied for it.")
        self.policy_acts[attest[0]] = leaf, meaning

    def _count_administrators(self) -> int:
        """How many could have signed: those who joined, are active and hold the role."""
        return sum("administrator" in self.roles.get(person, ()) for person in self.joined - self.inactive)

    def _take_factor(self, leaf: dict[str, Any], kind: str) -> None:
        """A passkey's entry carries the digest of its public key; a reset ends all keys of the person."""
        person, digest = leaf["entity"]["id"], (leaf["after"] or {}).get("sha256")
        if kind == "factor.enrolled" and digest:
            self.enrolled.setdefault((person, digest), leaf["seq"])
        elif kind == "factor.revoked" and digest:
            self.revoked.setdefault((person, digest), leaf["seq"])
        elif kind == "factor.reset":
            self.resets[person] = leaf
            for known in [pair for pair in self.enrolled if pair[0] == person]:
                self.revoked.setdefault(known, leaf["seq"])

    def _take_reset_confirmed(self, leaf: dict[str, Any]) -> None:
        """A second person signed that the factors enrolled since are the person's: neither that person nor who took them away."""
        person, reset = leaf["entity"]["id"], self.resets.pop(leaf["entity"]["id"], None)
        if reset is None:
            broken(f"Entry {leaf['seq']} confirms a reset of second factors that was not made or was confirmed before.")
        self._take_deed(leaf, {person, reset["actor"]["id"]}, reset["seq"])

    def _take_review(self, leaf: dict[str, Any]) -> None:
        """An auditor reviewed the log from where the review before ended, up to an entry that stood already."""
        named = re.fullmatch(r"(0|[1-9][0-9]{0,15})-(0|[1-9][0-9]{0,15})", leaf["entity"]["id"])
        if named is None or not self.reviewed == int(named[1]) <= int(named[2]) < leaf["seq"]:
            broken(
                f"Entry {leaf['seq']} is no review of the log that begins at entry {self.reviewed}, where the one before ended."
            )
        self.reviewed = int(named[2]) + 1
        self._take_deed(leaf, set(), None)

    def _take_deed(self, leaf: dict[str, Any], not_by: set[str], asked: int | None) -> None:
        """A signed act that is no move of a change: by a person with the role, nobody of ``not_by``, and with a signature of its own.

        ``asked``: the entry by which it was asked for; the role was held before, or its grant confirmed.
        """
        seq, actor, kind = leaf["seq"], leaf["actor"], leaf["type"]
        held = self.roles.get(actor["id"], set()) if actor["id"] not in self.inactive else set()
        if actor["via"] not in IN_PERSON or not held.intersection(DEEDS[kind][1]):
            broken(
                f"Entry {seq}: {actor['name']} held no role then that may do this, or did it without being there in person."
            )
        if not any(
            is_old_enough(self.grants.get((actor["id"], role)), asked) for role in held.intersection(DEEDS[kind][1])
        ):
            broken(f"Entry {seq}: {actor['name']} {TOO_NEW}")
        if actor["id"] in not_by:
            broken(f"Entry {seq}: {actor['name']} is not the second person that {kind} takes.")
        applied = self.applied.get(leaf["attest"][0]) if len(leaf["attest"]) == 1 else None
        if applied is None or leaf["attest"][0] in self.deeds or applied["actor"]["id"] != actor["id"]:
            broken(f"Entry {seq} names no signature that was applied for it.")
        self.deeds[leaf["attest"][0]] = leaf

    def _take_signature(self, leaf: dict[str, Any]) -> None:
        reset = self.resets.get(leaf["actor"]["id"])
        if reset is not None:
            broken(
                f"Entry {leaf['seq']}: {leaf['actor']['name']} signed although the second factors were taken away at entry "
                f"{reset['seq']} and nobody had confirmed the new ones."
            )
        if len(leaf["attest"]) != 1 or not leaf["after"] or leaf["after"]["sha256"] is None:
            broken(f"Entry {leaf['seq']} applies a signature without naming it and its subject.")
        digest = leaf["attest"][0]
        if digest in self.applied:
            broken(f"Entry {leaf['seq']} applies the signature of entry {self.applied[digest]['seq']} a second time.")
        self.applied[digest] = leaf
        self.stood[digest] = (self._roles_of(leaf["actor"]["id"]), None)
        actor = leaf["actor"]["id"]
        self.held[digest] = frozenset(() if actor in self.inactive else self.roles.get(actor, ()))

    def _take_governed(self, leaf: dict[str, Any], kind: str) -> None:
        """A key was rotated or revoked, or the log restored: as many different administrators as that takes applied signatures to it."""
        seq, needed = leaf["seq"], GOVERNED[kind][0]
        signers = set[str]()
        for digest in leaf["attest"]:
            applied = self.applied.get(digest)
            if (
                applied is None
                or digest in self.governed
                or digest in self.acts
                or applied["after"]["sha256"] != subject_of(leaf)
            ):
                broken(f"Entry {seq} names a signature that was not applied for it.")
            actor = applied["actor"]["id"]
            if actor in self.inactive or "administrator" not in self.roles.get(actor, ()):
                broken(f"Entry {seq}: {applied['actor']['name']} was no administrator then.")
            self.governed[digest] = (kind, subject_of(leaf))
            signers.add(actor)
        if len(signers) < needed:
            broken(f"Entry {seq} takes the signatures of {needed} different administrators, and has {len(signers)}.")

    def _take_change(self, leaf: dict[str, Any], name: str) -> None:
        change, seq = leaf["entity"]["id"], leaf["seq"]
        if name == "opened":
            if change in self.stages or not leaf["after"] or leaf["after"]["state"] != "draft":
                broken(f"Entry {seq} opens a change that is open already, or not as a draft.")
            self.stages[change] = "draft"
            self.contributors[change] = {leaf["actor"]["id"]}
            return
        if not leaf["before"] or not leaf["after"] or change not in self.stages:
            broken(f"Entry {seq} moves a change that was never opened.")
        source, target = leaf["before"]["state"], leaf["after"]["state"]
        if source != self.stages[change]:
            broken(f"Entry {seq} moves change {change} out of {source}, but it was in {self.stages[change]}.")
        rows = [row for row in MOVES if row[:3] == (name, source, target)]
        if not rows:
            broken(f"Entry {seq}: the workflow has no move {name} from {source} to {target}.")
        if name == "policy_changed" and not self.had_urgent_policy:
            broken(f"Entry {seq} sends a change back for an urgent policy, and none was ever in force.")
        self._require_right(leaf, name, rows)
        self._remember(leaf, change, name, source, target)

    def _require_right(self, leaf: dict[str, Any], name: str, rows: list[Any]) -> None:
        """The actor held one of the move's roles then, and is nobody whom separation of duties keeps from it."""
        seq, actor, change = leaf["seq"], leaf["actor"], leaf["entity"]["id"]
        if actor["via"] == "system":
            if not any(not row[3] for row in rows):
                broken(f"Entry {seq}: {name} is no move that the system makes by itself.")
            return
        rows = [row for row in rows if row[3]]
        held = self.roles.get(actor["id"], set()) if actor["id"] not in self.inactive else set()
        if not set(actor["roles"]) <= held:
            broken(f"Entry {seq}: {actor['name']} did not hold the roles then that the entry names.")
        if not any(held.intersection(row[3]) for row in rows):
            broken(f"Entry {seq}: {actor['name']} held no role then that may {name}.")
        if actor["via"] == "token" and name not in TOKEN_MOVES:
            broken(f"Entry {seq}: a token made the move {name}, which takes a person in a session.")
        if all("contributor" in row[5] for row in rows) and actor["id"] in self.contributors[change]:
            broken(f"Entry {seq}: {actor['name']} contributed to the change and decided on it (separation of duties).")
        if all("reviewer" in row[5] for row in rows) and actor["id"] in self.reviewers.get(change, ()):
            broken(f"Entry {seq}: {actor['name']} reviewed the change and signed it too (separation of duties).")
        earlier = self.signers.get(change, {}).get(actor["id"])
        if all("signer" in row[5] for row in rows) and earlier is not None and earlier not in self.voided:
            broken(
                f"Entry {seq}: {actor['name']} signed the change a second time, where another physician has to sign."
            )
        if rows[0][4] and len(leaf["attest"]) != 1:
            broken(f"Entry {seq}: {name} is a signed act, and its signature is not named.")
        for digest in leaf["attest"]:
            applied = self.applied.get(digest)
            if applied is None or digest in self.acts or applied["actor"]["id"] != actor["id"]:
                broken(f"Entry {seq} names a signature that was not applied for it.")

    def _remember(self, leaf: dict[str, Any], change: str, name: str, source: str, target: str) -> None:
        actor = leaf["actor"]["id"]
        self.moves += 1
        self.stages[change] = target
        if name in ("submit", "revise"):
            self.contributors[change].add(actor)
        if name in REVIEWING_MOVES:
            self.reviewers.setdefault(change, set()).add(actor)
        elif target in UNREVIEWED and source != target:
            self.reviewers.pop(change, None)
        if leaf["attest"]:
            self.deciders.setdefault(change, set()).add(actor)
        if name == "sign":
            self.signers.setdefault(change, {})[actor] = self.applied[leaf["attest"][0]]["entity"]["id"]
        if name == "release_by_policy":
            self.by_policy.add(leaf["after"]["sha256"] or "")
        if name in RELEASING_MOVES and target == "rollout":
            self.released.append((leaf["seq"], change, leaf["after"]["sha256"] or ""))
        for digest in leaf["attest"]:
            self.acts[digest] = leaf
            self.stood[digest] = (self.stood[digest][0], None if name in STOPPING else self.asked.get(change))
        if name in ASKING:
            self.asked[change] = leaf["seq"]


def subject_of(leaf: dict[str, Any]) -> str:
    """What a signature on an act on the log itself is over: a new key's digest, a revocation's, or what was lost and what was kept."""
    if leaf["type"] != "log.restored":
        return str(leaf["after"]["sha256"])
    lost, kept = leaf["before"], leaf["after"]
    facts = {"log": leaf["log"], "lost_size": int(lost["state"]), "lost_root": lost["sha256"]}
    return sha256(canonical({**facts, "kept_size": int(kept["state"]), "kept_root": kept["sha256"]}))


# ------------------------------------------------------------------------------------------------------------------ keys and gaps


class LogKey:
    """A key of the log with the entries for which it counts; a checkpoint of n entries is of entry n - 1. ``until`` is exclusive."""

    def __init__(self, key: Key, start: int) -> None:
        self.key, self.start = key, start
        self.until: int | None = None
        self.revoked: dict[str, Any] | None = None

    def covers(self, seq: int) -> bool:
        """Does the key count for this entry?"""
        ends = [self.until, self.revoked["from_seq"] if self.revoked else None]
        return self.start <= seq and all(end is None or seq < end for end in ends)

    def told(self) -> dict[str, Any]:
        """The row of policy/keys.json."""
        return {"vkey": self.key.vkey, "from_seq": self.start, "until_seq": self.until, "revoked": self.revoked}


class Gap:
    """A restore from an older copy, as the log tells it: the first ``kept`` entries stayed, those up to ``lost`` are gone."""

    def __init__(self, leaf: dict[str, Any]) -> None:
        self.seq, self.ts = leaf["seq"], leaf["ts"]
        self.lost, self.lost_root = int(leaf["before"]["state"]), str(leaf["before"]["sha256"])
        self.kept, self.kept_root = int(leaf["after"]["state"]), str(leaf["after"]["sha256"])
        if not 0 < self.kept <= self.seq:
            broken(f"Entry {self.seq} tells of an impossible restore.")

    def words(self) -> str:
        """What was lost, plainly."""
        lost = f"entries {self.kept} to {self.lost - 1}" if self.lost > self.kept else f"the log of {self.lost} entries"
        return (
            f"the log was restored from an older copy at entry {self.seq} ({self.ts}): {lost}, which the log's key had signed, "
            "are lost, and other entries bear their numbers now"
        )


# ----------------------------------------------------------------------------------------------------------------------- the steps


class Audit:
    """One bundle and what the auditor brought. The steps run in order; each returns what it found good, or raises BrokenEvidence."""

    def __init__(self, bundle: Path, keys: list[Key], prior: Checkpoint | None) -> None:
        self.path, self.keys, self.prior = bundle, keys, prior
        self.pinned = list(keys)
        self.is_pinned = bool(keys)
        self.weak: list[str] = []
        self.gaps: list[Gap] = []
        self.of_period = range(0)
        self.history = History()

    # -- reading

    def read(self, name: str) -> bytes:
        """The bytes of one file; the large ones are streamed instead."""
        info = self.files.get(name)
        if info is None:
            broken(f"{name} is missing.")
        if info.file_size > MOST_BYTES_IN_MEMORY:
            broken(f"{name} is too large for what it is.")
        try:
            return self.zip.read(info)
        except UNPACKING as error:
            broken(f"{name} cannot be unpacked ({type(error).__name__}).")

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of one file in portions, never more than its stated size."""
        try:
            with self.zip.open(self.files[name]) as stream:
                while portion := stream.read(2**20):
                    yield portion
        except UNPACKING as error:
            broken(f"{name} cannot be unpacked ({type(error).__name__}).")

    def lines(self) -> Iterator[bytes]:
        """The bytes of each entry, in order, without the line's end."""
        rest = b""
        for portion in self.chunks("log/entries.jsonl"):
            found = (rest + portion).split(b"\n")
            rest = found.pop()
            if len(rest) > LARGEST_LEAF + 1:
                broken("log/entries.jsonl holds an entry larger than 16 KiB.")
            yield from found
        if rest:
            broken("log/entries.jsonl does not end with the end of a line.")

    def under(self, folder: str) -> list[str]:
        """The names of the files in a folder of the bundle."""
        return [name for name in self.files if name.startswith(folder)]

    # -- step 1

    def safe_unzip(self) -> str:
        """Nothing is written to disk; names, sizes, times and places of all files are those of a bundle."""
        try:
            self.zip = zipfile.ZipFile(self.path)
        except UNPACKING as error:
            raise Unusable(f"{self.path} cannot be read as a bundle ({error}).") from None
        infos = self.zip.infolist()
        if len(infos) > MOST_FILES or sum(info.file_size for info in infos) > MOST_BYTES:
            broken("The bundle claims to unpack to more than any log holds (a zip bomb).")
        names = [info.filename for info in infos]
        if names != sorted(set(names)) or len({name.casefold() for name in names}) != len(names):
            broken("The bundle's files are not in order, or one name stands twice.")
        for info in infos:
            self._require_safe(info)
        self._require_no_gap(infos)
        self.files = {info.filename: info for info in infos}
        return f"{len(infos)} files, names and sizes are safe"

    def _require_safe(self, info: zipfile.ZipInfo) -> None:
        name = info.filename
        if not SAFE_NAME(name) or info.orig_filename != name or len(name) > 200:
            broken(f"{name!r} is no name of a file of a bundle (a path that leads elsewhere?).")
        if info.external_attr != 0o100644 << 16 or info.create_system != 3 or info.flag_bits not in (0, 0x800):
            broken(f"{name} is no plain file.")
        if info.date_time != FIXED_TIME or info.comment or self.zip.comment:
            broken(f"{name} was packed by something else: its time or comment is not that of a bundle.")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            broken(f"{name} is packed in an unknown way.")
        if info.file_size > LARGEST_RATIO * max(info.compress_size, 1):
            broken(f"{name} claims to unpack to more than is possible (a zip bomb).")

    def _require_no_gap(self, infos: list[zipfile.ZipInfo]) -> None:
        """No two files share bytes (an overlapping archive is a bomb), and nothing stands before the first."""
        end = 0
        for info in sorted(infos, key=lambda one: one.header_offset):
            if info.header_offset < end or (end == 0 and info.header_offset):
                broken(f"{info.filename} overlaps another file of the archive (a zip bomb).")
            end = info.header_offset + 30 + len(info.filename) + info.compress_size

    # -- step 2

    def file_digests(self) -> str:
        """manifest.json names every file with size and SHA-256, and there is no other."""
        manifest = read_json(self.read("manifest.json"), "manifest.json")
        self.manifest = manifest
        try:
            listed = [(row["path"], row["size"], row["sha256"]) for row in manifest["files"]]
            self.scope_changes = set(manifest["scope"]["changes"])
            self.covers_all = manifest["scope"]["kind"] == "all"
            self.left_out = {row["sha256"]: row["reason"] for row in manifest["left_out"]}
            self.period = _period(manifest.get("period"))
            is_bundle = manifest["kind"] == EXPORT_KIND and _is_index(manifest["log_size"])
        except (KeyError, TypeError):
            is_bundle = False
        if not is_bundle:
            broken("manifest.json is not the list of contents of a bundle.")
        names = [path for path, _, _ in listed]
        extra = sorted(set(self.files) - set(names) - {"manifest.json", "manifest.dsse.json"})
        if extra:
            broken(f"{extra[0]} is in the bundle and not in its list of contents.")
        if names != sorted(set(names)):
            broken("manifest.json does not list each file once, in order.")
        for path, size, digest in listed:
            self._require_digest(path, size, digest)
        scope, requester = manifest["scope"], manifest["requester"]
        covers = f"{scope['kind']} {scope['value']}" if scope["kind"] != scope["value"] else scope["kind"]
        asked = f"scope: {covers}, {len(self.scope_changes)} changes, exported for {requester['name']}"
        return f"{len(listed)} files are as listed, and there is no other; {asked}"

    def _require_digest(self, path: str, size: int, digest: str) -> None:
        if path not in self.files:
            broken(f"{path} is listed and missing.")
        found, length = hashlib.sha256(), 0
        for portion in self.chunks(path):
            found.update(portion)
            length += len(portion)
        if length != size or found.hexdigest() != digest:
            broken(f"{path} is not the file that was exported.")
        if path.startswith(("payloads/", "signatures/")):
            name = path.split("/")[1].split(".")[0]
            if name != digest and not path.endswith(".webauthn.json"):
                broken(f"{path} does not bear the digest of its own bytes.")

    # -- step 3

    def notes(self) -> str:
        """Every checkpoint is a strict signed note of one log, signed by the key that you gave."""
        self.key_history = read_json(self.read("policy/keys.json"), "policy/keys.json")
        brought = self._keys_of_the_bundle()
        if not self.is_pinned:
            self.weak.append(
                "UNPINNED: no key was given, so the bundle is checked against the key that it brings itself"
            )
            self.pinned = brought[:1]
            self.keys = brought
        elif len(brought) > 1:  # keys that took over from yours; step 6 follows them, and believes none before
            self.keys = list({key.vkey: key for key in (*self.keys, *brought)}.values())
        self.head = Checkpoint(self.read("log/checkpoint"), "log/checkpoint")
        self.checkpoints = [self.head]
        for name in self.under("log/checkpoints/"):
            checkpoint = Checkpoint(self.read(name), name)
            if name != f"log/checkpoints/{checkpoint.size}":
                broken(f"{name} is a checkpoint of {checkpoint.size} entries.")
            self.checkpoints.append(checkpoint)
        self.origin = self.head.origin
        for checkpoint in self.checkpoints:
            if checkpoint.origin != self.origin or checkpoint.size > self.head.size:
                broken(f"{checkpoint.where} is of another log, or larger than the head.")
            if not checkpoint.signers(self.keys):
                broken(
                    f"{checkpoint.where} is not signed by {'the key you gave' if self.is_pinned else 'its own key'}."
                )
        if self.head.size != self.manifest["log_size"] or self.manifest.get("log") != self.origin:
            broken("manifest.json and log/checkpoint disagree on the log or its size.")
        self._check_prior_note()
        return f"{len(self.checkpoints)} checkpoints of {self.origin}, head at {self.head.size} entries"

    def _keys_of_the_bundle(self) -> list[Key]:
        """Read strictly in any case, believed only where no key was given."""
        try:
            is_history = self.key_history.keys() == {"log", "service"}
            members = {"vkey", "from_seq", "until_seq", "revoked"}
            found = [Key(row["vkey"]) for row in self.key_history["log"] if row.keys() == members]
            if is_history and found and len(found) == len(self.key_history["log"]):
                return found
        except Unusable as error:
            broken(f"policy/keys.json: {error}")
        except (KeyError, TypeError, AttributeError):
            pass
        broken("policy/keys.json is not a history of keys.")

    def _check_prior_note(self) -> None:
        if self.prior is None:
            return
        if self.prior.origin != self.origin:
            broken("The earlier checkpoint that you gave is of another log.")
        if not self.prior.signers(self.keys):
            broken("The earlier checkpoint that you gave is not signed by this log's key.")
        if self.prior.size > self.head.size and not self._was_restored():
            broken(
                f"The log is shorter than it was: {self.head.size} entries, and {self.prior.size} in the checkpoint you gave. "
                "Its tail was cut off, or its history was rewound."
            )

    def _was_restored(self) -> bool:
        """Does any entry say that the log was restored? Whether that is true is found out in step 6."""
        return any(kind_of(line) == "log.restored" for line in self.lines() if b'"log.restored"' in line)

    # -- step 4

    def leaf_hashes(self) -> str:
        """Leaf hashes are rebuilt from the bytes of the entries, all tiles and the root of every checkpoint from those."""
        proofs = [
            int(name[7:-11]) for name in self.under("proofs/") if re.fullmatch(r"proofs/[0-9]+\.tlog-proof", name)
        ]
        wanted = set(proofs)
        sizes = {checkpoint.size for checkpoint in self.checkpoints} | ({self.prior.size} if self.prior else set())
        tree, bundle = Tree(self._compare_tile), list[bytes]()
        self.tiles_seen: set[str] = set()
        self.leaf_hash: dict[int, bytes] = {}
        self.roots = {0: tree.root()}
        for line in self.lines():
            if tree.size == self.head.size:
                broken("log/entries.jsonl holds more entries than the head covers.")
            found = tree.append(line)
            if tree.size - 1 in wanted:
                self.leaf_hash[tree.size - 1] = found
            if tree.size in sizes:
                self.roots[tree.size] = tree.root()
            bundle.append(line)
            if len(bundle) == TILE:
                self._compare_entries(tree.size // TILE - 1, bundle)
                bundle = []
        if tree.size != self.head.size:
            broken(f"log/entries.jsonl holds {tree.size} entries, and the head covers {self.head.size}.")
        for level, tile in enumerate(tree.tiles):
            if tile:
                self._compare_tile(level, tree.counts[level], tile)
        if bundle:
            self._compare_entries(tree.size // TILE, bundle)
        for checkpoint in self.checkpoints:
            if self.roots[checkpoint.size] != checkpoint.root:
                broken(f"The entries do not have the root that {checkpoint.where} states: entries were changed.")
        if extra := sorted(set(self.under("log/tile/")) - self.tiles_seen):
            broken(f"{extra[0]} is no tile of this tree.")
        return f"{tree.size} entries, {len(self.tiles_seen)} tiles, {len(self.checkpoints)} roots"

    def _compare_tile(self, level: int, number: int, hashes: list[bytes]) -> None:
        path = tile_path(level, number, len(hashes))
        self.tiles_seen.add(path)
        if self.read(path) != b"".join(hashes):
            broken(f"{path} does not hold the hashes of the entries.")

    def _compare_entries(self, number: int, entries: list[bytes]) -> None:
        path = tile_path("entries", number, len(entries))
        self.tiles_seen.add(path)
        if any(len(entry) > LARGEST_LEAF for entry in entries):
            broken(f"{path} holds an entry larger than 16 KiB.")
        if self.read(path) != b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries):
            broken(f"{path} does not hold the entries of log/entries.jsonl.")

    # -- step 5

    def consistency(self) -> str:
        """Every checkpoint, also yours, is a prefix of the head, and every proof in the bundle shows what it says."""
        is_prefix_of_head = self.prior is None or self.roots.get(self.prior.size) == self.prior.root
        if self.prior and not is_prefix_of_head and not self._was_restored():
            broken(
                f"The first {self.prior.size} entries are not those of the checkpoint that you gave: history was rewritten."
            )
        roots = {checkpoint.size: checkpoint.root for checkpoint in self.checkpoints}
        names = self.under("proofs/")
        self.proof_heads: list[Checkpoint] = []
        for name in names:
            pair = re.fullmatch(r"proofs/consistency/([0-9]+)-([0-9]+)", name)
            single = re.fullmatch(r"proofs/([0-9]+)\.tlog-proof", name)
            if pair:
                self._require_prefix(name, int(pair[1]), int(pair[2]), roots)
            elif single:
                self._require_included(name, int(single[1]))
            else:
                broken(f"{name} is no proof.")
        prior = f"; the checkpoint you gave ({self.prior.size} entries) is a prefix" if self.prior else ""
        return f"{len(names)} proofs{prior if is_prefix_of_head else ''}"

    def _require_prefix(self, name: str, old: int, new: int, roots: dict[int, bytes]) -> None:
        content = self.read(name)
        lines = content.decode("ascii", "replace").split("\n")
        if lines.pop() or old not in roots or new not in roots:
            broken(f"{name} does not belong to two checkpoints of the bundle.")
        if not is_prefix(old, new, roots[old], roots[new], [decoded(line, name) for line in lines]):
            broken(f"{name} does not show that the older tree begins the newer one.")

    def _require_included(self, name: str, seq: int) -> None:
        head, separator, note = self.read(name).partition(b"\n\n")
        lines = head.decode("ascii", "replace").split("\n")
        if not separator or lines[:2] != ["c2sp.org/tlog-proof@v1", f"index {seq}"]:
            broken(f"{name} is no proof of entry {seq}.")
        checkpoint = Checkpoint(note, name)
        if checkpoint.origin != self.origin or not checkpoint.signers(self.keys):
            broken(f"{name} leads to a checkpoint that is not this log's.")
        proof = [decoded(line, name) for line in lines[2:]]
        leaf = self.leaf_hash.get(seq)
        known = self.roots.get(checkpoint.size)
        if leaf is None or not is_included(checkpoint.root, checkpoint.size, seq, leaf, proof):
            broken(f"{name} does not lead from the entry to its checkpoint.")
        if known is not None and known != checkpoint.root:
            broken(f"{name} leads to another history.")
        self.proof_heads.append(checkpoint)

    # -- step 6

    def entries(self) -> str:
        """Schema, canonical form, sequence, order of times, links to each entity's previous entry; the log's keys and gaps."""
        origin, last, last_of, seen = canonical(self.origin).decode(), "", dict[str, str](), set[bytes]()
        self.key_entries: list[dict[str, Any]] = []
        for seq, line in enumerate(self.lines()):
            leaf = read_leaf(line, seq, origin)
            if self.period and self.period["since"] <= leaf["ts"] < self.period["until"]:
                self.of_period = range(self.of_period.start if self.of_period else seq, seq + 1)
            if leaf["ts"] < last:
                broken(f"Entry {seq} is dated before the entry that it follows.")
            last = leaf["ts"]
            entity = leaf["entity"]
            if leaf["prev"] != last_of.get(entity, "null"):
                broken(f"Entry {seq} does not link to the previous entry of the same {leaf['entity_type'][1:-1]}.")
            last_of[entity] = leaf["seq"]
            eid = bytes.fromhex(leaf["eid"])
            if eid in seen:
                broken(f"Entry {seq} bears the id of another entry.")
            seen.add(eid)
            if seq == 0 and (leaf["type"] != "log.opened" or leaf["payload"] == "null"):
                broken("The log does not begin with its opening.")
            if leaf["type"] in OF_THE_LOG:
                self.key_entries.append(json.loads(line))
        self._read_gaps()
        self._follow_log_keys()
        self._judge_prior()
        return (
            f"{len(seen)} entries in canonical form, in order of number and time; the last is of {last or 'no time'}; "
            f"{len(self.log_keys)} log key{'s' if len(self.log_keys) > 1 else ''}"
        )

    def _document_of(self, leaf: dict[str, Any]) -> dict[str, Any]:
        """The payload of an entry on the log itself: always in the bundle, with the digest that the entry states."""
        if leaf["payload"] is None:
            broken(f"Entry {leaf['seq']} has no payload.")
        digest = leaf["payload"]["sha256"]
        content = self.read(f"payloads/{digest}")
        if sha256(content) != digest:
            broken(f"The payload of entry {leaf['seq']} is not the one that the entry states.")
        return dict(read_json(content, f"The payload of entry {leaf['seq']}"))

    def _read_gaps(self) -> None:
        """Every restore names what was lost and what was kept; the kept entries are those that stand here."""
        for leaf in self.key_entries:
            if leaf["type"] != "log.restored":
                continue
            gap = Gap(leaf)
            tree = Tree()
            for line in self.lines():
                if tree.size == gap.kept:
                    break
                tree.append(line)
            if tree.root().hex() != gap.kept_root:
                broken(f"Entry {gap.seq} says that other entries were kept in the restore than stand here.")
            self.gaps.append(gap)
            self.weak.append(gap.words())

    def _follow_log_keys(self) -> None:
        """From your key along the rotations: each took over in the log, and one checkpoint bears both signatures.

        Back from your key nothing more is needed: it signed the log that says which keys came before.
        """
        rows = self._log_keys()
        if self.key_history["log"] != [row.told() for row in rows]:
            broken("policy/keys.json tells another history of the log's keys than the log.")
        yours = {key.vkey for key in self.pinned}
        first = next((place for place, row in enumerate(rows) if row.key.vkey in yours), None)
        if first is None:
            broken("The key you gave is not among the keys that this log names.")
        for old, new in zip(rows[first:], rows[first + 1 :], strict=False):
            if new.key.vkey not in yours:
                self._require_handover(old, new)
        self.log_keys = rows
        for checkpoint in (*self.checkpoints, *self.proof_heads):
            if not self._counts(checkpoint):
                broken(f"{checkpoint.where} is signed by no key of this log that counted then.")

    def _log_keys(self) -> list[LogKey]:
        """The log's keys as its entries tell, the oldest first."""
        rotations = [(leaf, self._document_of(leaf)) for leaf in self.key_entries if leaf["type"] == "key.rotated"]
        rotations = [(leaf, document) for leaf, document in rotations if document["key"] == "log"]
        rows = [LogKey(self._named(rotations[0][1]["old"] if rotations else self.key_history["log"][0]["vkey"]), 0)]
        for leaf, document in rotations:
            old, new = self._named(document["old"]), self._named(document["new"])
            digests = (leaf["before"]["sha256"], leaf["after"]["sha256"])
            if digests != (sha256(old.public), sha256(new.public)):
                broken(f"Entry {leaf['seq']} and its payload name other keys.")
            if old.vkey != rows[-1].key.vkey:
                broken(f"Entry {leaf['seq']} hands over from a key that did not count.")
            over = [one.size for one in self.checkpoints if one.size > leaf["seq"]]
            rows[-1].until = min(over)
            rows.append(LogKey(new, leaf["seq"]))
        for leaf in self.key_entries:
            document = self._document_of(leaf) if leaf["type"] == "key.revoked" else {}
            for row in rows:
                if document.get("key") == "log" and document["public"] == row.key.vkey:
                    row.revoked = self._revocation(leaf, document, row.revoked)
        return rows

    def _revocation(
        self, leaf: dict[str, Any], document: dict[str, Any], known: dict[str, Any] | None
    ) -> dict[str, Any]:
        """From which entry and time on a key is not believed; the earliest revocation counts."""
        facts = {name: value for name, value in document.items() if name != "salt"}
        if sha256(canonical(facts)) != leaf["after"]["sha256"] or leaf["entity"]["id"] != facts["keyid"]:
            broken(f"Entry {leaf['seq']} and its payload revoke differently.")
        told = {"from_seq": facts["from_seq"], "compromise_time": facts["compromise_time"]}
        if not _is_index(told["from_seq"]) or not TIME(told["compromise_time"]):
            broken(f"Entry {leaf['seq']} does not say from when on a key is revoked.")
        return told if known is None else {name: min(told[name], known[name]) for name in told}

    def _named(self, vkey: str) -> Key:
        try:
            return Key(vkey)
        except Unusable as error:
            broken(f"A key that the log names: {error}")

    def _require_handover(self, old: LogKey, new: LogKey) -> None:
        """The first checkpoint over the rotation bears both signatures, and the old key was not revoked by then."""
        at = next(one for one in self.checkpoints if one.size == old.until)
        if old.revoked is not None and old.revoked["from_seq"] < at.size:
            broken(
                f"The key you gave, or one that followed it, is revoked from entry {old.revoked['from_seq']} on (compromised "
                f"{old.revoked['compromise_time']}), before the next one took over: it vouches for no key after it. Get the new key card."
            )
        if not (at.signers([old.key]) and at.signers([new.key])):
            broken(
                f"{at.where} does not bear the signatures of both keys, so the new key is not vouched for by the old."
            )

    def _counts(self, checkpoint: Checkpoint) -> bool:
        """Is there a signature of a key that counted for the checkpoint's last entry?"""
        return bool(checkpoint.signers([row.key for row in self.log_keys if row.covers(checkpoint.size - 1)]))

    def _judge_prior(self) -> None:
        """Your earlier checkpoint begins this log, or covers entries that a restore lost and the log says so."""
        prior = self.prior
        if prior is None:
            return
        if self.roots.get(prior.size) == prior.root:
            if not self._counts(prior):
                broken("The earlier checkpoint that you gave is signed by no key of this log that counted then.")
            return
        for gap in self.gaps:
            is_within = gap.kept < prior.size < gap.lost or (prior.size, prior.root.hex()) == (gap.lost, gap.lost_root)
            if is_within and prior.signers([row.key for row in self.log_keys]):
                self.weak.append(
                    f"your checkpoint of {prior.size} entries is from before that restore: its entries {gap.kept} to "
                    f"{prior.size - 1} are not in this log any more. That its first {gap.kept} entries are the ones here cannot be "
                    f"shown without the lost ones; a checkpoint of at most {gap.kept} entries shows it"
                )
                return
        broken(
            f"The checkpoint that you gave ({prior.size} entries) is not of this log, and no restore that the log tells of "
            "explains it: history was rewritten."
        )

    # -- step 7

    def workflow(self) -> str:
        """Every move is one of the table, its actor held the role then, and nobody decided on own work."""
        self.needed: dict[str, tuple[int, int]] = {}
        self.required_envelopes: dict[str, int] = {}
        for seq, line in enumerate(self.lines()):
            kind = kind_of(line)
            is_key = kind in OF_THE_LOG
            if not is_key and not kind.startswith(REPLAYED) and (not self.covers_all or has_nothing_behind(line)):
                continue
            leaf = json.loads(line)
            self.history.take(leaf)
            in_scope = leaf["entity"]["type"] == "change" and leaf["entity"]["id"] in self.scope_changes
            if leaf["payload"] and (self.covers_all or is_key or in_scope):
                self.needed[leaf["payload"]["sha256"]] = (seq, leaf["payload"]["len"])
            if self.covers_all or in_scope or is_key:
                self.required_envelopes.update(dict.fromkeys(leaf["attest"], seq))
        self._require_payloads()
        self._require_erasures()
        return f"{self.history.moves} moves of {len(self.history.stages)} changes are legal, with roles and duties as they were then"

    def _require_payloads(self) -> None:
        """Each payload of the scope is there, of the length that its entry states, or is listed as left out."""
        for digest, (seq, length) in self.needed.items():
            name = f"payloads/{digest}"
            if name not in self.files:
                if digest not in self.left_out:
                    broken(f"The payload of entry {seq} is neither in the bundle nor listed as left out.")
            elif self.files[name].file_size != length:
                broken(f"The payload of entry {seq} has another length than the entry says.")

    def _require_erasures(self) -> None:
        """What is listed as erased has its entry, and the signatures of that entry are required."""
        for digest, reason in self.left_out.items():
            if reason != "erased":
                continue
            leaf = self.history.erased.get(digest)
            if leaf is None:
                broken(f"payloads/{digest} is listed as erased, but no entry says that it was.")
            if len(set(leaf["attest"])) != 2:
                broken(f"Entry {leaf['seq']} erases a payload without the signatures of two people.")
            self.required_envelopes.update(dict.fromkeys(leaf["attest"], leaf["seq"]))

    # -- step 8

    def envelopes(self) -> str:
        """Every envelope: its signature, its key valid at that entry, its subject the digest of the manifest's bytes, its nonce new."""
        self._read_keys()
        self._check_manifest_signature()
        for digest, seq in self.required_envelopes.items():
            if f"signatures/{digest}.dsse.json" not in self.files:
                broken(f"The envelope that entry {seq} names is missing.")
        self.statements: dict[str, dict[str, Any]] = {}
        self.telling, self.silent = list[int](), list[int]()
        self.by_passkey: dict[
            str, tuple[bytes, str, bytes]
        ] = {}  # payload, id of the key and signature, by digest of the envelope
        nonces: dict[str, str] = {}
        for name in self.under("signatures/"):
            if not name.endswith(".dsse.json"):
                continue
            digest = name[len("signatures/") : -len(".dsse.json")]
            statement = self._open_envelope(name, digest)
            self.statements[digest] = statement
            if statement["predicateType"] == SIGNATURE_TYPE:
                self._check_signature(name, digest, statement)
                nonce = statement["predicate"].get("nonce")
                if not isinstance(nonce, str) or nonces.setdefault(nonce, digest) != digest:
                    broken(f"{name} bears a nonce that is missing or was used before (a signature moved elsewhere?).")
            elif statement["predicateType"] != RELEASE_TYPE:
                broken(f"{name} is a statement of an unknown kind.")
        if self.telling and self.silent and max(self.silent) > min(self.telling):
            broken(
                f"The signature of entry {max(self.silent)} does not say since when its role was held, and earlier ones do."
            )
        self._check_erasures()
        found = f"{len(self.statements)} envelopes; every subject is the digest of bytes in this bundle"
        return found + (self._check_period(self.period) if self.period else "")

    def _check_period(self, period: dict[str, Any]) -> str:
        """The entries and signatures of the audit pack are those of its period in the log, and every signature came along."""
        entries = self.of_period
        first, last = (entries[0], entries[-1]) if entries else (None, None)
        among = {leaf["seq"]: digest for digest, leaf in self.history.applied.items() if leaf["seq"] in entries}
        if (period["first"], period["last"], period["signatures"]) != (first, last, len(among)):
            broken(
                f"manifest.json tells other entries or signatures of its period than the log: {first} to {last}, {len(among)} signatures."
            )
        for seq, digest in among.items():
            if digest not in self.statements:
                broken(f"The signature of entry {seq} is of the audit pack's period and not in the bundle.")
        if first is None:
            return "; no entry is of the audit pack's period"
        return f"; entries {first} to {last} of this period, and no further signature among them ({len(among)})"

    def _check_erasures(self) -> None:
        """Each erasure was asked for by one person and confirmed by another, over the same list of what goes."""
        for digest, reason in self.left_out.items():
            if reason != "erased":
                continue
            leaf = self.history.erased[digest]
            pair = [self.statements[envelope] for envelope in leaf["attest"]]
            meanings = [statement["predicate"].get("meaning") for statement in pair]
            signers = {statement["predicate"]["signer"]["id"] for statement in pair}
            subjects = {statement["subject"][0]["digest"]["sha256"] for statement in pair}
            held = [self.history.held[envelope] for envelope in leaf["attest"]]
            is_pair = any(one in held[0] and other in held[1] for one, other in ERASURE_ROLES)
            if not is_pair:
                broken(f"Entry {leaf['seq']} erases a payload without an administrator and an auditor who signed that.")
            if meanings != ERASURE_MEANINGS or len(signers) != 2 or len(subjects) != 1:
                broken(f"Entry {leaf['seq']} erases a payload, but no two people signed that it should be.")
            asked, role = self.history.applied[leaf["attest"][0]]["seq"], pair[1]["predicate"].get("role")
            if not is_old_enough(self.history.stood[leaf["attest"][1]][0].get(str(role)), asked):
                broken(f"Entry {leaf['seq']}: who confirmed the erasure {TOO_NEW}")
            if any(self.history.applied[envelope]["seq"] > leaf["seq"] for envelope in leaf["attest"]):
                broken(f"Entry {leaf['seq']} erases a payload before both people had signed it.")

    def _read_keys(self) -> None:
        """The service's keys with the entries between which each is valid, from payloads that the log vouches for."""
        self.service_keys: dict[str, tuple[bytes, int, int | None]] = {}
        self.revoked_keys: dict[str, dict[str, Any]] = {}
        for leaf in self.key_entries:
            if leaf["type"] != "log.restored":
                self._take_key(leaf, self._document_of(leaf))
        told = [
            {
                "keyid": keyid,
                "public_key": public.hex(),
                "from_seq": start,
                "until_seq": end,
                "revoked": self.revoked_keys.get(keyid),
            }
            for keyid, (public, start, end) in self.service_keys.items()
        ]
        if self.key_history["service"] != told:
            broken("policy/keys.json tells another history of keys than the log.")

    def _take_key(self, leaf: dict[str, Any], document: dict[str, Any]) -> None:
        text = document.get("service_public_key")
        if leaf["type"] == "key.revoked":
            keyid = document["keyid"]
            if document["key"] == "service" and keyid in self.service_keys:
                self.revoked_keys[keyid] = self._revocation(leaf, document, self.revoked_keys.get(keyid))
        elif isinstance(text, str):
            public = bytes.fromhex(text) if DIGEST(text) else b""
            if not is_usable_key(public):
                broken(f"Entry {leaf['seq']} brings a service key under which anybody can forge signatures.")
            for keyid, (old, begin, end) in self.service_keys.items():
                self.service_keys[keyid] = (old, begin, leaf["seq"] if end is None else end)
            self.service_keys[sha256(public)] = (public, leaf["seq"], None)

    def _check_manifest_signature(self) -> None:
        """The list of contents is signed by the service that made it."""
        payload, keyid, signature = self._parts("manifest.dsse.json")
        self._require_service("manifest.dsse.json", self.head.size - 1, payload, keyid, signature)
        statement = self._statement("manifest.dsse.json", payload)
        subject = [{"digest": {"sha256": sha256(self.read("manifest.json"))}, "name": "manifest.json"}]
        if statement["predicateType"] != EXPORT_TYPE or statement["subject"] != subject:
            broken("manifest.dsse.json does not sign this list of contents.")

    def _open_envelope(self, name: str, digest: str) -> dict[str, Any]:
        """The statement of an envelope that the log names. A person's passkey signs it at level L2 (step 9), else the service does."""
        seqs = self.history.attested.get(digest)
        if not seqs:
            broken(f"{name} is named by no entry of the log.")
        payload, keyid, signature = self._parts(name)
        statement = self._statement(name, payload)
        if statement["predicateType"] == SIGNATURE_TYPE and statement["predicate"].get("level") == "L2":
            self.by_passkey[digest] = payload, keyid, signature
        else:
            self._require_service(name, seqs[0], payload, keyid, signature)
        return statement

    def _parts(self, name: str) -> tuple[bytes, str, bytes]:
        """Payload, id of the key and signature of an envelope."""
        document = read_json(self.read(name), name)
        try:
            media, signatures = document["payloadType"], document["signatures"]
            payload = decoded(document["payload"], name)
            pairs = [(row["keyid"], decoded(row["sig"], name)) for row in signatures]
            is_form = document.keys() == {"payloadType", "payload", "signatures"} and media == STATEMENT_MEDIA
            is_form = is_form and len(pairs) == 1 and signatures[0].keys() == {"keyid", "sig"}
        except (KeyError, TypeError, AttributeError):
            is_form = False
        if not is_form:
            broken(f"{name} is no DSSE envelope.")
        return payload, *pairs[0]

    def _require_service(self, name: str, seq: int, payload: bytes, keyid: str, signature: bytes) -> None:
        """A service key that was valid at entry ``seq`` signed this payload."""
        if keyid not in self.service_keys:
            broken(f"{name} is signed by a key that the log does not know.")
        public, start, end = self.service_keys[keyid]
        if seq < start or (end is not None and seq >= end):
            broken(f"{name} is signed by a key that was not valid at entry {seq}.")
        if not is_ed25519(public, signature, pre_authentication_encoding(payload)):
            broken(f"The signature in {name} is wrong.")
        if revoked := self.revoked_keys.get(keyid):
            self._require_before(name, seq, payload, revoked)

    def _require_before(self, name: str, seq: int, payload: bytes, revoked: dict[str, Any]) -> None:
        """The revoked key signed this before the revocation's entry and time; its own leave-taking it signs in any case."""
        kind, _ = self.history.governed.get(name[len("signatures/") : -len(".dsse.json")], ("", ""))
        if kind == "key.rotated":
            return
        if seq >= revoked["from_seq"]:
            broken(f"{name} is signed at entry {seq} by a key that is revoked from entry {revoked['from_seq']} on.")
        claims = self._statement(name, payload)["predicate"]
        at = claims.get("signed_at") or claims.get("made_at") or ""
        if at >= revoked["compromise_time"]:
            broken(f"{name} was signed at {at}, when its key was compromised ({revoked['compromise_time']}).")

    def _statement(self, name: str, payload: bytes) -> dict[str, Any]:
        statement = read_json(payload, f"The statement in {name}")
        if not _is_statement(statement):
            broken(f"{name} holds no in-toto statement with one subject.")
        return dict(statement)

    def _check_signature(self, name: str, digest: str, statement: dict[str, Any]) -> None:
        """The person's statement says what the entries say: who, over what, and for a move of a change which act of it."""
        claims, subject = statement["predicate"], statement["subject"][0]["digest"]["sha256"]
        applied, act = self.history.applied.get(digest), self.history.acts.get(digest)
        try:
            signer, level = claims["signer"]["id"], claims["level"]
            is_said = bool(claims["signer"]["name"] and claims["meaning"] and claims["attestation"]["text"])
        except (KeyError, TypeError):
            is_said = False
        if not is_said:
            broken(f"{name} does not say who signed what with which meaning.")
        if applied is None or level not in LEVELS or (act is None) != ("workflow" not in claims):
            broken(f"{name} belongs to no act of the log.")
        if claims.get("log_origin") != self.origin or signer != applied["actor"]["id"]:
            broken(f"{name} was signed for another log or by another person than entry {applied['seq']} says.")
        if subject != applied["after"]["sha256"]:
            broken(f"{name} signs another subject than entry {applied['seq']} (a signature moved elsewhere?).")
        self._check_role(name, digest, claims)
        deed = self.history.deeds.get(digest)
        if deed is not None and (
            claims["meaning"] != DEEDS[deed["type"]][0]
            or statement["subject"][0]["name"] != f"{deed['entity']['type']}/{deed['entity']['id']}"
            or subject != (deed["after"] or {}).get("sha256")
        ):
            broken(f"{name} is a signature of another act than entry {deed['seq']}, or of another meaning.")
        governed = self.history.governed.get(digest)
        if governed is not None and claims["meaning"] != GOVERNED[governed[0]][1]:
            broken(f"{name} is a signature of another meaning than entry {applied['seq']} needs.")
        policy = self.history.policy_acts.get(digest)
        if policy is not None and (
            claims["meaning"] != policy[1]
            or statement["subject"][0]["name"] != f"policy/{policy[0]['entity']['version']}"
            or subject != policy[0]["after"]["sha256"]
        ):
            broken(f"{name} is a signature of another act than entry {policy[0]['seq']}, or of another meaning.")
        if act is not None:
            self._check_act(name, claims, statement["subject"][0]["name"], subject, act)
        shown = claims.get("display_sha256")
        if shown is not None and f"payloads/{shown}" not in self.files and shown not in self.left_out:
            broken(f"What was displayed for {name} is neither in the bundle nor listed as left out.")

    def _check_role(self, name: str, digest: str, claims: dict[str, Any]) -> None:
        """Since when the role was held, who gave and who confirmed it is as the log says, and old enough for what was asked.

        Signatures of a log's first time do not say it; once one does, all later ones do.
        """
        seq, said = self.history.applied[digest]["seq"], claims.get("role_held")
        (self.silent if said is None else self.telling).append(seq)
        if said is None:
            return
        roles, asked = self.history.stood[digest]
        grant, second = roles.get(str(claims.get("role"))), said["confirmed"]
        told = {
            "since": said["since"],
            "entry": said["entry"],
            "by": said["granted_by"]["id"],
            "confirmed": second and {"at": second["at"], "entry": second["entry"], "by": second["by"]["id"]},
        }
        if grant != told:
            broken(f"{name} tells otherwise than the log since when the role was held, or who granted or confirmed it.")
        if not is_old_enough(grant, asked):
            broken(f"{name}: {claims['signer']['name']} {TOO_NEW}")

    def _check_act(self, name: str, claims: dict[str, Any], stated: str, subject: str, act: dict[str, Any]) -> None:
        """The signature is of this move of this change, over the release contents that stood then."""
        flow = claims["workflow"]
        moved = (flow.get("move"), flow.get("from"), flow.get("to")) if isinstance(flow, dict) else ()
        said = (act["type"].removeprefix("change."), act["before"]["state"], act["after"]["state"])
        if said != moved or not any(row[:3] == said and row[4] == claims["meaning"] for row in MOVES):
            broken(f"{name} is a signature of another act than entry {act['seq']}, or of another meaning.")
        if subject != act["before"]["sha256"]:
            broken(f"{name} signs another subject than entry {act['seq']} (a signature moved elsewhere?).")
        manifest = self._manifest(subject, name)
        expected = f"prompt/{manifest['prompt']['name']}/change/{manifest['change']['id']}"
        if stated != expected or manifest["change"]["id"] != act["entity"]["id"]:
            broken(f"{name} signs the release contents of another change.")
        if said == ("sign", "signoff", "signoff") and PHYSICIANS_NEEDED[manifest["risk_class"]] < 2:
            broken(f"{name} is the first of two signatures, but the class of these contents takes one.")

    def _manifest(self, digest: str, name: str) -> dict[str, Any]:
        """The release manifest with this digest, recomputed from its bytes."""
        content = self.read(f"payloads/{digest}")
        document = read_json(content, f"payloads/{digest}")
        try:
            is_manifest = document["kind"] == MANIFEST_KIND and document["risk_class"] in PHYSICIANS_NEEDED
            _ = document["prompt"]["name"], document["prompt"]["sha256"], document["change"]["id"]
            _ = document["evaluation"]["result_sha256"], document["evaluation"]["verdict"], document["contributors"]
        except (KeyError, TypeError):
            is_manifest = False
        if not is_manifest or sha256(content) != digest:
            broken(f"The subject of {name} is no release manifest in this bundle.")
        return dict(document)

    # -- step 9

    def passkeys(self) -> str:
        """Every passkey signature: type, challenge, origin, RP id, presence and verification of the person, ES256."""
        count = 0
        for digest, statement in self.statements.items():
            name = f"signatures/{digest}.webauthn.json"
            is_needed = digest in self.by_passkey
            if is_needed != (name in self.files):
                broken(f"signatures/{digest}.dsse.json and its passkey's answer do not go together.")
            if is_needed:
                self._check_passkey(name, digest, statement["predicate"]["signer"]["id"])
                count += 1
        stray = [name for name in self.under("signatures/") if name.endswith(".webauthn.json")]
        if len(stray) != count:
            broken("A passkey's answer in signatures/ belongs to no envelope.")
        return f"{count} signatures by passkey"

    def _check_passkey(self, name: str, digest: str, signer: str) -> None:
        document = read_json(self.read(name), name)
        try:
            client_data = decoded(document["client_data_json"], name)
            authenticator = decoded(document["authenticator_data"], name)
            signature = decoded(document["signature"], name)
            spki = decoded(document["public_key"], name)
            origin, rp_id = document["origin"], document["rp_id"]
            if document.keys() != ANSWER_KEYS:
                broken(f"{name} is no answer of a passkey.")
            said = json.loads(client_data, object_pairs_hook=_no_key_twice)
            kind, challenge, where = said["type"], decoded(said["challenge"], name, url=True), said["origin"]
            across = said.get("crossOrigin", False)
        except (KeyError, TypeError, ValueError, AttributeError):
            broken(f"{name} is no answer of a passkey.")
        payload, keyid, in_envelope = self.by_passkey[digest]
        if kind != "webauthn.get" or across is not False:
            broken(f"{name}: the passkey was not asked to sign.")
        if challenge != hashlib.sha256(pre_authentication_encoding(payload)).digest():
            broken(f"{name}: the passkey answered another challenge than this statement's.")
        host = re.fullmatch(r"https?://([a-z0-9.-]+)(:[0-9]+)?", origin) if isinstance(origin, str) else None
        if where != origin or host is None or not isinstance(rp_id, str):
            broken(f"{name}: the passkey answered a page of another origin.")
        if host[1] != rp_id and not host[1].endswith("." + rp_id):
            broken(f"{name}: the passkey's origin does not belong to its RP id.")
        if len(authenticator) < 37 or authenticator[:32] != hashlib.sha256(rp_id.encode()).digest():
            broken(f"{name}: the passkey belongs to another RP id.")
        if not authenticator[32] & 0x01 or not authenticator[32] & 0x04:
            broken(f"{name}: the passkey does not say that the person was present and verified.")
        if not is_es256(spki, signature, authenticator + hashlib.sha256(client_data).digest()):
            broken(f"The passkey's signature in {name} is wrong.")
        self._require_enrolled(name, digest, signer, sha256(spki))
        if (keyid, in_envelope) != (sha256(spki), signature):
            broken(f"{name}: the envelope bears another signature than the passkey's.")

    def _require_enrolled(self, name: str, digest: str, signer: str, key: str) -> None:
        """The log says that this key was this person's when the signature was applied."""
        seq = self.history.applied[digest]["seq"]
        start, end = self.history.enrolled.get((signer, key)), self.history.revoked.get((signer, key))
        if start is None or seq < start or (end is not None and seq >= end):
            broken(f"{name}: the log does not know this passkey as the signer's at entry {seq}.")

    # -- step 10

    def releases(self) -> str:
        """Every release has its evaluation and its signatures, and none that was voided went live."""
        made = {leaf["after"]["sha256"]: leaf for leaf in self.history.releases if leaf["after"]}
        for leaf in self.history.live:
            digest = leaf["after"]["sha256"] if leaf["after"] else None
            if digest is None:
                continue
            if digest not in made or made[digest]["seq"] > leaf["seq"]:
                broken(f"Entry {leaf['seq']} makes live what was never released.")
            if self.history.withdrawn.get(made[digest]["entity"]["id"], leaf["seq"]) < leaf["seq"]:
                broken(f"Entry {leaf['seq']} makes a void release live.")
            self._require_unvoided(leaf, digest)
        for seq, change, digest in self.history.released:
            if change in self.scope_changes and digest not in made:
                broken(f"Change {change} went to rollout at entry {seq} without a release.")
        count = 0
        for leaf in self.history.releases:
            if leaf["attest"] and leaf["attest"][0] in self.statements:
                self._check_release(leaf)
                count += 1
            elif self.covers_all or any(digest == leaf["after"]["sha256"] for _, change, digest in self.history.released
                                        if change in self.scope_changes):  # fmt: skip
                broken(f"The envelope of the release of entry {leaf['seq']} is missing.")
        others = len(self.history.releases) - count
        return f"{count} releases" + (
            f" ({others} outside of this export's scope were not looked at)" if others else ""
        )

    def _require_unvoided(self, live: dict[str, Any], digest: str) -> None:
        """No signature of the release that went live had been voided by then."""
        made = [one for one in self.history.releases if one["seq"] < live["seq"] and one["after"]["sha256"] == digest]
        statement = self.statements.get(made[-1]["attest"][0]) if made and made[-1]["attest"] else None
        for envelope in (statement["predicate"].get("signatures") or []) if statement else []:
            applied = self.history.applied.get(envelope)
            voided = self.history.voided.get(applied["entity"]["id"]) if applied else None
            if voided is not None and voided < live["seq"]:
                broken(f"Entry {live['seq']} makes a release live whose signature was voided at entry {voided}.")

    def _check_release(self, leaf: dict[str, Any]) -> None:
        seq, statement = leaf["seq"], self.statements[leaf["attest"][0]]
        digest = statement["subject"][0]["digest"]["sha256"]
        claims, manifest = statement["predicate"], self._manifest(digest, f"the release of entry {seq}")
        if statement["predicateType"] != RELEASE_TYPE or digest != leaf["after"]["sha256"]:
            broken(f"The release of entry {seq} is of other contents than its envelope says.")
        if (
            claims.get("change") != manifest["change"]["id"]
            or claims.get("prompt_sha256") != manifest["prompt"]["sha256"]
        ):
            broken(f"The release of entry {seq} is not of its manifest's change and prompt.")
        if claims.get("risk_class") != manifest["risk_class"]:
            broken(f"The release of entry {seq} is of another risk class than was signed.")
        policy = manifest.get("policy_sha256")
        if policy is not None and self.history.policies.get(policy, seq) >= seq:
            broken(f"The release of entry {seq} names a policy that was never in force before it.")
        pointed = {name: manifest["evaluation"].get(name) for name in ("run", "result_sha256", "verdict")}
        # Attestations before 0.3.0 point at both through the manifest alone.
        if claims.get("evaluation", pointed) != pointed:
            broken(f"The release of entry {seq} points at another evaluation than was signed.")
        if claims.get("policy_sha256", policy) != policy:
            broken(f"The release of entry {seq} names another policy than was signed.")
        for needed in (manifest["prompt"]["sha256"], manifest["evaluation"]["result_sha256"]):
            if f"payloads/{needed}" not in self.files and needed not in self.left_out:
                broken(f"What the release of entry {seq} rests on is neither in the bundle nor listed as left out.")
        concluded = self.history.results.get(manifest["evaluation"]["result_sha256"])
        if concluded is None or concluded[0] > seq or concluded[2] != manifest["evaluation"]["run"]:
            broken(f"The release of entry {seq} has no evaluation that was concluded before it.")
        if concluded[1] != manifest["evaluation"]["verdict"]:
            broken(f"The release of entry {seq} states another verdict than its evaluation.")
        self._require_approvals(seq, claims, manifest, digest)

    def _require_approvals(self, seq: int, claims: dict[str, Any], manifest: dict[str, Any], digest: str) -> None:
        """A reviewer and as many other physicians as the class needs signed these contents; none contributed, none was voided."""
        if claims.get("released_by_policy") is True and manifest["risk_class"] == "administrative":
            self._require_by_policy(seq, manifest, digest)
            return
        reviewers, physicians = set[str](), set[str]()
        for envelope in claims.get("signatures") or []:
            signed = self.statements.get(envelope)
            if signed is None or signed["predicateType"] != SIGNATURE_TYPE:
                broken(f"A signature of the release of entry {seq} is not in the bundle.")
            applied, said = self.history.applied[envelope], signed["predicate"]
            voided = self.history.voided.get(applied["entity"]["id"])
            if signed["subject"][0]["digest"]["sha256"] != digest or applied["seq"] > seq or (voided or seq) < seq:
                broken(f"A signature of the release of entry {seq} is of other contents, later, or was void.")
            signer, move = said["signer"]["id"], said.get("workflow", {}).get("move")
            if signer in manifest["contributors"]:
                broken(f"A contributor signed the release of entry {seq} (separation of duties).")
            (physicians if move == "sign" else reviewers if move in REVIEWING_MOVES else set()).add(signer)
            self._weigh(seq, said["level"], move, manifest["risk_class"])
        if not reviewers or len(physicians - reviewers) < PHYSICIANS_NEEDED[manifest["risk_class"]]:
            broken(f"The signatures that the release of entry {seq} needs are missing.")

    def _require_by_policy(self, seq: int, manifest: dict[str, Any], digest: str) -> None:
        """Nobody had to approve it: the system moved it so, and the policy that counted for it lets such changes pass."""
        if digest not in self.history.by_policy:
            broken(f"The release of entry {seq} is called one by policy, and no entry moved its change so.")
        policy = manifest.get("policy_sha256")
        if policy is None or f"payloads/{policy}" not in self.files:
            broken(f"The policy by which the release of entry {seq} passed without a review is not in the bundle.")
        content = self.read(f"payloads/{policy}")
        document = read_json(content, f"payloads/{policy}")
        if sha256(content) != policy or document["classes"]["administrative"].get("passes_unreviewed") is not True:
            broken(f"The release of entry {seq} passed without a review, which its policy does not allow.")

    def _weigh(self, seq: int, level: str, move: str, risk_class: str) -> None:
        if move == "sign" and risk_class == "high_risk" and level != "L2":
            self.weak.append(
                f"the release of entry {seq} is high risk, and a physician signed it without a passkey ({level})"
            )
        elif move == "sign" and level == "L0":
            self.weak.append(f"a physician signed the release of entry {seq} with a password only (L0)")

    # -- the end

    def cannot_show(self) -> str:
        """The sentences that end every report."""
        reasons = sorted(set(self.left_out.values()))
        left_out = (
            f"{len(self.left_out)} payloads ({', '.join(reasons)})" if self.left_out else "no payload of its scope"
        )
        is_prefix_of_head = self.prior is not None and self.roots.get(self.prior.size) == self.prior.root
        prior = f"; yours covers the first {self.prior.size} entries" if self.prior and is_prefix_of_head else ""
        gaps = "".join(
            f"\n- what stood in entries {gap.kept} to {gap.lost - 1} that a restore lost." for gap in self.gaps
        )
        return CANNOT_SHOW.format(size=self.head.size - 1, prior=prior, left_out=left_out, gaps=gaps)


REPLAYED = (
    "change.",
    "key.",
    "log.",
    "role.",
    "person.",
    "signature.",
    "release.",
    "run.concluded",
    "factor.",
    "trail.",
    "policy.",
    "payload.erased",
)
STEPS = (
    ("safe unzip", Audit.safe_unzip),
    ("file digests, no extra files", Audit.file_digests),
    ("notes parsed strictly", Audit.notes),
    ("leaf hashes rebuilt, every root recomputed", Audit.leaf_hashes),
    ("consistency between checkpoints and with the prior one", Audit.consistency),
    ("schema, canonical form, sequence, times, links, log keys", Audit.entries),
    ("workflow replayed", Audit.workflow),
    ("envelopes", Audit.envelopes),
    ("passkeys", Audit.passkeys),
    ("releases", Audit.releases),
)


def pre_authentication_encoding(payload: bytes) -> bytes:
    """The bytes that an envelope's signature covers (DSSE protocol, PAE)."""
    return b"DSSEv1 %d %s %d %s" % (len(STATEMENT_MEDIA), STATEMENT_MEDIA.encode(), len(payload), payload)


def _period(document: Any) -> dict[str, Any] | None:
    """What an audit pack says of its period; None where the bundle is none. TypeError for another form."""
    if document is None:
        return None
    if (
        document.keys() != {"since", "until", "first", "last", "signatures"}
        or not TIME(document["since"])
        or not TIME(document["until"])
    ):
        raise TypeError("no period")
    return dict(document)


def is_old_enough(grant: dict[str, Any] | None, asked: int | None) -> bool:
    """Was the role held when the act was asked for, or its grant confirmed by a second person since?"""
    return grant is not None and (asked is None or grant["confirmed"] is not None or grant["entry"] < asked)


def _is_statement(document: Any) -> bool:
    try:
        (subject,) = document["subject"]
        return bool(
            document.keys() == {"_type", "subject", "predicateType", "predicate"}
            and document["_type"] == "https://in-toto.io/Statement/v1"
            and isinstance(document["predicate"], dict)
            and isinstance(subject["name"], str)
            and subject.keys() == {"name", "digest"}
            and subject["digest"].keys() == {"sha256"}
            and DIGEST(subject["digest"]["sha256"])
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return False


def verify(bundle: Path, keys: list[Key], prior: Checkpoint | None) -> tuple[int, list[str]]:
    """The exit code and the lines of the report. Unusable when nothing can be said."""
    audit, report = Audit(bundle, keys, prior), list[str]()
    for number, (title, step) in enumerate(STEPS, 1):
        try:
            report.append(f"ok   {number:2} {title}: {_in_form(step, audit)}")
        except BrokenEvidence as error:
            report += [f"FAIL {number:2} {title}: {error}", "", "BROKEN: do not rely on this bundle."]
            report += ["Later steps were not run."] if number < len(STEPS) else []
            return BROKEN, report
    report.append("")
    report += [f"weak: {sentence}." for sentence in dict.fromkeys(audit.weak)]
    report.append("GOOD, BUT WEAKER THAN POLICY." if audit.weak else "GOOD.")
    return (WEAK if audit.weak else GOOD), [*report, "", audit.cannot_show()]


def verify_entry(entry: bytes, proof: bytes, keys: list[Key]) -> tuple[int, list[str]]:
    """The exit code and the report on one entry and its proof (C2SP tlog-proof), as the page of the entry gives both."""
    try:
        head, separator, note = proof.partition(b"\n\n")
        lines = head.decode("ascii", "replace").split("\n")
        index = re.fullmatch(r"index (0|[1-9][0-9]{0,15})", lines[1]) if len(lines) > 1 else None
        if not separator or lines[0] != "c2sp.org/tlog-proof@v1" or index is None:
            broken("the proof is no tlog-proof.")
        seq, checkpoint = int(index[1]), Checkpoint(note, "the proof")
        if keys and not checkpoint.signers(keys):
            broken("the checkpoint of the proof is not signed by the key you gave.")
        leaf = read_leaf(entry, seq, canonical(checkpoint.origin).decode())
        path = [decoded(line, "the proof") for line in lines[2:]]
        if not is_included(checkpoint.root, checkpoint.size, seq, hashlib.sha256(b"\x00" + entry).digest(), path):
            broken("the proof does not lead from this entry to its checkpoint.")
    except BrokenEvidence as error:
        return BROKEN, [f"FAIL {error}", "BROKEN: do not rely on this entry."]
    said = f"entry {seq} of {checkpoint.origin}, {leaf['type']}, {leaf['ts']}, stands under the checkpoint of {checkpoint.size} entries"
    if not keys:
        return WEAK, [f"ok   {said}", "weak: UNPINNED: no key was given, so nobody vouches for the checkpoint."]
    return GOOD, [f"ok   {said}", "GOOD."]


def _in_form(step: Callable[[Audit], str], audit: Audit) -> str:
    """What the step found; whatever has not the form that the step reads is broken evidence too."""
    try:
        return step(audit)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError, OverflowError) as error:
        broken(f"something in the bundle has not the form that it must have ({type(error).__name__}: {error}).")


def main(arguments: list[str] | None = None) -> int:
    """The report is printed; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="verify.py", description="Verify an export bundle of Prompt Formulary, offline."
    )
    parser.add_argument("bundle", type=Path, nargs="?", help="the bundle, a ZIP file")
    parser.add_argument("--entry", type=Path, metavar="FILE", help="one entry instead of a bundle")
    parser.add_argument("--proof", type=Path, metavar="FILE", help="the proof of that entry")
    parser.add_argument(
        "--key", action="append", default=[], metavar="VKEY", help="the log's key from the key card; may be repeated"
    )
    parser.add_argument("--prior-checkpoint", type=Path, metavar="FILE", help="a checkpoint that you obtained earlier")
    asked = parser.parse_args(arguments)
    try:
        if (asked.bundle is None) == (asked.entry is None) or (asked.entry is None) != (asked.proof is None):
            raise Unusable("Name a bundle, or --entry and --proof.")
        prior = None
        if asked.prior_checkpoint is not None:
            prior = Checkpoint(asked.prior_checkpoint.read_bytes(), str(asked.prior_checkpoint))
        keys = [Key(text) for text in asked.key]
        if asked.entry is not None:
            code, report = verify_entry(asked.entry.read_bytes(), asked.proof.read_bytes(), keys)
        else:
            code, report = verify(asked.bundle, keys, prior)
    except (Unusable, BrokenEvidence, OSError) as error:
        print(f"verify.py: {error}", file=sys.stderr)
        return UNUSABLE
    print("\n".join(report))
    return code


if __name__ == "__main__":
    sys.exit(main())
