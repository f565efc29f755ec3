"""An application gets what is signed and live, from memory, and on while the server is away for as long as the plan allows."""

from __future__ import annotations

import ast
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import formulary_client
from formulary_client import ClockDiffers, CutOff, DowntimeError, NothingLive, Resolved, Stopped, UnknownPrompt
from formulary_client.background import EVERY_SECONDS
from tests import rollouts as r
from tests.client.ward import Ward
from tests.conftest import Clock, Staff
from webapp.adapters.outside import Outside
from webapp.adapters.stop_flags import StopFlags
from webapp.domain.prompts.template import fill
from webapp.services import delivery, rollout
from webapp.services.delivery import stops_file
from webapp.services.delivery.shelves import LOOK_SECONDS

TEXT = "Write the note by hand."


def label(found: Resolved) -> str:
    return str(found.version["label"])


def test_the_client_gives_what_the_server_would(outside: Outside, staff: Staff, ward: Ward) -> None:
    change_id = r.second(outside, staff)
    ward.look()
    client = ward.client()
    for unit in (next(r.inside_units(outside, change_id)), next(r.outside_units(outside, change_id)), ""):
        served, found = r.serve(outside, unit), client.resolve(r.NAME, unit=unit)
        for name in ("version", "model", "fallbacks", "parameters", "messages", "arm", "reason", "downtime_text"):
            assert getattr(found, name) == served[name]
        assert found.release_id == served["release"]["id"]


def test_inputs_are_filled_in_as_evaluation_fills_them(outside: Outside, staff: Staff, ward: Ward) -> None:
    r.started(outside, staff, r.DIRECT)
    ward.look()
    found = ward.client().resolve(r.NAME, unit="encounter-1")
    template = found.messages[1]["content"]
    text = "Takes {encounter_text} and {model}."
    filled = found.filled(encounter_text=text, unused="")
    assert filled == [found.messages[0], {"role": "user", "content": fill(template, {"encounter_text": text})}]
    assert text in filled[1]["content"]
    assert found.messages[1]["content"] == template
    with pytest.raises(KeyError, match="encounter_text"):
        found.filled()
    literal = replace(found, messages=[{"role": "system", "content": "Answer {json}."}])
    assert literal.filled() == literal.messages


def test_what_a_call_carries_is_made_anew_each_time(outside: Outside, staff: Staff, ward: Ward) -> None:
    """litellm writes into it."""
    r.started(outside, staff, r.DIRECT)
    ward.look()
    found = ward.client().resolve(r.NAME, unit="encounter-1")
    first = found.as_metadata(displayed=False, site="North")
    first["hidden_params"] = first["formulary"]["site"] = "South"
    carried = {"decision_id": found.decision_id, "displayed": False, "site": "North"}
    assert found.as_metadata(displayed=False, site="North") == {"formulary": carried}


def test_what_an_application_does_to_its_copy_reaches_nobody_else(outside: Outside, staff: Staff, ward: Ward) -> None:
    r.started(outside, staff, r.DIRECT)
    ward.look()
    client = ward.client()
    first = client.resolve(r.NAME, unit="encounter-1")
    first.messages[0]["content"] = "Other words."
    first.parameters["temperature"] = 2
    assert client.resolve(r.NAME, unit="encounter-2").messages == r.serve(outside, "encounter-2")["messages"]


def test_a_roll_back_reaches_the_application_with_its_next_question(outside: Outside, staff: Staff, ward: Ward) -> None:
    change_id = r.second(outside, staff)
    ward.look()
    client, unit = ward.client(), next(r.inside_units(outside, change_id))
    assert label(client.resolve(r.NAME, unit=unit)) == "1.1"
    r.roll_back(outside, staff, change_id)
    ward.look()
    assert client.poll()
    found = client.resolve(r.NAME, unit=unit)
    assert (label(found), found.arm) == ("1.0", "live"), "a unit that is under way moves too"


class Beats(threading.Event):
    """The end of a loop in the background: instead of each wait one of these happens, after the last the loop is over."""

    def __init__(self, *meanwhile: Callable[[float], object]) -> None:
        super().__init__()
        self.meanwhile = list(meanwhile)

    def wait(self, timeout: float | None = None) -> bool:
        if not self.meanwhile:
            return True
        self.meanwhile.pop(0)(timeout or 0)
        return False


