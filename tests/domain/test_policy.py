"""Reading a policy: the shipped one is good, and each hole in one is named."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from webapp.adapters.yaml_source import read_yaml
from webapp.domain.policy import read_policy
from webapp.domain.workflow import RiskClass
from webapp.errors import InvalidInput
from webapp.settings import PACKAGE


def shipped() -> dict[str, Any]:
    document = read_yaml((PACKAGE / "defaults" / "policy.yaml").read_bytes(), "policy.yaml")
    assert isinstance(document, dict)
    return document


def test_the_shipped_policy_is_stricter_the_more_is_at_stake() -> None:
    policy = read_policy(shipped())
    low, middle, high = (policy.of(risk_class) for risk_class in RiskClass)
    assert low.least_cases < middle.least_cases < high.least_cases
    assert low.audit_sample < middle.audit_sample < high.audit_sample
    assert len(low.plan.steps) < len(middle.plan.steps) < len(high.plan.steps)
    assert policy.of("high_risk") is high
    assert policy.signature_lapse_days == 30
    assert all(step.guardrails for rules in (low, middle, high) for step in rules.plan.steps)


def test_the_shipped_policy_lets_nothing_pass_unreviewed() -> None:
    policy = read_policy(shipped())
    assert [policy.of(risk_class).passes_unreviewed for risk_class in RiskClass] == [False] * 3


def drop_class(policy: dict[str, Any]) -> None:
    del policy["classes"]["high_risk"]


def clinical(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(policy: dict[str, Any]) -> None:
        policy["classes"]["clinical"][name] = value

    return change


def top(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda policy: policy.update({name: value})


def measure(**rule: Any) -> Callable[[dict[str, Any]], None]:
    return clinical("measures", {"completeness": {"margin_ppm": 1, "practical_ppm": 1, "threshold_ppm": 1, **rule}})


BAD: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "class missing": (drop_class, "no rules for high_risk"),
    "no name": (top("name", " "), "name is a text"),
    "no classes": (top("classes", None), "classes is not a mapping"),
    "signatures never lapse": (top("signature_lapse_days", 0), "signature_lapse_days"),
    "lapse as yes": (top("signature_lapse_days", True), "signature_lapse_days"),
    "no measure": (clinical("measures", {}), "could never pass"),
    "clinical unreviewed": (clinical("passes_unreviewed", True), "Only administrative"),
    "no answer to harm": (clinical("after_rollout", "wait"), "after_rollout is one of alarm, hold, stop"),
    "nothing audited": (clinical("audit_sample", 0), "audit_sample"),
    "no plan": (clinical("plan", None), "not a mapping"),
    "plan without limits": (clinical("plan", {"steps": [{"kind": "direct", "guardrails": []}]}), "watches nothing"),
    "no checklist": (clinical("checklist", ["read"]), "checklist is not a mapping"),
    "margin above practical": (measure(margin_ppm=2), "exclude each other"),
    "margin of more than all": (measure(margin_ppm=1_000_001), "margin_ppm"),
    "fraction": (measure(threshold_ppm=0.5), "threshold_ppm"),
}


@pytest.mark.parametrize(("change", "sentence"), BAD.values(), ids=BAD)
def test_a_policy_with_a_hole_is_refused(change: Callable[[dict[str, Any]], None], sentence: str) -> None:
    policy = copy.deepcopy(shipped())
    change(policy)
    with pytest.raises(InvalidInput, match=sentence):
        read_policy(policy)


@pytest.mark.parametrize("document", [None, [], "policy", 3])
def test_a_policy_is_a_mapping(document: object) -> None:
    with pytest.raises(InvalidInput, match="not a mapping"):
        read_policy(document)
