"""Applications that fetch all the while, with edits, races, kills and roll backs going on: never a digest that was not signed and live.

The order of things is told by one counter that all threads draw from: an answer may hold a digest only if that was signed and live at
some moment between the question and the answer, as far as the delivery process had looked.
"""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask
from sqlalchemy import select

from formulary_client import Client, DowntimeError
from tests import rollouts as r
from tests.conftest import Staff
from tests.people import join
from tests.services.submissions import prompt_bytes
from tests.stages import change_in
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Release, Signature
from webapp.assembly import prepare
from webapp.delivery import create_delivery_app
from webapp.errors import FormularyError
from webapp.services import delivery, rollout
from webapp.services.delivery import Shelves

ROLES = {"ada": "author", "kim": "informaticist", "osei": "physician", "lund": "physician", "ruth": "administrator"}
NAMES = tuple(f"prompt-{number}" for number in range(5))
QUICK: dict[str, Any] = {"steps": [{"kind": "direct", "guardrails": ["harm_reports"]}]}
FETCHERS = 1
BREATH_SECONDS = 0.03
"""Between two rounds the application leaves the processor to those who act; nothing is asserted of time."""
Spans = list[list[float]]


@dataclass
class Truth:
    """When each digest might be served, and when each prompt was stopped, as numbers of one counter."""

    count: itertools.count[int] = field(default_factory=itertools.count)
    served: dict[str, Spans] = field(default_factory=dict)
    stopped: dict[str, Spans] = field(default_factory=dict)

    def now(self) -> int:
        return next(self.count)

    def begins(self, digest: str) -> None:
        """From here on it may be served; said before the act."""
        self.served.setdefault(digest, []).append([self.now(), math.inf])

    def ends(self, digest: str) -> None:
        """From here on it is not served any more; said after the act and the next look."""
        self.served[digest][-1][1] = self.now()

    def allows(self, prompt: str, digest: str, asked: int, answered: int) -> bool:
        """Might a question and answer of these moments get this digest?"""
        is_live = any(began <= answered and ended >= asked for began, ended in self.served.get(digest, []))
        return is_live and not any(
            began <= asked and ended >= answered for began, ended in self.stopped.get(prompt, [])
        )


@dataclass
class House:
    """Five prompts: live with a new version in a share; just replaced; a first version; signed and not started; never signed."""

    outside: Outside
    staff: Staff
    app: Flask
    truth: Truth
    changes: dict[str, str]
    digests: dict[str, str]
    releases: dict[str, str]

    @property
    def shelves(self) -> Shelves:
        found: Shelves = self.app.extensions["shelves"]
        return found

    def act(self, act: Callable[..., object], *about: Any) -> None:
        """Somebody does it, or is refused because somebody else was first; then the delivery process looks."""
        with suppress(FormularyError):
            act(self.outside, self.staff, *about)
        assert self.shelves.look()


@pytest.fixture
def told(house: Outside) -> House:
    prepare(house)
    staff = Staff(house, {name: join(house, name, (role,)) for name, role in ROLES.items()})
    changes: dict[str, str] = {}
    for name in NAMES[:2]:
        changes[f"{name} 1.0"] = first = r.started(house, staff, QUICK, prompt=text(name, "1.0"))
        r.call_all(house, staff, first, ["encounter-1", "encounter-2"])
        r.wait(house, 1)
        r.complete(house, staff, first)
    changes["prompt-0 1.1"] = r.started(house, staff, r.PLAN, prompt=text("prompt-0", "1.1"))
    changes["prompt-1 1.1"] = r.started(house, staff, QUICK, prompt=text("prompt-1", "1.1"))
    changes["prompt-2 1.0"] = r.started(house, staff, QUICK, prompt=text("prompt-2", "1.0"))
    changes["prompt-3 1.0"] = r.signed(house, staff, QUICK, prompt=text("prompt-3", "1.0"))
    change_in(house, staff, "review", prompt=text("prompt-4", "1.0"))
    rollout.watch(house)
    made = {key: r.release_of(house, change_id) for key, change_id in changes.items()}
    digests = {key: release.manifest_sha256 for key, release in made.items()}
    truth = Truth()
    for key in ("prompt-0 1.0", "prompt-0 1.1", "prompt-1 1.1", "prompt-2 1.0"):
        truth.begins(digests[key])
    releases = {release.id: release.manifest_sha256 for release in made.values()}
    return House(house, staff, create_delivery_app(house), truth, changes, digests, releases)


