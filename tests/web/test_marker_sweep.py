"""Whatever people type, over pages and API, stands in its own place and never in an entry, a checkpoint, a log line or an address.

The acts are those of the application itself: every route that takes a form or a body is either driven here with a marker in all that
is typed, or named in ``NOTHING_TYPED`` with what it takes instead. A new route in neither fails the test.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests import erasures
from tests import rollouts as r
from tests.api.caller import BODY, Caller, issue
from tests.conftest import Staff
from tests.people import PASSWORD, add_app, next_code
from tests.services.submissions import prompt_bytes, suite_bytes
from tests.services.test_post_audit import samples
from tests.stages import change_in, conclude_run, digests, open_worst_cases, pass_evaluation, ready_review
from tests.web.client import sign_in
from tests.web.test_post_audit import GRADE
from webapp.acts.policies import policy_in_force
from webapp.acts.sealing import seal
from webapp.acts.situation import load_change
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Base, FindingRow, LegalHold, Release
from webapp.domain.workflow import MOVES, Move
from webapp.services.interactions import open_alerts
from webapp.services.retention import show_preview
from webapp.services.tokens import show_tokens
from webapp.web import plan_form
from webapp.web.app import create_app

MARK = "qz7731"
OF_THE_RECORD = {"ledger_leaves", "log_state", "log_tiles", "checkpoints"}
NOTHING_TYPED = {  # what these take instead of typed text
    "a choice, a digest or a tick": {
        "change.accept_suggestion", "change.map_contributor", "change.resolve_comment", "exports.again", "exports.ask", "people.confirm",
        "people.deactivate", "people.grant", "people.reactivate", "people.renew", "people.revoke", "people.see_alert",
        "review.confirm_class", "review.open_case", "review.raise_class", "review.tick", "rollout.start", "session.sign_out",
        "signoff.open_case", "submission.rebase", "submission.run_again", "submission.submit_again", "tokens.revoke",
        "retention.withdraw",
    },
    "a password, a code or the answer of a passkey, which are kept nowhere": {
        "factors.confirm_app", "factors.renew_recovery_codes", "factors.revoke", "confirming.ask_passkey_for_role",
        "confirming.confirm_reset", "confirming.confirm_role", "people.reset",
        "confirming.ask_passkey_to_confirm", "policy.second", "policy.withdraw", "policy.ask_passkey_to_second",
        "profile.change_password", "session.ask_passkey", "session.join", "session.second_factor",
        "retention.ask_passkey", "retention.confirm",
    },
    "what the same form without a passkey takes, and stores none of it": {
        "factors.add_passkey", "factors.begin_passkey", "policy.ask_passkey_to_propose", "signoff.ask_passkey", "trail.ask_passkey",
        "retention.ask_passkey_to_lift", "restricting.ask_passkey",
    },
    "the unit and place of a flag, which are kept nowhere": {"ofrep.evaluate"},
    "what is proposed by the same form, and stores none of it": {"policy.preview"},
    "what makes a case of an answer under evaluation takes, which is driven": {"suites.make_from_audit"},
}  # fmt: skip


@dataclass
class Sweep:
    """Drives forms and bodies with a marker of their own, and remembers which act had which."""

    outside: Outside
    staff: Staff
    app: Flask
    driven: dict[str, str] = field(default_factory=dict)
    addresses: list[str] = field(default_factory=list)
    clients: dict[str, FlaskClient] = field(default_factory=dict)

    def client(self, name: str) -> FlaskClient:
        """The browser of this person, signed in anew where the session has ended meanwhile."""
        client = self.clients.setdefault(name, self.app.test_client())
        if client.get("/profile").status_code != 200:
            sign_in(client, name)
        return client

    def form(self, name: str, url: str, fields: dict[str, Any], status: int = 303) -> TestResponse:
        """The form is taken; ``{}`` in a field stands for the act's marker."""
        client = self.client(name)
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/profile").get_data(as_text=True))
        assert token
        mark = f"{MARK}x{len(self.driven):03}x"
        typed = {key: value.replace("{}", mark) if isinstance(value, str) else value for key, value in fields.items()}
        answer = client.post(url, data={"csrf_token": token[1], **typed})
        return self._note(answer, mark, status)

    def body(self, caller: Caller, url: str, body: Any, status: int) -> TestResponse:
        """The body is taken by the API; ``{}`` in a text stands for the act's marker."""
        mark = f"{MARK}x{len(self.driven):03}x"
        answer = caller.send("POST", url, data=json.dumps(body).replace("{}", mark), content_type="application/json")
        return self._note(answer, mark, status)

    def _note(self, answer: TestResponse, mark: str, status: int) -> TestResponse:
        assert answer.status_code == status, said(answer)
        endpoint = self.app.url_map.bind("localhost").match(answer.request.path, method="POST")[0]
        self.driven[endpoint] = mark
        self.addresses.append(answer.headers.get("Location") or "")
        return answer

    def move(self, name: str, change: str, move: str, **fields: Any) -> TestResponse:
        """The move is made by form, with the password, and a code where there is an app."""
        digest, seen = digests(self.outside, change)
        self.client(name)  # signing in uses up a code
        again = {"password": PASSWORD, "code": next_code(self.outside, self.staff.ids[name]) or ""}
        return self.form(
            name, f"/changes/{change}/moves/{move}", {"expected_digest": digest, "seen": seen, **again, **fields}
        )


