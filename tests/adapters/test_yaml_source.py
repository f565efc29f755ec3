"""YAML from strangers: plain values come out, or one sentence with the line."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.adapters.yaml_source import read_yaml
from webapp.errors import InvalidInput

GUIDE = b"""\
# prompts/clinical-summarization/v2.0.yaml
name: clinical-summarization
version: "2.0"
model_compatibility:
  - claude-sonnet-4-5-20250929
system_prompt: |
  You are a clinical documentation assistant...
parameters: {temperature: 0.2, max_tokens: 2000}
metadata:
  created: 2026-02-05
  at: 2026-02-05 10:30:00
  reviewed: true
  note: ~
"""


def refusal(raw: bytes) -> InvalidInput:
    with pytest.raises(InvalidInput) as found:
        read_yaml(raw, "v1.0.yaml")
    return found.value


def test_the_guides_layout_becomes_plain_values() -> None:
    assert read_yaml(GUIDE, "v2.0.yaml") == {
        "name": "clinical-summarization",
        "version": "2.0",
        "model_compatibility": ["claude-sonnet-4-5-20250929"],
        "system_prompt": "You are a clinical documentation assistant...\n",
        "parameters": {"temperature": 0.2, "max_tokens": 2000},
        "metadata": {"created": "2026-02-05", "at": "2026-02-05T10:30:00", "reviewed": True, "note": None},
    }


@pytest.mark.parametrize(
    ("raw", "line", "words"),
    [
        (b"", 1, "is empty"),
        (b"# only a comment\n", 2, "is empty"),
        (b"a: 1\n---\nb: 2\n", 2, "second document"),
        (b"a: 1\nb: &x 2\n", 2, "anchor or alias"),
        (b"a: *x\n", 1, "anchor or alias"),
        (b"a: 1\nb: !!python/object/apply:os.system [x]\n", 2, "tag"),
        (b"a: ! x\n", 1, "tag"),
        (b"a: 1\nb: 2\na: 3\n", 3, "'a' a second time"),
        (b"a:\n  1: x\n", 2, "key that is not text"),
        (b"? [a]\n: x\n", 1, "key that is not text"),
        (b"<<: {a: 1}\n", 1, "merge key"),
        (b"a: .nan\n", 1, "infinite"),
        (b"a: -.inf\n", 1, "infinite"),
        (b"a: 1.0e+999\n", 1, "infinite"),
        (b"a: 9007199254740993\n", 1, "too large"),
        (b"a: " + b"9" * 100_000, 1, "too large"),
        (b"a: 0x1F\n", 1, "unusual form"),
        (b"a: 010\n", 1, "unusual form"),
        (b"a: 12:30:00\n", 1, "unusual form"),
        (b"a: 1\nb: yes\n", 2, "yes/no"),
        (b"a: 2026-13-45\n", 1, "date that does not exist"),
        (b"a: 2026-01-01 10:00:00 +99:99\n", 1, "date that does not exist"),
        (b"\xef\xbb\xbfa: 1\n", 1, "byte order mark"),
        ("a: 1\n".encode("utf-16"), 1, "byte order mark"),
        (b"a: 1\nb: \xff\n", 2, "not UTF-8"),
        (b"a: 1\nb: \x07\n", 2, "U+0007"),
        (b'a: "\\0"\n', 1, "control character"),
        (b'a: "\\uD800"\n', 1, "not YAML"),
        (b'a: "\\UFFFFFFFF"\n', 1, "not YAML"),
        (b"a: 1\nb: [1, 2\n", 3, "not YAML"),
        (b"a: b: c\n", 1, "not YAML"),
        (b"x" * 262_145, 1, "at most 262144"),
    ],
)
def test_a_fault_is_one_sentence_with_source_and_line(raw: bytes, line: int, words: str) -> None:
    error = refusal(raw)
    assert error.sentence.startswith(f"v1.0.yaml, line {line}: ")
    assert words in error.sentence
    assert "\n" not in error.sentence
    assert error.details["faults"][0]["line"] == line


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 200_000,
        b"{" * 200_000,
        b"- " * 100_000,
        b"? " * 100_000,
        b"{a: " * 60_000,
        b"a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n",
        b"".join(b"k%d: [1]\n" % number for number in range(20_000)),
        b"a" * 10 * 1024 * 1024,
    ],
    ids=["lists", "braces", "dashes", "keys", "maps", "bomb", "values", "10 MB"],
)
def test_bombs_are_refused_fast(raw: bytes) -> None:
    began = time.process_time()
    refusal(raw)
    assert time.process_time() - began < 1


def test_twenty_levels_are_read_and_one_more_is_refused() -> None:
    read_yaml(b"[" * 20 + b"x" + b"]" * 20, "deep")
    assert "nested" in refusal(b"[" * 21 + b"x" + b"]" * 21).sentence


def test_the_callers_limit_holds() -> None:
    with pytest.raises(InvalidInput, match="at most 4"):
        read_yaml(b"a: 10", "small", limit_bytes=4)


def test_quoted_numbers_dates_and_words_stay_text() -> None:
    assert read_yaml(b'a: "1.10"\nb: \'yes\'\nc: "2026-01-01"', "q") == {"a": "1.10", "b": "yes", "c": "2026-01-01"}


@given(st.binary(max_size=300))
def test_random_bytes_give_a_value_or_invalid_input(raw: bytes) -> None:
    try:
        read_yaml(raw, "random")
    except InvalidInput as error:
        assert error.sentence.startswith("random, line ")


@given(st.text("&*!?:-{}[]<>|'\"%@`#,.~=0123456789eExinfay \n\té\u2028\x85\U0001f600", max_size=80))
def test_random_yaml_like_text_gives_a_value_or_invalid_input(text: str) -> None:
    try:
        read_yaml(text.encode(), "random")
    except InvalidInput as error:
        assert error.sentence.startswith("random, line ")