def text(name: str, version: str) -> bytes:
    return prompt_bytes(name=name, version=version, system_prompt=f"You write notes, {name} {version}.\n")


# -- what happens meanwhile


def hold_and_roll_back(told: House) -> None:
    """The new version of a share is held in both ways, goes on, and is rolled back."""
    change_id, new = told.changes["prompt-0 1.1"], told.digests["prompt-0 1.1"]
    for mode in ("live", "freeze"):
        told.act(r.hold, change_id, mode)
        told.truth.ends(new)  # also frozen: nobody had reported, so nobody is in
        told.truth.begins(new)
        told.act(r.resume, change_id)
    told.act(r.roll_back, change_id)
    told.truth.ends(new)


def race_to_roll_back(told: House) -> None:
    """Two physicians roll the same release back at once; what was live before is live again."""
    told.truth.begins(told.digests["prompt-1 1.0"])
    at_once(*(lambda name=name: told.act(r.roll_back, told.changes["prompt-1 1.1"], name) for name in ("osei", "lund")))
    told.truth.ends(told.digests["prompt-1 1.1"])


def kill_and_lift(told: House) -> None:
    """A prompt is stopped on this host and served again, several times; then its first version is rolled back to nothing."""
    flags, spans = told.shelves.flags, told.truth.stopped.setdefault("prompt-2", [])
    for _ in range(4):
        delivery.stop(told.outside, flags, "prompt-2", "Odd.", "root")
        spans.append([told.truth.now(), math.inf])
        assert told.shelves.look()
        spans[-1][1] = told.truth.now()
        delivery.lift(told.outside, flags, "prompt-2", "Explained.", "root")
    told.act(r.roll_back, told.changes["prompt-2 1.0"])
    told.truth.ends(told.digests["prompt-2 1.0"])


def race_to_start(told: House) -> None:
    """The author starts twice at once, and a physician holds it as soon as there is something to hold: then nothing is live."""
    change_id, digest = told.changes["prompt-3 1.0"], told.digests["prompt-3 1.0"]

    def start(house: Outside, staff: Staff) -> None:
        rollout.start(house, staff.act_as("ada"), change_id, r.digest(house, change_id))

    told.truth.begins(digest)
    at_once(lambda: told.act(start), lambda: told.act(start))
    told.act(r.hold, change_id, "live")
    told.truth.ends(digest)


def edit(told: House) -> None:
    """New versions are written meanwhile, of prompts that are live and of one that never was, and nobody signs them."""
    for number, name in enumerate(NAMES[::2]):
        told.act(lambda house, staff, name=name, number=number: change_in(
            house, staff, "review" if number % 2 else "evaluation", prompt=text(name, f"2.{number}")
        ))  # fmt: skip


ACTS = (hold_and_roll_back, race_to_roll_back, kill_and_lift, race_to_start, edit)


def at_once(*acts: Callable[[], object]) -> None:
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        start.wait(30)
        act()

    with ThreadPoolExecutor(len(acts)) as pool:
        list(pool.map(run, acts))


# -- who fetches