def said(answer: TestResponse) -> str:
    """What a page says in its main part, without its markup."""
    text = answer.get_data(as_text=True)
    return " ".join(re.sub(r"<[^>]*>", " ", text.partition("<main")[2] or text).split())[:1500]


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """Every line that anything logs, down to DEBUG."""
    found: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(f"{record.getMessage()} {record.exc_text or ''}")

    keep, root = Keep(), logging.getLogger()
    level = root.level
    root.addHandler(keep)
    root.setLevel(logging.DEBUG)
    yield found
    root.removeHandler(keep)
    root.setLevel(level)


@pytest.fixture
def sweep(outside: Outside, staff: Staff) -> Sweep:
    return Sweep(outside, staff, create_app(outside))


def version(number: int) -> dict[str, Any]:
    return {
        "prompt": prompt_bytes(version=f"9.{number}", system_prompt=f"You write clinical notes, version {number}.\n")
    }


def drive_people(sweep: Sweep) -> None:
    words = {"title": "{}", "credentials": "{}", "specialty": "{}"}
    sweep.form("lund", "/profile/credentials", words)
    sweep.form("ruth", "/people", {"name": "Nia", "email": "{}@example.org", "roles": ["author"]}, 201)
    token = {"name": "{}", "scopes": ["read"], "owner": "{}", "phone": "{}", "days": "30"}
    sweep.form("ruth", "/tokens", token, 201)
    row = show_tokens(sweep.outside, sweep.staff.act_as("ruth")).rows[0]
    sweep.form("ruth", f"/tokens/{row.id}", {"owner": "{}", "phone": "{}", "seen": row.seen})
    sweep.form("kim", "/profile/factors/app", {"name": "{}", "password": PASSWORD})
    stranger = sweep.app.test_client()
    page = stranger.get("/sign-in").get_data(as_text=True)
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    fields = {"csrf_token": found[1], "email": f"{MARK}@example.org", "password": f"{MARK} is no password"}
    assert stranger.post("/sign-in", data=fields).status_code == 401


