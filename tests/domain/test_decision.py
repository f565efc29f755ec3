"""Decision ids: read back as written, and believed only unchanged."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.decision import Decision, grant_of, read_decision, unit_hash
from webapp.errors import InvalidInput

DECISION = Decision("rel_01", "candidate", 2, unit_hash("encounter-1", "salt"), 1_772_442_000)


def mac(content: bytes) -> str:
    return hashlib.sha256(b"key" + content).hexdigest()[:32]


def other_mac(content: bytes) -> str:
    return hashlib.sha256(b"other" + content).hexdigest()[:32]


def test_a_decision_is_read_as_it_was_written() -> None:
    assert read_decision(DECISION.to_id(mac), mac) == DECISION
    outside_rollout = Decision("rel_01", "live", -1, "0" * 16, 0)
    assert read_decision(outside_rollout.to_id(mac), mac) == outside_rollout


def test_the_id_fits_its_column() -> None:
    longest = Decision("rel_" + "0" * 26, "candidate", 11, "f" * 16, 99_999_999_999)
    assert len(longest.to_id(mac)) <= 120


@given(place=st.integers(0, 200), letter=st.characters(codec="utf-8"))
def test_one_changed_letter_is_not_believed(place: int, letter: str) -> None:
    good = DECISION.to_id(mac)
    place %= len(good)
    changed = good[:place] + letter + good[place + 1 :]
    if changed != good:
        with pytest.raises(InvalidInput):
            read_decision(changed, mac)


@given(st.text(st.characters(codec="utf-8"), max_size=250))
def test_no_text_from_elsewhere_is_believed(text: str) -> None:
    with pytest.raises(InvalidInput):
        read_decision(text, mac)


@given(place=st.integers(0, 200), letter=st.characters(codec="utf-8"))
def test_of_an_applications_own_id_only_unit_and_time_are_its_word(place: int, letter: str) -> None:
    head, tail = "loc_rel_01.candidate.2", grant_of("rel_01", "candidate", 2, mac)
    good = f"{head}.{unit_hash('encounter-1', 'salt')}.1772442000.{tail}"
    assert read_decision(good, mac) == DECISION
    place %= len(good)
    changed = good[:place] + letter + good[place + 1 :]
    is_granted = changed.startswith(head + ".") and changed.endswith("." + tail) and changed.count(".") == 5
    if changed != good and not is_granted:
        with pytest.raises(InvalidInput):
            read_decision(changed, mac)


@pytest.mark.parametrize(
    "middle", ["x.0", f"{'0' * 16}.x", f"{'0' * 16}.-1", f"{'0' * 15}G.0", f"{'0' * 17}.0", f"{'0' * 16}.\u0661"]
)
def test_an_applications_own_id_has_a_unit_hash_and_a_time(middle: str) -> None:
    with pytest.raises(InvalidInput):
        read_decision(f"loc_rel_01.live.0.{middle}.{grant_of('rel_01', 'live', 0, mac)}", mac)


def test_another_servers_decision_is_not_believed() -> None:
    with pytest.raises(InvalidInput):
        read_decision(DECISION.to_id(other_mac), mac)


def test_a_unit_hash_depends_on_the_salt_and_hides_the_unit() -> None:
    assert unit_hash("encounter-1", "a") != unit_hash("encounter-1", "b")
    assert len(unit_hash("x" * 200, "a")) == 16
