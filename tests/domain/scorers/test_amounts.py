"""Cost, time, and time to the first word: measured now or not at all."""

from __future__ import annotations

import pytest

from tests.domain.scorers.examples import CASE, codes, score

AMOUNTS = [("cost", "cost", "microusd"), ("latency", "latency", "ms"), ("ttft", "ttft", "ms")]


@pytest.mark.parametrize(("metric", "given", "unit"), AMOUNTS)
def test_what_was_reported_is_an_amount_and_no_mark(metric: str, given: str, unit: str) -> None:
    for amount in (0, 850):
        one = score(metric, CASE, "x", **{given: amount})
        assert (one.state, one.value, one.amount, one.unit) == ("scored", None, amount, unit)


@pytest.mark.parametrize(("metric", "given", "unit"), AMOUNTS)
@pytest.mark.parametrize("amount", [None, -1])
def test_what_was_not_reported_is_unscored(metric: str, given: str, unit: str, amount: int | None) -> None:
    one = score(metric, CASE, "x", **{given: amount})
    assert (one.state, one.amount, codes(one)) == ("unscored", None, ["not_reported"])


@pytest.mark.parametrize(("metric", "given", "unit"), AMOUNTS)
def test_an_answer_of_an_earlier_run_measures_nothing(metric: str, given: str, unit: str) -> None:
    one = score(metric, CASE, "x", cached=True, **{given: 850})
    assert (one.state, one.amount, codes(one)) == ("unscored", None, ["not_asked_now"])
