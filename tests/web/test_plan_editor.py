"""The plan editor: a plan as a plain form, with dates from the prompt's own volume, that stores nothing until it is sent."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests import rollouts as r
from tests.conftest import Clock, Staff
from tests.people import PASSWORD
from tests.services.submissions import prompt_bytes, suite_bytes
from tests.web.client import make_client, post_form, sign_in
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Revision

NEW = f"/changes/new?prompt={r.NAME}"
TAG = re.compile(r"<(?:input|select|option)\b[^>]*>")


@pytest.fixture
def ada(outside: Outside, staff: Staff, clock: Clock) -> FlaskClient:
    """An author, when 366 encounters were reported of version 1.0 in the last ten days."""
    r.live_first(outside, staff)
    clock.forward(days=10)
    client = make_client(outside)
    sign_in(client, "ada")
    return client


def page_of(answer: Any) -> str:
    return html.unescape(answer.get_data(as_text=True))


def plan_fields(page: str) -> dict[str, Any]:
    """The editor's fields as a browser would send them back."""
    fields: dict[str, Any] = {}
    select_name = ""
    for tag in TAG.findall(page):
        said = {name: html.unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        name = said.get("name", "")
        if tag.startswith("<select"):
            select_name = name
        elif tag.startswith("<option"):
            if re.search(r"\sselected\b", tag) and select_name.startswith("step-"):
                fields[select_name] = said["value"]
        elif name.startswith(("step-", "plan-")) and (said.get("type") != "checkbox" or re.search(r"\schecked\b", tag)):
            fields[name] = [*fields.get(name, []), said["value"]] if said.get("type") == "checkbox" else said["value"]
    return fields


def sent(client: FlaskClient, fields: dict[str, Any], **changed: Any) -> Any:
    form = {
        "prompt_text": prompt_bytes(version="1.1", system_prompt="You write notes, version 1.1.\n").decode(),
        "suite_text": suite_bytes().decode(),
        "changes": "Doses are listed with their route.",
        **fields,
        **changed,
    }
    return post_form(client, NEW, form, page=NEW)


def newest_plan(outside: Outside) -> dict[str, Any]:
    with outside.database.reading() as session:
        return dict(
            session.scalars(select(Revision.plan).order_by(Revision.submitted_at.desc(), Revision.number.desc())).all()[
                0
            ]
        )


def usual(client: FlaskClient) -> dict[str, Any]:
    """The editor with the policy's plan for a clinical prompt, whose shares fit a prompt of any volume."""
    return plan_fields(client.get("/changes/new").get_data(as_text=True))


def test_a_quiet_prompt_is_offered_a_silent_run_and_a_cohort_to_be_named(ada: FlaskClient, outside: Outside) -> None:
    answer = ada.get(NEW)
    page, fields = page_of(answer), plan_fields(answer.get_data(as_text=True))
    assert "This prompt is quiet" in page
    assert "Computed from 36 encounters a day, as reported in the last 10 days." in page
    assert (fields["plan-steps"], fields["step-1-kind"], fields["step-1-share"]) == ("3", "shadow", "100")
    assert "Step 2 of the rollout plan: name its cohort, who gets the new version first" in page
    assert "encounters per version at 36 a day take" in page, "the silent run has its dates already"
    refused = sent(ada, fields)
    assert refused.status_code == 422
    assert "name its cohort" in page_of(refused)
    assert sent(ada, fields, **{"step-2-units": "dr-b, dr-a"}).status_code == 303
    assert newest_plan(outside)["steps"][1]["cohort"] == {"units": ["dr-a", "dr-b"]}


def test_steps_are_edited_added_and_removed_without_storing_anything(ada: FlaskClient, outside: Outside) -> None:
    before, fields = newest_plan(outside), usual(ada)
    page = page_of(sent(ada, fields, **{"plan-do": "dates", "step-1-share": "25", "step-1-min_units": "93"}))
    assert "93 encounters per version at 25 % of 36 a day take 11 days." in page
    assert re.search(r"About \d+ \w+( \d{4})? - \d+ \w+ \d{4}\.", page)
    for act, count in (("add-2", 4), ("remove-1", 2), ("add-99", 3), ("remove-x", 3), ("nothing", 3)):
        found = plan_fields(sent(ada, fields, **{"plan-do": act}).get_data(as_text=True))
        assert found["plan-steps"] == str(count), act
    assert newest_plan(outside) == before


def test_an_edited_plan_is_what_the_change_gets_and_its_revision_starts_from(
    ada: FlaskClient, outside: Outside
) -> None:
    fields = {**usual(ada), "step-1-share": "12.5 %", "step-1-bake": "36 hours", "step-1-guardrails": ["errors", "edits"],
              "step-1-sites": "North", "step-2-longest": "60 days", "step-2-silence": "2 days", "plan-offline": "4 hours"}  # fmt: skip
    answer = sent(ada, fields)
    assert answer.status_code == 303, page_of(answer)
    plan = newest_plan(outside)
    first, second = plan["steps"][0], plan["steps"][1]
    assert (first["share_basis_points"], first["bake_seconds"]) == (1_250, 36 * 3_600)
    assert (first["guardrails"], first["cohort"]) == (["errors", "edits"], {"sites": ["North"]})
    assert (second["max_seconds"], second["silence_seconds"]) == (60 * 86_400, 2 * 86_400)
    assert plan["offline_seconds"] == 4 * 3_600
    url = answer.headers["Location"] + "/revise"
    shown = ada.get(url).get_data(as_text=True)
    assert plan_fields(shown)["step-1-bake"] == "36 hours"
    digest = re.search(r'name="expected_digest"[^>]*value="(\w{64})"', shown)
    assert digest
    form = {"prompt_text": prompt_bytes(version="1.2").decode(), "expected_digest": digest[1], **plan_fields(shown)}
    assert post_form(ada, url, {**form, "step-1-min_units": "82"}, page=url).status_code == 303
    assert newest_plan(outside)["steps"][0]["min_units"] == 82


FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"step-1-share": "a few"}, "Step 1 of the rollout plan: the share is a number of per cent"),
    ({"step-1-bake": "soon"}, "the waiting time is written as 2 days"),
    ({"step-2-min_units": "-1"}, "Step 2 of the rollout plan: the number of units is a whole number"),
    ({"step-1-kind": "big bang"}, "kind is one of"),
    ({"step-1-guardrails": ["mood"]}, "guardrails of a step of this kind are from"),
    ({"plan-offline": "for ever"}, "time without the server"),
    ({"step-1-longest": "20 days", "step-1-sites": ""}, "23 days more than its longest time of 20 days"),
]


