"""The evaluation pages: progress, result, cases, exceptions and findings, by real requests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.conftest import SilentQueue, Staff
from tests.services.evaluation.conftest import ScriptedModels, execute
from tests.services.submissions import good, prompt_bytes, suite_bytes
from tests.web.client import make_client, post_form, sign_in
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import CaseOpening, Change, ExceptionRow, FindingRow, Leaf
from webapp.services.submission import Submitted, submit

FULL = "Subjective: well. Objective: well. Assessment: diabetes. Plan: metformin 500 mg twice daily."
CASES = 40
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def models(outside: Outside) -> ScriptedModels:
    return ScriptedModels(outside.models, say=lambda call: FULL)


@pytest.fixture
def house(outside: Outside, models: ScriptedModels) -> Outside:
    return replace(outside, models=models)  # type: ignore[arg-type]


@pytest.fixture
def client(house: Outside, staff: Staff) -> FlaskClient:
    return make_client(house)


def sent(house: Outside, staff: Staff, **fields: Any) -> Submitted:
    asked = {"must_include": ["500 mg"], "must_not_include": ["50 g"], "canary": "ZEBRA-9"}
    suite = suite_bytes(CASES, category="safety", expected=asked, **fields)
    prompt = prompt_bytes(risk_class="administrative")
    return submit(house, staff.act_as("ada"), good(prompt=prompt, suite=suite, risk_class="administrative"))


def text_of(client: FlaskClient, url: str, status: int = 200) -> str:
    answer = client.get(url)
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def address(change: Submitted, more: str = "") -> str:
    return f"/changes/{change.change_id}/evaluation{more}"


def test_a_waiting_run_says_that_no_worker_is_there(house: Outside, staff: Staff, client: FlaskClient) -> None:
    change = sent(house, staff)
    house.queue.workers = lambda: 0  # type: ignore[method-assign]
    sign_in(client, "kim")
    page = text_of(client, address(change))
    assert "Calls 0 of 40" in page
    assert "No worker is running, so the evaluation waits" in page


def test_a_silent_queue_is_said_and_the_page_still_answers(house: Outside, staff: Staff, client: FlaskClient) -> None:
    assert isinstance(house.queue, SilentQueue)
    house.queue.is_up = False
    change = sent(house, staff)
    sign_in(client, "kim")
    assert "The queue does not answer; work goes on by itself when it is back." in text_of(client, address(change))


def test_polling_answers_with_the_progress_alone_and_reloads_at_the_end(
    house: Outside, staff: Staff, client: FlaskClient
) -> None:
    change = sent(house, staff)
    sign_in(client, "kim")
    part = text_of(client, address(change, "?poll=1"))
    assert "Calls 0 of 40" in part
    assert "<html" not in part
    execute(house, change.run_id)
    assert client.get(address(change, "?poll=1")).headers["HX-Refresh"] == "true"


def test_the_result_stands_on_the_page_with_its_cases(house: Outside, staff: Staff, client: FlaskClient) -> None:
    change = sent(house, staff)
    execute(house, change.run_id)
    sign_in(client, "kim")
    page = text_of(client, address(change))
    assert "First version, nothing to compare with, on these 40 cases: holds" in page
    assert "Complete sections and key facts" in page
    assert "Full marks" in page or "full marks" in page
    assert "not an LLM" in page
    assert "case-001" in page


def test_cases_can_be_filtered_by_kind_and_measure(
    house: Outside, staff: Staff, models: ScriptedModels, client: FlaskClient
) -> None:
    models.say = lambda call: "Plan: metformin." if "Visit 9." in call.messages[-1][1] else FULL
    change = sent(house, staff)
    execute(house, change.run_id)
    sign_in(client, "kim")
    worse = text_of(client, address(change, "?kind=worse"))
    assert "case-009" in worse
    assert "/cases/case-001" not in worse
    assert "Ordered by Complete sections" in text_of(client, address(change, "?measure=completeness"))
    assert "/cases/" not in text_of(client, address(change, "?kind=nonsense"))


def test_looking_at_a_case_opens_it_for_those_who_decide(house: Outside, staff: Staff) -> None:
    change = sent(house, staff)
    execute(house, change.run_id)
    for name in ("ada", "kim", "kim"):
        client = make_client(house)
        sign_in(client, name)
        page = text_of(client, address(change, "/cases/case-003"))
        assert "Takes metformin 500 mg twice daily" in page
        assert "Must not say" in page
    with house.database.reading() as session:
        opened = session.scalars(select(CaseOpening)).all()
    assert [(one.person_id, one.case_id) for one in opened] == [(staff.ids["kim"], "case-003")]


def test_a_hostile_answer_is_shown_as_text(
    house: Outside, staff: Staff, models: ScriptedModels, client: FlaskClient
) -> None:
    models.say = lambda call: f"{FULL} {HOSTILE}"
    change = sent(house, staff, inputs={"encounter_text": HOSTILE})
    execute(house, change.run_id)
    sign_in(client, "kim")
    page = text_of(client, address(change, "/cases/case-001"))
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page


def test_an_unknown_case_is_not_found(house: Outside, staff: Staff, client: FlaskClient) -> None:
    change = sent(house, staff)
    sign_in(client, "kim")
    assert "no such case" in text_of(client, address(change, "/cases/nobody"), 404)
    assert "Not asked yet." in text_of(client, address(change, "/cases/case-001"))


def short(house: Outside, staff: Staff, models: ScriptedModels) -> Submitted:
    """A change whose completeness did not hold."""
    models.say = lambda call: "500 mg"
    change = sent(house, staff)
    execute(house, change.run_id)
    return change


def asked(change: Submitted, **changed: str) -> dict[str, str]:
    return {
        "expected_digest": change.digest,
        "reason_completeness": "The department reads the note beside the record.",
        "ends_on_completeness": "2026-05-01",
        **changed,
    }


def test_an_exception_asked_for_sends_the_change_to_review(
    house: Outside, staff: Staff, models: ScriptedModels, client: FlaskClient
) -> None:
    change = short(house, staff, models)
    sign_in(client, "ada")
    assert "Ask and send to review" in text_of(client, address(change))
    answer = post_form(client, f"/changes/{change.change_id}/moves/ask_exception", asked(change), address(change))
    assert (answer.status_code, answer.location) == (303, f"/changes/{change.change_id}")
    with house.database.reading() as session:
        row = session.scalars(select(ExceptionRow)).one()
        stage = session.get_one(Change, change.change_id).stage
    assert (row.measure, row.ends_on.isoformat(), stage) == ("completeness", "2026-05-01", "review")


@pytest.mark.parametrize(
    ("changed", "status", "sentence"),
    [
        ({"reason_completeness": ""}, 422, "Write the reason."),
        ({"ends_on_completeness": "soon"}, 422, "Not a valid date value."),
        ({"ends_on_completeness": "2027-01-01"}, 422, "An exception ends after today"),
        ({"expected_digest": "0" * 64}, 409, "This page is older than the change"),
    ],
)
def test_a_refused_exception_keeps_what_was_typed(
    house: Outside,
    staff: Staff,
    models: ScriptedModels,
    client: FlaskClient,
    changed: dict[str, str],
    status: int,
    sentence: str,
) -> None:
    change = short(house, staff, models)
    sign_in(client, "ada")
    fields = asked(change, **changed)
    answer = post_form(client, f"/changes/{change.change_id}/moves/ask_exception", fields, address(change))
    page = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert sentence in page
    assert fields["reason_completeness"] in page
    with house.database.reading() as session:
        assert session.scalars(select(ExceptionRow)).all() == []


def test_only_its_authors_ask_for_an_exception(
    house: Outside, staff: Staff, models: ScriptedModels, client: FlaskClient
) -> None:
    change = short(house, staff, models)
    sign_in(client, "kim")
    answer = post_form(client, f"/changes/{change.change_id}/moves/ask_exception", asked(change), "/profile")
    assert answer.status_code == 403


def with_finding(house: Outside, staff: Staff, models: ScriptedModels) -> tuple[str, str, str]:
    """A change in review with one critical finding: its id, the finding's, the digest."""
    models.say = lambda call: f"{FULL} ZEBRA-9" if "Visit 7." in call.messages[-1][1] else FULL
    change = sent(house, staff)
    execute(house, change.run_id)
    with house.database.reading() as session:
        finding = session.scalars(select(FindingRow)).one()
        return change.change_id, finding.id, session.get_one(Change, change.change_id).digest


