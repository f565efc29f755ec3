"""Odd characters are named; plain ones are left alone."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.prompts.characters import OddCharacter, Segment, odd_characters, segments


@pytest.mark.parametrize(
    "text",
    [
        "Plain ASCII, 5 mg/kg\n\tq8h {x} ~",
        "Windows line\r\nends\r\n",
        "Müller, Łukasz, Dvořák, Ștefan, Nguyễn, Ærø, Çelik, Yıldız, Straße",
        "“Quotes” ‘here’ – dashes — and … • bullets → arrows",
        "≥ 5 µg or 5 μg, 37.5 °C ± 0.1, 3 × 2, m², ½, CO₂, −5",
        "α-blocker, β-blocker, TNF-α, ΔT, λ",
    ],
)
def test_what_clinicians_write_is_plain(text: str) -> None:
    assert odd_characters(text) == ()


@pytest.mark.parametrize(
    ("letter", "kind"),
    [
        ("\u200b", "hidden"),
        ("\u00ad", "hidden"),
        ("\ufeff", "hidden"),
        ("\u2060", "hidden"),
        ("\ufe0f", "hidden"),
        ("\U000e0041", "hidden"),
        ("\u3164", "hidden"),
        ("\u2028", "hidden"),
        ("\x07", "hidden"),
        ("\r", "hidden"),
        ("\x85", "hidden"),
        ("\u202e", "bidirectional"),
        ("\u2066", "bidirectional"),
        ("\u200f", "bidirectional"),
        ("\uff21", "confusable"),
        ("\U0001d41a", "confusable"),
        ("\u00a0", "unusual"),
        ("\u3000", "unusual"),
        ("\u0301", "unusual"),
        ("\u05d0", "unusual"),
        ("\U0001f600", "unusual"),
        ("\ue000", "unusual"),
    ],
)
def test_a_character_outside_the_list_has_its_kind(letter: str, kind: str) -> None:
    assert [odd.kind for odd in odd_characters(f"dose 5 {letter} mg")] == [kind]


@pytest.mark.parametrize(
    ("word", "places"),
    [("wаrfarin", [1]), ("TNFα", [3]), ("μg", []), ("IFNβ", []), ("сор", [0, 1, 2]), ("Α", [0]), ("αιο", [1, 2])],
)
def test_a_letter_of_another_script_that_passes_for_latin_is_confusable(word: str, places: list[int]) -> None:
    assert [odd.offset for odd in odd_characters(word) if odd.kind == "confusable"] == places


def test_a_word_that_is_plainly_cyrillic_is_unusual() -> None:
    assert {odd.kind for odd in odd_characters("Живаго")} == {"unusual"}


def test_offset_line_column_and_name_are_given() -> None:
    assert odd_characters("ab\nc\u202ed") == (
        OddCharacter(4, 2, 2, "U+202E", "RIGHT-TO-LEFT OVERRIDE", "bidirectional"),
    )
    assert odd_characters("\x07")[0].name == "CONTROL CHARACTER"


def test_segments_hold_plain_runs_and_badges() -> None:
    odd = odd_characters("a\u200bb")[0]
    assert segments("a\u200bb") == (Segment("a"), Segment("\u200b", odd), Segment("b"))
    assert segments("") == ()


def test_hostile_text_takes_bounded_time() -> None:
    began = time.process_time()
    for text in ("\u200b" * 100_000, "а" * 100_000, "aа" * 50_000, "a" * 200_000):
        odd_characters(text)
    assert time.process_time() - began < 8


@given(st.text(max_size=60))
def test_segments_join_to_the_text(text: str) -> None:
    assert "".join(segment.text for segment in segments(text)) == text


@given(st.text(max_size=60))
def test_every_character_beyond_the_basic_latin_range_is_plain_or_badged_in_place(text: str) -> None:
    for odd in odd_characters(text):
        assert odd.code_point == f"U+{ord(text[odd.offset]):04X}"
        assert text.split("\n")[odd.line - 1][odd.column - 1] == text[odd.offset]
