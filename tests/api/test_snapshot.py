"""The snapshot: signed, for the prompts of the token only, the same ETag while nothing changes; alone and in the web application."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Flask

from tests import rollouts as r
from tests.api.caller import Caller
from tests.api.test_delivery import caller, limit_to, make_app
from tests.conftest import Clock, Staff
from webapp.adapters.keys import is_signed_by
from webapp.adapters.outside import Outside
from webapp.adapters.stop_flags import StopFlags
from webapp.adapters.store.database import Database
from webapp.delivery import create_delivery_app, fill_shelves
from webapp.domain.cohorts import Place
from webapp.domain.decision import Decision, read_decision, unit_hash
from webapp.domain.record.dsse import pre_authentication_encoding
from webapp.domain.serving import choose
from webapp.domain.serving_document import read_shelf_document
from webapp.services import delivery, rollout
from webapp.services.delivery import stops_file

URL = "/api/v1/snapshot"
MakeApp = Callable[[Outside], Flask]
__all__ = ["make_app"]


def opened(outside: Outside, application: Caller) -> dict[str, Any]:
    """What the service key signed of the snapshot that this application gets."""
    envelope = application.get(URL).json
    assert envelope is not None
    payload = base64.b64decode(envelope["payload"])
    signed = pre_authentication_encoding("application/json", payload)
    assert envelope["payloadType"] == "application/json"
    [signature] = envelope["signatures"]
    assert signature["keyid"] == outside.keyring.service.keyid
    assert is_signed_by(outside.keyring.service.public, base64.b64decode(signature["sig"]), signed)
    return dict(json.loads(payload))


def test_an_application_decides_from_the_snapshot_as_the_server_does(
    make_app: MakeApp, outside: Outside, staff: Staff
) -> None:
    change_id = r.second(outside, staff)
    document = opened(outside, caller(make_app, outside, staff))
    assert document["at"] == outside.now().isoformat()
    assert document["application"] == "pipeline"
    prompt = document["prompts"][r.NAME]
    shelf = read_shelf_document(prompt)
    assert (shelf.downtime_text, shelf.offline_seconds) == ("Write the note by hand.", 86_400)
    for unit in (next(r.inside_units(outside, change_id)), next(r.outside_units(outside, change_id)), ""):
        choice = choose(shelf, Place(unit), outside.now())
        assert choice is not None
        served = r.serve(outside, unit)
        assert {"messages": served["messages"], "release": served["release"]}.items() <= choice.offered.content.items()
        assert f"{choice.offered.release_id}.{choice.arm}.{choice.step}" in prompt["grants"]


def test_the_etag_stays_while_only_time_goes_on_and_a_roll_back_moves_it(
    make_app: MakeApp, outside: Outside, staff: Staff, clock: Clock
) -> None:
    change_id = r.second(outside, staff)
    application = caller(make_app, outside, staff)
    first = application.get(URL)
    known = {"If-None-Match": first.headers["ETag"]}
    clock.forward(minutes=1)
    again = application.send("GET", URL, headers=known)
    assert (again.status_code, again.data) == (304, b"")
    assert application.get(URL).data != first.data, "the time of a whole answer is its own"
    rollout.watch(outside)
    assert application.send("GET", URL, headers=known).status_code == 200, "a look of the watch is something to know"
    r.roll_back(outside, staff, change_id)
    assert opened(outside, application)["prompts"][r.NAME]["rule"] is None


def test_a_token_sees_its_own_prompts_only_and_never_a_tokens_digest(
    make_app: MakeApp, outside: Outside, staff: Staff
) -> None:
    r.started(outside, staff, r.DIRECT)
    assert list(opened(outside, caller(make_app, outside, staff, prompts=(r.NAME,)))["prompts"]) == [r.NAME]
    limited = limit_to(outside, caller(make_app, outside, staff), "another-prompt")
    document = opened(outside, limited)
    assert document["prompts"] == {}
    assert set(document) == {"kind", "application", "prompts", "at"}
    assert caller(make_app, outside, staff, "report").get(URL).status_code == 403
    assert make_app(outside).test_client().get(URL).status_code == 401


def test_a_stopped_prompt_lies_there_with_the_reason_and_nothing_to_run(
    make_app: MakeApp, outside: Outside, staff: Staff
) -> None:
    r.started(outside, staff, r.DIRECT)
    application = caller(make_app, outside, staff)
    known = {"If-None-Match": application.get(URL).headers["ETag"]}
    delivery.stop(outside, StopFlags(stops_file(outside.settings.var_dir)), r.NAME, "Doses are wrong", "root")
    assert application.send("GET", URL, headers=known).status_code == 200
    prompt = opened(outside, application)["prompts"][r.NAME]
    assert (prompt["stopped"], prompt["downtime_text"]) == ("Doses are wrong", "Write the note by hand.")
    assert (prompt["live"], prompt["new"], prompt["rule"], prompt["grants"]) == (None, None, None, {})


def test_a_release_that_does_not_verify_lies_there_with_its_fault_and_no_contents(
    make_app: MakeApp, outside: Outside, staff: Staff
) -> None:
    r.started(outside, staff, r.DIRECT)
    application = caller(make_app, outside, staff)
    r.tamper(outside, "UPDATE versions SET content = x'00'")
    live = opened(outside, application)["prompts"][r.NAME]["live"]
    assert (live["fault"]["code"], live["content"]) == ("release_tampered", {})


def test_an_id_under_a_grant_is_read_as_ours_and_for_nothing_else(
    make_app: MakeApp, outside: Outside, staff: Staff
) -> None:
    change_id = r.second(outside, staff)
    unit, salt = next(r.inside_units(outside, change_id)), r.rollout_of(outside, change_id).salt
    grants = opened(outside, caller(make_app, outside, staff))["prompts"][r.NAME]["grants"]
    release_id = r.release_of(outside, change_id).id
    body = f"loc_{release_id}.candidate.0.{unit_hash(unit, salt)}.1772442000"
    decision_id = f"{body}.{grants[f'{release_id}.candidate.0']}"
    made = Decision(release_id, "candidate", 0, unit_hash(unit, salt), 1_772_442_000)
    assert read_decision(decision_id, outside.keyring.mac) == made
    assert r.report(outside, staff, decision_id).accepted == 1
    for other in (decision_id.replace(".0.", ".1."), decision_id.replace("candidate", "live"), body + "." + "0" * 32):
        assert r.report(outside, staff, other).quarantined == 1


def test_the_snapshot_is_handed_out_while_the_database_is_down(outside: Outside, staff: Staff) -> None:
    r.started(outside, staff, r.DIRECT)
    application = caller(create_delivery_app, outside, staff)
    fill_shelves(outside)
    down = replace(outside, database=Database("sqlite:////proc/nowhere.db"))
    alone = Caller(create_delivery_app(down).test_client(), application.token)
    assert opened(outside, alone)["prompts"][r.NAME]["live"]["content"]["model"] == "offline-clinical-1"
