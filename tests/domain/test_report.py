"""Reports say the verdict in one sentence, and no text of a model can pass for more than text."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest

from webapp.domain.report import FORMATS, Report, read_report, render

CHANGE: dict[str, Any] = {
    "id": "chg_1",
    "prompt": "clinical-summarization",
    "title": "Doses with route",
    "stage": "evaluation",
    "revision": 2,
    "digest": "ab" * 32,
    "blocks": ["Say who Guest is, or declare them external, before review opens."],
    "asked_next": {"stage_words": "Review", "role": "clinical informaticist", "people": ["Kim", "Lee"]},
    "links": {"page": "http://localhost:8000/changes/chg_1"},
}
EVALUATION: dict[str, Any] = {
    "run": {"state": "complete", "verdict": "pass", "offline": True, "done_calls": 240, "planned_calls": 240},
    "counts": {"cases": 120, "better": 11, "worse": 4, "same": 105, "critical": 0},
    "measures": [
        {
            "measure": "cost",
            "words": "Cost per case",
            "primary": False,
            "verdict": "unmeasured",
            "sentence": "",
            "unit": "microusd",
            "candidate_mean_ppm": 250_000_000,
        },
        {
            "measure": "completeness",
            "words": "Complete sections and key facts",
            "primary": True,
            "verdict": "pass",
            "sentence": "Not worse by more than 5 points.",
            "baseline_mean_ppm": 912_000,
            "candidate_mean_ppm": 934_500,
            "n": 120,
        },
    ],
    "worst_cases": [
        {"case": f"ed-{number:03}", "sentence": "Dose 5000 mg; the encounter says 500 mg.", "critical": number == 1}
        for number in range(1, 8)
    ],
}


def report(**run: Any) -> Report:
    return read_report(CHANGE, {**EVALUATION, "run": {**EVALUATION["run"], **run}})


def test_the_sentence_names_cases_losses_gains_and_dangers() -> None:
    assert report().sentence == (
        "New against live, on these 120 cases: every measure holds; 4 cases got worse, 11 better; no new dangerous answer."
    )


def test_a_first_version_is_said_to_stand_alone() -> None:
    measures = [{"measure": "completeness", "primary": True, "verdict": "fail", "candidate_mean_ppm": 500_000}]
    alone = read_report(CHANGE, {**EVALUATION, "measures": measures, "run": {"state": "complete", "verdict": "fail"}})
    assert alone.sentence.startswith("New alone, nothing is live yet, on these 120 cases: worse")


@pytest.mark.parametrize(
    ("state", "verdict", "code"),
    [
        ("complete", "pass", 0),
        ("complete", "fail", 1),
        ("complete", "insufficient", 3),
        ("complete", "unmeasured", 4),
        ("complete", None, 4),
        ("complete", "something new", 4),
        ("incomplete", "pass", 4),
        ("failed", None, 4),
        ("running", "pass", 4),
        ("queued", None, 4),
    ],
)
def test_only_a_complete_passing_run_ends_with_zero(state: str, verdict: str | None, code: int) -> None:
    assert report(state=state, verdict=verdict).exit_code == code


def test_no_run_is_no_verdict() -> None:
    nothing = read_report(CHANGE, {"run": None})
    assert nothing.exit_code == 4
    assert nothing.sentence == "No evaluation has been started yet."


def test_a_run_without_verdict_says_why() -> None:
    lost = report(state="failed", verdict=None, failure="The worker was lost five times.")
    assert lost.sentence == "There is no verdict: the evaluation is failed. The worker was lost five times."
    assert report(state="running", done_calls=3).sentence == "The evaluation is going on: 3 of 240 calls are done."


@pytest.mark.parametrize("form", ["text", "markdown", "junit"])
def test_every_form_names_five_worst_cases_what_blocks_and_who_is_next(form: str) -> None:
    shown = render(report(), form)
    assert "ed-005" in shown
    assert "ed-006" not in shown
    assert "CRITICAL" in shown
    assert "Say who Guest is" in shown
    assert "Kim, Lee" in shown
    assert "http://localhost:8000/changes/chg_1" in shown


def test_primary_measures_stand_first_with_shares() -> None:
    lines = render(report(), "text").splitlines()
    rows = [line for line in lines if "Complete sections" in line or "watched" in line]
    assert rows[0].split("  ")[0] == "Complete sections and key facts"
    assert "91.2%" in rows[0]
    assert "93.5%" in rows[0] or "93.4%" in rows[0]


def test_a_cost_is_told_in_dollars() -> None:
    line = next(line for line in render(report(), "text").splitlines() if line.startswith("Cost per case"))
    assert "$0.000250" in line
    assert "%" not in line


def test_the_sentence_of_the_result_itself_wins() -> None:
    told = read_report(CHANGE, {**EVALUATION, "sentence": "New against live: holds."})
    assert told.sentence == "New against live: holds."
    going_on = {**EVALUATION, "sentence": "New against live: holds.", "run": {**EVALUATION["run"], "state": "running"}}
    assert "going on" in read_report(CHANGE, going_on).sentence


def test_a_run_that_was_stopped_early_says_so_after_its_sentence() -> None:
    stopped = {
        **EVALUATION["run"],
        "state": "stopped",
        "verdict": "fail",
        "failure": "Stopped early after 30 of 240 cases.",
    }
    told = read_report(CHANGE, {**EVALUATION, "sentence": "On these 30 cases: worse.", "run": stopped})
    assert told.sentence == "On these 30 cases: worse. Stopped early after 30 of 240 cases."
    assert told.exit_code == 1


def test_the_offline_model_is_named_as_no_model() -> None:
    assert "not an LLM" in render(report(), "text")
    assert "not an LLM" not in render(report(offline=False), "text")


def test_json_carries_the_exit_code() -> None:
    document = json.loads(render(report(verdict="insufficient"), "json"))
    assert (document["exit_code"], document["verdict"]) == (3, "insufficient")


def test_junit_counts_failures_and_never_lets_a_missing_verdict_pass() -> None:
    failing = [{**EVALUATION["measures"][1], "verdict": "insufficient"}]
    suite = ElementTree.fromstring(render(read_report(CHANGE, {**EVALUATION, "measures": failing}), "junit"))
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("1", "1", "0")
    nothing = ElementTree.fromstring(render(read_report(CHANGE, {"run": None}), "junit"))
    assert (nothing.get("tests"), nothing.get("errors")) == ("1", "1")


@pytest.mark.parametrize("form", FORMATS)
def test_text_of_a_model_stays_text(form: str) -> None:
    nasty = 'x\x1b[2J\n| <script>alert(1)</script> ]]> & "**" \x00'
    worst = [{"case": "ed-001", "sentence": nasty, "critical": True}]
    shown = render(read_report(CHANGE, {**EVALUATION, "worst_cases": worst}), form)
    assert "\x1b" not in shown
    assert "\x00" not in shown
    if form == "junit":
        ElementTree.fromstring(shown)
    if form == "markdown":
        assert "<script>" not in shown.replace("\\<", "")
        assert len([line for line in shown.splitlines() if line.startswith("| ")]) == 4
