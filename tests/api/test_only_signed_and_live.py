"""A thread fetches five prompts in three ways while people edit, race, stop and roll back: it never sees what is not signed and live."""

from __future__ import annotations

import itertools
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from formulary_client import Client, DowntimeError
from tests import rollouts as r
from tests.api.caller import Caller
from tests.client.ward import Line
from tests.conftest import Staff
from tests.services.submissions import prompt_bytes
from tests.stages import change_in
from webapp.adapters.outside import Outside
from webapp.adapters.stop_flags import StopFlags
from webapp.adapters.store.schema import Change, Leaf, LogState, Prompt
from webapp.delivery import create_delivery_app
from webapp.errors import FormularyError
from webapp.services import delivery
from webapp.services.delivery import Shelves, stops_file
from webapp.web.app import create_app

NAMES = ("alpha", "beta", "gamma", "delta", "epsilon")
UNITS = ("", "encounter-1", "encounter-2", "encounter-3")
NOTHING = {"stopped", "Stopped", "release_not_live", "ReleaseNotLive"}
LEAST_SEEN = 30


@dataclass(frozen=True)
class Seen:
    """What one fetch gave: digest of the signed contents, or None; sizes of the log before and after; was it stopped all the while?"""

    way: str
    prompt: str
    manifest: str | None
    code: str
    since: int
    until: int
    was_stopped: bool


@dataclass
class Watcher:
    """An application that fetches as fast as it can, by the release route, OpenFeature and the client in turn."""

    outside: Outside
    shelves: Shelves
    web: Caller
    delivered: Caller
    client: Client
    stopped: dict[str, int] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)
    is_well: bool = False
    turn: threading.Condition = field(default_factory=threading.Condition)
    rounds: int = 0

    def run(self) -> None:
        """Until it is over, or something happens that should not: ``is_well`` then stays false."""
        for unit in itertools.cycle(UNITS):
            if self.is_over.is_set():
                self.is_well = True
                return
            stopped, since = dict(self.stopped), self.size()
            self.shelves.look()
            assert self.client.poll()
            for name, (way, fetch) in itertools.product(NAMES, self.ways().items()):
                manifest, code = fetch(name, unit)
                was_stopped = name in stopped and self.stopped.get(name) == stopped[name]
                self.seen.append(Seen(way, name, manifest, code, since, self.size(), was_stopped))
            with self.turn:
                self.rounds += 1
                self.turn.notify_all()

    def look_on(self) -> None:
        """It fetched everything at least once since this was called."""
        with self.turn:
            wanted = self.rounds + 2
            assert self.turn.wait_for(lambda: self.rounds >= wanted, timeout=60)

    def ways(self) -> dict[str, Callable[[str, str], tuple[str | None, str]]]:
        """Digest of the signed contents, or why there is nothing, for a prompt and a unit."""
        return {
            "web": lambda name, unit: released(self.web, name, unit),
            "route": lambda name, unit: released(self.delivered, name, unit),
            "ofrep": self.evaluated,
            "client": self.resolved,
        }

    def size(self) -> int:
        with self.outside.database.reading() as session:
            return session.scalar(select(LogState.size)) or 0

    def evaluated(self, name: str, unit: str) -> tuple[str | None, str]:
        answer = self.delivered.post(f"/ofrep/v1/evaluate/flags/{name}", {"context": {"targetingKey": unit}}).json
        assert answer is not None
        return answer["metadata"].get("manifest_sha256"), answer["metadata"].get("code", "")

    def resolved(self, name: str, unit: str) -> tuple[str | None, str]:
        held = self.client._held
        try:
            found = self.client.resolve(name, unit=unit)
        except DowntimeError as error:
            return None, type(error).__name__
        assert held is not None
        offers = [one.document for one in (held.shelves[name].live, held.shelves[name].new) if one is not None]
        return next(one["manifest_sha256"] for one in offers if one["release_id"] == found.release_id), ""


