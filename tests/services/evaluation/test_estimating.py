"""The estimate of a run that waits: from earlier runs on the same test set where there are any."""

from __future__ import annotations

import pytest

from tests.conftest import Clock, Staff
from tests.rollouts import live_first, version
from tests.services.evaluation.conftest import ScriptedModels, execute
from tests.services.submissions import good, suite_bytes
from webapp.adapters.outside import Outside
from webapp.domain.evaluation.estimate import ASSUMED, EARLIER
from webapp.services import evaluation
from webapp.services.submission import submit

FULL = "Subjective: well. Objective: well. Assessment: diabetes. Plan: metformin 500 mg twice daily."
SUITE = suite_bytes(60, expected={"must_include": ["500 mg"], "must_not_include": ["50 g"]}).replace(b"case-", b"fact-")


@pytest.fixture
def live(outside: Outside, house: Outside, staff: Staff) -> str:
    return live_first(house, staff)


def test_a_first_version_has_calls_and_no_power(house: Outside, staff: Staff) -> None:
    sent = submit(house, staff.act_as("ada"), good(suite=SUITE))
    found = evaluation.estimate_change(house, sent.change_id)
    assert found is not None
    assert (found.calls, found.cases, found.outlooks) == (60, 60, ())


@pytest.mark.usefixtures("live")
def test_without_earlier_runs_the_spread_is_assumed(house: Outside, staff: Staff) -> None:
    sent = submit(house, staff.act_as("ada"), good(prompt=version("2.0")["prompt"], suite=SUITE))
    found = evaluation.estimate_change(house, sent.change_id)
    assert found is not None
    assert found.calls == 120
    assert {one.measure: one.n for one in found.outlooks} == {
        "accuracy": 60,
        "completeness": 60,
        "safety_language": 60,
    }
    assert {one.source for one in found.outlooks} == {ASSUMED}
    assert "harmless change holds in about" in found.words
    assert found.cost_microusd is not None


@pytest.mark.usefixtures("live")
def test_cost_time_and_spread_come_from_earlier_runs_on_this_test_set(
    house: Outside, staff: Staff, models: ScriptedModels, clock: Clock
) -> None:
    models.say = lambda call: FULL
    first = submit(house, staff.act_as("ada"), good(prompt=version("2.0")["prompt"], suite=SUITE))
    execute(house, first.run_id)
    assert evaluation.estimate_change(house, first.change_id) is None
    second = submit(house, staff.act_as("ada"), good(prompt=version("3.0")["prompt"], suite=SUITE))
    found = evaluation.estimate_change(house, second.change_id)
    assert found is not None
    assert {one.source for one in found.outlooks} == {EARLIER}
    assert found.cost_microusd == 120 * 7
    view = evaluation.show_evaluation(house, staff.act_as("kim"), second.change_id)
    assert view.progress is not None
    assert view.progress.estimate == found.words