def drive_submission(sweep: Sweep) -> None:
    texts = dict.fromkeys(("changes", "intended_use", "not_for", "downtime_text", "title"), "About {}.")
    prompt = prompt_bytes(version="7.0", system_prompt="You write notes; {}.\n", description="About {}.").decode()
    form = {**texts, "prompt_text": prompt, "suite_text": suite_bytes(category="unit").decode()}
    place = sweep.form("ada", "/changes/new", form).location
    digest, _ = digests(sweep.outside, place.rsplit("/", 1)[1])
    again = {**form, "prompt_text": prompt.replace("7.0", "7.1"), "expected_digest": digest}
    sweep.form("ada", f"{place}/revise", again)
    sweep.form("kim", f"{place}/comments", {"kind": "note", "text": "{}", "expected_digest": "", "suggestion": ""})
    sweep.move("ada", place.rsplit("/", 1)[1], "withdraw", reason="{}")
    sweep.form("kim", "/suites/import", {"name": "notes {}", "form": "jsonl", "text": suite_bytes(4).decode()})


def drive_review(sweep: Sweep) -> None:
    outside, staff = sweep.outside, sweep.staff
    sent_back = change_in(outside, staff, "review", **version(1))
    sweep.move("kim", sent_back, "reword", changes="{}")
    sweep.move("kim", sent_back, "ask_for_changes", reason="{}")
    rejected = change_in(outside, staff, "review", **version(2))
    sweep.move("kim", rejected, "reject", reason="{}")
    letters = prompt_bytes(name="letters", risk_class="administrative", system_prompt="You write letters.\n")
    administrative = change_in(outside, staff, "evaluation", prompt=letters, risk_class="administrative")
    pass_evaluation(outside, staff, administrative)
    ready_review(outside, staff, administrative)
    sweep.move("kim", administrative, "approve_for_rollout", sentence="{}", changes_confirmed="yes")


def drive_evaluation(sweep: Sweep) -> None:
    outside, staff = sweep.outside, sweep.staff
    excepted = change_in(outside, staff, "evaluation", **version(3))
    conclude_run(outside, excepted, {"completeness": "fail"})
    page = sweep.client("ada").get(f"/changes/{excepted}/evaluation").get_data(as_text=True)
    names = set(re.findall(r'name="reason_(\w+)"', page))
    asked = {f"reason_{name}": "{}" for name in names} | {f"ends_on_{name}": "2026-03-31" for name in names}
    sweep.move("ada", excepted, "ask_exception", **asked)
    found, finding = change_in(outside, staff, "review", **version(4)), "fnd_1"
    with outside.database.writing() as session:
        run = load_change(session, found).run
        assert run is not None
        session.add(
            FindingRow(
                id=finding, run_id=run.id, case_id="case-001", metric="medication_extracted", code="tenfold_dose",
                sentence="Dose 5000 mg; the encounter says 500 mg", candidate_count=1, baseline_count=0, repeats=1,
            )
        )  # fmt: skip
    digest, _ = digests(outside, found)
    fields = {"decision": "dismissed", "reason": "{}", "expected_digest": digest}
    sweep.form("kim", f"/changes/{found}/evaluation/findings/{finding}", fields)
    made = {"case_id": "case-of-{}", "why": "{}", "must_say": "{}", "must_not_say": "{}"}
    sweep.form("kim", f"/changes/{found}/evaluation/cases/case-002/make-case", made)