def test_a_roll_back_reaches_a_polling_client_within_one_poll_interval_and_a_unit_under_way_moves(
    outside: Outside, staff: Staff, ward: Ward, clock: Clock
) -> None:
    """The loops of both processes as they are, with a clock for their waiting."""
    change_id = r.second(outside, staff)
    ward.look()
    client, unit, began = ward.client(), next(r.inside_units(outside, change_id)), clock.at
    first = client.resolve(r.NAME, unit=unit)
    assert (label(first), first.arm) == ("1.1", "candidate")

    def rolled_back_just_after_the_last_question(poll_seconds: float) -> None:
        r.roll_back(outside, staff, change_id)
        shelves = ward.line.app.extensions["shelves"]
        shelves.keep_up(Beats(lambda look_seconds: clock.forward(seconds=look_seconds)))
        clock.at = began + timedelta(seconds=poll_seconds)

    client._background._is_over = Beats(rolled_back_just_after_the_last_question)
    client._background._repeat(client.poll)
    assert clock.at - began == timedelta(seconds=EVERY_SECONDS)
    assert LOOK_SECONDS < EVERY_SECONDS
    found = client.resolve(r.NAME, unit=unit)
    assert (label(found), found.arm) == ("1.0", "live")
    assert r.serve(outside, unit)["version"]["label"] == "1.0"


def test_while_nothing_changes_the_answer_is_304_and_once_a_minute_it_is_whole(
    outside: Outside, staff: Staff, ward: Ward, clock: Clock
) -> None:
    r.started(outside, staff, r.DIRECT)
    ward.look()
    client = ward.client()
    for _ in range(13):
        clock.forward(seconds=5)
        assert client.poll()
    statuses = [status for _, status in ward.line.answers]
    assert statuses == [200, *[304] * 11, 200, 304]
    assert client.resolve(r.NAME).age_seconds == 5


def test_a_silent_run_gives_the_live_version_and_the_new_one_beside_it(
    outside: Outside, staff: Staff, ward: Ward
) -> None:
    r.second(outside, staff, {"steps": [{"kind": "shadow", "share_basis_points": 10_000}, *r.PLAN["steps"]]})
    ward.look()
    found = ward.client().resolve(r.NAME, unit="encounter-1")
    assert (label(found), found.arm) == ("1.0", "live")
    assert found.shadow is not None
    assert found.shadow.version["label"] == "1.1"
    assert not isinstance(found.shadow, Resolved), "what nobody sees has no decision of its own to be shown under"


def test_what_is_wrong_with_the_new_version_of_a_silent_run_keeps_nobody_from_the_live_one(
    outside: Outside, staff: Staff, ward: Ward
) -> None:
    r.second(outside, staff, {"steps": [{"kind": "shadow", "share_basis_points": 10_000}, *r.PLAN["steps"]]})
    other = "(SELECT envelope_sha256 FROM releases WHERE label = '1.0')"
    r.tamper(outside, f"UPDATE releases SET envelope_sha256 = {other} WHERE label = '1.1'")
    assert r.serve(outside, "encounter-1")["shadow"] is None
    ward.look()
    found = ward.client().resolve(r.NAME, unit="encounter-1")
    assert (label(found), found.arm, found.shadow) == ("1.0", "live", None)


def test_a_cohort_is_known_by_what_the_application_says_and_by_its_tokens_name(
    outside: Outside, staff: Staff, ward: Ward
) -> None:
    cohort = {"sites": ["North"], "applications": ["Ward system"]}
    step = {"kind": "canary", "share_basis_points": 10_000, "cohort": cohort}
    r.second(outside, staff, {"steps": [step, r.PLAN["steps"][1]]})
    ward.look()
    client = ward.client()
    assert label(client.resolve(r.NAME, unit="encounter-1", site="North")) == "1.1"
    assert label(client.resolve(r.NAME, unit="encounter-1", site="South")) == "1.0"


def test_a_stop_reaches_the_application_with_its_next_question(outside: Outside, staff: Staff, ward: Ward) -> None:
    r.started(outside, staff, r.DIRECT)
    ward.look()
    client = ward.client()
    delivery.stop(outside, StopFlags(stops_file(outside.settings.var_dir)), r.NAME, "Doses are wrong", "root")
    assert client.poll()
    with pytest.raises(Stopped, match="Doses are wrong") as stopped:
        client.resolve(r.NAME, unit="encounter-1")
    assert stopped.value.downtime_text == TEXT
    ward.line.is_up = False
    with pytest.raises(Stopped):
        ward.client().resolve(r.NAME, unit="encounter-1")


def test_nothing_live_and_an_unknown_prompt_are_errors_of_their_own(outside: Outside, staff: Staff, ward: Ward) -> None:
    r.signed(outside, staff)
    ward.look()
    client = ward.client()
    with pytest.raises(NothingLive) as nothing:
        client.resolve(r.NAME, unit="encounter-1")
    assert nothing.value.downtime_text == TEXT
    with pytest.raises(UnknownPrompt):
        client.resolve("no-such-prompt")


