"""The key card says what an auditor needs before any export arrives."""

from __future__ import annotations

import hashlib

from webapp.adapters.keys import ServiceKey
from webapp.domain.record.key_card import fingerprint, key_card
from webapp.domain.record.notes import NoteKey

KEY = NoteKey("hospital.example/log", ServiceKey.from_seed(b"\x01" * 32).public)


def test_the_card_holds_the_key_as_tools_read_it_and_its_fingerprint() -> None:
    card = key_card(KEY)
    assert KEY.to_vkey() in card.split()
    assert fingerprint(KEY) in card
    assert fingerprint(KEY).replace(" ", "") == hashlib.sha256(KEY.public).hexdigest()
    assert [len(group) for group in fingerprint(KEY).split()] == [8] * 8
