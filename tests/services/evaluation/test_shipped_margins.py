"""The margins that ship fit the test sets that ship: an unchanged prompt holds in at least 80 of 100 runs.

On the set of ``clinical-summarization`` in every class, on that of ``medication-extraction`` in the class of its own prompt. The live
prompt is asked six times by the offline model at its own temperature. Runs of it against itself are drawn from these answers, each version
getting different ones, and judged as runs are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from webapp.adapters.llm.offline.answer import answer_messages
from webapp.adapters.lookups import lookups
from webapp.adapters.yaml_source import read_yaml
from webapp.domain.policy import ClassPolicy, read_policy
from webapp.domain.prompts.prompt_file import PromptFile, read_prompt
from webapp.domain.prompts.suite import Case, read_suite
from webapp.domain.prompts.template import messages
from webapp.domain.scorers.interface import Answer
from webapp.domain.scorers.table import SCORERS
from webapp.domain.statistics.comparison import PPM
from webapp.domain.statistics.paired import Pair, compare, judge
from webapp.domain.verdict import Verdict
from webapp.domain.workflow import RiskClass

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = ROOT / "prompts"
POLICY = read_policy(read_yaml((ROOT / "webapp" / "defaults" / "policy.yaml").read_bytes(), "policy.yaml"))
MEASURES = sorted({name for risk_class in RiskClass for name in POLICY.of(risk_class).primary})
TIMES, RUNS = 6, 300


@dataclass(frozen=True)
class Marks:
    """By measure the marks as cases x times, and the cluster of each of these cases."""

    values: Mapping[str, np.ndarray]
    clusters: Mapping[str, list[str]]


@pytest.fixture(scope="module")
def marks() -> Marks:
    return _asked_six_times("clinical-summarization")


@pytest.fixture(scope="module")
def medication_marks() -> Marks:
    return _asked_six_times("medication-extraction")


def _asked_six_times(name: str) -> Marks:
    prompt = _live_prompt(name)
    cases = read_suite((SHIPPED / name / "evaluation" / "test-cases.jsonl").read_bytes(), "shipped").cases
    values: dict[str, list[list[float]]] = {measure: [] for measure in MEASURES}
    clusters: dict[str, list[str]] = {measure: [] for measure in MEASURES}
    for case in cases:
        rows = [_marks(prompt, case, time) for time in range(TIMES)]
        for measure in rows[0]:
            values[measure].append([row[measure] for row in rows])
            clusters[measure].append(case.cluster)
    return Marks({measure: np.array(found) for measure, found in values.items()}, clusters)


def _live_prompt(name: str) -> PromptFile:
    active = read_yaml((SHIPPED / "prompt-config.yaml").read_bytes(), "prompt-config.yaml")
    version = active["active"][name]  # type: ignore[index, call-overload]
    return read_prompt(read_yaml((SHIPPED / name / f"v{version}.yaml").read_bytes(), "live"), "live")


def _marks(prompt: PromptFile, case: Case, time: int) -> dict[str, float]:
    asked = tuple((one.role, one.text) for one in messages(prompt, case.inputs))
    temperature = float(prompt.parameters.get("temperature", 0))
    written = answer_messages(asked, temperature=temperature, repeat=time)
    answer = Answer(written.text, written.finish_reason, written.tokens_in, written.tokens_out, None, None)
    scores = [one.score(case, answer, lookups()) for one in SCORERS if one.name in MEASURES]
    return {one.metric: one.value for one in scores if one.value is not None}


@pytest.mark.parametrize("risk_class", list(RiskClass))
def test_an_unchanged_prompt_holds_in_at_least_eighty_of_a_hundred_runs(marks: Marks, risk_class: RiskClass) -> None:
    rules = POLICY.of(risk_class)
    held = sum(_holds(marks, rules, seed) for seed in range(RUNS)) / RUNS
    assert held >= 0.80, f"{risk_class}: holds in {held:.0%} of runs"


def test_an_unchanged_list_of_medicines_holds_in_at_least_eighty_of_a_hundred_runs(medication_marks: Marks) -> None:
    rules = POLICY.of(RiskClass(_live_prompt("medication-extraction").risk_class))
    held = sum(_holds(medication_marks, rules, seed) for seed in range(RUNS)) / RUNS
    assert held >= 0.80, f"holds in {held:.0%} of runs"


def test_the_list_of_medicines_has_cases_enough_for_the_margins_of_its_class(medication_marks: Marks) -> None:
    rules = POLICY.of(RiskClass(_live_prompt("medication-extraction").risk_class))
    asked = [rule for rule in rules.measures if len(medication_marks.values[rule.measure])]
    assert [rule.measure for rule in rules.measures if rule not in asked] == ["icd10_correct"]
    assert all(len(medication_marks.values[rule.measure]) >= 90 for rule in asked)
    assert all(rule.margin_ppm / PPM > 3 / len(medication_marks.values[rule.measure]) for rule in asked)


def test_a_margin_is_never_smaller_than_what_identical_answers_leave_open(marks: Marks) -> None:
    for risk_class in RiskClass:
        for rule in POLICY.of(risk_class).measures:
            assert rule.margin_ppm / PPM > 3 / len(marks.values[rule.measure])


def _holds(marks: Marks, rules: ClassPolicy, seed: int) -> bool:
    """One run of the live prompt against itself: does every primary measure that the cases ask for hold?"""
    rng = np.random.default_rng(seed)
    found = {}
    for rule in (rule for rule in rules.measures if len(marks.values[rule.measure]) or not rule.only_where_asked):
        values = rng.permuted(marks.values[rule.measure], axis=1)
        live, new = values[:, : rules.repeats].mean(axis=1), values[:, rules.repeats : 2 * rules.repeats].mean(axis=1)
        clusters = marks.clusters[rule.measure]
        pairs = [Pair(f"c{i}", clusters[i] or f"c{i}", float(live[i]), float(new[i])) for i in range(len(live))]
        found[rule.measure] = compare(
            pairs,
            margin=rule.margin_ppm / PPM,
            practical=rule.practical_ppm / PPM,
            least_cases=rules.least_cases,
            total_cases=len(pairs),
            unscored=0,
        )
    return {one.verdict for one in judge(found, tuple(found)).values()} == {Verdict.PASS}
