"""How cases lie: every case in one bin, on its side, and in words."""

from __future__ import annotations

from typing import Any

import pytest

from webapp.services.evaluation.distribution import distributions

NAME = "completeness"


def result(differences: list[int], *, paired: bool = True) -> dict[str, Any]:
    """A result of one measure; ``differences`` in points, or marks in percent of a first version."""
    rows = [
        {
            "case": f"c{n}",
            "new": {NAME: 500_000 + d * 10_000 if paired else d * 10_000},
            "live": {NAME: 500_000} if paired else {},
        }
        for n, d in enumerate(differences)
    ]
    return {
        "arms": ["candidate", *(["baseline"] if paired else [])],
        "measures": [{"measure": NAME, "primary": True}, {"measure": "cost", "primary": False}],
        "cases": rows,
    }


@pytest.mark.parametrize(
    ("points", "words", "side"),
    [
        (0, "the same", "same"), (-1, "under 5 points worse", "worse"), (4, "under 5 points better", "better"),
        (-5, "5 to 20 worse", "worse"), (20, "20 to 50 better", "better"), (-50, "50 or more worse", "worse"),
    ],
)  # fmt: skip
def test_a_case_stands_in_the_bin_of_its_difference(points: int, words: str, side: str) -> None:
    (one,) = distributions(result([points]))
    assert [(b.words, b.side) for b in one.bins if b.count] == [(words, side)]


def test_bins_go_from_the_largest_loss_to_the_largest_gain_and_count_every_case() -> None:
    (one,) = distributions(result([-60, -60, 0, 0, 0, 10]))
    assert [b.side for b in one.bins] == ["worse"] * 4 + ["same"] + ["better"] * 4
    assert sum(b.count for b in one.bins) == 6
    assert one.sentence == "Complete sections and key facts: 2 50 or more worse, 3 the same, 1 5 to 20 better."


def test_a_first_version_is_shown_by_its_marks() -> None:
    (one,) = distributions(result([0, 19, 20, 99, 100], paired=False))
    assert [b.count for b in one.bins] == [2, 1, 0, 0, 1, 1]
    assert one.bins[-1].words == "full marks"


def test_a_case_without_a_mark_is_in_no_bin() -> None:
    document = result([5, 5])
    document["cases"][0]["new"] = {}
    (one,) = distributions(document)
    assert sum(b.count for b in one.bins) == 1


def test_no_result_has_no_distribution() -> None:
    assert distributions({}) == ()
