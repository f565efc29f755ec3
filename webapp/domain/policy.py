"""The policy: what is measured against which margin, who ticks what, how a release is rolled out by default.

A policy is stored content with a digest; runs and manifests name it. What must not live here: where it is stored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.domain.plan import Plan, read_plan
from webapp.domain.record.levels import LEVELS, is_enough
from webapp.domain.workflow.stages import RiskClass
from webapp.errors import InvalidInput

JUDGE = "judge"
QUESTION_NAME = re.compile(r"[a-z_][a-z0-9_]{0,39}")
LONGEST_QUESTION = 500
MOST_QUESTIONS = 10
AFTER_ROLLOUT = ("alarm", "hold", "stop")
"""What harm or an identifier does after the rollout, from least to most: people are told; the version before is live until somebody
decides; the release is rolled back."""
LEAST_SIGNOFF_LEVEL = {  # what a policy without the word asks for, and what it may not go below
    RiskClass.ADMINISTRATIVE: ("L0", "L0"),
    RiskClass.CLINICAL: ("L1", "L1"),
    RiskClass.HIGH_RISK: ("L2", "L2"),
}


@dataclass(frozen=True)
class MeasureRule:
    """How one primary measure is judged; shares of one in parts per million.

    ``margin_ppm``: the largest loss that still holds. ``practical_ppm``: the smallest loss that counts as worse. ``threshold_ppm``:
    what a first version must reach by itself. ``only_where_asked``: counts only when the test set has cases that ask for it; any
    other primary measure without such cases could not be measured and stops the change.
    """

    measure: str
    margin_ppm: int
    practical_ppm: int
    threshold_ppm: int
    only_where_asked: bool = False


@dataclass(frozen=True)
class JudgeRule:
    """The model that reads answers after the checks, and what it is asked, by name; each so that yes is good.

    ``rule`` says how far its marks may fall; it may only lower a verdict.
    """

    model: str
    questions: Mapping[str, str]
    rule: MeasureRule


@dataclass(frozen=True)
class ChecklistItem:
    """One question a reviewer answers by ticking it."""

    item: str
    text: str


@dataclass(frozen=True)
class ClassPolicy:
    """The rules of one risk class. ``after_rollout``: what a report of harm or an identifier does once the release serves everyone."""

    measures: tuple[MeasureRule, ...]
    least_cases: int
    repeats: int
    worst_cases: int
    checklist: tuple[ChecklistItem, ...]
    passes_unreviewed: bool
    plan: Plan
    audit_sample: int
    judge: JudgeRule | None = None
    review_level: str = "L0"
    signoff_level: str = "L1"
    rollout_level: str = "L0"
    after_rollout: str = "alarm"

    @property
    def primary(self) -> tuple[str, ...]:
        """The names of the measures that decide."""
        return tuple(rule.measure for rule in self.measures)


@dataclass(frozen=True)
class Policy:
    """A whole policy."""

    name: str
    signature_lapse_days: int
    review_due_days: int
    signoff_due_days: int
    classes: Mapping[RiskClass, ClassPolicy]

    def of(self, risk_class: str | RiskClass) -> ClassPolicy:
        """The rules of one class."""
        return self.classes[RiskClass(risk_class)]


REVIEWING = ("confirm_class", "approve", "approve_for_rollout")
ROLLING_OUT = ("advance", "complete", "resume", "conclude")


def level_needed(rules: ClassPolicy | None, move: str) -> str:
    """The least level at which this move is signed; without rules a sign-off takes nothing but a passkey."""
    if move == "sign":
        return "L2" if rules is None else rules.signoff_level
    if rules is not None and move in REVIEWING:
        return rules.review_level
    if rules is not None and move in ROLLING_OUT:
        return rules.rollout_level
    return "L0"  # hold, roll back, reject, raise the class: whoever stops something or makes it safer is never held up


def read_policy(document: object) -> Policy:
    """The policy that ``document`` describes; InvalidInput names what is missing or wrong."""
    root = _mapping(document, "policy")
    classes = _mapping(root.get("classes"), "classes")
    missing = [risk_class.value for risk_class in RiskClass if risk_class.value not in classes]
    if missing:
        raise InvalidInput(f"The policy has no rules for {', '.join(missing)}.")
    return Policy(
        name=read_text(root, "name"),
        signature_lapse_days=read_number(root, "signature_lapse_days", 1, 365),
        review_due_days=read_number(root, "review_due_days", 1, 365),
        signoff_due_days=read_number(root, "signoff_due_days", 1, 365),
        classes={risk_class: read_class(risk_class.value, classes[risk_class.value]) for risk_class in RiskClass},
    )


def read_class(name: str, document: object) -> ClassPolicy:
    """The rules of the class ``name`` that ``document`` describes; InvalidInput names the first fault."""
    rules = _mapping(document, name)
    measures = _mapping(rules.get("measures"), f"{name}.measures")
    if not measures:
        raise InvalidInput(f"The policy names no measure for {name}; a change could never pass.")
    if JUDGE in measures:
        raise InvalidInput(f"The judge is no check; write it under {name}.judge with its model and its questions.")
    if name != RiskClass.ADMINISTRATIVE and rules.get("passes_unreviewed"):
        raise InvalidInput("Only administrative changes may pass without a review.")
    checklist = _mapping(rules.get("checklist"), f"{name}.checklist")
    return ClassPolicy(
        measures=tuple(_measure(str(measure), rule) for measure, rule in measures.items()),
        least_cases=read_number(rules, "least_cases", 2, 100_000),
        repeats=read_number(rules, "repeats", 1, 20),
        worst_cases=read_number(rules, "worst_cases", 0, 20),
        checklist=tuple(ChecklistItem(str(item), str(text)) for item, text in checklist.items()),
        passes_unreviewed=bool(rules.get("passes_unreviewed", False)),
        plan=read_plan(rules.get("plan")),
        audit_sample=read_number(rules, "audit_sample", 1, 10_000),
        review_level=_level(rules, "review_level", "L0", "L0"),
        signoff_level=_level(rules, "signoff_level", *LEAST_SIGNOFF_LEVEL[RiskClass(name)]),
        rollout_level=_level(rules, "rollout_level", "L0", "L0"),
        after_rollout=_after_rollout(rules),
        judge=None if rules.get("judge") is None else _judge(rules["judge"], f"{name}.judge"),
    )


def _level(rules: Mapping[str, Any], name: str, default: str, least: str) -> str:
    """The level that the policy asks for; a policy may ask for more than ``least`` and never for less."""
    level = rules.get(name, default)
    if not is_enough(str(level), least):
        raise InvalidInput(f"The policy's {name} is {' or '.join(LEVELS[LEVELS.index(least) :])}.")
    return str(level)


def _after_rollout(rules: Mapping[str, Any]) -> str:
    answer = rules.get("after_rollout", AFTER_ROLLOUT[0])
    if answer not in AFTER_ROLLOUT:
        raise InvalidInput(f"The policy's after_rollout is one of {', '.join(AFTER_ROLLOUT)}.")
    return str(answer)


def _judge(document: object, place: str) -> JudgeRule:
    judge = _mapping(document, place)
    questions = _mapping(judge.get("questions"), f"{place}.questions")
    if not 1 <= len(questions) <= MOST_QUESTIONS:
        raise InvalidInput(f"The policy's {place}.questions holds 1 to {MOST_QUESTIONS} questions.")
    for name in questions:
        if not QUESTION_NAME.fullmatch(str(name)):
            raise InvalidInput(
                f"A question of {place} is named in lower-case letters, digits and _, at most 40 of them."
            )
        if len(read_text(questions, name)) > LONGEST_QUESTION:
            raise InvalidInput(f"The question {name} of {place} has at most {LONGEST_QUESTION} characters.")
    return JudgeRule(read_text(judge, "model"), dict(questions), _measure(JUDGE, judge))


def _measure(name: str, document: object) -> MeasureRule:
    rule = _mapping(document, name)
    margin = read_number(rule, "margin_ppm", 0, 1_000_000)
    practical = read_number(rule, "practical_ppm", 0, 1_000_000)
    if practical < margin:
        raise InvalidInput(
            f"{name}: practical_ppm is at least margin_ppm, so that holding and being worse exclude each other."
        )
    threshold = read_number(rule, "threshold_ppm", 0, 1_000_000)
    return MeasureRule(name, margin, practical, threshold, bool(rule.get("only_where_asked", False)))


def _mapping(value: object, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidInput(f"The policy's {place} is not a mapping.")
    return value


def read_number(document: Mapping[str, Any], name: str, least: int, most: int) -> int:
    """The whole number under ``name``; InvalidInput says from where to where it may lie."""
    value = document.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise InvalidInput(f"The policy's {name} is a whole number from {least} to {most}.")
    return value


def read_text(document: Mapping[str, Any], name: str) -> str:
    """The text under ``name``; InvalidInput where there is none."""
    value = document.get(name)
    if not isinstance(value, str) or not value.strip():
        raise InvalidInput(f"The policy's {name} is a text.")
    return value
