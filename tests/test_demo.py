"""The demo's history is told by the services, and shows a change at every stage."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.conftest import make_outside
from tests.whole_log import check_log, replay_stages
from webapp import verify
from webapp.acts.results import open_result
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Leaf, Prompt, Revision, Run, Signature, Version
from webapp.demo import processes
from webapp.demo.history import STORY, begin, tell_history, write_connection
from webapp.demo.story import StoryClock
from webapp.domain.workflow import Actor
from webapp.errors import Conflict
from webapp.services.exporting import Wanted, export_here


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, blank_database: bytes) -> Iterator[Outside]:
    """A house in which the history was told: once, because it takes as long as many other tests together."""
    folder = tmp_path_factory.mktemp("told")
    (folder / "formulary.sqlite").write_bytes(blank_database)
    house = make_outside(folder, f"sqlite:///{folder / 'formulary.sqlite'}")
    opened_at = house.now()
    others = house.chance  # it counts anew, and the entries that are in the log already have ids of the same count
    told, clock = begin(
        replace(house, now=lambda: opened_at + STORY, chance=lambda size: bytes(255 - b for b in others(size)))
    )
    assert tell_history(told, clock, lambda sentence: None)
    yield told
    house.database.close()


def test_the_history_shows_every_stage_and_the_log_agrees(told: Outside) -> None:
    with told.database.reading() as session:
        stages = {change.id: change.stage for change in session.scalars(select(Change))}
        live = [prompt.name for prompt in session.scalars(select(Prompt)) if prompt.live_release_id]
        persons = {json.loads(content)["actor"]["via"] for content in session.scalars(select(Leaf.content))}
    assert set(stages.values()) == {"draft", "evaluation", "review", "signoff", "rollout", "post_audit", "closed"}
    assert sorted(live) == ["clinical-summarization", "medication-extraction"]
    assert replay_stages(told) == stages
    assert check_log(told)[2]
    assert persons == {"demo", "system"}


def test_only_the_shortened_prompt_is_worse_and_every_other_change_holds(told: Outside) -> None:
    with told.database.reading() as session:
        runs = session.execute(
            select(Version.label, Run.state, Run.verdict).join(Run, Run.candidate_version_id == Version.id)
        )
        found = sorted(tuple(row) for row in runs)
    assert found == [
        ("1.0", "complete", "pass"),
        ("1.1", "complete", "pass"),
        ("1.1", "complete", "pass"),
        ("1.2", "complete", "pass"),
        ("1.3", "complete", "pass"),
        ("1.4-short", "stopped", "fail"),
        ("1.5", "complete", "pass"),
    ]


def test_the_change_in_review_leaves_identifiers_out_and_brings_no_new_danger(told: Outside) -> None:
    with told.database.reading() as session:
        run = session.scalars(
            select(Run).join(Change, Change.id == Run.change_id).where(Change.stage == "review")
        ).one()
        result = open_result(session, run)
    found = {measure["measure"]: measure for measure in result["measures"]}
    assert found["phi_free"]["candidate_mean_ppm"] > found["phi_free"]["baseline_mean_ppm"] + 100_000
    assert result["counts"]["critical"] == 0


def test_telling_the_history_again_changes_nothing(told: Outside) -> None:
    before = check_log(told)
    assert isinstance(told.now, StoryClock)
    assert not tell_history(told, told.now, lambda sentence: None)
    assert check_log(told) == before


def test_each_entry_of_the_log_has_the_time_of_its_act(told: Outside) -> None:
    with told.database.reading() as session:
        entered = {leaf.seq: leaf.at for leaf in session.scalars(select(Leaf))}
        signed = [
            (signature.signed_at, entered[signature.entry_seq or 0]) for signature in session.scalars(select(Signature))
        ]
    assert len({day.date() for day in entered.values()}) > 5
    assert all(abs(entry - act) < timedelta(minutes=1) for act, entry in signed)


def test_every_open_change_says_in_its_own_words_what_changes(told: Outside) -> None:
    with told.database.reading() as session:
        said = list(session.scalars(select(Revision.changes)))
    assert len(set(said)) == len(said)


def test_the_commands_find_the_server_where_it_is_now(told: Outside) -> None:
    moved = replace(told.settings, base_url="http://localhost:8020")
    path = moved.var_dir / "cli.json"
    before = json.loads(path.read_text())
    write_connection(moved)
    assert json.loads(path.read_text()) == {"server": "http://localhost:8020", "token": before["token"]}
    assert path.stat().st_mode & 0o077 == 0


def test_two_demos_never_run_on_one_state(tmp_path: Path) -> None:
    with processes.hold_alone(tmp_path), pytest.raises(Conflict, match="already runs"):
        processes.hold_alone(tmp_path)
    processes.hold_alone(tmp_path).close()


def test_what_a_killed_demo_left_running_is_ended_and_nothing_else(tmp_path: Path) -> None:
    waits = "import sys; sys.stdin.read()"
    ours, other = (
        subprocess.Popen([sys.executable, "-c", waits, name], stdin=subprocess.PIPE) for name in ("webapp.cli", "else")
    )
    (tmp_path / "worker.pid").write_text(str(ours.pid))
    (tmp_path / "serve.pid").write_text(str(other.pid))
    reaper = threading.Thread(target=ours.wait)
    reaper.start()
    processes.end_left_over(tmp_path)
    reaper.join(10)
    assert ours.returncode == -signal.SIGTERM
    assert other.poll() is None
    assert not list(tmp_path.glob("*.pid"))
    other.communicate()


def test_the_whole_record_of_the_demo_verifies_offline(
    told: Outside, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = tmp_path / "record.zip"
    export_here(told, Actor(id="console", name="Console", via="console"), Wanted("all"), bundle, lambda *steps: None)
    code = verify.main([str(bundle), "--key", told.notary.held().key.to_vkey()])
    said = capsys.readouterr().out
    assert code in (verify.GOOD, verify.WEAK), said
    assert "high risk" not in said
