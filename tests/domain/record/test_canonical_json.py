"""Canonical JSON: one document has one form, and whatever two encoders could write differently is refused."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.record.vectors import vectors
from webapp.domain.record.canonical import canonical, digest_of, normalised, read_canonical, sha256_hex
from webapp.errors import InvalidInput

VECTORS = vectors("canonical")
WHOLE_NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1)
TEXTS = st.text(st.characters(exclude_categories=["Cs"])).map(lambda text: unicodedata.normalize("NFC", text))
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | WHOLE_NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("vector", VECTORS["accepted"], ids=lambda v: v["why"])
def test_a_document_has_the_bytes_of_its_vector(vector: dict[str, str]) -> None:
    content = bytes.fromhex(vector["canonical_hex"])
    document = json.loads(vector["json"])
    assert canonical(document) == content
    assert read_canonical(content) == document
    assert digest_of(document) == vector["sha256"] == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda v: v["why"])
def test_bytes_that_are_not_canonical_are_refused(vector: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        read_canonical(bytes.fromhex(vector["bytes_hex"]))


@given(DOCUMENTS)
def test_a_document_survives_writing_and_reading(document: Any) -> None:
    content = canonical(document)
    assert read_canonical(content) == document
    assert canonical(json.loads(content)) == content


@given(st.dictionaries(TEXTS, WHOLE_NUMBERS, max_size=8))
def test_the_order_in_which_keys_were_put_in_does_not_matter(document: dict[str, int]) -> None:
    assert canonical(dict(reversed(document.items()))) == canonical(document)


@given(st.binary(max_size=24))
def test_whatever_is_read_is_written_back_byte_for_byte(content: bytes) -> None:
    try:
        document = read_canonical(content)
    except InvalidInput:
        return
    assert canonical(document) == content


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        (1.0, "A float cannot"),
        ({"score": [0.5]}, "A float cannot"),
        (float("nan"), "A float cannot"),
        (2**53, "too large"),
        (-(2**53), "too large"),
        ({"a": [2**64]}, "too large"),
        ("e\u0301", "normal form C"),
        (["\u212b"], "normal form C"),
        ({"e\u0301": 1}, "normal form C"),
        ("\ud800", "half a character"),
        ({"\udfff": 1}, "half a character"),
        ({1: "a"}, "key in the record is not a text"),
        ({None: "a"}, "key in the record is not a text"),
        ({"a": {True: "b"}}, "key in the record is not a text"),
        (b"bytes", "A bytes cannot"),
        ({"a": {1, 2}}, "A set cannot"),
        (MappingProxyType({"a": 1}), "A mappingproxy cannot"),
        (object(), "A object cannot"),
    ],
)
def test_what_two_encoders_could_write_differently_is_refused(document: Any, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        canonical(document)


def test_the_largest_whole_number_is_one_below_two_to_the_53rd() -> None:
    assert canonical([2**53 - 1, -(2**53) + 1]) == b"[9007199254740991,-9007199254740991]"


def test_a_truth_value_is_no_number() -> None:
    assert canonical([True, False, 1, 0]) == b"[true,false,1,0]"


def test_a_tuple_is_written_as_a_list() -> None:
    assert canonical({"a": (1, (2,))}) == b'{"a":[1,[2]]}'


def test_nesting_without_end_is_refused_and_not_a_crash() -> None:
    document: list[Any] = []
    for _ in range(100_000):
        document = [document]
    with pytest.raises(InvalidInput, match="nested too deeply"):
        canonical(document)
    with pytest.raises(InvalidInput):
        read_canonical(b"[" * 100_000 + b"]" * 100_000)


def test_normalising_brings_texts_and_keys_to_one_form() -> None:
    document = normalised({"e\u0301": ["\u212b", ("o\u0308",)], "n": 1, "t": True, "x": None})
    assert document == {"\u00e9": ["\u00c5", ["\u00f6"]], "n": 1, "t": True, "x": None}
    assert read_canonical(canonical(document)) == document


def test_two_keys_that_become_one_are_refused_instead_of_one_getting_lost() -> None:
    with pytest.raises(InvalidInput, match="one key twice"):
        normalised({"e\u0301": 1, "\u00e9": 2})


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_normalised_text_can_always_be_written(text: str) -> None:
    assert json.loads(canonical(normalised({text: [text]}))) == {
        unicodedata.normalize("NFC", text): [unicodedata.normalize("NFC", text)]
    }


def test_the_digest_is_plain_sha256_in_small_letters() -> None:
    assert sha256_hex(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert digest_of({"b": 1, "a": 2}) == sha256_hex(b'{"a":2,"b":1}')
