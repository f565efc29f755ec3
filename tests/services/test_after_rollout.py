"""After its rollout a release is still watched for harm and identifiers; what follows is the policy's word: alarm, hold or stop."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from tests import rollouts as r
from tests.conftest import Staff
from tests.people import PASSWORD
from tests.stages import stage_of
from tests.web.client import make_client, post_form, sign_in
from webapp import verify
from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Leaf, PolicyRow, Release
from webapp.domain.record.canonical import canonical, sha256_hex
from webapp.domain.workflow import Actor
from webapp.errors import Conflict, Refused
from webapp.services import interactions, rollout
from webapp.services.exporting import Wanted, export_here

CONSOLE = Actor(id="console", name="Console", via="console")
LEAK = "Seen by the team; MRN 4471 2209 is unchanged."


def says(outside: Outside, answer: str) -> None:
    """The policy in force answers so."""
    with outside.database.writing() as session:
        document = json.loads(session.scalars(select(PolicyRow)).one().content)
        document["classes"]["clinical"]["after_rollout"] = answer
        content = canonical(document)
        session.add(PolicyRow(version=2, sha256=sha256_hex(content), content=content, adopted_at=outside.now()))


def completed(outside: Outside, staff: Staff) -> str:
    """Version 1.1 came to everyone after 1.0, and its rollout is complete."""
    r.live_first(outside, staff)
    change_id = r.started(outside, staff, r.DIRECT, **r.version("1.1"))
    r.pass_step(outside, staff, change_id)
    r.complete(outside, staff, change_id)
    return change_id


def leak(outside: Outside, staff: Staff, unit: str) -> None:
    """An application reports an answer with an identifier, and the watch looks."""
    r.call(outside, staff, unit, response_text=LEAK)
    rollout.watch(outside)


def served(outside: Outside) -> str:
    return str(r.serve(outside, "encounter-1")["version"]["label"])


def with_roles_entered(outside: Outside, staff: Staff) -> None:
    """The roles of the staff stand in the log, as a verifier wants them."""
    with outside.database.writing() as session:
        for name, person_id in staff.ids.items():
            for role in sorted(staff.act_as(name).roles):
                enter(outside, session, CONSOLE, "role.granted", ("person", person_id, None), reason=role.value)


def verdict_on_the_record(outside: Outside, folder: Path) -> int:
    """What the offline verifier says of the whole record."""
    path = folder / "bundle.zip"
    export_here(outside, CONSOLE, Wanted("all"), path, lambda _done, _planned: None)
    return verify.main([str(path), "--key", outside.notary.held().key.to_vkey()])


def test_hold_makes_the_version_before_live_until_a_person_decides(
    outside: Outside, staff: Staff, tmp_path: Path
) -> None:
    with_roles_entered(outside, staff)
    change_id = completed(outside, staff)
    assert rollout.watch(outside) == []
    leak(outside, staff, "encounter-7")
    assert (served(outside), stage_of(outside, change_id)) == ("1.0", "post_audit")
    held = r.rollout_of(outside, change_id)
    assert (held.state, held.state_reason) == (
        "held",
        "Safety limit failed after the rollout: identifiers in answers that were not in the request.",
    )
    r.wait(outside, 5 * 3_600)
    assert served(outside) == "1.0", "a person decides, however long it takes"
    r.resume(outside, staff, change_id)
    assert (served(outside), rollout.watch(outside)) == ("1.1", []), "what was known holds nothing back again"
    leak(outside, staff, "encounter-8")
    assert served(outside) == "1.0"
    r.roll_back(outside, staff, change_id)
    assert (served(outside), stage_of(outside, change_id)) == ("1.0", "rolled_back")
    with outside.database.reading() as session:
        leaves = [json.loads(one) for one in session.scalars(select(Leaf.content).where(Leaf.type == "change.pause"))]
    assert [leaf["reason"] for leaf in leaves] == ["after_rollout", "after_rollout"]
    assert verdict_on_the_record(outside, tmp_path) in (verify.GOOD, verify.WEAK)


def test_stop_rolls_the_release_back_at_a_report_of_harm(outside: Outside, staff: Staff) -> None:
    says(outside, "stop")
    change_id = completed(outside, staff)
    decision_id = r.call(outside, staff, "encounter-7")
    assert decision_id is not None
    interactions.report_problem(outside, r.token_id(outside, staff), decision_id, "Wrong dose.", True)
    assert rollout.watch(outside) == [f"roll_back {change_id}"]
    assert (served(outside), stage_of(outside, change_id)) == ("1.0", "rolled_back")
    assert r.release_of(outside, change_id).state == "rolled_back"


def test_the_pages_say_that_it_is_held_back_and_make_it_live_again(outside: Outside, staff: Staff) -> None:
    change_id = completed(outside, staff)
    leak(outside, staff, "encounter-7")
    client = make_client(outside)
    sign_in(client, "kim")
    for page in (f"/changes/{change_id}/rollout", f"/changes/{change_id}/follow-up-audit"):
        text = client.get(page).get_data(as_text=True)
        assert f"/changes/{change_id}/moves/resume" in text
        assert f"/changes/{change_id}/moves/roll_back" in text
    assert "Held back by itself after the rollout." in client.get(f"/changes/{change_id}/rollout").get_data(
        as_text=True
    )
    fields = {"expected_digest": r.digest(outside, change_id), "reason": "A clinic's name.", "password": PASSWORD}
    post_form(client, f"/changes/{change_id}/moves/resume", fields, f"/changes/{change_id}/rollout")
    assert served(outside) == "1.1"


def test_alarm_stops_nothing_by_itself(outside: Outside, staff: Staff) -> None:
    says(outside, "alarm")
    completed(outside, staff)
    leak(outside, staff, "encounter-7")
    assert served(outside) == "1.1"


def test_where_nothing_was_live_before_hold_serves_the_downtime_text_and_nothing_new_starts(
    outside: Outside, staff: Staff
) -> None:
    change_id = r.live_first(outside, staff)
    waiting = r.signed(outside, staff, r.DIRECT, **r.version("1.1"))
    leak(outside, staff, "encounter-7")
    with pytest.raises(Conflict) as refused:
        served(outside)
    assert refused.value.code == "nothing_live"
    with pytest.raises((Conflict, Refused), match=r"Another rollout|rebase"):
        rollout.start(outside, staff.act_as("ada"), waiting, r.digest(outside, waiting))
    r.resume(outside, staff, change_id)
    assert served(outside) == "1.0"
    with outside.database.reading() as session:
        assert {row.state for row in session.scalars(select(Release).where(Release.change_id == change_id))} == {"live"}