def test_a_finding_is_dismissed_with_a_reason_and_entered(
    house: Outside, staff: Staff, models: ScriptedModels, client: FlaskClient
) -> None:
    change_id, finding_id, digest = with_finding(house, staff, models)
    sign_in(client, "kim")
    page = f"/changes/{change_id}/evaluation"
    assert "Confirm: it is real" in text_of(client, page)
    fields = {"expected_digest": digest, "decision": "dismissed", "reason": "It quotes the word as a warning."}
    answer = post_form(client, f"{page}/findings/{finding_id}", fields, page)
    assert answer.status_code == 303
    with house.database.reading() as session:
        row = session.get_one(FindingRow, finding_id)
        kinds = list(session.scalars(select(Leaf.type).where(Leaf.entity_id == finding_id)))
    assert (row.decision, row.decided_by, kinds) == ("dismissed", staff.ids["kim"], ["finding.decided"])
    assert "Dismissed" in text_of(client, page)


def test_a_dangerous_answer_stands_before_every_mean_until_it_is_dismissed(
    house: Outside, staff: Staff, models: ScriptedModels, client: FlaskClient
) -> None:
    change_id, finding_id, digest = with_finding(house, staff, models)
    sign_in(client, "kim")
    url = f"/changes/{change_id}/evaluation"
    page, danger = text_of(client, url), "Dangerous answer, case case-007"
    assert page.index(danger) < page.index("1 with a dangerous answer; measured on all of them: holds")
    assert page.index(danger) < page.index('class="cards"')
    fields = {"expected_digest": digest, "decision": "dismissed", "reason": "It quotes the word as a warning."}
    post_form(client, f"{url}/findings/{finding_id}", fields, url)
    assert danger not in text_of(client, url)