@dataclass
class Fetcher:
    """An application: asks the release route, with the ETag of what it has, and as OpenFeature does, and decides with the real client."""

    told: House
    token: str
    folder: Path
    held: dict[str, tuple[str, str]] = field(default_factory=dict)
    got: set[str] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def fetch(self, is_over: threading.Event) -> None:
        """All five prompts, again and again, and once more when everything has come to rest."""
        keys = [self.told.outside.keyring.service.public.hex()]
        with Client(
            "http://delivery.test", self.token, keys, folder=self.folder, is_polling=False,
            transport=httpx.WSGITransport(app=self.told.app), now=lambda: self.told.outside.now().timestamp(),
        ) as client:  # fmt: skip
            for turn in itertools.count():
                is_last = is_over.wait(BREATH_SECONDS)
                unit = f"encounter-{turn % 20}"
                for name in NAMES:
                    self._ask(name, unit)
                    self._evaluate(name, unit)
                self._decide(client, unit)
                if is_last:
                    return

    def _ask(self, name: str, unit: str) -> None:
        etag, held = self.held.get(name + unit, ("", ""))
        headers = {"Authorization": f"Bearer {self.token}", "If-None-Match": etag or '"none"'}
        asked = self.told.truth.now()
        answer = self.told.app.test_client().get(f"/api/v1/prompts/{name}/release?unit={unit}", headers=headers)
        if answer.status_code == 304:
            self._check(name, held, asked, "still holds")
        elif answer.status_code == 200:
            assert answer.json is not None
            digest = answer.json["release"]["manifest_sha256"]
            self.held[name + unit] = (answer.headers["ETag"], digest)
            self._check(name, digest, asked, "was served")
        else:
            assert answer.status_code == 409, answer.get_data(as_text=True)

    def _evaluate(self, name: str, unit: str) -> None:
        """As an OpenFeature SDK does."""
        context = {"context": {"targetingKey": unit}}
        headers, asked = {"Authorization": f"Bearer {self.token}"}, self.told.truth.now()
        answer = self.told.app.test_client().post(f"/ofrep/v1/evaluate/flags/{name}", headers=headers, json=context)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        assert answer.json is not None
        if answer.json["reason"] != "DISABLED":
            self._check(name, answer.json["value"]["release"]["manifest_sha256"], asked, "was evaluated")

    def _decide(self, client: Client, unit: str) -> None:
        asked = self.told.truth.now()
        assert client.poll(), client.trouble
        for name in NAMES:
            with suppress(DowntimeError):
                found = client.resolve(name, unit=unit)
                self._check(name, self.told.releases[found.release_id], asked, "was decided")

    def _check(self, name: str, digest: str, asked: int, what: str) -> None:
        self.got.add(digest)
        if not self.told.truth.allows(name, digest, asked, self.told.truth.now()):
            key = next((key for key, known in self.told.digests.items() if known == digest), "something unknown")
            self.wrong.append(f"{key} {what} for {name}")


def test_who_fetches_all_the_while_never_sees_a_digest_that_was_not_signed_and_live(
    told: House, tmp_path: Path
) -> None:
    token, is_over = r.token(told.outside, told.staff), threading.Event()
    assert told.shelves.look()
    fetchers = [Fetcher(told, token, tmp_path / f"application-{number}") for number in range(FETCHERS)]
    with ThreadPoolExecutor(FETCHERS) as pool:
        fetching = [pool.submit(fetcher.fetch, is_over) for fetcher in fetchers]
        try:
            at_once(*(lambda act=act: act(told) for act in ACTS))
        finally:
            is_over.set()
        for one in fetching:
            one.result(60)
    assert [line for fetcher in fetchers for line in fetcher.wrong] == []
    got = set.union(*(fetcher.got for fetcher in fetchers))
    assert got >= {told.digests[key] for key in ("prompt-0 1.0", "prompt-1 1.0", "prompt-2 1.0")}
    assert got <= signed(told.outside)
    final = {name: told.app.test_client().get(
        f"/api/v1/prompts/{name}/release", headers={"Authorization": f"Bearer {token}"}
    ).status_code for name in NAMES}  # fmt: skip
    assert final == dict(zip(NAMES, (200, 200, 409, 409, 409), strict=True))


def signed(outside: Outside) -> set[str]:
    """Digests that a reviewer approved and a physician signed, and that became a release."""
    with outside.database.reading() as session:
        by = {
            move: set(session.scalars(select(Signature.subject_sha256).where(Signature.move == move)))
            for move in ("approve", "sign")
        }
        return by["approve"] & by["sign"] & set(session.scalars(select(Release.manifest_sha256)))
