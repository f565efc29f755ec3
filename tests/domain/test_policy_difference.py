"""What a new policy asks less of is never hidden: every difference has its sentence, and whatever lets more pass is called weaker."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.domain.test_policy import shipped
from webapp.domain.guardrails import TABLE, defaults_of
from webapp.domain.policy import read_policy
from webapp.domain.policy_check import check_policy
from webapp.domain.policy_difference import Direction, differences
from webapp.errors import InvalidInput

JUDGE = {
    "model": "offline-clinical-1",
    "questions": {"faithful": "Is every statement supported?", "kind": "Is it kind?"},
    "margin_ppm": 50_000,
    "practical_ppm": 60_000,
    "threshold_ppm": 700_000,
}


def whole() -> dict[str, Any]:
    """The shipped policy with everything stated that may be."""
    policy = shipped()
    for rules in policy["classes"].values():
        rules.setdefault("signoff_level", "L0")
        rules.setdefault("rollout_level", "L0")
        rules["judge"] = copy.deepcopy(JUDGE)
        rules["plan"]["offline_seconds"] = 86_400
        for measure in rules["measures"].values():
            measure.setdefault("only_where_asked", False)
        for step in rules["plan"]["steps"]:
            step["guardrails"] = list(defaults_of(step["kind"]))
            step["unit"] = "encounter"
            step["silence_seconds"] = 90_000
            step["max_seconds"] = 31_622_399
    return policy


def changed(path: str, value: Any) -> dict[str, Any]:
    policy = whole()
    *way, last = path.split(".")
    at: Any = policy
    for name in way:
        at = at[int(name)] if isinstance(at, list) else at[name]
    if value is None:
        del at[int(last) if isinstance(at, list) else last]
    else:
        at[int(last) if isinstance(at, list) else last] = value
    return policy


def found(new: dict[str, Any], old: dict[str, Any] | None = None) -> list[tuple[str, Direction]]:
    rows = differences(read_policy(old or whole()), read_policy(new))
    return [(f"{row.place}: {row.sentence}", row.direction) for row in rows]


CLINICAL = "classes.clinical"
STEP = f"{CLINICAL}.plan.steps.1"
WEAKER: dict[str, tuple[str, Any, str]] = {
    "signatures last longer": ("signature_lapse_days", 60, "lapses for starting after 60 days instead of 30"),
    "threshold": (f"{CLINICAL}.measures.accuracy.threshold_ppm", 700_000, "at least 70 points of 100 instead of 80"),
    "practical": (f"{CLINICAL}.measures.accuracy.practical_ppm", 60_000, "from a loss of 6 points of 100 instead of 5"),
    "only where asked": (f"{CLINICAL}.measures.completeness.only_where_asked", True, "only where a case asks for it"),
    "measure gone": (f"{CLINICAL}.measures.accuracy", None, "decides nothing any more"),
    "fewer cases": (f"{CLINICAL}.least_cases", 20, "at least 20 cases instead of 30"),
    "asked less often": ("classes.high_risk.repeats", 1, "asked 1 times instead of 3"),
    "fewer worst cases": (f"{CLINICAL}.worst_cases", 0, "open 0 worst cases instead of 5"),
    "smaller audit": (f"{CLINICAL}.audit_sample", 1, "grades 1 answers instead of 10"),
    "unreviewed": ("classes.administrative.passes_unreviewed", True, "without any review"),
    "question gone": (f"{CLINICAL}.checklist.privacy_considered", None, "no longer asked"),
    "judge gone": (f"{CLINICAL}.judge", None, "No judge reads"),
    "judge asked less": (f"{CLINICAL}.judge.questions.kind", None, "no longer asked"),
    "judge's mark": (f"{CLINICAL}.judge.threshold_ppm", 1, "at least 0.0001 points"),
    "step gone": (f"{CLINICAL}.plan.steps.1", None, "has 3 steps instead of 4"),
    "larger step": (f"{STEP}.share_basis_points", 2500, "reaches 25 of 100 instead of 5"),
    "shorter wait": (f"{STEP}.bake_seconds", 3600, "waits at least 1 hours instead of 24"),
    "fewer units": (f"{STEP}.min_units", 1, "needs at least 1 units instead of 50"),
    "not stopped": (f"{STEP}.guardrails", ["errors"], "no longer stopped by reports of possible harm or patient"),
    "silent longer": (f"{STEP}.silence_seconds", 360_000, "paused after 100 hours without a report instead of 25"),
    "cut off longer": (f"{CLINICAL}.plan.offline_seconds", 90_000, "serves what is live for up to 90,000 seconds"),
}


@pytest.mark.parametrize(("path", "value", "words"), WEAKER.values(), ids=WEAKER)
def test_what_lets_more_pass_is_weaker_and_its_undoing_is_not(path: str, value: Any, words: str) -> None:
    new = changed(path, value)
    there, back = found(new), found(whole(), new)
    assert Direction.WEAKER in [way for _, way in there]
    assert words in " ".join(sentence for sentence, _ in there)
    assert Direction.WEAKER not in [way for _, way in back]
    assert Direction.STRICTER in [way for _, way in back]


def test_a_larger_margin_is_weaker() -> None:
    policy = whole()
    policy["classes"]["clinical"]["measures"]["accuracy"].update(margin_ppm=80_000, practical_ppm=80_000)
    assert (
        'Clinical (clinician-facing): "Facts agree with the encounter" holds while it loses at most 8 points of 100 instead of 5.',
        Direction.WEAKER,
    ) in found(policy)


@pytest.mark.parametrize(("field", "value"), [("review_level", "L1"), ("signoff_level", "L2"), ("rollout_level", "L2")])
def test_a_lower_level_is_weaker(field: str, value: str) -> None:
    higher = changed(f"{CLINICAL}.{field}", value)
    (row,) = found(whole(), higher)
    assert row[1] is Direction.WEAKER
    assert "signed with a pass" in row[0]
    assert found(higher)[0][1] is Direction.STRICTER


def test_every_level_of_a_policy_can_be_proposed() -> None:
    policy = whole()
    policy["classes"]["clinical"].update(review_level="L1", signoff_level="L2", rollout_level="L1")
    assert check_policy(policy).of("clinical").rollout_level == "L1"


WATCHABLE = [name for name, one in TABLE.items() if "canary" in one.kinds]


@pytest.mark.parametrize("name", WATCHABLE)
def test_a_limit_that_no_longer_stops_a_step_is_weaker_whichever_it_is(name: str) -> None:
    every = changed(f"{STEP}.guardrails", WATCHABLE)
    (row,) = found(changed(f"{STEP}.guardrails", [one for one in WATCHABLE if one != name]), every)
    assert "is no longer stopped by" in row[0]
    assert row[1] is Direction.WEAKER


def test_another_cohort_is_named() -> None:
    (row,) = found(changed(f"{STEP}.cohort", {"sites": ["north"]}))
    assert "a cohort (sites north) instead of 5 % of encounters" in row[0]


def test_other_words_of_a_question_are_to_be_read() -> None:
    (row,) = found(changed(f"{CLINICAL}.checklist.difference_read", "Done."))
    assert row[1] is Direction.READ_IT
    assert '"Done." instead of "I read every changed line of the prompt."' in row[0]


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for name, inner in items:
            yield from leaves(inner, f"{path}.{name}" if path else str(name))
    else:
        yield path, value


def nudged(path: str, value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if value in ("L0", "L1"):
        return "L2"
    return {"canary": None, "direct": None, "encounter": "site", "L2": None}.get(value, f"{value} Really.")


def test_no_change_of_any_value_goes_without_a_sentence() -> None:
    asked = 0
    for path, value in leaves(whole()):
        other = nudged(path, value)
        if other is None or "guardrails" in path:
            continue
        try:
            policy = read_policy(changed(path, other))
        except InvalidInput:
            continue
        assert differences(read_policy(whole()), policy), path
        asked += 1
    assert asked > 120


def test_equal_policies_differ_in_nothing() -> None:
    assert found(whole()) == []


BAD: dict[str, tuple[str, Any, str]] = {
    "a misspelt rule": (f"{CLINICAL}.signof_level", "L1", "classes.clinical.signof_level"),
    "a misspelt class": ("classes.clinicel", {}, "classes.clinicel"),
    "a class left out": ("classes.high_risk", None, "no class can be left out"),
    "a word for yes": ("classes.administrative.passes_unreviewed", "no", "true or false"),
    "an unknown measure": (f"{CLINICAL}.measures.accurracy", {}, "no such measure"),
    "an unknown limit": (f"{CLINICAL}.measures.accuracy.margin", 3, "measures.accuracy.margin"),
    "a question without words": (f"{CLINICAL}.checklist.difference_read", "", "a sentence that the reviewer ticks"),
    "too few cases": (f"{CLINICAL}.least_cases", 0, "least_cases is a whole number"),
    "a level below the least": ("classes.high_risk.signoff_level", "L1", "signoff_level is L2"),
    "no due date": ("review_due_days", None, "review_due_days is a whole number"),
}


@pytest.mark.parametrize(("path", "value", "words"), BAD.values(), ids=BAD)
def test_a_proposed_policy_holds_nothing_that_would_be_ignored(path: str, value: Any, words: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_policy(changed(path, value))
    faults = refused.value.details["faults"]
    assert any(words in fault["field"] or words in fault["sentence"] for fault in faults)


def test_every_fault_is_named_at_once_and_the_shipped_policy_has_none() -> None:
    policy = changed("review_due_days", 0)
    policy["signoff_due_days"] = 0
    del policy["classes"]["clinical"]["plan"]
    with pytest.raises(InvalidInput) as refused:
        check_policy(policy)
    assert [fault["field"] for fault in refused.value.details["faults"]] == [
        "review_due_days",
        "signoff_due_days",
        "classes.clinical",
    ]
    assert check_policy(shipped()) == read_policy(shipped())
    with pytest.raises(InvalidInput, match="not a mapping"):
        check_policy(["policy"])
