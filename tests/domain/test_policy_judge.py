"""A policy may name a judge; what it names is complete and within bounds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from webapp.domain.policy import JudgeRule, MeasureRule, read_policy
from webapp.errors import InvalidInput

SHIPPED = Path(__file__).resolve().parents[2] / "webapp" / "defaults" / "policy.yaml"
JUDGE = {
    "model": "judge-1",
    "questions": {"grounded": "Is it supported?"},
    "margin_ppm": 50_000,
    "practical_ppm": 60_000,
    "threshold_ppm": 800_000,
}


def policy(judge: Any = ...) -> Any:
    document = yaml.safe_load(SHIPPED.read_text())
    if judge is not ...:
        document["classes"]["clinical"]["judge"] = judge
    return document


def test_the_shipped_policy_has_no_judge() -> None:
    assert [rules.judge for rules in read_policy(policy()).classes.values()] == [None, None, None]


def test_a_judge_is_read_with_its_questions_and_limits() -> None:
    assert read_policy(policy(JUDGE)).of("clinical").judge == JudgeRule(
        "judge-1", {"grounded": "Is it supported?"}, MeasureRule("judge", 50_000, 60_000, 800_000)
    )


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"model": " "}, "model"),
        ({"questions": {}}, "1 to 10 questions"),
        ({"questions": ["Is it?"]}, "not a mapping"),
        ({"questions": {f"q{n}": "Is it?" for n in range(11)}}, "1 to 10 questions"),
        ({"questions": {"Grounded!": "Is it?"}}, "lower-case"),
        ({"questions": {7: "Is it?"}}, "lower-case"),
        ({"questions": {"grounded": ""}}, "is a text"),
        ({"questions": {"grounded": "x" * 501}}, "at most 500"),
        ({"margin_ppm": None}, "margin_ppm"),
        ({"practical_ppm": 10}, "at least margin_ppm"),
        ({"threshold_ppm": 2_000_000}, "threshold_ppm"),
    ],
)
def test_a_judge_that_is_incomplete_is_refused_in_words(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        read_policy(policy({**JUDGE, **changed}))


@pytest.mark.parametrize("judge", ["judge-1", [], 1, True])
def test_a_judge_is_a_mapping(judge: Any) -> None:
    with pytest.raises(InvalidInput, match="not a mapping"):
        read_policy(policy(judge))


def test_the_judge_cannot_stand_among_the_checks() -> None:
    document = policy()
    document["classes"]["clinical"]["measures"]["judge"] = {"margin_ppm": 0, "practical_ppm": 0, "threshold_ppm": 0}
    with pytest.raises(InvalidInput, match="no check"):
        read_policy(document)
