"""The verifier's own signature checks against published vectors and against the cryptography library, in both directions."""

from __future__ import annotations

import ast
import hashlib
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.verify.moves_table import as_source, derived_table
from tests.verify.synthetic import VERIFIER
from webapp import verify

RFC_8032 = [  # public key, message, signature: RFC 8032, 7.1, tests 1 to 3
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
def test_ed25519_holds_the_published_vectors(public: str, message: str, signature: str) -> None:
    key, text, signed = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
    assert verify.is_ed25519(key, signed, text)
    assert not verify.is_ed25519(key, signed, text + b"x")
    scalar = int.from_bytes(signed[32:], "little") + verify.L
    assert not verify.is_ed25519(key, signed[:32] + scalar.to_bytes(32, "little"), text), "S is not below the order"
    assert not verify.is_ed25519(key, signed[:63], text)


@settings(max_examples=15, deadline=None)
@given(seed=st.binary(min_size=32, max_size=32), message=st.binary(max_size=80), bit=st.integers(0, 511))
def test_ed25519_agrees_with_the_library_and_one_bit_breaks_it(seed: bytes, message: bytes, bit: int) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, signed = private.public_key().public_bytes_raw(), bytearray(private.sign(message))
    assert verify.is_ed25519(public, bytes(signed), message)
    signed[bit // 8] ^= 1 << bit % 8
    assert not verify.is_ed25519(public, bytes(signed), message)


def test_no_key_of_low_order_and_no_other_spelling_of_a_point_is_usable() -> None:
    for y in (0, 1, verify.P - 1):
        for sign in (0, 1 << 255):
            assert not verify.is_usable_key((y | sign).to_bytes(32, "little"))
    for y in range(verify.P, 2**255):
        assert not verify.is_usable_key(y.to_bytes(32, "little"))
        assert not verify.is_usable_key((y | 1 << 255).to_bytes(32, "little"))
    assert not verify.is_usable_key((2).to_bytes(32, "little")), "not on the curve"


def test_under_a_low_order_key_nothing_verifies() -> None:
    """The signature that fits every message under the neutral point: R neutral, S zero."""
    neutral = b"\x01" + bytes(31)
    assert not verify.is_ed25519(neutral, neutral + bytes(32), b"anything")


@settings(max_examples=10, deadline=None)
@given(number=st.integers(1, verify.ORDER - 1), message=st.binary(max_size=80), bit=st.integers(0, 255))
def test_es256_agrees_with_the_library_and_one_bit_breaks_it(number: int, message: bytes, bit: int) -> None:
    private = ec.derive_private_key(number, ec.SECP256R1())
    spki = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    signed = private.sign(message, ec.ECDSA(SHA256()))
    assert verify.is_es256(spki, signed, message)
    assert not verify.is_es256(spki, signed, message + b"x")
    r, s = decode_dss_signature(signed)
    assert not verify.is_es256(spki, encode_dss_signature(r ^ 1 << bit, s), message)


def test_es256_holds_the_published_vector() -> None:
    """RFC 6979, A.2.5: P-256 with SHA-256, the message ``sample``."""
    x = bytes.fromhex("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6")
    y = bytes.fromhex("7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299")
    r = 0xEFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716
    s = 0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8
    assert verify.is_es256(verify.SPKI_OF_P256 + x + y, encode_dss_signature(r, s), b"sample")


def test_a_point_off_the_curve_or_in_another_form_is_no_key() -> None:
    x = verify.GENERATOR[0].to_bytes(32, "big")
    y = verify.GENERATOR[1].to_bytes(32, "big")
    assert verify.p256_point(verify.SPKI_OF_P256 + x + y)
    assert verify.p256_point(verify.SPKI_OF_P256 + x + x) is None
    assert verify.p256_point(verify.SPKI_OF_P256 + (verify.FIELD + 5).to_bytes(32, "big") + y) is None
    assert verify.p256_point(verify.SPKI_OF_P256 + x) is None
    assert verify.p256_point(b"\x00" + (verify.SPKI_OF_P256 + x + y)[1:]) is None


@pytest.mark.parametrize(
    "signature",
    ["", "3006020101020101ff", "300602010102018100", "30080202000102020001", "3006020181020101", "3106020101020101",
     "30060201010201", "3081060201010201 01".replace(" ", "")],
)  # fmt: skip
def test_a_signature_that_is_not_strict_der_is_none(signature: str) -> None:
    content = bytes.fromhex(signature + "0" * (len(signature) % 2))
    assert verify.read_der_signature(content) is None


def test_the_tree_of_the_verifier_is_the_published_one() -> None:
    """The eight reference leaves of Certificate Transparency and the known-answer root."""
    leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    tree = verify.Tree()
    for leaf in leaves:
        tree.append(bytes.fromhex(leaf))
    assert tree.root().hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
    assert verify.Tree().root() == hashlib.sha256(b"").digest()


def test_the_table_of_moves_is_the_workflows_own() -> None:
    assert derived_table() == verify.MOVES, f"copy these rows into webapp/verify.py:\n{as_source()}"


def test_the_verifier_imports_nothing_but_the_standard_library() -> None:
    tree = ast.parse(Path(VERIFIER).read_bytes())
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    named |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    roots = {name.split(".")[0] for name in named}
    assert roots <= sys.stdlib_module_names
    assert not roots & {"socket", "ssl", "urllib", "http", "ftplib", "subprocess", "asyncio"}
