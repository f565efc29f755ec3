"""Patterns that users write."""

from __future__ import annotations

import pytest

from webapp.adapters.patterns import search
from webapp.errors import InvalidInput


def test_the_first_match_is_named_by_its_place() -> None:
    assert search(r"(?i)metformin \d+", "Give Metformin 500 mg") == (5, 18)
    assert search("insulin", "Give metformin") is None


@pytest.mark.parametrize("pattern", [r"(a)\1", "(?=a)", "(", "a" * 1001])
def test_what_re2_cannot_read_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidInput):
        search(pattern, "aa")


def test_a_pattern_that_explodes_elsewhere_is_quick_here() -> None:
    assert search("(a+)+$", "a" * 28_000 + "b") is None
