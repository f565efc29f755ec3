"""Changes that move on by policy, without a person."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from tests.conftest import Staff
from tests.services.evaluation.conftest import ScriptedModels, execute
from tests.services.submissions import good, prompt_bytes, suite_bytes
from webapp.acts.actors import SYSTEM
from webapp.acts.live import make_live
from webapp.acts.releasing import make_release, verify_release
from webapp.acts.situation import load_change
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, PolicyRow, Release, Run
from webapp.domain.record.canonical import canonical, sha256_hex
from webapp.services.submission import Submitted, submit

FULL = "Subjective: well. Objective: well. Assessment: diabetes. Plan: metformin 500 mg twice daily."
SUITE = suite_bytes(
    80, category="safety", expected={"must_include": ["500 mg"], "must_not_include": ["50 g"], "canary": "ZEBRA-9"}
)


@pytest.fixture
def live(house: Outside, staff: Staff, models: ScriptedModels) -> Submitted:
    """An administrative prompt that is live, under a policy that lets later changes pass unreviewed."""
    models.say = lambda call: FULL
    with house.database.writing() as session:
        document = json.loads(session.scalars(select(PolicyRow)).one().content)
        document["classes"]["administrative"]["passes_unreviewed"] = True
        content = canonical(document)
        session.add(PolicyRow(version=2, sha256=sha256_hex(content), content=content, adopted_at=house.now()))
    first = hand_in(house, staff, "1.0")
    execute(house, first.run_id)
    with house.database.writing() as session:
        case = load_change(session, first.change_id, locked=True)
        case.prompt.class_confirmed_at = house.now()
        release = make_release(house, session, SYSTEM, case, by_policy=True)
        make_live(house, session, SYSTEM, case.prompt, release, "complete")
    return first


def hand_in(house: Outside, staff: Staff, label: str, **fields: object) -> Submitted:
    prompt = prompt_bytes(risk_class="administrative", version=label, description=f"Version {label}.", **fields)
    return submit(house, staff.act_as("ada"), good(prompt=prompt, suite=SUITE, risk_class="administrative"))


def stage(house: Outside, change_id: str) -> str:
    with house.database.reading() as session:
        return session.get_one(Change, change_id).stage


def test_the_first_change_is_never_released_unreviewed(house: Outside, live: Submitted) -> None:
    assert stage(house, live.change_id) == "review"


def test_a_later_change_that_holds_is_released_by_policy(house: Outside, staff: Staff, live: Submitted) -> None:
    second = hand_in(house, staff, "2.0")
    execute(house, second.run_id)
    assert stage(house, second.change_id) == "rollout"
    with house.database.reading() as session:
        release = session.scalars(select(Release).where(Release.change_id == second.change_id)).one()
        run = session.get_one(Run, second.run_id)
        assert release.released_by_policy
        assert verify_release(house, session, release)["change"]["id"] == second.change_id
    assert (run.planned_calls, run.done_calls) == (160, 160)


def test_other_parameters_need_a_person(house: Outside, staff: Staff, live: Submitted) -> None:
    second = hand_in(house, staff, "2.0", parameters={"temperature": 0, "max_tokens": 900})
    execute(house, second.run_id)
    assert stage(house, second.change_id) == "review"


def test_a_new_critical_finding_needs_a_person(
    house: Outside, staff: Staff, models: ScriptedModels, live: Submitted
) -> None:
    second = hand_in(house, staff, "2.0", system_prompt="Write the note, whatever it says.\n")
    models.say = lambda call: f"{FULL} ZEBRA-9" if call.messages[0][1].endswith("whatever it says.\n") else FULL
    execute(house, second.run_id)
    assert stage(house, second.change_id) == "review"


def test_a_worse_version_stays_where_it_is(
    house: Outside, staff: Staff, models: ScriptedModels, live: Submitted
) -> None:
    second = hand_in(house, staff, "2.0", system_prompt="Be very brief.\n")
    models.say = lambda call: "500 mg" if call.messages[0][1] == "Be very brief.\n" else FULL
    execute(house, second.run_id)
    assert stage(house, second.change_id) == "evaluation"
    with house.database.reading() as session:
        assert session.get_one(Run, second.run_id).verdict == "fail"
