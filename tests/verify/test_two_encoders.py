"""What the server writes and what ``verify.py`` computes by itself are the same bytes and the same trees, at every awkward size."""

from __future__ import annotations

import json

import pytest

from tests.domain.record.naive_tree import flipped, naive_root
from tests.domain.record.test_tiles import HASHES, SIZES, tiled
from tests.domain.record.vectors import vectors
from webapp import verify
from webapp.domain.record.merkle import Frontier, includes, is_consistent, root_of

CANONICAL, CHECKPOINT, DSSE, LEAVES = (vectors(name) for name in ("canonical", "checkpoint", "dsse", "leaf"))
KEY = verify.Key(CHECKPOINT["vkey"])
CONTENTS = [number.to_bytes(4) for number in range(70_000)]
ROOTS = {  # of the leaves 0, 1, 2, ... as four bytes each, computed with pymerkle 7.0.0, an implementation that shares nothing with ours
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "8855508aade16ec573d21e6a485dfd0a7624085c1a14b5ecdd6485de0c6839a4",
    2: "50746ee02c3fda32e421ddc1bbf3f20b50ce18738d48709cb6d0ad13f2bdabb7",
    3: "e4b0b8adadc95bb54949a5993c44797855d5acc2f863aab6435b74799e4c3484",
    255: "58f204dcc06ebcf29082c362701341df88ec3d5f338036c72a98894aaf69059d",
    256: "78cd7db3bbfa785ffefa21e1c0aa7d4806c6e22ad65472710377ecb7e5a5a54e",
    257: "086ce24d72dd8347eef9afbf95829379f67cee8f5d23cece828a2dae88729c8d",
    70_000: "339ecf3ae716405fdc28cef164e45a785cade0d5bc3e1400a7a4d70d0b2dec9b",
}
SOME = (0, 1, 2, 3, 254, 255, 256, 257, 65_535, 65_536, 69_999)


def root_by_verifier(size: int) -> bytes:
    tree = verify.Tree()
    for content in CONTENTS[:size]:
        tree.append(content)
    return tree.root()


@pytest.mark.parametrize("size", SIZES)
def test_both_have_the_root_of_the_definition(size: int) -> None:
    frontier = Frontier()
    for leaf in HASHES[:size]:
        frontier = frontier.append(leaf)
    expected = naive_root(CONTENTS[:size])
    assert root_by_verifier(size) == root_of(HASHES[:size]) == tiled(size).root() == frontier.root() == expected
    assert expected.hex() == ROOTS[size]


@pytest.mark.parametrize("size", SIZES[1:])
def test_the_verifier_accepts_every_inclusion_proof_of_the_server_and_no_bent_one(size: int) -> None:
    tree, root = tiled(size), root_of(HASHES[:size])
    for index in [index for index in SOME if index < size]:
        proof = tree.inclusion_proof(index)
        assert verify.is_included(root, size, index, HASHES[index], proof)
        assert includes(root, size, index, HASHES[index], proof)
        assert not verify.is_included(root, size, index, flipped(HASHES[index], 0), proof)
        assert not verify.is_included(root, size, index, HASHES[index], [*proof, root])
        assert not verify.is_included(root, size, size, HASHES[index], proof)
        if proof:
            assert not verify.is_included(root, size, index, HASHES[index], [flipped(proof[0], 7), *proof[1:]])
            assert not verify.is_included(root, size, index, HASHES[index], proof[1:])


@pytest.mark.parametrize("size", SIZES[1:])
def test_the_verifier_accepts_every_consistency_proof_of_the_server_and_no_bent_one(size: int) -> None:
    tree, root = tiled(size), root_of(HASHES[:size])
    for old in [old for old in (*SOME, size) if 0 < old <= size]:
        old_root, proof = root_of(HASHES[:old]), tree.consistency_proof(old)
        assert verify.is_prefix(old, size, old_root, root, proof)
        assert is_consistent(old, size, old_root, root, proof)
        assert not verify.is_prefix(old, size, flipped(old_root, 0), root, proof)
        assert not verify.is_prefix(old, size, old_root, flipped(root, 0), proof)
        if proof:
            assert not verify.is_prefix(old, size, old_root, root, [*proof[:-1], flipped(proof[-1], 9)])
            assert not verify.is_prefix(old, size, old_root, root, proof[:-1])