def drive_rollout(sweep: Sweep) -> None:
    outside, staff = sweep.outside, sweep.staff
    r.live_first(outside, staff)
    second = change_in(outside, staff, "review", plan=r.PLAN, **r.version("1.1"))
    ready_review(outside, staff, second)
    sweep.move("kim", second, "approve", sentence="{}", changes_confirmed="yes")
    open_worst_cases(outside, staff, second, "osei")
    sweep.move("osei", second, "sign", sentence="{}")
    sweep.move("ada", second, "start")
    del sweep.driven["rollout.start"]
    sweep.move("osei", second, "hold", mode="freeze", reason="{}")
    longer = {**r.rollout_of(outside, second).plan, "offline_seconds": 3_600}
    sweep.move("osei", second, "narrow", reason="{}", **editor_fields(longer))
    sweep.move("kim", second, "resume", reason="{}")
    decision = r.serve(outside, next(r.inside_units(outside, second)))["decision_id"]
    caller = Caller(sweep.app.test_client(), issue(outside, staff, "ruth", "deliver", "report"))
    report = {
        "event_id": "e1", "decision_id": decision, "happened_at": "2026-03-02T10:00:00Z", "model": "offline-clinical-1",
        "request": "{}", "response": "{}",
    }  # fmt: skip
    sweep.body(caller, "/api/v1/interactions", {"events": [report]}, 202)
    with outside.database.reading() as session:
        live = session.scalars(select(Release.manifest_sha256).where(Release.state == "live")).one()
    left = {"expected_digest": live, "sites": "{}", "reason": "{}", "password": PASSWORD}
    sweep.form("osei", f"/prompts/{r.NAME}/restrict", left)
    problem = {"decision_id": decision, "what": "{}", "reached_patient": False}
    sweep.body(caller, "/api/v1/problem-reports", problem, 202)
    (alert,) = open_alerts(outside, staff.act_as("kim"))
    sweep.form("kim", f"/reports/{alert.id}", {"count": str(alert.count), "found": "{}"})
    r.pass_step(outside, staff, second)
    sweep.move("kim", second, "advance", reason="{}")
    r.pass_step(outside, staff, second)
    sweep.move("kim", second, "complete", reason="{}")
    for row in samples(outside, second):
        for name in ("kim", "osei"):
            sweep.form(name, f"/changes/{second}/follow-up-audit/{row.id}", {**GRADE, "note": "{}"})
    next_review = outside.now().date() + timedelta(days=90)
    sweep.move("kim", second, "conclude", reason="{}", next_review_on=next_review.isoformat())
    sweep.move("osei", second, "roll_back", reason="{}")


def drive_api(sweep: Sweep) -> None:
    caller = Caller(sweep.app.test_client(), issue(sweep.outside, sweep.staff, "ada", "submit", "read"))
    texts = dict.fromkeys(("title", "changes", "intended_use", "not_for", "downtime_text"), "About {}.")
    body = {
        **BODY,
        **texts,
        "version": {**BODY["version"], "version": "8.0", "system_prompt": "You write notes; {}.\n"},
    }
    made = sweep.body(caller, "/api/v1/changes", body, 201).json
    again = {**body, "version": {**body["version"], "version": "8.1"}, "expected_digest": made["digest"]}
    made = sweep.body(caller, f"/api/v1/changes/{made['id']}/revisions", again, 201).json
    withdrawal = {"expected_digest": made["digest"], "evidence": {"reason": "{}"}}
    sweep.body(caller, f"/api/v1/changes/{made['id']}/moves/withdraw", withdrawal, 200)
    sweep.body(caller, "/api/v1/suites", {"name": "more {}", "suite": suite_bytes(5).decode()}, 201)


def drive_record(sweep: Sweep) -> None:
    outside, quinn = sweep.outside, sweep.client("quinn")
    page = quinn.get("/ledger/reviews").get_data(as_text=True)
    given = {name: re.findall(rf'name="{name}"[^>]*value="([^"]*)"', page)[0] for name in ("first", "size", "nonce")}
    fields = {**given, "conclusion": "findings", "findings": "{}", "password": PASSWORD}
    sweep.form("quinn", "/ledger/reviews", fields)
    with outside.database.reading() as session:
        row, policy = policy_in_force(outside, session)
    text = row.content.decode().replace(policy.of("clinical").checklist[0].text, "I looked at {}")
    add_app(outside, sweep.staff.ids["ruth"])
    sweep.client("ruth")
    again = {"password": PASSWORD, "code": next_code(outside, sweep.staff.ids["ruth"]) or ""}
    sweep.form("ruth", "/policy/proposals", {"source": text, "base": row.sha256, **again})


