"""Verdicts on new against live: what passes, what fails, and what is not known."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.domain.statistics.arms import (
    clustered_arms,
    clustered_marks,
    compared,
    graded_arms,
    pairs_of,
    skewed_arms,
    two_arms,
)
from webapp.domain.statistics.bounds import clopper_pearson_upper
from webapp.domain.statistics.comparison import PPM, Comparison, to_ppm
from webapp.domain.statistics.estimates import estimate, sparse_reach
from webapp.domain.statistics.paired import CASE_T, CLUSTER_T, EXACT, SPARSE, Pair, compare, holm, judge
from webapp.domain.verdict import Verdict
from webapp.errors import InvalidInput


def read_comparison(document: Mapping[str, Any]) -> Comparison:
    """The comparison a document was made of, to a millionth."""
    fields: dict[str, Any] = {}
    for name, value in document.items():
        if name.endswith("_ppm"):
            fields[name.removesuffix("_ppm")] = value / PPM
        else:
            fields[name] = value
    fields["verdict"] = Verdict(fields["verdict"])
    fields["higher_is_better"] = fields.get("higher_is_better", "yes") == "yes"
    return Comparison(**fields)


def table(both: int, worse: int, better: int, neither: int) -> list[Pair]:
    old = [1.0] * (both + worse) + [0.0] * (better + neither)
    new = [1.0] * both + [0.0] * worse + [1.0] * better + [0.0] * neither
    return pairs_of(old, new)


def test_yes_no_results_are_judged_by_the_exact_mcnemar_test() -> None:
    known = compared(table(60, 12, 3, 25))
    assert known.method == EXACT
    assert known.p_harm == pytest.approx(stats.binomtest(12, 15, 0.5, alternative="greater").pvalue)
    assert (known.worse, known.better, known.same) == (12, 3, 85)
    assert known.difference == pytest.approx(-0.09)


def test_marks_are_judged_by_the_paired_t_test() -> None:
    pairs = graded_arms(3, 60)
    known = compared(pairs)
    test = stats.ttest_rel([p.candidate for p in pairs], [p.baseline for p in pairs])
    interval = test.confidence_interval(0.95)
    assert known.method == CASE_T
    assert (known.low, known.high) == pytest.approx((interval.low, interval.high))
    one_sided = stats.ttest_rel([p.candidate for p in pairs], [p.baseline for p in pairs], alternative="less")
    assert known.p_harm == pytest.approx(one_sided.pvalue)


def test_the_cluster_variance_is_cr2_worked_out_with_matrices() -> None:
    sizes = [1, 2, 5, 3, 9, 4]
    clusters = [f"g{i}" for i, size in enumerate(sizes) for _ in range(size)]
    values = np.random.default_rng(0).normal(size=len(clusters))
    n = len(values)
    hat = np.full((n, n), 1 / n)
    residual = values - values.mean()
    meat, columns, start = 0.0, [], 0
    for size in sizes:
        rows = slice(start, start + size)
        eigen, vectors = np.linalg.eigh(np.eye(size) - hat[rows, rows])
        adjust = vectors @ np.diag(eigen**-0.5) @ vectors.T
        meat += float(np.ones(size) @ adjust @ residual[rows]) ** 2
        columns.append((np.eye(n) - hat)[:, rows] @ adjust @ np.ones(size) / n)
        start += size
    inner = np.array(columns) @ np.array(columns).T
    found = estimate(values.tolist(), clusters)
    assert found.standard_error == pytest.approx(math.sqrt(meat) / n)
    assert found.degrees == pytest.approx(np.trace(inner) ** 2 / np.trace(inner @ inner))


def test_equal_clusters_have_one_degree_less_than_clusters() -> None:
    pairs = clustered_arms(1, 12, 5)
    found = estimate([p.candidate for p in pairs], [p.cluster for p in pairs])
    assert found.degrees == pytest.approx(11)


def test_repeats_of_a_case_count_as_one_case() -> None:
    once = graded_arms(5, 40)
    thrice = [Pair(p.case_id, p.cluster, p.baseline, p.candidate + noise) for p in once for noise in (-0.1, 0.0, 0.1)]
    assert compared(thrice).n == 40
    assert compared(thrice).low == pytest.approx(compared(once).low)


def test_a_hundred_copies_of_few_encounters_are_not_hundreds_of_cases() -> None:
    few = clustered_arms(2, 10, 20)
    apart = [Pair(p.case_id, p.case_id, p.baseline, p.candidate) for p in few]
    together, separate = compared(few), compared(apart)
    assert together.method == CLUSTER_T
    assert together.high - together.low > 2 * (separate.high - separate.low)


def test_a_harmless_change_holds() -> None:
    known = compared(table(225, 2, 3, 10))
    assert known.verdict is Verdict.PASS
    assert known.words == "Holds"


def test_a_clear_loss_is_worse() -> None:
    assert compared(table(150, 40, 5, 45)).verdict is Verdict.FAIL


def test_too_few_cases_say_how_many_more_are_needed() -> None:
    known = compared(pairs_of([0.5] * 36, [0.4, 0.6] * 18), margin=0.02)
    assert known.verdict is Verdict.INSUFFICIENT
    assert known.cases_needed is not None
    assert known.words == f"Too few cases to tell (about {known.cases_needed} more needed)"


def test_the_cases_asked_for_decide_it_about_as_often_as_promised() -> None:
    first = [compared(graded_arms(seed, 35)) for seed in range(40)]
    asked = [(seed, one.cases_needed) for seed, one in enumerate(first) if one.cases_needed and one.cases_needed < 600]
    decided = [
        compared(graded_arms(1000 + seed, 35 + more)).verdict is not Verdict.INSUFFICIENT for seed, more in asked
    ]
    assert len(decided) > 10
    assert sum(decided) / len(decided) > 0.5


def test_a_significant_but_small_loss_is_no_failure() -> None:
    pairs = graded_arms(11, 2000, shift=-0.015)
    known = compared(pairs)
    assert known.p_harm is not None
    assert known.p_harm < 0.001
    assert known.verdict is Verdict.PASS


def test_the_practical_size_can_only_raise_the_bar_for_failure() -> None:
    lossy = table(160, 30, 10, 40)
    assert compared(lossy).verdict is Verdict.FAIL
    assert compared(lossy, practical=0.2).verdict is Verdict.INSUFFICIENT
    assert compared(lossy, practical=0.0001).practical == 0.03


def test_identical_answers_leave_what_the_rule_of_three_leaves() -> None:
    same = [0.25, 0.5, 0.75, 1.0] * 60
    known = compared(pairs_of(same, same))
    assert known.method == SPARSE
    assert known.bound == pytest.approx(-(1 - 0.05 ** (1 / 240)))
    assert known.verdict is Verdict.PASS
    assert compared(pairs_of(same[:60], same[:60])).verdict is Verdict.INSUFFICIENT


def test_one_small_loss_among_many_cases_is_not_taken_as_certain() -> None:
    old = [0.5] * 60
    known = compared(pairs_of(old, [0.49, *old[1:]]))
    assert known.bound is not None
    assert known.bound < -0.03
    assert known.verdict is Verdict.INSUFFICIENT


def test_the_same_loss_in_all_cases_is_worse() -> None:
    assert compared(pairs_of([0.9] * 40, [0.7] * 40)).verdict is Verdict.FAIL


def test_rounding_of_binary_fractions_is_no_difference() -> None:
    known = compared(pairs_of([0.1 + 0.2] * 200, [0.3] * 200))
    assert (known.better, known.worse, known.same) == (0, 0, 200)


def test_more_than_two_percent_unscored_is_unmeasured() -> None:
    good = table(245, 0, 0, 0)
    assert compared(good, total_cases=250, unscored=5).verdict is Verdict.PASS
    assert compared(good, total_cases=251, unscored=6).verdict is Verdict.UNMEASURED


def test_cases_that_vanished_without_a_word_count_as_unscored() -> None:
    known = compared(table(200, 0, 0, 0), total_cases=240, unscored=0)
    assert known.verdict is Verdict.UNMEASURED
    assert known.unscored == 40
    assert "40 of 240" in known.reason


def test_a_value_that_is_no_number_is_unscored() -> None:
    pairs = table(240, 0, 0, 0)
    broken = [Pair(p.case_id, p.cluster, p.baseline, math.nan) for p in pairs[:6]] + pairs[6:]
    assert compared(broken).verdict is Verdict.UNMEASURED
    assert compared([Pair("a", "", math.inf, 1.0)]).verdict is Verdict.UNMEASURED


def test_a_repeat_that_is_no_number_spoils_its_case() -> None:
    pairs = [*table(3, 0, 0, 0), Pair("c0000", "", 1.0, math.nan)]
    assert compared(pairs).n == 2


@pytest.mark.parametrize(
    ("cases", "verdict"), [(0, Verdict.UNMEASURED), (1, Verdict.INSUFFICIENT), (29, Verdict.INSUFFICIENT)]
)
def test_next_to_nothing_is_never_enough(cases: int, verdict: Verdict) -> None:
    assert compared(table(cases, 0, 0, 0)).verdict is verdict


def test_one_cluster_allows_no_interval() -> None:
    pairs = [Pair(p.case_id, "one patient", p.baseline, p.candidate) for p in graded_arms(1, 50)]
    known = compared(pairs)
    assert known.verdict is Verdict.INSUFFICIENT
    assert known.bound is None


@pytest.mark.parametrize(
    "wrong", [{"margin": -0.1}, {"margin": math.nan}, {"practical": math.inf}, {"confidence": 1.0}]
)
def test_limits_that_mean_nothing_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        compared(table(40, 0, 0, 0), **wrong)


def test_less_is_better_turns_the_signs_and_nothing_else() -> None:
    pairs = graded_arms(4, 80, shift=0.2)
    up, down = compared(pairs), compared(pairs, higher_is_better=False)
    assert (up.verdict, down.verdict) == (Verdict.PASS, Verdict.FAIL)
    assert down.difference == pytest.approx(up.difference)
    assert (down.low, down.high) == pytest.approx((up.low, up.high))
    assert down.bound is not None
    assert down.bound > down.difference > 0
    assert judge({"cost": down}, ["cost"])["cost"].verdict is Verdict.FAIL


def test_holm_gives_the_textbook_values() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([]) == ()
    assert holm([math.nan, 0.01]) == pytest.approx((1.0, 0.02))


def test_harm_must_stand_after_holm_over_the_primary_measures() -> None:
    lossy, clean = compared(table(170, 16, 6, 8)), compared(table(200, 0, 0, 0))
    assert lossy.verdict is Verdict.FAIL
    others = {f"m{i}": clean for i in range(4)}
    judged = judge({"loss": lossy, **others}, ["loss", *others])
    assert judged["loss"].verdict is Verdict.INSUFFICIENT
    assert judged["loss"].p_adjusted == pytest.approx(min(1.0, 5 * (lossy.p_harm or 0)))
    assert judge({"loss": lossy, **others}, ["loss"])["loss"].verdict is Verdict.FAIL


def test_a_primary_measure_that_is_missing_is_unmeasured() -> None:
    assert judge({}, ["phi_free"])["phi_free"].verdict is Verdict.UNMEASURED


def test_judging_never_makes_a_pass_of_what_is_not_known() -> None:
    unknown = {
        "few": compared(table(20, 0, 0, 0)),
        "unscored": compared(table(200, 0, 0, 0), unscored=50),
        "empty": compared([]),
    }
    judged = judge(unknown, list(unknown))
    assert [judged[name].verdict for name in unknown] == [Verdict.INSUFFICIENT, Verdict.UNMEASURED, Verdict.UNMEASURED]


def test_documents_hold_integers_and_strings_only_and_read_back() -> None:
    for known in (compared(table(150, 40, 5, 45)), compared([]), compared(graded_arms(2, 40), higher_is_better=False)):
        document = known.to_document()
        assert all(type(value) in (int, str) for value in document.values())
        assert read_comparison(document).to_document() == document


def test_a_value_that_is_no_number_is_never_stored() -> None:
    assert to_ppm(-0.0123456789) == -12346
    with pytest.raises(InvalidInput):
        to_ppm(math.nan)


values = st.sampled_from([0.0, 0.25, 0.5, 1.0])
some_pairs = st.lists(st.tuples(values, values, st.sampled_from(["", "p1", "p2", "p3"])), max_size=60)


@settings(max_examples=200, deadline=None)
@given(some_pairs, st.floats(0, 0.3), st.floats(0, 0.3), st.integers(0, 40))
def test_pass_fail_and_the_unknown_exclude_each_other(
    rows: list[tuple[float, float, str]], margin: float, practical: float, unscored: int
) -> None:
    pairs = [Pair(f"c{i}", group and group, old, new) for i, (old, new, group) in enumerate(rows)]
    known = compare(
        pairs,
        margin=margin,
        practical=practical,
        least_cases=5,
        total_cases=len(pairs) + unscored,
        unscored=unscored,
    )
    sure = known.n >= 5 and unscored <= 0.02 * (len(pairs) + unscored)
    if known.verdict is Verdict.PASS:
        assert sure
        assert known.bound is not None
        assert -margin < known.bound <= known.difference <= known.high
    if known.verdict is Verdict.FAIL:
        assert sure
        assert known.difference <= -max(margin, practical)
        assert known.p_harm < 0.05
    if known.bound is not None:
        assert known.low <= known.bound <= known.difference <= known.high


@settings(max_examples=100, deadline=None)
@given(some_pairs)
def test_swapping_the_arms_mirrors_the_numbers(rows: list[tuple[float, float, str]]) -> None:
    there = compared([Pair(f"c{i}", group, old, new) for i, (old, new, group) in enumerate(rows)])
    back = compared([Pair(f"c{i}", group, new, old) for i, (old, new, group) in enumerate(rows)])
    assert (there.better, there.worse) == (back.worse, back.better)
    if there.low is not None and back.low is not None:
        assert (there.low, there.high) == pytest.approx((-back.high, -back.low), abs=1e-9)


def test_more_pairs_of_the_same_kind_narrow_the_interval() -> None:
    widths = [_width(compared(table(8 * k, k, k, 2 * k))) for k in (2, 4, 8, 16)]
    graded = [_width(compared(_again(graded_arms(0, 20), k))) for k in (1, 2, 4, 8)]
    assert widths == sorted(widths, reverse=True)
    assert graded == sorted(graded, reverse=True)


def _again(pairs: list[Pair], times: int) -> list[Pair]:
    return [Pair(f"{p.case_id}-{k}", "", p.baseline, p.candidate) for p in pairs for k in range(times)]


def _width(known: Comparison) -> float:
    assert known.low is not None
    assert known.high is not None
    return known.high - known.low


def test_an_unchanged_prompt_seldom_looks_worse() -> None:
    failed = 0
    for seed in range(200):
        arms = {name: compared(two_arms(seed * 3 + k, 240)) for k, name in enumerate(("a", "b", "c"))}
        failed += any(one.verdict is Verdict.FAIL for one in judge(arms, list(arms)).values())
    assert failed / 200 <= 0.065


def test_a_true_loss_is_accepted_the_less_the_larger_it_is() -> None:
    accepted = [
        sum(compared(two_arms(seed, 500, drop)).verdict is Verdict.PASS for seed in range(200)) / 200
        for drop in (0.0, 0.02, 0.05, 0.07)
    ]
    assert accepted == sorted(accepted, reverse=True)
    assert accepted[0] > 0.5
    assert accepted[2] <= 0.07


@pytest.mark.parametrize("made", ["yes_no", "graded", "clustered", "clustered yes_no", "few clusters", "skewed"])
def test_intervals_hold_the_truth_as_often_as_they_say(made: str) -> None:
    make, truth = {
        "yes_no": (lambda seed: two_arms(seed, 120, 0.05), -0.05),
        "graded": (lambda seed: graded_arms(seed, 40, 0.02), 0.02),
        "clustered": (lambda seed: clustered_arms(seed, 15, 4, -0.01), -0.01),
        "clustered yes_no": (lambda seed: clustered_marks(seed, 12, 5), 0.0),
        "few clusters": (lambda seed: clustered_arms(seed, 6, 8, -0.01), -0.01),
        "skewed": (lambda seed: skewed_arms(seed, 120), -0.1),
    }[made]
    found = [compared(make(seed)) for seed in range(400)]
    share = sum(one.low <= truth <= one.high for one in found) / len(found)
    assert 0.92 <= share <= 0.98


def test_few_losses_count_by_their_size() -> None:
    same = [1.0] * 120
    total, small = (
        compared(
            pairs_of(
                same,
                [
                    1 - loss,
                    1 - loss,
                    *same[2:],
                ],
            )
        )
        for loss in (1.0, 0.1)
    )
    graded_total = sparse_reach([-1.0, -1.0] + [0.0] * 118, [str(i) for i in range(120)], 0.95)
    assert graded_total == pytest.approx(clopper_pearson_upper(2, 120))
    assert small.bound == pytest.approx(-(clopper_pearson_upper(0, 120) * 0.9 + clopper_pearson_upper(2, 120) * 0.1))
    assert total.bound < small.bound < -0.02


@pytest.mark.parametrize(("rate", "size"), [(0.01, 1.0), (0.02, 0.3), (0.03, 0.5)])
def test_the_bound_of_few_losses_holds_the_truth_at_least_as_often_as_it_says(rate: float, size: float) -> None:
    """Losses of random size up to ``size`` in so large a share of 100 cases."""
    held = 0
    for seed in range(400):
        rng = np.random.default_rng(seed)
        losses = (rng.random(100) < rate) * rng.uniform(0, size, 100)
        known = compared(pairs_of([1.0] * 100, (1 - losses).tolist()))
        held += known.bound <= -rate * size / 2
    assert held / 400 >= 0.95
