"""Every type of entry has words, and words never lose a code or show a place that was not filled."""

from __future__ import annotations

import re

import pytest

from webapp.domain.record.entry_words import (
    GROUP_OF,
    OTHER,
    PHRASES,
    code_words,
    fill,
    group_of,
    label_of,
    line_of,
    phrase_of,
)
from webapp.domain.record.kinds import KINDS

KNOWN = sorted(KINDS)


def test_every_type_has_a_phrase_and_no_phrase_is_for_another() -> None:
    assert set(GROUP_OF) == KINDS
    assert {kind.partition(":")[0] for phrases in PHRASES.values() for kind in phrases} <= KINDS


@pytest.mark.parametrize("kind", KNOWN)
def test_every_type_has_a_phrase_a_heading_and_a_label(kind: str) -> None:
    assert group_of(kind) in {*PHRASES, OTHER}
    assert "{" not in label_of(kind)
    assert label_of(kind)[0].isupper()


def test_no_two_types_read_the_same_in_the_list_of_choices() -> None:
    labels = [label_of(kind) for kind in KNOWN]
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("kind", KNOWN)
@pytest.mark.parametrize(("after", "reason"), [(None, None), ("signoff", None), (None, "some_code"), ("live", "totp")])
def test_no_place_stays_empty_and_no_reason_is_lost(kind: str, after: str | None, reason: str | None) -> None:
    lead, tail = fill(kind, after, reason)
    said = f"{lead}{tail or ''}"
    assert not re.search(r"[{}]|\(\)|\(;", said)
    assert reason is None or code_words(reason) in said


@pytest.mark.parametrize("kind", KNOWN)
def test_a_line_on_the_page_of_a_change_leaves_no_place_empty(kind: str) -> None:
    assert not re.search(r"[{}]|\(\)|\(;", line_of(kind, None, None, None))


def test_the_page_of_a_change_does_not_name_it_again() -> None:
    assert line_of("change.revise", "evaluation", None, 3) == "submitted revision 3 of the change"
    assert line_of("run.concluded", "complete", None, 2) == "finished run 2: complete"
    assert line_of("access.refused", None, "role", None) == "was refused an act on the change (role)"


def test_what_is_served_no_more_is_said_so() -> None:
    assert "nothing is served" in fill("release.live", "nothing", "rolled_back")[0]
    assert fill("release.live", "live", "completed") == ("made a release live for everyone: the ", " (completed)")


def test_an_unknown_type_is_said_by_its_own_name() -> None:
    assert phrase_of("clock.stepped") == "entered clock stepped: {thing}"
    assert group_of("clock.stepped") == "Other"
