"""A log that is not the one that was signed: no page opens, nothing is stored, and an administrator is told what to do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from tests import rollouts as r
from tests.conftest import Clock, SilentQueue, Staff, make_outside
from tests.stages import change_in
from tests.store.test_sealing import grow, hashes_of, silent
from tests.web.client import make_client, sign_in
from webapp.acts import watching
from webapp.acts.jobs import ask_for
from webapp.acts.sealing import seal
from webapp.acts.standing import Standing, State, standing_of
from webapp.adapters.notary.client import Notary
from webapp.adapters.outside import Outside
from webapp.adapters.store.database import Database
from webapp.adapters.store.schema import Job
from webapp.assembly import prepare
from webapp.delivery import create_delivery_app, fill_shelves
from webapp.domain.record.checkpoints import Checkpoint
from webapp.domain.record.merkle import consistency_proof, leaf_hash, root_of
from webapp.scheduler import Sweeper, tick
from webapp.worker import KINDS, work_on_job


@pytest.fixture
def rewound(outside: Outside, tmp_path: Path) -> Iterator[Outside]:
    """The notary has signed twenty entries; the database is a new one."""
    grow(outside, 20)
    seal(outside)
    folder = tmp_path / "again"
    folder.mkdir()
    house = replace(make_outside(folder, f"sqlite:///{folder / 'formulary.sqlite'}"), notary=outside.notary)
    prepare(house)
    yield house
    house.database.close()


def test_on_a_rewound_log_every_page_tells_the_administrator_what_to_do(rewound: Outside) -> None:
    client = make_client(rewound)
    for path in ("/", "/sign-in", "/ledger", "/no-such-page"):
        answer = client.get(path)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 503
        for words in ("does not match its seal", "20", "put it back", "make demo-reset", "FORMULARY_NOTARY_DIR"):
            assert words in page
    assert client.post("/sign-in", data={}).status_code == 503
    refused = client.post("/api/v1/changes", json={})
    assert (refused.status_code, refused.json["error"]["code"]) == (503, "log_broken")  # type: ignore[index]


def test_on_a_rewound_log_health_is_answered_and_says_so(rewound: Outside) -> None:
    client = make_client(rewound)
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "notary" in answer.json["degraded"]  # type: ignore[index]


def test_on_a_rewound_log_nothing_is_delivered(rewound: Outside) -> None:
    client = create_delivery_app(rewound).test_client()
    for answer in (client.get("/v1/prompts/x"), client.get("/no-such-page")):
        assert (answer.status_code, answer.json["error"]["code"]) == (503, "log_broken")  # type: ignore[index]


def test_a_delivery_host_that_started_without_its_database_reads_the_log_when_that_is_back(
    outside: Outside, staff: Staff, clock: Clock
) -> None:
    r.live_first(outside, staff)
    headers = {"Authorization": f"Bearer {r.token(outside, staff)}"}
    fill_shelves(outside)
    app = create_delivery_app(replace(outside, database=Database("sqlite:////proc/nowhere.db")))
    address = f"/api/v1/prompts/{r.NAME}/release?unit=u"
    assert app.test_client().get(address, headers=headers).status_code == 200
    r.tamper(outside, "UPDATE ledger_leaves SET content = CAST(CAST(content AS TEXT) || ' ' AS BLOB) WHERE seq = 3")
    app.extensions["log_watch"].outside = outside
    clock.forward(seconds=11)
    answer = app.test_client().get(address, headers=headers)
    assert answer.json is not None
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "log_broken")


def test_a_silent_database_holds_up_no_request_of_an_application(
    outside: Outside, staff: Staff, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    r.live_first(outside, staff)
    headers = {"Authorization": f"Bearer {r.token(outside, staff)}"}
    client = create_delivery_app(outside, waits_for_log=False).test_client()
    speaks = threading.Event()

    def look(*_: object, **__: object) -> Standing:
        assert speaks.wait(60)
        return Standing(State.BROKEN, "Rewound.")

    monkeypatch.setattr(watching, "standing_of", look)
    clock.forward(seconds=11)
    address = f"/api/v1/prompts/{r.NAME}/release?unit=u"
    assert client.get(address, headers=headers).status_code == 200
    [looking] = [thread for thread in threading.enumerate() if thread.name == watching.THREAD]
    assert client.get(address, headers=headers).status_code == 200
    speaks.set()
    looking.join(60)
    assert client.get(address, headers=headers).status_code == 503


def test_worker_and_scheduler_touch_nothing_on_a_rewound_log(
    rewound: Outside, staff: Staff, caplog: pytest.LogCaptureFixture
) -> None:
    assert staff.ids
    with rewound.database.writing() as session:
        ask_for(rewound, session, "export", "exp_none")
        job_id = session.scalars(select(Job.id)).one()
    work_on_job(rewound, job_id)
    tick(rewound, Sweeper(rewound))
    with rewound.database.reading() as session:
        job = session.get_one(Job, job_id)
        assert (job.state, job.attempts) == ("ready", 0)
    assert isinstance(rewound.queue, SilentQueue)
    assert rewound.queue.rung == []
    assert caplog.text.count("Nothing is written until this is settled") == 2


def test_a_job_under_way_is_to_stop_when_the_log_turns_out_to_be_another_one(
    outside: Outside, staff: Staff, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert staff.ids
    seal(outside)
    with outside.database.writing() as session:
        job_id = ask_for(outside, session, "export", "exp_none").id
    seen = list[bool]()

    def work(outside: Outside, job: Job, *, is_stopping: Callable[[], bool]) -> None:
        seen.append(is_stopping())
        held = outside.notary.held()
        extra = [*hashes_of(outside), leaf_hash(b"lost")]
        more = Checkpoint(held.checkpoint.origin, len(extra), root_of(extra))
        outside.notary.sign(more, consistency_proof(held.checkpoint.size, extra), held.key)
        clock.forward(seconds=11)
        seen.append(is_stopping())

    monkeypatch.setitem(KINDS, "export", work)
    work_on_job(outside, job_id)
    assert seen == [False, True]


def test_what_was_found_broken_stays_so_while_the_notary_is_silent(rewound: Outside) -> None:
    talks = rewound.notary.ask
    client = make_client(rewound)
    assert client.get("/sign-in").status_code == 503
    assert isinstance(rewound.now, Clock)
    rewound.notary.ask = silent
    rewound.now.forward(minutes=2)
    assert client.get("/sign-in").status_code == 503
    rewound.notary.ask = talks
    rewound.now.forward(minutes=2)
    assert client.get("/sign-in").status_code == 503


def test_a_log_that_grew_another_way_is_found_too(rewound: Outside) -> None:
    grow(rewound, 40, "other")
    standing = standing_of(rewound)
    assert (standing.state, standing.size, standing.signed) == (State.BROKEN, 40, 20)


def test_an_edited_entry_is_found_at_the_next_start(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "review")
    seal(outside)
    r.tamper(outside, "UPDATE ledger_leaves SET content = CAST(CAST(content AS TEXT) || ' ' AS BLOB) WHERE seq = 3")
    assert standing_of(outside, from_bytes=True).state is State.BROKEN
    assert "changed or removed" in make_client(outside).get("/").get_data(as_text=True)


def test_a_log_edited_with_all_its_columns_is_found_against_the_notary(outside: Outside, tmp_path: Path) -> None:
    """Somebody rebuilds the whole log from the third entry on, hashes, tiles and head included."""
    grow(outside, 300)
    seal(outside)
    folder = tmp_path / "forged"
    folder.mkdir()
    forged = replace(make_outside(folder, f"sqlite:///{folder / 'f.sqlite'}"), notary=outside.notary)
    prepare(forged)
    grow(forged, 300, "forged")
    for from_bytes in (False, True):
        standing = standing_of(forged, from_bytes=from_bytes)
        assert standing.state is State.BROKEN
        assert "not the ones that were signed" in standing.sentence
    forged.database.close()


def test_a_log_that_is_rewound_while_the_server_runs_is_noticed_within_seconds(outside: Outside, clock: Clock) -> None:
    client = make_client(outside)
    assert client.get("/sign-in").status_code == 200
    grow(outside, 20)
    seal(outside)
    r.tamper(outside, "DELETE FROM ledger_leaves WHERE seq > 5")
    r.tamper(outside, "UPDATE log_state SET size = 6")
    clock.forward(seconds=11)
    assert client.get("/sign-in").status_code == 503


def test_while_the_notary_is_silent_people_work_on(outside: Outside, staff: Staff) -> None:
    alone = replace(outside, notary=Notary(silent))
    change_in(alone, replace(staff, outside=alone), "signoff")
    client = make_client(alone)
    sign_in(client, "quinn")
    page = client.get("/ledger").get_data(as_text=True)
    assert "Recorded, not sealed yet" in page
    assert standing_of(alone).state is State.UNWATCHED


def test_an_old_database_without_a_seal_waits_for_its_first(outside: Outside) -> None:
    assert standing_of(outside, from_bytes=True).state is State.WAITING
    seal(outside)
    assert standing_of(outside, from_bytes=True).state is State.SEALED
