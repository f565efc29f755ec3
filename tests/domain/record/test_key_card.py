"""The key card says what an auditor needs before any export arrives."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from webapp.adapters.keys import ServiceKey
from webapp.domain.record.checkpoints import Checkpoint
from webapp.domain.record.key_card import CONSONANTS, VOWELS, _word, fingerprint, key_card, slip_line, words
from webapp.domain.record.notes import NoteKey

KEY = NoteKey("hospital.example/log", ServiceKey.from_seed(b"\x01" * 32).public)


def test_the_card_holds_the_key_as_tools_read_it_and_its_fingerprint() -> None:
    card = key_card(KEY)
    assert KEY.to_vkey() in card.split()
    assert fingerprint(KEY) in card
    assert fingerprint(KEY).replace(" ", "") == hashlib.sha256(KEY.public).hexdigest()
    assert [len(group) for group in fingerprint(KEY).split()] == [8] * 8


def test_the_words_are_the_same_digest_and_every_word_counts() -> None:
    spoken = words(KEY).split()
    assert [len(word) for word in spoken] == [5] * 16
    assert b"".join(read_word(word) for word in spoken) == hashlib.sha256(KEY.public).digest()
    card = key_card(KEY, "[picture]\n")
    assert all(word in card for word in spoken)
    assert "[picture]" in card
    assert "received on" in card


def test_words_are_the_published_ones() -> None:
    """127.0.0.1 and 63.84.220.193 as the inventor of proquints writes them."""
    found = [_word(int.from_bytes(bytes(pair))) for pair in ((127, 0), (0, 1), (63, 84), (220, 193))]
    assert found == ["lusab", "babad", "gutih", "tugad"]


def test_a_slip_is_one_line_with_log_size_root_and_time() -> None:
    line = slip_line(Checkpoint("hospital.example/log", 8, b"\x00" * 32), datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    assert line == f"hospital.example/log 8 {'A' * 43}= 2026-03-02T09:00:00.000Z"


def read_word(word: str) -> bytes:
    """The two bytes of a word, by its letters alone."""
    number = 0
    for place, letter in enumerate(word):
        letters, bits = (VOWELS, 2) if place % 2 else (CONSONANTS, 4)
        number = number << bits | letters.index(letter)
    return number.to_bytes(2)
