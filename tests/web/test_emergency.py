"""The emergency page of a delivery host: stop and hold with everything else down, by people and from this page alone."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from formulary_client import Client, Stopped
from tests import rollouts as r
from tests.conftest import Clock, SilentQueue, Staff, make_outside
from tests.passkeys import add_passkey
from tests.people import PASSWORD, join, next_code
from tests.services.test_shelves import without_database
from tests.store.test_sealing import silent
from webapp.adapters.notary.client import Notary
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Factor, Leaf, Payload, Person, RoleGrant
from webapp.api.slots import AT_ONCE
from webapp.cli.server import SERVER
from webapp.delivery import create_delivery_app, fill_shelves
from webapp.domain.cohorts import Cohort
from webapp.domain.serving import Offered, Shelf
from webapp.errors import TooMany
from webapp.services.delivery import Shelves, emergency
from webapp.services.delivery.shelves import Stock
from webapp.services.delivery.tries import FREE_TRIES, TRIES_OF_A_PLACE, Tries

TOKEN = re.compile(r'name="token" value="([^"]+)"')
STOP = {
    "kind": "stop",
    "prompt": r.NAME,
    "reason": "Doses are wrong.",
    "email": "osei@example.org",
    "password": PASSWORD,
}
HOST = {"base_url": "http://delivery.test:8001", "environ_base": {"REMOTE_ADDR": "10.0.0.7"}}


Told = tuple[Path, dict[str, str], str, datetime]


@pytest.fixture(scope="module")
def told(blank_database: bytes, tmp_path_factory: pytest.TempPathFactory) -> Told:
    """A house, made once, in which version 1.0 serves everyone and this host has seen it: folder, people, an application's token, time."""
    folder = tmp_path_factory.mktemp("told")
    (folder / "formulary.sqlite").write_bytes(blank_database)
    house = make_outside(folder, f"sqlite:///{folder / 'formulary.sqlite'}")
    people = {
        "ada": "author",
        "kim": "informaticist",
        "osei": "physician",
        "lund": "physician",
        "ruth": "administrator",
    }
    staff = Staff(house, {name: join(house, name, (role,)) for name, role in people.items()})
    r.live_first(house, staff)
    secret = r.token(house, staff)
    fill_shelves(house)
    house.database.close()
    return folder, staff.ids, secret, house.now()


