"""Every page for every role at every stage, every address with unknown ids, every form with hostile input: never a 500."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests import rollouts
from tests.conftest import Staff
from tests.stages import change_in, digests
from tests.web.client import TOKEN, make_client, sign_in
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import AuditSample, Contributor, FindingRow, Leaf, Signature, SuiteRow
from webapp.services import review
from webapp.services.submission import withdraw

ROLES = ("ada", "kim", "osei", "quinn", "ruth")
STAGES = ("evaluation", "draft", "review", "signoff", "rollout", "running", "post_audit", "withdrawn", "rolled_back")
UNKNOWN = ("none", "chg_00000000000000000000000000", "..%2F..%2Fetc", "%00", "%F0%9F%92%8A", "%ED%A0%80", "x" * 3000)
FIELDS = (
    "email", "name", "title", "credentials", "role", "roles", "new", "again", "current", "old", "reason", "sentence",
    "changes", "changes_confirmed", "exceptions", "measure", "metric", "ends_on", "until", "end_date", "days", "text",
    "kind", "anchor", "line", "field", "path", "suggestion", "must_fix", "is_must_fix", "person_id", "person", "mode",
    "risk_class", "decision", "grade", "grades", "severity", "note", "conclusion", "next_review", "next_review_on",
    "scopes", "prompts", "owner", "phone", "prompt_text", "suite_text", "plan", "model", "intended_use", "not_for",
    "downtime_text", "is_external", "declared_external", "read_to", "seen", "outcome", "disagreement", "settled", "form",
    "contains_phi", "is_held_out", "case_id", "must_say", "must_not_say", "holds_phi",
)  # fmt: skip
HOSTILE = {
    "nothing": "",
    "a NUL byte": "a\x00b",
    "letters that run right to left": "\u202etneitap\u2066",
    "markup": "\"'><script>alert(1)</script>{{7*7}}",
    "a header": "x\r\nSet-Cookie: a=b",
    "a number too large": "9" * 400,
    "a long text": "\U0001f48a" * 2_500,
}
LONG_FORM = "multipart/form-data"

APPLICATIONS: dict[int, Flask] = {}


@pytest.fixture
def houses(outside: Outside, staff: Staff) -> Iterator[Outside]:
    """The house with its people."""
    assert staff.ids
    yield outside
    APPLICATIONS.clear()


def signed_in(outside: Outside, name: str) -> FlaskClient:
    """A browser of this person; every browser of a test talks to one application."""
    app = APPLICATIONS.get(id(outside)) or make_client(outside).application
    APPLICATIONS[id(outside)] = app
    client = app.test_client()
    assert sign_in(client, name).status_code == 303
    return client


def bring_to(outside: Outside, staff: Staff, stage: str) -> str:
    """A change in this stage, with a comment and an unmapped git author where it is young."""
    if stage in ("evaluation", "review", "signoff", "rollout"):
        return change_in(outside, staff, stage)
    if stage == "running":
        return rollouts.second(outside, staff)
    if stage == "post_audit":
        return rollouts.live_first(outside, staff)
    if stage == "rolled_back":
        change_id = rollouts.started(outside, staff)
        rollouts.roll_back(outside, staff, change_id)
        return change_id
    change_id = change_in(outside, staff, "review" if stage == "draft" else "evaluation")
    digest = digests(outside, change_id)[0]
    if stage == "withdrawn":
        withdraw(outside, staff.act_as("ada"), change_id, digest, "Wrong branch.")
    else:
        review.ask_for_changes(outside, staff.act_as("kim"), change_id, digest, "Say the route.")
    return change_id


def rules(client: FlaskClient, method: str) -> list[Rule]:
    found = [rule for rule in client.application.url_map.iter_rules() if method in (rule.methods or ())]
    return [rule for rule in found if not rule.rule.startswith(("/static", "/sign-"))]


def known_ids(outside: Outside, change_id: str) -> dict[str, list[str]]:
    """Ids of things that are stored, for each part of an address."""
    with outside.database.reading() as session:
        people = session.scalars(select(Signature.signer_id)).all()
        return {
            "change_id": [change_id],
            "case_id": ["case-001"],
            "finding_id": list(session.scalars(select(FindingRow.id)))[:1],
            "sample_id": list(session.scalars(select(AuditSample.id)))[:1],
            "contributor_id": list(session.scalars(select(Contributor.id)))[:1],
            "signature_id": list(session.scalars(select(Signature.id))),
            "person_id": [one for one in people if one][:1],
            "name": [rollouts.NAME],
            "digest": list(session.scalars(select(SuiteRow.sha256))),
            "seq": [str(seq) for seq in session.scalars(select(Leaf.seq))],
        }


def addresses(rule: Rule, ids: dict[str, list[str]], other: str = "none") -> Iterator[str]:
    """The rule with stored ids; with ``other`` where nothing is stored."""
    longest = max([len(ids.get(name) or [other]) for name in rule.arguments] or [1])
    for number in range(longest):
        yield filled(
            rule, {name: (ids.get(name) or [other])[number % len(ids.get(name) or [other])] for name in rule.arguments}
        )


def filled(rule: Rule, values: dict[str, str]) -> str:
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: values[found[1]], rule.rule)


def token_of(client: FlaskClient) -> str:
    client_page = client.get("/profile").get_data(as_text=True)
    found = TOKEN.search(client_page)
    assert found
    return found[1]


def is_sentence(answer: TestResponse) -> bool:
    return answer.status_code < 500


@pytest.mark.parametrize("stage", STAGES)
def test_every_page_opens_for_every_role_at_every_stage(houses: Outside, staff: Staff, stage: str) -> None:
    change_id = bring_to(houses, staff, stage)
    ids, broken = known_ids(houses, change_id), []
    for name in ROLES:
        client = signed_in(houses, name)
        for rule in rules(client, "GET"):
            for url in addresses(rule, ids):
                answer = client.get(url)
                if not is_sentence(answer):
                    broken.append((name, url, answer.status_code))
    assert broken == []


def test_every_page_opens_in_an_empty_house(houses: Outside) -> None:
    broken = []
    for name in ROLES:
        client = signed_in(houses, name)
        for rule in rules(client, "GET"):
            for url in addresses(rule, {}, "1"):
                answer = client.get(url)
                if answer.status_code >= 500 and not rule.rule.startswith("/readyz"):
                    broken.append((name, url, answer.status_code))
    assert broken == []


@pytest.mark.parametrize("value", UNKNOWN)
def test_an_unknown_id_in_any_address_is_answered_not_found(houses: Outside, value: str) -> None:
    wrong = []
    for name in ROLES:
        client = signed_in(houses, name)
        csrf = token_of(client)
        for method in ("GET", "POST"):
            for rule in rules(client, method):
                if not rule.arguments or rule.rule.startswith("/api"):
                    continue
                url = filled(rule, dict.fromkeys(rule.arguments, value))
                answer = client.open(
                    url, method=method, data={"csrf_token": csrf, "person": "none"} if method == "POST" else None
                )
                if answer.status_code not in (401, 403, 404, 405, 422):
                    wrong.append((name, method, url[:80], answer.status_code))
    assert wrong == []


@pytest.mark.parametrize("seq", ["99999999", "9" * 19, "9" * 40])
def test_an_entry_that_is_not_there_is_not_found(houses: Outside, seq: str) -> None:
    assert signed_in(houses, "quinn").get(f"/ledger/{seq}").status_code == 404


@pytest.mark.parametrize("query", ["page=-1", "page=x", "page=" + "9" * 30, "from=x&to=y", "before=-1", "before=" + "9" * 30,
                                   "stage=%00", "person=%00", "prompt=%00&kind=%00", "q=%ED%A0%80", "since=2026-13-45",
                                   "against=%00", "after=" + "9" * 30, "seq=x", "limit=-5"])  # fmt: skip
def test_a_hostile_query_never_breaks_a_page(houses: Outside, staff: Staff, query: str) -> None:
    change_id = bring_to(houses, staff, "review")
    ids, broken = known_ids(houses, change_id), []
    for name in ("ada", "quinn"):
        client = signed_in(houses, name)
        for rule in rules(client, "GET"):
            if rule.rule.startswith(("/api", "/join", "/openapi", "/signatures", "/ledger/")):
                continue
            for url in addresses(rule, ids):
                answer = client.get(f"{url}?{query}")
                if not is_sentence(answer):
                    broken.append((name, url, answer.status_code))
    assert broken == []


TRIED = {
    "evaluation": ("ada", "ruth"),
    "review": ("kim",),
    "signoff": ("osei",),
    "running": ("kim",),
    "post_audit": ("osei",),
}


@pytest.mark.parametrize(("stage", "name"), [(stage, name) for stage, names in TRIED.items() for name in names])
def test_hostile_fields_in_every_form_are_answered_in_words(
    houses: Outside, staff: Staff, stage: str, name: str
) -> None:
    change_id = bring_to(houses, staff, stage)
    ids, broken = known_ids(houses, change_id), []
    client = signed_in(houses, name)
    csrf = token_of(client)
    digest, seen = digests(houses, change_id)
    for kind, value in HOSTILE.items():
        fields = {**dict.fromkeys(FIELDS, value), "csrf_token": csrf, "expected_digest": digest, "seen": seen}
        for rule in rules(client, "POST"):
            if rule.rule.startswith(("/api", "/sign-out")):
                continue
            url = next(iter(addresses(rule, ids)))
            # a long text is sent as forms with a file are: decoding it from percent signs would take longer than all pages
            answer = client.post(url, data=fields, content_type=LONG_FORM if len(value) > 1_000 else None)
            if answer.status_code >= 500 or "a=b" in str(answer.headers.getlist("Set-Cookie")):
                broken.append((kind, rule.rule, answer.status_code))
            if answer.mimetype == "text/html" and HOSTILE["markup"] in answer.get_data(as_text=True):
                broken.append((kind, rule.rule, 0))
    assert broken == []