def drive_retention(sweep: Sweep) -> None:
    outside, ruth = sweep.outside, sweep.staff.ids["ruth"]
    old = erasures.ended(outside, sweep.staff)
    erasures.six_years_later(outside)

    def given() -> dict[str, str]:
        """The password, and a code that was not used to sign in."""
        sweep.client("ruth")
        return {"password": PASSWORD, "code": next_code(outside, ruth) or ""}

    digest = show_preview(outside, sweep.staff.act_as("ruth"), "change", old.change).digest
    fields = {"expected_digest": digest, "reason": "{}"}
    sweep.form("ruth", f"/retention/change/{old.change}", {**fields, **given()})
    sweep.form("ruth", "/retention/holds", {"on": "all:", "reason": "{}", **given()})
    with outside.database.reading() as session:
        hold_id = session.scalars(select(LegalHold.id)).one()
    sweep.form("ruth", f"/retention/holds/{hold_id}/lift", {"reason": "{}", **given()})


def editor_fields(plan: dict[str, Any]) -> dict[str, Any]:
    """The plan as the editor of a rollout in its first step sends it."""
    sent = plan_form.fields_of(plan, is_usual=False)
    fields = {
        f"step-{number}-{name}": list(value) if isinstance(value, tuple) else value
        for number, step in enumerate(sent.steps, 1)
        for name, value in asdict(step).items()
    }
    return {"plan-steps": str(len(sent.steps)), "plan-present": "0", "plan-offline": sent.offline, **fields}


DRIVES = (
    drive_people,
    drive_submission,
    drive_review,
    drive_evaluation,
    drive_rollout,
    drive_api,
    drive_record,
    drive_retention,
)


def test_what_is_typed_stands_in_its_place_and_nowhere_in_the_record(
    sweep: Sweep, outside: Outside, lines: list[str]
) -> None:
    for drive in DRIVES:
        drive(sweep)
    seal(outside)
    require_every_act(sweep)
    with outside.database.reading() as session:
        rows = {
            table.name: " ".join(str(tuple(row)) for row in session.execute(select(table)))
            for table in Base.metadata.sorted_tables
        }
    for endpoint, mark in sweep.driven.items():
        assert any(mark in text for table, text in rows.items() if table not in OF_THE_RECORD), (
            f"{endpoint} kept nothing"
        )
    assert rows["payloads"].count(MARK) > 15, "reasons and sentences stand in payloads"
    for table in OF_THE_RECORD:
        assert rows[table] or table == "log_tiles", (
            "there is something to look at; a tile is full only after 256 entries"
        )
        assert MARK not in rows[table], f"typed text stands in {table}"
    public = sweep.app.test_client()
    for url in ("/log/checkpoint", "/readyz", "/healthz"):
        assert MARK not in public.get(url).get_data(as_text=True)
    assert not [line for line in lines if MARK in line]
    assert not [address for address in sweep.addresses if MARK in address]


def require_every_act(sweep: Sweep) -> None:
    """Each act of the application was driven or takes no typed text; and so was each move whose evidence is written by hand."""
    acts = {
        rule.endpoint for rule in sweep.app.url_map.iter_rules() if {"POST", "PUT", "PATCH", "DELETE"} & rule.methods
    }
    silent = set().union(*NOTHING_TYPED.values())
    failing = {"session.sign_in"}  # driven with a wrong address and password
    assert acts - silent - failing - set(sweep.driven) == set()
    assert set(sweep.driven) <= acts - silent
    assert silent <= acts
    written = {
        move.name
        for move in MOVES
        if move.roles and {"reason", "sentence", "changes", "exceptions"} & set(fields_of(move))
    }
    assert written <= {endpoint.split(".")[1] for endpoint in sweep.driven}


def fields_of(move: Move) -> list[str]:
    return [field.name for field in fields(move.evidence)]