@pytest.fixture
def outside(told: Told, tmp_path: Path) -> Iterator[Outside]:
    """A copy of that house."""
    shutil.copytree(told[0], tmp_path, dirs_exist_ok=True)
    later = itertools.count(1_000_000)
    house = replace(
        make_outside(tmp_path, f"sqlite:///{tmp_path / 'formulary.sqlite'}"),
        now=Clock(told[3]),
        chance=lambda size: (next(later).to_bytes(8) * (size // 8 + 1))[:size],
    )
    yield house
    house.database.close()


@pytest.fixture
def staff(outside: Outside, told: Told) -> Staff:
    return Staff(outside, told[1])


@pytest.fixture
def secret(outside: Outside, told: Told) -> str:
    """The application's token."""
    return told[2]


def browser(outside: Outside) -> FlaskClient:
    return create_delivery_app(outside).test_client()


def shelves_of(client: FlaskClient) -> Shelves:
    found: Shelves = client.application.extensions["shelves"]
    return found


def send(client: FlaskClient, fields: dict[str, str], form: str = "stop", **headers: str) -> TestResponse:
    """The form as a browser sends it that just loaded the page."""
    found = TOKEN.search(client.get("/emergency", **HOST).get_data(as_text=True))
    assert found
    sent = {"Origin": "http://delivery.test:8001", "Sec-Fetch-Site": "same-origin", **headers}
    return client.post(f"/emergency/{form}", data={"token": found[1], **fields}, headers=sent, **HOST)


def served(client: FlaskClient, secret: str) -> tuple[int, str]:
    """Status and code or version of what an application gets now."""
    headers = {"Authorization": f"Bearer {secret}"}
    answer = client.get(f"/api/v1/prompts/{r.NAME}/release?unit=u", headers=headers)
    assert answer.json is not None
    return answer.status_code, answer.json["error"]["code"] if "error" in answer.json else answer.json["version"][
        "label"
    ]


def entries(outside: Outside, kind: str) -> list[dict[str, Any]]:
    with outside.database.reading() as session:
        return [json.loads(one) for one in session.scalars(select(Leaf.content).where(Leaf.type == kind))]


def without_queue(outside: Outside) -> Outside:
    return replace(outside, queue=SilentQueue(is_up=False))


def without_notary(outside: Outside) -> Outside:
    return replace(outside, notary=Notary(silent))


def without_worker(outside: Outside) -> Outside:
    """Nobody works: nothing in these tests ever does, and no worker is counted."""
    queue = SilentQueue()
    queue.workers = lambda: 0  # type: ignore[method-assign]
    return replace(outside, queue=queue)


def without_anything(outside: Outside) -> Outside:
    return without_queue(without_notary(without_database(outside)))


DOWN: dict[str, Callable[[Outside], Outside]] = {
    "database": without_database,
    "notary": without_notary,
    "queue": without_queue,
    "worker": without_worker,
    "everything": without_anything,
}


@pytest.mark.parametrize("take_down", DOWN.values(), ids=DOWN)
def test_stop_works_with_each_part_down_and_is_entered_afterwards_as_late(
    outside: Outside, staff: Staff, secret: str, clock: Clock, take_down: Callable[[Outside], Outside]
) -> None:
    client = browser(take_down(outside))
    assert served(client, secret) == (200, "1.0")
    done = send(client, STOP)
    assert (done.status_code, done.location.split("=")[0]) == (303, "/emergency?done")
    assert served(client, secret) == (409, "stopped"), "from the next request on"
    page = client.get(done.location, **HOST).get_data(as_text=True)
    assert "stopped on this host since 2 Mar 2026, 10:00 UTC, by Osei" in page
    clock.forward(minutes=10)
    host = fill_shelves(outside)
    assert host.look()
    (leaf,) = entries(outside, "delivery.stopped")
    assert (leaf["reason"], leaf["actor"]) == (
        "late",
        {"id": staff.ids["osei"], "name": "Osei", "roles": ["physician"], "via": "emergency"},
    )
    with outside.database.reading() as session:
        typed = json.loads(session.get_one(Payload, leaf["payload"]["sha256"]).content)
    assert (typed["prompt"], typed["reason"], typed["by"]) == (r.NAME, "Doses are wrong.", "Osei")
    assert typed["person_known_at"].startswith("2026-03-02T10:00")
    assert "Doses" not in json.dumps(leaf)


def test_on_a_log_that_was_rewound_people_stop_applications_hear_of_it_and_nothing_is_entered(
    outside: Outside, secret: str, clock: Clock
) -> None:
    browsing = browser(outside)
    application = Client(
        "http://delivery.test", secret, [outside.keyring.service.public.hex()], is_polling=False,
        transport=httpx.WSGITransport(app=browsing.application), now=lambda: outside.now().timestamp(),
    )  # fmt: skip
    assert application.poll()
    r.tamper(outside, "DELETE FROM ledger_leaves WHERE seq > 5")
    r.tamper(outside, "UPDATE log_state SET size = 6")
    clock.forward(seconds=11)
    assert served(browsing, secret) == (503, "log_broken")
    assert not application.poll()
    assert application.resolve(r.NAME).version["label"] == "1.0", "for as long as the signed plan allows"
    shelves_of(browsing).look()
    assert "not the one that was signed" in browsing.get("/emergency", **HOST).get_data(as_text=True)
    assert send(browsing, STOP).status_code == 303
    assert application.poll()
    with pytest.raises(Stopped, match="Doses are wrong"):
        application.resolve(r.NAME)
    assert browsing.get("/api/v1/snapshot", headers={"Authorization": "Bearer pf_unknown"}).status_code == 503
    assert served(browsing, secret) == (503, "log_broken")
    shelves_of(browsing).look()
    assert entries(outside, "delivery.stopped") == []
    again = browser(outside)
    assert shelves_of(again).flags.reason_for(r.NAME) == "Doses are wrong."
    assert send(again, {**STOP, "prompt": "*"}).status_code == 303, (
        "a process that starts then knows people from its disk"
    )


def test_a_database_that_hangs_takes_only_some_of_the_threads(outside: Outside, secret: str) -> None:
    """Reports and tokens that memory does not know wait for it; serving, stopping and the page never do."""
    client = browser(outside)
    slots = client.application.extensions["slots"]
    report = {"Authorization": f"Bearer {secret}"}
    with ExitStack() as waiting:
        for _ in range(AT_ONCE):
            waiting.enter_context(slots.one())
        for answer in (
            client.post("/api/v1/interactions", json={"events": []}, headers=report),
            client.post("/api/v1/problem-reports", json={}, headers=report),
            client.get("/api/v1/snapshot", headers={"Authorization": "Bearer pf_unknown"}),
        ):
            assert answer.json is not None
            assert (answer.status_code, answer.json["error"]["code"]) == (503, "unavailable")
        assert served(client, secret) == (200, "1.0")
        assert send(client, STOP).status_code == 303
    assert client.post("/api/v1/interactions", json={"events": []}, headers=report).status_code == 422
    assert SERVER["threads"] > AT_ONCE


def test_hold_keeps_the_new_version_back_and_the_page_says_who_has_it(
    outside: Outside, staff: Staff, secret: str, clock: Clock
) -> None:
    change_id = r.started(outside, staff, **r.version("1.1"))
    unit = next(r.inside_units(outside, change_id))
    client = browser(outside)
    headers = {"Authorization": f"Bearer {secret}"}
    url = f"/api/v1/prompts/{r.NAME}/release?unit={unit}"
    assert client.get(url, headers=headers).json["version"]["label"] == "1.1"  # type: ignore[index]
    page = client.get("/emergency", **HOST).get_data(as_text=True)
    for words in ("Live: version 1.0, since 2 Mar 2026", "New: version 1.1. Limited release: 30 % of encounters",
                  "Write the note by hand.", "Served"):  # fmt: skip
        assert words in page
    clock.forward(seconds=5)
    done = send(client, {**STOP, "kind": "hold", "email": " Kim@Example.org "})
    page = client.get(done.location, **HOST).get_data(as_text=True)
    assert "the new version is held back on this host" in page
    assert "Ward system (Desk, 555-0100): has not asked this host since; call" in page
    assert client.get(url, headers=headers).json["version"]["label"] == "1.0"  # type: ignore[index]
    page = client.get(done.location, **HOST).get_data(as_text=True)
    assert "Ward system (Desk, 555-0100): asked this host since, so it has it" in page
    assert send(client, {**STOP, "kind": "hold"}).status_code == 409


def test_the_page_is_small_has_no_script_and_is_kept_nowhere(outside: Outside, secret: str) -> None:
    client = browser(outside)
    shelves = shelves_of(client)
    text = "Ring the desk & write it by hand; <b>never</b> copy an old note. " * 40
    many = {
        f"prompt-{number:03}": Shelf(
            f"prompt-{number:03}",
            live=Offered("rel_1", "0" * 64, {"version": {"label": "1.0"}}),
            downtime_text=text,
        )
        for number in range(59)
    }
    style = client.get("/emergency/style.css").data
    for prompts in (many, {**many, "one-more": many["prompt-000"], "and-another": many["prompt-001"]}):
        shelves.stock = Stock(prompts, {}, outside.now())
        for number in range(12):
            send(client, {**STOP, "prompt": f"prompt-{number:03}", "reason": "<" * 490})
        answer = client.get("/emergency", **HOST)
        page = answer.get_data(as_text=True)
        assert len(answer.data) + len(style) < 30_000
        assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=|javascript:", page)
        assert "<b>never" not in page
    seen, url = set(), "/emergency"
    while url:
        page = client.get(url, **HOST).get_data(as_text=True)
        seen |= set(re.findall(r"<h3>\s*([\w-]+)", page))
        more = re.search(r'href="(/emergency\?from=[^"]+)">More', page)
        url = more[1] if more else ""
    assert seen == {shelf.name for shelf in prompts.values()}
    assert answer.headers["Cache-Control"] == "no-store"
    assert "script" not in answer.headers["Content-Security-Policy"]
    cookie = answer.headers["Set-Cookie"]
    for words in ("HttpOnly", "SameSite=Strict", "Path=/emergency"):
        assert words in cookie


def test_what_is_restricted_says_to_whom(outside: Outside, secret: str) -> None:
    client = browser(outside)
    shelf = shelves_of(client).stock.shelves[r.NAME]
    assert shelf.live is not None
    left = replace(shelf, live=replace(shelf.live, only=Cohort(sites=("North",))))
    shelves_of(client).stock = Stock({r.NAME: left}, {}, outside.now())
    page = client.get("/emergency", **HOST).get_data(as_text=True)
    assert "Restricted to sites North; everybody else gets the downtime text." in page
    assert client.get("/emergency/stop", **HOST).location == "/emergency"


# -- who is believed

WRONG = {
    "wrong password": {"password": "not it, not it"},
    "unknown address": {"email": "nobody@example.org"},
    "may not stop": {"email": "ada@example.org"},
    "empty password": {"password": ""},
}


def test_whoever_is_wrong_gets_one_answer_and_costs_one_check_whoever_they_say_to_be(
    outside: Outside, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, checks = browser(without_database(outside)), list[str]()
    real = emergency.is_password
    monkeypatch.setattr(emergency, "is_password", lambda stored, typed: checks.append(typed) or real(stored, typed))
    pages = set()
    for changed in WRONG.values():
        answer = send(client, {**STOP, **changed})
        assert answer.status_code == 401
        sentence = re.search(r'id="stop-why".*?</p>', answer.get_data(as_text=True), re.DOTALL)
        assert sentence
        pages.add(sentence[0])
        assert PASSWORD not in answer.get_data(as_text=True)
    assert len(pages) == 1
    assert len(checks) == len(WRONG)
    assert served(client, secret) == (200, "1.0")


def test_wrong_tries_lock_their_own_place_and_never_somebody_elsewhere(
    outside: Outside, secret: str, clock: Clock
) -> None:
    client = browser(without_database(outside))
    for email in ("osei@example.org", "nobody@example.org"):
        statuses = [send(client, {**STOP, "email": email, "password": "x"}).status_code for _ in range(6)]
        assert statuses == [401] * 5 + [429], "an address that nobody has is locked alike"
    locked = send(client, STOP)
    assert (locked.status_code, locked.headers["Retry-After"]) == (429, "61"), "the right password is not looked at"
    shift = client.application.test_client()
    elsewhere = {**HOST, "environ_base": {"REMOTE_ADDR": "10.0.0.8"}}
    token = TOKEN.search(shift.get("/emergency", **elsewhere).get_data(as_text=True))
    assert token
    assert shift.post("/emergency/stop", data={"token": token[1], **STOP}, **elsewhere).status_code == 303
    clock.forward(seconds=61)
    assert send(client, {**STOP, "prompt": "*"}).status_code == 303


def test_a_place_that_tries_many_people_waits_and_so_does_the_network_of_one_machine(outside: Outside) -> None:
    tries = Tries(outside.now)
    for number in range(TRIES_OF_A_PLACE):
        tries.require_free("2001:db8:0:7::1", f"{number}@example.org")
        tries.failed("2001:db8:0:7::1", f"{number}@example.org")
    for place in ("2001:db8:0:7::1", "2001:db8:0:7:ffff::2"):
        with pytest.raises(TooMany, match="try again in 601 seconds"):
            tries.require_free(place, "osei@example.org")
    tries.require_free("2001:db8:0:8::1", "osei@example.org")
    tries.require_free("::ffff:10.0.0.7", "osei@example.org")


def test_each_lock_is_twice_as_long_up_to_an_hour_and_an_hour_of_quiet_forgets(outside: Outside, clock: Clock) -> None:
    tries, seconds = Tries(outside.now), list[int]()
    for _ in range(FREE_TRIES):
        tries.failed("10.0.0.7", "osei@example.org")
    for _ in range(9):
        tries.failed("10.0.0.7", "osei@example.org")
        with pytest.raises(TooMany) as locked:
            tries.require_free("10.0.0.7", "osei@example.org")
        seconds.append(locked.value.details["retry_after_seconds"] - 1)
        clock.forward(seconds=seconds[-1])
    assert seconds == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    clock.forward(seconds=3_601)
    tries.failed("10.0.0.7", "osei@example.org")
    tries.require_free("10.0.0.7", "osei@example.org")


def test_only_so_much_is_remembered(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webapp.services.delivery.tries.MOST_REMEMBERED", 10)
    tries = Tries(outside.now)
    for number in range(40):
        tries.failed(f"10.0.0.{number}", "osei@example.org")
    assert len(tries._counts) == 10


def test_wrong_tries_are_entered_when_the_database_is_back(outside: Outside, staff: Staff, secret: str) -> None:
    client = browser(without_database(outside))
    for email in ("osei@example.org", "osei@example.org", "nobody@example.org"):
        send(client, {**STOP, "email": email, "password": "x"})
    shelves = shelves_of(client)
    shelves.outside = outside
    assert shelves.look()
    (known,), (unknown,) = entries(outside, "reauthentication.failed"), entries(outside, "session.refused")
    assert (known["entity"]["id"], known["reason"]) == (staff.ids["osei"], "emergency")
    assert unknown["entity"]["id"] == "unknown"


def test_a_flood_of_checks_is_turned_away_at_once(outside: Outside, secret: str) -> None:
    client = browser(outside)
    checks = client.application.extensions["emergency"]._checks
    for _ in range(emergency.CHECKS_AT_ONCE):
        assert checks.acquire(blocking=False)
    assert send(client, STOP).status_code == 429
    checks.release()
    assert send(client, STOP).status_code == 303


def test_who_left_or_lost_the_role_or_changed_the_password_is_known_with_the_next_look(
    outside: Outside, staff: Staff, secret: str
) -> None:
    client = browser(outside)
    with outside.database.writing() as session:
        session.get_one(Person, staff.ids["osei"]).is_active = False
        session.scalars(
            select(RoleGrant).where(RoleGrant.person_id == staff.ids["kim"])
        ).one().revoked_at = outside.now()
        session.get_one(Person, staff.ids["lund"]).password_hash = None
    shelves_of(client)._stamp = None
    assert shelves_of(client).look()
    for name in ("osei", "kim", "lund"):
        assert send(client, {**STOP, "email": f"{name}@example.org"}).status_code == 401
    assert send(client, {**STOP, "email": "ruth@example.org"}).status_code == 303


def test_the_copy_on_the_disk_is_for_this_server_alone(outside: Outside, secret: str) -> None:
    path = fill_shelves(outside).copy.path
    content = path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    for words in (b"argon2", b"example.org", b"Osei", b"physician"):
        assert words not in content
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    client = browser(without_database(outside))
    page = client.get("/emergency", **HOST).get_data(as_text=True)
    assert "This host knows nobody&#39;s password yet" in page or "This host knows nobody's password yet" in page
    assert client.post("/emergency/stop", data=STOP, **HOST).status_code == 403


# -- from this page alone


FOREIGN = (
    ("Origin", "https://elsewhere.example"),
    ("Origin", "null"),
    ("Origin", "http://[half"),
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Site", "same-site"),
)


def test_a_form_that_another_site_sent_does_nothing(outside: Outside, secret: str) -> None:
    client = browser(outside)
    for name, value in FOREIGN:
        assert send(client, STOP, **{name: value}).status_code == 403
    assert served(client, secret) == (200, "1.0")


def test_a_form_without_its_token_or_cookie_does_nothing_and_keeps_what_was_typed(
    outside: Outside, secret: str, clock: Clock
) -> None:
    client, stranger = browser(outside), browser(outside)
    found = TOKEN.search(stranger.get("/emergency", **HOST).get_data(as_text=True))
    assert found
    client.get("/emergency", **HOST)
    for token in ("", "0" * 32, found[1]):
        answer = client.post("/emergency/stop", data={"token": token, **STOP}, **HOST)
        page = answer.get_data(as_text=True)
        assert answer.status_code == 403
        assert "Doses are wrong." in page
        assert PASSWORD not in page
    clock.forward(minutes=31)
    assert stranger.post("/emergency/stop", data={"token": found[1], **STOP}, **HOST).status_code == 403
    assert served(client, secret) == (200, "1.0")


def test_what_is_missing_is_said_before_anybodys_password_is_looked_at(outside: Outside, secret: str) -> None:
    client = browser(outside)
    for changed, words in (
        ({"kind": "hold"}, "No rollout of this prompt is under way"),
        ({"kind": ""}, "Choose what to do"),
        ({"prompt": "no-such-prompt"}, "Choose a prompt"),
        ({"reason": "  "}, "Write why"),
        ({"reason": "x" * 501}, "at most 500"),
    ):
        answer = send(client, {**STOP, **changed, "password": "x"})
        assert (answer.status_code, words in answer.get_data(as_text=True)) == (422, True)
    assert client.application.extensions["emergency"].failures.__len__() == 0
    assert client.post("/emergency/stop", data={"reason": "x" * 20_000}, **HOST).status_code == 413


def test_the_page_answers_by_the_names_that_are_allowed(outside: Outside, secret: str) -> None:
    named = replace(outside, settings=replace(outside.settings, allowed_hosts=("delivery.test",)))
    client = browser(named)
    assert client.get("/emergency", **HOST).status_code == 200
    assert client.get("/emergency", base_url="http://rebound.example").status_code == 400
    assert client.get("/", **HOST).location == "/emergency"


# -- ending a stop


def stopped(outside: Outside) -> tuple[FlaskClient, dict[str, str]]:
    """A host on which Kim stopped the prompt, and the form with which Osei ends that."""
    client = browser(outside)
    assert send(client, {**STOP, "email": "kim@example.org"}).status_code == 303
    (flag,) = shelves_of(client).flags.all()
    return client, {"flag": flag.id, "reason": "Cause found.", "email": "osei@example.org", "password": PASSWORD}


def test_ending_a_stop_takes_password_and_code_and_is_entered(outside: Outside, staff: Staff, secret: str) -> None:
    client, form = stopped(outside)
    assert send(client, form, "lift").status_code == 403
    assert send(client, {**form, "code": "000000"}, "lift").status_code == 401
    assert send(client, {**form, "email": "ada@example.org"}, "lift").status_code == 401
    assert send(client, {**form, "flag": ""}, "lift").status_code == 422
    assert served(client, secret) == (409, "stopped")
    done = send(client, {**form, "code": next_code(outside, staff.ids["osei"]) or ""}, "lift")
    assert (done.status_code, done.location) == (303, "/emergency?done=lifted")
    assert served(client, secret) == (200, "1.0")
    assert shelves_of(client).look()
    (made,), (ended,) = entries(outside, "delivery.stopped"), entries(outside, "delivery.resumed")
    assert (made["actor"]["name"], made["reason"]) == ("Kim", None)
    assert (ended["actor"]["id"], ended["actor"]["via"]) == (staff.ids["osei"], "emergency")


def test_ending_a_stop_waits_for_the_database(outside: Outside, secret: str) -> None:
    client, form = stopped(outside)
    down = without_database(outside)
    shelves_of(client).outside = down
    answer = send(client, {**form, "code": "123456"}, "lift")
    assert answer.status_code == 503
    assert "The database does not answer" in answer.get_data(as_text=True)
    assert served(client, secret) == (409, "stopped")


def test_whoever_has_a_passkey_only_is_told_who_can_end_it(outside: Outside, staff: Staff, secret: str) -> None:
    client, form = stopped(outside)
    add_passkey(outside, staff.ids["osei"])
    with outside.database.writing() as session:
        query = select(Factor).where(Factor.person_id == staff.ids["osei"], Factor.kind == "totp")
        session.scalars(query).one().revoked_at = outside.now()
    answer = send(client, form, "lift")
    assert answer.status_code == 403
    assert "formulary kill PROMPT --lift" in answer.get_data(as_text=True)


def test_where_the_disk_takes_nothing_the_stop_holds_and_the_page_says_until_when(
    outside: Outside, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser(outside)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(shelves_of(client).flags), "_write", full)
    done = send(client, STOP)
    assert done.status_code == 303
    assert served(client, secret) == (409, "stopped")
    assert "ends when delivery restarts" in client.get(done.location, **HOST).get_data(as_text=True)
    monkeypatch.undo()
    shelves_of(client).flags.save()
    assert "ends when delivery restarts" not in client.get(done.location, **HOST).get_data(as_text=True)


def test_the_page_says_since_when_the_database_does_not_answer(outside: Outside, secret: str, clock: Clock) -> None:
    client = browser(outside)
    assert "The database answers." in client.get("/emergency", **HOST).get_data(as_text=True)
    clock.at += timedelta(hours=1)
    shelves_of(client).outside = without_database(outside)
    shelves_of(client).look()
    page = client.get("/emergency", **HOST).get_data(as_text=True)
    assert (
        "The database does not answer. What stands here, and who may stop, is as it was at 2 Mar 2026, 10:00 UTC."
        in page
    )