def test_a_plan_that_cannot_be_followed_comes_back_with_everything_that_was_typed(
    ada: FlaskClient, outside: Outside
) -> None:
    before, fields = newest_plan(outside), {**usual(ada), "step-1-sites": "Ward <7>", "step-2-longest": "77 days"}
    for changed, words in FAULTS:
        answer = sent(ada, {**fields, **changed})
        page = page_of(answer)
        assert (answer.status_code, words in page) == (422, True), words
        assert "77 days" in page
        assert ("Ward <7>" in page) is ("step-1-sites" not in changed)
        assert "Ward <7>" not in answer.get_data(as_text=True)
    assert newest_plan(outside) == before
    assert sent(ada, usual(ada), risk_class="high_risk").status_code == 303
    assert len(newest_plan(outside)["steps"]) == 5, (
        "left as it was the editor chooses no plan: the class has the policy's"
    )


def test_a_hostile_editor_is_answered_in_words(ada: FlaskClient) -> None:
    fields = usual(ada)
    for value in ("a\x00b", "9" * 400, "\u202ex", "{" * 5_000):
        hostile = {name: value for name in fields if name not in ("plan-steps",)}
        assert sent(ada, {"plan-steps": "3", **hostile}).status_code == 422
        assert sent(ada, {"plan-steps": "3", **hostile}, **{"plan-do": "dates"}).status_code == 200
    assert sent(ada, {"plan-steps": "9" * 30}).status_code == 303, "no editor was sent"


def test_the_physician_and_the_rollout_page_show_the_same_dates(
    ada: FlaskClient, outside: Outside, staff: Staff
) -> None:
    change_id = r.signed(outside, staff, **r.version("1.1"))
    words = "78 encounters per version at 30 % of 36 a day take 8 days."
    osei = make_client(outside)
    sign_in(osei, "osei")
    for page in ("signoff", "rollout"):
        shown = page_of(osei.get(f"/changes/{change_id}/{page}"))
        assert words in shown
        assert re.search(r"About \d+ \w+( \d{4})? - \d+ \w+ \d{4}", shown)


def test_a_clinician_narrows_the_plan_of_a_rollout_on_its_page(
    ada: FlaskClient, outside: Outside, staff: Staff
) -> None:
    change_id = r.started(outside, staff, **r.version("1.1"))
    page, url = f"/changes/{change_id}/rollout/plan", f"/changes/{change_id}/moves/narrow"
    osei = make_client(outside)
    sign_in(osei, "osei")
    assert page in osei.get(f"/changes/{change_id}/rollout").get_data(as_text=True)
    first = osei.get(page)
    assert "It is the plan that was signed." in page_of(first)
    fields = {
        **plan_fields(first.get_data(as_text=True)),
        "expected_digest": r.digest(outside, change_id),
        "reason": "Few <nurses>.",
    }
    edited = post_form(osei, url, {**fields, "plan-do": "add-2"}, page=page)
    assert (edited.status_code, plan_fields(edited.get_data(as_text=True))["plan-steps"]) == (200, "3")
    assert "Few <nurses>." in page_of(edited)
    wider = post_form(osei, url, {**fields, "step-2-bake": "1 minute", "password": PASSWORD}, page=page)
    assert wider.status_code == 422
    assert (
        "A signed plan only gets slower or narrower. Step 2 waits 1 minute, less than the 1 hour planned."
        in page_of(wider)
    )
    assert "Few <nurses>." in page_of(wider)
    unreadable = post_form(osei, url, {**fields, "step-2-bake": "soon", "password": PASSWORD}, page=page)
    assert "Step 2 of the rollout plan: the waiting time is written as" in page_of(unreadable)
    done = post_form(osei, url, {**fields, "step-2-bake": "2 days", "password": PASSWORD}, page=page)
    assert (done.status_code, done.location) == (303, page)
    shown = page_of(osei.get(page))
    for words in ("The plan as it was signed", "Osei", "Few <nurses>.", "for at least 2 days", "for at least 1 hour"):
        assert words in shown
    assert "Nothing for your role here" in page_of(ada.get(page))
    assert post_form(ada, url, fields, page=NEW).status_code == 403