def test_many_dangerous_answers_do_not_bury_the_result(
    house: Outside, staff: Staff, models: ScriptedModels, client: FlaskClient
) -> None:
    models.say = lambda call: f"{FULL} ZEBRA-9"
    change = sent(house, staff)
    execute(house, change.run_id)
    sign_in(client, "kim")
    page = text_of(client, address(change))
    assert page.count("Dangerous answer, case") == 3
    assert f"And {CASES - 3} more dangerous answers." in page


@pytest.mark.parametrize(
    ("changed", "status", "sentence"),
    [
        ({"reason": " "}, 422, "Write why you confirm or dismiss"),
        ({"decision": "perhaps"}, 422, "Choose whether to confirm or to dismiss"),
        ({"expected_digest": "0" * 64}, 409, "This page is older than the change"),
    ],
)
def test_a_refused_decision_on_a_finding_stores_nothing(
    house: Outside,
    staff: Staff,
    models: ScriptedModels,
    client: FlaskClient,
    changed: dict[str, str],
    status: int,
    sentence: str,
) -> None:
    change_id, finding_id, digest = with_finding(house, staff, models)
    sign_in(client, "kim")
    page = f"/changes/{change_id}/evaluation"
    fields = {"expected_digest": digest, "decision": "confirmed", "reason": "It is real, I looked."} | changed
    answer = post_form(client, f"{page}/findings/{finding_id}", fields, page)
    assert answer.status_code == status
    assert sentence in answer.get_data(as_text=True)
    with house.database.reading() as session:
        assert session.get_one(FindingRow, finding_id).decision is None


@pytest.mark.parametrize("name", ["ada", "osei", "ruth"])
def test_only_informaticists_decide_findings(
    house: Outside, staff: Staff, models: ScriptedModels, client: FlaskClient, name: str
) -> None:
    change_id, finding_id, digest = with_finding(house, staff, models)
    sign_in(client, name)
    fields = {"expected_digest": digest, "decision": "dismissed", "reason": "No."}
    answer = post_form(client, f"/changes/{change_id}/evaluation/findings/{finding_id}", fields, "/profile")
    assert answer.status_code == 403


def test_strangers_are_sent_to_the_sign_in_page(house: Outside, staff: Staff, client: FlaskClient) -> None:
    change = sent(house, staff)
    answer = client.get(address(change))
    assert (answer.status_code, answer.location) == (303, "/sign-in")


def test_every_answer_can_be_taken_as_a_file(house: Outside, staff: Staff, client: FlaskClient) -> None:
    change = sent(house, staff)
    execute(house, change.run_id)
    sign_in(client, "quinn")
    page = text_of(client, address(change))
    assert address(change, "/export.csv") in page
    answer = client.get(address(change, "/export.csv"))
    assert answer.headers["Content-Disposition"] == f"attachment; filename={change.change_id}-run-1.csv"
    assert len(answer.get_data(as_text=True).splitlines()) == CASES + 1
    assert client.get(address(change, "/export.json")).get_json()["change"] == change.change_id
    assert "as json or as csv" in text_of(client, address(change, "/export.xml"), 404)
