"""The short way of the release route: the same answer as round through Flask, and whatever is refused is refused there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import pytest
from flask import Flask, request_started
from werkzeug.test import Client, EnvironBuilder, TestResponse, run_wsgi_app

from tests import rollouts as r
from tests.api.caller import issue
from tests.conftest import Clock, Staff
from webapp.acts import watching
from webapp.acts.standing import Standing, State
from webapp.adapters.outside import Outside
from webapp.delivery import create_delivery_app
from webapp.services import delivery

ADDRESS = f"/api/v1/prompts/{r.NAME}/release"


@dataclass
class Ways:
    """Both ways into one application. ``rounds``: how often Flask was asked."""

    app: Flask
    token: str
    rounds: int = 0

    def ask(self, path: str, method: str = "GET", **headers: str) -> tuple[TestResponse, bool]:
        """The answer, after comparing it with Flask's own, and whether it came without Flask."""
        sent = {
            "Authorization": f"Bearer {self.token}",
            **{name.replace("_", "-"): text for name, text in headers.items()},
        }
        before = self.rounds
        answer = Client(self.app.wsgi_app).open(path, method=method, headers=sent)
        is_short = self.rounds == before
        alone = Client(partial(Flask.wsgi_app, self.app)).open(path, method=method, headers=sent)
        assert (answer.status, answer.data, sorted(answer.headers)) == (alone.status, alone.data, sorted(alone.headers))
        return answer, is_short


def made(outside: Outside, token: str) -> Ways:
    both = Ways(create_delivery_app(outside), token)

    def count(*_: object, **__: object) -> None:
        both.rounds += 1

    request_started.connect(count, both.app, weak=False)
    return both


def test_both_ways_give_the_same_answers_and_refusals(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff)
    ways = made(outside, issue(outside, staff, "ruth", "deliver"))
    inside, away = next(r.inside_units(outside, change_id)), next(r.outside_units(outside, change_id))
    labels = set()
    for query in (f"?unit={inside}", f"?unit={away}", "", "?unit=", f"?unit={away}&unit={inside}", "?unit=a%20b+c%2Bd"):
        whole, is_short = ways.ask(ADDRESS + query)
        assert (whole.status_code, is_short) == (200, True)
        assert whole.json is not None
        labels.add(whole.json["version"]["label"])
        etag = whole.headers["ETag"]
        for held in (etag, f'W/{etag}, "other"', "*"):
            unchanged, is_short = ways.ask(ADDRESS + query, If_None_Match=held)
            assert (unchanged.status_code, unchanged.data, is_short) == (304, b"", True)
        assert ways.ask(ADDRESS + query, If_None_Match='"other"')[0].status_code == 200
    assert labels == {"1.0", "1.1"}
    for path, method, token, status in (
        (ADDRESS, "GET", "", 401),
        (ADDRESS, "GET", "Bearer pf_wrong", 401),
        (ADDRESS, "GET", f"Bearer {issue(outside, staff, 'ruth', 'report')}", 403),
        ("/api/v1/prompts/another/release", "GET", f"Bearer {ways.token}", 404),
        ("/api/v1/prompts/a/b/release", "GET", f"Bearer {ways.token}", 404),
        ("/api/v1/prompts//release", "GET", f"Bearer {ways.token}", 404),
        (ADDRESS, "POST", f"Bearer {ways.token}", 405),
        (f"{ADDRESS}?unit={'u' * 201}", "GET", f"Bearer {ways.token}", 422),
        (f"{ADDRESS}?unit=%ff", "GET", f"Bearer {ways.token}", 200),
    ):
        refused, is_short = ways.ask(path, method, Authorization=token)
        assert (refused.status_code, is_short) == (status, False), (path, method)


def test_a_unit_that_was_sent_as_it_is_gets_what_flask_gives_it(outside: Outside, staff: Staff) -> None:
    """Servers hand on bytes that were not encoded as Latin-1, in which the same unit would be another one."""
    r.second(outside, staff)
    ways = made(outside, issue(outside, staff, "ruth", "deliver"))
    for number in range(3):
        etags = set()
        for unit, is_short in (("%C3%A9", True), ("é".encode().decode("latin-1"), False)):
            sent = {"Authorization": f"Bearer {ways.token}"}
            environ = EnvironBuilder(ADDRESS, headers=sent).get_environ() | {"QUERY_STRING": f"unit={unit}{number}"}
            before = ways.rounds
            etags.add(run_wsgi_app(ways.app.wsgi_app, environ)[2]["ETag"])
            assert (ways.rounds == before) is is_short
        assert len(etags) == 1


def test_on_both_ways_a_stop_and_a_broken_log_hold_at_once(
    outside: Outside, staff: Staff, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    r.started(outside, staff, r.DIRECT)
    ways = made(outside, issue(outside, staff, "ruth", "deliver", prompts=(r.NAME,)))
    assert ways.ask(ADDRESS)[1]
    flags = ways.app.extensions["shelves"].flags
    delivery.stop(outside, flags, r.NAME, "Doses are wrong.", "root")
    stopped, is_short = ways.ask(ADDRESS)
    assert (stopped.status_code, is_short) == (409, False)
    delivery.lift(outside, flags, r.NAME, "Explained.", "root")
    assert ways.ask(ADDRESS)[1]
    monkeypatch.setattr(watching, "standing_of", lambda *_, **__: Standing(State.BROKEN, "Rewound."))
    clock.forward(seconds=11)
    broken, is_short = ways.ask(ADDRESS)
    assert broken.json is not None
    assert (broken.status_code, broken.json["error"]["code"], is_short) == (503, "log_broken", False)
