"""Few cases: the bootstrap is drawn from a seed that follows from the cases, agrees with scipy, and holds what it says."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tests.domain.statistics.arms import clustered_arms, compared, graded_arms, pairs_of, quarter_marks, skewed_arms
from webapp.domain.statistics.absolute import FEW as FEW_ALONE
from webapp.domain.statistics.absolute import Single, hold_against
from webapp.domain.statistics.bootstrap import resample, seed_of
from webapp.domain.statistics.paired import CASE_T, EXACT, FEW


def test_the_result_names_method_and_seed_and_can_be_drawn_again() -> None:
    pairs = graded_arms(1, 20)
    known = compared(pairs, least_cases=10)
    assert known.method == FEW
    assert known.seed == seed_of([pair.case_id for pair in pairs])
    again = resample([p.candidate - p.baseline for p in pairs], [p.case_id for p in pairs], known.seed)
    assert len(again.means) == known.resamples == known.to_document()["resamples"]
    assert known.low - 1e-9 <= again.limit(0.025) <= known.low + 0.02
    assert compared(list(reversed(pairs)), least_cases=10).to_document()["seed"] == known.seed


def test_a_recorded_draw_comes_out_the_same_on_every_machine() -> None:
    drawn = resample([0.1, -0.2, 0.05, 0.0, -0.15, 0.3], [f"c{i}" for i in range(6)], seed_of(["a", "b"]))
    assert drawn.seed == 2_115_565_367
    assert [round(drawn.limit(p), 6) for p in (0.025, 0.05, 0.975)] == [-0.141667, -0.108333, 0.225]


def test_thirty_cases_and_yes_no_results_need_no_bootstrap() -> None:
    assert compared(graded_arms(1, 30)).method == CASE_T
    assert compared(pairs_of([1.0] * 15 + [0.0] * 5, [1.0] * 10 + [0.0] * 10)).method == EXACT


def test_without_its_expansion_it_is_the_bca_interval_of_scipy() -> None:
    values = np.random.default_rng(3).exponential(1.0, 25)
    ours = resample(values.tolist(), [f"c{i}" for i in range(25)], 7)
    theirs = stats.bootstrap((values,), np.mean, method="BCa", n_resamples=20_000, rng=np.random.default_rng(7))
    level = float(stats.t.cdf(stats.norm.ppf(0.025) / np.sqrt(25 / 24), 24))  # undoes the expansion
    assert ours.limit(level) == pytest.approx(theirs.confidence_interval.low, abs=0.03)
    assert ours.limit(1 - level) == pytest.approx(theirs.confidence_interval.high, abs=0.06)


def test_p_of_harm_and_upper_limit_say_the_same() -> None:
    values = (np.random.default_rng(5).normal(-0.03, 0.1, 25)).tolist()
    drawn = resample(values, [f"c{i}" for i in range(25)], 1)
    p = drawn.p_below_zero()
    assert 0.001 < p < 0.5
    assert drawn.limit(1 - p) == pytest.approx(0.0, abs=0.002)


def test_a_first_version_with_few_cases_is_bounded_the_same_way() -> None:
    values = [Single(f"c{i}", "", 0.7 + (i % 5) / 20) for i in range(24)]
    known = hold_against(values, threshold=0.6, least_cases=20, total_cases=24, unscored=0)
    assert known.method == FEW_ALONE
    assert {"seed", "resamples"} <= set(known.to_document())


@pytest.mark.parametrize(
    ("made", "least"),
    [("graded 12", 0.93), ("graded 28", 0.93), ("marks 20", 0.93), ("clustered 8 x 3", 0.93), ("skewed 28", 0.92)],
)
def test_intervals_of_few_cases_hold_the_truth_as_often_as_they_say(made: str, least: float) -> None:
    make, truth = {
        "graded 12": (lambda seed: graded_arms(seed, 12, 0.02), 0.02),
        "graded 28": (lambda seed: graded_arms(seed, 28, 0.02), 0.02),
        "marks 20": (lambda seed: quarter_marks(seed, 20), 0.0),
        "clustered 8 x 3": (lambda seed: clustered_arms(seed, 8, 3, -0.01), -0.01),
        "skewed 28": (lambda seed: skewed_arms(seed, 28), -0.1),
    }[made]
    found = [compared(make(seed)) for seed in range(300)]
    share = sum(one.low <= truth <= one.high for one in found) / len(found)
    assert {one.method for one in found} <= {FEW, "exact bound, fewer than five cases or clusters differ"}
    assert least <= share <= 0.99