def released(application: Caller, name: str, unit: str) -> tuple[str | None, str]:
    answer = application.get(f"/api/v1/prompts/{name}/release?unit={unit}").json
    assert answer is not None
    return (None, answer["error"]["code"]) if "error" in answer else (answer["release"]["manifest_sha256"], "")


def make_watcher(outside: Outside, staff: Staff, folder: Path) -> Watcher:
    token = r.token(outside, staff)
    app = create_delivery_app(outside)
    keys = [outside.keyring.service.public.hex()]
    client = Client(
        "http://delivery.test",
        token,
        keys,
        now=lambda: outside.now().timestamp(),
        transport=Line(app),
        is_polling=False,
    )
    web, delivered = Caller(create_app(outside).test_client(), token), Caller(app.test_client(), token)
    return Watcher(outside, app.extensions["shelves"], web, delivered, client)


@dataclass
class House:
    """The people, and what they do to the five prompts."""

    outside: Outside
    staff: Staff
    watcher: Watcher

    def first(self, name: str) -> str:
        """Version 1.0 of this prompt serves everyone and is watched."""
        return r.started(self.outside, self.staff, r.DIRECT, prompt=prompt_bytes(name=name))

    def live(self, name: str) -> None:
        """Version 1.0 of this prompt is where its rollout led."""
        change_id = self.first(name)
        r.pass_step(self.outside, self.staff, change_id)
        r.complete(self.outside, self.staff, change_id)

    def version(self, name: str, label: str) -> dict[str, Any]:
        return {"prompt": prompt_bytes(name=name, version=label, system_prompt=f"You write notes, version {label}.\n")}

    def canary(self, name: str, label: str) -> str:
        """The next version is in its first step."""
        return r.started(self.outside, self.staff, r.PLAN, **self.version(name, label))

    def stop(self, name: str) -> None:
        delivery.stop(self.outside, self.flags, name, "Doses.", "console")
        for one in NAMES if name == "*" else (name,):
            self.watcher.stopped[one] = next(_stops)

    def lift(self, name: str) -> None:
        self.watcher.stopped.clear()
        delivery.lift(self.outside, self.flags, name, "Cause found.", "console")

    @property
    def flags(self) -> StopFlags:
        return StopFlags(stops_file(self.outside.settings.var_dir))


_stops = itertools.count(1)


