"""DSSE envelopes: the known answer, accepted by a library and by openssl, and nothing else accepted."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.record.naive_tree import flipped
from tests.domain.record.vectors import vectors
from webapp.domain.record.canonical import read_canonical
from webapp.domain.record.dsse import STATEMENT_MEDIA, STATEMENT_TYPE, envelope, pre_authentication_encoding, statement
from webapp.errors import InvalidInput

KAT = vectors("dsse")
PAYLOAD = KAT["payload"].encode()
ENCODING = bytes.fromhex(KAT["pre_authentication_encoding_hex"])
SIGNATURE = base64.b64decode(KAT["sig"])
PRIVATE = Ed25519PrivateKey.from_private_bytes(b"\x03" * 32)
PUBLIC = PRIVATE.public_key()

needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl on this machine")


def test_the_key_of_the_known_answer_is_that_of_its_seed() -> None:
    raw = PUBLIC.public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert bytes.fromhex(KAT["seed"]) == b"\x03" * 32
    assert raw.hex() == KAT["public_key"] == "ed4928c628d1c2c6eae90338905995612959273a5c63f93636c14614ac8737d1"
    assert hashlib.sha256(raw).hexdigest() == KAT["keyid"]


def test_the_statement_of_the_known_answer_is_written_byte_for_byte() -> None:
    assert statement(**KAT["statement"]) == PAYLOAD
    assert json.loads(PAYLOAD) == {
        "_type": "https://in-toto.io/Statement/v1",
        "predicate": {"meaning": "approval"},
        "predicateType": "https://kat.example/signature/v1",
        "subject": [{"digest": {"sha256": "0" * 64}, "name": "prompt/kat@1"}],
    }
    assert STATEMENT_TYPE == "https://in-toto.io/Statement/v1"
    assert STATEMENT_MEDIA == KAT["media"] == "application/vnd.in-toto+json"


def test_what_is_signed_is_the_pre_authentication_encoding() -> None:
    assert pre_authentication_encoding(STATEMENT_MEDIA, PAYLOAD) == ENCODING


def test_the_envelope_of_the_known_answer_is_written_byte_for_byte() -> None:
    content = envelope(PAYLOAD, KAT["keyid"], PRIVATE.sign)
    assert read_canonical(content) == {
        "payload": base64.b64encode(PAYLOAD).decode(),
        "payloadType": "application/vnd.in-toto+json",
        "signatures": [{"keyid": KAT["keyid"], "sig": KAT["sig"]}],
    }
    assert KAT["sig"] == "ObunDyTjjBfi1a3f6OCzTO29cDspZQIJT+HVuHqm57C8fM9IDaWAoQEeE662MoMEOTN/52YZbm9ly3VnAX3aCg=="


def test_the_known_signature_verifies_and_no_bit_can_be_turned() -> None:
    PUBLIC.verify(SIGNATURE, ENCODING)
    for bit in range(0, len(ENCODING) * 8, 97):
        with pytest.raises(InvalidSignature):
            PUBLIC.verify(SIGNATURE, flipped(ENCODING, bit))
    for bit in range(0, len(SIGNATURE) * 8, 31):
        with pytest.raises(InvalidSignature):
            PUBLIC.verify(flipped(SIGNATURE, bit), ENCODING)


def test_a_signature_over_the_bare_payload_is_no_signature_of_the_envelope() -> None:
    with pytest.raises(InvalidSignature):
        PUBLIC.verify(PRIVATE.sign(PAYLOAD), ENCODING)


def _openssl_accepts(folder: Path, key: Ed25519PublicKey, signature: bytes, content: bytes) -> bool:
    files = {"key.pem": key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), "sig": signature}
    for name, written in {**files, "content": content}.items():
        (folder / name).write_bytes(written)
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin"]
    command += ["-in", "content", "-sigfile", "sig"]
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=60, check=False).returncode == 0


@needs_openssl
def test_openssl_accepts_the_known_answer_and_refuses_a_changed_one(tmp_path: Path) -> None:
    assert _openssl_accepts(tmp_path, PUBLIC, SIGNATURE, ENCODING)
    assert not _openssl_accepts(tmp_path, PUBLIC, SIGNATURE, flipped(ENCODING, 400))
    assert not _openssl_accepts(tmp_path, PUBLIC, flipped(SIGNATURE, 5), ENCODING)


@needs_openssl
def test_openssl_accepts_an_envelope_made_here(tmp_path: Path) -> None:
    payload = statement("prompt/discharge-summary@3", "ab" * 32, "https://kat.example/x/v1", {"zone": "UTC", "n": 3})
    document = read_canonical(envelope(payload, KAT["keyid"], PRIVATE.sign))
    encoding = pre_authentication_encoding(document["payloadType"], base64.b64decode(document["payload"]))
    signature = base64.b64decode(document["signatures"][0]["sig"])
    assert _openssl_accepts(tmp_path, PUBLIC, signature, encoding)


@pytest.mark.parametrize("example", KAT["pae_examples"], ids=lambda e: e["payload"] or "empty")
def test_lengths_are_counted_in_bytes(example: dict[str, str]) -> None:
    encoded = pre_authentication_encoding(example["media"], example["payload"].encode())
    assert encoded == example["encoding"].encode()


@given(st.text("12 ", max_size=16), st.data())
def test_moving_the_border_between_type_and_content_changes_the_encoding(text: str, data: st.DataObject) -> None:
    one, other = data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text)))
    encodings = {pre_authentication_encoding(text[:cut], text[cut:].encode()) for cut in (one, other)}
    assert len(encodings) == len({one, other})


def test_an_envelope_may_carry_another_media_type_and_signs_it_too() -> None:
    document = json.loads(envelope(b"{}", "k", PRIVATE.sign, media="text/plain"))
    signature = base64.b64decode(document["signatures"][0]["sig"])
    PUBLIC.verify(signature, b"DSSEv1 10 text/plain 2 {}")
    with pytest.raises(InvalidSignature):
        PUBLIC.verify(signature, pre_authentication_encoding(STATEMENT_MEDIA, b"{}"))


def test_a_statement_with_a_fraction_is_refused() -> None:
    with pytest.raises(InvalidInput, match="float"):
        statement("prompt/kat@1", "0" * 64, "https://kat.example/signature/v1", {"score": 0.97})
