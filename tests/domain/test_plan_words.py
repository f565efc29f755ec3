"""A step of a rollout plan is one sentence, the same at sign-off, in the policy and in the simulator."""

from __future__ import annotations

from dataclasses import replace

from webapp.domain.guardrails import TABLE, too_many_of
from webapp.domain.plan import read_plan
from webapp.domain.plan_words import step_words

CANARY, LAST = read_plan(
    {
        "steps": [
            {"kind": "canary", "share_basis_points": 550, "bake_seconds": 129_600, "min_units": 50},
            {"kind": "direct", "guardrails": ["errors"]},
        ]
    }
).steps


def test_a_step_tells_reach_time_units_limits_and_who_decides() -> None:
    assert step_words(CANARY) == (
        "Limited release: 5.5 % of encounters, for at least 36 hours, until 50 encounters per version were seen, stopped by too "
        "many failed answers or reports of possible harm or patient identifiers in answers; then an informaticist decides."
    )


def test_a_step_tells_nothing_that_it_does_not_ask_for() -> None:
    step = replace(LAST, bake_seconds=0, min_units=0, advance="auto")
    assert step_words(step) == (
        "Everyone: All encounters, stopped by too many failed answers; then it goes on by itself."
    )
    assert step_words(replace(step, guardrails=())) == "Everyone: All encounters; then it goes on by itself."


def test_a_silent_run_tells_that_nobody_sees_the_answers() -> None:
    silent = replace(CANARY, kind="shadow", share_basis_points=10_000, guardrails=("errors",))
    assert step_words(silent).startswith("Silent run: All encounters, nobody sees the answers, for at least 36 hours")


def test_every_limit_has_its_words() -> None:
    assert len(set(too_many_of(TABLE).split(" or "))) == len(TABLE)