def at_once(*acts: Callable[[], object]) -> None:
    """All of these begin together; whoever comes second is refused."""
    gate = threading.Barrier(len(acts))

    def begin(act: Callable[[], object]) -> None:
        gate.wait(10)
        with suppress(FormularyError):
            act()

    threads = [threading.Thread(target=begin, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


def everything_happens(house: House) -> None:
    """Edits, steps, races, stops, roll backs; the watcher looks on in between, and while."""
    outside, staff, look_on = house.outside, house.staff, house.watcher.look_on
    change_in(outside, staff, "evaluation", **house.version("epsilon", "1.1"))
    running = {name: house.canary(name, "1.1") for name in NAMES[:3]}
    look_on()
    house.stop("alpha")
    look_on()
    at_once(
        lambda: r.roll_back(outside, staff, running["beta"]),
        lambda: r.hold(outside, staff, running["beta"], "live", "lund"),
    )
    at_once(
        lambda: r.roll_back(outside, staff, running["gamma"]),
        lambda: r.roll_back(outside, staff, running["gamma"], "lund"),
    )
    house.lift("alpha")
    look_on()
    change_in(outside, staff, "signoff", **house.version("gamma", "1.2"))
    house.stop("*")
    look_on()
    r.roll_back(outside, staff, running["alpha"])
    house.lift("*")
    house.canary("alpha", "1.2")
    look_on()


def test_nobody_ever_gets_what_is_not_signed_and_live(outside: Outside, staff: Staff, tmp_path: Path) -> None:
    watcher = make_watcher(outside, staff, tmp_path)
    house = House(outside, staff, watcher)
    for name in NAMES[:3]:
        house.live(name)
    for name in NAMES[3:]:
        house.first(name)
    thread = threading.Thread(target=watcher.run, daemon=True)
    thread.start()
    everything_happens(house)
    r.tamper(outside, "UPDATE releases SET state = 'live' WHERE label = '1.1'")
    bent = "(SELECT id FROM releases WHERE label = '1.1' AND prompt_id = prompts.id)"
    r.tamper(outside, f"UPDATE prompts SET live_release_id = {bent} WHERE name = 'gamma'")
    watcher.look_on()
    assert released(watcher.web, "gamma", "") == (None, "release_not_live"), "bent to what was rolled back"
    watcher.is_over.set()
    thread.join(60)
    assert watcher.is_well, "the thread ended before its time"
    judge(watcher.seen, Allowed.of(outside), signed_manifests(outside))


def judge(seen: list[Seen], allowed: Allowed, signed: set[str]) -> None:
    """Everything that was fetched was signed and live, or why there was nothing is known; and there was enough of it."""
    for one in seen:
        if one.manifest is None:
            assert one.code in NOTHING, one
        else:
            assert one.manifest in signed, one
            assert allowed.between(one), one
            assert not one.was_stopped, one
    fetched = Counter(one.way for one in seen if one.manifest is not None)
    assert all(fetched[way] >= LEAST_SEEN for way in ("web", "route", "ofrep", "client")), fetched
    assert {one.way for one in seen if one.was_stopped} == set(fetched)
    assert len({one.manifest for one in seen} - {None}) > len(NAMES), "new versions were among them"


@dataclass
class Allowed:
    """By prompt: what the log's entries call live or in rollout, after each entry that changed it."""

    states: dict[str, list[tuple[int, frozenset[str]]]]

    @classmethod
    def of(cls, outside: Outside) -> Allowed:
        with outside.database.reading() as session:
            names = {prompt.id: prompt.name for prompt in session.scalars(select(Prompt))}
            prompts = {change.id: names[change.prompt_id] for change in session.scalars(select(Change))}
            leaves = [(leaf.seq, json.loads(leaf.content)) for leaf in session.scalars(select(Leaf).order_by(Leaf.seq))]
            kinds = {leaf.seq: (leaf.type, leaf.entity_id) for leaf in session.scalars(select(Leaf))}
            assert session.scalar(select(LogState.size)) == leaves[-1][0] + 1
        made = cls({name: [(0, frozenset())] for name in NAMES})
        live: dict[str, str | None] = {}
        rolling: dict[str, dict[str, str]] = {name: {} for name in NAMES}
        for seq, entry in leaves:
            kind, entity = kinds[seq]
            if kind == "release.live":
                name = names[entity]
                live[name] = entry["after"]["sha256"]
            elif kind.startswith("change.") and entity in prompts:
                name = prompts[entity]
                if kind == "change.start":
                    rolling[name][entity] = entry["after"]["sha256"]
                elif entry["after"]["state"] != "rollout":
                    rolling[name].pop(entity, None)
            else:
                continue
            found = {*rolling[name].values(), live.get(name)} - {None}
            made.states[name].append((seq + 1, frozenset(str(one) for one in found)))
        return made

    def between(self, seen: Seen) -> bool:
        """Was this allowed at some size of the log between the fetch's beginning and its end?"""
        states = self.states[seen.prompt]
        begun = max(size for size, _ in states if size <= seen.since)
        return any(seen.manifest in allowed for size, allowed in states if begun <= size <= seen.until)


def signed_manifests(outside: Outside) -> set[str]:
    """What a physician signed, by the log."""
    with outside.database.reading() as session:
        signings: Iterable[bytes] = session.scalars(select(Leaf.content).where(Leaf.type == "change.sign"))
        assert session.scalar(select(func.count()).select_from(Leaf))
        return {json.loads(content)["after"]["sha256"] for content in signings}
