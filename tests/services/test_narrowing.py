"""The plan of a rollout under way is made slower or narrower by a signed act, and by nothing made faster or wider."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from tests import rollouts as r
from tests.conftest import Clock, Staff
from tests.people import PASSWORD
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Leaf, Signature
from webapp.domain.record.canonical import canonical, sha256_hex
from webapp.domain.workflow.evidence import Narrowing
from webapp.errors import Conflict, InvalidInput, NotSignedIn, Refused, Stale
from webapp.services import rollout

HOUR = 3_600


def left_of(outside: Outside, change_id: str, *changed: dict[str, Any], **more: Any) -> Narrowing:
    """What is left of the plan, with these fields of its steps changed one by one."""
    found = r.rollout_of(outside, change_id)
    steps = found.plan["steps"][found.step_index :]
    changes = [*changed, *[{}] * (len(steps) - len(changed))]
    fresh = tuple({**step, **fields} for step, fields in zip(steps, changes, strict=True))
    return Narrowing(
        **{"reason": "Few nurses.", "present": found.step_index, "steps": fresh, "offline_seconds": HOUR, **more}
    )


def narrow(
    outside: Outside, staff: Staff, change_id: str, left: Narrowing, name: str = "osei", again: Any = PASSWORD
) -> None:
    rollout.narrow(outside, staff.act_as(name), change_id, r.digest(outside, change_id), left, again)


def test_a_clinician_slows_a_rollout_down_and_everything_follows_the_new_plan(
    outside: Outside, staff: Staff, clock: Clock
) -> None:
    change_id = r.second(outside, staff)
    left = left_of(outside, change_id, {"bake_seconds": 5 * HOUR}, {"bake_seconds": 2 * HOUR})
    narrow(outside, staff, change_id, left, "kim")
    assert r.rollout_of(outside, change_id).plan["steps"][0]["bake_seconds"] == 5 * HOUR
    r.pass_step(outside, staff, change_id)
    with pytest.raises(Conflict, match="waiting time"):
        r.advance(outside, staff, change_id)
    clock.forward(seconds=4 * HOUR)
    r.advance(outside, staff, change_id)
    with outside.database.reading() as session:
        leaf = json.loads(session.scalars(select(Leaf.content).where(Leaf.type == "change.narrow")).one())
        signature = session.scalars(select(Signature).where(Signature.move == "narrow")).one()
    assert leaf["attest"] == [signature.envelope_sha256]
    assert "Few nurses" not in json.dumps(leaf)
    assert (signature.meaning, signature.sentence) == ("narrowing of the rollout plan", "Few nurses.")
    said = {"present": 0, "steps": list(left.steps), "offline_seconds": HOUR}
    assert left.claims() == {"plan_sha256": sha256_hex(canonical(said))}


def test_a_further_step_is_entered_before_everyone(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff)
    first, last = r.rollout_of(outside, change_id).plan["steps"]
    half = {**first, "share_basis_points": 5_000}
    narrow(outside, staff, change_id, left_of(outside, change_id, steps=(first, half, last)))
    r.pass_step(outside, staff, change_id)
    r.advance(outside, staff, change_id)
    found = r.rollout_of(outside, change_id)
    assert (found.step_index, len(found.plan["steps"])) == (1, 3)
    unit = next(r.outside_units(outside, change_id, 5_000))
    assert r.serve(outside, unit)["arm"] == "live", "half of the units, and not yet everyone"


def test_faster_or_wider_changes_nothing_and_is_said_in_words(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff)
    before = r.rollout_of(outside, change_id).plan
    for changed, sentence in (({"bake_seconds": 60}, "waits 1 minute"), ({"share_basis_points": 9_000}, "is entered")):
        with pytest.raises(InvalidInput, match=sentence) as refused:
            narrow(outside, staff, change_id, left_of(outside, change_id, changed))
        assert refused.value.code == "plan_wider"
    with pytest.raises(InvalidInput, match="Nothing is changed"):
        narrow(outside, staff, change_id, left_of(outside, change_id, offline_seconds=before["offline_seconds"]))
    with pytest.raises(InvalidInput, match="ends with one direct step"):
        narrow(outside, staff, change_id, left_of(outside, change_id, steps=(before["steps"][0],)))
    with pytest.raises(Stale, match="another step"):
        narrow(outside, staff, change_id, left_of(outside, change_id, {"bake_seconds": 5 * HOUR}, present=1))
    with pytest.raises(InvalidInput, match="Write the reason"):
        narrow(outside, staff, change_id, left_of(outside, change_id, {"bake_seconds": 5 * HOUR}, reason=" "))
    with pytest.raises(NotSignedIn):
        narrow(outside, staff, change_id, left_of(outside, change_id, {"bake_seconds": 5 * HOUR}), again="wrong")
    assert r.rollout_of(outside, change_id).plan == before


def test_clinicians_narrow_also_while_it_is_held_and_nobody_else_does(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff)
    left = left_of(outside, change_id, {"min_units": 40})
    for name in ("ada", "quinn", "ruth"):
        with pytest.raises(Refused):
            narrow(outside, staff, change_id, left, name)
    r.hold(outside, staff, change_id, "freeze")
    narrow(outside, staff, change_id, left)
    assert r.rollout_of(outside, change_id).state == "held"
    not_started = r.signed(outside, staff, **r.version("1.2"))
    with pytest.raises(Conflict, match="not started"):
        narrow(outside, staff, not_started, left)
