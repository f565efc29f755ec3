"""Reading a rollout plan: what is taken, and one sentence for each thing that is not."""

from __future__ import annotations

from typing import Any

import pytest

from webapp.domain.guardrails import DEFAULTS
from webapp.domain.plan import read_plan
from webapp.errors import InvalidInput

CANARY: dict[str, Any] = {"kind": "canary", "share_basis_points": 500, "bake_seconds": 60, "min_units": 5}
LAST: dict[str, Any] = {"kind": "direct"}


def plan_of(*steps: Any, **more: Any) -> dict[str, Any]:
    return {"steps": list(steps), **more}


def test_a_plan_is_read_with_its_defaults_and_written_the_same() -> None:
    plan = read_plan(plan_of(CANARY, LAST))
    assert [step.share_basis_points for step in plan.steps] == [500, 10_000]
    assert [step.serves_everyone for step in plan.steps] == [False, True]
    assert plan.steps[0].guardrails == DEFAULTS
    assert plan.offline_seconds == 86_400
    assert read_plan(plan.document()) == plan


BAD: dict[str, tuple[object, str]] = {
    "no mapping": ([], "not a mapping"),
    "no steps": ({}, "needs 1 to 12 steps"),
    "text for steps": ({"steps": "all"}, "needs 1 to 12 steps"),
    "too many steps": (plan_of(*[CANARY] * 12, LAST), "needs 1 to 12 steps"),
    "unknown word": (plan_of(LAST, speed=1), "does not know speed"),
    "unknown word in a step": (plan_of({**LAST, "speed": 1}), "Step 1 .* does not know speed"),
    "step is a text": (plan_of(CANARY, "all"), "Step 2 .* not a mapping"),
    "unknown kind": (plan_of({"kind": "big bang"}), "kind is one of"),
    "silent run after a shown step": (plan_of(CANARY, {**CANARY, "kind": "shadow"}, LAST), "Silent runs come first"),
    "harm in a silent run": (
        plan_of({**CANARY, "kind": "shadow", "guardrails": ["harm_reports"]}, LAST),
        "of this kind are from",
    ),
    "time to answer without a live version beside": (plan_of({**LAST, "guardrails": ["latency"]}), "of this kind"),
    "time to answer in a whole cohort": (
        plan_of(
            {**CANARY, "share_basis_points": 10_000, "cohort": {"sites": ["North"]}, "guardrails": ["latency"]}, LAST
        ),
        "no live one runs beside it to compare latency with",
    ),
    "check scores in a whole cohort": (
        plan_of(
            {**CANARY, "share_basis_points": 10_000, "cohort": {"sites": ["North"]}, "guardrails": ["checks"]}, LAST
        ),
        "no live one runs beside it to compare checks with",
    ),
    "cohort as text": (plan_of({**CANARY, "cohort": "ICU"}, LAST), "a cohort names"),
    "empty cohort": (plan_of({**CANARY, "cohort": {}}, LAST), "a cohort names"),
    "cohort of nobody": (plan_of({**CANARY, "cohort": {"sites": []}}, LAST), "sites of the cohort"),
    "cohort of numbers": (plan_of({**CANARY, "cohort": {"sites": [1]}}, LAST), "sites of the cohort"),
    "cohort after a share": (plan_of(CANARY, {**CANARY, "cohort": {"sites": ["North"]}}, LAST), "only widens"),
    "everyone of a cohort": (plan_of({**LAST, "cohort": {"sites": ["North"]}}), "no cohort"),
    "a share of sites": (plan_of({**CANARY, "unit": "site"}, LAST), "whole sites"),
    "advances somehow": (plan_of({**LAST, "advance": "soon"}), "advance is one of"),
    "silence of a minute": (plan_of({**LAST, "silence_seconds": 60}), "silence_seconds"),
    "share of nothing": (plan_of({**CANARY, "share_basis_points": 0}, LAST), "from 1 to 10000"),
    "no share": (plan_of({"kind": "canary"}, LAST), "share_basis_points"),
    "share as text": (plan_of({**CANARY, "share_basis_points": "5%"}, LAST), "whole number"),
    "share as yes": (plan_of({**CANARY, "share_basis_points": True}, LAST), "whole number"),
    "everyone but not direct": (plan_of({**CANARY, "share_basis_points": 10_000}), "so it is direct"),
    "direct for a share": (plan_of({**LAST, "share_basis_points": 500}), "serves everyone"),
    "narrowing": (plan_of({**CANARY, "share_basis_points": 900}, CANARY, LAST), "only widen"),
    "never everyone": (plan_of(CANARY), "ends with one direct step"),
    "everyone twice": (plan_of(LAST, LAST), "ends with one direct step"),
    "negative wait": (plan_of({**LAST, "bake_seconds": -1}), "bake_seconds"),
    "longest below the wait": (plan_of({**LAST, "bake_seconds": 60, "max_seconds": 59}), "max_seconds"),
    "unknown unit": (plan_of({**LAST, "unit": "coin"}), "unit is one of"),
    "unknown guardrail": (plan_of({**LAST, "guardrails": ["mood"]}), "of this kind are from"),
    "guardrails as text": (plan_of({**LAST, "guardrails": "errors"}), "of this kind are from"),
    "no guardrail": (plan_of({**LAST, "guardrails": []}), "watches nothing"),
    "guardrail is a list": (plan_of({**LAST, "guardrails": [["errors"]]}), "of this kind are from"),
    "kind is a list": (plan_of({"kind": ["direct"]}), "kind is one of"),
    "endless offline": (plan_of(LAST, offline_seconds=10**9), "offline_seconds"),
}


@pytest.mark.parametrize(("document", "sentence"), BAD.values(), ids=BAD)
def test_a_plan_that_cannot_be_followed_is_refused(document: object, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        read_plan(document)


def test_silent_runs_cohorts_and_steps_that_advance_by_themselves_are_read_and_written_the_same() -> None:
    plan = read_plan(
        plan_of(
            {**CANARY, "kind": "shadow", "share_basis_points": 10_000},
            {**CANARY, "unit": "clinician", "share_basis_points": 10_000, "cohort": {"units": ["dr-b", "dr-a"]}},
            {**CANARY, "kind": "ab", "advance": "auto", "guardrails": ["latency", "edits"]},
            LAST,
        )
    )
    assert [step.kind for step in plan.steps] == ["shadow", "canary", "ab", "direct"]
    assert plan.steps[0].guardrails == ("errors", "phi_flags"), "nobody sees it, so nobody reports harm"
    assert plan.steps[1].cohort is not None
    assert plan.steps[1].cohort.units == ("dr-a", "dr-b")
    assert read_plan(plan.document()) == plan
