"""Assignment: the published vectors hold, shares are met, and widening never takes anybody out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.assignment import OUTSIDE, Assigned, assign, bucket_of, gets_new_version, salt_of
from webapp.domain.cohorts import Cohort, Place
from webapp.domain.plan import Plan, read_plan

VECTORS = json.loads((Path(__file__).resolve().parents[2] / "docs/vectors/assignment.json").read_bytes())["vectors"]


def murmur3(content: bytes) -> int:
    """MurmurHash3 x86 32 bit with seed 0, written out from its published description, to check the library."""
    state, whole = 0, len(content) // 4 * 4
    for start in range(0, whole, 4):
        state = rotated(state ^ mixed(int.from_bytes(content[start : start + 4], "little")), 13) * 5 + 0xE6546B64
        state &= 0xFFFFFFFF
    state ^= mixed(int.from_bytes(content[whole:], "little")) if content[whole:] else 0
    state ^= len(content)
    state = (state ^ state >> 16) * 0x85EBCA6B & 0xFFFFFFFF
    state = (state ^ state >> 13) * 0xC2B2AE35 & 0xFFFFFFFF
    return state ^ state >> 16


def mixed(block: int) -> int:
    return rotated(block * 0xCC9E2D51 & 0xFFFFFFFF, 15) * 0x1B873593 & 0xFFFFFFFF


def rotated(value: int, places: int) -> int:
    return (value << places | value >> 32 - places) & 0xFFFFFFFF


def test_the_check_itself_knows_the_published_hashes() -> None:
    assert murmur3(b"") == 0
    assert murmur3(b"The quick brown fox jumps over the lazy dog") == 0x2E4FF723


@pytest.mark.parametrize("row", VECTORS, ids=lambda row: f"{row['unit'][:12]}:{row['salt'][:4]}")
def test_the_vectors_hold(row: dict[str, str | int]) -> None:
    unit, salt = str(row["unit"]), str(row["salt"])
    assert bucket_of(unit, salt) == row["bucket"] == murmur3(f"{unit}:{salt}".encode()) % 10_000


def test_there_are_vectors() -> None:
    assert len(VECTORS) >= 20


@given(
    unit=st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    share=st.integers(0, 10_000),
    more=st.integers(0, 10_000),
)
def test_widening_keeps_everyone_who_is_in(unit: str, share: int, more: int) -> None:
    salt = "0123456789abcdef"
    if gets_new_version(unit, salt, min(share, more)):
        assert gets_new_version(unit, salt, max(share, more))
    assert gets_new_version(unit, salt, 10_000)
    assert not gets_new_version(unit, salt, 0)


@pytest.mark.parametrize("share", [100, 500, 2_500, 5_000])
def test_the_share_of_units_is_the_planned_one(share: int) -> None:
    """Within five standard deviations of a binomial count over 20,000 units."""
    count = sum(gets_new_version(f"encounter-{number}", "fedcba9876543210", share) for number in range(20_000))
    expected = 20_000 * share / 10_000
    assert abs(count - expected) < 5 * (expected * (1 - share / 10_000)) ** 0.5


def test_another_release_draws_other_units() -> None:
    units = [f"encounter-{number}" for number in range(2_000)]
    one = {unit for unit in units if gets_new_version(unit, salt_of("a" * 64), 1_000)}
    other = {unit for unit in units if gets_new_version(unit, salt_of("b" * 64), 1_000)}
    assert len(one & other) < len(one) / 2


NORTH = Cohort(sites=("North",))


def plan_with(*steps: dict[str, object]) -> Plan:
    return read_plan({"steps": [*steps, {"kind": "direct"}]})


def test_a_request_without_a_unit_is_never_shared_out() -> None:
    plan = plan_with({"kind": "canary", "share_basis_points": 9_999})
    assert assign(plan, 0, Place(site="North"), "salt") == Assigned(OUTSIDE)
    everyone_of_a_site = plan_with({"kind": "canary", "share_basis_points": 10_000, "cohort": NORTH.document()})
    assert assign(everyone_of_a_site, 0, Place(site="North"), "salt") == Assigned(OUTSIDE)


def test_a_cohort_alone_is_meant_and_counted() -> None:
    plan = plan_with({"kind": "canary", "share_basis_points": 10_000, "cohort": NORTH.document()})
    assert assign(plan, 0, Place("u", site="North"), "salt") == Assigned(0, gets_new=True)
    assert assign(plan, 0, Place("u", site="South"), "salt") == Assigned(OUTSIDE)
    assert assign(plan, 0, Place("u"), "salt") == Assigned(OUTSIDE), "one that does not say where it comes from"


def test_every_part_of_a_cohort_that_names_anybody_has_to_fit() -> None:
    cohort = Cohort(sites=("North", "South"), departments=("ICU",), applications=("Ward system",), units=("u",))
    fits = Place("u", "South", "ICU", "Ward system")
    assert cohort.holds(fits)
    for part in ("unit", "site", "department", "application"):
        assert not cohort.holds(replace(fits, **{part: "other"}))
        assert not cohort.holds(replace(fits, **{part: ""}))


def test_whoever_is_in_stays_in_when_the_next_step_is_meant_for_others() -> None:
    plan = plan_with(
        {"kind": "canary", "share_basis_points": 10_000, "cohort": NORTH.document()},
        {"kind": "canary", "share_basis_points": 10_000, "cohort": {"sites": ["South"]}},
        {"kind": "canary", "share_basis_points": 1_000},
    )
    for step in range(4):
        assert assign(plan, step, Place("u", site="North"), "salt").gets_new
    assert [assign(plan, step, Place("u", site="South"), "salt").gets_new for step in range(4)] == [False, *[True] * 3]
    shared = [unit for unit in map(str, range(2_000)) if assign(plan, 2, Place(unit), "salt").gets_new]
    assert 0.08 < len(shared) / 2_000 < 0.12


def test_a_silent_run_shows_nobody_the_new_version() -> None:
    plan = plan_with({"kind": "shadow", "share_basis_points": 10_000}, {"kind": "canary", "share_basis_points": 1_000})
    found = [assign(plan, 0, Place(unit), "salt") for unit in map(str, range(100))]
    assert found == [Assigned(0, runs_silently=True)] * 100
    shown = [assign(plan, 1, Place(unit), "salt") for unit in map(str, range(1_000))]
    assert 60 < sum(one.gets_new for one in shown) < 140, "having run silently brings nobody in"
    assert not any(one.runs_silently for one in shown)
