"""Numbers on another footing are never compared, and the refusal says what changed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from webapp.domain.evaluation.footing import Footing, changed_sentence

QUEUED = Footing("a" * 64, "b" * 64, "c" * 64)


@pytest.mark.parametrize(("part", "words"), [("suite", "test set"), ("policy", "policy"), ("checks", "checks")])
def test_what_changed_is_named(part: str, words: str) -> None:
    said = changed_sentence(QUEUED, replace(QUEUED, **{part: "d" * 64}))
    assert said is not None
    assert said.startswith(f"The {words} changed while this run waited")
    assert said.endswith("run it again.")


def test_all_that_changed_is_named() -> None:
    said = changed_sentence(QUEUED, Footing("d" * 64, QUEUED.policy, "d" * 64))
    assert said is not None
    assert said.startswith("The test set and the checks changed")


def test_the_same_footing_is_comparable() -> None:
    assert changed_sentence(QUEUED, QUEUED) is None