def test_with_the_server_killed_live_goes_on_for_as_long_as_the_plan_says_and_the_new_version_for_two_minutes(
    outside: Outside, staff: Staff, ward: Ward, clock: Clock
) -> None:
    change_id = r.second(outside, staff)
    ward.look()
    client, unit = ward.client(), next(r.inside_units(outside, change_id))
    ward.line.is_up = False
    for seconds, expected in ((120, "1.1"), (1, "1.0"), (86_400 - 121, "1.0")):
        clock.forward(seconds=seconds)
        assert not client.poll()
        assert label(client.resolve(r.NAME, unit=unit)) == expected
    clock.forward(seconds=1)
    with pytest.raises(CutOff) as cut_off:
        client.resolve(r.NAME, unit=unit)
    assert cut_off.value.downtime_text == TEXT
    ward.line.is_up = True
    rollout.watch(outside)
    ward.look()
    assert client.poll()
    assert label(client.resolve(r.NAME)) == "1.0"


def test_a_plan_may_allow_less_time_than_a_day(outside: Outside, staff: Staff, ward: Ward, clock: Clock) -> None:
    r.started(outside, staff, {**r.DIRECT, "offline_seconds": 600})
    ward.look()
    client = ward.client()
    ward.line.is_up = False
    clock.forward(seconds=600)
    assert label(client.resolve(r.NAME)) == "1.0"
    clock.forward(seconds=1)
    with pytest.raises(CutOff):
        client.resolve(r.NAME)


def test_an_application_that_starts_while_the_server_is_down_takes_its_copy_and_the_age_of_it(
    outside: Outside, staff: Staff, ward: Ward, clock: Clock
) -> None:
    r.started(outside, staff, r.DIRECT)
    ward.look()
    ward.client()
    ward.line.is_up = False
    clock.forward(hours=23)
    assert ward.client().resolve(r.NAME).age_seconds == 23 * 3600
    clock.forward(hours=2)
    with pytest.raises(CutOff, match="86400 seconds"):
        ward.client().resolve(r.NAME)


def test_a_snapshot_that_was_shipped_serves_where_nothing_else_is_there(
    outside: Outside, staff: Staff, ward: Ward, clock: Clock, tmp_path: Path
) -> None:
    r.started(outside, staff, r.DIRECT)
    ward.look()
    ward.client()
    shipped = ward.folder / "snapshot.json"
    ward.line.is_up = False
    for embedded in (shipped, shipped.read_bytes()):
        assert label(ward.client(folder=tmp_path / "fresh", embedded=embedded).resolve(r.NAME)) == "1.0"
    clock.forward(days=30)
    with pytest.raises(CutOff) as cut_off:
        ward.client(folder=None, embedded=shipped).resolve(r.NAME)
    assert cut_off.value.downtime_text == TEXT, "an old one still says what staff do instead"


def test_an_application_that_never_heard_anything_is_told_so(ward: Ward) -> None:
    ward.line.is_up = False
    with pytest.raises(CutOff, match="Nothing was received"):
        ward.client().resolve(r.NAME)


def test_an_older_snapshot_never_takes_the_place_of_a_newer_one(
    outside: Outside, staff: Staff, ward: Ward, clock: Clock
) -> None:
    change_id = r.second(outside, staff)
    ward.look()
    ward.client()
    old = (ward.folder / "snapshot.json").read_bytes()
    clock.forward(seconds=10)
    r.roll_back(outside, staff, change_id)
    ward.look()
    client, unit = ward.client(), next(r.inside_units(outside, change_id))
    ward.line.change = lambda _: old
    clock.forward(seconds=60)
    client.poll()
    assert label(client.resolve(r.NAME, unit=unit)) == "1.0"
    assert label(ward.client(embedded=old).resolve(r.NAME, unit=unit)) == "1.0"


def test_where_the_clocks_differ_no_age_can_be_told(outside: Outside, staff: Staff, ward: Ward, clock: Clock) -> None:
    r.started(outside, staff, r.DIRECT)
    ward.look()
    client = ward.client()
    clock.forward(seconds=-301)
    with pytest.raises(CutOff):
        client.resolve(r.NAME)
    ward.line.is_up = False
    with pytest.raises(ClockDiffers):
        ward.client().resolve(r.NAME)


def test_every_error_is_one_that_an_application_catches_in_one_place() -> None:
    for name in formulary_client.__all__:
        thing = getattr(formulary_client, name)
        if isinstance(thing, type) and issubclass(thing, Exception):
            assert issubclass(thing, DowntimeError)


def test_the_client_knows_nothing_of_the_server() -> None:
    folder = Path(formulary_client.__file__).parent
    imported = set()
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").split(".")[0])
    assert imported & {"webapp", "tests", "flask", "sqlalchemy"} == set()
    assert imported >= {"httpx", "cryptography", "mmh3"}
