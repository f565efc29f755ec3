"""The rollout page: moves by form, refusals with what was typed, and no script needed."""

from __future__ import annotations

import html
import itertools
import re

import pytest
from flask.testing import FlaskClient

from tests import rollouts as r
from tests.conftest import Clock, Staff
from tests.people import PASSWORD
from tests.stages import stage_of
from tests.web.client import make_client, post_form, sign_in
from webapp.adapters.outside import Outside
from webapp.services import delivery
from webapp.services.delivery import Shelves


@pytest.fixture
def change_id(outside: Outside, staff: Staff) -> str:
    """Version 1.1 is in its first step."""
    return r.second(outside, staff)


def client_of(outside: Outside, name: str) -> FlaskClient:
    client = make_client(outside)
    sign_in(client, name)
    return client


def text_of(client: FlaskClient, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return html.unescape(answer.get_data(as_text=True))


def test_the_author_starts_from_the_page(outside: Outside, staff: Staff) -> None:
    change_id = r.signed(outside, staff)
    ada, page = client_of(outside, "ada"), f"/changes/{change_id}/rollout"
    assert "Not started yet" in text_of(ada, page)
    fields = {"expected_digest": r.digest(outside, change_id)}
    answer = post_form(ada, f"/changes/{change_id}/moves/start", fields, page)
    assert (answer.status_code, answer.location) == (303, page)
    assert "The rollout has started." in text_of(ada, page)
    assert r.rollout_of(outside, change_id).state == "running"


def test_the_page_says_steps_limits_and_applications_in_words(outside: Outside, staff: Staff, change_id: str) -> None:
    unit = next(r.inside_units(outside, change_id))
    r.call(outside, staff, unit)
    page = text_of(client_of(outside, "quinn"), f"/changes/{change_id}/rollout")
    for words in ("30 % of encounters", "the waiting time of 1 hour is over", "Reports of possible harm: none", "Ward system",
                  "Write the note by hand.", "Live 1.0, new 1.1", "Ends at the earliest", "Not before", "Ada started the"):  # fmt: skip
        assert words in re.sub(r"</?strong>", "", page)
    assert "style=" not in page
    assert not re.search(r"\son\w+=", page)


def test_failures_are_counted_for_both_versions_and_drawn_with_their_bounds(
    outside: Outside, staff: Staff, change_id: str
) -> None:
    new = list(itertools.islice(r.inside_units(outside, change_id), 40))
    live = list(itertools.islice(r.outside_units(outside, change_id), 90))
    r.call_all(outside, staff, change_id, new[:1] + live[:2], error="timeout")
    r.call_all(outside, staff, change_id, [*new, *new, *live], outcome="accepted")
    page = text_of(client_of(outside, "kim"), f"/changes/{change_id}/rollout").replace("\N{NO-BREAK SPACE}", " ")
    assert "1 of 40 encounters with a failed call (2.5 %)" in page
    assert "2 of 90 encounters (2.2 %)" in page
    assert "+0.3 points" in page
    assert re.search(r"Too few to tell \(about \d+ more encounters needed\)", page)
    assert "40<span> of 4 needed</span>" in page
    assert "40 of 130 encounters got the new version (30.8 %); planned 30 %." in page
    chart = re.search(r'<svg class="chart wide".*?</svg>', page, re.DOTALL)
    assert chart is not None
    assert "accepted up to +5 points." in chart[0]
    assert "style" not in chart[0]
    assert 0 < page.index('class="stop-bar"') < page.index("What you can do")


def test_a_rollout_without_reports_says_what_to_check_and_who_looks_in_vain(
    outside: Outside, staff: Staff, change_id: str, clock: Clock
) -> None:
    kim, page = client_of(outside, "kim"), f"/changes/{r.signed(outside, staff, **r.version('1.2'))}/rollout"
    assert "Nothing measured yet" in text_of(kim, page)
    clock.forward(seconds=301)
    found = text_of(kim, f"/changes/{change_id}/rollout")
    assert "Nobody watches" in found
    assert "No chart yet" not in found


def test_who_cannot_stop_it_reads_who_can(outside: Outside, staff: Staff, change_id: str) -> None:
    page = text_of(client_of(outside, "ada"), f"/changes/{change_id}/rollout")
    assert "Informaticists and physicians hold it or roll it back." in page
    assert "/moves/hold" not in page


def test_why_advance_is_closed_stands_on_the_page(outside: Outside, staff: Staff, change_id: str) -> None:
    page = text_of(client_of(outside, "kim"), f"/changes/{change_id}/rollout")
    assert "The waiting time of this step ends on" in page
    assert "4 more to go" in page
    assert "Safety limits not shown to hold" in page


def test_hold_and_roll_back_by_form(outside: Outside, staff: Staff, change_id: str) -> None:
    osei, page = client_of(outside, "osei"), f"/changes/{change_id}/rollout"
    fields = {"expected_digest": r.digest(outside, change_id), "reason": "Odd notes.", "password": PASSWORD}
    answer = post_form(osei, f"/changes/{change_id}/moves/hold", {**fields, "mode": "live"}, page)
    assert answer.status_code == 303
    assert "Held by a person. Everyone gets the live version. Odd notes." in text_of(osei, page)
    answer = post_form(osei, f"/changes/{change_id}/moves/roll_back", fields, page)
    assert answer.status_code == 303
    assert stage_of(outside, change_id) == "rolled_back"
    assert "Rolled back. Odd notes." in text_of(osei, page)


def test_a_refused_hold_keeps_what_was_typed_but_never_the_password(
    outside: Outside, staff: Staff, change_id: str
) -> None:
    osei, page = client_of(outside, "osei"), f"/changes/{change_id}/rollout"
    fields = {"expected_digest": r.digest(outside, change_id), "reason": "Odd <notes>.", "mode": "freeze"}
    for password in ("wrong password here", ""):
        answer = post_form(osei, f"/changes/{change_id}/moves/hold", {**fields, "password": password}, page)
        body = html.unescape(answer.get_data(as_text=True))
        assert answer.status_code in (401, 422)
        assert "Odd <notes>." in body
        assert "wrong password here" not in body
        assert re.search(r'value="freeze"\s+checked', body)
    assert r.rollout_of(outside, change_id).state == "running"


def test_a_stale_page_holds_nothing(outside: Outside, staff: Staff, change_id: str) -> None:
    fields = {"expected_digest": "0" * 64, "reason": "Odd.", "mode": "live", "password": PASSWORD}
    answer = post_form(
        client_of(outside, "osei"), f"/changes/{change_id}/moves/hold", fields, f"/changes/{change_id}/rollout"
    )
    assert answer.status_code == 409
    assert r.rollout_of(outside, change_id).state == "running"


@pytest.mark.parametrize("move", ["advance", "complete", "resume"])
def test_a_move_that_is_not_open_says_why(outside: Outside, staff: Staff, change_id: str, move: str) -> None:
    fields = {"expected_digest": r.digest(outside, change_id), "reason": "Quiet.", "password": PASSWORD}
    answer = post_form(
        client_of(outside, "kim"), f"/changes/{change_id}/moves/{move}", fields, f"/changes/{change_id}/rollout"
    )
    assert answer.status_code == 409
    assert r.rollout_of(outside, change_id).step_index == 0


def test_roles_that_hold_nothing_see_no_forms(outside: Outside, staff: Staff, change_id: str) -> None:
    quinn, page = client_of(outside, "quinn"), f"/changes/{change_id}/rollout"
    assert "Nothing for your role here" in text_of(quinn, page)
    fields = {"expected_digest": r.digest(outside, change_id), "reason": "x", "mode": "live", "password": PASSWORD}
    assert post_form(quinn, f"/changes/{change_id}/moves/hold", fields, "/profile").status_code == 403


def test_strangers_are_sent_to_sign_in(outside: Outside, staff: Staff, change_id: str) -> None:
    answer = make_client(outside).get(f"/changes/{change_id}/rollout")
    assert (answer.status_code, answer.location) == (303, "/sign-in")


def confirmations(client: FlaskClient, change_id: str, query: str = "") -> str:
    return text_of(client, f"/changes/{change_id}/rollout/confirmations{query}").replace("</strong>", "")


def fetch(outside: Outside, secret: str) -> None:
    """The application fetches on the web application's own address."""
    answer = make_client(outside).get(
        f"/api/v1/prompts/{r.NAME}/release?unit=encounter-1", headers={"Authorization": f"Bearer {secret}"}
    )
    assert answer.status_code == 200


def test_after_a_stop_the_list_says_who_has_it_and_whom_to_phone(
    outside: Outside, staff: Staff, change_id: str, clock: Clock
) -> None:
    unit = next(r.inside_units(outside, change_id))
    secret = r.token(outside, staff, name="Discharge letters", owner="Letters desk", phone="555-0177")
    r.token(outside, staff, name="Never used")
    r.token(outside, staff, name="Only reports", scopes=("report",))
    fetch(outside, secret)
    r.call(outside, staff, unit)
    osei, page = client_of(outside, "osei"), f"/changes/{change_id}/rollout"
    assert "Nothing is stopped" in confirmations(osei, change_id)
    fields = {"expected_digest": r.digest(outside, change_id), "reason": "Odd notes.", "password": PASSWORD}
    answer = post_form(osei, f"/changes/{change_id}/moves/hold", {**fields, "mode": "live"}, page)
    assert (answer.status_code, answer.location) == (303, f"{page}/confirmations")

    found = confirmations(osei, change_id)
    assert "Held by Osei" in found
    assert "Everyone gets 1.0; nobody gets 1.1." in found
    assert "0 of 2 applications confirmed" in found
    assert 'Letters desk, <a href="tel:5550177">555-0177</a>' in found
    assert "Never ran it" in found
    assert "Only reports" not in found
    mark = re.search(r"seen=(\w+)", found)
    assert mark is not None
    assert osei.get(f"{page}/confirmations?poll=1&seen={mark[1]}").status_code == 204

    clock.forward(seconds=61)
    fetch(outside, secret)
    renewed = confirmations(osei, change_id, f"?poll=1&seen={mark[1]}")
    assert "<html" not in renewed
    assert "1 of 2 applications confirmed" in renewed
    assert renewed.index("Not confirmed") < renewed.index("Confirmed")

    receipt = re.search(r'href="(/signatures/\w+)"', found)
    assert receipt is not None
    assert f"{page}/confirmations" in text_of(osei, receipt[1])


def test_whoever_runs_what_is_stopped_afterwards_stands_first_also_when_it_had_fetched(
    outside: Outside, staff: Staff, change_id: str, clock: Clock
) -> None:
    secret = r.token(outside, staff)
    decision = r.serve(outside, next(r.inside_units(outside, change_id)))["decision_id"]
    r.roll_back(outside, staff, change_id)
    clock.forward(seconds=61)
    fetch(outside, secret)
    quinn = client_of(outside, "quinn")
    assert "All have it: 1 of 1 application" in confirmations(quinn, change_id)
    clock.forward(seconds=10)
    r.report(outside, staff, decision)
    found = confirmations(quinn, change_id)
    assert "Still runs it" in found
    assert "Rolled back by Osei" in found
    assert "Which applications have it" in text_of(quinn, f"/changes/{change_id}/rollout")


def test_a_stop_on_a_delivery_host_stands_on_the_page_with_who_has_met_it(
    outside: Outside, staff: Staff, change_id: str, clock: Clock
) -> None:
    quinn, page = client_of(outside, "quinn"), f"/prompts/{r.NAME}/host-stops"
    assert "Nothing stands" in text_of(quinn, page)
    secret = r.token(outside, staff, name="Letters")
    shelves = Shelves(outside)
    delivery.stop(outside, shelves.flags, r.NAME, "Doses <are> wrong.", "operator", kind="hold")
    delivery.stop(outside, shelves.flags, "*", "Model compromised.", "operator")
    clock.forward(seconds=1)
    assert shelves.look()
    found = text_of(quinn, page)
    assert "Doses &lt;are&gt; wrong." in quinn.get(page).get_data(as_text=True)
    assert found.index("Model compromised.") < found.index("New version held back")
    assert "0 of 1 application confirmed" in found
    assert "Stopped on a delivery host by operator" in text_of(quinn, f"/changes/{change_id}/rollout")

    clock.forward(seconds=10)
    assert shelves.look()
    token = shelves.find_token(secret)
    assert token is not None
    shelves.snapshot(token)
    assert shelves.look()
    assert "1 of 2 applications confirmed" in text_of(quinn, f"{page}?poll=1&seen=old")
    delivery.lift(outside, shelves.flags, "*", "Cause found.", "operator")
    assert shelves.look()
    assert "Model compromised." not in text_of(quinn, page)
    assert quinn.get("/prompts/none/host-stops").status_code == 404


def test_no_damaged_text_keeps_the_page_from_being_stopped_from(outside: Outside, staff: Staff, change_id: str) -> None:
    for table in ("payloads", "results", "manifests", "versions"):
        r.tamper(outside, f"UPDATE {table} SET content = x'00'")
    osei, page = client_of(outside, "osei"), f"/changes/{change_id}/rollout"
    fields = {"expected_digest": r.digest(outside, change_id), "reason": "Odd.", "mode": "live", "password": PASSWORD}
    assert "/moves/hold" in text_of(osei, page)
    assert post_form(osei, f"/changes/{change_id}/moves/hold", fields, page).status_code == 303
    assert "Held by Osei" in confirmations(osei, change_id)
