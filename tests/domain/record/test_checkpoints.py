"""Notes, checkpoints and proofs are those of the published formats, to the byte, and nothing looser is read."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.record.naive_tree import flipped
from tests.domain.record.vectors import vectors
from webapp.adapters.keys import ServiceKey, is_signed_by
from webapp.domain.record.checkpoints import Checkpoint, read_checkpoint
from webapp.domain.record.merkle import inclusion_proof, leaf_hash, root_of
from webapp.domain.record.notes import Note, NoteKey, exact_base64, read_note, sign_note
from webapp.domain.record.proof_files import read_proof, write_proof
from webapp.domain.record.public_keys import PRIME, require_sound_public_key
from webapp.errors import InvalidInput

VECTOR = vectors("checkpoint")
LEAVES = [bytes.fromhex(leaf) for leaf in vectors("merkle")["leaves"]]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]
LOG = ServiceKey.from_seed(bytes.fromhex(VECTOR["log_seed"]))
WITNESS = ServiceKey.from_seed(bytes.fromhex(VECTOR["witness_seed"]))
KEY = NoteKey("kat.example/log", LOG.public)
NOTE = str(VECTOR["note"]).encode()

# As another implementation of the formats accepted it.
KNOWN_VKEY = "kat.example/log+9374531d+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"
KNOWN_NOTE = """kat.example/log
8
XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=