@pytest.mark.parametrize("vector", CANONICAL["accepted"], ids=lambda vector: vector["why"])
def test_the_verifier_reads_and_writes_canonical_json_as_the_server_does(vector: dict[str, str]) -> None:
    content = bytes.fromhex(vector["canonical_hex"])
    assert verify.canonical(json.loads(vector["json"])) == content
    assert verify.sha256(content) == vector["sha256"]
    assert verify.read_json(content, "The vector") == json.loads(vector["json"])


@pytest.mark.parametrize("vector", CANONICAL["refused"], ids=lambda vector: vector["why"])
def test_the_verifier_refuses_what_the_server_refuses(vector: dict[str, str]) -> None:
    with pytest.raises(verify.BrokenEvidence):
        verify.read_json(bytes.fromhex(vector["bytes_hex"]), "The vector")


@pytest.mark.parametrize("vector", LEAVES["leaves"], ids=lambda vector: vector["why"])
def test_the_verifier_reads_the_known_leaves(vector: dict[str, str]) -> None:
    content = vector["leaf"].encode()
    document = json.loads(content)
    leaf = verify.read_leaf(content, document["seq"], verify.canonical(document["log"]).decode())
    assert (leaf["eid"], leaf["ts"], leaf["type"]) == (document["eid"], document["ts"], document["type"])
    assert verify.Tree().append(content).hex() == vector["leaf_hash"]


def test_the_verifier_meets_the_known_answers_of_note_and_envelope() -> None:
    for note in (CHECKPOINT["note"], CHECKPOINT["cosigned"]):
        checkpoint = verify.Checkpoint(note.encode(), "the vector")
        assert (checkpoint.origin, checkpoint.size) == ("kat.example/log", 8)
        assert checkpoint.root.hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
        assert checkpoint.signers([KEY]) == [KEY]
    payload = DSSE["payload"].encode()
    assert verify.pre_authentication_encoding(payload).hex() == DSSE["pre_authentication_encoding_hex"]
    assert verify.canonical(json.loads(payload)) == payload
    signature, public = verify.decoded(DSSE["sig"], "The signature"), bytes.fromhex(DSSE["public_key"])
    assert verify.sha256(public) == DSSE["keyid"]
    assert verify.is_ed25519(public, signature, verify.pre_authentication_encoding(payload))


def is_believed(note: str) -> bool:
    try:
        return bool(verify.Checkpoint(note.encode(), "the vector").signers([KEY]))
    except verify.BrokenEvidence:
        return False


@pytest.mark.parametrize("kind", ["refused_notes", "refused_checkpoints"])
def test_the_verifier_believes_no_note_in_another_spelling(kind: str) -> None:
    for fault, text in CHECKPOINT[kind].items():
        note = text if kind == "refused_notes" else CHECKPOINT["note"].replace(CHECKPOINT["text"], text)
        with pytest.raises(verify.BrokenEvidence):
            raise (
                verify.BrokenEvidence("")
                if not verify.Checkpoint(note.encode(), fault).signers([KEY])
                else ValueError(fault)
            )


@pytest.mark.parametrize("kind", ["small order", "not canonical"])
def test_the_verifier_refuses_the_keys_that_the_server_refuses(kind: str) -> None:
    for public in map(bytes.fromhex, CHECKPOINT["refused_public_keys"][kind]):
        assert not verify.is_usable_key(public)
        assert not verify.is_ed25519(public, public + bytes(32), b"anything")
