"""Drawing the audit's sample again, and when graders disagree."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.post_audit import GradeFacts, draw_sample, is_settled, needs_adjudication

STRATA = st.dictionaries(st.sampled_from(["candidate/N", "candidate/S", "live/N", "live/S"]),
                         st.sets(st.integers(0, 500).map(str), max_size=20).map(sorted))  # fmt: skip


def disjoint(strata: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: [f"{name}-{item}" for item in items] for name, items in strata.items()}


@given(strata=STRATA, size=st.integers(0, 40), seed=st.text("0123456789abcdef", min_size=32, max_size=32))
def test_a_sample_is_reproducible_complete_and_even(strata: dict[str, list[str]], size: int, seed: str) -> None:
    strata = disjoint(strata)
    drawn = draw_sample(seed, strata, size)
    assert drawn == draw_sample(seed, {name: list(reversed(ids)) for name, ids in reversed(strata.items())}, size)
    assert len(drawn) == len(set(drawn)) == min(size, sum(map(len, strata.values())))
    counts = {name: sum(stratum == name for stratum, _ in drawn) for name in strata}
    for name, ids in strata.items():
        assert counts[name] == len(ids) or counts[name] >= max(counts.values()) - 1


def test_another_seed_draws_another_sample_in_another_order() -> None:
    strata = {"live": [str(n) for n in range(100)], "candidate": [str(n) for n in range(100, 200)]}
    assert draw_sample("a", strata, 20) != draw_sample("b", strata, 20)
    arms = [stratum for stratum, _ in draw_sample("a", strata, 20)]
    assert arms != sorted(arms)


def grade(
    who: str, *, kind: str = "grade", gradable: bool = True, accurate: bool | None = True, harm: str = "none"
) -> GradeFacts:
    return GradeFacts(who, kind, gradable, accurate, harm)


@pytest.mark.parametrize(
    ("grades", "is_disputed"),
    [
        ([], False),
        ([grade("kim")], False),
        ([grade("kim"), grade("osei")], False),
        ([grade("kim"), grade("osei", accurate=False)], True),
        ([grade("kim"), grade("osei", harm="minor")], True),
        ([grade("kim", harm="minor"), grade("osei", harm="severe")], False),
        ([grade("kim"), grade("osei", gradable=False, accurate=None)], True),
    ],
)
def test_graders_disagree_on_accuracy_harm_or_gradability(grades: list[GradeFacts], is_disputed: bool) -> None:
    assert needs_adjudication(grades) is is_disputed


def test_only_a_third_person_settles() -> None:
    grades = [grade("kim"), grade("osei", accurate=False)]
    assert not is_settled(grades)
    assert not is_settled([*grades, grade("kim", kind="adjudication")])
    assert is_settled([*grades, grade("lee", kind="adjudication")])