— kat.example/log k3RTHSkatJQvnVIrOjSkRiZIgwJNjka6xYJpEBwLA5nR6vhOLiilbWjkA7fPkBNs4dSSMY8honWYPWIBZRcsdP/eQAE=
"""
KNOWN_COSIGNATURE = (
    "— kat.example/w1 SYqaUwAAAABlU/EAvWnfLOIf/SZ9RYirojEFZvhbkIaWza/oqo4YIfY5hNs9"
    "DdU3APi1SlqGe9XP0x8/xle94e2Xn+V7KhwUtCf2AQ==\n"
)


def signed(checkpoint: Checkpoint, key: NoteKey = KEY, by: ServiceKey = LOG) -> Note:
    return sign_note(checkpoint.to_text(), [(key, by.sign)])


def test_the_known_answers_are_met() -> None:
    note = signed(Checkpoint("kat.example/log", 8, root_of(HASHES)))
    assert KEY.to_vkey() == VECTOR["vkey"] == KNOWN_VKEY
    assert note.to_bytes().decode() == VECTOR["note"] == KNOWN_NOTE
    assert VECTOR["cosigned"] == KNOWN_NOTE + KNOWN_COSIGNATURE
    assert NoteKey.from_vkey(KNOWN_VKEY) == KEY


def test_a_note_with_a_witness_is_read_whole_and_the_witness_signed_time_and_text() -> None:
    note = read_note(str(VECTOR["cosigned"]).encode())
    assert note.is_signed_by(KEY, is_signed_by)
    name, key_id, content = note.signatures[1].name, note.signatures[1].key_id, note.signatures[1].signature
    time, signature = int.from_bytes(content[:8]), content[8:]
    assert (name, time) == ("kat.example/w1", VECTOR["cosignature_time"])
    assert key_id == hashlib.sha256(b"kat.example/w1\n\x04" + WITNESS.public).digest()[:4]
    assert is_signed_by(WITNESS.public, signature, f"cosignature/v1\ntime {time}\n{note.text}".encode())
    assert note.to_bytes().decode() == VECTOR["cosigned"]


def test_no_bit_of_a_note_can_be_turned() -> None:
    for bit in range(len(NOTE) * 8):
        try:
            note = read_note(flipped(NOTE, bit))
        except InvalidInput:
            continue
        assert not note.is_signed_by(KEY, is_signed_by)


def test_a_note_of_another_key_under_the_same_name_is_not_the_logs() -> None:
    other = NoteKey("kat.example/log", WITNESS.public)
    note = signed(Checkpoint("kat.example/log", 8, root_of(HASHES)), other, WITNESS)
    assert not note.is_signed_by(KEY, is_signed_by)
    assert note.is_signed_by(other, is_signed_by)


def test_a_false_signature_beside_a_good_one_of_the_same_key_spoils_the_note() -> None:
    note = read_note(NOTE)
    line = note.signatures[0]
    false = type(line)(line.name, line.key_id, bytes(64))
    assert not Note(note.text, (line, false)).is_signed_by(KEY, is_signed_by)


@pytest.mark.parametrize("fault", VECTOR["refused_notes"])
def test_a_note_in_any_other_spelling_is_refused(fault: str) -> None:
    with pytest.raises(InvalidInput):
        read_note(VECTOR["refused_notes"][fault].encode())


@pytest.mark.parametrize("fault", VECTOR["refused_checkpoints"])
def test_a_checkpoint_in_any_other_spelling_is_refused(fault: str) -> None:
    with pytest.raises(InvalidInput):
        read_checkpoint(VECTOR["refused_checkpoints"][fault])


def test_a_note_that_is_no_text_or_endless_is_refused() -> None:
    for content in (b"", b"\xff" + NOTE, NOTE + b"x" * 70_000):
        with pytest.raises(InvalidInput):
            read_note(content)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        KNOWN_VKEY + "\n",
        KNOWN_VKEY.replace("9374531d", "9374531e"),
        KNOWN_VKEY.replace("9374531d", "9374531D"),
        KNOWN_VKEY.replace("kat.example/log", "kat.example/lof"),
        KNOWN_VKEY.replace("kat.example/log", "kat example/log"),
        VECTOR["witness"],
    ],
)
def test_a_log_key_that_was_copied_wrongly_is_refused(vkey: str) -> None:
    with pytest.raises(InvalidInput):
        NoteKey.from_vkey(vkey)


@pytest.mark.parametrize("kind", ["small order", "not canonical"])
def test_public_keys_that_anybody_could_sign_under_are_refused(kind: str) -> None:
    keys = VECTOR["refused_public_keys"][kind]
    assert len(keys) == {"small order": 8, "not canonical": 38}[kind]
    for key in keys:
        with pytest.raises(InvalidInput):
            require_sound_public_key(bytes.fromhex(key))
        with pytest.raises(InvalidInput):
            NoteKey("kat.example/log", bytes.fromhex(key))


@given(st.binary(min_size=32, max_size=32))
def test_every_real_key_is_accepted(seed: bytes) -> None:
    require_sound_public_key(ServiceKey.from_seed(seed).public)


def test_a_key_that_is_no_point_of_the_curve_is_refused() -> None:
    with pytest.raises(InvalidInput, match="point of the curve"):
        require_sound_public_key((2).to_bytes(32, "little"))
    assert PRIME == 2**255 - 19


def test_a_proof_file_is_written_and_read_as_published() -> None:
    content = write_proof(2, inclusion_proof(2, HASHES), NOTE)
    assert content.decode() == VECTOR["proof_of_leaf_2"]
    proof = read_proof(content)
    assert (proof.index, proof.note.to_bytes()) == (2, NOTE)
    assert proof.shows(HASHES[2])
    assert not proof.shows(HASHES[3])


def test_a_proof_file_in_any_other_spelling_is_refused() -> None:
    good = str(VECTOR["proof_of_leaf_2"])
    for bad in (
        good.replace("@v1", "@v2"),
        good.replace("index 2", "index 02"),
        good.replace("index 2", "extra AAAA\nindex 2"),
        good.replace("index 2\n", ""),
        good.replace("\n\nkat", "\nkat"),
        good.replace("B1Bqhf", "B1Bqhf\n"),
        good.replace("index 2\n", "index 2\n\n"),
        good.replace("index", "indéx"),
    ):
        with pytest.raises(InvalidInput):
            read_proof(bad.encode())


def test_base64_has_one_spelling() -> None:
    assert exact_base64("AA==") == b"\0"
    for other in ("AB==", "AA=", "AA", " AA==", "A-_=", "AA==\n"):
        with pytest.raises(InvalidInput):
            exact_base64(other)
